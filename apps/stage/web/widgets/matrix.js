// Numbers: bracketed matrices that can be typed into, and sums written out.

/** @import { Lines, Matrix, Page } from "../contract.js" */

import { caption, el, rich } from "../dom.js";
import { tinted } from "../look.js";
import { carried, digits, shown } from "../numbers.js";
import { say } from "../words.js";

const WIDEST = 14; // characters of a typed entry for which its box grows

/**
 * Return how many decimals a matrix shows: as given if all its numbers are short, else the chosen
 * count.
 * @param {any[][]} rows
 */
const places = (rows) => Math.min(digits(), Math.max(...rows.flat().map((v) => carried(v))));

/**
 * Return a bracketed table; an editable entry is an input, a hidden one a question mark.
 * @param {Matrix} widget
 * @param {Page} page
 */
export function matrix(widget, page) {
  const name = say(widget.label);
  const entry = entries(widget, page, name);
  return bracketed(
    widget.role,
    name,
    rich(name),
    widget.rows.map((line, i) =>
      el(
        "tr",
        { class: widget.on.includes(i) ? "on" : null },
        line.map((v, j) => entry(v, i, j)),
      ),
    ),
  );
}

/**
 * Return a bracketed table of lines.
 * @param {string} role
 * @param {string} name
 * @param {any} title the name as it is shown
 * @param {HTMLElement[]} lines
 */
export const bracketed = (role, name, title, lines) =>
  el(
    "figure",
    { class: "matrix", style: tinted(role) },
    el("figcaption", null, title),
    el("table", { class: "m", "aria-label": name }, el("tbody", null, lines)),
  );

/**
 * Return what makes a matrix's entry into a cell of its table.
 * @param {Matrix} widget
 * @param {Page} page
 * @param {string} name
 */
function entries({ rows, edit, at, rank, first, mark, key }, page, name) {
  const show = places(rows);
  const longest = Math.max(...rows.flat().map((v) => shown(v, show).length));
  const hidden = page.hidden(key);
  return (value, i, j) => {
    if (hidden) return el("td", { class: "hiding", text: "?" });
    const wrong = mark.some(([a, b]) => a === i && b === j) ? "bad" : null;
    if (!edit || page.still) return el("td", { class: wrong, text: shown(value, show) });
    const path = [...at, ...(rank === 1 ? [i + first] : [i + first, j])];
    const kept = page.pending(edit, path);
    const field = el("input", {
      value: kept ?? shown(value, show),
      "aria-label": `${name} ${rank === 1 ? i + 1 : `${i + 1}, ${j + 1}`}`,
      "data-key": `${edit}.${path.join(".")}`,
      "aria-invalid": kept === undefined ? null : "true",
      inputmode: "decimal",
      size: 1,
      onchange: (event) => page.edit(edit, path, event.target.value),
      onkeydown: move,
    });
    const wide = Math.max(longest, Math.min(field.value.length, WIDEST), 1);
    field.style.width = `${wide + 0.2}ch`;
    return el("td", { class: wrong }, field);
  };
}

/**
 * Move between the inputs of a matrix by the arrow keys, up and down always, sideways at an end of
 * the text.
 * @param {KeyboardEvent} event
 */
function move(event) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const cell = input.closest("td");
  const line = cell?.parentElement;
  if (!cell || !line) return;
  const column = [...line.children].indexOf(cell);
  const { selectionStart: from, value } = input;
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

/**
 * Let a sum go on in a further line only before a sign, and not within short brackets.
 * @param {string} text
 */
const kept = (text) =>
  text
    .replace(/[([][^()[\]]{1,18}[)\]]/g, (inner) => inner.replaceAll(" ", "\u00a0"))
    .replace(/ ([=≈≤≥←+−·⋆×/-]) /g, " $1\u00a0");

/**
 * Return sums written out, a row a line, numbers in their role's colour.
 * @param {Lines} widget
 * @param {Page} page
 */
export function lines(widget, page) {
  const hidden = page.hidden(widget.key);
  const token = (piece) =>
    typeof piece === "object" && "v" in piece
      ? el("b", {
          class: "num",
          style: tinted(piece.role),
          text: shown(piece.v, Math.min(digits(), carried(piece.v))),
        })
      : el("span", null, rich(say(piece), kept));
  const line = (pieces, i) =>
    el(
      "li",
      { class: widget.on === i ? "on" : null },
      pieces.map((piece, j) =>
        hidden && j === pieces.length - 1 ? el("b", { class: "num", text: "?" }) : token(piece),
      ),
    );
  return el(
    "figure",
    { class: "lines" },
    widget.label ? caption(say(widget.label)) : null,
    el("ol", null, widget.lines.map(line)),
  );
}
