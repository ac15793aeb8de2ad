// Horizontal bars from zero, each with its number.

/** @import { Bars, Cells, Page } from "../contract.js" */

import { clamp, el, rich } from "../dom.js";
import { colour } from "../look.js";
import { shown } from "../numbers.js";
import { say } from "../words.js";
import { cells } from "./cells.js";

/** @type {Cells} */
const BARE = {
  w: "cells",
  label: "",
  bits: "",
  rows: 0,
  cols: 0,
  size: 0,
  flip: null,
  edit: null,
  at: [],
  role: "ink",
  brush: 1,
  pick: null,
  pen: "",
  levels: null,
};

/**
 * Return bars.
 * @param {Bars} widget
 * @param {Page} page
 */
export function bars(widget, page) {
  const { low, high, items } = widget;
  const hidden = page.hidden(widget.key);
  const place = (v) => ((clamp(low, v, high) - low) / (high - low)) * 100;
  const named = (item, i) => {
    const text = say(item.label);
    if (!widget.press || page.still) return el("span", { text });
    const { input, at, frame } = widget.press;
    const onclick = () => page.pick(input, [...at, i, 0], frame ?? undefined);
    return el("button", { class: "named", "data-key": `bars.${input}.${i}`, onclick, text });
  };
  const bar = (item, i) => {
    const [a, b] = [place(0), place(hidden ? 0 : item.v)].sort((p, q) => p - q);
    return el(
      "li",
      null,
      item.cells ? cells({ ...BARE, ...item.cells }, page) : named(item, i),
      el(
        "span",
        { class: "track" },
        el("i", { style: `left:${a}%;width:${b - a}%;background:${colour(item.role)}` }),
        el("u", { style: `left:${place(0)}%` }),
      ),
      el("b", { class: "num", text: hidden ? "?" : shown(item.v, widget.digits) }),
    );
  };
  return el(
    "figure",
    { class: "bars" },
    el("figcaption", null, rich(say(widget.label))),
    el("ul", null, items.map(bar)),
  );
}
