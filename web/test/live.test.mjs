// live.test.mjs - the live page of `fqp watch` while frames arrive.  FQP: the program; FQP_ROOM: a folder to work in (see
// tests/door/watch_page.sh).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, open } from "./browser.mjs";
import { npySave } from "./npy.mjs";

const { FQP, FQP_ROOM } = process.env, N = 32, MODES = [1, 3, 5], X = Array.from({ length: N }, (_, i) => i / N);
const wave = (weight) => X.map((x) => MODES.reduce((sum, k) => sum + weight(k) * Math.sin(2 * Math.PI * k * x), 0));

/** A training of known errors: mode k has the relative error 0.9 exp(-step / (1000 k)). */
class Training {
    constructor(name) {
        this.folder = join(FQP_ROOM, name);
        mkdirSync(this.folder, { recursive: true });
        npySave(join(this.folder, "x.npy"), [N], X);
        npySave(join(this.folder, "y.npy"), [N], wave(() => 1));
    }
    frame(step, scale = 1) {
        npySave(join(this.folder, `pred_${String(step).padStart(5, "0")}.npy`), [N], wave((k) => scale * (1 - 0.9 * Math.exp(-step / (1000 * k)))));
    }
}

/** `fqp watch` of a training; .url is where its page is. */
async function watch(training, ...options) {
    const dir = join(FQP_ROOM, `run-${training.folder.split("/").pop()}`);
    const child = spawn(FQP, ["watch", training.folder, "--out", dir, "--port", "0", ...options], { stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    const ended = new Promise((done) => child.on("exit", (code) => done(code)));
    let said = "", out = "";
    child.stdout.on("data", (d) => { out += d; });
    const url = await new Promise((done, fail) => {
        child.stderr.on("data", (d) => {
            said += d;
            const found = said.match(/live page: (\S+)/);
            if (found) done(found[1]);
        });
        child.on("exit", () => fail(new Error(said)));
    });
    return { url, dir, said: () => said, end: async (signal = "SIGINT") => { child.kill(signal); return [await ended, out]; } };
}

const children = [];
let browser;
before(async () => { browser = await launch(); });
after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await browser.close();
});

const line = (page) => page.textContent("#live-line");
const says = (page, text) => page.waitForFunction((t) => document.getElementById("live-line")?.textContent.includes(t), text, { timeout: 30000 });
const columns = (page) => page.evaluate(() => document.getElementById("plot-heatmap")?.data[0].z[0].length ?? 0);
const drawn = (page, frames) => page.waitForFunction((n) => document.getElementById("plot-heatmap")?.data?.[0].z[0].length === n, frames, { timeout: 30000 });

test("frames that arrive are drawn; what the reader chose stays", async () => {
    const training = new Training("arriving"), server = await watch(training);
    const page = await open(browser, server.url, { url: true });
    await says(page, "no frame yet");
    for (const step of [0, 100, 200]) training.frame(step);
    await drawn(page, 3);
    await says(page, "live, frame 3, step 200");
    assert.match(await page.title(), /fqp live$/);
    assert.equal(await page.evaluate(() => Number(document.getElementById("frame").value)), 2); // the last one stays the last

    // a frame before the end, another view, and a zoom are the reader's
    await page.evaluate(() => {
        const range = document.getElementById("frame");
        range.value = 1;
        range.dispatchEvent(new Event("input"));
    });
    await page.click("#heat .segmented:last-of-type label:nth-of-type(2)");
    await page.evaluate(() => Plotly.relayout("plot-errors", { "yaxis.range[0]": -1.5, "yaxis.range[1]": 0.5 }));
    for (const step of [300, 400, 500]) training.frame(step);
    await drawn(page, 6);
    assert.equal(await page.evaluate(() => Number(document.getElementById("frame").value)), 1);
    assert.match(await page.textContent("#frame-text"), /^step 100 /);
    assert.equal(await page.evaluate(() => document.getElementById("plot-heatmap").layout.xaxis.type), "linear");
    assert.deepEqual(await page.evaluate(() => document.getElementById("plot-errors").layout.yaxis.range), [-1.5, 0.5]);
    const errors = await page.evaluate(() => Array.from(document.getElementById("plot-errors").data.find((t) => t.name === "3").y));
    [0, 100, 200, 300, 400, 500].forEach((step, f) => assert.ok(Math.abs(errors[f] - 0.9 * Math.exp(-step / 3000)) < 1e-9));

    // nothing but its own server is ever asked
    assert.equal(await page.evaluate(() => fetch("http://127.0.0.1:9/").then(() => "fetched", () => "refused")), "refused");
    assert.deepEqual([...new Set(page.requests.map((r) => new URL(r).pathname))].sort(), ["/", "/data", "/events"]);
    assert.deepEqual(page.complaints.filter((c) => !/connect-src|127\.0\.0\.1:9/.test(c)), []);

    const [code, out] = await server.end();
    assert.equal(code, 0);
    assert.match(out, /6 frames\nreport: .*report\.html\n$/);
    await says(page, "does not answer any more");
    assert.match(readFileSync(join(server.dir, "report.html"), "utf8"), /content="default-src 'none'; script-src/);
    await page.close();
});

test("training that begins again is a run of its own, and the one before can be chosen", async () => {
    const training = new Training("again"), server = await watch(training);
    const page = await open(browser, server.url, { url: true });
    for (const step of [0, 100, 200, 300]) training.frame(step);
    await drawn(page, 4);
    training.frame(0, 0.5);
    training.frame(100, 0.5);
    await page.waitForFunction(() => document.getElementById("live-notes")?.textContent.includes("training began again at step 0"), null, { timeout: 30000 });
    await drawn(page, 2);
    assert.equal(await page.evaluate(() => document.querySelectorAll("#run option").length), 2);
    await page.selectOption("#run", { value: "1" });
    await page.evaluate(() => document.activeElement.blur());
    assert.equal(await columns(page), 4);
    training.frame(200, 0.5);
    await says(page, "frame 3");
    assert.equal(await columns(page), 4);
    await server.end();
    await page.close();
});

test("what is said: quiet, over, waiting, gone", async () => {
    const training = new Training("words"), server = await watch(training);
    const page = await open(browser, server.url, { url: true });
    training.frame(0);
    await says(page, "live, frame 1, step 0");
    // the clock of the page is moved on: 100 s without a frame
    await page.evaluate(() => {
        const real = performance.now.bind(performance);
        performance.now = () => real() + 100000;
    });
    await says(page, "training seems to have stopped: no new frame for 1");
    await server.end("SIGKILL");
    await says(page, "does not answer any more");
    assert.equal(await page.getAttribute("#live-line", "class"), "live gone");
    await page.close();
});
