// browser.mjs - headless Chromium for the tests: a page that reports every complaint and every request it makes.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const launch = () => chromium.launch({
    executablePath: process.env.FQP_CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync), args: ARGS,
});

/** Open a file, or an address when `url` is set; page.complaints gathers console messages and errors, page.requests what was asked of the network. */
export async function open(browser, path, { width = 1280, height = 900, scheme = "light", url = false } = {}) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme, acceptDownloads: true });
    page.complaints = [];
    page.requests = [];
    page.on("console", (m) => page.complaints.push(`${m.type()}: ${m.text()}`));
    page.on("pageerror", (e) => page.complaints.push(String(e.stack ?? e)));
    page.on("request", (r) => { if (!/^(data|blob):/.test(r.url())) page.requests.push(r.url()); });
    await page.goto(url ? path : `file://${path}`);
    await page.waitForFunction(() => document.getElementById("footer").textContent !== "");
    await page.waitForTimeout(300);
    return page;
}
