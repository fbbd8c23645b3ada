// convergence.js - how a solution's error falls with steps and with time, beside classical solvers, and the numbers found.
import { h, table } from "./dom.js";
import { gaps, isNumber, number, percent, seconds } from "./data.js";
import { axis, figure, logAxis, now, plain, shade, theme, timeline } from "./look.js";

const columnsOf = (a) => (a ? Array.from({ length: a.shape[1] }, (_, c) => a.values.filter((_, i) => i % a.shape[1] === c)) : []);

const spanOf = (traces) => {
    let low = Infinity, high = 0;
    for (const t of traces) for (const v of t.y) if (v > 0) { low = Math.min(low, v); high = Math.max(high, v); }
    return high > 0 ? [Math.max(Math.log10(low), Math.log10(high) - 18) - 0.2, Math.log10(high) + 0.2] : [-1, 0];
};
const positive = (v) => gaps(Float64Array.from(v, (x) => (x > 0 ? x : NaN)));

/** First time at which a method's error is at most `goal`; null: never. */
function reached(method, goal) {
    const i = (method.rel_l2 ?? []).findIndex((e) => isNumber(e) && e <= goal);
    return i < 0 || !isNumber(method.seconds?.[i]) ? null : method.seconds[i];
}

const times = (ratio) => (ratio < 10 ? ratio.toPrecision(2) : Number(ratio.toPrecision(2)).toLocaleString("en-US"));
const SAID = 3; // methods in the sentence, the soonest first; the figure shows all of them

const capital = (s) => s.charAt(0).toUpperCase() + s.slice(1);

/** Who was sooner, said as it is. */
export function outcome(name, run, baseline) {
    const { error, time } = run;
    if (!isNumber(error)) return null;
    const ended = `${name} ended with a relative error of ${percent(error)}${isNumber(time) ? ` after ${seconds(time)}` : ""}`;
    const list = (baseline ?? []).map((b) => ({ method: String(b.method).replaceAll("_", " "), at: reached(b, error), best: Math.min(...(b.rel_l2 ?? []).filter(isNumber)) }));
    if (!list.length) return `${ended}.`;
    const won = list.filter((b) => b.at !== null).sort((a, b) => a.at - b.at);
    if (!won.length) {
        const best = list.reduce((a, b) => (b.best < a.best ? b : a));
        return `${ended}. No classical solver on this grid got as far; the best, ${best.method}, ended at ${percent(best.best)}.`;
    }
    if (!isNumber(time) || !(time > 0)) return `${ended}; ${won[0].method} reached that error in ${seconds(won[0].at)}.`;
    const said = won.slice(0, SAID).map((b) => (b.at < time ? `${b.method} reached that error ${b.at > 0 ? `${times(time / b.at)} times sooner` : "at once"} (${seconds(b.at)})` : `${b.method} needed ${times(b.at / time)} times as long (${seconds(b.at)})`));
    const never = list.filter((b) => b.at === null).map((b) => b.method);
    return `${ended}. ${capital(said.join("; "))}.${won.length > SAID ? ` So did ${won.slice(SAID).map((b) => `${b.method} (${seconds(b.at)})`).join(", ")}.` : ""}${never.length ? ` Not reached by: ${never.join(", ")}.` : ""}`;
}

const lastOf = (a) => a?.values[a.values.length - 1];

function stepTraces(seed, place, t) {
    const own = seed.solution, x = Array.from(seed.curve.step.values, place), terms = columnsOf(own.terms), names = own.term_names ?? [];
    const line = (name, y, color, extra = {}) => ({ type: "scatter", mode: "lines", x, y: positive(y), name, line: { color, width: 1.6, ...extra }, hovertemplate: `${plain(name)} %{y:.3g}<extra></extra>` });
    return [
        own.rel_l2 ? line("relative L2 error", own.rel_l2.values, t.network, { width: 2.4 }) : null,
        own.residual_size ? line("residual", own.residual_size.values, t.ink) : null,
        seed.curve.loss ? line("loss", seed.curve.loss.values, t.soft) : null,
        ...terms.map((y, i) => line(`loss: ${plain(names[i] ?? i)}`, y, shade(i, terms.length), { width: 1.2, dash: "dot" })),
    ].filter(Boolean);
}

