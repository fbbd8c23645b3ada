// diagnosis.js - why the run stands where it does, what to do next, and when the rest will be learnt.
import { axisTitle } from "./bins.js";
import { byId, h, panel, table } from "./dom.js";
import { isNumber, number, percent, some, whole } from "./data.js";
import { axis, figure, plain, shade, theme, timeline } from "./look.js";

const MOST_ROWS = 16;

/** Verdict of the seed shown, or null: runs of older versions have none. */
const verdictOf = (state) => (state.run.summary?.verdict ?? []).find((v) => v?.seed === state.seed?.seed) ?? state.run.summary?.verdict?.[state.seedIndex] ?? null;

const DONE = ["healthy", "still learning", "cannot tell"];

const causeBadge = (verdict) => h("span", { class: `badge ${verdict.cause === "healthy" ? "good" : DONE.includes(verdict.cause) ? "open" : "bad"}` }, String(verdict.cause));

/** The verdict in one line, with the way to its evidence; nothing where there is none. */
export function verdictLine(state) {
    const verdict = verdictOf(state);
    if (!verdict) return [];
    const said = String(verdict.sentence ?? ""), rest = said.startsWith(verdict.cause.slice(1, 4), 1) && said.includes(": ") ? said.slice(said.indexOf(": ") + 2) : said;
    return [h("p", { class: "notice cause", id: "cause-line" }, causeBadge(verdict), " ", rest, " ", h("a", { href: "#diagnosis" }, "Evidence, what to do next, when the rest will be learnt"))];
}

function verdictParts(verdict) {
    const evidence = verdict.evidence ?? [], next = verdict.next ?? [], others = (verdict.others ?? []).filter((o) => o.score >= 0.3);
    return [
        h("p", { class: "cause" }, causeBadge(verdict), " ", String(verdict.sentence ?? "")),
        evidence.length ? h("details", { open: true }, h("summary", {}, "Evidence"), table("Evidence", ["measure", { text: "value", class: "num" }, "what it says"],
            evidence.map((e) => [String(e.name), { value: e.value, text: number(e.value) }, String(e.says ?? "")]), { class: "evidence" })) : null,
        next.length ? h("div", {}, h("h3", {}, "What to do next"), h("ol", { class: "next" }, next.map((n) => h("li", {}, String(n))))) : null,
        others.length ? h("p", { class: "note" }, `Also considered: ${others.map((o) => `${o.cause} (${number(o.score)})`).join(", ")}.`) : null,
    ].filter(Boolean);
}

function stopLine(state) {
    const stop = (state.run.summary?.stop ?? []).find((s) => s?.seed === state.seed?.seed) ?? state.run.summary?.stop?.[state.seedIndex];
    if (!stop) return null;
    const why = String(stop.why ?? "");
    return h("p", { class: "note", id: "stop-line" }, stop.stop && isNumber(stop.step) ? h("strong", {}, `Stop: keep the network of step ${whole(stop.step)}. `) : "Stopping rule: ", why);
}

/** Bands of the probe shown with their capture and forecast, low frequency first. */
function rowsOf(state, probe) {
    const tau = state.run.summary?.tau, bins = probe.summary?.bins ?? [], list = bins.map((b) => ({
        name: plain(String(b.label ?? b.axis)), learnt: b.capture?.[tau]?.step?.[state.seedIndex], forecast: b.forecast?.[state.seedIndex],
    })).filter((b) => isNumber(b.learnt) || b.forecast);
    return list.length > MOST_ROWS ? some(list, MOST_ROWS) : list;
}

/** How often the intervals held, made from the first part of the frames and held against the rest. */
function backtestLine(state, probe) {
    const back = probe.summary?.backtest?.[state.seedIndex], sum = (key) => (back?.[key] ?? []).reduce((a, b) => a + b, 0);
    const asked = sum("captures"), refused = sum("refused"), answered = asked - refused;
    if (!asked) return null;
    return h("p", { class: "note", id: "backtest-line" }, `Tried on this run itself, from its first third, half and two thirds: ${whole(answered)} of ${whole(asked)} forecasts were made`
        + `${answered ? `, ${whole(sum("covered"))} of them hold (${percent(sum("covered") / answered)}; 80 % is meant)` : ""}.`);
}

