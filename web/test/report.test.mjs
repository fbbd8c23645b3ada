// report.test.mjs - the report page as a person meets it.  FQP_PAGES: a folder of run directories and their pages (see
// tests/door/report.sh).  Numbers in the page are compared with the files of the run directory, read here independently.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, open } from "./browser.mjs";

const PAGES = process.env.FQP_PAGES;
const EVERY = ["sines", "image", "fashion", "hostile", "bare", "verified", "theory", "predicted", "overlaid", "all", "solved_line", "solved_holes"];
const at = (...path) => join(PAGES, ...path);
const json = (...path) => JSON.parse(readFileSync(at(...path), "utf8"));

/** A little-endian .npy file of f4, f8 or i8. */
function npy(...path) {
    const b = readFileSync(at(...path)), size = b.readUInt16LE(8), head = b.toString("latin1", 10, 10 + size);
    const shape = head.match(/'shape': \(([^)]*)\)/)[1].split(",").filter((s) => s.trim()).map(Number);
    const data = new Uint8Array(b.subarray(10 + size)).buffer, type = head.match(/'descr': '<(..)'/)[1];
    return { shape, values: Array.from(new { f4: Float32Array, f8: Float64Array, i8: BigInt64Array }[type](data), Number) };
}

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const trace = (page, plot, name, key = "y") => page.evaluate(([id, n, k]) => Array.from(document.getElementById(`plot-${id}`).data.find((t) => t.name === n)[k]), [plot, name, key]);
const slide = (page, value) => page.evaluate((v) => {
    const s = document.getElementById("frame");
    s.value = v;
    s.dispatchEvent(new Event("input"));
}, value);
const frame = (page) => page.evaluate(() => Number(document.getElementById("frame").value));
const cells = (page, table) => page.evaluate((id) => Array.from(document.querySelectorAll(`#${id} tbody tr`), (r) =>
    Array.from(r.children, (c) => ({ text: c.textContent, value: c.dataset.value, steps: c.dataset.steps, axis: c.dataset.axis }))), table);
const same = (cell, want) => assert.equal(cell.value, String(want ?? null));

for (const name of EVERY)
    for (const [width, scheme] of [[1280, "light"], [375, "dark"]])
        test(`${name}: no complaint, no request, no overflow at ${width} px in ${scheme}`, async () => {
            const page = await open(browser, at(`${name}.html`), { width, scheme });
            assert.deepEqual(page.complaints, []);
            assert.deepEqual(page.requests, [`file://${at(`${name}.html`)}`]);
            assert.ok(await overflow(page) <= 0);
            assert.equal(await page.evaluate(() => window.hacked), undefined);
            await page.close();
        });

test("the verdict comes first and is the summary's sentence", async () => {
    const page = await open(browser, at("sines.html"));
    assert.equal(await page.textContent("#verdict"), json("sines", "summary.json").sentence);
    const [verdict, heat] = await page.evaluate(() => ["verdict", "heat"].map((id) => document.getElementById(id).getBoundingClientRect().top));
    assert.ok(verdict < heat && heat < 600);
    assert.match(await page.title(), /^sin x \+ sin 3x \+ sin 5x · fqp report$/);
    await page.close();
});

