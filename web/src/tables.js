// tables.js - the numbers: captures, rates, order, claims. All from summary.json and claims.json, as they stand there.
import { byId, h, table } from "./dom.js";
import { theoryOf } from "./bins.js";
import { isNumber, number, percent, seconds, some, whole } from "./data.js";

const MANY = 40, LEVELS = [["0.5", "50\u00a0%"], ["0.1", "10\u00a0%"], ["0.01", "1\u00a0%"]];

/** Median over seeds with the 10 and 90 % quantiles below it; data-value holds the median. */
function captureCell(capture, index) {
    const seeds = capture?.step?.length ?? 0, value = seeds > 1 ? capture.median : capture?.step?.[index];
    const range = seeds > 1 && isNumber(capture.low) && (capture.low !== capture.high || !isNumber(capture.high));
    if (!isNumber(value)) return { text: h("span", { class: "soft" }, "not reached"), value: null, "data-steps": JSON.stringify(capture?.step ?? []) };
    return {
        value, "data-steps": JSON.stringify(capture.step),
        text: h("span", {}, whole(value), range ? h("small", {}, `${whole(capture.low)} to ${isNumber(capture.high) ? whole(capture.high) : "never"}`) : null),
    };
}

function rateCells(rate) {
    if (!rate?.ok) return [{ text: h("span", { class: "reason" }, rate?.reason ?? "–"), value: null, colspan: 2 }];
    return [
        { value: rate.rate, text: h("span", {}, number(rate.rate), isNumber(rate.low) ? h("small", {}, `${number(rate.low)} to ${number(rate.high)}`) : null) },
        { value: rate.r2, text: number(rate.r2) },
    ];
}

/** Step at which the band is expected, its 80 % interval below; why not, where there is no answer. */
function forecastCell(forecast, learnt) {
    if (!forecast?.ok) return { text: learnt ? "–" : h("span", { class: "reason" }, forecast?.reason ?? "–"), value: null };
    const { model, median, low, high } = forecast, range = isNumber(high) ? `${whole(low)} to ${whole(high)}` : `${whole(low)} or later`;
    return { value: isNumber(median) ? median : null, text: h("span", { title: `80 % interval; mostly by the ${model} model` }, isNumber(median) ? [whole(median), h("small", {}, range)] : range) };
}

function captureTable(state, probe) {
    const summary = probe.summary;
    const seeds = state.run.summary.seeds ?? [], many = seeds.length > 1, index = state.seedIndex, unit = summary.axis_unit ? ` [${summary.axis_unit}]` : "";
    const numeric = (text) => ({ text, class: "num" }), all = summary.bins ?? [], shown = all.length > MANY ? some(all, 24) : all;
    return table(`When each band was learnt${shown.length < all.length ? `: ${shown.length} of ${all.length} bands, all are in summary.json` : ""}${many ? ` (median of ${seeds.length} seeds; 10 to 90 % below)` : ""}`,
        [`${summary.axis_name ?? "band"}${unit}`, numeric(probe.kind === "parts" ? "norm" : "amplitude"), ...LEVELS.map(([, text]) => numeric(`step for ${text}`)), numeric(`rate per step${many ? `, seed\u00a0${seeds[index]}` : ""}`), numeric("R²"), numeric(`${percent(state.run.summary.tau)} expected at step`), numeric(`final error${many ? `, seed\u00a0${seeds[index]}` : ""}`)],
        shown.map((b) => [
            { text: String(b.label ?? b.axis), "data-axis": b.axis }, { value: b.target, text: number(b.target) }, ...LEVELS.map(([key]) => captureCell(b.capture?.[key], index)),
            ...rateCells(b.rate?.[index]), forecastCell(b.forecast?.[index], isNumber(b.capture?.[state.run.summary.tau]?.step?.[index])), { value: b.error_final?.[index] ?? null, text: percent(b.error_final?.[index]) },
        ]), { id: "captures" });
}

/** Filter: the two parts of every width are compared with each other, frame by frame. */
function sharesTable(seeds, order) {
    return table("Order: is the low part's error the smaller one?", ["", "verdict", { text: "smaller in", class: "num" }],
        order.map((o, i) => [`seed ${seeds[i] ?? i + 1}`, o.verdict ?? "–", { value: o.low_share, text: `${percent(o.low_share)} of the comparisons` }]), { id: "order" });
}

function orderTable(state, summary) {
    if ((summary.order ?? []).some((o) => isNumber(o?.low_share))) return sharesTable(state.run.summary.seeds ?? [], summary.order);
    const seeds = state.run.summary.seeds ?? [], cells = (o) => [
        o?.verdict ?? "–", { value: o?.kendall ?? null, text: number(o?.kendall) }, { value: o?.gap ?? null, text: isNumber(o?.gap) ? `${number(o.gap)} ×` : "–" },
    ];
    const rows = (summary.order ?? []).map((o, i) => [`seed ${seeds[i] ?? i + 1}`, ...cells(o), { value: o?.p_low ?? null, text: number(o?.p_low) }, o?.monotone ? "yes" : "no"]);
    if (rows.length > 1) rows.push([{ text: "median times", class: "strong" }, ...cells(summary.order_median), "–", "–"]);
    const numeric = (text) => ({ text, class: "num" });
    return table("Order: do capture times rise with frequency?", ["", "verdict", numeric("Kendall's τ"), numeric("gap (last / first)"), numeric("chance without order"), "never falls"], rows, { id: "order" });
}

