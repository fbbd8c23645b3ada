// curves.js - error per selected band, loss and accuracy, against step or seconds.
import { choice, h, panel, segmented } from "./dom.js";
import { gaps, interpolate, isNumber, number, percent, quantile, row, some, whole } from "./data.js";
import { axis, errorAxis, faded, figure, logAxis, now, plain, shade, theme, timeline } from "./look.js";

const MOST_LINES = 12, CROWD = 40, GRID = 160; // more bands than a crowd: only some can be drawn at all

/** Times of a seed's curve on the chosen clock. */
const clockOf = (seed, clock) => (seed.curve[clock] ?? seed.curve.step).values;

/** Curve of a bin in one seed: errors at the curve's frames, or null when this seed did not select the bin. */
function curveOf(seed, name, bin) {
    const probe = seed.probes.find((p) => p.name === name);
    if (!probe || !probe.selected[bin]) return null;
    return row(probe.curves, probe.selected.slice(0, bin).reduce((a, b) => a + b, 0));
}

/** Predicted errors of a band, dotted, on the same axes; null where nothing was predicted. */
function theoryTrace(state, probe, bin, color, place, extra) {
    const { theory } = probe, steps = state.run.theory?.seed?.curve?.step?.values;
    if (!theory?.selected[bin] || !steps) return null;
    const e = row(theory.curves, theory.selected.slice(0, bin).reduce((a, b) => a + b, 0)), name = plain(probe.label[bin]);
    const seconds = (s) => interpolate(state.seed.curve.step.values, clockOf(state.seed, state.clock), s);
    const at = Array.from(steps, (s) => (state.clock === "step" ? s : seconds(s)));
    return {
        type: "scatter", mode: "lines", x: at.map((v) => (v === null ? null : place(v))), y: gaps(e.map((v) => (v > 0 ? v : NaN))), line: { color, width: 2.5, dash: "dot" },
        customdata: Array.from(steps, (s, f) => [whole(s), percent(e[f])]), hovertemplate: `<b>${name}</b> predicted at step %{customdata[0]}: error %{customdata[1]}<extra></extra>`,
        showlegend: false, legendgroup: String(bin), meta: "predicted", ...extra,
    };
}

/** 10 % and 90 % over seeds at common times; null unless at least two seeds have the bin. */
function spread(run, name, bin, clock) {
    const seeds = run.seeds.filter((s) => s.curve.step).map((s) => [clockOf(s, clock), curveOf(s, name, bin)]).filter(([, c]) => c);
    if (seeds.length < 2) return null;
    const end = Math.min(...seeds.map(([t]) => t[t.length - 1])), start = Math.max(...seeds.map(([t]) => t[1] ?? 0), 0);
    if (!(end > start && start > 0)) return null;
    const times = Array.from({ length: GRID }, (_, i) => start * (end / start) ** (i / (GRID - 1)));
    times[GRID - 1] = end;
    const at = times.map((x) => seeds.map(([t, c]) => interpolate(t, c, x)).filter((v) => v > 0).sort((a, b) => a - b));
    return { times, low: at.map((v) => (v.length ? quantile(v, 0.1) : null)), high: at.map((v) => (v.length ? quantile(v, 0.9) : null)) };
}

/** Bands that are drawn, with colour and dash: dark is low frequency. */
function bandsOf(state, probe) {
    if (probe.kind === "parts") {
        const chosen = probe.low.map((b, i) => [b, probe.high[i]]).filter((_, i) => state.delta === "all" || i === state.delta);
        return chosen.flatMap((pair, i) => pair.map((b, high) => ({ bin: b, color: shade(i, chosen.length), dash: high ? "dash" : "solid" })))
            .filter(({ bin }) => probe.valid[bin]);
    }
    const all = probe.selected.filter((b) => probe.valid[b]).sort((a, b) => probe.axis[a] - probe.axis[b]), list = all.length > CROWD ? some(all, MOST_LINES) : all;
    return list.map((bin, i) => ({
        bin, color: shade(i, list.length), dash: "solid",
        hidden: list.length > MOST_LINES && i % Math.ceil(list.length / MOST_LINES) !== 0,
    }));
}

