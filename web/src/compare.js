// compare.js - remedies against each other on one target: ranking with intervals, error by octave, error over time; and
// a gallery of targets. All from compare.json, as it stands there.
import { byId, h, panel, segmented, table } from "./dom.js";
import { isNumber, number, percent, seconds, whole } from "./data.js";
import { SCALE, axis, errorAxis, figure, logAxis, plain, shade, theme } from "./look.js";

const VERDICT = { best: "good", worse: "open", tie: "good", failed: "bad" };
const finite = (list) => list.filter((v) => isNumber(v) && v > 0);

/** Limits of positive numbers in powers of ten, with room on both sides. */
function decades(values, room = 0.1) {
    const logs = finite(values).map(Math.log10), low = Math.min(...logs), high = Math.max(...logs), pad = room * Math.max(0.5, high - low);
    return logs.length ? [low - pad, high + pad] : [-1, 0];
}

/* ---- the target as a small picture --------------------------------------------------------------------------------- */

function drawLine(g, p, size, ink) {
    const n = p.low.length, y = (v) => size - 4 - (v / 255) * (size - 8);
    g.strokeStyle = ink;
    g.lineWidth = 1.5;
    g.beginPath();
    for (let i = 0; i < n; i++) {
        const x = ((i + 0.5) / n) * size;
        if (i) g.lineTo(x, y(p.low[i]));
        else g.moveTo(x, y(p.low[i]));
        if (p.high[i] !== p.low[i]) g.lineTo(x, y(p.high[i]));
    }
    g.stroke();
}

function drawImage(g, p, size) {
    const w = size / p.columns, k = size / p.rows;
    for (let i = 0; i < p.rows; i++)
        for (let j = 0; j < p.columns; j++) {
            const v = p.value.slice((i * p.columns + j) * p.channels, (i * p.columns + j + 1) * p.channels);
            g.fillStyle = `rgb(${p.channels === 3 ? v.join(",") : [v[0], v[0], v[0]].join(",")})`;
            g.fillRect(Math.floor(j * w), Math.floor(i * k), Math.ceil(w), Math.ceil(k));
        }
}

function drawPoints(g, p, size) {
    for (let i = 0; i + 2 < p.value.length; i += 3) {
        g.fillStyle = shade(p.value[i + 2], 256);
        g.fillRect((p.value[i] / 255) * (size - 6) + 1, size - 6 - (p.value[i + 1] / 255) * (size - 6), 4, 4);
    }
}

function thumbnail(c) {
    const size = 132, canvas = h("canvas", { width: size, height: size, class: "thumb", role: "img", "aria-label": `The target: ${c.title}` });
    const g = canvas.getContext("2d"), draw = { line: drawLine, image: drawImage, points: drawPoints }[c.picture?.kind];
    if (draw) draw(g, c.picture, size, theme().network);
    return canvas;
}

/* ---- figures of one comparison ------------------------------------------------------------------------------------- */

function rankingFigure(c, list) {
    const fig = figure("ranking", "Relative error of every remedy, every seed a point", 90 + 24 * list.length), names = list.map((e) => plain(e.name));
    const points = list.flatMap((e) => e.runs.filter((r) => isNumber(r.error)).map((r) => [r.error, plain(e.name), `seed ${r.seed}: ${percent(r.error)}`]));
    const draw = () => {
        const t = theme();
        fig.draw([
            { type: "scatter", mode: "markers", x: points.map((p) => p[0]), y: points.map((p) => p[1]), text: points.map((p) => p[2]), hovertemplate: "%{y}, %{text}<extra></extra>", marker: { color: t.soft, size: 6, opacity: 0.7 } },
            { type: "scatter", mode: "markers", x: list.map((e) => e.error), y: names, hovertemplate: "%{y}: %{x:.3g}<extra></extra>", marker: { color: t.network, size: 10, symbol: "diamond" } },
        ], {
            xaxis: errorAxis(`relative error on the ${list[0]?.runs?.[0]?.on === "train" ? "training" : "test"} points`, decades(points.map((p) => p[0]).concat(list.map((e) => e.error)))),
            yaxis: axis("", { type: "category", categoryorder: "array", categoryarray: names.slice().reverse(), showgrid: true }), margin: { l: 8, r: 12, t: 8, b: 44 },
        });
    };
    return { box: fig.box, draw };
}

