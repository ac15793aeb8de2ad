// A matrix as colours: vermilion above zero, blue and hatched below; pointer and arrow keys read an
// entry.

/** @import { Heat, Label, Page } from "../contract.js" */

import { arrow, clamp, el, keep, rich } from "../dom.js";
import { LOOK, parsed } from "../look.js";
import { shown } from "../numbers.js";
import { say, t } from "../words.js";
import { pixels, sheet, sized } from "./shades.js";

const SHARP = 2; // canvas pixels a pixel

/**
 * Return a canvas of one pixel an entry.
 * @param {number[][]} rows
 * @param {number} span
 */
function colours(rows, span) {
  const { canvas, pen } = sheet(rows[0].length, rows.length);
  const [above, below] = [parsed(LOOK.sign.above), parsed(LOOK.sign.below)];
  pixels(pen, rows.flat(), (v) => [
    ...(v > 0 ? above : below),
    255 * Math.min(1, Math.abs(v) / span),
  ]);
  return canvas;
}

/**
 * Stroke every entry below zero that can be seen: the sign is told without colour.
 * @param {CanvasRenderingContext2D} pen
 * @param {(number | null)[][]} rows
 * @param {number} span
 * @param {number} unit canvas pixels of an entry
 */
export function strokes(pen, rows, span, unit) {
  pen.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--paper");
  pen.lineWidth = Math.max(SHARP / 2, unit / 8);
  pen.beginPath();
  rows.forEach((line, i) => {
    line.forEach((v, j) => {
      if ((v ?? 0) > -LOOK.sign.share.faint * span) return; // nearer to zero a sign says little
      pen.moveTo((j + 0.15) * unit, (i + 0.5) * unit);
      pen.lineTo((j + 0.85) * unit, (i + 0.5) * unit);
    });
  });
  pen.stroke();
}

/**
 * Return a heatmap.
 * @param {Heat} widget
 * @param {Page} page
 */
export function heat(widget, page) {
  const { rows, span, size } = widget;
  const [n, m] = [rows.length, rows[0].length];
  const unit = size / m;
  const high = Math.round(unit * n);
  const name = say(widget.label);
  const { canvas, pen } = sheet(size * SHARP, high * SHARP, {
    style: sized(size, high),
    role: "img",
    "aria-label": t("heat_of", { name, rows: n, cols: m, span: shown(span, 3) }),
  });
  pen.imageSmoothingEnabled = false;
  pen.drawImage(colours(rows, span), 0, 0, canvas.width, canvas.height);
  const stroked = unit >= LOOK.heat.room; // wide enough for a stroke to be seen
  if (stroked) strokes(pen, rows, span, unit * SHARP);
  const read = el("output", { class: "read", text: "\u00a0" });
  /** @type {(place: number[], kind: string) => HTMLElement} */
  const ring = ([i, j], kind) =>
    el("i", { class: kind, style: `left:${(j + 0.5) * unit}px;top:${(i + 0.5) * unit}px` });
  const cursor = ring([0, 0], "ring cursor");
  if (!page.still) readable(canvas, rows, { name, page, read, cursor });
  return el(
    "figure",
    { class: "heat" },
    el("figcaption", null, rich(name)),
    side(widget.ylabel, size),
    el(
      "div",
      { class: "heads-of", style: `width:${size}px` },
      widget.columns.map((column) => el("span", { class: "tick", text: say(column) })),
    ),
    el(
      "div",
      { class: "sheetlet", style: `width:${size}px` },
      canvas,
      widget.mark ? ring(widget.mark, "ring") : null,
      cursor,
    ),
    side(widget.xlabel, size),
    el(
      "div",
      { class: "scale" },
      el("span", { text: shown(-span, 2) }),
      el("i", { class: stroked ? "stroked" : null }),
      el("span", { text: shown(span, 2) }),
    ),
    read,
  );
}

/**
 * Return the name of an axis, over the first column or under the last one.
 * @param {Label} name
 * @param {number} size of the picture
 */
const side = (name, size) =>
  say(name) ? el("div", { class: "side", style: `width:${size}px`, text: say(name) }) : null;

/**
 * Let the pointer and the arrow keys read an entry.
 * @param {HTMLElement} canvas
 * @param {number[][]} rows
 * @param {{ name: string, page: Page, read: HTMLElement, cursor: HTMLElement }} figure
 */
function readable(canvas, rows, { name, page, read, cursor }) {
  const [n, m] = [rows.length, rows[0].length];
  let at = page.places[name] || [0, 0];
  const tell = (i, j) => {
    at = page.places[name] = [clamp(0, i, n - 1), clamp(0, j, m - 1)];
    read.textContent = `[${at[0] + 1}, ${at[1] + 1}] ${shown(rows[at[0]][at[1]], 4)}`;
    cursor.style.left = `${(100 * (at[1] + 0.5)) / m}%`;
    cursor.style.top = `${(100 * (at[0] + 0.5)) / n}%`;
  };
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    tell(
      Math.floor(((event.clientY - box.top) / box.height) * n),
      Math.floor(((event.clientX - box.left) / box.width) * m),
    );
  });
  canvas.addEventListener("focus", () => {
    if (canvas.matches(":focus-visible")) tell(at[0], at[1]);
  });
  canvas.addEventListener("keydown", (event) => {
    const way = arrow(event);
    if (!way) return;
    keep(event);
    tell(at[0] + way[1], at[1] + way[0]);
  });
}
