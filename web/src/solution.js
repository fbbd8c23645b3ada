// solution.js - a differential equation: its statement, the solution at one training step, and where its error lies.
import { byId, choice, h, panel } from "./dom.js";
import { gaps, number, row, whole } from "./data.js";
import { SCALE, SIGNED, axis, figure, logAxis, now, plain, theme, timeline } from "./look.js";
import { edges } from "./bins.js";
import { extent, padded } from "./fields.js";
import { convergence } from "./convergence.js";

/* ---- the statement ---------------------------------------------------------------------------------------------- */

function statement(run) {
    const p = run.solution.problem, name = (i) => String(p.coordinates?.[i] ?? `x${i}`);
    const where = (p.lower ?? []).map((low, i) => `${number(low)} ≤ ${name(i)} ≤ ${number(p.upper?.[i])}`).join(", ");
    const code = (list) => (list ?? []).map((t) => h("li", {}, h("code", {}, String(t))));
    const facts = [
        where, p.domain ? `domain ${p.domain}` : null, p.whole === false ? "not a whole box: gaps are outside" : null,
        p.reference ? `errors against: ${p.reference}` : null, p.residual ? `residual by ${p.residual}` : null, p.linear ? "linear" : "nonlinear",
    ];
    return h("div", { class: "statement", id: "statement" },
        h("div", {}, h("h3", {}, "Equations"), h("ul", {}, code(p.equations))),
        p.conditions?.length ? h("div", {}, h("h3", {}, "Conditions"), h("ul", {}, code(p.conditions))) : null,
        h("p", { class: "note" }, facts.filter(Boolean).join(" · ")));
}

/* ---- the fields of one frame ------------------------------------------------------------------------------------ */

const everyNth = (values, each, j) => gaps(values.filter((_, i) => i % each === j));

/** Solution, reference, error and residual at the shown frame: lists with null where there is no node. */
function fieldsNow(state) {
    const { solution: s } = state.run, own = state.seed.solution, m = s.problem.unknowns?.length ?? 1, c = Math.min(state.output, m - 1);
    const of = (a, j) => (a ? everyNth(row(a, Math.min(state.frame, a.shape[0] - 1)), a.shape[2], j) : null);
    const u = of(own.u, c), rows = own.residual?.shape[2] ?? 1, r = Math.min(state.equation ?? 0, rows - 1);
    const reference = s.reference ? everyNth(s.reference.values, m, c) : null;
    return {
        u, reference, error: u && reference ? u.map((v, i) => (v === null || reference[i] === null ? null : v - reference[i])) : null,
        residual: of(own.residual, r), doubt: of(own.doubt, r), m, rows,
    };
}

const worst = (v) => Math.max(1e-300, ...extent(v ?? []).map(Math.abs));
const doubted = (f) => (f.residual && f.doubt ? f.residual.map((r, i) => (r !== null && f.doubt[i] !== null && f.doubt[i] > Math.abs(r) ? Math.abs(r) : null)) : null);

