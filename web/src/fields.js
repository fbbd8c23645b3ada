// fields.js - target and network at one training step: the function and its spectrum, residual and error below.
import { h, panel, segmented, choice } from "./dom.js";
import { gaps, isNumber, number, percent, row, seconds, whole } from "./data.js";
import { SCALE, SIGNED, axis, errorAxis, figure, plain, theme } from "./look.js";
import { amplitudeTitle, axisTitle } from "./bins.js";

export const extent = (v) => {
    let low = Infinity, high = -Infinity;
    for (const x of v) if (Number.isFinite(x)) { low = Math.min(low, x); high = Math.max(high, x); }
    return low <= high ? [low, high] : [0, 1];
};
export const padded = ([a, b], share = 0.08) => [a - share * (b - a || 1), b + share * (b - a || 1)];

/** Output column j of shown values [points, outs]. */
const column = (values, outs, j) => gaps(values.filter((_, i) => i % outs === j));

const lines = (t) => ({
    target: { color: t.target, width: 2.5 }, network: { color: t.network, width: 1.8 },
});

/* ---- the function: one maker of {traces, layout} per kind of view ---------------------------------------------- */

const kinds = {
    line(v, t) {
        const x = gaps(v.axis[0]);
        const residual = v.network.map((p, i) => (p === null ? null : p - v.target[i]));
        const worst = Math.max(1e-12, ...v.target.map(Math.abs));
        return {
            height: 430,
            traces: [
                { type: "scatter", mode: "lines", x, y: v.target, line: lines(t).target, name: "target" },
                { type: "scatter", mode: "lines", x, y: v.network, line: lines(t).network, name: "network" },
                { type: "scatter", mode: "lines", x, y: residual, line: { color: t.soft, width: 1.2 }, yaxis: "y2", name: "residual", showlegend: false },
            ],
            layout: {
                xaxis: axis("x", { anchor: "y2" }), yaxis: axis("y", { domain: [0.36, 1], range: padded(v.range) }),
                yaxis2: axis("residual", { domain: [0, 0.27], range: [-1.1 * worst, 1.1 * worst], zeroline: true, zerolinecolor: t.line, nticks: 4 }),
            },
        };
    },
    image(v, t) {
        const [rows, cols] = v.shape, grid = (a) => Array.from({ length: cols }, (_, j) => Array.from({ length: rows }, (_, i) => a[i * cols + j]));
        const residual = v.network.map((p, i) => (p === null ? null : p - v.target[i]));
        const worst = Math.max(1e-12, (v.range[1] - v.range[0]) / 2);
        const common = { type: "heatmap", x: gaps(v.axis[0]), y: gaps(v.axis[1]), hovertemplate: "(%{x:.3g}, %{y:.3g}): %{z:.3g}<extra></extra>" };
        // three in a row; on a narrow screen one below the other
        const at = v.narrow ? [[0, 0.8], [0, 0.8], [0, 0.8]] : [[0, 0.27], [0.3, 0.57], [0.7, 0.97]], up = v.narrow ? [[0.72, 1], [0.36, 0.64], [0, 0.28]] : [[0, 1], [0, 1], [0, 1]];
        const bar = (title, i) => ({ title: { text: title, side: "right", font: { size: 12 } }, thickness: 10, outlinewidth: 0, x: at[i][1] + 0.005, xanchor: "left", y: (up[i][0] + up[i][1]) / 2, len: v.narrow ? 0.28 : 0.9, tickfont: { size: 11 } });
        const picture = (i, z, name, extra) => ({ ...common, z: grid(z), name, showscale: false, xaxis: `x${i ? i + 1 : ""}`, yaxis: `y${i ? i + 1 : ""}`, ...extra });
        const shared = { zmin: v.range[0], zmax: v.range[1], colorscale: SCALE };
        const layout = { margin: { l: 50, r: v.narrow ? 8 : 56, t: 26, b: 44 }, annotations: [] };
        ["target", "network", "residual (network − target)"].forEach((name, i) => {
            const key = i ? String(i + 1) : "";
            layout[`xaxis${key}`] = axis("x₁", { domain: at[i], anchor: `y${key}`, showgrid: false, nticks: 4, constrain: "domain" });
            layout[`yaxis${key}`] = axis(i && !v.narrow ? "" : "x₂", { domain: up[i], anchor: `x${key}`, showgrid: false, nticks: 4, constrain: "domain", scaleanchor: `x${key}`, scaleratio: v.ratio, showticklabels: !i || v.narrow });
            layout.annotations.push({ text: name, x: (at[i][0] + at[i][1]) / 2, y: up[i][1], xref: "paper", yref: "paper", showarrow: false, yanchor: "bottom", font: { size: 13, color: t.ink } });
        });
        return {
            height: v.narrow ? 900 : 380, layout,
            traces: [
                picture(0, v.target, "target", shared), picture(1, v.network, "network", { ...shared, showscale: true, colorbar: bar("value", 1) }),
                picture(2, residual, "residual", { zmin: -worst, zmax: worst, colorscale: SIGNED, showscale: true, colorbar: bar("residual", 2) }),
            ],
        };
    },
    scatter(v, t) {
        const dots = (color, extra) => ({ type: "scatter", mode: "markers", x: gaps(v.axis[0]), y: gaps(v.axis[1]), marker: { color, size: 5, cmin: v.range[0], cmax: v.range[1], colorscale: SCALE, ...extra } });
        return {
            height: 400,
            traces: [
                { ...dots(v.target, { showscale: false }), name: "target" },
                { ...dots(v.network, { showscale: true, colorbar: { thickness: 10, outlinewidth: 0, tickfont: { size: 11 } } }), xaxis: "x2", yaxis: "y2", name: "network" },
            ],
            layout: {
                xaxis: axis("x₁ (target)", { domain: [0, 0.48] }), yaxis: axis("x₂"), xaxis2: axis("x₁ (network)", { domain: [0.52, 1], anchor: "y2" }),
                yaxis2: axis("", { anchor: "x2", matches: "y", showticklabels: false }),
            },
        };
    },
    classes(v, t) {
        const n = v.shape[0], z = Array.from({ length: n }, (_, c) => v.networkAll.slice(c * n, (c + 1) * n));
        const names = Array.from({ length: n }, (_, i) => i);
        return {
            height: 430,
            traces: [{
                type: "heatmap", x: names, y: names, z, zmin: Math.min(0, v.range[0]), zmax: v.range[1], colorscale: SCALE, xgap: 1, ygap: 1,
                hovertemplate: "class %{y}, output %{x}: %{z:.3g}<extra></extra>",
                colorbar: { title: { text: "mean output", side: "right", font: { size: 12 } }, thickness: 10, outlinewidth: 0, tickfont: { size: 11 } },
            }],
            layout: { xaxis: axis("output", { showgrid: false, dtick: n <= 20 ? 1 : undefined }), yaxis: axis("class", { showgrid: false, autorange: "reversed", dtick: n <= 20 ? 1 : undefined }) },
        };
    },
    agreement(v, t) {
        const ends = padded(v.range);
        return {
            height: 430,
            traces: [
                { type: "scatter", mode: "lines", x: ends, y: ends, line: { color: t.target, width: 1.2, dash: "dot" }, hoverinfo: "skip", name: "exact" },
                { type: "scatter", mode: "markers", x: v.target, y: v.network, marker: { color: t.network, size: 4, opacity: 0.5 }, name: "network" },
            ],
            layout: { xaxis: axis("target", { range: ends }), yaxis: axis("prediction", { range: ends }) },
        };
    },
};

