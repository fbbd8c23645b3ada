// build.mjs OUT - make the page without its data: template, style, Plotly and the modules of src/ in one file.
//
// The content policy of the page names the hash of each of its scripts, so that nothing else ever runs in it and
// nothing is ever fetched.  Packages are installed by the lock file when they are missing or of another version.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const read = (...path) => readFileSync(join(here, ...path), "utf8");
const PLOTLY = "plotly.js-cartesian-dist-min";
const MODULES = ["data", "dom", "look", "bins", "heat", "fields", "convergence", "solution", "curves", "diagnosis", "pictures", "tables", "provenance", "compare", "live", "page"];

function installed() {
    const wanted = JSON.parse(read("package-lock.json")).packages[`node_modules/${PLOTLY}`].version;
    try {
        return JSON.parse(read("node_modules", PLOTLY, "package.json")).version === wanted;
    } catch {
        return false;
    }
}

/** One script of several modules: imports and the word export go, the order of MODULES is the order of use. */
function bundle() {
    const parts = MODULES.map((name) =>
        read("src", `${name}.js`)
            .replace(/^import [^;]*;\n/gm, "")
            .replace(/^export /gm, ""));
    return `"use strict";(() => {\n${parts.join("\n")}\n})();`;
}

const digest = (script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`;

function main(out) {
    if (!installed())
        execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: here, stdio: "inherit" });
    const scripts = { plotly: read("node_modules", PLOTLY, "plotly-cartesian.min.js"), page: bundle() };
    for (const [name, text] of Object.entries(scripts))
        if (/<\/script|<!--/i.test(text))
            throw new Error(`${name} holds text that would end its script element`);
    const fill = {
        policy: "default-src 'none'; script-src " + Object.values(scripts).map(digest).join(" ") +
            "; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'",
        style: read("page.css"),
        ...scripts,
    };
    // a function as replacement: the text holds $ signs
    const page = read("page.html").replace(/@@(policy|style|plotly|page)@@/g, (_, name) => fill[name]);
    if (page.split("@@fqp-data@@").length !== 2)
        throw new Error("the page needs exactly one place for data");
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, page);
}

main(process.argv[2]);
