// The layers of a field, each painted on a canvas and with its sign in the legend.

/** @import { Arrows, Curves, Dots, Layer, Page, Surface } from "../contract.js" */

import { bytes, svg } from "../dom.js";
import { LOOK, parsed, rgb, tinted } from "../look.js";
import { pixels, sheet } from "./shades.js";

/**
 * What a layer is painted with.
 * @typedef {object} Easel
 * @property {CanvasRenderingContext2D} c
 * @property {(x: number, y: number) => [number, number]} place where a point stands, in pixels
 * @property {number} w
 * @property {number} h
 * @property {Page} page
 */

const MIDDLE = 127; // the level of zero
const SEEN = 16; // levels below the middle from which on it is ruled

/** @type {(colour: number[]) => string} */
const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;
const mix = (a, b, share) => a.map((v, i) => Math.round(v + (b[i] - v) * share));

/**
 * Return a surface as a small canvas, one pixel an entry.
 * @param {Surface} layer
 */
function tile(layer) {
  const { canvas, pen } = sheet(layer.cols, layer.rows);
  const above = rgb(layer.above);
  const below = layer.below ? rgb(layer.below) : null;
  const most = 255 * LOOK.sign.share.surface;
  pixels(pen, bytes(layer.levels), (level) => {
    const share = below ? level / MIDDLE - 1 : level / (2 * MIDDLE);
    const [r, g, b] = below && share < 0 ? below : above;
    return [r, g, b, Math.min(255, Math.abs(share) * most)];
  });
  return canvas;
}

/**
 * Rule the part of a surface that lies below its middle, so that it is told without colour.
 * @param {Easel} easel
 * @param {Surface} layer
 */
function rule({ c, w, h }, layer) {
  const levels = atob(layer.levels);
  const step = LOOK.sign.ruled;
  c.strokeStyle = css(rgb("paper"));
  c.lineWidth = 1;
  c.beginPath();
  for (let y = step / 2; y < h; y += step) {
    const line = Math.floor((y / h) * layer.rows) * layer.cols;
    for (let j = 0; j < layer.cols; j++) {
      if (levels.charCodeAt(line + j) > MIDDLE - SEEN) continue;
      c.moveTo((j / layer.cols) * w, y);
      c.lineTo(((j + 1) / layer.cols) * w, y);
    }
  }
  c.stroke();
}

/**
 * @param {Easel} easel
 * @param {Surface} layer
 */
function surface(easel, layer) {
  const { c, w, h } = easel;
  c.imageSmoothingEnabled = true;
  c.drawImage(tile(layer), 0, 0, w, h);
  if (layer.below) rule(easel, layer);
}

/**
 * @param {Easel} easel
 * @param {Curves} layer
 */
function curves({ c, place }, layer) {
  c.strokeStyle = css(rgb(layer.role));
  c.lineWidth = layer.width;
  c.setLineDash(layer.dashed ? LOOK.field.dash : []);
  c.globalAlpha = LOOK.field.share.curve;
  c.beginPath();
  for (const line of layer.lines) {
    let lifted = true; // a gap lifts the pen
    for (const [x, y] of line) {
      if (x !== null && y !== null) {
        if (lifted) c.moveTo(...place(x, y));
        else c.lineTo(...place(x, y));
      }
      lifted = x === null || y === null;
    }
  }
  c.stroke();
  c.setLineDash([]);
  c.globalAlpha = 1;
}

/**
 * @param {Easel} easel
 * @param {Arrows} layer
 */
function arrows({ c, place }, layer) {
  const { stroke, tip: most, dash } = LOOK.field.arrow;
  const { stem, half } = LOOK.field.arrow.share;
  c.strokeStyle = c.fillStyle = css(rgb(layer.role));
  c.lineWidth = stroke;
  layer.from.forEach((from, i) => {
    const ends = [...from, ...layer.to[i]];
    if (ends.includes(null)) return;
    const [x0, y0, x1, y1] = /** @type {number[]} */ (ends);
    const [[x, y], [u, v]] = [place(x0, y0), place(x1, y1)];
    const long = Math.hypot(u - x, v - y);
    if (long < 1) return;
    const [a, b] = [(u - x) / long, (v - y) / long];
    const tip = Math.min(most, long);
    c.beginPath();
    c.moveTo(x, y);
    c.lineTo(u - a * tip * stem, v - b * tip * stem);
    c.setLineDash(layer.dashed ? dash : []);
    c.stroke();
    c.setLineDash([]);
    c.beginPath();
    c.moveTo(u, v);
    c.lineTo(u - a * tip - b * tip * half, v - b * tip + a * tip * half);
    c.lineTo(u - a * tip + b * tip * half, v - b * tip - a * tip * half);
    c.fill();
  });
}

