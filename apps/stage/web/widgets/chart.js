// Curves on axes, told by dash and name, not by colour alone; and the curves of a run up to the
// frame that is shown.

/** @import { Chart, Frame, History, Page, Rule, Spot } from "../contract.js" */
/** @import { Curve } from "./axes.js" */
/** @import { Box } from "./beside.js" */

import { caption, drawing, el, rich, svg } from "../dom.js";
import { LOOK, tinted } from "../look.js";
import { shown, significant } from "../numbers.js";
import { say } from "../words.js";
import { axes, readings } from "./axes.js";
import { freest } from "./beside.js";
import { readout } from "./readout.js";
import { sided } from "./sides.js";

/** @typedef {ReturnType<typeof axes>} Axes */

const POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const LARGE = 1e4; // from here on a number on a logarithmic x axis is a power

const plain = (v) => significant(v, 6);
const power = (e) =>
  `10${[...String(e)].map((c) => (c === "-" ? "⁻" : POWERS[Number(c)])).join("")}`;
const dashes = (k) => LOOK.chart.dashes[k % LOOK.chart.dashes.length].join(" ");

/**
 * Return curves on axes.
 * @param {Chart} widget
 * @param {Page} page
 */
export function chart(widget, page) {
  const { width, height } = widget;
  const a = axes(widget);
  const named = a.curves.filter((s) => say(s.name));
  const ylabel = say(widget.ylabel);
  const { spots, boxes } = sided(widget.spots || [], a);
  const words = told(widget, a, named);
  const drawn = drawing(
    width,
    height,
    { role: "img", "aria-label": words },
    grid(widget, a),
    widget.rules.map((rule) => line(rule, a)),
    a.curves.map((curve, k) => trace(curve, k, a, widget.cursor)),
    widget.rules.map((rule) => lineName(rule, a, boxes)),
    spots.map((one) => spot(one, a)),
  );
  /** @type {[number, number]} */
  const size = [width, height];
  const points = () => readings(a, spots);
  const empty = !spots.length && !a.curves.some((s) => s.y.some(a.good));
  return el(
    "figure",
    { class: "chart" },
    caption(say(widget.label)),
    named.length && a.curves.length > 1 ? legend(a.curves, width) : null,
    ylabel ? el("div", { class: "ylabel", text: ylabel }) : null,
    page.still || empty ? drawn : readout(drawn, { size, name: words, points }, page),
  );
}

/**
 * Say a chart in words: its names, and where each curve begins and ends.
 * @param {Chart} widget
 * @param {Axes} a
 * @param {Curve[]} named
 */
function told({ label, ylabel, xlabel, spots = [] }, { curves, good }, named) {
  const ends = (s) => {
    const known = s.y.filter(good);
    if (!known.length) return "";
    return [...new Set([known[0], known.at(-1)].map((v) => shown(v, 3)))].join(" → ");
  };
  const names = [label, ylabel, xlabel].map(say).filter(Boolean).join(", ");
  const lines = (spots.length ? named : curves).map((s) => `${say(s.name)} ${ends(s)}`.trim());
  const discs = spots.map((one) => `; ${say(one.label)} ${shown(one.x, 3)}, ${shown(one.y, 3)}`);
  return `${names}: ${lines.join(", ")}${discs.join("")}`;
}

/**
 * Return the names of the curves beside their dashes.
 * @param {Curve[]} curves
 * @param {number} width
 */
function legend(curves, width) {
  const { sign } = LOOK.legend;
  const entry = (s, k) =>
    el(
      "li",
      { style: tinted(s.role) },
      svg(
        "svg",
        { width: sign.width, height: sign.height, "aria-hidden": "true" },
        svg("line", {
          x1: 0,
          x2: sign.width,
          y1: sign.height / 2,
          y2: sign.height / 2,
          "stroke-dasharray": dashes(k),
        }),
      ),
      el("span", null, rich(say(s.name))),
    );
  return el(
    "ul",
    { class: "legend", style: `max-width:${width}px;margin-inline:auto` },
    curves.map((s, k) => (say(s.name) ? entry(s, k) : null)),
  );
}

/**
 * Return the grid, the ticks with their numbers, both axes, the name of x.
 * @param {Chart} widget
 * @param {Axes} a
 */
function grid({ height, xlog, xlabel }, { box, X, Y, xTicks, yTicks }) {
  const { tick, name } = LOOK.chart;
  return [
    yTicks.map(({ v, e }) => [
      svg("line", { x1: box.left, x2: box.right, y1: Y(v), y2: Y(v), class: "grid" }),
      svg("text", {
        x: box.left - tick.beside,
        y: Y(v) + 4.5, // the letters' middle
        "text-anchor": "end",
        class: "tick",
        text: e === null ? plain(v) : power(e),
      }),
    ]),
    xTicks.map(({ v }) =>
      svg("text", {
        x: X(v),
        y: box.bottom + tick.below,
        "text-anchor": "middle",
        class: "tick",
        text: xlog && v >= LARGE ? power(Math.round(Math.log10(v))) : plain(v),
      }),
    ),
    svg("path", { d: `M${box.left} ${box.top}V${box.bottom}H${box.right}`, class: "axis" }),
    svg("text", {
      x: box.right,
      y: height - name.below,
      "text-anchor": "end",
      class: "name",
      text: say(xlabel),
    }),
  ];
}

