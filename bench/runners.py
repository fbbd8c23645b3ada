"""One run of one program: fqp's benchmarks and the peers', all answering a dict with "value"."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import peer_measure
import peers

FIT = ("fit1d-paper", "fit1d-monitored", "fit1d-small", "fit1d-wide", "mnist-mlp", "large", "sweep")
EQUATIONS = ("pinn2d", "ritz1d")
SETTINGS = FIT + EQUATIONS + ("filter", "nudft", "start")
UNITS = {"mnist-mlp": "s/epoch", "sweep": "steps/s", "filter": "s", "nudft": "s", "start": "ms"}


class Failed(Exception):
    pass


def output_of(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    if done.returncode:
        raise Failed(f"{' '.join(command[:4])}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout


def wall_time(command, env=None):
    """Milliseconds from start to end of a process, and its peak memory."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    _, status, use = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"{' '.join(command[:3])}: exit code {process.returncode}")
    return {"value": 1e3 * took, "peak_mib": use.ru_maxrss / 1024}


class Fqp:
    """fqp's own programs of one build."""

    def __init__(self, build):
        self.build = build
        self.program = os.path.join(build, "fqp")

    def bench(self, name):
        return os.path.join(self.build, "bench", name)

    def fit(self, setting, threads, seconds, *options):
        """The figures of bench_fit by name; "value" is the time."""
        words = output_of([self.bench("bench_fit"), setting, "--threads", str(threads), "--seconds", str(seconds),
                           *options]).split()
        row = dict(zip(words[1::2], words[2::2]))
        figures = {k: float(v) for k, v in row.items() if k not in ("precision", "unit")}
        return {"value": figures.pop("time"), **figures}

    def equation(self, setting, threads, seconds):
        words = output_of([self.bench("bench_equation"), setting, str(threads), str(seconds)]).split()
        row = dict(zip(words[1::2], words[2::2]))
        return {"value": float(row["time"]), "min": float(row["min"]), "max": float(row["max"]),
                "loss": float(row["loss"])}

    def peaks(self, threads, seconds):
        """{(what, precision, threads): rate}"""
        lines = output_of([self.bench("bench_peak"), str(threads), str(seconds)]).splitlines()
        return {tuple(line.split()[:3]): float(line.split()[3]) for line in lines}

    def filter(self, threads):
        words = output_of([self.bench("bench_filter"), str(threads)]).split()
        return {"value": float(words[2]), "peak_mib": float(words[3]), "checksum": float(words[4])}

    def nudft(self, threads):
        """What is prepared for the points, and one transform."""
        words = output_of([self.bench("bench_nudft"), str(threads)]).split()
        return {"value": float(words[2]) + float(words[3]), "create": float(words[2]), "peak_mib": float(words[4]),
                "error": float(words[6])}

    def start(self, threads):
        """A whole command: read a recipe, make one step, write the run directory."""
        folder = tempfile.mkdtemp()
        try:
            return wall_time([self.program, "run", "recipes/demo_sines.yaml", "--out", os.path.join(folder, "run"),
                              "--seeds", "1", "--set", "train.steps=1", "--no-report", "--quiet"],
                             dict(os.environ, OMP_NUM_THREADS=str(threads)))
        finally:
            shutil.rmtree(folder)

    def run(self, setting, threads, seconds):
        if setting in FIT:
            return self.fit(setting, threads, seconds)
        if setting in EQUATIONS:
            return self.equation(setting, threads, seconds)
        return getattr(self, setting)(threads)

    def has(self, setting):
        name = "equation" if setting in EQUATIONS else setting
        return setting in FIT + ("start",) or os.path.exists(self.bench("bench_" + name))


def run_peer(variant, cores, seconds):
    env = peers.environment(variant, cores)
    if variant.setting == "start":
        return wall_time([sys.executable, "-c", peer_measure.START[variant.kind]], env)
    return json.loads(output_of([sys.executable, "bench/peers.py", "time", variant.setting, variant.kind, str(seconds)],
                                env=env))


def check(fqp, setting, precision):
    """Losses of the first steps here and in PyTorch from the same weights -> worst relative difference, its step."""
    import numpy as np
    with tempfile.TemporaryDirectory() as folder:
        output_of([fqp.bench("bench_fit"), setting, "--precision", precision, "--check", folder])
        output_of([sys.executable, "bench/peers.py", "check", setting, folder])
        read = lambda name: np.load(os.path.join(folder, name + ".npy"))
        ours, theirs = read("loss"), read("peer")
        difference = np.max(abs(ours - theirs) / abs(theirs), axis=0)
        answer = {"worst": float(difference.max()), "step": int(difference.argmax()), "steps": ours.shape[1],
                  "copies": ours.shape[0], "first": float(theirs[0, 0]), "last": float(theirs[0, -1])}
        if os.path.exists(os.path.join(folder, "spectrum.npy")):
            bins, other = read("spectrum"), read("peer_spectrum")
            same = other[np.rint(bins[:, 0]).astype(int)]
            answer["spectrum"] = float(abs(bins[:, 1] + 1j * bins[:, 2] - same).max() / abs(same).max())
        return answer
