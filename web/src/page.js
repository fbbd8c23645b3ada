// page.js - puts the sections together: which run, seed, probe and frame is shown; slider, keyboard, theme.
import { load, isNumber, whole } from "./data.js";
import { byId, choice, h } from "./dom.js";
import { probeNames, probeOf } from "./bins.js";
import { heatSection } from "./heat.js";
import { solutionSection } from "./solution.js";
import { fieldsSection, frameText } from "./fields.js";
import { diagnosisSection, verdictLine } from "./diagnosis.js";
import { curvesSection } from "./curves.js";
import { picturesSection } from "./pictures.js";
import { claimsTable, tablesSection } from "./tables.js";
import { compareSections } from "./compare.js";
import { provenanceSection } from "./provenance.js";
import { holdZooms } from "./look.js";
import { startLive } from "./live.js";

let data = load(byId("fqp-data").textContent);
const state = { runIndex: 0, compareIndex: 0, seedIndex: 0, frame: 0, probe: null, logX: true, clock: "step", output: 0, delta: null, logA: false, allRows: false };
/** Probes of held-out points are named "held/dft". */
function probeTitle(name) {
    const held = name.startsWith("held/"), kind = held ? name.slice(5) : name;
    return (TITLES[kind] ?? kind) + (held ? ", held-out points" : "");
}
const player = { timer: null };
let sections = [], slider = null;

const TITLES = { dft: "Fourier (grid)", radial: "Shells of |k|", projection: "Along a direction", filter: "Gaussian filter", scattered: "Fourier (scattered points)", sine: "Sine modes" };

/* ---- slider and play ------------------------------------------------------------------------------------------- */

function makeSlider(frames) {
    const range = h("input", { type: "range", id: "frame", min: 0, max: Math.max(0, frames - 1), step: 1, value: state.frame, "aria-label": "Training step", oninput: () => show(Number(range.value)) });
    const text = h("output", { id: "frame-text", for: "frame" });
    const play = h("button", { type: "button", id: "play", class: "play", "aria-label": "Play", onclick: () => (player.timer ? stop() : start()) }, "▶");
    return { range, text, play, box: h("div", { class: "slider" }, play, range, text) };
}

function tell() {
    if (!slider || !state.seed?.show?.step) return;
    const text = frameText(state.seed, state.frame);
    slider.range.value = state.frame;
    slider.range.setAttribute("aria-valuetext", text);
    slider.text.textContent = text;
}

/** Show another frame: only what depends on it is drawn again. */
function show(frame) {
    const last = Number(slider.range.max);
    state.frame = Math.min(last, Math.max(0, frame));
    tell();
    for (const s of sections) s.mark();
}

function start() {
    const last = Number(slider.range.max);
    if (state.frame >= last) show(0);
    slider.play.textContent = "❚❚";
    slider.play.setAttribute("aria-label", "Pause");
    player.timer = setInterval(() => (state.frame < Number(slider.range.max) ? show(state.frame + 1) : stop()), 60);
}

function stop() {
    clearInterval(player.timer);
    player.timer = null;
    if (!slider) return;
    slider.play.textContent = "▶";
    slider.play.setAttribute("aria-label", "Play");
}

/** Space plays, arrows step, wherever no control of its own wants the key. */
function onKey(e) {
    if (e.altKey || e.ctrlKey || e.metaKey || !slider) return;
    const own = e.target.closest?.("button, select, input, textarea, summary, a, .scroll");
    if (e.key === " " && (!own || own === slider.range)) {
        e.preventDefault();
        if (player.timer) stop();
        else start();
    } else if (!own && (e.key === "ArrowRight" || e.key === "ArrowLeft")) {
        e.preventDefault();
        show(state.frame + (e.key === "ArrowRight" ? 1 : -1));
    } else if (!own && e.key === "Home" && e.shiftKey) show(0);
}

/* ---- drawing --------------------------------------------------------------------------------------------------- */

