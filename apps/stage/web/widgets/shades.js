// Canvases of shades: so much of a colour a pixel.

/** @import { Grey } from "../contract.js" */

import { el } from "../dom.js";
import { rgb } from "../look.js";

/**
 * Return a canvas and what paints on it.
 * @param {number} width pixels of its own
 * @param {number} height
 * @param {Record<string, any>} [attributes]
 */
export function sheet(width, height, attributes) {
  const canvas = el("canvas", { width, height, ...attributes });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  return { canvas, pen };
}

/**
 * Return the style of a canvas's size on the page.
 * @param {number} width
 * @param {number} height
 */
export const sized = (width, height = width) => `width:${width}px;height:${height}px`;

/**
 * Paint one pixel an entry.
 * @param {CanvasRenderingContext2D} pen
 * @param {ArrayLike<any>} entries row by row
 * @param {(entry: any) => number[]} tint [r, g, b, how much of it from 0 to 255]
 */
export function pixels(pen, entries, tint) {
  const image = pen.createImageData(pen.canvas.width, pen.canvas.height);
  for (let i = 0; i < entries.length; i++) image.data.set(tint(entries[i]), 4 * i);
  pen.putImageData(image, 0, 0);
}

/**
 * Paint shades 0 … 255 as that much of a role's colour.
 * @param {CanvasRenderingContext2D} pen
 * @param {ArrayLike<number>} shades
 * @param {string} role
 * @param {number} most
 */
export function paint(pen, shades, role, most = 1) {
  const [r, g, b] = rgb(role);
  pixels(pen, shades, (shade) => [r, g, b, shade * most]);
}

/**
 * Return a picture of shades as an element.
 * @param {ArrayLike<number>} shades
 * @param {Pick<Grey, "rows" | "cols" | "size" | "role"> & { label: string }} look
 */
export function picture(shades, { rows, cols, size, role, label }) {
  const { canvas, pen } = sheet(cols, rows, {
    class: "shades",
    style: sized(size, Math.round((size * rows) / cols)),
    role: "img",
    "aria-label": label,
  });
  paint(pen, shades, role);
  return canvas;
}
