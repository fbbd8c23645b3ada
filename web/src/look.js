// look.js - how every figure looks: colours of the theme, axes, ticks, and saving as a file.
import { h } from "./dom.js";
import { isNumber, whole } from "./data.js";

const VIRIDIS = ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
export const SCALE = VIRIDIS.map((c, i) => [i / (VIRIDIS.length - 1), c]);
/** Blue, white, red: for what has a sign. */
export const SIGNED = [[0, "#2166ac"], [0.25, "#92c5de"], [0.5, "#f7f7f7"], [0.75, "#f4a582"], [1, "#b2182b"]];

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Colours of the theme at this moment. */
export const theme = () => ({
    paper: css("--paper"), ink: css("--ink"), soft: css("--soft"), faint: css("--faint"), line: css("--line"),
    target: css("--target"), network: css("--network"), font: css("--font"),
    dark: css("--dark") === "1",
});

const brief = (s) => (s.length > 60 ? `${s.slice(0, 59)}…` : s);

/** Text for Plotly, which reads a few tags and entities: nothing of a user is one. */
export const plain = (s) => brief(String(s ?? "")).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** Colour i of n along viridis, without the end that is too close to the paper. */
export function shade(i, n) {
    const dark = theme().dark, from = dark ? 0.28 : 0, to = dark ? 1 : 0.86;
    const at = (from + (n > 1 ? i / (n - 1) : 0.35) * (to - from)) * (VIRIDIS.length - 1);
    const low = Math.floor(at), high = Math.min(low + 1, VIRIDIS.length - 1);
    const part = (hex, k) => parseInt(hex.slice(1 + 2 * k, 3 + 2 * k), 16);
    const mix = (k) => Math.round(part(VIRIDIS[low], k) + (at - low) * (part(VIRIDIS[high], k) - part(VIRIDIS[low], k)));
    return `rgb(${mix(0)}, ${mix(1)}, ${mix(2)})`;
}

export const faded = (rgb, alpha) => rgb.replace("rgb(", "rgba(").replace(")", `, ${alpha})`);

export function axis(title, extra = {}) {
    const t = theme();
    return {
        title: { text: title, font: { size: 13 }, standoff: 8 }, automargin: true, zeroline: false, showline: true,
        linecolor: t.line, gridcolor: t.faint, ticks: "outside", ticklen: 4, tickcolor: t.line,
        tickfont: { size: 12 }, exponentformat: "power", fixedrange: matchMedia("(pointer: coarse)").matches, ...extra,
    };
}

const power = (p) => `10<sup>${String(p).replace("-", "−")}</sup>`;

/** Ticks of a logarithmic axis over range [low, high] in powers of ten: 2 and 5 too where there are few decades. */
function logTicks([low, high], text) {
    const digits = high - low < 0.8 ? [1, 2, 3, 5] : high - low < 1.7 ? [1, 2, 5] : [1], vals = [], texts = [], minor = [];
    for (let p = Math.floor(low); p <= Math.ceil(high); p++)
        for (let m = 1; m < 10; m++) {
            if (!digits.includes(m)) minor.push(m * 10 ** p);
            else {
                vals.push(m * 10 ** p);
                texts.push(text(m, p));
            }
        }
    return { tickvals: vals, ticktext: texts, minor: high - low < 4 ? { tickvals: minor, ticks: "outside", ticklen: 2, tickcolor: theme().line } : {} };
}

/** Logarithmic axis over `range`, small powers written out. */
export function logAxis(title, range, extra = {}) {
    const text = (m, p) => (p >= -3 && p <= 4 ? Number(`${m}e${p}`).toLocaleString("en-US") : m === 1 ? power(p) : "");
    return axis(title, { type: "log", range, ...logTicks(range, text), ...extra });
}

/** The same for a relative error, in per cent. */
export function errorAxis(title, range, extra = {}) {
    const text = (m, p) => (p >= -4 && p <= 2 ? `${Number(`${m}e${p + 2}`).toLocaleString("en-US", { maximumSignificantDigits: 1 })} %` : m === 1 ? `${power(p + 2)} %` : "");
    return axis(title, { type: "log", range, ...logTicks(range, text), ...extra });
}

