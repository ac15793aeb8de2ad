// A worksheet for paper: what is given, what is asked as blanks, and on the answer sheet their
// values.

/** @import { Blank, Board, Turn, Words } from "./contract.js" */

import { el } from "./dom.js";
import { LOOK, tinted } from "./look.js";
import { digits, shown } from "./numbers.js";
import { exactly, whole } from "./turn.js";
import { draw, still } from "./widgets/draw.js";
import { say, t } from "./words.js";

/**
 * Lay a printable sheet over the lesson.
 * @param {HTMLElement} root
 * @param {Board} board
 * @param {Words} words the scene's
 * @param {string} title the lesson's
 * @param {string} kind "blank" or "answers"
 */
export function sheet(root, board, words, title, kind) {
  const exercise = board.turn;
  const answers = kind === "answers";
  const at = exercise?.frame ?? 0;
  const page = {
    ...still(board.parts, board.frames.slice(0, at + 1)),
    hidden: (key) => Boolean(key) && (exercise?.blanks || []).some((one) => one.key === key),
  };
  document.documentElement.dataset.sheet = "";
  const given = el("div", { class: "given" }, draw(board.frames[at].view, page));
  document.documentElement.dataset.theme = "light";
  const body = el(
    "article",
    { class: "sheet" },
    el(
      "div",
      { class: "tools" },
      el("button", { class: "tool go", onclick: () => print(), text: t("print") }),
    ),
    el(
      "p",
      { class: "who" },
      answers ? t("answer_sheet") : t("worksheet"),
      " · ",
      title,
      el("span", { text: answers ? "" : t("name_line") }),
    ),
    el("h1", { text: words.claim }),
    el("h2", { text: t("given") }),
    given,
    exercise ? toDo(exercise, answers) : null,
    el("h2", { text: t("question") }),
    el("p", { text: words.ask }),
    answers ? el("p", { class: "told", text: words.answer }) : el("div", { class: "ruled" }),
  );
  document.querySelectorAll(".page > *").forEach((node) => {
    /** @type {HTMLElement} */ (node).hidden = true;
  });
  root.append(body);
  const inner = /** @type {HTMLElement} */ (given.firstElementChild);
  const { given: tall } = LOOK.sheet; // so that the whole is one page
  const zoom = Math.min(1, given.clientWidth / inner.scrollWidth, tall / inner.scrollHeight);
  inner.style.zoom = String(zoom);
}

/**
 * Return the exercise.
 * @param {Turn} exercise
 * @param {boolean} answers whether its values are told
 */
function toDo({ ask, blanks = [], choices = [], answer }, answers) {
  const mark = (k) => (answers && k === answer ? "☑" : "☐");
  return [
    el("h2", { text: t("to_do") }),
    el("p", { text: `${say(ask)} ${exactly(blanks)}`.trim() }),
    el(
      "div",
      { class: "row" },
      blanks.map((item) => blank(item, answers)),
    ),
    choices.length
      ? el(
          "ul",
          { class: "choices" },
          choices.map((one, k) => el("li", { text: `${mark(k)} ${say(one)}` })),
        )
      : null,
  ];
}

/**
 * Return a matrix of empty boxes, or of their values.
 * @param {Blank} item
 * @param {boolean} answers
 */
function blank(item, answers) {
  const { label, rows, role } = item;
  const places = whole(item) ? 0 : digits();
  const cell = (v) => el("td", { class: "paper", text: answers ? shown(v, places) : "" });
  return el(
    "figure",
    { class: "matrix", style: tinted(role) },
    el("figcaption", { text: say(label) }),
    el(
      "table",
      { class: "m" },
      el(
        "tbody",
        null,
        rows.map((line) => el("tr", null, line.map(cell))),
      ),
    ),
  );
}
