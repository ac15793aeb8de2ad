// The drawer "your turn": blanks that are marked entry by entry, or choices; the answer on request.

/** @import { Blank, Turn } from "./contract.js" */
/** @import { Written } from "./state.js" */

import { el } from "./dom.js";
import { digits, shown, typed } from "./numbers.js";
import { bracketed } from "./widgets/matrix.js";
import { say, t } from "./words.js";

/**
 * Tell whether a blank asks for whole numbers.
 * @param {Blank} item
 */
export const whole = (item) => item.rows.flat().every((value) => Number.isInteger(value));

/**
 * Return how exactly blanks are asked for, in words.
 * @param {Blank[]} blanks
 */
export function exactly(blanks) {
  const counts = blanks.filter(whole).length;
  if (!blanks.length) return "";
  if (counts === blanks.length) return t("to_integers");
  return t(counts ? "to_digits_or_integers" : "to_digits", { digits: digits() });
}

/**
 * A field with the value that it asks for.
 * @typedef {{ field: HTMLInputElement, value: number, places: number }} Asked
 */

/**
 * Tell whether a given number is right: a whole number exactly, another to one unit of the last
 * decimal that is shown, for whoever computes from rounded numbers arrives no nearer.
 * @param {number | string} given
 * @param {Asked} asked
 */
const right = (given, { value, places }) =>
  typeof given === "number" &&
  Math.abs(given - Number(value.toFixed(places))) <= (places ? 1.0001 * 10 ** -places : 0);

/**
 * Return the exercise.
 * @param {Turn | undefined} exercise
 * @param {{ reveal: () => void, sheet: (kind: string) => string, written: Written }} page
 */
export function turn(exercise, page) {
  if (!exercise) return el("p", { text: t("no_turn") });
  /** @type {Asked[]} */
  const fields = [];
  const told = el("p", { class: "marks", role: "status" });
  const { written } = page;
  const tables = (exercise.blanks || []).map((item) => table(item, fields, written.texts));
  /** Mark each entry; return whether all are right. */
  const marks = () => {
    let count = 0;
    const unread = [];
    for (const asked of fields) {
      const { field } = asked;
      const given = typed(field.value);
      const ok = right(given, asked);
      count += Number(ok);
      const empty = field.value.trim() === "";
      field.dataset.mark = empty ? "" : ok ? "right" : "wrong";
      field.setAttribute("aria-invalid", String(!ok));
      if (!empty && typeof given === "string") unread.push(field.value.trim());
    }
    const marked = t("marked", { right: count, of: fields.length });
    told.textContent = [marked, ...unread.map((text) => t("not_read", { text }))].join(" ");
    return count === fields.length;
  };
  const mark = () => {
    written.marked = true;
    if (marks()) page.reveal();
  };
  const reveal = () => {
    for (const asked of fields) {
      const { field, value, places } = asked;
      const wrong = !right(typed(field.value), asked);
      if (wrong) field.title = field.value ? `${t("you_wrote")} ${field.value}` : "";
      field.placeholder = shown(value, places);
      const cell = field.closest("td");
      if (wrong && cell && field.value.trim() !== "") cell.dataset.right = shown(value, places);
    }
    page.reveal();
  };
  const options = (exercise.choices || []).map((label, k) =>
    el("button", {
      class: "tool",
      type: "button", // else it would hand the form in
      "data-key": `turn.option.${k}`,
      onclick: () => {
        written.choice = k;
        judge(k);
        if (k === exercise.answer) page.reveal();
      },
      text: say(label),
    }),
  );
  const judge = (k) => {
    const ok = k === exercise.answer;
    told.textContent = t(ok ? "right_choice" : "wrong_choice");
    options[k].dataset.mark = ok ? "right" : "wrong";
  };
  if (written.marked) marks();
  if (written.choice !== null) judge(written.choice);
  return el(
    "form",
    {
      class: "turn",
      onsubmit: (event) => {
        event.preventDefault();
        mark();
      },
    },
    el("p", null, `${say(exercise.ask)} ${exactly(exercise.blanks || [])}`.trim()),
    el("div", { class: "row" }, tables, options),
    el(
      "div",
      { class: "tools" },
      fields.length ? el("button", { class: "tool go", text: t("mark") }) : null,
      el("button", { class: "tool", type: "button", onclick: reveal, text: t("show_values") }),
      sheetLink(page.sheet("blank"), t("worksheet")),
      sheetLink(page.sheet("answers"), t("answer_sheet")),
    ),
    told,
  );
}

/**
 * @param {string} href
 * @param {string} text
 */
const sheetLink = (href, text) => el("a", { class: "tool", href, target: "_blank", text });

/**
 * Return a matrix of blanks, and add these to the fields.
 * @param {Blank} item
 * @param {Asked[]} fields
 * @param {string[]} texts what was written into all of them
 */
function table(item, fields, texts) {
  const name = say(item.label);
  const places = whole(item) ? 0 : digits();
  const blank = (value, i, j, columns) => {
    const n = fields.length;
    const field = el("input", {
      class: "blank",
      inputmode: "decimal",
      "data-key": `turn.${n}`,
      value: texts[n] ?? "",
      oninput: (event) => {
        texts[n] = event.target.value;
      },
      "aria-label": `${name} ${i + 1}${columns > 1 ? `, ${j + 1}` : ""}`,
    });
    fields.push({ field, value, places });
    return el("td", null, field);
  };
  return bracketed(
    item.role,
    name,
    name,
    item.rows.map((line, i) =>
      el(
        "tr",
        null,
        line.map((value, j) => blank(value, i, j, line.length)),
      ),
    ),
  );
}
