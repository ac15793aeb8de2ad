// A matrix as colours: vermilion above zero, blue and hatched below; pointer and arrow keys read an entry.

import { el, rich } from "./dom.js";
import { say, t } from "./words.js";
import { shown } from "./numbers.js";

const SHARP = 2; // canvas pixels a pixel
const ROOM = 2.5; // pixels that an entry needs for its stroke to be seen
const FAINT = 0.12; // of the span: nearer to zero a sign says little

/** Paint one pixel an entry. */
function colours(rows, span) {
  const canvas = el("canvas", { width: rows[0].length, height: rows.length });
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  rows.flat().forEach((v, i) => image.data.set([...(v > 0 ? [213, 94, 0] : [0, 114, 178]), 255 * Math.min(1, Math.abs(v) / span)], 4 * i));
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Stroke every entry below zero: the sign is told without colour. */
function strokes(context, rows, span, unit) {
  context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--paper");
  context.lineWidth = Math.max(SHARP / 2, unit / 8);
  context.beginPath();
  rows.forEach((line, i) =>
    line.forEach((v, j) => {
      if (v > -FAINT * span) return;
      context.moveTo((j + 0.15) * unit, (i + 0.5) * unit);
      context.lineTo((j + 0.85) * unit, (i + 0.5) * unit);
    }),
  );
  context.stroke();
}

/** Return a heatmap. */
export function heat(widget, page) {
  const { rows, span, size } = widget;
  const [n, m] = [rows.length, rows[0].length];
  const unit = size / m;
  const high = Math.round(unit * n);
  const name = say(widget.label);
  const canvas = el("canvas", { width: size * SHARP, height: high * SHARP, style: `width:${size}px;height:${high}px`, role: "img", "aria-label": t("heat_of", { name, rows: n, cols: m, span: shown(span, 3) }) });
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(colours(rows, span), 0, 0, canvas.width, canvas.height);
  if (unit >= ROOM) strokes(context, rows, span, unit * SHARP);
  const read = el("output", { class: "read", text: "\u00a0" });
  const ring = ([i, j], kind) => el("i", { class: kind, style: `left:${(j + 0.5) * unit}px;top:${(i + 0.5) * unit}px` });
  const cursor = ring([0, 0], "ring cursor");
  if (!page.still) readable(canvas, rows, { name, page, read, cursor });
  return el("figure", { class: "heat" }, el("figcaption", null, rich(name)),
    el("div", { class: "sheetlet", style: `width:${size}px` }, canvas, widget.mark ? ring(widget.mark, "ring") : null, cursor),
    el("div", { class: "scale" }, el("span", { text: shown(-span, 2) }), el("i", { class: unit >= ROOM ? "stroked" : null }), el("span", { text: shown(span, 2) })), read);
}

/** Let the pointer and the arrow keys read an entry. */
function readable(canvas, rows, { name, page, read, cursor }) {
  const [n, m] = [rows.length, rows[0].length];
  const places = (page.places ??= {});
  let at = places[name] || [0, 0];
  const tell = (i, j) => {
    at = places[name] = [Math.min(n - 1, Math.max(0, i)), Math.min(m - 1, Math.max(0, j))];
    read.textContent = `[${at[0] + 1}, ${at[1] + 1}] ${shown(rows[at[0]][at[1]], 4)}`;
    cursor.style.left = `${(100 * (at[1] + 0.5)) / m}%`;
    cursor.style.top = `${(100 * (at[0] + 0.5)) / n}%`;
  };
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    tell(Math.floor(((event.clientY - box.top) / box.height) * n), Math.floor(((event.clientX - box.left) / box.width) * m));
  });
  canvas.addEventListener("focus", () => canvas.matches(":focus-visible") && tell(...at));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    tell(at[0] + step[0], at[1] + step[1]);
  });
}
