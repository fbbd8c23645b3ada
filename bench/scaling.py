"""Cost grows as the work: measured steps a second over the size of the problem, and what the machine would allow."""
import argparse
import statistics
import sys

import machine
import report
import runners

MIDDLE = {"width": 128, "depth": 5, "batch": 256}
SERIES = {
    "width": (8, 16, 32, 64, 128, 256, 512, 1024),
    "depth": (2, 3, 4, 6, 8, 12, 16, 24, 32),
    "batch": (1, 4, 16, 64, 256, 1024, 4096),
}
# Adam reads parameters, gradient and two moments and writes all but the gradient; forward and backward read the
# parameters once each, the gradient is written: so many numbers of 4 bytes pass through memory for each parameter.
STREAMS = 10


def parameters(shape):
    """One input and one output."""
    w, hidden = shape["width"], shape["depth"] - 1
    return 2 * w + (hidden - 1) * (w * w + w) + w + 1


def measure(fqp, key, values, threads, seconds, rounds):
    """-> rows: size, flop of a step, steps a second."""
    rows = []
    for value in values:
        shape = dict(MIDDLE, **({key: value} if key != "threads" else {}))
        count = value if key == "threads" else threads
        options = [word for k, v in shape.items() for word in ("--" + k, str(v))]
        runs = [fqp.fit("neighbour", count, seconds, *options) for _ in range(rounds)]
        rows.append({"size": value, "threads": count, "flop": 1e6 * runs[0]["mflop"], "shape": shape,
                     "steps": statistics.median(1e3 / r["value"] for r in runs),
                     "share": statistics.median(r["share"] for r in runs)})
    return rows


def roof(row, peaks, cache):
    """Steps a second at the peak rate of multiply-adds, and at that of memory when the parameters leave the caches."""
    compute = 1e9 * peaks["fma", "f32", str(row["threads"])] / row["flop"]
    state = 4 * parameters(row["shape"])
    memory = 1e9 * peaks["copy", "-", str(row["threads"])] / (STREAMS * state)
    return min(compute, memory) if 4 * state > cache else compute


def last_level_cache():
    """Bytes of the largest cache of the first core."""
    sizes = [machine.first_match(f"/sys/devices/system/cpu/cpu0/cache/index{i}/size", r"(\d+)K", "0") for i in range(5)]
    return 1024 * max(int(s) for s in sizes) or 32 << 20


def draw(measured, peaks, path, words):
    import matplotlib
    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "fqp", "font.size": 9, "axes.spines.top": False,
                                "axes.spines.right": False})
    from matplotlib import pyplot
    cache = last_level_cache()
    figure, panels = pyplot.subplots(1, 4, figsize=(12, 3.6), sharey=True)
    for panel, key in zip(panels, list(SERIES) + ["threads"]):
        for colour, rows in zip(("#1f5fa8", "#c2571a"), measured[key]):
            size = [r["size"] for r in rows]
            label = "measured" if key == "threads" else f"measured, {rows[0]['threads']} t"
            panel.plot(size, [r["steps"] for r in rows], "o-", ms=4, color=colour, label=label)
            panel.plot(size, [roof(r, peaks, cache) for r in rows], "--", lw=1, color=colour,
                       label=label.replace("measured", "roofline"))
        panel.set(xscale="log", yscale="log", xlabel=key + {"depth": " (weight layers)", "batch": " (points)"}.get(key, ""))
        ticks = [r["size"] for r in measured[key][0]][::1 if key == "threads" else 2]
        panel.set_xticks(ticks, [str(t) for t in ticks])
        panel.minorticks_off()
        panel.grid(alpha=0.25)
    panels[0].set_ylabel("steps a second")
    panels[0].legend(frameon=False, fontsize=8)
    middle = ", ".join(f"{k} {v}" for k, v in MIDDLE.items())
    figure.suptitle(f"Adam step of a tanh network, f32; {middle} where not varied.  {words[0]}", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=140, metadata={"Date": None} if path.endswith(".svg") else None)


def table(measured, peaks):
    cache, lines = last_level_cache(), []
    for key, series in measured.items():
        for rows in series:
            for r in rows:
                lines.append([key, str(r["size"]), str(r["threads"]), report.number(1e-6 * r["flop"]),
                              report.number(r["steps"]), report.number(roof(r, peaks, cache)),
                              f"{100 * r['share']:.0f} %"])
    return report.table_of(["varied", "size", "threads", "MFLOP a step", "steps/s", "roofline", "share of peak"], lines)


def main():
    p = argparse.ArgumentParser(prog="bench/scaling", description=__doc__)
    p.add_argument("--out", default="docs/img/scaling.svg", help="figure, .svg or .png (default docs/img/scaling.svg)")
    p.add_argument("--seconds", type=float, default=0.5, help="for each point and round (default 0.5)")
    p.add_argument("--rounds", type=int, default=3, help="rounds, of which the median counts (default 3)")
    p.add_argument("--threads", type=int, default=machine.cores(), help="the larger number of threads (default: cores)")
    p.add_argument("--build", default="build/release", help="build folder (default build/release)")
    o = p.parse_args()
    fqp = runners.Fqp(o.build)
    peaks = {}
    for t in range(1, o.threads + 1):
        peaks.update(fqp.peaks(t, 0.1))
    measured = {}
    for key, values in SERIES.items():
        measured[key] = []
        for t in sorted({1, o.threads}):
            print(f"{key}, {t} threads", file=sys.stderr, flush=True)
            measured[key].append(measure(fqp, key, values, t, o.seconds, o.rounds))
    measured["threads"] = [measure(fqp, "threads", range(1, o.threads + 1), 0, o.seconds, o.rounds)]
    words = machine.describe(fqp.program)
    draw(measured, peaks, o.out, words)
    print("\n".join(table(measured, peaks)))
    print(f"{o.out} is drawn", file=sys.stderr)


if __name__ == "__main__":
    main()