function finalTable(state) {
    const { seeds = [], final = {}, frames = [] } = state.run.summary, numeric = (text) => ({ text, class: "num" }), accuracy = (final.accuracy ?? []).some(isNumber), psnr = (final.psnr ?? []).some(isNumber);
    return table("How each seed ended", ["seed", numeric("steps"), numeric("loss"), accuracy ? numeric("accuracy") : null, psnr ? numeric("PSNR") : null, numeric("training time"), numeric("frames"), "stopped by"].filter(Boolean),
        seeds.map((s, i) => [
            String(s), { value: final.step?.[i] ?? null, text: whole(final.step?.[i]) }, { value: final.loss?.[i] ?? null, text: number(final.loss?.[i]) },
            accuracy ? { value: final.accuracy?.[i] ?? null, text: percent(final.accuracy?.[i]) } : null,
            psnr ? { value: final.psnr?.[i] ?? null, text: isNumber(final.psnr?.[i]) ? `${final.psnr[i].toFixed(2)}\u00a0dB` : "–" } : null, { value: final.seconds?.[i] ?? null, text: seconds(final.seconds?.[i]) },
            { value: frames[i] ?? null, text: whole(frames[i]) }, String(final.stopped?.[i] ?? "–"),
        ].filter((c) => c !== null)), { id: "final" });
}

/** Predicted against measured steps, band by band. */
function theoryTable(state, probe) {
    const { run } = state, about = run.theory.about, told = theoryOf(run, probe.name), numeric = (text) => ({ text, class: "num" });
    const measured = isNumber(about.measured?.difference), tau = about.tau ?? 0.1, step = (s) => ({ value: isNumber(s) ? s : null, text: isNumber(s) ? whole(s) : "not reached" });
    const later = (a, b) => (isNumber(a) && isNumber(b) ? { value: b - a, text: `${b >= a ? "+" : "−"}${whole(Math.abs(b - a))}` } : { value: null, text: "–" });
    const unit = told.axis_unit ? ` [${told.axis_unit}]` : "", kernel = about.kernel === "empirical" ? "the network’s own kernel at its start" : "the infinitely wide kernel";
    return table(`Step at which the error falls below ${percent(tau)}, predicted by ${kernel}${measured ? ` (seed ${about.seed})` : ""}`,
        [`${told.axis_name ?? "band"}${unit}`, numeric("predicted step"), ...(measured ? [numeric("measured step"), numeric("later by"), numeric("largest gap of the error curves")] : [])],
        (told.bins ?? []).map((b) => {
            const at = b.capture?.[String(tau)];
            return [{ text: String(b.label ?? b.axis), "data-axis": b.axis }, step(at), ...(measured ? [step(b.measured), later(at, b.measured), { value: b.difference ?? null, text: isNumber(b.difference) ? `${percent(b.difference)} at step ${whole(b.difference_step)}` : "–" }] : [])];
        }), { id: "theory" });
}

const badge = (verdict) => h("span", { class: `badge ${{ holds: "good", fails: "bad" }[verdict] ?? "open"}` }, verdict ?? "–");

export function claimsTable(claims) {
    return table(`Claims${claims.recipe ? ` of ${claims.recipe}` : ""}${claims.preset && claims.preset !== "full" ? ` (${claims.preset} preset: shortened runs)` : ""}`,
        ["verdict", "claim", "measured", "accepted", "control"], (claims.claims ?? []).map((c) => [
            { text: badge(c.verdict) },
            h("span", {}, String(c.statement ?? c.id ?? ""), h("small", {}, [c.id, c.source].filter(Boolean).join(" · ")), c.reason ? h("small", { class: "reason" }, c.reason) : null),
            String(c.measured || "–"), String(c.accepted || "–"), h("span", {}, String(c.control || "–"), c.control_measured ? h("small", {}, c.control_measured) : null),
        ]), { id: "claims", class: "claims" });
}

/** Every table that has something to say. */
export function tablesSection(state, probe) {
    const { run } = state, parts = [];
    if (theoryOf(run, probe.name)) parts.push(theoryTable(state, probe));
    if (probe.summary) parts.push(captureTable(state, probe), orderTable(state, probe.summary));
    if (probe.summary?.masked?.length) {
        const masked = probe.summary.masked, shown = masked.slice(0, 12).join(", ");
        parts.push(h("p", { class: "note" }, `Masked, because the target holds too little energy there: ${shown}${masked.length > 12 ? ` and ${masked.length - 12} more` : ""}.`));
    }
    if (run.summary && !run.predicted) parts.push(finalTable(state));
    if (run.claims) parts.push(claimsTable(run.claims));
    byId("tables").replaceChildren(...(parts.length ? [h("div", { class: "head" }, h("h2", {}, "Numbers")), ...parts] : []));
}