/** Both axes of a picture get the same length on paper, whatever their units, unless one is much longer. */
const span = (v) => Math.abs(v[v.length - 1] - v[0]) || 1;

/** Values of the view at the shown frame, one output of them. */
function viewAt(state) {
    const { view } = state.run, { seed } = state;
    const target = seed.target ?? view.target, field = seed.function;
    const outs = field.shape[2], j = Math.min(state.output, outs - 1), one = view.kind === "classes" ? (a) => gaps(a) : (a) => column(a, outs, j);
    const now = row(field, state.frame);
    return {
        narrow: state.narrow, ratio: view.kind === "image" ? span(view.axis0.values) / span(view.axis1.values) : 1,
        axis: [view.axis0?.values, view.axis1?.values], shape: view.kind === "image" ? [view.axis0.shape[0], view.axis1.shape[0]] : [field.shape[1], 1],
        target: one(target.values), network: one(now), networkAll: gaps(now), range: extent(one(target.values).filter((x) => x !== null)),
    };
}

/* ---- the spectrum ---------------------------------------------------------------------------------------------- */

const FLOOR = 1e-3; // smaller relative errors are drawn here

const stems = (x, y) => ({ x: x.flatMap((v) => [v, v, null]), y: y.flatMap((v) => [0, v, null]) });

