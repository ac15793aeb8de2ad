// The axes of a chart: its ranges, round ticks, where a number stands, what can be read off.

/** @import { Chart, Series, Spot, Value } from "../contract.js" */

import { LOOK } from "../look.js";
import { significant } from "../numbers.js";
import { say } from "../words.js";

const READ = 4; // significant digits of a point that is read off

/** @typedef {Series & { x: number[] }} Curve */

/**
 * Return round tick values that cover [low, high].
 * @param {number} low
 * @param {number} high
 * @param {number} count about how many
 */
function ticks(low, high, count) {
  const rough = (high - low) / count || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * unit).find((s) => s >= rough) ?? 10 * unit;
  const out = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step)
    out.push(Math.abs(v) < step * 1e-9 ? 0 : Number(v.toPrecision(12)));
  return out;
}

/**
 * Return 1, 2 and 5 times each power of ten in a range of powers: where two whole ones do not fit.
 * @param {number} low
 * @param {number} high
 */
function between(low, high) {
  const out = [];
  for (let e = Math.floor(low); e <= high; e++)
    for (const m of [1, 2, 5]) out.push(Number(`${m}e${e}`));
  return out.filter((v) => Math.log10(v) > low - 1e-9 && Math.log10(v) < high + 1e-9);
}

/**
 * Return the smallest and the largest value, or [0, 1] of none.
 * @param {number[]} values
 */
function ends(values) {
  const low = Math.min(...values);
  return Number.isFinite(low) ? [low, Math.max(...values)] : [0, 1];
}

/**
 * Return the range of the y axis: with some air, whole powers of ten where it is a logarithm.
 * @param {number[]} ys
 * @param {Chart} widget
 */
function tall(ys, { log, low, high }) {
  const [y0, y1] = ends(ys);
  if (log) return [Math.floor(y0), Math.max(Math.ceil(y1), Math.floor(y0) + 1)];
  if (y0 === y1) return [y0 - 0.5, y1 + 0.5];
  const air = (y1 - y0) * LOOK.chart.share.air;
  return [low === null || y0 < low ? y0 - air : y0, high === null || y1 > high ? y1 + air : y1];
}

/**
 * Return a chart's axes.
 * @param {Chart} widget
 */
export function axes(widget) {
  const { width, height, log, xlog, low, high } = widget;
  const { left, right, top, bottom } = LOOK.chart.margin;
  const box = { left, right: width - right, top, bottom: height - bottom };
  const map = (v) => (log ? Math.log10(v) : v);
  const across = (v) => (xlog ? Math.log10(v) : v);
  /**
   * @param {Value | undefined} v
   * @returns {v is number}
   */
  const good = (v) => v !== null && v !== undefined && (!log || v > 0);
  /** @type {Curve[]} */
  const curves = widget.series.map((s) => ({ ...s, x: s.x || s.y.map((_, i) => i) }));
  const seen = curves.flatMap((s) => s.x.filter((_, i) => good(s.y[i])));
  const values = curves.flatMap((s) => [...s.y, ...(s.band ? s.band.flat() : [])]).filter(good);
  const shown = widget.rules.flatMap(({ y }) => (y === undefined ? [] : [y]));
  for (const end of [low, high]) if (end !== null) shown.push(end);
  let [x0, x1] = ends((widget.range || seen).map(across));
  if (x0 === x1) x1 = x0 + 1;
  const [y0, y1] = tall([...values, ...shown].map(map), widget);
  const X = (v) => left + ((across(v) - x0) / (x1 - x0)) * (box.right - left);
  const Y = (v) => box.bottom - ((map(v) - y0) / (y1 - y0)) * (box.bottom - top);
  const whole = (a, b) => ticks(a, b, Math.min(6, b - a)).filter(Number.isInteger);
  const powers = (a, b) => whole(a, b).map((e) => ({ v: 10 ** e, e }));
  const few = whole(x0, x1).length < 2;
  const counted = values.every(Number.isInteger) ? Math.min(5, Math.max(1, y1 - y0)) : 5;
  return {
    box,
    curves,
    good,
    X,
    Y,
    /** Powers of ten where the axis is a logarithm. */
    yTicks: log ? powers(y0, y1) : plain(ticks(y0, y1, counted)),
    xTicks: xlog
      ? few
        ? plain(between(x0, x1))
        : powers(x0, x1)
      : plain(ticks(x0, x1, Math.min(8, width / 60))),
  };
}

/** @param {number[]} values */
const plain = (values) => values.map((v) => ({ v, e: null }));

/**
 * Return the points of all curves, and the spots, as they are read off.
 * @param {ReturnType<typeof axes>} a
 * @param {Spot[]} spots
 */
export function readings({ box, curves, good, X, Y }, spots) {
  const rows = [...curves.map((s) => s.x.map((x, i) => ({ x, y: s.y[i], name: s.name })))];
  if (spots.length) rows.push(spots.map(({ x, y, label }) => ({ x, y, name: label })));
  return rows.flatMap((points, row) =>
    points.flatMap(({ x, y, name }) => {
      if (!good(y) || X(x) < box.left - 1 || X(x) > box.right + 1) return [];
      const text = `${say(name)} (${significant(x, READ)}, ${significant(y, READ)})`.trim();
      return [{ x: X(x), y: Y(y), row, text }];
    }),
  );
}
