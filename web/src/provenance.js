// provenance.js - what was run, on what, for how long; how to run it again and how to cite it.
import { h, panel, table } from "./dom.js";
import { number, seconds, whole } from "./data.js";

const CITE = {
    general: "Z.-Q. J. Xu, Y. Zhang, T. Luo. Overview frequency principle/spectral bias in deep learning. Communications on Applied Mathematics and Computation 7, 827–864 (2025). arXiv:2201.07395",
    dft: "Z.-Q. J. Xu, Y. Zhang, T. Luo, Y. Xiao, Z. Ma. Frequency principle: Fourier analysis sheds light on deep neural networks. Communications in Computational Physics 28, 1746–1767 (2020). arXiv:1901.06523",
};
CITE.projection = CITE.filter = CITE.radial = CITE.scattered = CITE.dft;

/** Nested configuration as [section.key, value] pairs. */
function flatten(node, prefix = "") {
    return Object.entries(node ?? {}).flatMap(([key, value]) => {
        const name = prefix ? `${prefix}.${key}` : key;
        return value && typeof value === "object" && !Array.isArray(value) ? flatten(value, name) : [[name, Array.isArray(value) ? value.join(", ") : String(value ?? "")]];
    });
}

const facts = (caption, rows, attributes) => table(caption, ["", ""], rows.filter(([, v]) => v !== null && v !== undefined && v !== ""), { class: "facts", ...attributes });

function phases(spent) {
    const rows = Object.entries(spent ?? {}).filter(([, s]) => typeof s === "number"), most = Math.max(1e-9, ...rows.map(([, s]) => s));
    if (!rows.length) return null;
    return table("Time by phase", ["phase", { text: "time", class: "num" }, ""], rows.map(([name, s]) => [
        name, { value: s, text: seconds(s) }, h("span", { class: "meter", style: `width:${Math.max(1, (100 * s) / most)}%` }),
    ]), { class: "phases" });
}

/** Configuration, machine, versions, citation. */
export function provenanceSection(state, version) {
    const { run } = state, m = run.manifest ?? {}, machine = m.machine ?? {}, data = m.data ?? {};
    const size = [["point", data.n], ["input", data.d], ["output", data.m]].filter(([, v]) => v !== undefined).map(([k, v]) => `${whole(v)} ${v === 1 ? k : `${k}s`}`).join(", ");
    const config = flatten(m.config), names = (run.seeds[0]?.probes ?? []).map((p) => p.name);
    const cite = [...new Set([CITE.general, ...names.map((n) => CITE[n]).filter(Boolean)])];
    panel("provenance", "How this was made", [],
        facts("Run", [
            ["title", m.title], ["directory", run.dir], ["status", m.status], ["created", m.created], ["seeds", (m.seeds ?? []).join(", ")], ["data", data.origin], ["size", size],
            ["grid", data.grid?.length ? data.grid.join(" × ") : ""], ["fqp", m.fqp], ["build", m.build], ["processor", machine.cpu],
            ["cores, threads", machine.cores !== undefined ? `${number(machine.cores)}, ${number(machine.threads)}` : ""], ["kernels", machine.kernel], ["system", machine.os],
        ]),
        phases(m.phases),
        h("h3", {}, "Run it again"),
        h("pre", {}, `fqp run ${quote(`${run.dir}/config.yaml`)} --dir again`), m.command ? h("p", { class: "note" }, "It was made by: ", h("code", {}, String(m.command))) : null,
        h("h3", {}, "Cite"),
        h("ul", { class: "cite" }, h("li", {}, `fqp ${m.fqp ?? version}: the frequency principle, measured. (CITATION.cff of the source tree.)`), cite.map((c) => h("li", {}, c))),
        config.length ? h("details", {}, h("summary", {}, `Configuration (${config.length} keys)`), facts("Resolved configuration", config, { id: "config" })) : null,
        run.config ? h("details", {}, h("summary", {}, "config.yaml"), h("pre", {}, run.config)) : null);
}

/** Shell word. */
const quote = (s) => (/^[\w./-]+$/.test(s) ? s : `'${s.replace(/'/g, "'\\''")}'`);
