// live.js - a training that goes on: news from the server of the page, the data fetched again, and how old they are.
import { isNumber, load, whole } from "./data.js";
import { byId, h } from "./dom.js";

const LOOK = 1000, AGAIN = 5000; // ms between looks at the clock, and before a lost server is called again

function duration(s) {
    if (s < 120) return `${Math.round(s)} s`;
    return s < 7200 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`;
}

/** State of the training in words, and its kind: "on", "quiet" or "gone". */
export function liveWords(live, waited, gone) {
    if (gone) return ["gone", `fqp watch does not answer any more: what is shown is of ${duration(waited)} ago`];
    if (live.waiting) return ["quiet", live.waiting];
    const where = `frame ${whole(live.frames)}, step ${whole(live.step)}`;
    if (live.ended) return ["quiet", `the run is over (${live.ended}): ${where}`];
    if (!live.frames) return ["on", "live, no frame yet"];
    const age = isNumber(live.age) ? live.age + waited : null;
    if (age > live.patience) {
        const usual = isNumber(live.gap) ? ` (usual gap ${live.gap < 1 ? "below 1 s" : duration(live.gap)})` : "";
        return ["quiet", `training seems to have stopped: no new frame for ${duration(age)}${usual}; ${where}`];
    }
    return ["on", `live, ${where}${age === null ? "" : `, ${duration(age)} ago`}`];
}

/** Keep a page up to date: update(data) draws, busy() says that somebody is in the middle of something. */
export function startLive(first, { update, busy }) {
    let live = first.live, shown = live.version, heard = performance.now(), gone = false, fetching = false, due = 0, source = null;

    function tell() {
        const [kind, text] = liveWords(live, (performance.now() - heard) / 1000, gone), notes = live.notes ?? [];
        byId("live").replaceChildren(
            h("p", { class: `live ${kind}`, id: "live-line" }, h("span", { class: "dot", "aria-hidden": "true" }), text),
            ...(notes.length ? [h("ul", { class: "notice quiet", id: "live-notes" }, notes.map((n) => h("li", {}, String(n))))] : []));
    }

    async function fetchData() {
        if (fetching || gone || live.version === shown || performance.now() < due || busy()) return;
        fetching = true;
        const began = performance.now();
        try {
            const answer = await fetch(`data${location.search}`, { cache: "no-store" });
            if (answer.ok) {
                const data = load(await answer.text());
                shown = data.live?.version ?? live.version;
                update(data);
            }
        } catch {
            // the events tell when the server is gone; until then it is tried again
        }
        fetching = false;
        due = performance.now() + Math.max(LOOK / 2, 4 * (performance.now() - began)); // drawing takes a small part of the time
    }

    function listen() {
        source = new EventSource(`events${location.search}`);
        source.addEventListener("live", (e) => {
            live = JSON.parse(e.data);
            heard = performance.now();
            gone = false;
            tell();
            fetchData();
        });
        source.addEventListener("error", () => {
            gone = true;
            tell();
            if (source.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN);
        });
    }

    listen();
    tell();
    setInterval(() => {
        tell();
        fetchData();
    }, LOOK);
}
