// What a figure that is drawn into takes besides a pen: points out of a CSV, strokes out of a
// picture; as a file that is chosen or dropped, or pasted.

import { el, keep } from "../dom.js";
import { typed } from "../numbers.js";
import { announce } from "../voice.js";
import { t } from "../words.js";
import { sheet } from "./shades.js";

const BOX = 20 / 28; // of a side: the room that MNIST gives its digits
const MIDDLE = 14.5 / 28; // of a side: where it sets their centre of mass
const SIDE = 280; // pixels a side that a picture is looked at with
const FAINT = 0.4; // of the darkest stroke: what is fainter is paper

/** What cannot be taken, in words. */
class Refusal extends Error {}

/**
 * Return a button that loads a file, and let the figure take one that is dropped or pasted.
 * @param {HTMLElement} figure
 * @param {{ word: string, accept: string, take: (given: Blob | string) => Promise<void> }} what
 */
export function loads(figure, { word, accept, take }) {
  const told = el("output", { "aria-live": "off" });
  const use = async (given) => {
    if (!given) return;
    try {
      await take(given);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      told.textContent = error.message;
      announce(error.message);
    }
  };
  const input = el("input", { type: "file", accept });
  input.addEventListener("change", () => use(input.files?.[0]));
  /** @param {DataTransfer | null} data */
  const held = (data) => data?.files[0] ?? data?.getData("text/plain");
  figure.addEventListener("dragover", keep);
  figure.addEventListener("drop", (event) => {
    keep(event);
    use(held(event.dataTransfer));
  });
  figure.addEventListener("paste", (event) => {
    keep(event);
    use(held(event.clipboardData));
  });
  return el("div", { class: "load" }, el("label", null, input, t(word)), told);
}

/**
 * Return the points of a CSV; its first line may be a heading, more columns are left aside.
 * @param {Blob | string} given
 * @param {number[]} bounds of the plane: from and to in x, in y
 * @param {number} most points
 * @returns {Promise<number[][]>}
 */
export async function pointsOf(given, [x0, x1, y0, y1], most) {
  const text = typeof given === "string" ? given : await given.text();
  const rows = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  /** @type {number[][]} */
  const points = [];
  for (const [i, row] of rows.entries()) {
    if (!row) continue;
    const [x, y] = row.split(/[\t;]|,\s*|\s+/).map((one) => typed(one.replace(/^"|"$/g, "")));
    if (typeof x !== "number" || typeof y !== "number") {
      if (i === 0) continue;
      throw new Refusal(t("csv_line", { n: i + 1, row: row.slice(0, 40) }));
    }
    if (x < x0 || x > x1 || y < y0 || y > y1)
      throw new Refusal(t("csv_outside", { n: i + 1, x0, x1, y0, y1 }));
    points.push([x, y]);
  }
  if (!points.length) throw new Refusal(t("csv_none"));
  if (points.length > most) throw new Refusal(t("csv_many", { n: points.length, most }));
  return points;
}

/**
 * Return the strokes of a picture as MNIST would have them: scaled into the middle 20/28 of a grid,
 * by their centre of mass; "1" where there is a stroke.
 * @param {Blob | string} given
 * @param {number} side cells
 * @returns {Promise<string>}
 */
export async function strokesOf(given, side) {
  const picture =
    typeof given === "string" ? null : await createImageBitmap(given).catch(() => null);
  if (!picture) throw new Refusal(t("picture_none"));
  const ink = inkOf(picture);
  const seen = placesOf(ink, SIDE);
  if (!seen.length) throw new Refusal(t("picture_blank"));
  const across = seen.map(([x]) => x);
  const down = seen.map(([, y]) => y);
  const [left, top] = [least(across), least(down)];
  const long =
    Math.max(-least(across.map((v) => -v)) - left, -least(down.map((v) => -v)) - top) + 1;
  const [cx, cy] = [mean(across) + 0.5, mean(down) + 0.5];
  const scale = long / (BOX * side); // pixels of a cell
  const bits = Array.from({ length: side * side }, (_, i) => {
    const x = cx + ((i % side) + 0.5 - MIDDLE * side) * scale;
    const y = cy + (Math.floor(i / side) + 0.5 - MIDDLE * side) * scale;
    return share(ink, x, y, scale) > 0.5 ? "1" : "0";
  });
  return bits.join("");
}

/**
 * Return how much ink a picture has at each of SIDE x SIDE places, 0 or 1: what differs from the
 * shade of its edge.
 * @param {ImageBitmap} picture
 */
function inkOf(picture) {
  const { pen } = sheet(SIDE, SIDE);
  const fit = SIDE / Math.max(picture.width, picture.height);
  const [w, h] = [picture.width * fit, picture.height * fit];
  pen.fillStyle = "white";
  pen.fillRect(0, 0, SIDE, SIDE);
  pen.drawImage(picture, (SIDE - w) / 2, (SIDE - h) / 2, w, h);
  const { data } = pen.getImageData(0, 0, SIDE, SIDE);
  const shades = Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [r, g, b] = data.slice(4 * i, 4 * i + 3);
    return 0.299 * r + 0.587 * g + 0.114 * b;
  });
  const [x, y] = [Math.ceil((SIDE - w) / 2), Math.ceil((SIDE - h) / 2)];
  const paper = shades[y * SIDE + x]; // its corner
  const inside = (i) =>
    i % SIDE >= x && i % SIDE < SIDE - x && i >= y * SIDE && i < (SIDE - y) * SIDE;
  const off = shades.map((shade, i) => (inside(i) ? Math.abs(shade - paper) : 0));
  const most = -least(off.map((v) => -v));
  return off.map((v) => (most > 32 && v > FAINT * most ? 1 : 0)); // fainter than 32 of 255: blank
}

/** @type {(ink: number[], side: number) => number[][]} */
const placesOf = (ink, side) =>
  ink.flatMap((v, i) => (v ? [[i % side, Math.floor(i / side)]] : []));

/** @type {(values: number[]) => number} */
const least = (values) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
/** @type {(values: number[]) => number} */
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * Return which share of a square around a place is ink.
 * @param {number[]} ink
 * @param {number} x
 * @param {number} y
 * @param {number} long its side
 */
function share(ink, x, y, long) {
  const n = 4; // samples a side
  let sum = 0;
  for (let i = 0; i < n * n; i++) {
    const u = Math.floor(x + (((i % n) + 0.5) / n - 0.5) * long);
    const v = Math.floor(y + ((Math.floor(i / n) + 0.5) / n - 0.5) * long);
    if (u >= 0 && v >= 0 && u < SIDE && v < SIDE) sum += ink[v * SIDE + u];
  }
  return sum / n ** 2;
}
