"""Markdown from the figures of the harness."""
import math
import statistics

import runners

median = statistics.median


def number(x):
    """Three figures, without exponent."""
    if x != x or x == 0:
        return str(x)
    whole = math.floor(math.log10(abs(x))) + 1
    return f"{x:.{max(0, 3 - whole)}f}"


def spread(values):
    if not values:
        return "failed"
    if len(values) == 1:
        return number(values[0])
    return f"{number(median(values))} ({number(min(values))}–{number(max(values))})"


def table_of(header, rows):
    return ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)] + \
        ["| " + " | ".join(row) + " |" for row in rows] + [""]


def unit_of(setting):
    return runners.UNITS.get(setting, "ms/step")


def more_is_better(setting):
    return unit_of(setting) == "steps/s"


def best_of(setting, entries, roles):
    found = [e for e in entries if e.role in roles and e.values()]
    if not found:
        return None
    pick = max if more_is_better(setting) else min
    return pick(found, key=lambda e: median(e.values()))


def ratio(setting, ours, theirs):
    """How many times faster fqp is: of the medians, and in the least and most favourable round."""
    def one(a, b):
        return a / b if more_is_better(setting) else b / a
    rounds = [one(a, b) for a, b in zip(ours.values(), theirs.values())]
    return one(median(ours.values()), median(theirs.values())), min(rounds), max(rounds)


def ratio_text(setting, ours, theirs):
    if not theirs or not ours.values():
        return "-"
    middle, low, high = ratio(setting, ours, theirs)
    return f"{number(middle)}×" if low == high else f"{number(middle)}× ({number(low)}–{number(high)})"


def fqp_entries(entries):
    return sorted((e for e in entries if e.role == "fqp"), key=lambda e: e.threads)


def label_of(entry):
    return f"{entry.label}, {entry.threads} t" if entry else "-"


# ---- sections ------------------------------------------------------------------------------------------------------

def head(words, peaks, o):
    lines = ["", "Machine:"] + [f"- {w}" for w in words] + \
        [f"- {o.rounds} alternations, {o.seconds:g} s each; median (smallest–largest); 1 t, {o.threads} t: threads"]
    if o.quick:
        lines += ["", "**A sanity pass: these figures mean nothing.**"]
    if not peaks:
        return lines + [""]
    rows = []
    for key in peaks[0]:
        what, precision, threads = key
        name = {"fma": f"multiply-add in registers, {precision}", "gemm": f"fqp's product at its best shape, {precision}",
                "copy": "copy of 256 MiB, read and written"}[what]
        rows.append([name, threads, spread([p[key] for p in peaks]), "GB/s" if what == "copy" else "GFLOP/s"])
    return lines + [""] + table_of(["peak", "threads", "measured", "unit"], rows)


def summary(table, threads):
    if not table:
        return []
    rows = []
    for setting, entries in table.items():
        usual = best_of(setting, entries, ("usual",))
        best = best_of(setting, entries, ("usual", "tuned"))
        for ours in fqp_entries(entries):
            share = ours.values("share")
            rows.append([f"{setting} [{unit_of(setting)}]", str(ours.threads), spread(ours.values()),
                         spread(usual.values()) if usual else "-", spread(best.values()) if best else "-",
                         ratio_text(setting, ours, usual), ratio_text(setting, ours, best),
                         f"{100 * median(share):.0f} %" if share else "-"])
    return ["## Against the usual code and the best peer", ""] + \
        table_of(["setting", "threads of fqp", "fqp", "usual code", "best peer", "against usual", "against best",
                  "share of peak"], rows)


def details(table):
    if not table:
        return []
    rows = []
    for setting, entries in table.items():
        best = best_of(setting, entries, ("usual", "tuned"))
        for e in sorted(entries, key=lambda e: ("fqp", "usual", "tuned").index(e.role)):
            memory = e.values("peak_mib")
            mark = " (best peer)" if e is best else ""
            rows.append([setting, e.role, e.label + mark, str(e.threads), spread(e.values()), unit_of(setting),
                         f"{max(memory):.0f}" if memory else "-"])
    return ["## Every variant", ""] + \
        table_of(["setting", "role", "code", "threads", "measured", "unit", "peak MiB"], rows)


def defeats(table):
    lines = []
    for setting, entries in table.items():
        best = best_of(setting, entries, ("usual", "tuned"))
        for ours in fqp_entries(entries):
            if best and ours.values() and ratio(setting, ours, best)[0] < 1:
                lines.append(f"- {setting}, {ours.threads} threads: {label_of(best)} is "
                             f"{number(1 / ratio(setting, ours, best)[0])} times faster.")
    return ["## Where a peer wins", ""] + (lines or ["Nowhere in this run."]) + [""] if table else []


def disagreements(rows, tolerance):
    return [key for key, row in rows.items()
            if "failed" in row or not max(row["worst"], row.get("spectrum", 0)) <= tolerance]


def checks(rows, tolerance):
    if not rows:
        return []
    bad = disagreements(rows, tolerance)
    lines = []
    for (setting, precision), row in rows.items():
        if "failed" in row:
            lines.append([setting, precision, "-", "-", "-", f"**failed**: {row['failed']}"])
            continue
        copies = f", {row['copies']} networks" if row["copies"] > 1 else ""
        spectrum = f"{row['spectrum']:.1e}" if "spectrum" in row else "-"
        lines.append([setting, precision, f"{row['first']:.6g} to {row['last']:.6g} in {row['steps']} steps{copies}",
                      f"{row['worst']:.1e} at step {row['step']}", spectrum,
                      "**differs**" if (setting, precision) in bad else "agrees"])
    return ["## The same mathematics", "",
            f"Loss of each step here and in PyTorch (optim.Adam, optim.SGD) from the same initial weights; they agree "
            f"within {tolerance:g} of the loss.", ""] + \
        table_of(["setting", "precision", "loss", "largest relative difference", "of the spectrum", "verdict"], lines)


def plain(table, peaks, check_rows, around, words, o):
    """Everything as plain data."""
    return {
        "machine": words, "rounds": o.rounds, "seconds": o.seconds, "threads": o.threads, "quick": o.quick,
        "peaks": [{" ".join(k): v for k, v in p.items()} for p in peaks],
        "settings": {s: [{"code": e.label, "role": e.role, "threads": e.threads, "unit": unit_of(s), "rounds": e.figures}
                         for e in entries] for s, entries in table.items()},
        "checks": {" ".join(k): v for k, v in check_rows.items()},
        "neighbours": around,
    }
