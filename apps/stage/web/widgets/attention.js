// What figures of tokens share: their weights, what is looked at, and that a group of them lights
// up together.

/** @import { Lit, Lookup, Page, Ties, Value } from "../contract.js" */

import { arrow, caption, clamp, el, keep } from "../dom.js";
import { shown } from "../numbers.js";
import { named } from "./letters.js";

const TOLD = 5; // the largest weights that are told
const LITTLE = 0.005; // a weight below it is not told
export const NOTHING = "\u00a0"; // keeps its line

/** @typedef {number | null} Place a token that is looked at, from 0; null for none */
/** @typedef {(query: Place, key: Place) => void} Pick */

/**
 * Return a figure's weights, its own or of the board's parts.
 * @param {{ weights: Value[][] | string }} widget
 * @param {Page} page
 * @returns {Value[][]}
 */
export const rowsOf = ({ weights }, page) =>
  typeof weights === "string" ? page.parts[weights].rows : weights;

/**
 * Say which tokens have the largest weights.
 * @param {string[]} tokens
 * @param {Value[]} row
 */
export const largest = (tokens, row) =>
  row
    .map((w, j) => ({ w: w ?? 0, j }))
    .sort((a, b) => b.w - a.w)
    .slice(0, TOLD)
    .filter(({ w }) => w >= LITTLE)
    .map(({ w, j }) => `${named(tokens[j])} ${shown(w, 2)}`)
    .join(" · ");

/** Return the line that tells what is looked at. */
export const reading = () => el("output", { class: "read", "aria-live": "polite", text: NOTHING });

/**
 * Light up the same query and key in every figure of the group.
 * @param {Lit} figure
 * @param {string} group
 * @param {Place} query
 * @param {Place} key
 */
function light(figure, group, query, key) {
  figure.lit(query, key);
  if (!group) return;
  for (const one of figure.closest(".fit")?.querySelectorAll("[data-group]") || []) {
    const other = /** @type {Lit} */ (one);
    if (other !== figure && other.dataset.group === group) other.lit(query, key);
  }
}

/**
 * Let pointer and arrow keys pick a query and a key of a figure.
 * @param {Lit} figure
 * @param {SVGElement} target
 * @param {Ties | Lookup} widget
 * @returns {Pick} what picks by the pointer
 */
export function picking(figure, target, { w, group, now, queries, keys }) {
  /** @type {[Place, Place]} */
  let at = [now ?? 0, null];
  const pick = (query, key) => light(figure, group, query, key);
  const inside = (i, of) => clamp(0, i, of.length - 1);
  /** @type {(x: number, y: number) => [Place, Place]} */
  const inGrid = (x, y) => [inside((at[0] ?? 0) + y, queries), inside((at[1] ?? 0) + x, keys)];
  /** @type {(x: number, y: number) => [Place, Place]} */
  const inRows = (x, y) => {
    // the rows lie one above the other: up and down change the row, left and right the token
    if (y) return y < 0 ? [at[0] ?? 0, null] : [null, at[1] ?? 0];
    if (at[1] === null) return [inside((at[0] ?? 0) + x, queries), null];
    return [null, inside(at[1] + x, keys)];
  };
  target.setAttribute("tabindex", "0");
  target.setAttribute("role", "application");
  target.setAttribute("data-key", `looks.${w}.${group}`);
  target.addEventListener("keydown", (event) => {
    const way = arrow(event);
    if (!way) return;
    keep(event);
    at = w === "ties" ? inRows(...way) : inGrid(...way);
    pick(...at);
  });
  target.addEventListener("focus", () => target.matches(":focus-visible") && pick(...at));
  target.addEventListener("blur", () => pick(now, null));
  target.addEventListener("pointerleave", () => pick(now, null));
  return (query, key) => {
    at = [query, key];
    pick(query, key);
  };
}

/**
 * Return a figure that lights up with its group.
 * @param {string} kind
 * @param {string} group
 * @param {string} name
 * @param {SVGElement} picture
 * @param {HTMLElement | null} read
 */
export const litFigure = (kind, group, name, picture, read) =>
  /** @type {Lit} */ (
    el("figure", { class: kind, "data-group": group || null }, caption(name), picture, read)
  );
