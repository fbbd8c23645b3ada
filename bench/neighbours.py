"""Other widths, batches, depths and activations: do the figures hold beyond the named settings?"""
import statistics

import report as words
import runners

MIDDLE = {"width": 100, "depth": 5, "batch": 61, "activation": "tanh"}
AROUND = {"width": (17, 50, 100, 130, 257), "batch": (1, 7, 61, 1000), "depth": range(2, 9),
          "activation": ("tanh", "relu", "sin", "gelu")}


def shapes():
    """The middle once, then all that differ from it in one thing."""
    yield MIDDLE
    for key, values in AROUND.items():
        for value in values:
            if value != MIDDLE[key]:
                yield dict(MIDDLE, **{key: value})


def run(fqp, threads, seconds, rounds, note):
    """-> rows of plain data: shape, then figures by "precision threads"."""
    rows = [{"shape": shape, "f32 1": [], f"f32 {threads}": [], "f64 1": []} for shape in shapes()]
    for r in range(rounds):
        note(f"neighbours: round {r + 1} of {rounds}")
        for row in rows:
            options = [word for key, value in row["shape"].items() for word in ("--" + key, str(value))]
            for key in row:
                if key == "shape":
                    continue
                precision, count = key.split()
                try:
                    row[key].append(fqp.fit("neighbour", int(count), seconds, "--precision", precision, *options))
                except runners.Failed as problem:
                    note(f"  failed: {problem}")
    return rows


def median_of(row, key, figure):
    values = [f[figure] for f in row[key]]
    return statistics.median(values) if values else float("nan")


def report(rows, threads):
    if not rows:
        return []
    keys = dict.fromkeys(("f32 1", f"f32 {threads}", "f64 1"))  # one of them once where there is one thread
    best = {key: max(median_of(row, key, "share") for row in rows) for key in keys}
    lines = []
    for row in rows:
        shape = row["shape"]
        share = {key: median_of(row, key, "share") for key in best}
        halves = median_of(row, "f64 1", "gflops") / median_of(row, "f32 1", "gflops")
        flags = [f"{key} t below half of the best" for key in best if not share[key] >= best[key] / 2]
        if not halves >= 0.45:
            flags.append("f64 below 45 % of f32")
        lines.append([*(f"**{v}**" if v != MIDDLE[k] else str(v) for k, v in shape.items()),
                      words.number(1e3 * median_of(row, "f32 1", "value")),
                      *(f"{100 * s:.0f} %" for s in share.values()), f"{100 * halves:.0f} %", "; ".join(flags)])
    return ["## Neighbours", "",
            "One input, hidden layers of equal width, Adam; depth counts weight layers.  Bold: differs from the middle "
            "row.  Shares are of the measured multiply-adds of as many threads and the same precision.", ""] + \
        words.table_of([*MIDDLE, "f32, 1 t [µs/step]", *(f"share, {key} t" for key in best), "rate of f64 to f32",
                        "remarks"], lines)