function spectrumAt(state, probe, t) {
    const bins = probe.rows, p = row(probe.stored.prediction, state.frame), e = row(probe.stored.error, state.frame);
    const x = (list) => list.map((b) => probe.axis[b]), target = (list) => list.map((b) => probe.stored.target.values[b]), network = (list) => gaps(list.map((b) => p[b]));
    const error = (list) => list.map((b) => (probe.valid[b] && e[b] >= 0 ? Math.max(e[b], FLOOR) : null)), text = (list) => list.map((b) => plain(probe.label[b]));
    const groups = probe.kind === "parts" ? [["low", probe.low], ["high", probe.high]] : [["", probe.kind === "labels" ? Array.from(probe.axis.keys()) : bins]];
    const traces = [];
    for (const [word, list] of groups) {
        const suffix = word ? `, ${word} part` : "", symbol = word === "high" ? "square" : "circle", hollow = `${symbol}-open`;
        const many = list.length > 60, hover = `%{text}${suffix}: %{y:.3g}`;
        if (probe.kind === "axis")
            traces.push({ type: "scatter", mode: "lines", ...stems(x(list), target(list)), line: { color: t.target, width: 1 }, hoverinfo: "skip", showlegend: false });
        traces.push(
            { type: "scatter", mode: word ? "lines+markers" : "markers", x: x(list), y: target(list), text: text(list), hovertemplate: `${hover}<extra>target</extra>`, marker: { symbol: hollow, size: many ? 6 : 9, color: t.target, line: { width: 1.5 } }, line: { color: t.target, width: 1, dash: word === "high" ? "dash" : "solid" }, name: `target${suffix}` },
            { type: "scatter", mode: word ? "lines+markers" : "markers", x: x(list), y: network(list), text: text(list), hovertemplate: `${hover}<extra>network</extra>`, marker: { symbol, size: many ? 4 : 6, color: t.network }, line: { color: t.network, width: 1.5, dash: word === "high" ? "dash" : "solid" }, name: `network${suffix}` },
            { type: "scatter", mode: word ? "lines+markers" : "markers", x: x(list), y: error(list), text: text(list), hovertemplate: `%{text}${suffix}: error %{customdata}<extra></extra>`, customdata: list.map((b) => percent(e[b])), yaxis: "y2", marker: { symbol, size: many ? 4 : 6, color: t.soft }, line: { color: t.soft, width: 1, dash: word === "high" ? "dash" : "solid" }, showlegend: false, name: "error" });
    }
    return traces;
}

/** Logarithmic axis with a tick at every filter width. */
const widths = (probe) => {
    const deltas = probe.low.map((b) => probe.axis[b]);
    return { type: "log", tickvals: deltas, ticktext: deltas.map(number) };
};

