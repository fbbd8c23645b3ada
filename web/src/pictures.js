// pictures.js - figures from figures.json: the curves and maps that a recipe declares, the images and fields of a fit.
import { byId, h, table } from "./dom.js";
import { isNumber, number } from "./data.js";
import { SCALE, axis, faded, figure, logAxis, plain, shade, theme } from "./look.js";

const HEIGHT = 400, DASH = { dashed: "dash", line: "solid" };

/** Values on a logarithmic axis must be positive: others are gaps. */
const drawable = (log) => (v) => (isNumber(v) && (!log || v > 0) ? v : null);

/** Limits of all values, as Plotly wants them for the kind of axis. */
function rangeOf(lists, log) {
    const values = lists.flat().filter((v) => v !== null).map((v) => (log ? Math.log10(v) : v));
    if (!values.length) return [0, 1];
    const low = values.reduce((a, b) => Math.min(a, b)), high = values.reduce((a, b) => Math.max(a, b)), pad = 0.05 * (high - low || Math.abs(high) || 1);
    return [low - pad, high + pad];
}

/** A curve without a spread is its own band. */
const banded = (c) => ({ ...c, low: c.low ?? c.y, high: c.high ?? c.y });

function curveTraces(f) {
    const px = drawable(f.x.log), py = drawable(f.y.log);
    return f.curves.flatMap((c, i) => {
        const color = c.style === "dashed" ? theme().soft : shade(i, f.curves.length), x = c.x.map(px), name = plain(c.name), traces = [];
        if (c.low.some((v, k) => isNumber(v) && isNumber(c.high[k]) && v !== c.high[k])) {
            const at = x.map((v, k) => [v, py(c.low[k]), py(c.high[k])]).filter((p) => p.every((v) => v !== null));
            traces.push({
                type: "scatter", mode: "lines", x: [...at.map((p) => p[0]), ...at.map((p) => p[0]).reverse()], y: [...at.map((p) => p[2]), ...at.map((p) => p[1]).reverse()],
                fill: "toself", fillcolor: faded(shade(i, f.curves.length), 0.16), line: { width: 0 }, hoverinfo: "skip", showlegend: false, legendgroup: String(i),
            });
        }
        traces.push({
            type: "scatter", mode: c.style === "points" ? "markers" : c.x.length <= 24 && c.style !== "dashed" ? "lines+markers" : "lines", x, y: c.y.map(py), name, legendgroup: String(i),
            line: { color, width: 2, dash: DASH[c.style] ?? "solid" }, marker: { color, size: 7 }, hovertemplate: `<b>${name}</b> %{x:.4g}: %{y:.4g}<extra></extra>`,
        });
        return traces;
    });
}

function curvesFigure(given, i) {
    const f = { ...given, curves: given.curves.map(banded) }, fig = figure(`picture-${i}`, f.title, HEIGHT), spreads = f.curves.some((c) => c.low.some((v, k) => v !== c.high[k]));
    const box = h("section", { class: "picture" }, h("h3", {}, f.title), fig.box, spreads ? h("p", { class: "note" }, "Line: median over seeds. Shaded: 10 to 90 %.") : null);
    const draw = () => {
        const traces = curveTraces(f), side = (a, key) => (a.log ? logAxis : axis)(plain(a.label), ...(a.log ? [rangeOf(traces.map((t) => t[key]), true)] : []));
        fig.draw(traces, { xaxis: side(f.x, "x"), yaxis: side(f.y, "y"), showlegend: f.curves.length > 1 });
    };
    return { box, draw };
}

/** Share of a cell's value in its column's range, for its colour; null without one. */
function shareOf(rows, k, log) {
    const scale = (v) => (log ? Math.log(v) : v), usable = (v) => isNumber(v) && (!log || v > 0);
    const all = rows.map((r) => r.value[k]).filter(usable).map(scale), low = Math.min(...all), high = Math.max(...all);
    return (v) => (usable(v) && high > low ? (scale(v) - low) / (high - low) : null);
}

function mapFigure(f) {
    const share = f.columns.map((c, k) => shareOf(f.rows, k, c.log));
    const cell = (r, k) => {
        const v = r.value[k], low = r.low[k], high = r.high[k], s = share[k](v), told = (x) => (x === "inf" ? "never" : number(x));
        return {
            value: isNumber(v) ? v : null, class: "num shaded", style: s === null ? null : `--share: ${(100 * s).toFixed(0)}%`,
            text: h("span", {}, told(v), v !== null && low !== high ? h("small", {}, `${told(low)} to ${told(high)}`) : null),
        };
    };
    const box = h("section", { class: "picture" }, table(f.title, ["", ...f.columns.map((c) => ({ text: c.name, class: "num" }))], f.rows.map((r) => [r.name, ...f.columns.map((_, k) => cell(r, k))])));
    return { box, draw() {} };
}

/** An image of a signal, as it stands in its file. */
function imageFigure(f) {
    const box = h("section", { class: "picture image" }, h("h3", {}, f.title), h("img", { src: `data:image/png;base64,${f.data}`, alt: f.title }));
    return { box, draw() {} };
}

/** Values on a grid: a difference of images, a spectrogram. */
function fieldFigure(f, i) {
    const fig = figure(`picture-${i}`, f.title, HEIGHT), box = h("section", { class: f.square ? "picture image" : "picture" }, h("h3", {}, f.title), fig.box);
    const z = Array.from({ length: f.rows }, (_, r) => f.value.slice(r * f.cols, (r + 1) * f.cols)), along = (a, n) => Array.from({ length: n }, (_, k) => a.from + ((k + 0.5) * (a.to - a.from)) / n);
    const trace = {
        type: "heatmap", x: along(f.x, f.cols), y: along(f.y, f.rows), z, zmin: f.low, zmax: f.high, colorscale: f.grey ? "Greys" : SCALE, reversescale: Boolean(f.grey),
        hovertemplate: `(%{x:.4g}, %{y:.4g}): %{z:.3g} ${plain(f.unit)}<extra></extra>`, colorbar: { title: { text: plain(f.unit), side: "right", font: { size: 12 } }, thickness: 10, outlinewidth: 0, tickfont: { size: 11 } },
    };
    const side = (a, extra) => axis(plain(a.label ?? ""), { showgrid: false, ...extra });
    const draw = () => fig.draw([trace], {
        xaxis: side(f.x, f.square ? { visible: false, constrain: "domain" } : {}), yaxis: side(f.y, f.square ? { visible: false, scaleanchor: "x", constrain: "domain" } : {}), showlegend: false,
        ...(f.square ? { margin: { l: 4, r: 60, t: 4, b: 4 } } : {}),
    });
    return { box, draw };
}

const KINDS = { map: mapFigure, field: fieldFigure, image: imageFigure };

/** Build the section; answers {draw, mark}. */
export function picturesSection(data) {
    const list = data.figures?.figures ?? [], parts = list.map((f, i) => (KINDS[f.kind] ?? curvesFigure)(f, i));
    byId("pictures").replaceChildren(...parts.map((p) => p.box));
    return { draw: () => parts.forEach((p) => p.draw()), mark() {} };
}
