// Pixel grids; one that is edited is painted with the pointer, or by arrow keys and Space; of one
// that offers a choice a cell is taken by a click or by the same keys.

/** @import { Cells, Page } from "../contract.js" */

import { arrow, caption, el, keep } from "../dom.js";
import { LOOK, tinted } from "../look.js";
import { announce } from "../voice.js";
import { say, t } from "../words.js";
import { loads, strokesOf } from "./load.js";

/**
 * Return pixels between cells of a size; many in a row stand without a gap.
 * @param {number} size
 * @param {number} cols
 */
function between(size, cols) {
  const { gap, above, bare } = LOOK.cells;
  if (cols > bare.joined) return gap.tiny;
  if (size > above.large) return gap.large;
  if (size > above.middle) return gap.middle;
  return size > above.small ? gap.small : gap.tiny;
}

/**
 * Return a grid of cells.
 * @param {Cells} widget
 * @param {Page} page
 */
export function cells(widget, page) {
  const { bits, rows, cols, size, levels } = widget;
  const on = [...bits].filter((b) => b === "1").length;
  const name = say(widget.label);
  const flipped = [widget.flip].flat();
  const shade = (i) =>
    levels
      ? `background:color-mix(in srgb, var(--c) ${Math.round(50 * (levels[i] + 1))}%, var(--cell))`
      : null;
  const boxes = [...bits].map((b, i) =>
    el("i", {
      class: `${b === "1" ? "on" : ""}${flipped.includes(i) ? " flip" : ""}`,
      style: shade(i),
    }),
  );
  const grid = el(
    "div",
    {
      class: "cells",
      style: [
        tinted(widget.role),
        `--s:${size}px`,
        `--g:${between(size, cols)}px`,
        `grid-template-columns:repeat(${cols},var(--s))`,
      ].join(";"),
      role: "img",
      "aria-label": t("grid_of", { name, rows, cols, on }),
    },
    boxes,
  );
  if (widget.edit && !page.still) draws(widget, page, grid, boxes, widget.edit);
  if (widget.pick && !page.still) picks(widget, page, grid, boxes, widget.pick);
  const { edit, at, brush } = widget;
  if (!edit || page.still || rows !== cols || (brush ?? 1) < 2)
    return el("figure", null, caption(name), grid);
  const take = async (given) => page.paint(edit, at, await strokesOf(given, cols));
  const load = loads(grid, { word: "load_picture", accept: "image/*", take });
  return el("figure", null, caption(name), grid, load);
}

/**
 * What the keys do in a grid.
 * @typedef {object} Walk
 * @property {string} key tells grids of a page apart
 * @property {string} keys the word for what the keys do
 * @property {(i: number) => boolean} on whether a cell is on
 * @property {(i: number) => () => void} act take a cell; return what is left to do when it is said
 */

/**
 * Let the arrow keys move over a grid, and Space or Enter take a cell.
 * @param {Cells} widget
 * @param {Page} page
 * @param {HTMLElement} grid
 * @param {HTMLElement[]} boxes
 * @param {Walk} walk
 */
function walks({ rows, cols }, page, grid, boxes, { key, keys, on, act }) {
  const place = () => Math.min(page.places[key] ?? 0, boxes.length - 1);
  const mark = () => {
    const at = place();
    boxes.forEach((box, i) => {
      box.classList.toggle("at", i === at);
    });
    const value = t(on(at) ? "on" : "off");
    announce(t("cell_at", { row: Math.floor(at / cols) + 1, col: (at % cols) + 1, value }));
  };
  grid.classList.add("draw");
  grid.tabIndex = 0;
  grid.setAttribute("role", "application");
  grid.setAttribute("aria-label", `${grid.getAttribute("aria-label")}. ${t(keys)}`);
  grid.dataset.key = key;
  grid.addEventListener("focus", () => grid.matches(":focus-visible") && mark());
  grid.addEventListener("blur", () => {
    boxes.forEach((box) => {
      box.classList.remove("at");
    });
  });
  grid.addEventListener("keydown", (event) => {
    const way = arrow(event);
    const step = way ? way[0] + way[1] * cols : 0;
    let [at, left] = [place(), () => {}];
    if (step && at + step >= 0 && at + step < rows * cols) at += step;
    else if (event.key === " " || event.key === "Enter") left = act(at);
    else return;
    keep(event);
    page.places[key] = at;
    mark();
    left();
  });
}