/** Where a step or time is drawn: on a logarithmic axis 0 has a place of its own, half a first step to the left. */
export function timeline(values, log) {
    const first = Array.from(values).find((v) => v > 0);
    if (!log || !isNumber(first)) return { place: (v) => v, ticks: {} };
    const zero = first / 2, has0 = values[0] <= 0, last = values[values.length - 1];
    const vals = has0 ? [zero] : [], text = has0 ? ["0"] : [], minor = [];
    const decades = Math.log10(last / first), labels = decades < 1.2 ? [1, 2, 3, 5] : decades < 2.2 ? [1, 2, 5] : [1];
    for (let p = Math.floor(Math.log10(first)); 10 ** p <= last; p++)
        for (let m = 1; m < 10; m++) {
            const v = m * 10 ** p;
            if (v < first * 0.999 || v > last * 1.001) continue;
            if (labels.includes(m)) {
                vals.push(v);
                text.push(v < 0.01 || v >= 1e6 ? `10<sup>${p}</sup>` : v < 1 ? String(Number(v.toPrecision(1))) : whole(v));
            } else minor.push(v);
        }
    return {
        place: (v) => (v > 0 ? v : zero),
        ticks: { type: "log", tickvals: vals, ticktext: text, minor: { tickvals: minor, ticks: "outside", ticklen: 2, tickcolor: theme().line } },
    };
}

export function layout(extra = {}) {
    const t = theme();
    return {
        font: { family: t.font, size: 13, color: t.ink }, paper_bgcolor: t.paper, plot_bgcolor: t.paper,
        margin: { l: 56, r: 12, t: 12, b: 44 }, hovermode: "closest", showlegend: false,
        hoverlabel: { font: { family: t.font, size: 13, color: t.ink }, bgcolor: t.paper, bordercolor: t.line },
        legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 12 }, bgcolor: "rgba(0,0,0,0)" },
        dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom", ...extra,
    };
}

/** Line at the training step that the slider shows. */
export const now = (x, yref = "paper") => ({
    type: "line", x0: x, x1: x, y0: 0, y1: 1, yref, line: { color: theme().network, width: 1.5, dash: "dot" },
});

/* What a reader zoomed into, by figure: kept while a live page is drawn again, dropped with any other drawing. */
const zooms = new Map();
let holding = false;

/** Draw with the zooms that are there. */
export function holdZooms(draw) {
    holding = true;
    draw();
    holding = false;
}

/** Ranges of axes that an event of Plotly names. */
const ranges = (e) => Object.fromEntries(Object.entries(e ?? {}).filter(([key]) => /^[xy]axis\d*\.range/.test(key)));

function listenToZooms(name, plot) {
    let reset = false;
    plot.on?.("plotly_doubleclick", () => {
        reset = true;
        setTimeout(() => { reset = false; }, 400);
    });
    plot.on?.("plotly_relayout", (e) => {
        if (reset || Object.keys(e ?? {}).some((key) => key.endsWith(".autorange"))) zooms.delete(name);
        else if (Object.keys(ranges(e)).length) zooms.set(name, { ...zooms.get(name), ...ranges(e) });
    });
}

/** A figure that draws itself: text says what it shows to those who cannot see it, name is the file it is saved as. */
export function figure(name, text, height) {
    const plot = h("div", { class: "plot", id: `plot-${name}`, role: "img", "aria-label": text, style: `height:${height}px` });
    const save = (format) => h("button", {
        type: "button", class: "save", "aria-label": `Save “${text}” as ${format.toUpperCase()}`,
        onclick: () => Plotly.downloadImage(plot, { format, filename: `fqp-${name}`, width: plot.clientWidth, height: plot.clientHeight, scale: format === "png" ? 2 : 1 }),
    }, format.toUpperCase());
    const box = h("figure", {}, plot, h("div", { class: "files" }, save("png"), save("svg")));
    return {
        plot, box,
        draw(traces, lay) {
            const fresh = !plot.on, zoom = holding ? zooms.get(name) : null;
            if (!holding) zooms.delete(name);
            Plotly.react(plot, traces, layout(lay), { displayModeBar: false, responsive: true, doubleClick: "reset" });
            if (fresh) listenToZooms(name, plot);
            if (zoom) Plotly.relayout(plot, zoom);
        },
    };
}
