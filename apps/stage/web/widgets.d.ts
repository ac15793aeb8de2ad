// The widgets' JSON, as a board's frames hold it. Sizes are in pixels.
import type { Inputs, Label, Num, Press, Role, Rule, Value, Widget } from "./contract.js";

export interface Text {
  w: "text";
  text: Label;
  role: Role;
  size: "" | "big" | "note" | "wide" | "small"; // "" stands in an equation, "note" explains
}
export interface Row {
  w: "row";
  items: Widget[]; // side by side
  gap: "" | "mid" | "wide" | "top" | "wide top"; // "top" aligns their tops
}
export interface Column {
  w: "column";
  items: Widget[]; // one above the other
  gap: "" | "tight" | "mid" | "wide" | "swap" | "mid swap" | "tight swap"; // with "swap" even a tight one may be turned to a row
}
export interface PartOf {
  w: "part";
  id: string; // which of the board's parts stands here
}
export interface Figure {
  label: Label; // over it
}
export interface Matrix extends Figure {
  w: "matrix";
  rows: (number | string | null)[][];
  role: Role;
  edit: string | null; // the input that a typed entry changes
  at: (number | string)[]; // leading indices into that input
  first: number; // the row of that input which is this matrix's first
  rank: 1 | 2; // 1 for a column vector
  mark: number[][]; // entries [i, j] that are wrong
  on: number[]; // rows to light up
  key: string; // what an exercise hides it by
}
export interface Lines extends Figure {
  w: "lines";
  lines: (Label | Num)[][]; // sums written out, a row a line
  on: number | null; // the line to light up
  key: string;
}
export interface Cells extends Figure {
  w: "cells";
  bits: string; // "0" and "1", row by row
  rows: number;
  cols: number;
  size: number; // of a cell's side
  flip: number | number[] | null; // cells that changed
  edit: string | null; // the input that drawing changes
  at: number[]; // leading indices into that input
  role: Role;
  brush: number; // cells of the pen's side
  pick: string | null; // the input that takes the number of a chosen cell
  pen: "" | "0" | "1"; // what it draws; "" the opposite of the cell it is put on
  levels: number[] | null; // shades from −1 to 1 in place of bits
}
export interface Grey extends Figure {
  w: "grey";
  shades: string; // a byte a pixel, base64
  rows: number;
  cols: number;
  size: number; // width
  role: Role;
  touch?: string[]; // acts of a run: of a tap on its left, middle, right third
}
export interface Raster extends Figure {
  w: "raster";
  rows: Value[][]; // null for what is not there yet
  span: number; // the magnitude that has the full colour
  role: Role; // "" for vermilion above zero, blue and struck below
  size: number; // width
  tall: number; // height of an entry as a share of its width
  least: number; // width under which it cannot be read
  digits: number | null; // decimals of the numbers in the squares, null for none
  ticks: boolean; // rows and columns are numbered, from 0
  outlines: { box: number[]; role: Role; dashed: boolean }[]; // box: row, column, rows, columns
  press: Press | null;
  key: string; // what an exercise hides it by
}
export interface Codes extends Figure {
  w: "plane";
  sprite: string; // data URL of the decoded grid, a tile a node, or the name of a part {url}
  xs: number[]; // first coordinate of the columns
  ys: number[]; // second coordinate of the rows, from the top
  points: number[][]; // [x, y, class]
  cloud: string; // data URL of a picture as large as the plane
  ellipses: number[][]; // [x, y, radius in x, radius in y]
  path: number[][]; // corners of a line
  marks: { x: number; y: number; label?: Label; role: Role; on?: boolean }[];
  start: number[] | null; // where the pointer starts; null for none
  size: number; // of a side
  tile: number; // of a tile's side in the sprite
  key: string; // tells planes of one view apart
}
export interface Series {
  name: Label;
  y: Value[];
  x: number[] | null; // null: 0, 1, 2 …
  role: Role;
  band: number[][] | null; // [lower, upper]
}
export interface Spot {
  x: number;
  y: number;
  label: Label;
  role: Role;
  share?: number | null; // of the disc that is filled, 0 to 1
  on?: boolean; // ringed
  side?: "right" | "left" | "above" | "below"; // where its name stands
}
export interface Chart extends Figure {
  w: "chart";
  series: Series[];
  xlabel: Label;
  ylabel: Label;
  log: boolean; // powers of ten on y
  xlog: boolean; // powers of ten on x
  cursor: number | null; // x of now
  rules: Rule[];
  low: number | null; // of y, always shown
  high: number | null;
  range: number[] | null; // of x
  spots: Spot[]; // discs among the curves
  width: number;
  height: number;
}
export interface History extends Figure {
  w: "history";
  curves: { key: string; name: Label; role: Role }[]; // `key` in a frame's values
  xlabel: Label;
  log: boolean;
  low: number | null;
  high: number | null;
  rules: Rule[];
  width: number;
  height: number;
}
export interface Heat extends Figure {
  w: "heat";
  rows: number[][];
  span: number; // the magnitude that has the full colour
  size: number; // width
  mark: number[] | null; // the entry [i, j] to ring
  columns: Label[]; // over its columns, [] for nothing
  xlabel: Label; // what the columns are
  ylabel: Label; // what the rows are
}
export interface Bars extends Figure {
  w: "bars";
  items: { label: Label; v: Value; role: Role; cells?: Partial<Cells> }[];
  low: number;
  high: number;
  digits: number; // decimals of its numbers
  key: string;
  press: Press | null; // what the name of bar i does
}
export interface Node {
  id: string;
  x: number; // of its middle
  y: number;
  label: Label;
  role: Role; // "none" has no box
  state?: "" | "now" | "later"; // being computed, not yet
  values?: number[]; // under its name
  places?: number; // decimals of its values
  w?: number;
  h?: number;
  key?: string;
}
export interface Link {
  from: string; // a node's id
  to: string;
  state?: "" | "later" | "cut"; // not yet, no gradient passes
  role?: Role;
  thick?: number;
  label?: Label;
}
export interface Net extends Figure {
  w: "net";
  nodes: Node[];
  links: Link[];
  width: number;
  height: number;
}
export type Layer = Surface | Curves | Arrows | Dots; // of a field, from the back to the front
export interface Surface {
  layer: "surface";
  levels: string; // a byte an entry, base64; 127 is the middle where it has a `below`
  rows: number;
  cols: number;
  above: Role;
  below: Role | null;
  name?: Label;
}
export interface Curves {
  layer: "curves";
  lines: Value[][][]; // points [x, y] of each
  role: Role;
  name?: Label; // in the legend
  width: number;
  dashed: boolean;
}
export interface Arrows {
  layer: "arrows";
  from: Value[][];
  to: Value[][];
  role: Role;
  name?: Label;
  dashed: boolean;
}
export interface Dots {
  layer: "dots";
  at: Value[][] | string; // points, or the name of a part {at}
  role: Role;
  name?: Label;
  shape: "disc" | "ring" | "square" | "cross";
  radius: number;
  values?: Value[] | null; // each point's own colour, −1 to 1
}
export interface Field extends Figure {
  w: "field";
  bounds: number[]; // [x0, x1, y0, y1]
  layers: Layer[];
  size: number; // width
  edit: string | null; // the input that drawing points changes
  points: number[][]; // what is drawn already
  most: number; // points that can be drawn
  key: string;
  note: Label; // read aloud with the field, not shown
}
export interface Ties extends Figure {
  w: "ties";
  queries: Label[]; // the upper row
  keys: Label[]; // the lower row
  weights: Value[][] | string; // a row a query, or the name of a part {rows}; null: masked
  names: Label[]; // of the two rows
  now: number | null; // the query that is looked at
  role: Role;
  group: string; // figures of one group light up together
  width: number; // at least
  key: string;
}
export interface Lookup extends Figure {
  w: "lookup";
  queries: Label[]; // down the left side
  keys: Label[]; // along the top
  weights: Value[][] | string;
  now: number | null;
  role: Role;
  group: string;
  cell: number; // of a cell's side
  digits: number; // decimals in the cells, 0 for no numbers
  most: number; // the weight that has the full colour
}
export interface Strip extends Figure {
  w: "strip";
  tokens: Label[];
  shades: Value[] | null; // how strongly each is tinted, 0 to 1
  role: Role;
  now: number | null; // the token that is outlined
  later: number | null; // the first token that is not there yet
  width: number; // at most
  size: number; // of the letters
}
export interface Head {
  name: Label;
  weights: Value[][] | string;
  on: boolean; // shown large elsewhere
  off: boolean; // muted
  picks: Inputs; // what pressing it changes
}
export interface Heads extends Figure {
  w: "heads";
  rows: Head[][]; // a row a layer, a column a head
  size: number; // of a side
}
export interface Table extends Figure {
  w: "table";
  // arrow: what is better
  heads: { label: Label; key: string; arrow: "" | "↓" | "↑"; unit: Label }[];
  rows: { text: Label; bar: number | null; role: Role }[][]; // bar: 0 to 1 of its width
  sort: string; // the control that a click on a heading changes
  by: string; // the heading that it is sorted by
  on: number[];
  faint: number[];
}
export interface Quiz extends Figure {
  w: "quiz";
  shades: string; // all pictures, a byte a pixel, base64
  rows: number;
  cols: number;
  kinds: number[]; // of each picture, an index into groups
  groups: { key: string; label: Label; truth: number; role: Role }[]; // truth: the right option
  options: Label[];
  size: number;
  key: string; // tells tests apart
}