test("what is going on: the verdict, evidence, forecasts and stop of the seed shown", async () => {
    const page = await open(browser, at("sines.html")), summary = json("sines", "summary.json"), bins = summary.probes[0].bins;
    for (let seed = 0; seed < 3; seed++) {
        await page.selectOption("#seed", { value: String(seed) });
        const { cause, evidence, next } = summary.verdict[seed], text = await page.textContent("#diagnosis");
        assert.match(await page.textContent("#cause-line"), new RegExp(`^${cause} seed ${seed + 1} orders`));
        assert.equal(await page.locator("#diagnosis .evidence tbody tr").count(), evidence.length);
        assert.equal(await page.locator("#diagnosis .next li").count(), next.length);
        for (const e of evidence) assert.ok(text.includes(e.says));
        assert.match(await page.textContent("#stop-line"), seed === 1 ? /^Stop: keep the network of step 200\. the why of 2$/ : /^Stopping rule: the why/);
        const open_ = bins.filter((b) => b.forecast[seed].ok && b.capture["0.1"].step[seed] === null);
        assert.equal(await page.locator("#plot-forecast").count(), open_.length ? 1 : 0);
        if (!open_.length) continue;
        const drawn = await page.evaluate(() => document.getElementById("plot-forecast").data.filter((t) => t.mode === "lines").map((t) => t.x));
        assert.deepEqual(drawn, open_.map((b) => [b.forecast[seed].low, b.forecast[seed].high]));
    }
    await page.close();
});

test("numbers of the tables are those of the store, for every seed", async () => {
    const page = await open(browser, at("sines.html")), summary = json("sines", "summary.json"), { bins, order, order_median } = summary.probes[0];
    for (let seed = 0; seed < 3; seed++) {
        await page.selectOption("#seed", { value: String(seed) });
        const rows = await cells(page, "captures");
        assert.equal(rows.length, bins.length);
        rows.forEach((row, i) => {
            const bin = bins[i], rate = bin.rate[seed];
            assert.equal(row[0].text, bin.label);
            assert.equal(row[0].axis, String(bin.axis));
            same(row[1], bin.target);
            ["0.5", "0.1", "0.01"].forEach((level, c) => {
                same(row[2 + c], bin.capture[level].median);
                assert.deepEqual(JSON.parse(row[2 + c].steps), bin.capture[level].step);
            });
            if (rate.ok) {
                same(row[5], rate.rate);
                same(row[6], rate.r2);
            } else assert.equal(row[5].text, rate.reason);
            same(row[row.length - 2], bin.forecast[seed].median);
            same(row[row.length - 1], bin.error_final[seed]);
        });
    }
    (await cells(page, "order")).forEach((row, i) => {
        const o = order[i] ?? order_median;
        assert.equal(row[1].text, o.verdict);
        same(row[2], o.kendall);
        same(row[3], o.gap);
    });
    (await cells(page, "final")).forEach((row, i) => {
        same(row[1], summary.final.step[i]);
        same(row[2], summary.final.loss[i]);
        same(row[3], summary.final.seconds[i]);
        same(row[4], summary.frames[i]);
    });
    await page.close();
});

test("a refused rate gives its reason", async () => {
    const page = await open(browser, at("hostile.html")), reason = json("hostile", "summary.json").probes[0].bins[0].rate[0].reason;
    const [[, , ...row]] = await cells(page, "captures");
    assert.ok(row.some((c) => c.text === reason && c.value === "null"));
    await page.close();
});

test("heat map and curves hold the errors of the store", async () => {
    const page = await open(browser, at("sines.html")), error = npy("sines", "seed_0001", "dft", "error.npy"), [frames, bins] = error.shape;
    const z = await page.evaluate(() => document.getElementById("plot-heatmap").data[0].z);
    for (const b of [1, 3, 5, 9])
        for (let f = 0; f < frames; f++) assert.ok(Math.abs(z[b][f] - Math.log10(error.values[f * bins + b])) < 1e-6);
    for (const b of [0, 2, 4]) assert.ok(z[b].every((v) => v === null)); // no target energy: masked, never a number
    const curve = await trace(page, "errors", "5");
    for (let f = 0; f < frames; f++) assert.equal(curve[f], error.values[f * bins + 5]);
    const loss = npy("sines", "seed_0001", "loss.npy").values;
    assert.deepEqual(await page.evaluate(() => document.getElementById("plot-loss").data.at(-1).y), loss);
    await page.close();
});

