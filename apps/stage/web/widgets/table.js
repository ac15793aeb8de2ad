// A table with headings; a click on a heading sorts it.

/** @import { Page, Table } from "../contract.js" */

import { clamp, el } from "../dom.js";
import { tinted } from "../look.js";
import { say, t } from "../words.js";

/**
 * Return a table; a heading with a key is a button that changes the control `sort`.
 * @param {Table} widget
 * @param {Page} page
 */
export function table(widget, page) {
  const { heads, rows, on, faint } = widget;
  const name = say(widget.label);
  const kind = (i) => `${on.includes(i) ? "on" : ""} ${faint.includes(i) ? "faint" : ""}`.trim();
  return el(
    "figure",
    { class: "ranked" },
    name ? el("figcaption", { text: name }) : null,
    el(
      "table",
      { "aria-label": name || null },
      el(
        "thead",
        null,
        el(
          "tr",
          null,
          heads.map((one, j) => heading(one, j, widget, page)),
        ),
      ),
      el(
        "tbody",
        null,
        rows.map((row, i) => {
          const whole = row.length === 2 && heads.length > 2; // the second cell spans the others
          return el(
            "tr",
            { class: kind(i) || null },
            row.map((cell, j) => entry(cell, j, j && whole ? heads.length - 1 : null)),
          );
        }),
      ),
    ),
  );
}

/**
 * Return a column's heading.
 * @param {Table["heads"][number]} one
 * @param {number} j
 * @param {Table} widget
 * @param {Page} page
 */
function heading({ label, key, arrow, unit }, j, { sort, by }, page) {
  const told = [
    say(label),
    arrow ? el("span", { class: "way", text: ` ${arrow}` }) : "",
    say(unit) ? el("small", { text: say(unit) }) : "",
  ];
  const sorted = key && key === by;
  const button = () =>
    el(
      "button",
      {
        "data-key": `table.${key}`,
        title: t("sort_by", { name: say(label) }),
        onclick: () => page.change(sort, key),
      },
      told,
    );
  return el(
    "th",
    {
      scope: "col",
      class: j ? null : "first",
      "aria-sort": sorted ? (arrow === "↑" ? "descending" : "ascending") : null,
    },
    key && sort && !page.still ? button() : told,
  );
}

/**
 * Return an entry: its text, over a bar as long as its share.
 * @param {Table["rows"][number][number]} cell
 * @param {number} j
 * @param {number | null} columns that it spans
 */
function entry({ text, bar, role }, j, columns) {
  const gauge = (share) =>
    el(
      "span",
      { class: "gauge", "aria-hidden": "true" },
      el("i", { style: `width:${(100 * clamp(0, share, 1)).toFixed(1)}%` }),
    );
  return el(
    j ? "td" : "th",
    {
      scope: j ? null : "row",
      class: j ? null : "first",
      colspan: columns,
      style: tinted(role),
    },
    el("span", { text: say(text) }),
    bar === null ? null : gauge(bar),
  );
}
