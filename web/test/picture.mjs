// picture.mjs PAGE OUT.png [WIDTH HEIGHT SCHEME] - the first screen of a report (a file, or the address of a live page) as a picture, for the documents.
import { resolve } from "node:path";
import { launch, open } from "./browser.mjs";

const [page, out, width = "1200", height = "1000", scheme = "light"] = process.argv.slice(2);
const browser = await launch();
const url = /^http:/.test(page);
const shown = await open(browser, url ? page : resolve(page), { url, width: Number(width), height: Number(height), scheme });
await shown.screenshot({ path: out });
await browser.close();
