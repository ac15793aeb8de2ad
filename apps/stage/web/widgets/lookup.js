// Weights as a grid, with its tokens along both sides.

/** @import { Lookup, Page, Value } from "../contract.js" */

import { clamp, drawing, svg } from "../dom.js";
import { LOOK, tinted } from "../look.js";
import { shown } from "../numbers.js";
import { say, t } from "../words.js";
import { litFigure, NOTHING, picking, reading, rowsOf } from "./attention.js";
import { letters, named, span, written } from "./letters.js";

/**
 * Return weights as a grid with its tokens along both sides.
 * @param {Lookup} widget
 * @param {Page} page
 */
export function lookup(widget, page) {
  const rows = rowsOf(widget, page);
  const [queries, keys] = [widget.queries.map(say), widget.keys.map(say)];
  const look = LOOK.lookup;
  const c = widget.cell;
  const size = clamp(look.size.least, c * look.share.letter, look.size.most);
  const long = (texts) => Math.max(...texts.map((text) => span(text, size)));
  const turned = long(keys) > c;
  const left = long(queries) + look.gap.left;
  const top = turned ? long(keys) + look.gap.turned : size + look.gap.top;
  const [wide, tall] = [c * keys.length, c * queries.length];
  const [w, h] = [left + wide + 1, top + tall + 1];
  const style = `font-size:${size}px`;
  const row = svg("rect", { class: "ring", x: left, width: wide, height: c });
  const column = svg("rect", { class: "ring", y: top, width: c, height: tall });
  const aside = (text, i) => {
    const middle = top + i * c + c / 2;
    if (text === " ") return letters(text, left - look.gap.left, middle);
    const place = { x: left - look.beside, y: middle + size / 3, "text-anchor": "end" };
    return svg("text", { ...place, class: "token", style, text: written(text) });
  };
  const above = (text, j) => {
    const middle = left + j * c + c / 2;
    if (!turned || text === " ") return letters(text, middle, top - size / 2 - look.above, size);
    const transform = `translate(${middle + size / 3} ${top - look.beside}) rotate(-90)`;
    return svg("text", { transform, class: "token", style, text: written(text) });
  };
  const name = say(widget.label);
  const all = { rows: rows.length, cols: rows[0]?.length ?? 0, span: 1 };
  const picture = drawing(
    w,
    h,
    {
      role: "img",
      style: tinted(widget.role),
      "aria-label": t("heat_of", { name: name || t("weights"), ...all }),
    },
    svg("rect", { class: "ground", x: left, y: top, width: wide, height: tall }),
    rows.map((line, i) => line.map((v, j) => cell(v, left + j * c, top + i * c, widget, size))),
    row,
    column,
    queries.map(aside),
    keys.map(above),
  );
  const read = reading();
  const figure = litFigure("lookup", widget.group, name, picture, page.still ? null : read);
  figure.lit = (query, key) => {
    const [i, j] = [query ?? -1, key ?? -1];
    row.style.display = i < 0 ? "none" : "";
    column.style.display = j < 0 ? "none" : "";
    if (i >= 0) row.setAttribute("y", String(top + i * c));
    if (j >= 0) column.setAttribute("x", String(left + j * c));
    const both = i >= 0 && j >= 0;
    const weight = () => (rows[i][j] === null ? t("masked") : shown(rows[i][j], 3));
    read.textContent = both ? `${named(queries[i])} → ${named(keys[j])} ${weight()}` : NOTHING;
  };
  if (!page.still) {
    const pick = picking(figure, picture, widget);
    picture.addEventListener("pointermove", (event) => {
      const at = picture.getBoundingClientRect();
      const j = Math.floor((((event.clientX - at.left) / at.width) * w - left) / c);
      const i = Math.floor((((event.clientY - at.top) / at.height) * h - top) / c);
      if (i >= 0 && j >= 0 && i < queries.length && j < keys.length) pick(i, j);
    });
  }
  figure.lit(widget.now, null);
  return figure;
}

/**
 * Return one weight of a grid; what was masked is a stroke.
 * @param {Value} v
 * @param {number} x
 * @param {number} y
 * @param {Lookup} widget
 * @param {number} size of the letters
 */
function cell(v, x, y, { cell: c, digits, most }, size) {
  const { faint, strong } = LOOK.lookup.share;
  if (v === null)
    return svg("path", {
      class: "masked",
      d: `M${x + c * 0.3} ${y + c * 0.7}L${x + c * 0.7} ${y + c * 0.3}`,
    });
  const number = {
    x: x + c / 2,
    y: y + c / 2 + size / 3,
    "text-anchor": "middle",
    class: v > strong * most ? "num strong" : "num",
    style: `font-size:${size}px`,
  };
  return [
    v > faint * most
      ? svg("rect", { x, y, width: c, height: c, "fill-opacity": Math.min(1, v / most) })
      : null,
    digits ? svg("text", { ...number, text: v.toFixed(digits) }) : null,
  ];
}