/**
 * Return which of the boxes is under the pointer, −1 for none.
 * @param {HTMLElement[]} boxes
 * @param {PointerEvent} event
 */
const under = (boxes, { clientX, clientY }) =>
  boxes.indexOf(/** @type {HTMLElement} */ (document.elementFromPoint(clientX, clientY)));

/**
 * Let a cell be chosen.
 * @param {Cells} widget
 * @param {Page} page
 * @param {HTMLElement} grid
 * @param {HTMLElement[]} boxes
 * @param {string} input what the choice changes
 */
function picks(widget, page, grid, boxes, input) {
  const key = `pick.${input}`;
  walks(widget, page, grid, boxes, {
    key,
    keys: "cell_choose",
    on: (i) => widget.bits[i] === "1",
    act: (i) => () => page.change(input, i),
  });
  grid.addEventListener("click", (event) => {
    const i = under(boxes, /** @type {PointerEvent} */ (event));
    if (i < 0) return;
    page.places[key] = i;
    page.change(input, i);
  });
}

/**
 * Let a grid be drawn into.
 * @param {Cells} widget
 * @param {Page} page
 * @param {HTMLElement} grid
 * @param {HTMLElement[]} boxes
 * @param {string} input what drawing changes
 */
function draws(widget, page, grid, boxes, input) {
  const { cols, brush: wide = 1, pen } = widget;
  const state = [...widget.bits];
  const key = `${input}.${widget.at.join(".")}`;
  /** @type {string | null} */
  let brush = null; // what the pen that is down draws
  const put = (i, value) => {
    state[i] = value;
    boxes[i].classList.toggle("on", value === "1");
  };
  const other = (i) => (state[i] === "1" ? "0" : "1");
  const stroke = (i) => {
    for (let dy = 0; dy < wide; dy++)
      for (let dx = 0; dx < wide; dx++) {
        const cell = i + dy * cols + dx;
        if ((i % cols) + dx < cols && cell < state.length) put(cell, brush);
      }
  };
  /** Draw from one cell to another: a pointer that is moved fast jumps over cells. */
  const line = (from, to) => {
    const [y, x] = [Math.floor(from / cols), from % cols];
    const [down, right] = [Math.floor(to / cols) - y, (to % cols) - x];
    const steps = Math.max(Math.abs(down), Math.abs(right), 1);
    for (let k = 0; k <= steps; k++)
      stroke((y + Math.round((down * k) / steps)) * cols + x + Math.round((right * k) / steps));
  };
  const done = () => page.paint(input, widget.at, state.join(""));
  walks(widget, page, grid, boxes, {
    key,
    keys: "cell_keys",
    on: (i) => state[i] === "1",
    act: (i) => {
      put(i, other(i));
      return done;
    },
  });
  grid.addEventListener("pointerdown", (event) => {
    const i = under(boxes, event);
    if (i < 0) return;
    brush = pen || other(i);
    page.painting(true);
    page.places[key] = i;
    stroke(i);
    grid.setPointerCapture(event.pointerId);
  });
  grid.addEventListener("pointermove", (event) => {
    const i = brush === null ? -1 : under(boxes, event);
    if (i < 0) return;
    line(page.places[key], i);
    page.places[key] = i;
  });
  const lift = () => {
    page.painting(false);
    if (brush !== null) done();
    brush = null;
  };
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    grid.addEventListener(end, lift);
}
