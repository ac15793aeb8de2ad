// Numbers as squares of colour, written in where there is room; rectangles around some of them; what
// is pressed picks an entry.

/** @import { Page, Raster } from "../contract.js" */

import { arrow, caption, clamp, drawing, el, keep, svg } from "../dom.js";
import { LOOK, parsed, rgb, tinted } from "../look.js";
import { shown } from "../numbers.js";
import { announce } from "../voice.js";
import { say, t } from "../words.js";
import { strokes } from "./heat.js";
import { pixels, sheet, sized } from "./shades.js";

const SHARP = 2; // canvas pixels a pixel
const LEAST = 3; // decimals of an entry that is read out

/**
 * Return a raster.
 * @param {Raster} widget
 * @param {Page} page
 */
export function raster(widget, page) {
  const { rows, size, tall, role, digits, outlines, press } = widget;
  const [n, m] = [rows.length, rows[0].length];
  const unit = size / m;
  const step = tall * unit; // from row to row
  const high = step * n;
  const hidden = page.hidden(widget.key);
  const name = say(widget.label);
  const { canvas, pen } = sheet(Math.round(size * SHARP), Math.round(high * SHARP), {
    style: sized(size, high),
    role: "img",
    "aria-label": t("raster_of", { name, rows: n, cols: m }),
  });
  if (!hidden) {
    pen.imageSmoothingEnabled = false;
    pen.drawImage(colours(widget), 0, 0, canvas.width, canvas.height);
    const struck = !role && digits === null && unit >= LOOK.heat.room;
    if (struck) strokes(pen, rows, widget.span, unit * SHARP);
  }
  const cursor = svg("rect", { class: "cursor", width: unit, height: step });
  const over = drawing(
    size,
    high,
    { "aria-hidden": "true", style: `--t:${letters(widget, unit)}px` },
    unit >= LOOK.raster.ruled ? ruled(n, m, [unit, step]) : null,
    digits === null ? null : numbers(rows, digits, [unit, step], hidden),
    widget.ticks ? ticks(n, m, [unit, step]) : null,
    outlines.map(({ box: [i, j, h, w], role: tone, dashed }) =>
      svg("rect", {
        class: dashed ? "outline dashed" : "outline",
        style: tinted(tone),
        ...{ x: j * unit, y: i * step, width: w * unit, height: h * step },
      }),
    ),
    cursor,
  );
  const kind = `sheetlet ${widget.ticks ? "ticked" : ""}`.trim();
  const box = el("div", { class: kind, style: `width:${size}px` }, canvas, over);
  if (press && !page.still) pressable(box, cursor, widget, page, name);
  return el("figure", { class: "raster" }, caption(name), box);
}

/**
 * Return how large numbers are that fit into their squares.
 * @param {Raster} widget
 * @param {number} unit a square's width
 */
function letters({ rows, digits }, unit) {
  const { size, share, between } = LOOK.raster;
  if (digits === null) return size;
  const longest = Math.max(...rows.flat().map((v) => (v === null ? 0 : shown(v, digits).length)));
  return Math.min(size, (unit - between) / (share.wide * longest));
}

/**
 * Return a canvas of one pixel an entry.
 * @param {Raster} widget
 */
function colours({ rows, span, role, digits }) {
  const { canvas, pen } = sheet(rows[0].length, rows.length);
  const full = 255 * (digits === null ? 1 : LOOK.raster.share.tint); // numbers stay legible on it
  const above = role ? rgb(role) : parsed(LOOK.sign.above);
  const below = parsed(LOOK.sign.below);
  pixels(pen, rows.flat(), (v) => [
    ...(v > 0 ? above : below),
    role && v < 0 ? 0 : full * Math.min(1, Math.abs(v ?? 0) / span),
  ]);
  return canvas;
}

/**
 * Return the lines between entries.
 * @param {number} n rows
 * @param {number} m columns
 * @param {number[]} entry its width and height
 */
