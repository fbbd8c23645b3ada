// heat.js - the error of every frequency at every step: frequency upward, step to the right, error as colour.
import { h, panel, segmented } from "./dom.js";
import { isNumber, number, percent, row, whole } from "./data.js";
import { SCALE, axis, figure, now, plain, theme, timeline } from "./look.js";
import { axisTitle, edges } from "./bins.js";

const LOW = 0.01, TAU = 0.1; // colours span LOW..1; the contour is at TAU

/** Border between cells above and below TAU, along cell edges: true to the data whatever is masked. */
function border(cells, xe, ye) {
    const x = [], y = [], segment = (x0, y0, x1, y1) => { x.push(x0, x1, null); y.push(y0, y1, null); };
    const side = (r, f) => (cells[r]?.[f] == null || f < 0 ? null : cells[r][f] < TAU);
    for (let r = 0; r < cells.length; r++)
        for (let f = 0; f < xe.length - 1; f++) {
            const here = side(r, f), right = side(r, f + 1), above = side(r + 1, f);
            if (here === null) continue;
            if (right !== null && right !== here) segment(xe[f + 1], ye[r], xe[f + 1], ye[r + 1]);
            if (above !== null && above !== here) segment(xe[f], ye[r + 1], xe[f + 1], ye[r + 1]);
        }
    return { x, y };
}

/** Runs of masked rows as [first, last]. */
function maskedRuns(rows, valid) {
    const runs = [];
    rows.forEach((b, r) => {
        if (valid[b]) return;
        if (runs.length && runs[runs.length - 1][1] === r - 1) runs[runs.length - 1][1] = r;
        else runs.push([r, r]);
    });
    return runs;
}

const captures = (probe, bins, place, y) => {
    const dots = { x: [], y: [], text: [] };
    for (const s of probe.summary?.bins ?? []) {
        const step = s.capture?.["0.1"]?.step?.[probe.seedIndex], r = bins.indexOf(s.bin);
        if (!isNumber(step) || r < 0) continue;
        dots.x.push(place(step));
        dots.y.push(y[r]);
        dots.text.push(`${plain(probe.label[s.bin])}: below 10 % from step ${whole(step)} on`);
    }
    return dots;
};

/** Traces of one picture over the given bins, on axes xaxis "x" and yaxis `ya`. */
function picture(state, probe, bins, y, ye, ya, first) {
    const seed = state.seed, steps = seed.show.step.values, t = theme(), line = timeline(steps, state.logX);
    const x = Array.from(steps, line.place), xe = edges(x, line.ticks.type === "log"), error = probe.stored.error;
    const cells = bins.map((b) => Array.from(x, (_, f) => {
        const e = row(error, f)[b];
        return probe.valid[b] && Number.isFinite(e) ? e : null;
    }));
    const wave = (b) => (probe.wavenumber ? ` · wavenumber ${number(probe.axis[b] * probe.wavenumber)}` : "");
    const head = bins.map((b) => `<b>${plain(probe.label[b])}</b> ${plain(probe.axisUnit)}${wave(b)}`);
    const traces = [{
        type: "heatmap", x: xe, y: ye, yaxis: ya, z: cells.map((r) => r.map((e) => (e === null ? null : Math.log10(Math.max(e, 1e-12))))),
        text: cells.map((r, i) => r.map((e, f) => (e === null ? "" : `${head[i]}<br>step ${whole(steps[f])}: error ${percent(e)}`))),
        hovertemplate: "%{text}<extra></extra>", hoverongaps: false, zmin: Math.log10(LOW), zmax: 0, colorscale: SCALE, showscale: first,
        colorbar: {
            title: { text: "relative error", side: "right", font: { size: 12 } }, thickness: 12, outlinewidth: 0, len: 1, y: 0.5,
            tickvals: [-2, -1, 0], ticktext: ["≤ 1 %", "10 %", "≥ 100 %"], tickfont: { size: 12 }, ...(state.narrow ? { orientation: "h", y: -0.2, yanchor: "top", x: 0.5, len: 0.9, title: { text: "relative error", side: "bottom" } } : {}),
        },
    }];
    const bars = maskedRuns(bins, probe.valid);
    traces.push({
        type: "bar", orientation: "h", yaxis: ya, base: bars.map(() => xe[0]), x: bars.map(() => xe[xe.length - 1] - xe[0]),
        y: bars.map(([a, b]) => (ye[a] + ye[b + 1]) / 2), width: bars.map(([a, b]) => ye[b + 1] - ye[a]), hoverinfo: "skip",
        marker: { color: t.paper, line: { width: 0 }, pattern: { shape: "/", size: 7, solidity: 0.16, fgcolor: t.soft, bgcolor: t.paper } },
        name: "no target energy", showlegend: first && bars.length > 0, legendrank: 3,
    });
    traces.push({
        type: "scatter", mode: "lines", ...border(cells, xe, ye), yaxis: ya, line: { color: "#fff", width: 2 }, hoverinfo: "skip",
        name: "10 % error", showlegend: false,
    }, { // the legend's line: white does not show on paper
        type: "scatter", mode: "lines", x: [null], y: [null], line: { color: t.dark ? "#fff" : "#8a8f98", width: 2 }, name: "10 % contour", showlegend: first, legendrank: 1,
    });
    const dots = captures(probe, bins, line.place, y);
    traces.push({
        type: "scatter", mode: "markers", ...dots, yaxis: ya, hovertemplate: "%{text}<extra></extra>",
        marker: { size: 9, color: "#fff", line: { color: "#1a1a1a", width: 1.5 } }, name: "learnt: stays below 10 %",
        showlegend: first && dots.x.length > 0, legendrank: 2,
    });
    return { traces, xe, ticks: line.ticks, place: line.place };
}