function forecastTraces(rows, last, place, end) {
    const known = rows.filter((b) => isNumber(b.learnt)), open = rows.filter((b) => b.forecast?.ok && !isNumber(b.learnt)), traces = [];
    const color = (b) => shade(rows.indexOf(b), rows.length);
    for (const b of open) {
        const { low, high, median, model } = b.forecast, to = isNumber(high) ? high : end;
        const says = `<b>${b.name}</b> expected ${isNumber(median) ? `at step ${whole(median)}` : "later"}<br>80 %: ${whole(low)} to ${isNumber(high) ? whole(high) : "the end, or never"}<br>${model} model<extra></extra>`;
        traces.push({ type: "scatter", mode: "lines", x: [place(low), place(to)], y: [b.name, b.name], line: { color: color(b), width: 7 }, opacity: 0.45, hovertemplate: says, showlegend: false });
        traces.push({ type: "scatter", mode: "markers", x: [place(isNumber(median) ? median : to)], y: [b.name], marker: { symbol: isNumber(high) ? "line-ns-open" : "triangle-right", size: 12, color: color(b), line: { width: 2, color: color(b) } }, hovertemplate: says, showlegend: false });
    }
    for (const b of rows.filter((r) => !isNumber(r.learnt) && !r.forecast?.ok))
        traces.push({ type: "scatter", mode: "text", x: [place(last)], y: [b.name], text: [`  no forecast: ${plain(b.forecast?.reason ?? "no frames")}`], textposition: "middle right", textfont: { size: 11, color: theme().soft }, hoverinfo: "skip", cliponaxis: false, showlegend: false });
    traces.push({
        type: "scatter", mode: "markers", x: known.map((b) => place(b.learnt)), y: known.map((b) => b.name), marker: { size: 9, color: known.map(color) },
        hovertemplate: "<b>%{y}</b> learnt at step %{x:,}<extra></extra>", showlegend: false,
    });
    return traces;
}

function forecastFigure(state, probe) {
    const rows = rowsOf(state, probe), steps = state.seed?.curve?.step?.values;
    if (!steps || !rows.some((b) => b.forecast?.ok && !isNumber(b.learnt))) return null;
    const last = steps[steps.length - 1], ends = rows.flatMap((b) => [b.forecast?.high, b.forecast?.median, b.forecast?.low, b.learnt]).filter(isNumber);
    const end = Math.max(last, ...ends) * 1.25, first = Math.min(...ends.filter((v) => v > 0), last);
    const line = timeline([first / 1.5, last, end], state.logX), box = figure("forecast", "Step at which each band was or will be learnt", Math.max(280, 100 + 26 * rows.length));
    return {
        box: box.box,
        draw() {
            const t = theme(), today = { type: "line", yref: "paper", y0: 0, y1: 1, x0: line.place(last), x1: line.place(last), line: { color: t.soft, width: 1, dash: "dash" } };
            box.draw(forecastTraces(rows, last, line.place, end), {
                xaxis: axis("training step", line.ticks), yaxis: axis(axisTitle(probe, "<br>"), { type: "category", categoryorder: "array", categoryarray: rows.map((b) => b.name) }),
                margin: { l: 110, r: 12, t: 12, b: 44 }, shapes: [today],
            });
        },
    };
}

/** Build the section; answers {draw, mark}.  Empty where a run has no verdict and no forecast. */
export function diagnosisSection(state, probe) {
    const verdict = verdictOf(state), plot = forecastFigure(state, probe), stop = stopLine(state);
    byId("diagnosis").replaceChildren();
    if (verdict || plot || stop)
        panel("diagnosis", "What is going on", [], h("div", { class: plot && verdict ? "pair" : "" },
            verdict ? h("div", {}, ...verdictParts(verdict), stop) : stop,
            plot ? h("div", {}, h("h3", { class: "first" }, "When the rest will be learnt"), plot.box,
                h("p", { class: "note" }, "Dots: learnt. Bars: 80 % interval of the forecast, an arrow where it is open to the end. Dashed: the last recorded step."), backtestLine(state, probe)) : null));
    return { draw() { plot?.draw(); }, mark() {} };
}