test("the slider moves function, spectrum, marker and label", async () => {
    const page = await open(browser, at("sines.html"));
    const prediction = npy("sines", "seed_0001", "prediction.npy"), step = npy("sines", "seed_0001", "step.npy").values, n = prediction.shape[1];
    const spectrum = npy("sines", "seed_0001", "dft", "prediction.npy"), [, bins] = spectrum.shape;
    let last = null;
    for (const f of [0, 7, 40, step.length - 1]) {
        await slide(page, f);
        assert.deepEqual(await trace(page, "function", "network"), prediction.values.slice(f * n, (f + 1) * n));
        const amplitude = await trace(page, "spectrum", "network");
        amplitude.forEach((a, b) => {
            const i = 2 * (f * bins + b);
            assert.ok(Math.abs(a - Math.hypot(spectrum.values[i], spectrum.values[i + 1])) < 1e-6);
        });
        assert.match(await page.textContent("#frame-text"), new RegExp(`^step ${step[f].toLocaleString("en-US")} · `));
        const line = await page.evaluate(() => document.getElementById("plot-heatmap").layout.shapes[0].x0);
        assert.notEqual(line, last);
        last = line;
    }
    await page.close();
});

test("play goes forward and stops at the end", async () => {
    const page = await open(browser, at("sines.html")), end = await page.evaluate(() => Number(document.getElementById("frame").max));
    await slide(page, end - 3);
    await page.click("#play");
    await page.waitForFunction((e) => Number(document.getElementById("frame").value) === e, end);
    await page.waitForFunction(() => document.getElementById("play").getAttribute("aria-label") === "Play");
    await page.click("#play"); // from the end it begins again
    await page.waitForFunction((e) => { const v = Number(document.getElementById("frame").value); return v > 0 && v < e; }, end);
    await page.click("#play");
    const stopped = await frame(page);
    await page.waitForTimeout(250);
    assert.equal(await frame(page), stopped);
    assert.deepEqual(page.complaints, []);
    await page.close();
});

test("keyboard: arrows step, space plays, tabs and controls take focus", async () => {
    const page = await open(browser, at("image.html"));
    await slide(page, 10);
    await page.keyboard.press("ArrowRight");
    assert.equal(await frame(page), 11);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await frame(page), 9);
    await page.focus("#frame");
    await page.keyboard.press("ArrowRight"); // the slider's own key, once
    assert.equal(await frame(page), 10);
    await page.keyboard.press("Space");
    await page.waitForFunction(() => Number(document.getElementById("frame").value) > 11);
    await page.keyboard.press("Space");
    assert.equal(await page.getAttribute("#play", "aria-label"), "Play");
    await page.focus("#tab-dft");
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.getAttribute("#tab-radial", "aria-selected"), "true");
    assert.equal(await page.evaluate(() => document.activeElement.id), "tab-radial");
    const unnamed = await page.evaluate(() => Array.from(document.querySelectorAll("button, input, select"))
        .filter((e) => !(e.getAttribute("aria-label") || e.labels?.length || e.textContent.trim())).length);
    assert.equal(unnamed, 0);
    await page.close();
});

test("images share one scale; the filter shows low and high parts", async () => {
    const page = await open(browser, at("image.html"));
    const scales = await page.evaluate(() => document.getElementById("plot-function").data.map((t) => [t.name, t.zmin, t.zmax]));
    assert.deepEqual(scales[0].slice(1), scales[1].slice(1));
    assert.deepEqual(scales.map((s) => s[0]), ["target", "network", "residual"]);
    await page.close();
    const filter = await open(browser, at("fashion.html"));
    await filter.click("#tab-filter");
    const summary = json("fashion", "summary.json").probes.find((p) => p.name === "filter");
    assert.equal((await cells(filter, "captures")).length, summary.bins.length);
    same((await cells(filter, "order"))[0][2], summary.order[0].low_share);
    const error = npy("fashion", "seed_0001", "filter", "error.npy"), [frames, bins] = error.shape;
    const maps = await filter.evaluate(() => document.getElementById("plot-heatmap").data.filter((t) => t.type === "heatmap").map((t) => t.z));
    assert.equal(maps.length, 2);
    for (let f = 0; f < frames; f++)
        for (let d = 1; d < bins / 2; d++)
            for (const part of [0, 1]) assert.ok(Math.abs(maps[part][d][f] - Math.log10(error.values[f * bins + 2 * d + part])) < 1e-6);
    const names = await filter.evaluate(() => document.getElementById("plot-errors").data.map((t) => t.name).filter(Boolean));
    assert.deepEqual(names.filter((n) => /^(low|high)/.test(n)).map((n) => n.split(",")[0]), ["low", "high"]);
    await filter.close();
});

