// A piece of the plane with its layers, painted on one canvas; one that is edited takes points.

/** @import { Dots, Field, Layer, Page, Surface } from "../contract.js" */

import { arrow, caption, clamp, el, keep } from "../dom.js";
import { LOOK } from "../look.js";
import { shown, significant } from "../numbers.js";
import { announce } from "../voice.js";
import { say, t } from "../words.js";
import { paintLayer, sign } from "./layers.js";
import { loads, pointsOf } from "./load.js";
import { readout } from "./readout.js";
import { sheet, sized } from "./shades.js";

const SHARP = 2; // canvas pixels a pixel, so that a projector's zoom stays crisp
const STEPS = 40; // of an arrow key, from side to side
const APART = 50; // points that a stroke draws, from side to side
const READ = 3; // significant digits of a place that is read off

/** @typedef {Exclude<Layer, Surface>} Named */

/**
 * Return a field; one that is edited takes points from the pointer, or from arrow keys and Space.
 * @param {Field} widget
 * @param {Page} page
 */
export function field(widget, page) {
  const [x0, x1, y0, y1] = widget.bounds;
  const w = widget.size;
  const h = Math.round((w * (y1 - y0)) / (x1 - x0));
  /** @type {(x: number, y: number) => [number, number]} */
  const place = (x, y) => [((x - x0) / (x1 - x0)) * w, ((y1 - y) / (y1 - y0)) * h];
  const name = say(widget.label);
  const named = /** @type {Named[]} */ (widget.layers.filter((one) => say(one.name)));
  const told = [name || t("points_of"), ...named.map((one) => say(one.name)), say(widget.note)]
    .filter(Boolean)
    .join(", ");
  const { canvas, pen: c } = sheet(w * SHARP, h * SHARP, {
    style: sized(w, h),
    class: "field-of-points",
    role: "img",
    "aria-label": told,
  });
  /** @param {Layer[]} extra */
  const paint = (extra = []) => {
    c.setTransform(SHARP, 0, 0, SHARP, 0, 0);
    c.clearRect(0, 0, w, h);
    for (const layer of [...widget.layers, ...extra]) paintLayer({ c, place, w, h, page }, layer);
  };
  paint();
  const keys = !widget.edit; // where points are drawn the keys place them
  if (widget.edit && !page.still) draws(widget, page, canvas, paint, widget.edit, told);
  const pair = (x, y) => `(${significant(x, READ)}, ${significant(y, READ)})`;
  const where = (u, v) => pair(x0 + (u / w) * (x1 - x0), y1 - (v / h) * (y1 - y0));
  const points = () => readings(widget.layers, page, place, pair);
  const picture = {
    size: /** @type {[number, number]} */ ([w, h]),
    name: told,
    points,
    where,
    keys,
  };
  const drawn = page.still ? canvas : readout(canvas, picture, page);
  return el(
    "figure",
    { class: "points" },
    caption(name),
    drawn,
    legend(named, w),
    csv(widget, page, canvas),
  );
}

/**
 * Return the button that loads points into a field that is drawn into.
 * @param {Field} widget
 * @param {Page} page
 * @param {HTMLElement} canvas
 */
function csv({ edit, bounds, most }, page, canvas) {
  if (!edit || page.still) return null;
  const take = async (given) => page.paint(edit, [], await pointsOf(given, bounds, most));
  return loads(canvas, { word: "load_points", accept: ".csv,.tsv,.txt,text/csv", take });
}

/**
 * Return the points of all layers of dots as they are read off.
 * @param {Layer[]} layers
 * @param {Page} page
 * @param {(x: number, y: number) => [number, number]} place
 * @param {(x: number, y: number) => string} pair
 */
function readings(layers, page, place, pair) {
  const dots = layers.filter((one) => one.layer === "dots");
  return dots.flatMap((layer, row) => {
    const at = typeof layer.at === "string" ? page.parts[layer.at].at : layer.at;
    const seen = at.flatMap(([x, y]) => (x === null || y === null ? [] : [[x, y]]));
    return seen
      .sort((a, b) => a[0] - b[0])
      .map(([x, y]) => {
        const [u, v] = place(x, y);
        return { x: u, y: v, row, text: `${say(layer.name)} ${pair(x, y)}`.trim() };
      });
  });
}

/**
 * Return the names of layers, each beside its sign.
 * @param {Named[]} named
 * @param {number} width of the field
 */
const legend = (named, width) =>
  named.length
    ? el(
        "ul",
        { class: "legend", style: `width:${Math.max(width, LOOK.field.names)}px` },
        named.map((one) => el("li", null, sign(one), say(one.name))),
      )
    : null;

/**
 * Return points as a layer.
 * @param {number[][]} at
 * @param {Partial<Dots>} look
 * @returns {Dots}
 */
const points = (at, look) => ({
  layer: "dots",
  at,
  role: "real",
  shape: "disc",
  radius: 3,
  ...look,
});

/**
 * Let a field be drawn into.
 * @param {Field} widget
 * @param {Page} page
 * @param {HTMLCanvasElement} canvas
 * @param {(extra: Layer[]) => void} paint the field and more layers
 * @param {string} input what drawing changes
 * @param {string} told what the field is
 */
function draws(widget, page, canvas, paint, input, told) {
  const { most } = widget;
  const [x0, x1, y0, y1] = widget.bounds;
  const drawn = widget.points.map((p) => [...p]);
  const key = `${input}.${widget.key}`;
  /** @type {[number, number]} */
  let at = page.places[key] || [(x0 + x1) / 2, (y0 + y1) / 2];
  const mine = () => points(drawn, {});
  const cursor = () => points([at], { role: "ink", shape: "cross", radius: 6 });
  const put = (x, y) => {
    if (drawn.length < most) drawn.push([Number(x.toFixed(3)), Number(y.toFixed(3))]);
  };
  const done = () => page.paint(input, [], drawn);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", `${told}. ${t("draw_points", { most })}`);
  canvas.dataset.key = key;
  canvas.classList.add("draw");
  canvas.addEventListener("focus", () => {
    if (canvas.matches(":focus-visible")) paint([mine(), cursor()]);
  });
  canvas.addEventListener("blur", () => paint([mine()]));
  canvas.addEventListener("keydown", (event) => {
    const way = arrow(event);
    if (way)
      at = [
        clamp(x0, at[0] + (way[0] * (x1 - x0)) / STEPS, x1),
        clamp(y0, at[1] - (way[1] * (y1 - y0)) / STEPS, y1),
      ];
    else if (event.key === " " || event.key === "Enter") put(...at);
    else return;
    keep(event);
    paint([mine(), cursor()]);
    page.places[key] = at;
    announce(t("point_at", { x: shown(at[0], 2), y: shown(at[1], 2), n: drawn.length }));
    if (!way) done();
  });
  /** @type {[number, number] | null} */
  let last = null; // the point that the pen drew last
  /** @returns {[number, number]} */
  const where = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      x0 + ((event.clientX - box.left) / box.width) * (x1 - x0),
      y1 - ((event.clientY - box.top) / box.height) * (y1 - y0),
    ];
  };
  const add = (event) => {
    const p = where(event);
    if (last && Math.hypot(p[0] - last[0], p[1] - last[1]) < (x1 - x0) / APART) return;
    last = p;
    put(...p);
    paint([mine()]);
  };
  canvas.addEventListener("pointerdown", (event) => {
    page.painting(true);
    canvas.setPointerCapture(event.pointerId);
    add(event);
  });
  canvas.addEventListener("pointermove", (event) => last && add(event));
  const lift = () => {
    page.painting(false);
    if (last) done();
    last = null;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
}