/** Octaves that hold energy. */
const octaves = (c) => (c.bands?.from ?? []).map((from, b) => ({ b, from, to: c.bands.to[b], share: c.bands.share[b] })).filter((o) => isNumber(o.share) && o.share > 0);

function bandsFigure(c, list) {
    const bands = octaves(c);
    if (!bands.length) return null;
    const fig = figure("bands", "Relative error of every remedy in every octave", 120 + 24 * list.length), names = list.map((e) => plain(e.name)).reverse();
    const rows = list.slice().reverse(), value = (e, o) => (isNumber(e.bands?.[o.b]) ? e.bands[o.b] : null);
    const label = bands.map((o) => `${number(o.from)}–${number(o.to)}`);
    const draw = () => fig.draw([{
        type: "heatmap", x: label, y: names, z: rows.map((e) => bands.map((o) => (value(e, o) === null ? null : Math.log10(Math.max(value(e, o), 1e-12))))),
        text: rows.map((e) => bands.map((o) => (value(e, o) === null ? "" : `${plain(e.name)}, ${number(o.from)} to ${number(o.to)}: error ${percent(value(e, o))}; ${percent(o.share)} of the energy`))),
        hovertemplate: "%{text}<extra></extra>", hoverongaps: false, zmin: -4, zmax: 0, colorscale: SCALE, xgap: 1, ygap: 1,
        colorbar: { title: { text: "relative error", side: "right", font: { size: 12 } }, thickness: 12, outlinewidth: 0, tickvals: [-4, -3, -2, -1, 0], ticktext: ["≤ 0.01 %", "0.1 %", "1 %", "10 %", "≥ 100 %"] },
    }], { xaxis: axis(c.bands.unit, { type: "category", showgrid: false }), yaxis: axis("", { type: "category", showgrid: false }), margin: { l: 8, r: 8, t: 8, b: 44 } });
    return { box: fig.box, draw };
}

function timeFigure(list, clock) {
    const fig = figure("over-time", "Relative error over training, first seed of every remedy", 460);
    const curves = list.map((e) => [e, e.runs.find((r) => r.curve)?.curve]).filter(([, k]) => k);
    const at = (k) => k[clock].map((x, i) => [x, k.error[i]]).filter(([x, e]) => x > 0 && e > 0);
    const draw = () => {
        const traces = curves.map(([e, k], i) => {
            const p = at(k);
            return { type: "scatter", mode: "lines", name: plain(e.name), x: p.map((v) => v[0]), y: p.map((v) => v[1]), line: { color: shade(i, curves.length), width: i < 3 ? 3 : 1.5 }, visible: i < 8 || e.name === "plain" ? true : "legendonly", hovertemplate: `<b>${plain(e.name)}</b> %{x:.3g}: %{y:.3g}<extra></extra>` };
        });
        const all = curves.flatMap(([, k]) => at(k));
        fig.draw(traces, { xaxis: logAxis(clock === "step" ? "training step" : "training time [s]", decades(all.map((p) => p[0]), 0.02)), yaxis: errorAxis("relative error", decades(all.map((p) => p[1]))), showlegend: true });
    };
    return { box: fig.box, draw };
}

/* ---- tables -------------------------------------------------------------------------------------------------------- */

function rankingTable(list) {
    const numeric = (text) => ({ text, class: "num" }), ratio = (e) => ({ value: e.ratio ?? null, text: h("span", {}, number(e.ratio), isNumber(e.ratio_low) && e.verdict !== "best" ? h("small", {}, `${number(e.ratio_low)} to ${number(e.ratio_high)}`) : null) });
    const cell = (v, text) => ({ value: isNumber(v) ? v : null, text });
    return table("Ranking: ratio to the best with the 95 % interval over seeds, and costs (medians)", ["remedy", "verdict", numeric("relative error"), numeric("ratio to the best"), numeric("ms a step"), numeric("steps"), numeric("training time"), numeric("parameters"), numeric("memory")],
        list.map((e) => [
            h("span", {}, String(e.name), h("small", {}, `${e.about ?? ""}${e.paper ? ` · ${e.paper}` : ""}`)), { text: h("span", { class: `badge ${VERDICT[e.verdict] ?? "open"}` }, e.verdict ?? "–") },
            cell(e.error, percent(e.error)), ratio(e), cell(e.ms_per_step, number(e.ms_per_step)), cell(e.steps, whole(e.steps)), cell(e.seconds, seconds(e.seconds)), cell(e.parameters, whole(e.parameters)), cell(e.bytes, isNumber(e.bytes) ? `${number(e.bytes / 1e6)} MB` : "–"),
        ]), { id: "ranking-table" });
}

