#!/usr/bin/env python3
"""Fabricate run directories for the tests of the report page, by the schema of docs/reference/run-directory.md.

    make_run.py FOLDER      writes FOLDER/{sines,image,fashion,hostile,verified}

No network is trained: every mode k of the target is approached as 1 - exp(-rate(k) step), with a little noise, so that
the answer is known beforehand.  The summary is computed here, independently of the library.
"""
import json
import pathlib
import sys

import numpy as np

LEVELS = (0.5, 0.1, 0.01)


def capture(error, tau, hold=20):
    """First frame below tau that stays there for the following `hold` frames; None: never."""
    for f in range(len(error)):
        if np.all(error[f:f + hold + 1] < tau):
            return f
    return None


def fit(step, error, captured):
    """Least squares of ln error over the frames from the first below one half to the capture."""
    last = len(step) - 1 if captured is None else captured
    below = np.flatnonzero(error < 0.7)
    none = dict(ok=False, rate=None, r2=None, low=None, high=None, first=None, last=None)
    if not len(below) or last - below[0] < 4:
        return none | dict(reason="fewer than 5 frames between the first below the start and the capture")
    first = int(below[0])
    t, e = step[first:last + 1].astype(float), np.log(error[first:last + 1])
    slope, c = np.polyfit(t, e, 1)
    r2 = 1 - np.sum((e - slope * t - c) ** 2) / np.sum((e - e.mean()) ** 2)
    if r2 < 0.8 or slope >= 0:
        return none | dict(reason=f"the decay is not exponential (R2 {r2:.2f} is below 0.8)")
    spread = 1.28 * np.sqrt(np.sum((e - slope * t - c) ** 2) / (len(t) - 2) / np.sum((t - t.mean()) ** 2))
    return dict(ok=True, rate=-slope, r2=r2, low=-slope - spread, high=-slope + spread, first=first, last=int(last),
                reason=None)


def forecast(step, error, rate, captured):
    """By the fitted rate; one without an upper end where the error falls by less than half in the run so far."""
    none = dict(ok=False, model=None, median=None, low=None, high=None)
    if captured is not None or not rate["ok"]:
        return none | dict(reason="already learnt" if captured is not None else rate["reason"])
    reach = lambda r: float(round(step[-1] + np.log(error[-1] / 0.1) / r))
    open_end = rate["rate"] * step[-1] < np.log(2)
    return dict(ok=True, model="exponential", median=reach(rate["rate"]), low=reach(1.5 * rate["rate"]),
                high=None if open_end else reach(rate["rate"] / 1.5), reason=None)


def spread_of(steps):
    v = np.sort([np.inf if s is None else s for s in steps])
    pick = lambda q: v[min(len(v) - 1, int(round(q * (len(v) - 1))))]
    tell = lambda x: None if np.isinf(x) else float(x)
    return dict(step=steps, median=tell(pick(0.5)), low=tell(pick(0.1)), high=tell(pick(0.9)))


def order_of(t):
    t = [np.inf if v is None else v for v in t]
    if len(t) < 2 or np.isinf(t[0]):
        return dict(verdict="n/a", kendall=None, p_low=None, p_high=None, gap=None, monotone=False)
    s = [np.sign(t[j] - t[i]) if t[i] != t[j] else 0 for i in range(len(t)) for j in range(i + 1, len(t))]
    tau = float(np.mean(s))
    verdict = "low first" if tau > 0.3 else "high first" if tau < -0.3 else "no order"
    gap = None if np.isinf(t[-1]) else t[-1] / max(t[0], 1)
    return dict(verdict=verdict, kendall=tau, p_low=0.17, p_high=1.0, gap=gap, monotone=all(np.diff(t) >= 0))


