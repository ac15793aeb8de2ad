// A worksheet for paper: what is given, what is asked as blanks, and on the answer sheet their values.

import { el } from "./dom.js";
import { say, t } from "./words.js";
import { digits, shown } from "./numbers.js";
import { draw, still } from "./widgets.js";

/** Lay a printable sheet over the lesson; kind "blank" or "answers". */
export function sheet(lesson, kind) {
  const exercise = lesson.board.turn;
  const answers = kind === "answers";
  const frame = lesson.board.frames[exercise?.frame ?? 0];
  const page = { ...still(lesson.parts), hidden: (key) => Boolean(key) && (exercise?.blanks || []).some((b) => b.key === key) };
  const blank = (item) =>
    el("figure", { class: "matrix", style: `--c:var(--${item.role})` }, el("figcaption", { text: say(item.label) }),
      el("table", { class: "m" }, el("tbody", null, item.rows.map((line) => el("tr", null, line.map((v) => el("td", { class: "paper", text: answers ? shown(v, digits()) : "" })))))));
  document.documentElement.dataset.sheet = "";
  document.documentElement.dataset.theme = "light";
  const inner = el("div", { class: "given" }, draw(frame.view, page));
  const body = el(
    "article",
    { class: "sheet" },
    el("div", { class: "tools" }, el("button", { class: "tool go", onclick: () => print(), text: t("print") })),
    el("p", { class: "who" }, answers ? t("answer_sheet") : t("worksheet"), " · ", lesson.site.text[document.documentElement.lang].title, el("span", { text: answers ? "" : t("name_line") })),
    el("h1", { text: lesson.words.claim }),
    el("h2", { text: t("given") }),
    inner,
    exercise ? [el("h2", { text: t("to_do") }), el("p", { text: `${say(exercise.ask)} ${t("to_digits", { digits: digits() })}` }),
      el("div", { class: "row" }, (exercise.blanks || []).map(blank)),
      (exercise.choices || []).length ? el("ul", { class: "choices" }, exercise.choices.map((c, k) => el("li", { text: `${answers && k === exercise.answer ? "☑" : "☐"} ${say(c)}` }))) : null] : null,
    el("h2", { text: t("question") }),
    el("p", { text: lesson.words.ask }),
    answers ? el("p", { class: "told", text: lesson.words.answer }) : el("div", { class: "ruled" }),
  );
  document.querySelectorAll(".page > *").forEach((node) => (node.hidden = true));
  lesson.root.append(body);
  const wide = inner.clientWidth / inner.firstElementChild.scrollWidth;
  inner.firstElementChild.style.zoom = Math.min(1, wide);
}