function fitLine(state, probe, bin, color, place) {
    const at = (probe.summary?.bins ?? []).findIndex((s) => s.bin === bin), rate = probe.summary?.bins?.[at]?.rate?.[probe.seedIndex];
    const fit = probe.stored.fit?.[at], steps = state.seed.curve.step.values;
    if (!rate?.ok || !fit) return null;
    const start = fit.from, end = fit.to;
    const x = Array.from({ length: 40 }, (_, i) => start + ((end - start) * i) / 39), clock = clockOf(state.seed, state.clock);
    const shown = state.clock === "step" ? x : x.map((s) => interpolate(steps, clock, s));
    return {
        type: "scatter", mode: "lines", x: shown.map((v) => (v === null ? null : place(v))), y: x.map((s) => Math.exp(fit.c - rate.rate * s)), line: { color, width: 1.5, dash: "dot" },
        hovertemplate: `fitted rate ${number(rate.rate)} per step, R² ${number(rate.r2)}<extra></extra>`, showlegend: false, legendgroup: String(bin),
    };
}

function errorTraces(state, probe, place) {
    const t = clockOf(state.seed, state.clock), steps = state.seed.curve.step.values, x = Array.from(t, place), traces = [];
    let dots = { x: [], y: [], text: [], color: [] };
    for (const { bin, color, dash, hidden } of bandsOf(state, probe)) {
        const e = curveOf(state.seed, probe.name, bin), name = plain(probe.label[bin]), visible = hidden ? "legendonly" : true, group = String(bin);
        if (!e) continue;
        const s = spread(state.run, probe.name, bin, state.clock);
        if (s) {
            const around = s.times.map(place);
            traces.push({
                type: "scatter", mode: "lines", x: [...around, ...around.slice().reverse()], y: [...s.high, ...s.low.slice().reverse()], fill: "toself", fillcolor: faded(color, 0.16),
                line: { width: 0 }, hoverinfo: "skip", showlegend: false, legendgroup: group, visible,
            });
        }
        traces.push({
            type: "scatter", mode: "lines", x, y: gaps(e.map((v) => (v > 0 ? v : NaN))), name, legendgroup: group, visible, line: { color, width: 2, dash },
            customdata: Array.from(steps, (s, f) => [whole(s), percent(e[f])]), hovertemplate: `<b>${name}</b> step %{customdata[0]}: error %{customdata[1]}<extra></extra>`,
        });
        const told = theoryTrace(state, probe, bin, color, place, { visible });
        if (told) traces.push(told);
        const fit = told ? null : fitLine(state, probe, bin, color, place), step = captureOf(probe, bin);
        if (fit) traces.push({ ...fit, visible });
        if (isNumber(step) && !hidden) {
            dots.x.push(place(state.clock === "step" ? step : interpolate(steps, t, step)));
            dots.y.push(interpolate(steps, e, step));
            dots.text.push(`${name}: learnt at step ${whole(step)}`);
            dots.color.push(color);
        }
    }
    traces.push({ type: "scatter", mode: "markers", x: dots.x, y: dots.y, text: dots.text, hovertemplate: "%{text}<extra></extra>", marker: { size: 9, color: theme().paper, line: { color: dots.color, width: 2 } }, showlegend: false, name: "learnt" });
    return traces;
}

const captureOf = (probe, bin) => probe.summary?.bins?.find((s) => s.bin === bin)?.capture?.["0.1"]?.step?.[probe.seedIndex];

function errorRange(traces) {
    let low = 0.03, high = 1;
    for (const t of traces) if (t.line && !t.fill && t.meta !== "predicted") for (const v of t.y) if (v > 0) { low = Math.min(low, v); high = Math.max(high, v); }
    return [Math.log10(Math.max(low, 1e-5)) - 0.15, Math.log10(Math.min(high, 1e4)) + 0.15];
}

/** Powers of ten that hold every positive loss. */
function lossRange(traces) {
    let low = Infinity, high = 0;
    for (const t of traces) for (const v of t.y) if (v > 0) { low = Math.min(low, v); high = Math.max(high, v); }
    const pad = 0.05 * Math.max(1, Math.log10(high / low));
    return high > 0 ? [Math.log10(low) - pad, Math.log10(high) + pad] : [-1, 0];
}