function curveFigure(state, f, t) {
    const s = state.run.solution, x = gaps(s.axis0.values), name = plain(s.problem.coordinates?.[0] ?? "x"), unknown = plain(s.problem.unknowns?.[Math.min(state.output, f.m - 1)] ?? "u");
    const line = (y, trace, color, extra = {}) => ({ type: "scatter", mode: "lines", x, y, name: trace, line: { color, width: 1.8, ...extra }, connectgaps: false });
    const traces = [
        f.reference ? line(f.reference, "reference", t.target, { width: 3 }) : null, f.u ? line(f.u, "solution", t.network) : null,
        f.error ? { ...line(f.error, "error", t.network, { width: 1.3 }), yaxis: "y2", showlegend: false } : null,
        f.residual ? { ...line(f.residual, "residual", t.soft, { width: 1.3 }), yaxis: "y3", showlegend: false } : null,
    ];
    const doubts = doubted(f);
    if (doubts?.some((v) => v !== null))
        traces.push({ type: "scatter", mode: "markers", x, y: doubts.map((v, i) => (v === null ? null : f.residual[i])), yaxis: "y3", name: "in doubt", marker: { color: t.line, size: 4 }, hoverinfo: "skip" });
    const [low, high] = extent((f.reference ?? f.u ?? []).filter((v) => v !== null)), room = (high - low || 1) / 2;
    const seen = extent([low, high, ...(f.u ?? []).filter((v) => v !== null).map((v) => Math.min(high + room, Math.max(low - room, v)))]);
    const small = (title, domain, v) => axis(title, { domain, range: [-1.1 * worst(v), 1.1 * worst(v)], zeroline: true, zerolinecolor: t.line, nticks: 4 });
    return {
        height: 560, traces: traces.filter(Boolean),
        layout: {
            xaxis: axis(name, { anchor: "y3" }), yaxis: axis(unknown, { domain: [0.52, 1], range: padded(seen) }),
            yaxis2: small("error", [0.27, 0.46], f.error), yaxis3: small("residual", [0, 0.2], f.residual), showlegend: true,
        },
    };
}

/** Which coordinates go across and up: time across, space up; in the plane the first across. */
function across(s) {
    return s.problem.time === 1 && s.kind === "map" ? [1, 0] : [0, 1];
}

/** One plane of values [shape0, shape1(, shape2)] as rows for a heat map. */
function plane(s, values, slice) {
    const [a, b] = across(s), n = [s.axis0.shape[0], s.axis1.shape[0]], depth = s.axis2 ? s.axis2.shape[0] : 1;
    const at = (i) => values[(i[0] * n[1] + i[1]) * depth + slice];
    return Array.from({ length: n[b] }, (_, up) => Array.from({ length: n[a] }, (_, side) => {
        const i = [0, 0];
        i[a] = side;
        i[b] = up;
        return at(i);
    }));
}

const longSide = (v) => Math.abs(v[v.length - 1] - v[0]) || 1;

function mapFrame(state, f, t) {
    const s = state.run.solution, dots = s.kind === "dots", [a, b] = across(s), slice = Math.min(state.slice ?? 0, (s.axis2?.shape[0] ?? 1) - 1);
    const axes = [s.axis0.values, s.axis1.values], name = (i) => plain(s.problem.coordinates?.[i] ?? `x${i}`);
    const list = [["solution", f.u], ["reference", f.reference], ["error", f.error], ["residual", f.residual]].filter(([, v]) => v);
    const cols = state.narrow ? 1 : 2, lines = Math.ceil(list.length / cols), gapX = 0.18, gapY = state.narrow ? 0.055 : 0.13;
    const range = extent((f.reference ?? f.u ?? []).filter((v) => v !== null)), traces = [], layout = { annotations: [], margin: { l: 50, r: 64, t: 26, b: 44 } };
    const ratio = longSide(axes[b]) / longSide(axes[a]), equal = s.problem.time !== a && s.problem.time !== b && ratio > 0.25 && ratio < 4;
    list.forEach(([word, v], i) => {
        const col = i % cols, line = Math.floor(i / cols), w = (1 - gapX * (cols - 1)) / cols, tall = (1 - gapY * (lines - 1)) / lines;
        const x = [col * (w + gapX), col * (w + gapX) + w], top = 1 - line * (tall + gapY), y = [top - tall, top], key = i ? String(i + 1) : "";
        const signed = word === "error" || word === "residual", shown = dots ? v : plane(s, v, slice), size = signed ? worst(shown.flat()) : 0;
        const colours = { colorscale: signed ? SIGNED : SCALE, [dots ? "cmin" : "zmin"]: signed ? -size : range[0], [dots ? "cmax" : "zmax"]: signed ? size : range[1], colorbar: { thickness: 9, outlinewidth: 0, x: x[1] + 0.01, xanchor: "left", y: (y[0] + y[1]) / 2, len: tall * 0.94, tickfont: { size: 11 }, nticks: 5, exponentformat: "power" } };
        const place = { xaxis: `x${key}`, yaxis: `y${key}`, name: word };
        traces.push(dots
            ? { type: "scatter", mode: "markers", x: gaps(axes[0]), y: gaps(axes[1]), marker: { size: 4, color: v, showscale: true, ...colours }, ...place }
            : { type: "heatmap", x: gaps(axes[a]), y: gaps(axes[b]), z: shown, hoverongaps: false, hovertemplate: `(%{x:.3g}, %{y:.3g}): %{z:.3g}<extra>${word}</extra>`, ...colours, ...place });
        if (word === "residual" && !dots && f.doubt)
            traces.push({ type: "heatmap", x: gaps(axes[a]), y: gaps(axes[b]), z: plane(s, doubted(f), slice), colorscale: [[0, t.line], [1, t.line]], showscale: false, hoverinfo: "skip", ...place });
        layout[`xaxis${key}`] = axis(line === lines - 1 || state.narrow ? name(dots ? 0 : a) : "", { domain: x, anchor: `y${key}`, showgrid: false, nticks: 5, constrain: "domain" });
        layout[`yaxis${key}`] = axis(col ? "" : name(dots ? 1 : b), { domain: y, anchor: `x${key}`, showgrid: false, nticks: 5, constrain: "domain", ...(equal ? { scaleanchor: `x${key}` } : {}) });
        layout.annotations.push({ text: word, x: (x[0] + x[1]) / 2, y: y[1], xref: "paper", yref: "paper", showarrow: false, yanchor: "bottom", font: { size: 13, color: t.ink } });
    });
    return { height: lines * (state.narrow ? 330 : equal ? Math.min(440, 400 * ratio + 60) : 320), traces, layout };
}