function spectrumLayout(state, probe, t) {
    const top = probe.kind !== "parts" && !state.allRows ? 1.5 * Math.max(...probe.selected.filter((b) => probe.kind !== "axis" || b < probe.rows.length).map((b) => probe.axis[b]), 0) : 0;
    const last = Math.max(...probe.axis), first = probe.axis[probe.rows[0]];
    const range = probe.kind !== "parts" && top > first && top < last ? [first - 0.03 * (top - first), top + 0.01 * (top - first)] : undefined;
    const logX = probe.kind === "parts";
    const high = Math.max(1e-300, ...probe.stored.target.values);
    return {
        xaxis: axis(axisTitle(probe), { anchor: "y2", range, ...(logX ? widths(probe) : {}) }),
        yaxis: axis(amplitudeTitle(probe), { domain: [0.36, 1], ...(state.logA ? { type: "log", range: [Math.log10(high) - 4, Math.log10(high) + 0.3] } : { range: [0, 1.15 * high] }) }),
        yaxis2: errorAxis("relative error", [Math.log10(FLOOR) - 0.2, 0.6], { domain: [0, 0.27], minor: {} }),
        shapes: [{ type: "line", xref: "paper", x0: 0, x1: 1, yref: "y2", y0: 0.1, y1: 0.1, line: { color: t.soft, width: 1, dash: "dash" } }],
    };
}

/* ---- the section ----------------------------------------------------------------------------------------------- */

const legendOf = { line: true, agreement: true };

/** Build the section; answers {draw, mark}. The slider is the page's (see page.js): it is put on top of this section. */
export function fieldsSection(state, probe, slider, redraw) {
    const { run, seed } = state, view = run.view, shows = kinds[view.kind] && seed?.function?.shape[0] > 0, spectrum = probe.kind !== "none" && seed?.show?.step;
    const why = run.solution ? null : view.note && (view.kind === "none" || shows) ? view.note : shows ? null : "The function is not shown: the run did not store its predictions (monitor.predictions).";
    const t0 = theme();
    const left = shows ? figure("function", "Target and network at the chosen training step", kinds[view.kind](viewAt(state), t0).height) : null;
    const right = spectrum ? figure("spectrum", "Amplitude of target and network by frequency at the chosen training step", 430) : null;
    const outputs = shows && view.kind !== "classes" && seed.function.shape[2] > 1;
    panel("fields", run.solution ? "Spectrum during training" : "Target and network during training", [
        outputs ? choice("output", Array.from({ length: seed.function.shape[2] }, (_, i) => [i, String(i)]), state.output, (v) => redraw({ output: Number(v) })) : null,
        spectrum ? segmented("Amplitude axis", [[false, "linear"], [true, "log amplitude"]], Boolean(state.logA), (v) => redraw({ logA: v })) : null,
    ], spectrum || shows ? slider : null,
    h("div", { class: left && right && view.kind !== "image" ? "pair" : "stack" }, left?.box, right?.box),
    why ? h("p", { class: "note", id: "function-note" }, why) : null);
    const draw = () => {
        const t = theme();
        if (left) {
            const f = kinds[view.kind](viewAt(state), t);
            left.draw(f.traces, { ...f.layout, showlegend: Boolean(legendOf[view.kind]) });
        }
        if (right) right.draw(spectrumAt(state, probe, t), { ...spectrumLayout(state, probe, t), showlegend: true });
    };
    return { draw, mark: draw };
}

/** What the slider says: step, time, loss, accuracy of the shown frame. */
export function frameText(seed, frame) {
    const at = (a) => a?.values[frame];
    const part = [`step ${whole(at(seed.show.step))}`];
    if (isNumber(at(seed.show.seconds))) part.push(seconds(at(seed.show.seconds)));
    if (isNumber(at(seed.show.loss))) part.push(`loss ${number(at(seed.show.loss))}`);
    if (isNumber(at(seed.show.accuracy))) part.push(`accuracy ${percent(at(seed.show.accuracy))}`);
    return part.join(" · ");
}
