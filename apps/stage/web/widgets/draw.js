// A board's widgets drawn as elements: which function draws which.

/** @import { Frame, Page, Part, Widget } from "../contract.js" */

import { bars } from "./bars.js";
import { cells } from "./cells.js";
import { chart, history } from "./chart.js";
import { codes } from "./codes.js";
import { field } from "./field.js";
import { grey } from "./grey.js";
import { heads } from "./heads.js";
import { heat } from "./heat.js";
import { column, part, row, text } from "./layout.js";
import { lookup } from "./lookup.js";
import { lines, matrix } from "./matrix.js";
import { net } from "./net.js";
import { quiz } from "./quiz.js";
import { raster } from "./raster.js";
import { strip } from "./strip.js";
import { table } from "./table.js";
import { ties } from "./ties.js";

/**
 * By a widget's "w". Each takes the widget, the page, and what draws a widget inside of it.
 * @type {Record<Widget["w"], (widget: any, page: Page, draw: Draw) => HTMLElement>}
 */
const DRAW = {
  bars,
  cells,
  chart,
  column,
  field,
  grey,
  heads,
  heat,
  history,
  lines,
  lookup,
  matrix,
  net,
  part,
  plane: codes,
  quiz,
  raster,
  row,
  strip,
  table,
  text,
  ties,
};

/** @typedef {(widget: Widget, page: Page) => HTMLElement} Draw */

/**
 * Return one widget as an element.
 * @type {Draw}
 */
export function draw(widget, page) {
  const drawn = DRAW[widget.w](widget, page, draw);
  if (widget.dim) drawn.classList.add("dim");
  return drawn;
}

/**
 * Return the page of a picture that nobody edits.
 * @param {Record<string, Part>} [parts]
 * @param {Frame[]} [past] the frames up to the one that is shown
 * @returns {Page}
 */
export const still = (parts = {}, past = []) => ({
  still: true,
  parts,
  past,
  places: {},
  hidden: () => false,
  pending: () => undefined,
  edit: nothing,
  paint: nothing,
  painting: nothing,
  change: nothing,
  pick: nothing,
  go: nothing,
  act: nothing,
});

const nothing = () => {};
