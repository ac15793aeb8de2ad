// Where the name of a line over a chart stands: beside the line, on the side that curves leave free.

/** @import { Rule } from "../contract.js" */
/** @import { axes } from "./axes.js" */

import { LOOK } from "../look.js";

/** @typedef {ReturnType<typeof axes>} Axes */
/** @typedef {{ left: number, right: number, top: number, bottom: number }} Box */
/** @typedef {{ x: number, y: number, anchor: string, left: number }} Place its baseline, and the left end of the letters */

/**
 * Tell whether two boxes lie over one another.
 * @param {Box} a
 * @param {Box} b
 */
export const meet = (a, b) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

const FAR = 1e3; // more than can lie under a name

/**
 * Return about how wide a text is, in pixels.
 * @param {string} text
 * @param {number} size of its letters
 */
export function wide(text, size) {
  const { bare } = LOOK.chart.tick;
  const one = (c) => (c > "\u1100" ? bare.hangul : bare.latin);
  return size * [...text].reduce((sum, c) => sum + one(c), 0);
}

/**
 * Return the places for a rule's name, the usual one first.
 * @param {Rule} rule
 * @param {number} width of the name
 * @param {Axes} a
 * @returns {Place[]}
 */
function places(rule, width, { box, X, Y }) {
  const { beside, above, below, inside, under } = LOOK.chart.rule;
  const end = (x, y) => ({ x, y, anchor: "end", left: x - width });
  const start = (x, y) => ({ x, y, anchor: "start", left: x });
  if (rule.y === undefined) {
    const x = X(rule.x);
    const heights = [box.top + under, box.bottom - above];
    const sides = [start(x + beside, 0), end(x - beside, 0)];
    return heights.flatMap((y) => sides.map((side) => ({ ...side, y })));
  }
  const y = Y(rule.y);
  const heights = [y - above, y + below];
  return [end(box.right - inside, 0), start(box.left + inside, 0)].flatMap((side) =>
    heights.map((height) => ({ ...side, y: height })),
  );
}

/**
 * Return how many points of the curves lie in a box.
 * @param {Box} at
 * @param {Axes} a
 */
export function covered(at, { curves, good, X, Y }) {
  let found = 0;
  const inside = (px, py) => px > at.left - 3 && px < at.right + 3 && py > at.top && py < at.bottom;
  for (const { x, y: values } of curves)
    for (let i = 1; i < x.length; i++) {
      if (!good(values[i - 1]) || !good(values[i])) continue;
      const [x0, x1] = [X(x[i - 1]), X(x[i])];
      const [y0, y1] = [Y(values[i - 1]), Y(values[i])];
      for (let k = 0; k < 8; k++)
        if (inside(x0 + (k / 8) * (x1 - x0), y0 + (k / 8) * (y1 - y0))) found += 1;
    }
  return found;
}

/**
 * Return how much lies under a rule's name: points of curves, discs, the chart's edge.
 * @param {Place} place
 * @param {number} width
 * @param {Axes} a
 * @param {Box[]} taken
 */
function hidden({ left, y }, width, a, taken) {
  const { size } = LOOK.chart.tick;
  const { box } = a;
  const at = { left, right: left + width, top: y - size, bottom: y + 5 };
  let found = left < box.left || left + width > box.right + 8 ? FAR : 0;
  if (y - 0.8 * size < 0 || y > box.bottom) found += FAR; // so high are letters over their baseline
  return found + 100 * taken.filter((one) => meet(at, one)).length + covered(at, a);
}

/**
 * Return where a rule's name hides the least of the curves.
 * @param {Rule} rule
 * @param {string} text
 * @param {Axes} a
 * @param {Box[]} taken by discs and their names
 */
export function freest(rule, text, a, taken) {
  const width = wide(text, LOOK.chart.tick.size);
  const found = places(rule, width, a).map((place) => ({
    place,
    of: hidden(place, width, a, taken),
  }));
  return found.reduce((best, one) => (one.of < best.of ? one : best)).place;
}