/**
 * Return a line across the chart or upright.
 * @param {Rule} rule
 * @param {Axes} a
 */
function line(rule, { box, X, Y }) {
  const [x, y] = rule.y === undefined ? [X(rule.x), null] : [null, Y(rule.y)];
  const ends = { x1: x ?? box.left, x2: x ?? box.right, y1: y ?? box.top, y2: y ?? box.bottom };
  return svg("line", { ...ends, class: "rule" });
}

/**
 * Return a line's name beside it, where the fewest curves pass.
 * @param {Rule} rule
 * @param {Axes} a
 * @param {Box[]} taken by discs and their names
 */
function lineName(rule, a, taken) {
  const text = say(rule.label);
  if (!text) return null;
  const at = freest(rule, text, a, taken);
  return svg("text", { x: at.x, y: at.y, "text-anchor": at.anchor, class: "tick over", text });
}

/**
 * Return a curve, its band, a dot a point where they are few, a large one at the cursor.
 * @param {Curve} s
 * @param {number} k which one, for its dash
 * @param {Axes} a
 * @param {number | null} cursor
 */
function trace(s, k, { X, Y, good }, cursor) {
  const { curve, bare } = LOOK.chart;
  const style = tinted(s.role);
  const points = s.x.map((x, i) => (good(s.y[i]) ? [X(x), Y(s.y[i])] : null));
  let pen = "M"; // a gap lifts it
  let d = "";
  for (const p of points) {
    if (p) d += `${pen}${p[0].toFixed(1)} ${p[1].toFixed(1)}`;
    pen = p ? "L" : "M";
  }
  const side = (values) => s.x.map((x, i) => `${X(x)} ${Y(values[i])}`);
  const band = s.band?.[0].length
    ? `M${side(s.band[1]).join("L")}L${side(s.band[0]).reverse().join("L")}Z`
    : null;
  const dot = (p, r) => svg("circle", { cx: p[0], cy: p[1], r, style, class: "dot" });
  const now = points[cursor === null ? -1 : s.x.indexOf(cursor)];
  return [
    band ? svg("path", { class: "band", style, d: band }) : null,
    svg("path", { d, class: "curve", style, "stroke-dasharray": dashes(k) }),
    points.length <= bare.dots ? points.filter(Boolean).map((p) => dot(p, curve.dot)) : [],
    now ? dot(now, curve.now) : null,
  ];
}

/**
 * Return a disc with its name, filled as far round as its share; ringed if it is on.
 * @param {Spot} one
 * @param {Axes} a
 */
function spot({ x: across, y: up, label, role, share, on, side = "right" }, { X, Y }) {
  const { radius: r, halo, sides } = LOOK.chart.spot;
  const [x, y] = [X(across), Y(up)];
  const [dx, dy] = sides[side || "right"];
  const anchor = dx ? (dx > 0 ? "start" : "end") : "middle";
  const turn = 2 * Math.PI * Math.min(share ?? 1, 0.9999);
  const end = `${x + r * Math.sin(turn)} ${y - r * Math.cos(turn)}`;
  const wedge = `M${x} ${y}V${y - r}A${r} ${r} 0 ${turn > Math.PI ? 1 : 0} 1 ${end}Z`;
  return svg(
    "g",
    { class: "spot", style: tinted(role) },
    svg("circle", { cx: x, cy: y, r }),
    svg("path", { d: wedge }),
    on ? svg("circle", { class: "halo", cx: x, cy: y, r: halo }) : null,
    svg("text", { x: x + dx, y: y + dy, "text-anchor": anchor, text: say(label) }),
  );
}

// ---- curves of a run

/**
 * Return the chart of a run's curves from the values of its frames.
 * @param {History} widget
 * @param {Frame[]} frames
 * @returns {Chart}
 */
function filled(widget, frames) {
  const runs = frames.flatMap((one) => (one.values ? [one.values] : []));
  const series = widget.curves.map(({ key, name, role }) => ({
    name,
    role,
    band: null,
    dash: false,
    x: runs.map((run) => /** @type {number} */ (run.x)),
    y: runs.map((run) => run[key] ?? null),
  }));
  return {
    w: "chart",
    label: widget.label,
    series,
    xlabel: widget.xlabel,
    ylabel: "",
    log: widget.log,
    xlog: false,
    cursor: null,
    rules: widget.rules,
    low: widget.low,
    high: widget.high,
    range: null,
    spots: [],
    width: widget.width,
    height: widget.height,
  };
}

/**
 * Return curves of a run up to the frame that is shown.
 * @param {History} widget
 * @param {Page} page
 */
export const history = (widget, page) => chart(filled(widget, page.past), page);

/**
 * Return a view with its histories filled in, as it is drawn elsewhere.
 * @param {any} view
 * @param {Frame[]} frames
 * @returns {any}
 */
export function settled(view, frames) {
  if (Array.isArray(view)) return view.map((one) => settled(one, frames));
  if (!view || typeof view !== "object") return view;
  if (view.w === "history") return filled(view, frames);
  return Object.fromEntries(
    Object.entries(view).map(([key, value]) => [key, settled(value, frames)]),
  );
}