test("log and linear, steps and seconds", async () => {
    const page = await open(browser, at("sines.html")), step = npy("sines", "seed_0001", "step.npy").values, second = npy("sines", "seed_0001", "seconds.npy").values;
    await page.click("#curves .segmented:nth-of-type(2) label:nth-of-type(2)");
    assert.deepEqual(await trace(page, "errors", "1", "x"), step);
    assert.equal(await page.evaluate(() => document.getElementById("plot-errors").layout.xaxis.type), "linear");
    await page.click("#curves .segmented:nth-of-type(1) label:nth-of-type(2)");
    assert.deepEqual(await trace(page, "errors", "1", "x"), second);
    assert.deepEqual(page.complaints, []);
    await page.close();
});

test("dark mode follows the system and the button", async () => {
    const brightness = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number).reduce((a, b) => a + b) / 3);
    const drawn = (page) => page.evaluate(() => document.getElementById("plot-errors").layout.paper_bgcolor);
    const page = await open(browser, at("sines.html"), { scheme: "dark" });
    assert.ok(await brightness(page) < 60);
    assert.equal(await drawn(page), "#14171c");
    await page.click("#theme");
    assert.ok(await brightness(page) > 200);
    assert.equal(await drawn(page), "#ffffff");
    await page.emulateMedia({ colorScheme: "light" });
    await page.click("#theme");
    assert.ok(await brightness(page) < 60);
    await page.close();
});

test("figures are saved as PNG and SVG", async () => {
    const page = await open(browser, at("sines.html"));
    for (const name of ["heatmap", "function", "spectrum", "errors", "loss"])
        for (const [i, format] of ["png", "svg"].entries()) {
            const [download] = await Promise.all([page.waitForEvent("download"), page.click(`figure:has(#plot-${name}) .save >> nth=${i}`)]);
            assert.equal(download.suggestedFilename(), `fqp-${name}.${format}`);
            const bytes = readFileSync(await download.path());
            assert.ok(format === "png" ? bytes.subarray(1, 4).toString() === "PNG" : bytes.toString().startsWith("<svg"), format);
            assert.ok(bytes.length > 5000);
        }
    assert.deepEqual(page.complaints, []);
    await page.close();
});

test("several runs: a switch on top changes everything", async () => {
    const page = await open(browser, at("all.html"));
    for (const [i, name] of ["sines", "image", "fashion"].entries()) {
        await page.selectOption("#run", { value: String(i) });
        assert.equal(await page.textContent("#verdict"), json(name, "summary.json").sentence);
        assert.equal((await cells(page, "captures")).length, json(name, "summary.json").probes[0].bins.length);
    }
    assert.deepEqual(page.complaints, []);
    await page.close();
});

test("claims show verdict, measured, accepted and control", async () => {
    const page = await open(browser, at("verified.html")), claims = json("verified", "claims.json").claims, rows = await cells(page, "claims");
    assert.equal(rows.length, claims.length);
    assert.equal(await page.textContent("#claims-line"), "Claims: 1 hold, 1 fail, 1 not run");
    rows.forEach((row, i) => {
        assert.equal(row[0].text, claims[i].verdict);
        assert.ok(row[1].text.includes(claims[i].statement) && row[1].text.includes(claims[i].id) && row[1].text.includes(claims[i].reason));
        assert.equal(row[2].text, claims[i].measured || "–");
        assert.equal(row[3].text, claims[i].accepted);
        assert.ok(row[4].text.includes(claims[i].control));
    });
    await page.close();
});