function lossTraces(state, place, t) {
    const { seed, run } = state, line = (s, values, strong) => ({
        type: "scatter", mode: "lines", x: Array.from(clockOf(s, state.clock), place), y: gaps(values), line: { color: strong ? t.ink : t.soft, width: strong ? 2 : 1 }, opacity: strong ? 1 : 0.5,
        customdata: Array.from(s.curve.step.values, whole), hovertemplate: `seed ${s.seed}, step %{customdata}: %{y:.3g}<extra></extra>`, showlegend: false,
    });
    const steps = run.theory?.seed?.curve?.step?.values, predicted = run.theory?.seed?.curve?.loss, told = steps && predicted && !run.predicted ? [{
        type: "scatter", mode: "lines", x: Array.from(steps, (s) => (state.clock === "step" ? place(s) : null)), y: gaps(predicted.values), line: { color: t.ink, width: 2.5, dash: "dot" },
        customdata: Array.from(steps, whole), hovertemplate: "predicted at step %{customdata}: %{y:.3g}<extra></extra>", showlegend: false,
    }] : [];
    const of = (key) => [...run.seeds.filter((s) => s !== seed), seed].filter((s) => s.curve[key]).map((s) => line(s, s.curve[key].values, s === seed));
    return { loss: [...of("loss"), ...told], accuracy: of("accuracy").map((trace) => ({ ...trace, yaxis: "y2", y: trace.y.map((v) => (v === null ? null : 100 * v)) })) };
}

/** Build the section; answers {draw, mark}. */
export function curvesSection(state, probe, redraw) {
    const { seed } = state;
    if (!seed?.curve?.step) {
        panel("curves", "Error and loss over training", [], h("p", { class: "note" }, "Nothing has been recorded yet."));
        return { draw() {}, mark() {} };
    }
    const timed = state.run.seeds.every((s) => s.curve.seconds && s.curve.seconds.values.some((v) => v > 0));
    const line = timeline(clockOf(seed, state.clock), state.logX), bands = probe.kind === "none" ? [] : errorTraces(state, probe, line.place);
    const loss = lossTraces(state, line.place, theme()), left = bands.length > 1 ? figure("errors", "Relative error of every selected band over training", 430) : null;
    const right = loss.loss.length || loss.accuracy.length ? figure("loss", "Loss over training", 430) : null;
    const pairs = probe.kind === "parts" ? probe.low.map((b, i) => [b, i]).filter(([b]) => probe.valid[b]) : [];
    panel("curves", "Error and loss over training", [
        pairs.length > 1 ? choice("width δ", [["all", "all"], ...pairs.map(([b, i]) => [i, number(probe.axis[b])])], state.delta, (v) => redraw({ delta: v === "all" ? v : Number(v) })) : null,
        timed ? segmented("Clock", [["step", "steps"], ["seconds", "seconds"]], state.clock, (v) => redraw({ clock: v })) : null,
        segmented("Time axis", [[true, "log"], [false, "linear"]], state.logX, (v) => redraw({ logX: v })),
    ], h("div", { class: left && right ? "pair wide-left" : "" }, left?.box, right?.box),
    h("p", { class: "note" }, [
        left && !state.run.predicted ? `Circles: learnt (error stays below 10 %). Dotted: ${probe.theory ? "predicted by the kernel" : "fitted exponential rate"}.` : null,
        state.run.predicted ? "Predicted, not trained." : null,
        left && probe.kind === "parts" ? "Solid: low part. Dashed: high part." : null,
        left && state.run.seeds.length > 1 ? `Line: seed ${seed.seed}. Shaded: 10 to 90 % of ${state.run.seeds.length} seeds.` : null,
        right && state.run.seeds.length > 1 ? "Thin loss curves are the other seeds." : null,
    ].filter(Boolean).join(" ")));
    const title = state.clock === "step" ? "training step" : "training time [s]";
    const mark = () => now(line.place((seed.show[state.clock] ?? seed.show.step).values[state.frame]));
    const tenth = { type: "line", xref: "paper", x0: 0, x1: 1, y0: 0.1, y1: 0.1, line: { color: theme().soft, width: 1, dash: "dash" } };
    const both = loss.loss.length && loss.accuracy.length;
    return {
        draw() {
            const t = theme();
            left?.draw(bands, { xaxis: axis(title, line.ticks), yaxis: errorAxis("relative error", errorRange(bands)), showlegend: true, shapes: [tenth, mark()] });
            right?.draw([...loss.loss, ...loss.accuracy], {
                xaxis: axis(title, { ...line.ticks, anchor: both ? "y2" : "y" }),
                yaxis: logAxis("loss", lossRange(loss.loss), { domain: both ? [0.4, 1] : [0, 1] }),
                ...(loss.accuracy.length ? { yaxis2: axis("accuracy [%]", { domain: both ? [0, 0.31] : [0, 1], nticks: 5 }) } : {}), shapes: [mark()], font: { family: t.font, size: 13, color: t.ink },
            });
        },
        mark() {
            if (left) Plotly.relayout(left.plot, { shapes: [tenth, mark()] });
            if (right) Plotly.relayout(right.plot, { shapes: [mark()] });
        },
    };
}
