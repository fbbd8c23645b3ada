// bins.js - what a probe measured: bins over an axis, split into what can be drawn as one picture.
import { isNumber, number } from "./data.js";
import { plain } from "./look.js";

const PARTS = /^(low|high)\b/;

/** Length of the rising run that the axis begins with (whole bands may follow single frequencies). */
function rising(axis) {
    let n = Math.min(1, axis.length);
    while (n < axis.length && axis[n] > axis[n - 1]) n++;
    return n;
}

/**
 * One probe of one seed with what the summary says of it.
 * kind "axis": `rows` are bins over a rising axis; "labels": bins that share axis values (several directions), of which
 * the selected ones are shown; "parts": low and high part for every filter width.
 */
export function probeOf(run, seedIndex, name) {
    const seed = run.seeds[seedIndex];
    const stored = seed?.probes.find((p) => p.name === name);
    const summary = run.summary?.probes?.find((p) => p.name === name) ?? null;
    if (!stored) return { name, summary, kind: "none", selected: [], seedIndex };
    const told = summary ?? theoryOf(run, name);
    const axis = stored.axis.values, count = axis.length;
    const label = Array.from(axis, (_, b) => String(stored.label?.[b] ?? Number(axis[b].toPrecision(4))));
    const all = Array.from(axis.keys()), selected = all.filter((b) => stored.selected[b]);
    const probe = {
        name, summary, stored, axis, label, selected, seedIndex,
        valid: stored.valid, axisName: told?.axis_name ?? "axis", axisUnit: told?.axis_unit ?? "",
        theory: run.predicted ? null : run.theory?.seed?.probes?.find((p) => p.name === name) ?? null,
        wavenumber: isNumber(summary?.wavenumber) && summary.wavenumber > 0 ? summary.wavenumber : null,
    };
    const prefix = rising(axis);
    if (count && label.every((l) => PARTS.test(l))) {
        const part = (word) => all.filter((b) => label[b].startsWith(word)).sort((a, b) => axis[a] - axis[b]);
        return { ...probe, kind: "parts", low: part("low"), high: part("high"), rows: all };
    }
    if (prefix === count || (prefix > 2 && prefix >= count / 2)) return { ...probe, kind: "axis", rows: all.slice(0, prefix) };
    return { ...probe, kind: "labels", rows: (selected.length ? selected : all).slice().sort((a, b) => axis[a] - axis[b] || a - b) };
}

/** What theory.json says of a probe; null without a prediction. */
export const theoryOf = (run, name) => run.theory?.about?.probes?.find((p) => p.name === name) ?? null;

/** "wavenumber 2πk/L = 0.985 k", in the units of x; "2πk" where the domain has length 1; "" when it does not apply. */
export function waveText(wavenumber) {
    if (!isNumber(wavenumber) || !(wavenumber > 0)) return "";
    return `wavenumber 2πk${Math.abs(wavenumber - 2 * Math.PI) < 1e-9 ? "" : "/L"} = ${number(wavenumber)} k`;
}

/** What a frequency axis says: cycles, then the wavenumber on the same line or, for upright axes, on the next. */
export function axisTitle(probe, between = ", ") {
    const wave = waveText(probe.wavenumber), name = plain(wave ? probe.axisName.replace(/^frequency/, "frequency k") : probe.axisName);
    return name + (probe.axisUnit ? ` [${plain(probe.axisUnit)}]` : "") + (wave ? between + wave : "");
}

/** How the numbers of a probe's spectra are scaled. */
export const amplitudeTitle = (probe) => (probe.kind === "parts" ? "norm" : `amplitude (${/(^|\/)scattered$/.test(probe.name) ? "least squares" : "1/n"}, no window)`);

/** Names of the probes of a run, as the summary orders them, then those it does not know. */
export function probeNames(run) {
    const told = (run.summary?.probes ?? []).map((p) => p.name);
    const stored = (run.seeds[0]?.probes ?? []).map((p) => p.name);
    return [...told.filter((n) => stored.includes(n)), ...stored.filter((n) => !told.includes(n))];
}

/** Edges between neighbouring values, the ends as wide as their neighbours; in the logarithm when asked. */
export function edges(values, log = false) {
    const v = log ? values.map(Math.log) : values, n = v.length;
    if (n === 0) return [];
    const half = n > 1 ? [(v[1] - v[0]) / 2, (v[n - 1] - v[n - 2]) / 2] : log ? [0.2, 0.2] : [0.5, 0.5];
    const out = [v[0] - half[0]];
    for (let i = 1; i < n; i++) out.push((v[i] + v[i - 1]) / 2);
    out.push(v[n - 1] + half[1]);
    return log ? out.map(Math.exp) : out;
}