const frameFigure = (state, f, t) => (state.run.solution.kind === "curve" ? curveFigure(state, f, t) : mapFrame(state, f, t));

/* ---- bands ------------------------------------------------------------------------------------------------------- */

const rootMeanSquare = (v) => {
    let sum = 0, n = 0;
    for (const x of v) if (Number.isFinite(x)) { sum += x * x; n += 1; }
    return n ? Math.sqrt(sum / n) : 0;
};

/** Bins of one frequency, or shells of |k| where several directions share it: rows [{k, bins}] by rising k. */
function shells(axisValues) {
    const rising = axisValues.every((v, i) => i === 0 || v > axisValues[i - 1]), rows = new Map();
    axisValues.forEach((v, i) => {
        const k = rising ? v : Math.round(v);
        rows.set(k, [...(rows.get(k) ?? []), i]);
    });
    return [...rows].map(([k, bins]) => ({ k, bins })).sort((a, b) => a.k - b.k);
}

const norm = (values, bins) => Math.sqrt(bins.reduce((sum, i) => sum + values[i] ** 2, 0));

/** Of the probe that is shown where it watched the residual too, otherwise of the first one that did. */
function bothBands(state) {
    const list = state.seed.solution.bands ?? [], b = list.find((e) => e.name === state.probe) ?? list.find((e) => e.name !== "filter");
    if (!b || b.name.endsWith("filter")) return null;
    const s = state.run.solution, kinds = [
        { word: "error", part: b.error, scale: rootMeanSquare(s.reference?.values ?? []) || 1 },
        { word: "residual", part: b.residual, scale: s.problem.residual_scale || 1 },
    ];
    return { name: b.name, rows: shells(Array.from(b.axis.values)), kinds };
}

const DECADES = 5;

