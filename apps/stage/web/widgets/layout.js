// Text, and what lies side by side or one above the other.

/** @import { Column, Page, PartOf, Row, Text } from "../contract.js" */
/** @import { Draw } from "./draw.js" */

import { el, rich } from "../dom.js";
import { tinted } from "../look.js";
import { isArrow } from "../slim.js";
import { say } from "../words.js";

/**
 * Return a line of text, or a note's paragraph.
 * @param {Text} widget
 */
export const text = (widget) =>
  el(
    "span",
    {
      class: `text ${widget.size} ${isArrow(widget) ? "arrow" : ""}`.trim(),
      style: tinted(widget.role),
    },
    rich(say(widget.text)),
  );

/**
 * Return widgets side by side.
 * @param {Row} widget
 * @param {Page} page
 * @param {Draw} draw
 */
export const row = (widget, page, draw) =>
  el(
    "div",
    { class: `row ${widget.gap}` },
    widget.items.map((item) => draw(item, page)),
  );

/**
 * Return widgets one above the other.
 * @param {Column} widget
 * @param {Page} page
 * @param {Draw} draw
 */
export const column = (widget, page, draw) =>
  el(
    "div",
    { class: `column ${widget.gap}` },
    widget.items.map((item) => draw(item, page)),
  );

/**
 * Return what the board keeps for many frames.
 * @param {PartOf} widget
 * @param {Page} page
 * @param {Draw} draw
 */
export const part = (widget, page, draw) => draw(page.parts[widget.id], page);