function clockTraces(state, t) {
    const { seed, run } = state, own = seed.solution, traces = [], list = run.solution.baseline ?? [];
    if (own.rel_l2 && seed.curve.seconds) traces.push({ type: "scatter", mode: "lines", x: positive(seed.curve.seconds.values), y: positive(own.rel_l2.values), name: "this run", line: { color: t.network, width: 2.4 } });
    list.forEach((b, i) => traces.push({
        type: "scatter", mode: "lines+markers", x: (b.seconds ?? []).map((v) => (v > 0 ? v : null)), y: (b.rel_l2 ?? []).map((v) => (v > 0 ? v : null)), name: plain(b.method),
        line: { color: shade(i, list.length), width: 1.4 }, marker: { size: 4 }, hovertemplate: `${plain(b.method)}: %{y:.3g} after %{x:.3g} s<extra></extra>`,
    }));
    return traces.filter((tr) => tr.x.some((v) => v > 0));
}

/** Numbers that were sought: table of what was found, and their way there. */
function numbersPart(state, place) {
    const own = state.seed.solution, about = state.run.solution.problem.numbers ?? [], columns = columnsOf(own.numbers);
    if (!columns.length) return null;
    const steps = state.seed.curve.step.values, fig = figure("solution-numbers", "Numbers of the equation, as found over training", 300);
    const traces = columns.map((y, i) => ({ type: "scatter", mode: "lines", x: Array.from(steps, place), y: gaps(y), name: plain(about[i]?.name ?? i), line: { color: shade(i, columns.length), width: 2 } }));
    const exact = columns.map((_, i) => about[i]?.exact), known = exact.some(isNumber);
    exact.forEach((v, i) => { if (isNumber(v)) traces.push({ type: "scatter", mode: "lines", x: [place(steps[0]), place(steps[steps.length - 1])], y: [v, v], name: `${plain(about[i].name)}, true`, line: { color: shade(i, columns.length), width: 1, dash: "dot" } }); });
    const rows = columns.map((y, i) => {
        const last = y[y.length - 1], off = isNumber(exact[i]) ? Math.abs(last - exact[i]) / Math.abs(exact[i]) : null;
        return [String(about[i]?.name ?? i), { text: number(about[i]?.start), value: about[i]?.start ?? null }, { text: number(last), value: last }, ...(known ? [{ text: number(exact[i]), value: exact[i] ?? null }, { text: percent(off), value: off }] : [])];
    });
    return { fig, traces, box: h("div", {}, table("Numbers found", ["number", "start", "found", ...(known ? ["true", "error"] : [])], rows), fig.box) };
}

/** Figures over steps and over time, and the sentence; {boxes, sentence, draw, mark}. */
export function convergence(state) {
    const { seed, run } = state;
    if (!seed.curve?.step) return null;
    const t0 = theme(), line = timeline(seed.curve.step.values, true), bySteps = stepTraces(seed, line.place, t0), byClock = clockTraces(state, t0);
    const left = bySteps.length ? figure("solution-steps", "Error and loss over steps", 380) : null, right = byClock.length ? figure("solution-time", "Error over time, beside classical solvers", 380) : null;
    const numbers = numbersPart(state, line.place);
    const sentence = outcome(run.manifest?.analysed ? "The analysed run" : "This run", { error: lastOf(seed.solution.rel_l2), time: lastOf(seed.curve.seconds) }, run.solution.baseline);
    const mark = () => now(line.place(seed.show.step.values[state.frame]));
    const spanX = (traces) => spanOf(traces.map((tr) => ({ y: tr.x })));
    return {
        sentence,
        boxes: [left || right ? h("div", { class: left && right ? "pair" : "" }, left?.box, right?.box) : null, numbers?.box],
        draw() {
            left?.draw(stepTraces(seed, line.place, theme()), { xaxis: axis("training step", line.ticks), yaxis: logAxis("relative error, residual, loss", spanOf(bySteps)), showlegend: true, shapes: [mark()] });
            right?.draw(clockTraces(state, theme()), { xaxis: logAxis("seconds", spanX(byClock)), yaxis: logAxis("relative L2 error", spanOf(byClock)), showlegend: true });
            numbers?.fig.draw(numbers.traces, { xaxis: axis("training step", line.ticks), yaxis: axis("value"), showlegend: true, shapes: [mark()] });
        },
        mark() {
            if (left) Plotly.relayout(left.plot, { shapes: [mark()] });
            if (numbers) Plotly.relayout(numbers.fig.plot, { shapes: [mark()] });
        },
    };
}