function bandsHeat(state, bands) {
    const steps = state.seed.show.step.values, line = timeline(steps, state.logX), x = Array.from(steps, line.place), log = line.ticks.type === "log";
    const xe = edges(x, log), ye = edges(bands.rows.map((r) => r.k)), traces = [], layout = { annotations: [], margin: { l: 56, r: 64, t: 26, b: 44 } }, at = (v) => (log ? Math.log10(v) : v);
    bands.kinds.forEach(({ word, part, scale }, i) => {
        const z = bands.rows.map((r) => Array.from(steps, (_, f) => Math.log10(Math.max(norm(row(part.off, f), r.bins) / scale, 1e-300))));
        const top = Math.ceil(extent(z.flat())[1]), key = i ? "2" : "", domain = state.narrow ? [0, 1] : i ? [0.57, 1] : [0, 0.43], up = state.narrow ? (i ? [0, 0.44] : [0.56, 1]) : [0, 1];
        const ticks = Array.from({ length: DECADES + 1 }, (_, k) => top - k);
        traces.push({
            type: "heatmap", x: xe, y: ye, z, zmin: top - DECADES, zmax: top, colorscale: SCALE, xaxis: `x${key}`, yaxis: `y${key}`, hoverongaps: false,
            text: z.map((r, j) => r.map((v, f) => `${number(bands.rows[j].k)}: ${word} ${number(10 ** v)} at step ${whole(steps[f])}`)), hovertemplate: "%{text}<extra></extra>",
            colorbar: { thickness: 9, outlinewidth: 0, x: domain[1] + 0.01, xanchor: "left", y: (up[0] + up[1]) / 2, len: up[1] - up[0], tickvals: ticks, ticktext: ticks.map((p) => `10<sup>${String(p).replace("-", "−")}</sup>`), tickfont: { size: 11 } },
        });
        layout[`xaxis${key}`] = axis("training step", { ...line.ticks, domain, anchor: `y${key}`, range: [at(xe[0]), at(xe[xe.length - 1])], showgrid: false });
        layout[`yaxis${key}`] = axis(i && !state.narrow ? "" : "frequency", { domain: up, anchor: `x${key}`, range: [ye[0], ye[ye.length - 1]], showgrid: false });
        layout.annotations.push({ text: word, x: (domain[0] + domain[1]) / 2, y: up[1], xref: "paper", yref: "paper", showarrow: false, yanchor: "bottom", font: { size: 13, color: theme().ink } });
    });
    const marks = () => bands.kinds.map((_, i) => ({ ...now(line.place(steps[state.frame])), xref: i ? "x2" : "x", yref: i ? "y2 domain" : "y domain" }));
    return { traces, layout, marks };
}

function bandsSpectrum(state, bands, t) {
    const rows = bands.rows.filter((r) => r.k > 0), x = rows.map((r) => r.k), many = rows.length > 60;
    const colour = { error: t.network, residual: t.soft }, traces = [];
    let low = Infinity, high = 0;
    for (const { word, part, scale } of bands.kinds) {
        const y = rows.map((r) => norm(row(part.off, state.frame), r.bins) / scale), asked = rows.map((r) => norm(part.target.values, r.bins) / scale);
        for (const v of y) if (v > 0) { low = Math.min(low, v); high = Math.max(high, v); }
        high = Math.max(high, ...asked);
        traces.push({ type: "scatter", mode: "lines+markers", marker: { size: 3 }, x, y: asked.map((v) => (v > 0 ? v : null)), name: word === "error" ? "reference" : "right side", line: { color: colour[word], width: 1, dash: "dot" } });
        traces.push({ type: "scatter", mode: many ? "lines" : "lines+markers", x, y: y.map((v) => (v > 0 ? v : null)), name: word, line: { color: colour[word], width: 1.8 }, marker: { size: 5 }, hovertemplate: `%{x:.3g}: ${word} %{y:.3g}<extra></extra>` });
    }
    const range = high > 0 ? [Math.max(Math.log10(low), Math.log10(high) - 8) - 0.3, Math.log10(high) + 0.3] : [-6, 0], sides = x.length > 1 ? [Math.log10(x[0]) - 0.05, Math.log10(x[x.length - 1]) + 0.05] : [0, 1];
    return { traces, layout: { xaxis: logAxis("frequency", sides), yaxis: logAxis("size in units of the reference, of the right side", range), showlegend: true } };
}

