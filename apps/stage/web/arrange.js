// A view in another arrangement: pictures smaller or larger under letters of the same size, rows
// turned to columns and columns to rows.

/** @import { Column, Net, Page, Row, Widget } from "./contract.js" */

import { LOOK } from "./look.js";
import { bound, isArrow } from "./slim.js";
import { upright } from "./upright.js";

/**
 * How a view is arranged.
 * @typedef {object} Plan
 * @property {number} share of its own size that each picture has
 * @property {Record<string, number>} own another share for pictures of one kind, one way (`ways`)
 * @property {boolean} turned the outermost row is a column, or the other way round
 * @property {boolean} inner so are those inside of it
 * @property {boolean} wrapped rows go on in a further line
 * @property {number} widest that a picture may be, in pixels
 */

/** @type {Plan} */
export const ASIS = {
  share: 1,
  own: {},
  turned: false,
  inner: false,
  wrapped: false,
  widest: Infinity,
};

/** @type {Partial<Record<Widget["w"], string[]>>} the sizes, in pixels, of widgets that are pictures */
const SIZES = {
  cells: ["size"],
  chart: ["width", "height"],
  field: ["size"],
  grey: ["size"],
  heads: ["size"],
  heat: ["size"],
  history: ["width", "height"],
  lookup: ["cell"],
  plane: ["size"],
  quiz: ["size"],
  raster: ["size"],
  strip: ["width"],
  ties: ["width"],
};

const GROWING = ["chart", "field", "heads", "heat", "history", "lookup", "plane", "ties"];

/**
 * Return the names of a picture's sizes.
 * @param {Widget} widget
 */
const sizes = (widget) => SIZES[widget.w] || [];

/**
 * Name one way in which pictures of one kind and size grow: all of them do, or none.
 * @param {any} widget
 * @param {string} name
 */
const way = (widget, name) => `${widget.w} ${sizes(widget).map((one) => widget[one])} ${name}`;

/**
 * Return the ways in which a view's pictures can be larger: those with axes of their own, and not
 * those whose axes stand on one line.
 * @param {Widget} view
 * @param {Page} page
 * @returns {string[]}
 */
export function ways(view, page) {
  /** @type {(widget: Widget) => string[]} */
  const of = (widget) => {
    if (widget.w === "part") return of(/** @type {Widget} */ (page.parts[widget.id]));
    const within = "gap" in widget && !/top|tight/.test(widget.gap);
    if ("items" in widget && within) return /** @type {Row} */ (widget).items.flatMap(of);
    return GROWING.includes(widget.w) ? sizes(widget).map((name) => way(widget, name)) : [];
  };
  return [...new Set(of(view))];
}

/**
 * Return a picture's sizes by their names: a share of its own, but no less than can be read.
 * @param {any} widget
 * @param {string[]} names
 * @param {Plan} plan
 */
function resized(widget, names, { share, own, widest }) {
  const slim = widest < Infinity;
  const across = (widget.width ?? widget.size ?? 0) * (widget.w === "cells" ? widget.cols : 1);
  const size = (name) => {
    const smallest = (slim ? LOOK.raster.share.narrow : 1) * widget.least;
    const usual = Math.min(LOOK.fit.least[widget.w]?.[name] || 0, widest);
    const least = Math.min(widget[name], smallest || usual);
    // on a phone a chart becomes narrow, not flat: its names need the height
    const most = (widest - (widget.ticks ? LOOK.raster.tick : 0)) / across;
    const room = name === "height" ? Math.max(LOOK.fit.bare.flat, most) : most;
    const kept = Math.min(own[way(widget, name)] ?? share, room);
    return Math.round(2 * Math.max(least, kept * widget[name])) / 2;
  };
  return Object.fromEntries(names.map((name) => [name, size(name)]));
}

/**
 * Return the least share of its size at which a network's boxes stand apart.
 * @param {Net} net
 */
function apart({ nodes }) {
  const { width, height } = LOOK.net.node;
  const { between } = LOOK.fit;
  let least = 0;
  for (const a of nodes)
    for (const b of nodes) {
      const [dx, dy] = [Math.abs(a.x - b.x), Math.abs(a.y - b.y)];
      const wide = ((a.w || width) + (b.w || width)) / 2 + between;
      const tall = ((a.h || height) + (b.h || height)) / 2 + between;
      if (dx || dy) least = Math.max(least, Math.min(dx ? wide / dx : 9, dy ? tall / dy : 9));
    }
  return Math.min(1, least);
}

/**
 * Return a network with its boxes nearer to one another, as large as they were.
 * @param {Net} net
 * @param {number} share
 * @returns {Net}
 */
function nearer(net, share) {
  const near = Math.min(1, Math.max(share, apart(net)));
  const at = (v) => near * v;
  return {
    ...net,
    width: at(net.width),
    height: at(net.height),
    nodes: net.nodes.map((node) => ({ ...node, x: at(node.x), y: at(node.y) })),
  };
}

/**
 * Tell whether a row or column may be turned: not what reads as one equation.
 * @param {Widget} widget
 * @returns {widget is Row | Column}
 */
const turns = (widget) =>
  (widget.w === "row" && widget.gap !== "") || (widget.w === "column" && widget.gap !== "tight");

/** @param {string} gap */
const plainly = (gap) => (gap === "wide top" ? "wide" : gap === "top" || gap === "" ? "mid" : gap);

/**
 * Return what stands in a row or column; an arrow points to what comes next there.
 * @param {Widget} widget
 * @param {string} inside
 */
function led(widget, inside) {
  if (widget.w !== "text" || !isArrow(widget)) return widget;
  return { ...widget, text: inside === "row" ? "→" : "↓" };
}

/**
 * Return a view in an arrangement.
 * @param {Widget} view
 * @param {Plan} plan
 * @param {Page} page whose parts the view may name
 * @returns {Widget}
 */
export function arranged(view, plan, page) {
  const { share, own, turned, inner, widest } = plan;
  if (share === 1 && !turned && !inner && widest === Infinity && !Object.keys(own).length)
    return view;
  /**
   * @param {Widget} widget
   * @param {number} depth rows and columns around it
   * @returns {Widget}
   */
  const one = (widget, depth) => {
    if (widget.w === "part") return one(/** @type {Widget} */ (page.parts[widget.id]), depth);
    if (widget.w === "row" || widget.w === "column") {
      const single = widget.items.length === 1;
      const items = widget.items.map((item) => one(item, single ? depth : depth + 1));
      const turn = depth === 0 ? turned : depth === 1 && inner;
      if (single || !turn || !turns(widget)) {
        const kept = /** @type {Row | Column} */ ({ ...widget, items });
        return kept.w === "row" && widest < Infinity ? bound(kept) : kept;
      }
      const w = widget.w === "row" ? "column" : "row";
      const gap = plainly(widget.gap);
      return /** @type {Widget} */ ({ ...widget, w, gap, items: items.map((i) => led(i, w)) });
    }
    if (widget.w === "net") return upright(nearer(widget, share), widest);
    return { ...widget, ...resized(widget, sizes(widget), plan) };
  };
  return one(view, 0);
}