test("hostile text is shown as text, and nothing foreign can run or load", async () => {
    const page = await open(browser, at("hostile.html")), { title } = json("hostile", "manifest.json");
    assert.equal(await page.textContent("#title"), title);
    assert.equal(await page.textContent("#verdict"), title);
    assert.equal(await page.evaluate(() => document.querySelectorAll("img, iframe, object, embed").length), 0);
    assert.equal(await page.evaluate(() => document.scripts.length), 3);
    const outcome = await page.evaluate(async () => {
        const script = document.createElement("script");
        script.textContent = "window.hacked = 1";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend", "<img src='data:image/png;base64,!' onerror='window.hacked = 2'>");
        const fetched = await fetch("data:text/plain,x").then(() => "fetched", () => "refused");
        await new Promise((done) => setTimeout(done, 200));
        return [window.hacked, fetched];
    });
    assert.deepEqual(outcome, [undefined, "refused"]);
    await page.close();
});

test("claims without runs have a page: verdicts, curves and maps", async () => {
    const page = await open(browser, at("theory.html")), { figures } = json("theory", "figures.json");
    assert.equal(await page.textContent("#verdict"), "1 of 1 claims hold.");
    assert.equal(await page.textContent("#pictures h3"), figures[0].title);
    assert.deepEqual(await trace(page, "picture-0", "measured"), figures[0].curves[0].y);
    assert.deepEqual(await trace(page, "picture-0", "with a gap"), [1, null, null, 0.1]);
    const rows = await page.evaluate(() => Array.from(document.querySelectorAll("#pictures tbody tr"), (r) => r.textContent));
    assert.deepEqual(rows.map((r, i) => r.replace(figures[1].rows[i].name, "")), ["12.510 to 20", "never30 to never", "–"]);
    assert.equal(await page.evaluate(() => document.querySelectorAll("#claims tbody tr").length), 1);
    await page.click("#theme");
    assert.equal(await page.evaluate(() => document.querySelectorAll("#picture-0, #plot-picture-0").length), 1);
    await page.close();
});

test("a prediction lies over the run: dotted curves, predicted and measured steps", async () => {
    const page = await open(browser, at("overlaid.html")), told = json("overlaid", "theory", "theory.json");
    const error = npy("overlaid", "theory", "dft", "error.npy"), [frames, bins] = error.shape;
    const dotted = await page.evaluate(() => document.getElementById("plot-errors").data.filter((t) => t.meta === "predicted").map((t) => [t.legendgroup, t.line.dash, t.y]));
    assert.deepEqual(dotted.map(([bin, dash]) => [bin, dash]), [["1", "dot"], ["3", "dot"]]);
    for (const [bin, , y] of dotted) assert.deepEqual(y, Array.from({ length: frames }, (_, f) => error.values[f * bins + Number(bin)]));
    assert.ok((await page.textContent("#theory-line")).includes(told.measured.sentence));
    const rows = await cells(page, "theory");
    told.probes[0].bins.forEach((b, i) => {
        same(rows[i][1], b.capture["0.1"]);
        same(rows[i][2], b.measured);
        same(rows[i][4], b.difference);
    });
    const losses = await page.evaluate(() => document.getElementById("plot-loss").data.map((t) => [t.line.dash, t.y]));
    assert.deepEqual(losses.find(([dash]) => dash === "dot")[1], npy("overlaid", "theory", "loss.npy").values);
    await page.close();
});

