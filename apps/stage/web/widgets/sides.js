// On which side of its disc each name on a chart stands: where it hides the fewest other discs,
// names and curves.

/** @import { Spot } from "../contract.js" */
/** @import { Axes, Box } from "./beside.js" */

import { LOOK } from "../look.js";
import { say } from "../words.js";
import { covered, meet, wide } from "./beside.js";

const OVER = 100; // a disc or a name that is hidden weighs as much as so many points of a curve

/**
 * Return the box of a disc.
 * @param {Spot} one
 * @param {Axes} a
 * @returns {Box}
 */
function disc({ x, y, on }, { X, Y }) {
  const { radius, halo } = LOOK.chart.spot;
  const r = on ? halo : radius;
  return { left: X(x) - r, right: X(x) + r, top: Y(y) - r, bottom: Y(y) + r };
}

/**
 * Return the box of a disc's name on one side.
 * @param {Spot} one
 * @param {string} side
 * @param {Axes} a
 * @returns {Box}
 */
function letters({ x, y, label }, side, { X, Y }) {
  const { size, sides } = LOOK.chart.spot;
  const [dx, dy] = sides[side];
  const width = wide(say(label), size);
  const left = X(x) + dx - (dx ? (dx < 0 ? width : 0) : width / 2);
  return { left, right: left + width, top: Y(y) + dy - 0.8 * size, bottom: Y(y) + dy + 4 };
}

/**
 * Return spots with the sides of their names, and what they cover of the chart.
 * @param {Spot[]} spots
 * @param {Axes} a
 * @returns {{ spots: Spot[], boxes: Box[] }}
 */
export function sided(spots, a) {
  const { box } = a;
  const discs = spots.map((one) => disc(one, a));
  /** @type {Box[]} */
  const names = [];
  const placed = spots.map((one, i) => {
    if (!say(one.label)) return one;
    const others = [...discs.filter((_, k) => k !== i), ...names];
    const cost = (side) => {
      const at = letters(one, side, a);
      const out = at.left < box.left || at.right > box.right + 8 || at.top < 0;
      const low = at.bottom > box.bottom;
      return (
        OVER * (others.filter((b) => meet(at, b)).length + Number(out || low)) + covered(at, a)
      );
    };
    const order = [one.side || "right", "right", "left", "above", "below"];
    const best = order.reduce((kept, side) => (cost(side) < cost(kept) ? side : kept));
    names.push(letters(one, best, a));
    return { ...one, side: /** @type {Spot["side"]} */ (best) };
  });
  return { spots: placed, boxes: [...discs, ...names] };
}