const failures = (list) => list.flatMap((e) => e.runs.filter((r) => r.status && r.status !== "done").map((r) => `${e.name}, seed ${r.seed}: ${r.status}${r.message ? ` (${r.message})` : ""}`));

function notes(c, list) {
    const lines = [
        ...failures(list), ...(c.left_out ?? []).map((e) => `${e.name} was left out: ${e.why}.`),
        c.plan?.steps > 0 && !(c.plan?.seconds > 0) ? null : "Training times decide here: on another machine, or a busy one, errors and ranks differ.",
    ].filter(Boolean);
    return lines.length ? h("ul", { class: "notice quiet" }, lines.map((l) => h("li", {}, l))) : null;
}

/* ---- the page ------------------------------------------------------------------------------------------------------ */

function card(c, i, state, redraw) {
    const best = c.remedies.slice(0, 3);
    return h("button", { type: "button", class: "card", "aria-pressed": String(i === state.compareIndex), onclick: () => { redraw({ compareIndex: i }); byId("heat").scrollIntoView(); } },
        thumbnail(c), h("strong", {}, c.title), h("ol", {}, best.map((e) => h("li", {}, `${e.name} `, h("small", {}, percent(e.error))))));
}

/** Draw everything into the sections of the page. */
export function compareSections(all, state, redraw) {
    const many = all.length > 1, c = all[state.compareIndex] ?? all[0], list = c.remedies ?? [], budget = c.plan ?? {};
    document.title = `${many ? "gallery of remedies" : c.title} · fqp report`;
    byId("title").textContent = many ? `Remedies on ${all.length} targets` : c.title;
    byId("where").textContent = [c.kind, `${whole(c.n)} training points`, `${whole(budget.parameters)} parameters`, budget.seconds > 0 ? `${seconds(budget.seconds)} each` : null, budget.steps > 0 ? `${whole(budget.steps)} steps each` : null, `${whole(budget.seeds)} ${budget.seeds > 1 ? "seeds" : "seed"}`, c.created?.slice?.(0, 10)].filter(Boolean).join(" · ");
    byId("verdict").textContent = c.sentence ?? "";
    byId("notices").replaceChildren(...[notes(c, list)].filter(Boolean));
    byId("pictures").replaceChildren(...(many ? [h("div", { class: "cards" }, all.map((one, i) => card(one, i, state, redraw)))] : []));
    const ranking = rankingFigure(c, list), bands = bandsFigure(c, list), over = timeFigure(list, state.clock);
    panel("heat", many ? `${c.title}: ranking` : "Ranking", [], ranking.box, h("p", { class: "note" }, "Diamonds: geometric mean over seeds. Points: seeds."));
    if (bands) panel("fields", "Error by octave", [], bands.box, h("p", { class: "note" }, `Geometric mean over seeds; ${c.bands.unit}, probe ${c.bands.probe}. Octaves without energy of the target are left out.`));
    else byId("fields").replaceChildren();
    panel("curves", "Error over training", [segmented("Clock", [["step", "steps"], ["seconds", "seconds"]], state.clock, (v) => redraw({ clock: v }))], over.box,
        h("p", { class: "note" }, "First seed; error over the frequencies at which the target has energy, so that what a fit adds elsewhere, between the points, is not in it. A click on a name shows or hides its curve."));
    byId("tables").replaceChildren(rankingTable(list), h("p", { class: "note" }, `Made by: ${c.command || "fqp compare"}`));
    for (const f of [ranking, bands, over]) f?.draw();
}
