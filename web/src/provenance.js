// provenance.js - what was run, on what, for how long; how to run it again and how to cite it.
import { h, panel, table } from "./dom.js";
import { number, seconds, whole } from "./data.js";

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

/** What the run stands on, each with what it is cited for; BibTeX of all of it to copy. */
function howToCite(references) {
    if (!references?.length) return [];
    const one = (r) => h("li", {}, r.text, " ", h("span", { class: "note" }, `(${r.why.join(", ")})`));
    return [
        h("h3", { id: "cite" }, "How to cite"),
        h("ul", { class: "cite" }, references.map(one)),
        h("details", {}, h("summary", {}, "BibTeX"), h("pre", { id: "bibtex" }, references.map((r) => r.bibtex).join("\n"))),
    ];
}

/** Configuration, machine, versions, citation. */
export function provenanceSection(state) {
    const { run } = state, m = run.manifest ?? {}, machine = m.machine ?? {}, data = m.data ?? {};
    const size = [["point", data.n], ["input", data.d], ["output", data.m]].filter(([, v]) => v !== undefined).map(([k, v]) => `${whole(v)} ${v === 1 ? k : `${k}s`}`).join(", ");
    const config = flatten(m.config);
    panel("provenance", "How this was made", [],
        facts("Run", [
            ["title", m.title], ["directory", run.dir], ["status", m.status], ["created", m.created], ["seeds", (m.seeds ?? []).join(", ")], ["data", data.origin], ["size", size],
            ["grid", data.grid?.length ? data.grid.join(" × ") : ""], ["fqp", m.fqp], ["build", m.build], ["processor", machine.cpu],
            ["cores, threads", machine.cores !== undefined ? `${number(machine.cores)}, ${number(machine.threads)}` : ""], ["kernels", machine.kernel], ["system", machine.os],
        ]),
        phases(m.phases),
        h("h3", {}, "Run it again"),
        h("pre", {}, `fqp run ${quote(`${run.dir}/config.yaml`)} --out again`), m.command ? h("p", { class: "note" }, "It was made by: ", h("code", {}, String(m.command))) : null,
        ...howToCite(run.cite),
        config.length ? h("details", {}, h("summary", {}, `Configuration (${config.length} keys)`), facts("Resolved configuration", config, { id: "config" })) : null,
        run.config ? h("details", {}, h("summary", {}, "config.yaml"), h("pre", {}, run.config)) : null);
}

/** Shell word. */
const quote = (s) => (/^[\w./-]+$/.test(s) ? s : `'${s.replace(/'/g, "'\\''")}'`);