/** @typedef {(c: CanvasRenderingContext2D, x: number, y: number, r: number) => void} Shape */

/** @type {Record<Dots["shape"], Shape>} */
const SHAPES = {
  disc: (c, x, y, r) => c.arc(x, y, r, 0, 7),
  ring: (c, x, y, r) => c.arc(x, y, r, 0, 7),
  square: (c, x, y, r) => {
    const side = LOOK.field.square.share.side * r;
    c.rect(x - side, y - side, 2 * side, 2 * side);
  },
  cross: (c, x, y, r) => {
    c.moveTo(x - r, y - r);
    c.lineTo(x + r, y + r);
    c.moveTo(x + r, y - r);
    c.lineTo(x - r, y + r);
  },
};
const OPEN = ["ring", "cross"];

/**
 * @param {Easel} easel
 * @param {Dots} layer
 */
function dots({ c, place, page }, layer) {
  const { open: line, hollow: ring, edge } = LOOK.field.dot;
  const { zero, above, below } = LOOK.sign;
  const at = typeof layer.at === "string" ? page.parts[layer.at].at : layer.at;
  const [ink, paper] = [rgb(layer.role), rgb("paper")];
  const open = OPEN.includes(layer.shape);
  at.forEach(([x, y], i) => {
    if (x === null || y === null) return;
    const v = layer.values?.[i] ?? null;
    const far = v !== null && v > 0 ? above : below;
    const own = v === null ? ink : mix(parsed(zero), parsed(far), Math.min(1, Math.abs(v)));
    const hollow = layer.shape === "square" || (v !== null && v < 0);
    c.beginPath();
    SHAPES[layer.shape](c, ...place(x, y), layer.radius);
    c.lineWidth = open ? line : hollow ? ring : edge;
    c.strokeStyle = css(open || hollow ? own : paper);
    c.fillStyle = css(hollow ? paper : own);
    c.globalAlpha = hollow ? 1 : LOOK.field.share.dot;
    if (!open) c.fill();
    c.globalAlpha = 1;
    c.stroke();
  });
}

/** @type {Record<Layer["layer"], (easel: Easel, layer: any) => void>} */
const LAYERS = { surface, curves, arrows, dots };

/**
 * Paint a layer.
 * @param {Easel} easel
 * @param {Layer} layer
 */
export const paintLayer = (easel, layer) => LAYERS[layer.layer](easel, layer);

/**
 * Return what stands for a layer in the legend.
 * @param {Exclude<Layer, Surface>} layer
 */
export function sign(layer) {
  const { width, height, dot, radius, least, stroke, dash } = LOOK.field.sign;
  const style = tinted(layer.role);
  if (layer.layer === "dots") {
    const m = dot / 2;
    const shapes = {
      disc: () => svg("circle", { cx: m, cy: m, r: radius, class: "dot" }),
      ring: () => svg("circle", { cx: m, cy: m, r: 4, class: "curve" }),
      square: () => svg("rect", { x: 2, y: 2, width: 8, height: 8, class: "curve" }),
      cross: () => svg("path", { d: "M2 2l8 8M10 2l-8 8", class: "curve" }),
    };
    const small = { width: dot, height: dot, style, "aria-hidden": "true" };
    return svg("svg", small, shapes[layer.shape]());
  }
  const thick = Math.max(least, "width" in layer ? (layer.width ?? stroke) : stroke);
  const line = {
    ...{ x1: 1, x2: width - 1, y1: height / 2, y2: height / 2, class: "curve" },
    style: `stroke-width:${thick}`,
    "stroke-dasharray": layer.dashed ? dash.join(" ") : null,
  };
  return svg(
    "svg",
    { width, height, style, "aria-hidden": "true" },
    svg("line", line),
    layer.layer === "arrows" ? svg("path", { d: "M21 6l-7 -4v8z", class: "dot" }) : null,
  );
}