/** Up to the highest selected frequency and a little beyond, when the axis goes much further. */
function usefulTop(probe, bins, ye) {
    const highest = Math.max(...bins.map((b, r) => (probe.stored.selected[b] ? r : -1)));
    const keep = highest < 0 ? bins.length : Math.min(bins.length, Math.max(highest + 3, Math.ceil(highest * 1.5) + 1));
    return keep < bins.length ? ye[keep] : null;
}

function layOne(state, probe, p, bins, ye) {
    const log = p.ticks.type === "log", at = (v) => (log ? Math.log10(v) : v);
    const top = state.allRows ? null : usefulTop(probe, bins, ye);
    const labels = probe.kind === "labels";
    return {
        xaxis: axis("training step", { ...p.ticks, range: [at(p.xe[0]), at(p.xe[p.xe.length - 1])], showgrid: false }),
        yaxis: axis(axisTitle(probe, "<br>"), {
            showgrid: false, range: [ye[0], top ?? ye[ye.length - 1]],
            ...(labels ? { tickvals: bins.map((_, r) => r), ticktext: bins.map((b) => plain(probe.label[b])) } : {}),
        }),
    };
}

function layParts(p, probe, ye) {
    const log = p.ticks.type === "log", at = (v) => (log ? Math.log10(v) : v);
    const deltas = probe.low.map((b) => probe.axis[b]);
    const widths = (domain, word) => axis(`${word}: width δ`, {
        domain, type: "log", showgrid: false, range: [Math.log10(ye[0]), Math.log10(ye[ye.length - 1])],
        tickvals: deltas, ticktext: deltas.map(number),
    });
    return {
        xaxis: axis("training step", { ...p.ticks, range: [at(p.xe[0]), at(p.xe[p.xe.length - 1])], showgrid: false, anchor: "y2" }),
        yaxis: widths([0.54, 1], "low part"), yaxis2: widths([0, 0.46], "high part"),
    };
}

function drawing(state, probe) {
    if (probe.kind === "parts") {
        const ye = edges(probe.low.map((b) => probe.axis[b]), true), y = (bins) => bins.map((b) => probe.axis[b]);
        const low = picture(state, probe, probe.low, y(probe.low), ye, "y", true);
        const high = picture(state, probe, probe.high, y(probe.high), ye, "y2", false);
        return { traces: [...low.traces, ...high.traces], lay: layParts(low, probe, ye), place: low.place };
    }
    const bins = probe.rows, labels = probe.kind === "labels";
    const y = labels ? bins.map((_, r) => r) : bins.map((b) => probe.axis[b]), ye = edges(y);
    const p = picture(state, probe, bins, y, ye, "y", true);
    return { traces: p.traces, lay: layOne(state, probe, p, bins, ye), place: p.place, more: !labels && usefulTop(probe, bins, ye) !== null };
}

/** Build the section; answers {draw, mark}: everything again, or only the line at the shown frame. */
export function heatSection(state, probe, redraw) {
    if (probe.kind === "none" || !state.seed?.show?.step) {
        panel("heat", "Error by frequency and step", [], h("p", { class: "note" }, "No spectrum has been recorded yet."));
        return { draw() {}, mark() {} };
    }
    const fig = figure("heatmap", "Relative error of every frequency over training", probe.kind === "parts" ? 480 : 430);
    const d = drawing(state, probe), missing = [];
    if (probe.kind === "labels") missing.push("Several frequencies share one |k|; the selected ones are shown, in order of |k|.");
    const note = probe.summary?.note;
    panel("heat", "Error by frequency and step", [
        d.more || state.allRows ? segmented("Frequencies", [[false, "up to the selected"], [true, "all frequencies"]], Boolean(state.allRows), (v) => redraw({ allRows: v })) : null,
        segmented("Step axis", [[true, "log steps"], [false, "linear"]], state.logX, (v) => redraw({ logX: v })),
    ], fig.box, h("p", { class: "note" },
        [`Relative error${note ? ` (${note})` : ""}: 1 is nothing learnt, 0.01 or less is dark.`,
            state.seed.frames > state.seed.show.step.values.length ? `${whole(state.seed.show.step.values.length)} of ${whole(state.seed.frames)} recorded frames are drawn.` : null,
            ...missing].filter(Boolean).join(" ")));
    const mark = () => [now(d.place(state.seed.show.step.values[state.frame]))];
    return {
        draw() {
            fig.draw(d.traces, { ...d.lay, shapes: mark(), showlegend: true, bargap: 0, margin: { l: probe.wavenumber ? 72 : 56, r: 8, t: 8, b: state.narrow ? 90 : 44 } });
            fig.plot.on?.("plotly_click", (e) => {
                const places = Array.from(state.seed.show.step.values, d.place), x = e.points[0]?.x;
                if (isNumber(x)) redraw({ frame: places.reduce((best, v, i) => (Math.abs(v - x) < Math.abs(places[best] - x) ? i : best), 0) }, true);
            });
        },
        mark: () => Plotly.relayout(fig.plot, { shapes: mark() }),
    };
}
