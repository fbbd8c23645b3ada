// picture.mjs PAGE OUT.png [WIDTH HEIGHT SCHEME] - the first screen of a report as a picture, for the documents.
import { resolve } from "node:path";
import { launch, open } from "./browser.mjs";

const [page, out, width = "1200", height = "1000", scheme = "light"] = process.argv.slice(2);
const browser = await launch();
const shown = await open(browser, resolve(page), { width: Number(width), height: Number(height), scheme });
await shown.screenshot({ path: out });
await browser.close();