function ruled(n, m, [wide, tall]) {
  const across = Array.from({ length: n - 1 }, (_, i) => `M0 ${(i + 1) * tall}h${m * wide}`);
  const down = Array.from({ length: m - 1 }, (_, j) => `M${(j + 1) * wide} 0v${n * tall}`);
  return svg("path", { class: "ruled", d: [...across, ...down].join("") });
}

/**
 * Return the numbers of rows and columns, beside and above them.
 * @param {number} n rows
 * @param {number} m columns
 * @param {number[]} entry its width and height
 */
function ticks(n, m, [wide, tall]) {
  const middle = { class: "num", "text-anchor": "middle", dy: "0.36em" };
  const off = -LOOK.raster.tick / 2;
  return [
    Array.from({ length: n }, (_, i) =>
      svg("text", { ...middle, x: off, y: (i + 0.5) * tall, text: String(i) }),
    ),
    Array.from({ length: m }, (_, j) =>
      svg("text", { ...middle, x: (j + 0.5) * wide, y: off, text: String(j) }),
    ),
  ];
}

/**
 * Return the numbers in their squares.
 * @param {Raster["rows"]} rows
 * @param {number} digits
 * @param {number[]} entry its width and height
 * @param {boolean} hidden
 */
const numbers = (rows, digits, [wide, tall], hidden) =>
  rows.map((line, i) =>
    line.map((v, j) =>
      v === null
        ? null
        : svg("text", {
            x: (j + 0.5) * wide,
            y: (i + 0.5) * tall,
            class: "num",
            "text-anchor": "middle",
            dy: "0.36em",
            text: hidden ? "?" : shown(v, digits),
          }),
    ),
  );

/**
 * Let an entry be pressed, by the pointer or by arrow keys and Enter.
 * @param {HTMLElement} box
 * @param {SVGElement} cursor
 * @param {Raster} widget
 * @param {Page} page
 * @param {string} name
 */
function pressable(box, cursor, { rows, size, tall, press, digits }, page, name) {
  if (!press) return;
  const [n, m] = [rows.length, rows[0].length];
  const unit = size / m;
  const key = `raster.${press.input}.${press.at.join(".")}.${press.input ? "" : name}`;
  let at = page.places[key] || [Math.floor(n / 2), Math.floor(m / 2)];
  const mark = (i, j) => {
    at = page.places[key] = [clamp(0, i, n - 1), clamp(0, j, m - 1)];
    cursor.setAttribute("x", String(at[1] * unit));
    cursor.setAttribute("y", String(at[0] * unit * tall));
    const value = shown(rows[at[0]][at[1]], digits ?? LEAST);
    box.title = `[${at[0] + 1}, ${at[1] + 1}] ${value}`;
  };
  const go = () => {
    const { input, frame, each } = press;
    const to = frame === null ? undefined : frame + (each ? at[0] * m + at[1] : 0);
    if (input) page.pick(input, [...press.at, ...at], to);
    else if (to !== undefined) page.go(to);
  };
  const place = (event) => {
    const { left, top, width, height } = box.getBoundingClientRect();
    mark(
      Math.floor(((event.clientY - top) / height) * n),
      Math.floor(((event.clientX - left) / width) * m),
    );
  };
  mark(at[0], at[1]);
  box.classList.add("pressable");
  box.tabIndex = 0;
  box.dataset.key = key;
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", t("raster_keys", { name, rows: n, cols: m }));
  box.addEventListener("pointermove", place);
  box.addEventListener("click", (event) => {
    place(event);
    go();
  });
  box.addEventListener("keydown", (event) => {
    const way = arrow(event);
    if (way) mark(at[0] + way[1], at[1] + way[0]);
    else if (event.key !== "Enter" && event.key !== " ") return;
    keep(event);
    if (way) announce(box.title);
    else go();
  });
}