test("before training the page shows the prediction, and says so", async () => {
    const page = await open(browser, at("predicted.html")), told = json("predicted", "theory", "theory.json");
    assert.equal(await page.textContent("#title"), "<b>told</b>");
    assert.equal(await page.textContent("#verdict"), told.sentence);
    assert.match(await page.textContent("#notices"), /Predicted, not trained/);
    const error = npy("predicted", "theory", "dft", "error.npy"), [frames, bins] = error.shape;
    assert.deepEqual(await trace(page, "errors", "3"), Array.from({ length: frames }, (_, f) => error.values[f * bins + 3]));
    const rows = await cells(page, "theory");
    assert.equal(rows[0].length, 2);
    same(rows[0][1], told.probes[0].bins[0].capture["0.1"]);
    await page.close();
});

test("a solve: statement, fields of the frame, bands side by side, and who was sooner", async () => {
    const page = await open(browser, at("solved_line.html")), text = (id) => page.evaluate((i) => document.getElementById(i).textContent, id);
    const u = npy("solved_line/seed_0001/prediction.npy"), y = npy("solved_line/y.npy"), n = u.shape[1], last = u.shape[0] - 1;
    assert.match(await text("statement"), /-u_xx = f.*u = 0 on boundary.*0 ≤ x ≤ 1/s);
    const close = (a, b) => a.forEach((v, i) => assert.ok(Math.abs(v - b[i]) < 1e-5, `${i}: ${v} for ${b[i]}`));
    close(await trace(page, "solution", "solution"), u.values.slice(last * n));
    close(await trace(page, "solution", "error"), u.values.slice(last * n).map((v, i) => v - y.values[i]));
    await slide(page, 3);
    const step = npy("solved_line/seed_0001/step.npy").values, shown = step.indexOf(Number((await text("frame-text")).match(/step ([\d,]+)/)[1].replace(",", "")));
    close(await trace(page, "solution", "solution"), u.values.slice(shown * n, (shown + 1) * n));
    // the low frequency: error a third of the reference, residual one hundredth of the right side
    await slide(page, last);
    const at1 = async (name) => (await trace(page, "solution-spectrum", name))[0], reference = Math.sqrt(y.values.reduce((s, v) => s + v * v, 0) / n);
    assert.ok(Math.abs(await at1("error") - 0.25 * Math.exp(-step[last] / 20000) / reference) < 1e-3);
    assert.ok(await at1("residual") < 0.01 && await at1("error") > 0.3);
    assert.match(await text("outcome"), /relative error of 42\.\d % after 9\.\d+ s\. Multigrid reached that error 1,000 times sooner .*; jacobi needed 3\.0 times as long .*Not reached by: <\/script>/);
    assert.match(await text("solution"), /k0\.5221?.*0\.0\d+ %/s);
    await page.close();
});

test("a solve with missing nodes: gaps, and grey where finite differences cannot tell", async () => {
    const page = await open(browser, at("solved_holes.html"));
    const count = (index, holds) => page.evaluate(([i, h]) => document.getElementById("plot-solution").data[i].z.flat().filter((v) => (v === null) !== h).length, [index, holds]);
    const nodes = npy("solved_holes/x.npy").shape[0];
    assert.equal(await count(0, true), nodes);
    assert.equal(await count(0, false), 48 * 48 - nodes);
    await slide(page, 0);
    const some = await count(4, true);
    await slide(page, 1000);
    assert.ok(some < nodes && await count(4, true) === nodes, "the residual ends below the error of the differences everywhere");
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    await page.close();
});

test("a run without records says so", async () => {
    const page = await open(browser, at("bare.html"));
    assert.match(await page.textContent("#verdict"), /no summary yet/);
    assert.match(await page.textContent("#notices"), /not complete \(running\)/);
    assert.match(await page.textContent("#heat"), /No spectrum has been recorded yet/);
    await page.close();
});

test("print: light, without controls", async () => {
    const page = await open(browser, at("sines.html"), { scheme: "dark" });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector(".controls")).display), "none");
    await page.waitForFunction(() => document.getElementById("plot-errors").layout.paper_bgcolor === "#fff");
    await page.close();
});
