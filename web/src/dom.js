// dom.js - elements without markup: text of users is only ever set as text.

/** h("td", {class: "x"}, "text", child): an element with attributes, listeners ("onclick") and children. */
export function h(tag, attributes = {}, ...children) {
    const e = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
        else e.setAttribute(key, value === true ? "" : value);
    }
    e.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
    return e;
}

export const byId = (id) => document.getElementById(id);

/** A labelled choice; entries are [value, text]. */
export function choice(label, entries, value, onchange, attributes = {}) {
    const select = h("select", { ...attributes, onchange: () => onchange(select.value) },
        entries.map(([v, text]) => h("option", { value: v, selected: String(v) === String(value) }, text)));
    return h("label", { class: "choice" }, h("span", {}, label), select);
}

/** Two or three words of which one is chosen: a group of radio buttons. */
let groups = 0;
export function segmented(label, entries, value, onchange) {
    const name = `group${++groups}`;
    return h("div", { class: "segmented", role: "radiogroup", "aria-label": label },
        entries.map(([v, text]) => h("label", {},
            h("input", { type: "radio", name, value: v, checked: v === value, onchange: () => onchange(v) }),
            h("span", {}, text))));
}

/** Title, controls, figures and a caption that says what is seen. */
export function panel(id, title, controls, ...children) {
    byId(id).replaceChildren(
        h("div", { class: "head" }, h("h2", { id: `${id}-h` }, title), h("div", { class: "controls" }, controls)),
        ...children.filter(Boolean));
}

/** Table from a head and rows of cells; a cell is text, an element, or {text, value, ...attributes}. */
export function table(caption, head, rows, attributes = {}) {
    const cell = (tag, c) => {
        if (c === null || typeof c !== "object" || c instanceof Node) return h(tag, {}, c ?? "–");
        const { text, value, ...rest } = c;
        const numeric = typeof value === "number" || value === null;
        return h(tag, { class: numeric ? "num" : null, "data-value": value === undefined ? null : String(value), ...rest }, text);
    };
    return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
        h("table", attributes, h("caption", {}, caption),
            h("thead", {}, h("tr", {}, head.map((c) => cell("th", c)))),
            h("tbody", {}, rows.map((r) => h("tr", {}, r.map((c, i) => cell(i ? "td" : "th", c)))))));
}