/** Apply a change and draw again; a mere frame moves the slider. */
function redraw(change = {}, frameOnly = false) {
    if (frameOnly) return show(change.frame);
    const hold = document.activeElement?.closest?.("section")?.id, name = document.activeElement?.value;
    Object.assign(state, change);
    render();
    // a control that was used is a new element now: keep the keyboard where it was
    if (hold) [...byId(hold).querySelectorAll(".controls input, .controls select")].find((e) => e.checked && e.value === name)?.focus();
}

function select(change) {
    stop();
    Object.assign(state, change);
    const run = data.runs[state.runIndex];
    state.frame = !run ? 0 : data.live ? Infinity : tellingFrame(run, run.seeds[state.seedIndex]);
    render();
}

/** Where to begin: half-way (in ratio) between the first and the last capture, when low is there and high is not. */
function tellingFrame(run, seed) {
    const steps = seed?.show?.step?.values ?? [], bins = run.summary?.probes?.find((p) => p.name === probeNames(run)[0])?.bins ?? [];
    const t = bins.map((b) => b.capture?.["0.1"]?.step?.[state.seedIndex]).filter((s) => isNumber(s) && s > 0);
    if (!t.length) return Math.max(0, steps.length - 1);
    const goal = Math.sqrt(Math.min(...t) * Math.max(...t));
    return steps.reduce((best, s, f) => (Math.abs(s - goal) < Math.abs(steps[best] - goal) ? f : best), 0);
}

/** How the claims of a verified run came out, with the way to their table. */
function claimsLine(claims) {
    const verdicts = (claims?.claims ?? []).map((c) => c.verdict), count = (word) => verdicts.filter((v) => v === word).length;
    if (!verdicts.length) return [];
    return [h("p", { class: "notice quiet", id: "claims-line" }, h("a", { href: "#claims" }, `Claims: ${count("holds")} hold, ${count("fails")} fail, ${count("not run")} not run`))];
}

/** What the theory says: its verdict over a run, its sentence alone before one; then what is to be known of it. */
function theoryLines(run) {
    const about = run.theory?.about;
    if (!about) return [];
    const lines = [run.predicted ? null : about.measured?.sentence ?? about.sentence, about.stability?.sentence, ...(about.notes ?? [])];
    return [h("p", { class: "notice quiet", id: "theory-line" }, `Theory: ${lines.filter(Boolean).map(String).join(" · ")}`)];
}

function renderFoot() {
    byId("footer").textContent = data.live
        ? `Made by fqp ${data.fqp}. This page follows a training that goes on, and asks nobody but fqp watch. In the end report.html in the run directory holds the same.`
        : `Made by fqp ${data.fqp}. This page is complete in itself and loads nothing from the network.`;
}

function renderHead(run) {
    const m = run.manifest ?? {}, title = m.title || run.dir;
    document.title = `${title} · fqp ${data.live ? "live" : "report"}`;
    byId("title").textContent = title;
    byId("where").textContent = [m.data?.origin, run.predicted ? "not trained" : run.seeds.length ? `${whole(run.seeds.length)} ${run.seeds.length > 1 ? "seeds" : "seed"}` : null, m.created?.slice?.(0, 10)].filter(Boolean).join(" · ");
    byId("verdict").textContent = (run.predicted && run.theory.about.sentence) || run.summary?.sentence || "This run has no summary yet: nothing can be said about its order.";
    const notices = [];
    if (run.predicted) notices.push("Predicted, not trained: everything on this page is what the theory says.");
    else if (m.status && m.status !== "done" && !(data.live && m.status === "running")) notices.push(`This run is not complete (${m.status}${m.message ? `: ${m.message}` : ""}). What was recorded so far is shown.`);
    if (data.left_out) notices.push(`${whole(data.left_out)} more runs are not on this page; each has one of its own: fqp report DIR/NAME.`);
    const warnings = run.summary?.warnings ?? [];
    byId("notices").replaceChildren(...notices.map((n) => h("p", { class: "notice" }, n)),
        ...verdictLine(state), ...claimsLine(run.claims), ...theoryLines(run), ...(warnings.length ? [h("ul", { class: "notice quiet" }, warnings.map((n) => h("li", {}, String(n))))] : []));
    renderFoot();
}

