// What a chart or a plane says at a point: the pointer or the arrow keys pick one, a ring marks it,
// and its numbers stand beside it.

/** @import { Page } from "../contract.js" */

import { arrow, clamp, el, keep } from "../dom.js";
import { LOOK } from "../look.js";
import { announce } from "../voice.js";
import { t } from "../words.js";

const STEPS = 41; // places of the arrow keys on a plane without points, from side to side

/**
 * A point that can be read.
 * @typedef {object} Point
 * @property {number} x pixels from the picture's left
 * @property {number} y pixels from its top
 * @property {number} row which curve or layer it is of, from 0
 * @property {string} text what it says
 */

/**
 * A picture whose points can be read.
 * @typedef {object} Picture
 * @property {[number, number]} size width and height in pixels
 * @property {string} name what it is, in words
 * @property {() => Point[]} points row by row, each from the left
 * @property {(x: number, y: number) => string} [where] what the pointer reads where no point is near
 * @property {boolean} [keys] whether the arrow keys are free to read
 */

/**
 * Return a drawing whose points can be read.
 * @param {HTMLElement | SVGElement} drawn
 * @param {Picture} picture
 * @param {Page} page
 */
export function readout(drawn, { size, name, points, where, keys = true }, page) {
  const ring = el("i", { class: "reads", hidden: true });
  const told = el("span", { class: "readout", hidden: true, "aria-hidden": "true" });
  const box = el("div", { class: "sheetlet", style: `width:${size[0]}px` }, drawn, ring, told);
  /** @type {Point[] | null} */
  let known = null; // found when it is first asked for: a run draws many frames that nobody reads
  const all = () => (known ??= points());
  /** @type {Point[] | null} */
  let walked = null;
  /** What the arrow keys walk on: the points, or places all over a plane without any. */
  const stops = () => {
    walked ??= all().length || !where ? all() : places(size, where);
    return walked;
  };
  const key = `readout.${name}`;
  const show = (x, y, text, marked) => {
    const [across, down] = [(100 * x) / size[0], (100 * y) / size[1]];
    const north = down > 50;
    told.textContent = text;
    ring.hidden = !marked;
    told.hidden = false;
    place(ring, across, down);
    place(told, across, down, { north });
    const room = (box.closest(".fit") ?? document.body).getBoundingClientRect();
    if (told.getBoundingClientRect().right > room.right)
      place(told, across, down, { north, west: true });
  };
  const hide = () => {
    ring.hidden = told.hidden = true;
  };
  const pick = (i) => {
    const at = stops()[i];
    page.places[key] = [i];
    show(at.x, at.y, at.text, true);
    return at;
  };
  const follow = (event) => {
    const { left, top, width, height } = drawn.getBoundingClientRect();
    const [x, y] = [
      ((event.clientX - left) / width) * size[0],
      ((event.clientY - top) / height) * size[1],
    ];
    const i = nearest(all(), x, y);
    const near = i >= 0 && distance(all()[i], x, y) < LOOK.readout.near;
    if (near || (i >= 0 && !where)) pick(i);
    else if (where) show(x, y, where(x, y), false);
  };
  drawn.addEventListener("pointermove", follow);
  drawn.addEventListener("pointerdown", follow);
  drawn.addEventListener("pointerleave", hide);
  if (!keys) return box;
  const held = () => clamp(0, page.places[key]?.[0] ?? 0, stops().length - 1);
  box.tabIndex = 0;
  box.dataset.key = key;
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", t("readout_keys", { name }));
  box.addEventListener("focus", () => {
    if (box.matches(":focus-visible")) pick(held());
  });
  box.addEventListener("blur", hide);
  box.addEventListener("keydown", (event) => {
    const way = arrow(event);
    if (!way) return;
    keep(event);
    announce(pick(beside(stops(), held(), way)).text);
  });
  return box;
}

/**
 * Set an element at a place of its picture, in percent, or so that it ends there.
 * @param {HTMLElement} element
 * @param {number} across from the left
 * @param {number} down from the top
 * @param {{ west?: boolean, north?: boolean }} ends
 */
function place({ style }, across, down, { west, north } = {}) {
  style.left = west ? "auto" : `${across}%`;
  style.right = west ? `${100 - across}%` : "auto";
  style.top = north ? "auto" : `${down}%`;
  style.bottom = north ? `${100 - down}%` : "auto";
}

/**
 * Return places all over a plane, in rows.
 * @param {[number, number]} size
 * @param {(x: number, y: number) => string} where
 * @returns {Point[]}
 */
const places = ([w, h], where) =>
  Array.from({ length: STEPS ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / STEPS), i % STEPS];
    const [x, y] = [((column + 0.5) * w) / STEPS, ((row + 0.5) * h) / STEPS];
    return { x, y, row, text: where(x, y) };
  });

/** @type {(point: Point, x: number, y: number) => number} */
const distance = (point, x, y) => Math.hypot(point.x - x, point.y - y);

/**
 * Return the number of the point nearest to a place, −1 of none.
 * @param {Point[]} points
 * @param {number} x
 * @param {number} y
 */
function nearest(points, x, y) {
  let best = -1;
  points.forEach((one, i) => {
    if (best < 0 || distance(one, x, y) < distance(points[best], x, y)) best = i;
  });
  return best;
}

/**
 * Return the number of the point that an arrow key leads to: the next one of the row, or of the row
 * above or below the one that is nearest from side to side.
 * @param {Point[]} points
 * @param {number} from
 * @param {[number, number]} way to the right, down
 */
function beside(points, from, [across, down]) {
  const next = points[from + across];
  if (across) return next?.row === points[from].row ? from + across : from;
  const rows = [...new Set(points.map(({ row }) => row))];
  const row = rows[clamp(0, rows.indexOf(points[from].row) + down, rows.length - 1)];
  if (row === points[from].row) return from;
  const off = (i) => Math.abs(points[i].x - points[from].x);
  const there = points.flatMap((one, i) => (one.row === row ? [i] : []));
  return there.reduce((best, i) => (off(i) < off(best) ? i : best));
}
