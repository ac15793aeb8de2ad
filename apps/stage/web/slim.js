// Rows on a phone: a sign stays with what it is applied to, and pictures that an arrow joins stand
// one above the other where they do not fit side by side, the arrow pointing down.

/** @import { Row, Widget } from "./contract.js" */

const ARROW = /^[→↓]$/;
const LEADS = /^[=+−·⋆×→≈]|[(=+−·⋆×→≈]$/; // a sign before what comes next
const CLOSES = /^[)\]]$/;

/**
 * Return what a line of text says, or nothing of another widget.
 * @param {Widget} widget
 */
const said = (widget) =>
  widget.w === "text" && typeof widget.text === "string" ? widget.text.trim() : "";

/** @param {Widget} widget */
export const isArrow = (widget) => ARROW.test(said(widget));

/**
 * Return a row whose signs stand in one box with what follows, or, closing, with what was before.
 * @param {Row} row
 * @returns {Row}
 */
export function bound(row) {
  /** @type {Widget[][]} */
  const groups = [];
  let leading = false;
  for (const item of row.items) {
    const text = said(item);
    const closing = CLOSES.test(text) && groups.length > 0;
    if (leading || closing) groups.at(-1)?.push(item);
    else groups.push([item]);
    leading = !isArrow(item) && LEADS.test(text);
  }
  const items = groups.map((group) =>
    group.length > 1 ? /** @type {Row} */ ({ w: "row", items: group, gap: "" }) : group[0],
  );
  return items.length > 1 ? { ...row, items } : row;
}

/**
 * Set rows with arrows that need more than one line upright.
 * @param {HTMLElement} drawn
 */
export function fall(drawn) {
  for (const row of drawn.querySelectorAll(".row:has(> .arrow)")) {
    const boxes = [...row.children].map((one) => one.getBoundingClientRect());
    if (!boxes.some(({ top }, i) => i && top >= boxes[i - 1].bottom - 1)) continue;
    row.classList.add("fallen");
    for (const arrow of row.querySelectorAll(":scope > .arrow")) arrow.textContent = "↓";
  }
}
