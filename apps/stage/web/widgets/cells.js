// Pixel grids; one that is edited is painted with the pointer, or by arrow keys and Space.

/** @import { Cells, Page } from "../contract.js" */

import { arrow, caption, el, keep } from "../dom.js";
import { LOOK, tinted } from "../look.js";
import { announce } from "../voice.js";
import { say, t } from "../words.js";

/**
 * Return pixels between cells of a size.
 * @param {number} size
 */
function between(size) {
  const { gap, above } = LOOK.cells;
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
        `--g:${between(size)}px`,
        `grid-template-columns:repeat(${cols},var(--s))`,
      ].join(";"),
      role: "img",
      "aria-label": t("grid_of", { name, rows, cols, on }),
    },
    boxes,
  );
  if (widget.edit && !page.still) draws(widget, page, grid, boxes, widget.edit);
  return el("figure", null, caption(name), grid);
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
  const { rows, cols, brush: wide = 1 } = widget;
  const state = [...widget.bits];
  const key = `${input}.${widget.at.join(".")}`;
  let at = Math.min(page.places[key] ?? 0, state.length - 1);
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
  const done = () => page.paint(input, widget.at, state.join(""));
  const mark = () => {
    boxes.forEach((box, i) => {
      box.classList.toggle("at", i === at);
    });
    const value = t(state[at] === "1" ? "on" : "off");
    announce(t("cell_at", { row: Math.floor(at / cols) + 1, col: (at % cols) + 1, value }));
  };
  grid.classList.add("draw");
  grid.tabIndex = 0;
  grid.setAttribute("role", "application");
  grid.setAttribute("aria-label", `${grid.getAttribute("aria-label")}. ${t("cell_keys")}`);
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
    if (step && at + step >= 0 && at + step < rows * cols) at += step;
    else if (event.key === " " || event.key === "Enter") put(at, other(at));
    else return;
    keep(event);
    page.places[key] = at;
    mark();
    if (!step) done();
  });
  const hit = (event) => {
    const box = document.elementFromPoint(event.clientX, event.clientY);
    return boxes.indexOf(/** @type {HTMLElement} */ (box));
  };
  grid.addEventListener("pointerdown", (event) => {
    const i = hit(event);
    if (i < 0) return;
    brush = other(i);
    page.painting(true);
    at = page.places[key] = i;
    stroke(i);
    grid.setPointerCapture(event.pointerId);
  });
  grid.addEventListener("pointermove", (event) => {
    const i = brush === null ? -1 : hit(event);
    if (i >= 0) stroke(i);
  });
  const lift = () => {
    page.painting(false);
    if (brush !== null) done();
    brush = null;
  };
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    grid.addEventListener(end, lift);
}