/* ---- the section ------------------------------------------------------------------------------------------------- */

function sliceSlider(state, redrawFields) {
    const s = state.run.solution;
    if (!s.axis2) return null;
    const v = s.axis2.values, name = String(s.problem.coordinates?.[2] ?? "z"), last = v.length - 1;
    state.slice = Math.min(state.slice ?? (s.problem.time === 2 ? last : last >> 1), last);
    const text = h("output", {}, `${name} = ${number(v[state.slice])}`), range = h("input", {
        type: "range", id: "slice", min: 0, max: last, step: 1, value: state.slice, "aria-label": `Slice along ${name}`,
        oninput: () => {
            state.slice = Number(range.value);
            text.textContent = `${name} = ${number(v[state.slice])}`;
            redrawFields();
        },
    });
    return h("div", { class: "slice" }, range, text);
}

/** Build the section; answers {draw, mark}. The slider is the page's (see page.js). */
export function solutionSection(state, slider, redraw) {
    const { run, seed } = state, s = run.solution;
    if (!s) {
        byId("solution").replaceChildren();
        return { draw() {}, mark() {} };
    }
    const drawn = seed?.solution && seed.show?.step && s.kind !== "none" && seed.solution.u, bands = seed?.solution && seed.show?.step ? bothBands(state) : null;
    const fields = drawn ? fieldsNow(state) : null;
    const map = drawn ? figure("solution", "Solution, reference, error and residual at the chosen training step", frameFigure(state, fields, theme()).height) : null;
    const heat = bands ? figure("solution-bands", "Error and residual of every frequency over training", state.narrow ? 640 : 380) : null;
    const spectrum = bands ? figure("solution-spectrum", "Error and residual by frequency at the chosen training step", 380) : null;
    const over = seed?.solution ? convergence(state) : null;
    const drawMap = () => {
        if (!map) return;
        const t = theme(), f = frameFigure(state, fieldsNow(state), t);
        map.draw(f.traces, f.layout);
    };
    const doubtful = fields?.doubt ? "Grey: there the residual is smaller than the finite differences' own error." : null;
    panel("solution", s.problem.name ? `Solution: ${s.problem.name}` : "Solution", [
        fields?.m > 1 ? choice("unknown", s.problem.unknowns.map((u, i) => [i, String(u)]), state.output, (v) => redraw({ output: Number(v) })) : null,
        fields?.rows > 1 ? choice("residual of", (s.problem.equations ?? []).slice(0, fields.rows).map((e, i) => [i, String(e)]), state.equation ?? 0, (v) => redraw({ equation: Number(v) })) : null,
    ], statement(run), seed?.show?.step ? slider : null, sliceSlider(state, drawMap), map?.box,
    s.note || doubtful ? h("p", { class: "note" }, [s.note, doubtful].filter(Boolean).join(" ")) : null,
    over?.sentence ? h("p", { class: "outcome", id: "outcome" }, over.sentence) : null,
    ...(over?.boxes ?? []),
    heat ? h("h3", {}, "Error and residual by frequency") : null, heat?.box, spectrum?.box,
    bands ? h("p", { class: "note" }, "Error in units of the reference's root mean square, residual in units of the right side's (or of the equation's terms). An operator of order p weighs the error of frequency k by about k to the power p: a small residual at low frequencies can hide a large error.") : null);
    const picture = heat ? bandsHeat(state, bands) : null;
    const drawSpectrum = () => {
        if (!spectrum) return;
        const f = bandsSpectrum(state, bands, theme());
        spectrum.draw(f.traces, f.layout);
    };
    return {
        draw() {
            drawMap();
            if (heat) heat.draw(picture.traces, { ...picture.layout, shapes: picture.marks() });
            drawSpectrum();
            over?.draw();
        },
        mark() {
            drawMap();
            if (heat) Plotly.relayout(heat.plot, { shapes: picture.marks() });
            drawSpectrum();
            over?.mark();
        },
    };
}
