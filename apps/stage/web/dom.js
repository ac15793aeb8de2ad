// Elements are built, never parsed: no string of a visitor can become markup.

/**
 * Give a new element its attributes, listeners ("onclick") and children.
 * @param {any} node
 * @param {Record<string, any> | null | undefined} attributes
 * @param {any[]} children
 */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "text") node.textContent = value;
    else if (name === "style") node.style.cssText = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(
    ...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false),
  );
  return node;
}

/**
 * Return a deep copy of JSON.
 * @template T
 * @param {T} value
 * @returns {T}
 */
export const copy = (value) => JSON.parse(JSON.stringify(value));

/**
 * Tell whether two pieces of JSON are the same.
 * @param {any} a
 * @param {any} b
 */
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * Return a new HTML element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any> | null} [attributes]
 * @param {...any} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export const el = (tag, attributes, ...children) =>
  fill(document.createElement(tag), attributes, children);

/**
 * Return a new SVG element.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any> | null} [attributes]
 * @param {...any} children
 * @returns {SVGElementTagNameMap[T]}
 */
export const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/**
 * Return a drawing of `width` by `height` pixels.
 * @param {number} width
 * @param {number} height
 * @param {Record<string, any>} attributes
 * @param {...any} children
 */
export const drawing = (width, height, attributes, ...children) =>
  svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, ...attributes }, ...children);

const LONGEST = 24; // characters that stay on one line at any price

/**
 * Keep on one line what is read in one breath: a relation with its sides, 1 − t, (x, t), 80 %.
 * @param {string} text
 */
const glued = (text) =>
  text
    .replace(/[([][^()[\]가-힣]{1,20}[)\]]/g, (inner) =>
      /[A-Za-z]{4}/.test(inner) ? inner : inner.replaceAll(" ", "\u00a0"),
    )
    .replace(/(?<=\d) (?=(%|nats?|bits?|px|ms)(?![A-Za-z]))/g, "\u00a0")
    .replace(/ ([=≈≤≥<>|±~]) /g, "\u00a0$1\u00a0")
    .replace(/(?<=(?:^|[\s([])\S{1,4}) ([+−⊙·/]) (?=\S)/g, "\u00a0$1\u00a0")
    .replace(/(?<=(?:^|[^A-Za-z])(?:log|min|max|exp|tanh|sign|sin|cos)) (?=\S)/g, "\u00a0")
    .replace(/(?<=[Σ∑∫∏∇]) (?=\S)/g, "\u00a0")
    .replace(/(?<=\)) (?=[a-zα-ω](?![A-Za-z]))/g, "\u00a0")
    .replace(/[^ \n]+/g, (word) => (word.length > LONGEST ? opened(word) : word));

/**
 * Let an equation too long for a column go on before its relations, or else before its signs.
 * @param {string} word
 */
function opened(word) {
  /** @type {(part: string, signs: string) => string} */
  const outside = (part, signs) => {
    let depth = 0;
    return [...part].reduce((sum, c, i, all) => {
      depth += Number("([".includes(c)) - Number(")]".includes(c));
      return sum + (c === "\u00a0" && !depth && signs.includes(all[i + 1]) ? " " : c);
    }, "");
  };
  const long = (part) => part.length > LONGEST;
  const parts = outside(word, "=≈≤≥").split(" ");
  return parts.map((part) => (long(part) ? outside(part, "/+−") : part)).join(" ");
}

/**
 * Tell whether a piece between spaces stays on one line: an equation, (p+q)이고, U-Net.
 * @param {string} piece
 */
const stays = (piece) =>
  piece.length <= LONGEST && /\u00a0|[)\]’”][가-힣]|^\W?\w{1,5}-\w{1,4}(?!\w)/.test(piece);

/**
 * Return a text as nodes, with real subscripts for c_t and c_{t−1}.
 * @param {string} text
 */
const lowered = (text) =>
  text
    .split(/_(\{[^}]+\}|[A-Za-z0-9](?![A-Za-z0-9]))/)
    .map((piece, i) => (i % 2 ? el("sub", { text: piece.replace(/[{}]/g, "") }) : piece));

/**
 * Return a text as nodes: subscripts are set, what is read in one breath stays on one line.
 * @param {string} text
 * @param {(text: string) => string} [keep] glues what stays on one line
 */
export function rich(text, keep = glued) {
  const out = [];
  let plain = "";
  for (const piece of keep(text).split(/( +|\n)/)) {
    if (!stays(piece)) plain += piece;
    else {
      out.push(lowered(plain), el("span", { class: "whole" }, lowered(piece)));
      plain = "";
    }
  }
  return [...out, lowered(plain)].flat();
}

/**
 * Return a widget's name over it, or nothing where it has none.
 * @param {string} name
 */
export const caption = (name) => (name ? el("figcaption", null, rich(name)) : null);

/**
 * Return the bytes of a base64 text.
 * @param {string} text
 */
export const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Return how an arrow key moves, [to the right, down], or nothing for another key.
 * @param {KeyboardEvent} event
 */
export const arrow = (event) => ARROWS[event.key];

/**
 * Keep a key for the figure that took it: neither the browser nor the lesson sees it.
 * @param {Event} event
 */
export function keep(event) {
  event.preventDefault();
  event.stopPropagation();
}

/**
 * Return a number, or the end of [low, high] that it lies beyond.
 * @param {number} low
 * @param {number} value
 * @param {number} high
 */
export const clamp = (low, value, high) => Math.min(high, Math.max(low, value));

const PATHS = {
  first: "M3 2h2v12H3zM14 2v12L6 8z",
  play: "M4 2l10 6-10 6z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  next: "M11 2h2v12h-2zM2 2l8 6-8 6z",
  again: "M8 3V0L3.5 4 8 8V5a4 4 0 1 1-4 4H2a6 6 0 1 0 6-6z",
};

/**
 * Return a button's sign.
 * @param {keyof typeof PATHS} name
 */
export const icon = (name) =>
  svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: PATHS[name] }));
