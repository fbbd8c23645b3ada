"""The side-by-side benchmark; started by bench/run.

Every round runs each program once, fqp and peers alternately, in turned order every other round; what is printed are
medians over the rounds, and ratios of these medians.  The tables are Markdown."""
import argparse
import json
import os
import sys

import machine
import neighbours
import peers
import report
import runners

TOLERANCE = 1e-4  # of the loss, relative, over the first steps from the same weights


def arguments():
    p = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    p.add_argument("part", nargs="*", help="what to run: " + ", ".join(runners.SETTINGS) +
                   ", check, neighbours; default: everything")
    p.add_argument("--quick", action="store_true", help="one short round: does everything work?  Its figures mean nothing")
    p.add_argument("--rounds", type=int, default=5, help="alternations (default 5)")
    p.add_argument("--seconds", type=float, default=1.0, help="measuring time of one program in a round (default 1)")
    p.add_argument("--threads", type=int, default=machine.cores(), help="the larger number of threads (default: cores)")
    p.add_argument("--json", metavar="FILE", help="write every figure there too")
    p.add_argument("--build", default="build/release", help="build folder (default build/release)")
    o = p.parse_args()
    known = runners.SETTINGS + ("check", "neighbours")
    for part in o.part:
        if part not in known:
            p.error(f"unknown part {part}; there are {', '.join(known)}")
    if o.quick:
        o.rounds, o.seconds = 1, min(o.seconds, 0.1)
    o.part = o.part or list(known)
    return o


def note(text):
    print(text, file=sys.stderr, flush=True)


class Entry:
    """One program and the figures of its rounds."""

    def __init__(self, setting, label, role, threads, run):
        self.setting, self.label, self.role, self.threads, self.run = setting, label, role, threads, run
        self.figures = []

    def once(self):
        try:
            self.figures.append(self.run())
        except runners.Failed as problem:
            note(f"  failed: {problem}")
            self.run = None

    def values(self, name="value"):
        return [f[name] for f in self.figures if name in f]


def entries_of(setting, fqp, o):
    counts = [1] if setting == "start" else sorted({1, o.threads})
    ours = [Entry(setting, "fqp", "fqp", t, lambda t=t: fqp.run(setting, t, o.seconds)) for t in counts]
    theirs, seen = [], set()
    for v in peers.variants():
        threads = o.threads if v.threads == "N" or v.processes else 1
        same = (v.kind, v.malloc, threads, v.processes, v.blas if threads > 1 else "")
        if v.setting != setting or same in seen:
            continue
        seen.add(same)
        if peers.environment(v, o.threads) is None:
            note(f"{setting}: left out, {v.blas} is not installed: {v.label}")
            continue
        theirs.append(Entry(setting, v.label, v.role, threads, lambda v=v: runners.run_peer(v, o.threads, o.seconds)))
    # fqp between the peers rather than first
    step = max(1, len(theirs) // len(ours))
    mixed = []
    for i, entry in enumerate(ours):
        mixed += [entry] + theirs[i * step:(i + 1) * step if i + 1 < len(ours) else None]
    return mixed


def run_rounds(fqp, o):
    """-> {setting: entries}, peaks of every round."""
    table, peaks = {}, []
    for setting in [s for s in runners.SETTINGS if s in o.part]:
        if fqp.has(setting):
            table[setting] = entries_of(setting, fqp, o)
        else:
            note(f"{setting}: left out, this build has no bench_{setting}")
    for r in range(o.rounds):
        peaks.append(fqp.peaks(o.threads, 0.02 if o.quick else 0.1))
        for setting, entries in table.items():
            note(f"round {r + 1} of {o.rounds}: {setting}")
            for entry in entries if r % 2 == 0 else reversed(entries):
                if entry.run:
                    entry.once()
    return table, peaks


def run_checks(fqp, o):
    rows = {}
    for setting in runners.FIT:
        if setting in o.part or o.part == ["check"]:
            for precision in ("f32", "f64"):
                note(f"check: {setting}, {precision}")
                try:
                    rows[setting, precision] = runners.check(fqp, setting, precision)
                except runners.Failed as problem:
                    rows[setting, precision] = {"failed": str(problem)}
    return rows


def main():
    o = arguments()
    fqp = runners.Fqp(o.build)
    if not os.path.exists(fqp.bench("bench_fit")):
        sys.exit(f"bench/run: {fqp.bench('bench_fit')} is not there; run make build")
    table, peaks = run_rounds(fqp, o)
    checks = run_checks(fqp, o) if "check" in o.part else {}
    around = neighbours.run(fqp, o.threads, 0.05 if o.quick else 0.3, 1 if o.quick else 3, note) \
        if "neighbours" in o.part else []
    lines = report.head(machine.describe(fqp.program), peaks, o)
    lines += report.summary(table, o.threads) + report.details(table) + report.defeats(table)
    lines += report.checks(checks, TOLERANCE) + neighbours.report(around, o.threads)
    print("\n".join(lines))
    if o.json:
        with open(o.json, "w") as f:
            json.dump(report.plain(table, peaks, checks, around, machine.describe(fqp.program), o), f, indent=1)
    failed = report.disagreements(checks, TOLERANCE)
    broken = [e.setting for entries in table.values() for e in entries if not e.run]
    sys.exit(1 if failed or broken else 0)


if __name__ == "__main__":
    main()
