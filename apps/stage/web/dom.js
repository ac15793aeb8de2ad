// Elements are built, never parsed: no string of a visitor can become markup.

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "text") node.textContent = value;
    else if (name === "style") node.style.cssText = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

export const copy = (value) => JSON.parse(JSON.stringify(value));

export const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/** Return a text as nodes: c_t and c_{t−1} get real subscripts, an equation stays on one line. */
export const rich = (text) =>
  text
    .replace(/ = /g, "\u00a0=\u00a0")
    .split(/_(\{[^}]+\}|[A-Za-z0-9](?![A-Za-z0-9]))/)
    .map((piece, i) => (i % 2 ? el("sub", { text: piece.replace(/[{}]/g, "") }) : piece));

const PATHS = {
  first: "M3 2h2v12H3zM14 2v12L6 8z",
  play: "M4 2l10 6-10 6z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  next: "M11 2h2v12h-2zM2 2l8 6-8 6z",
  again: "M8 3V0L3.5 4 8 8V5a4 4 0 1 1-4 4H2a6 6 0 1 0 6-6z",
};

export const icon = (name) => svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: PATHS[name] }));
