// The drawer "your turn": blanks that are marked entry by entry, or choices; the answer on request.

/** @import { Blank, Turn } from "./contract.js" */

import { el } from "./dom.js";
import { digits, shown, typed } from "./numbers.js";
import { bracketed } from "./widgets/matrix.js";
import { say, t } from "./words.js";

/**
 * Tell whether a given number is right to the decimals that are shown.
 * @param {number | string} given
 * @param {number} value
 */
const right = (given, value) =>
  typeof given === "number" && Math.abs(given - value) <= 0.5 * 10 ** -digits() + 1e-12;

/**
 * Return the exercise.
 * @param {Turn | undefined} exercise
 * @param {{ reveal: () => void, sheet: (kind: string) => string }} page
 */
export function turn(exercise, page) {
  if (!exercise) return el("p", { text: t("no_turn") });
  /** @type {{ field: HTMLInputElement, value: number }[]} */
  const fields = [];
  const told = el("p", { class: "marks", role: "status" });
  const tables = (exercise.blanks || []).map((item) => table(item, fields));
  const mark = () => {
    let count = 0;
    for (const { field, value } of fields) {
      const ok = right(typed(field.value), value);
      count += Number(ok);
      field.dataset.mark = field.value.trim() === "" ? "" : ok ? "right" : "wrong";
      field.setAttribute("aria-invalid", String(!ok));
    }
    told.textContent = t("marked", { right: count, of: fields.length, digits: digits() });
    if (count === fields.length) page.reveal();
  };
  const reveal = () => {
    for (const { field, value } of fields) {
      const wrong = !right(typed(field.value), value);
      if (wrong) field.title = field.value ? `${t("you_wrote")} ${field.value}` : "";
      field.placeholder = shown(value, digits());
      const cell = field.closest("td");
      if (wrong && cell && field.value.trim() !== "") cell.dataset.right = shown(value, digits());
    }
    page.reveal();
  };
  const options = exercise.choices?.map((label, k) =>
    el("button", {
      class: "tool",
      onclick: (event) => {
        const ok = k === exercise.answer;
        told.textContent = t(ok ? "right_choice" : "wrong_choice");
        event.currentTarget.dataset.mark = ok ? "right" : "wrong";
        if (ok) page.reveal();
      },
      text: say(label),
    }),
  );
  return el(
    "form",
    {
      class: "turn",
      onsubmit: (event) => {
        event.preventDefault();
        mark();
      },
    },
    el(
      "p",
      null,
      say(exercise.ask),
      fields.length ? ` ${t("to_digits", { digits: digits() })}` : "",
    ),
    el("div", { class: "row" }, tables, options || []),
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
 * @param {{ field: HTMLInputElement, value: number }[]} fields
 */
function table(item, fields) {
  const name = say(item.label);
  const blank = (value, i, j, columns) => {
    const field = el("input", {
      class: "blank",
      inputmode: "decimal",
      "aria-label": `${name} ${i + 1}${columns > 1 ? `, ${j + 1}` : ""}`,
    });
    fields.push({ field, value });
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
