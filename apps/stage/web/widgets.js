// A board's widgets drawn as elements: text and matrices here, pictures in pictures.js.

import { el, rich } from "./dom.js";
import { say } from "./words.js";
import { carried, digits, shown } from "./numbers.js";
import { quiz, table } from "./contest.js";
import { bars, cells, chart, net } from "./pictures.js";
import { heat } from "./heat.js";
import { grey, plane } from "./plane.js";
import { field, history } from "./field.js";
import { heads, lookup, strip, ties } from "./tokens.js";

const colour = (role) => `--c:var(--${role || "ink"})`;

/** Return how many decimals a matrix shows: as given if all its numbers are short, else the chosen count. */
const places = (rows) => Math.min(digits(), Math.max(...rows.flat().map((v) => carried(v))));

function text(widget) {
  return el("span", { class: `text ${widget.size}`, style: colour(widget.role), text: say(widget.text) });
}

/** Return a bracketed table; an editable entry is an input, a hidden one a question mark. */
function matrix(widget, page) {
  const { rows, edit, at, rank, first } = widget;
  const show = places(rows);
  const hidden = page.hidden(widget.key);
  const name = say(widget.label);
  const entry = (value, i, j) => {
    const path = [...at, ...(rank === 1 ? [i + first] : [i + first, j])];
    const marked = widget.mark.some(([a, b]) => a === i && b === j);
    const label = `${name} ${rank === 1 ? i + 1 : `${i + 1}, ${j + 1}`}`;
    if (hidden) return el("td", { class: "hiding", text: "?" });
    if (!edit || page.still) return el("td", { class: marked ? "bad" : null, text: shown(value, show) });
    const kept = page.pending(edit, path);
    const field = el("input", {
      value: kept ?? shown(value, show),
      "aria-label": label,
      "data-key": `${edit}.${path.join(".")}`,
      "aria-invalid": kept === undefined ? null : "true",
      inputmode: "decimal",
      size: 1,
      onchange: (event) => page.edit(edit, path, event.target.value),
      onkeydown: (event) => move(event),
    });
    const longest = Math.max(...rows.flat().map((v) => shown(v, show).length), Math.min(field.value.length, 14), 1);
    field.style.width = `${longest + 0.2}ch`;
    return el("td", { class: marked ? "bad" : null }, field);
  };
  return el(
    "figure",
    { class: "matrix", style: colour(widget.role) },
    el("figcaption", null, rich(name)),
    el(
      "table",
      { class: "m", "aria-label": name },
      el("tbody", null, rows.map((line, i) => el("tr", { class: widget.on.includes(i) ? "on" : null }, line.map((v, j) => entry(v, i, j))))),
    ),
  );
}

/** Move between the inputs of a matrix by the arrow keys, up and down always, sideways at an end of the text. */
function move(event) {
  const cell = event.target.closest("td");
  const line = cell.parentElement;
  const column = [...line.children].indexOf(cell);
  const { selectionStart: from, value } = event.target;
  const goal = {
    ArrowUp: () => line.previousElementSibling?.children[column],
    ArrowDown: () => line.nextElementSibling?.children[column],
    ArrowLeft: () => (from === 0 ? cell.previousElementSibling : null),
    ArrowRight: () => (from === value.length ? cell.nextElementSibling : null),
  }[event.key]?.();
  const field = goal?.querySelector("input");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}

function lines(widget, page) {
  const hidden = page.hidden(widget.key);
  const token = (piece) =>
    typeof piece === "object" && "v" in piece
      ? el("b", { class: "num", style: colour(piece.role), text: shown(piece.v, Math.min(digits(), carried(piece.v))) })
      : el("span", { text: say(piece) });
  const one = (line, i) => {
    const last = line.length - 1;
    return el(
      "li",
      { class: widget.on === i ? "on" : null },
      line.map((piece, j) => (hidden && j === last ? el("b", { class: "num", text: "?" }) : token(piece))),
    );
  };
  return el("figure", { class: "lines" }, widget.label ? el("figcaption", null, rich(say(widget.label))) : null, el("ol", null, widget.lines.map(one)));
}

const DRAW = {
  text,
  table,
  quiz,
  matrix,
  lines,
  cells,
  chart,
  heat,
  bars,
  net,
  grey,
  plane,
  field,
  history,
  ties,
  lookup,
  strip,
  heads,
  row: (widget, page) => el("div", { class: `row ${widget.gap}` }, widget.items.map((item) => draw(item, page))),
  column: (widget, page) => el("div", { class: `column ${widget.gap}` }, widget.items.map((item) => draw(item, page))),
  part: (widget, page) => draw(page.parts[widget.id], page),
};

/** Return one widget as an element; `page` knows parts, edits and what is hidden. */
export function draw(widget, page) {
  const drawn = DRAW[widget.w](widget, page);
  if (widget.dim) drawn.classList.add("dim");
  return drawn;
}

/** Return the page of a picture that nobody edits. */
export const still = (parts = {}) => ({ parts, still: true, hidden: () => false });