function renderSwitches(run) {
    const title = (r) => r.manifest?.title || r.dir, last = (r) => r.dir.replace(/\/+$/, "").split("/").pop();
    const label = (r) => (data.runs.some((o) => o !== r && title(o) === title(r)) ? `${last(r)}: ${title(r)}` : title(r));
    byId("switches").replaceChildren(...[
        data.runs.length > 1 ? choice("run", data.runs.map((r, i) => [i, label(r)]), state.runIndex, (v) => select({ runIndex: Number(v), seedIndex: 0, probe: null, output: 0, delta: null, allRows: false }), { id: "run" }) : null,
        run.seeds.length > 1 ? choice("seed", run.seeds.map((s, i) => [i, String(s.seed)]), state.seedIndex, (v) => select({ seedIndex: Number(v) }), { id: "seed" }) : null,
        h("button", { type: "button", id: "theme", class: "theme", "aria-label": "Light or dark", onclick: toggleTheme }, "◐"),
    ].filter(Boolean));
}

function renderTabs(names) {
    const tab = (n) => h("button", {
        type: "button", role: "tab", id: `tab-${n}`, "aria-selected": String(n === state.probe), tabindex: n === state.probe ? 0 : -1,
        onclick: () => { redraw({ probe: n }); byId(`tab-${n}`)?.focus(); },
        onkeydown: (e) => {
            const move = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
            if (!move) return;
            const next = names[(names.indexOf(n) + move + names.length) % names.length];
            redraw({ probe: next });
            byId(`tab-${next}`)?.focus();
        },
    }, probeTitle(n));
    byId("tabs").replaceChildren(...(names.length > 1 ? [h("div", { role: "tablist", "aria-label": "Probe", class: "tabs" }, names.map(tab))] : []));
}

/** Many widths make a crowd: begin with the middle one of those that can be judged. */
function middleWidth(probe) {
    const usable = probe.low.map((b, i) => [b, i]).filter(([b, i]) => probe.valid[b] && probe.valid[probe.high[i]]).map(([, i]) => i);
    return usable.length > 3 ? usable[usable.length >> 1] : "all";
}

/** Claims of theory alone: figures and verdicts, without a run. */
function renderTheory() {
    const claims = data.claims ?? {}, title = claims.title || claims.recipe || "Claims";
    document.title = `${title} · fqp report`;
    byId("title").textContent = title;
    byId("where").textContent = claims.date?.slice?.(0, 10) ?? "";
    const list = claims.claims ?? [], of = (verdict) => list.filter((c) => c.verdict === verdict).map((c) => c.id), failed = of("fails");
    byId("verdict").textContent = `${of("holds").length} of ${list.length} claims hold.${failed.length ? ` Failed: ${failed.join(", ")}.` : ""}`;
    byId("notices").replaceChildren(...claimsLine(claims));
    byId("switches").replaceChildren(h("button", { type: "button", id: "theme", class: "theme", "aria-label": "Light or dark", onclick: toggleTheme }, "◐"));
    byId("tables").replaceChildren(claimsTable(claims));
    renderFoot();
    picturesSection(data).draw();
}

/** Remedies against each other: one comparison, or a gallery of them. */
function renderCompare() {
    byId("switches").replaceChildren(h("button", { type: "button", id: "theme", class: "theme", "aria-label": "Light or dark", onclick: toggleTheme }, "◐"));
    renderFoot();
    compareSections(data.compare, state, redraw);
}

