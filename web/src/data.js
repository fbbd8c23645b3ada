// data.js - what the run directories say: arrays decoded once, numbers as a person reads them.

const sizes = { f4: Float32Array, f8: Float64Array };

/** {t, s, b} of the page's JSON to {shape, values}; null stays null. */
export function decode(a) {
    if (!a || !a.b) return a ? { shape: a.s, values: new sizes[a.t](0) } : null;
    const raw = atob(a.b), bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return { shape: a.s, values: new sizes[a.t](bytes.buffer) };
}

/** Decode every array below `node`, in place. */
function decodeAll(node) {
    for (const [key, value] of Object.entries(node)) {
        if (!value || typeof value !== "object") continue;
        if (typeof value.b === "string" && value.t in sizes) node[key] = decode(value);
        else decodeAll(value);
    }
}

/** The page's data with `seeds` and `view` of every run decoded; text of users is left as it is. */
export function load(text) {
    const data = JSON.parse(text);
    for (const run of data.runs) {
        decodeAll(run.seeds);
        decodeAll(run.view);
        for (const key of ["axis0", "axis1", "axis2", "reference"]) if (run.solution?.[key]) run.solution[key] = decode(run.solution[key]);
        if (!run.theory) continue;
        decodeAll(run.theory.seed);
        // predicted, not trained yet: the page shows the prediction as it would show a seed
        run.predicted = !run.seeds.some((s) => s.curve?.step);
        if (run.predicted) run.seeds = [run.theory.seed];
    }
    return data;
}

/** Row r of a decoded [R, ...] array. */
export function row(a, r) {
    const each = a.values.length / a.shape[0];
    return a.values.subarray(r * each, (r + 1) * each);
}

export const isNumber = (x) => typeof x === "number" && Number.isFinite(x);

/** Typed array to a list that Plotly draws with gaps where values are not finite. */
export const gaps = (v) => Array.from(v, (x) => (Number.isFinite(x) ? x : null));

const superscript = (n) => String(n).replace(/./g, (c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻");

/** At most three significant digits: 0.0123, 41,200, 1.23 × 10⁻⁵. */
export function number(x) {
    if (!isNumber(x)) return "–";
    if (x === 0) return "0";
    const size = Math.abs(x);
    if (size < 1e-3 || size >= 1e6) {
        const [digits, power] = x.toExponential(2).split("e");
        return `${digits.replace(/\.?0+$/, "").replace("-", "−")} × 10${superscript(Number(power))}`;
    }
    const rounded = Number(x.toPrecision(3));
    return rounded.toLocaleString("en-US", { maximumSignificantDigits: 3 }).replace("-", "−");
}

/** Whole numbers (steps, seeds, points) are exact. */
export const whole = (x) => (isNumber(x) ? Math.round(x).toLocaleString("en-US") : "–");

export const percent = (x) => (isNumber(x) ? `${number(100 * x)} %` : "–");

export function seconds(x) {
    if (!isNumber(x)) return "–";
    if (x < 120) return `${number(x)} s`;
    return x < 7200 ? `${number(x / 60)} min` : `${number(x / 3600)} h`;
}

/** Value at share q of a sorted list, linear in between. */
export function quantile(sorted, q) {
    const at = q * (sorted.length - 1), low = Math.floor(at), high = Math.ceil(at);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/** y at x over rising knots, linear in between; null outside. */
export function interpolate(knots, values, x) {
    const n = knots.length;
    if (!n || x < knots[0] || x > knots[n - 1]) return null;
    let low = 0, high = n - 1;
    while (high - low > 1) {
        const mid = (low + high) >> 1;
        if (knots[mid] <= x) low = mid;
        else high = mid;
    }
    if (high === low || knots[high] === knots[low]) return values[low];
    return values[low] + ((x - knots[low]) / (knots[high] - knots[low])) * (values[high] - values[low]);
}

/** At most n of a list: the first ones one by one, then further and further apart, to the last. */
export function some(list, n) {
    const at = new Set(Array.from({ length: n }, (_, k) => Math.round(list.length ** (k / (n - 1))) - 1));
    return list.filter((_, i) => at.has(i));
}
