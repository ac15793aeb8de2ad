// Small grids of weights, a row a layer and a column a head; pressing one shows it large.

/** @import { Heads, Page } from "../contract.js" */

import { caption, drawing, el, svg } from "../dom.js";
import { LOOK, tinted } from "../look.js";
import { say } from "../words.js";
import { rowsOf } from "./attention.js";

/**
 * Return small grids, a row a layer and a column a head; pressing one shows it large.
 * @param {Heads} widget
 * @param {Page} page
 */
export function heads(widget, page) {
  const one = (item) => {
    const rows = rowsOf(item, page);
    const [n, m] = [rows.length, rows[0]?.length ?? 0];
    const unit = widget.size / Math.max(n, m);
    const square = (v, i, j) =>
      v > LOOK.heads.share.faint
        ? svg("rect", {
            ...{ x: j * unit, y: i * unit, width: unit, height: unit },
            "fill-opacity": v,
          })
        : null;
    const picture = drawing(
      m * unit,
      n * unit,
      { "aria-hidden": "true", style: tinted("hidden") },
      rows.map((row, i) => row.map((v, j) => square(v, i, j))),
    );
    const label = say(item.name);
    const face = [el("span", { text: label }), picture];
    const names = `head${item.on ? " on" : ""}${item.off ? " off" : ""}`;
    const picks = Object.entries(item.picks);
    if (page.still || !picks.length) return el("div", { class: names }, face);
    return el(
      "button",
      {
        class: names,
        "aria-pressed": String(item.on),
        "data-key": `head.${label}`,
        onclick: () => {
          for (const [input, value] of picks) page.change(input, value);
        },
      },
      face,
    );
  };
  return el(
    "figure",
    { class: "heads" },
    caption(say(widget.label)),
    widget.rows.map((row) => el("div", { class: "row top" }, row.map(one))),
  );
}