/** A live page before anything is there to be shown. */
function renderWaiting() {
    document.title = "fqp live";
    byId("title").textContent = data.live.source ?? "";
    byId("verdict").textContent = "Nothing has been recorded yet.";
    byId("switches").replaceChildren(h("button", { type: "button", id: "theme", class: "theme", "aria-label": "Light or dark", onclick: toggleTheme }, "◐"));
    renderFoot();
}

function render() {
    const run = data.runs[state.runIndex];
    if (!run && data.live) return renderWaiting();
    if (!run && data.compare) return renderCompare();
    if (!run) return renderTheory();
    const names = probeNames(run);
    state.run = run;
    state.seed = run.seeds[state.seedIndex] ?? null;
    state.narrow = document.documentElement.clientWidth < 640;
    if (!names.includes(state.probe)) state.probe = names[0] ?? null;
    const frames = state.seed?.show?.step?.values.length ?? 0;
    state.frame = Math.min(state.frame, Math.max(0, frames - 1));
    const probe = probeOf(run, state.seedIndex, state.probe);
    if (probe.kind === "parts" && state.delta === null) state.delta = middleWidth(probe);
    renderHead(run);
    renderSwitches(run);
    renderTabs(names);
    slider = makeSlider(frames);
    sections = [picturesSection(data), solutionSection(state, slider.box, redraw), heatSection(state, probe, redraw), diagnosisSection(state, probe), fieldsSection(state, probe, run.solution ? null : slider.box, redraw), curvesSection(state, probe, redraw)];
    tablesSection(state, probe);
    provenanceSection(state);
    for (const s of sections) s.draw();
    tell();
}

/* ---- live ------------------------------------------------------------------------------------------------------ */

let pressed = false;
document.addEventListener("pointerdown", () => { pressed = true; });
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { pressed = false; });

/** Somebody drags, plays or chooses: what is under the hand must not be replaced. */
const busy = () => pressed || player.timer !== null || document.activeElement?.tagName === "SELECT";

/** The frame of the new data nearest to what was shown; the last one stays the last. */
function sameFrame(steps, frame, next) {
    if (!steps || !next || frame >= steps.length - 1) return Infinity;
    return next.reduce((best, s, f) => (Math.abs(s - steps[frame]) < Math.abs(next[best] - steps[frame]) ? f : best), 0);
}

/** Newer data, the same view: run, seed, probe, frame, zoom, place on the page and open details stay. */
function update(next) {
    const run = data.runs[state.runIndex], seed = run?.seeds[state.seedIndex], steps = seed?.show?.step?.values;
    data = next;
    if (state.runIndex > 0) state.runIndex = Math.max(0, next.runs.findIndex((r) => r.dir === run?.dir)); // 0: the present one
    const now = next.runs[state.runIndex];
    state.seedIndex = Math.max(0, now?.seeds.findIndex((s) => s.seed === seed?.seed) ?? 0);
    state.frame = now?.dir === run?.dir ? sameFrame(steps, state.frame, now?.seeds[state.seedIndex]?.show?.step?.values) : Infinity;
    const place = scrollY, focus = document.activeElement?.id, open = Array.from(document.querySelectorAll("details"), (d) => d.open);
    holdZooms(() => redraw());
    document.querySelectorAll("details").forEach((d, i) => { d.open = open[i] ?? false; });
    if (focus && document.activeElement?.id !== focus) byId(focus)?.focus({ preventScroll: true });
    scrollTo(scrollX, place);
}

/* ---- theme ----------------------------------------------------------------------------------------------------- */

const preferred = matchMedia("(prefers-color-scheme: dark)");

function toggleTheme() {
    const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : preferred.matches;
    root.dataset.theme = dark ? "light" : "dark";
    render();
    byId("theme").focus();
}

preferred.addEventListener("change", render);
document.addEventListener("keydown", onKey);
matchMedia("(max-width: 640px)").addEventListener("change", render);
matchMedia("print").addEventListener("change", render); // figures are drawn again in the colours of paper
select({});
if (data.live) startLive(data, { update, busy });