def summarise(name, axis_name, axis_unit, wavenumber, note, axis, label, target, valid, selected, runs):
    """runs: per seed (step, error [F,B])."""
    bins = []
    for b in np.flatnonzero(selected):
        caps = {}
        for tau in LEVELS:
            frames = [capture(error[:, b], tau) for _, error in runs]
            caps[f"{tau:g}"] = spread_of([None if f is None else int(step[f]) for f, (step, _) in zip(frames, runs)])
        rates = [fit(step, error[:, b], capture(error[:, b], 0.1)) for step, error in runs]
        bins.append(dict(bin=int(b), label=label[b], axis=float(axis[b]), target=float(np.linalg.norm(target[b])),
                         capture=caps, rate=rates, forecast=[
                             forecast(step, error[:, b], rate, capture(error[:, b], 0.1))
                             for rate, (step, error) in zip(rates, runs)], error_final=[float(e[-1, b]) for _, e in runs]))
    order = [order_of([c["capture"]["0.1"]["step"][s] for c in bins]) for s in range(len(runs))]
    median = order_of([c["capture"]["0.1"]["median"] for c in bins])
    return dict(name=name, axis_name=axis_name, axis_unit=axis_unit, wavenumber=wavenumber, note=note, bins=bins,
                order=order, order_median={k: median[k] for k in ("verdict", "kendall", "gap")},
                masked=[label[b] for b in np.flatnonzero(valid == 0)])


def log_steps(total, per_decade=30):
    s = np.unique(np.round(10 ** np.linspace(0, np.log10(total), int(per_decade * np.log10(total)))).astype(int))
    return np.concatenate([[0], s]).astype(np.int64)


def verdict_of(seed, cause, says):
    """Why a run stands where it does, as summary.json has it."""
    return dict(seed=seed, cause=cause, score=0.9, sentence=f"{cause.capitalize()}: {says[0]}",
                evidence=[dict(name=f"measure {i}", value=0.5 * i, says=w) for i, w in enumerate(says)],
                next=[f"Do this about {w}" for w in says], others=[dict(cause="still learning", score=0.4)])


class Run:
    """A run directory being written."""

    def __init__(self, folder, title, seeds, data, config, probes, status="done", message="", command="fqp run"):
        self.folder, self.seeds = pathlib.Path(folder), seeds
        self.folder.mkdir(parents=True, exist_ok=True)
        self.text("manifest.json", dict(
            fqp="0.1.0", command=command, title=title, created="2026-01-01T12:00:00Z", status=status, message=message,
            seeds=seeds, config=config | dict(monitor=dict(probes=probes, tau=0.1, hold=20)),
            machine=dict(cpu="Example CPU @ 2.5 GHz", cores=2, threads=2, kernel="avx2", os="Linux 6.1 x86_64"),
            build="gcc 12.2, Release, fftw 3.3.10", phases=dict(data=0.01, train=11.2, eval=0.9, observe=1.4, store=0.6),
            data=data))
        (self.folder / "config.yaml").write_text("train:\n  lr: 2e-4\n")

    def text(self, name, value):
        (self.folder / name).write_text(json.dumps(value, indent=1) + "\n")

    def array(self, name, value):
        path = self.folder / (name + ".npy")
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.ascontiguousarray(value))

    def series(self, seed, step, loss, accuracy=None, prediction=None):
        at = f"seed_{seed:04d}/"
        self.array(at + "step", step.astype(np.int64))
        self.array(at + "seconds", 0.0031 * step.astype(float))
        self.array(at + "epoch", step.astype(float))
        self.array(at + "loss", loss)
        self.array(at + "accuracy", np.full(len(step), np.nan) if accuracy is None else accuracy)
        if prediction is not None:
            self.array(at + "prediction", prediction.astype(np.float32))

    def probe(self, seed, name, axis, label, target, prediction, valid, selected):
        """target [B,C] complex, prediction [F,B,C] complex; answers error [F,B]."""
        at = f"seed_{seed:04d}/{name}/"
        size = np.linalg.norm(target, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.linalg.norm(prediction - target, axis=2) / size
        error[:, valid == 0] = np.nan
        self.array(at + "axis", axis.astype(float))
        self.array(at + "target", np.stack([target.real, target.imag], -1))
        self.array(at + "prediction", np.stack([prediction.real, prediction.imag], -1))
        self.array(at + "error", error)
        self.array(at + "valid", valid.astype(np.uint8))
        self.array(at + "selected", selected.astype(np.uint8))
        self.text(at + "label.json", label)
        return error

    def summary(self, sentence, probes, steps, losses, accuracy=None, warnings=()):
        self.text("summary.json", dict(
            version=1, sentence=sentence, tau=0.1, hold=20, frames=[len(s) for s in steps], seeds=self.seeds,
            final=dict(step=[int(s[-1]) for s in steps], loss=[float(v[-1]) for v in losses],
                       accuracy=accuracy or [None] * len(steps), seconds=[0.0031 * float(s[-1]) for s in steps],
                       stopped=["captured"] * len(steps)),
            probes=probes, verdict=[verdict_of(seed, "spectral bias", [f"seed {seed} orders with frequency", "high bands lag"])
                                    for seed in self.seeds],
            stop=[dict(seed=seed, stop=seed == 2, step=100 * seed, at=None, why=f"the why of {seed}")
                  for seed in self.seeds], warnings=list(warnings)))


def peaks_of(size, floor=0.05):
    s = np.zeros(len(size), bool)
    s[1:-1] = (size[1:-1] > size[:-2]) & (size[1:-1] > size[2:]) & (size[1:-1] > floor * size.max())
    return s


def sines(folder, title="sin x + sin 3x + sin 5x", high_last=0.0008):
    x = np.linspace(-3.14, 3.14, 201)
    y = np.sin(x) + np.sin(3 * x) + np.sin(5 * x) + 0.3 * np.sin(9 * x)
    run = Run(folder, title, [1, 2, 3],
              dict(origin="sin(x) + sin(3*x) + sin(5*x) on [-3.14, 3.14], grid", n=201, d=1, m=1, grid=[201]),
              dict(model=dict(width=[200, 200, 200, 100], activation="tanh", init="normal", std=0.1),
                   train=dict(optimizer="adam", lr=2e-4, batch=0, steps=4000, loss="mse")),
              ["dft"], command=f"fqp run {title}.yaml")
    run.array("x", x[:, None])
    run.array("y", y[:, None])
    spectrum = np.fft.rfft(y)[:100] / 201
    axis, label = np.arange(100.0), [str(k) for k in range(100)]
    valid = (np.abs(spectrum) > 0.01 * np.abs(spectrum).max()).astype(int)
    selected = peaks_of(np.abs(spectrum))
    pairs, steps, losses = [], [], []
    for seed in run.seeds:
        rng = np.random.default_rng(seed)
        step = log_steps(4000 + 300 * seed)
        rate = (0.03 + 0.01 * rng.random()) / (1 + np.arange(101.0)) ** 1.4
        rate[9:] = np.minimum(rate[9:], high_last / 2)
        share = 1 - np.exp(-np.outer(step, rate)) * (1 + 0.1 * rng.standard_normal((len(step), 101)))
        share[0] = 0.02 * rng.standard_normal(101)
        modes = np.fft.rfft(y)[None, :] * share
        noise = 0.002 * rng.standard_normal((len(step), 201)) * np.exp(-step / 2000)[:, None]
        prediction = np.fft.irfft(modes, 201, axis=1) + noise
        loss = np.mean((prediction - y) ** 2, axis=1)
        run.series(seed, step, loss, prediction=prediction[:, :, None])
        h = np.fft.rfft(prediction, axis=1)[:, :100] / 201
        error = run.probe(seed, "dft", axis, label, spectrum[:, None], h[:, :, None], valid, selected)
        pairs.append((step, error))
        steps.append(step)
        losses.append(loss)
    probe = summarise("dft", "frequency", "cycles per domain", 2 * np.pi / (x[1] - x[0]) / 201,
                      "complex relative error, no window, mean kept", axis, label, spectrum[:, None], valid, selected,
                      pairs)
    run.summary("Low frequencies first: cycles 1, 3, 5 were learnt at steps 63, 206, 1054 (median of 3 seeds). Cycle 9 "
                "was not learnt; at its present rate it needs about 41,000 more steps (30,000 to 60,000).",
                [probe], steps, losses, warnings=["Bin 9 holds 3.1 % of the target's energy."])
    return run


def image(folder):
    n, seed = 48, 1
    g = (np.arange(n) + 0.5) / n
    a, b = np.meshgrid(g, g, indexing="ij")
    y = np.exp(-((a - 0.4) ** 2 + (b - 0.55) ** 2) / 0.03) + 0.5 * np.sin(2 * np.pi * (5 * a + 3 * b)) * (b > 0.5) \
        + 0.25 * np.cos(2 * np.pi * 9 * a)
    run = Run(folder, "an image, radial shells", [seed],
              dict(origin="picture.png", n=n * n, d=2, m=1, grid=[n, n]),
              dict(model=dict(width=[256, 256], activation="relu"), train=dict(optimizer="adam", lr=1e-3, steps=3000)),
              ["dft", "radial"])
    run.array("x", np.stack([a.ravel(), b.ravel()], 1))
    run.array("y", y.reshape(-1, 1))
    step = log_steps(3000, 20)
    kx, ky = np.fft.fftfreq(n, 1 / n), np.arange(n // 2 + 1)
    k = np.hypot(kx[:, None], ky[None, :])
    full = np.fft.rfft2(y)
    rng = np.random.default_rng(7)
    share = 1 - np.exp(-step[:, None, None] * 0.3 / (1 + k[None]) ** 2.2)
    prediction = np.fft.irfft2(full * share, (n, n), axes=(1, 2)) + 0.001 * rng.standard_normal((len(step), n, n))
    loss = np.mean((prediction - y) ** 2, axis=(1, 2))
    run.series(seed, step, loss, prediction=prediction.reshape(len(step), -1, 1))
    H = np.fft.rfft2(prediction, axes=(1, 2)) / n ** 2
    keep = [(i, j) for i in range(n) for j in range(n // 2) if abs(kx[i]) < n // 2]
    keep.sort(key=lambda p: (k[p], p))
    rows, cols = np.array(keep).T
    target = full[rows, cols] / n ** 2
    axis, size = k[rows, cols], np.abs(full[rows, cols]) / n ** 2
    label = [f"({int(kx[i])}, {j})" for i, j in keep]
    valid = (size > 0.01 * size.max()).astype(int)
    selected = np.zeros(len(size), bool)
    selected[np.argsort(-size)[:8]] = True
    error = run.probe(seed, "dft", axis, label, target[:, None], H[:, rows, cols, None], valid, selected)
    dft = summarise("dft", "frequency", "cycles per domain", 2 * np.pi, "complex relative error, no window, mean kept",
                    axis, label, target[:, None], valid, selected, [(step, error)])
    shell = np.floor(k + 0.5).astype(int)[:, :n // 2]
    nshell = n // 2
    power = lambda v: np.sqrt(np.bincount(shell.ravel(), (np.abs(v) ** 2).ravel(), nshell)[:nshell])
    half, Hh = full[:, :n // 2] / n ** 2, H[:, :, :n // 2]
    t = power(half)
    valid = (t > 0.01 * t.max()).astype(int)
    selected = peaks_of(t, 0.02) | (np.arange(nshell) == 1)
    # the error of a shell is the norm of the difference; it is stored as if target + error made the prediction
    gap = np.stack([power(Hh[f] - half) for f in range(len(step))])
    error = run.probe(seed, "radial", np.arange(nshell) * 1.0, [f"|k| = {s}" for s in range(nshell)], t[:, None] + 0j,
                      (t + gap)[:, :, None] + 0j, valid, selected)
    radial = summarise("radial", "shell |k|", "cycles per domain", 2 * np.pi, "shells of width 1, complex error",
                       np.arange(nshell) * 1.0, [f"|k| = {s}" for s in range(nshell)], t[:, None], valid, selected,
                       [(step, error)])
    run.summary("Low frequencies first: shells 1, 6, 9 were learnt at steps 8, 210, 480 (1 seed).", [dft, radial],
                [step], [loss])


def fashion(folder):
    n, d, m, seed = 500, 20, 10, 1
    rng = np.random.default_rng(3)
    x = rng.standard_normal((n, d)) * np.linspace(3, 0.3, d)
    cls = rng.integers(0, m, n)
    x[:, 0] += cls * 0.7
    y = np.eye(m)[cls]
    run = Run(folder, "Fashion-MNIST, dense network", [seed], dict(origin="dataset-fashion-mnist, 500 images", n=n, d=d,
              m=m, grid=[]), dict(model=dict(width=[400, 200], activation="relu"), train=dict(optimizer="adam", lr=1e-3)),
              ["projection", "filter"])
    run.array("x", x)
    run.array("y", y)
    step = np.concatenate([[0], np.unique(np.round(np.geomspace(1, 600, 80)).astype(int))]).astype(np.int64)
    D2 = ((x[:, None, :] - x[None, :, :]) ** 2).sum(2)
    smooth = np.exp(-D2 / (2 * 40.0))
    smooth /= smooth.sum(1, keepdims=True)
    low = smooth @ y
    slow, fast = 1 - np.exp(-step / 300), 1 - np.exp(-step / 15)
    prediction = fast[:, None, None] * low + slow[:, None, None] * (y - low)
    loss = np.mean((prediction - y) ** 2, axis=(1, 2))
    accuracy = np.mean(prediction.argmax(2) == cls, axis=1)
    run.series(seed, step, loss, accuracy, prediction)
    s = x[:, 0] - x[:, 0].mean()
    freq = np.arange(0, 2.001, 0.05)
    wave = np.exp(-2j * np.pi * freq[:, None] * s[None, :])
    yc = y - y.mean(0)
    target = wave @ yc / n
    h = np.einsum("ks,fsm->fkm", wave, prediction - y.mean(0)) / n
    size = np.linalg.norm(target, axis=1)
    valid = (size > 0.05 * size.max()).astype(int)
    selected = peaks_of(size, 0.05)
    label = [f"{v:.3g}" for v in freq]
    error = run.probe(seed, "projection", freq, label, target, h, valid, selected)
    projection = summarise("projection", "frequency", "cycles per unit of pc1", 2 * np.pi,
                           "along the first principal component, norm over 10 outputs, mean of the target subtracted",
                           freq, label, target, valid, selected, [(step, error)])
    deltas = np.geomspace(3, 60, 6)
    axis, label, T, P, err = [], [], [], [], []
    for delta in deltas:
        S = np.exp(-D2 / (2 * delta))
        S /= S.sum(1, keepdims=True)
        for part, op in (("low", S), ("high", np.eye(n) - S)):
            ty, hy = op @ y, np.einsum("ij,fjm->fim", op, prediction)
            axis.append(delta)
            label.append(f"{part}, delta {delta:.3g}")
            T.append(np.linalg.norm(ty))
            P.append(np.linalg.norm(hy, axis=(1, 2)))
            err.append(np.linalg.norm(hy - ty, axis=(1, 2)) / np.linalg.norm(ty))
    axis, T, P, err = np.array(axis), np.array(T) + 0j, np.array(P).T, np.array(err).T
    valid, selected = np.ones(len(axis), int), np.ones(len(axis), bool)
    valid[:2] = 0
    selected[:2] = False
    run.probe(seed, "filter", axis, label, T[:, None], P[:, :, None] + 0j, valid, selected)
    err[:, :2] = np.nan
    run.array("seed_0001/filter/error", err)
    filt = summarise("filter", "filter width delta", "squared input units", 0.0,
                     "Gaussian filter of variance delta, relative error of the low and of the high part", axis, label,
                     T[:, None], valid, selected, [(step, err)])
    low_share = float(np.mean(err[:, 2::2] < err[:, 3::2]))
    filt["order"] = [dict(verdict="low first", low_share=low_share, kendall=None, p_low=None, p_high=None, gap=None,
                          monotone=False)]
    run.summary("Low frequencies first along the first principal component, and e_low < e_high during training for every "
                "delta (1 seed).", [projection, filt], [step], [loss], [float(accuracy[-1])])


HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\"> <!-- & \u2028 \" ' `"


def hostile(folder):
    """A run killed early: one frame, no summary, no loss, hostile text everywhere."""
    run = Run(folder, HOSTILE, [1], dict(origin=HOSTILE, n=4, d=1, m=1, grid=[4]), {HOSTILE: {HOSTILE: HOSTILE}},
              ["dft"], status="running", message=HOSTILE, command=HOSTILE)
    run.array("x", np.arange(4.0)[:, None])
    run.array("y", np.array([[0.0], [1.0], [0.0], [-1.0]]))
    run.series(1, np.array([0]), np.array([np.nan]), prediction=np.zeros((1, 4, 1)))
    run.probe(1, "dft", np.arange(2.0), [HOSTILE, HOSTILE], np.array([[0], [0.5j]]), np.zeros((1, 2, 1)) + 0j,
              np.array([0, 1]), np.array([0, 1]))
    none = dict(step=[None], median=None, low=None, high=None)
    rate = dict(ok=False, rate=None, r2=None, low=None, high=None, first=None, last=None, reason=HOSTILE)
    forecast = dict(ok=False, model=None, median=None, low=None, high=None, reason=HOSTILE)
    run.text("summary.json", dict(
        version=1, sentence=HOSTILE, tau=None, hold=None, frames=[1], seeds=[1],
        final=dict(step=[None], loss=[None], accuracy=[None], seconds=[None], stopped=[None]),
        probes=[dict(name="dft", axis_name=HOSTILE, axis_unit=HOSTILE, wavenumber=None, note=None,
                     bins=[dict(bin=1, label=HOSTILE, axis=1.0, target=None,
                                capture={"0.5": none, "0.1": none, "0.01": none}, rate=[rate], forecast=[forecast],
                                error_final=[None])],
                     order=[dict(verdict="n/a", kendall=None, p_low=None, p_high=None, gap=None, monotone=False)],
                     order_median=dict(verdict="n/a", kendall=None, gap=None), masked=[HOSTILE])],
        verdict=[verdict_of(1, HOSTILE, [HOSTILE])], stop=[dict(seed=1, stop=True, step=None, at=None, why=HOSTILE)],
        warnings=[HOSTILE]))
    bare = Run(pathlib.Path(folder).with_name("bare"), "nothing recorded yet", [1], dict(), {}, ["dft"],
               status="running")
    del bare


def verified(folder):
    """What `fqp verify` leaves: claims above, conditions as sub-directories."""
    folder = pathlib.Path(folder)
    sines(folder / "deep", "deep network")
    folder.joinpath("claims.json").write_text(json.dumps(dict(
        version=1, recipe="sines_1d", preset="full", date="2026-01-01T00:00:00Z", claims=[
            dict(id="s1-order-setting-c", statement="On every seed t(1) < t(3) < t(5).", source="Xu et al. 1901.06523",
                 kind="statistical", trust="recomputed", measured="t = 63/206/1054, 11/227/971, 49/381/1639: 3 of 3 seeds",
                 accepted="t(1) < t(3) < t(5), all finite; 3/3", verdict="holds", control="fails as it should",
                 control_measured="t = 80/80/80: 0 of 3", reason="", seconds=12.3),
            dict(id="s1-gap", statement="The gap ratio t(5)/t(1) exceeds 10.", source="science reference", kind="statistical",
                 trust="recomputed", measured="8.2", accepted="[10, ...)", verdict="fails", control="not run",
                 control_measured="", reason="seed 2 is at 8.2", seconds=1.0),
            dict(id="s1-peaks", statement="Peaks sit at 1, 3, 5.", source="science reference", kind="exact", trust="checked",
                 measured="", accepted="1, 3, 5", verdict="not run", control="not run", control_measured="",
                 reason="no time", seconds=0.0)]), indent=1))


def theory(folder):
    """What `fqp verify` leaves of claims without runs: figures and verdicts alone."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("claims.json").write_text(json.dumps(dict(
        version=1, recipe="laws", title="Laws " + HOSTILE, preset="full", date="2026-01-01T00:00:00Z", runs=[], claims=[
            dict(id="decay", statement=HOSTILE, source="exact", kind="exact", trust="recomputed", measured="slope -2",
                 accepted="[-2.1, -1.9]", verdict="holds", control="fails as it should", control_measured="slope -4",
                 reason="", seconds=0.1)])))
    k = [1, 2, 4, 8]
    folder.joinpath("figures.json").write_text(json.dumps(dict(version=1, recipe="laws", title="Laws", figures=[
        dict(kind="curves", title="Decay " + HOSTILE, x=dict(label="k", log=True), y=dict(label=HOSTILE, log=True), curves=[
            dict(name="measured", style="line", x=k, y=[v**-2.0 for v in k], low=[0.9 * v**-2.0 for v in k],
                 high=[1.1 * v**-2.0 for v in k]),
            dict(name="with a gap", style="points", x=k, y=[1, None, -3, 0.1], low=[1, None, -3, 0.1], high=[1, None, -3, 0.1]),
            dict(name="law", style="dashed", x=k, y=[v**-2.0 for v in k], low=[v**-2.0 for v in k], high=[v**-2.0 for v in k])]),
        dict(kind="map", title="Map", columns=[dict(name="gap", log=True)], rows=[
            dict(name=HOSTILE, value=[12.5], low=[10], high=[20]), dict(name="late", value=["inf"], low=[30], high=["inf"]),
            dict(name="none", value=[None], low=[None], high=[None])])])))


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    sines(root / "sines")
    image(root / "image")
    fashion(root / "fashion")
    hostile(root / "hostile")
    verified(root / "verified")
    theory(root / "theory")
