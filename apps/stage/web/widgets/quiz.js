// A blind test: a picture, a guess, and the score, which stays in this page.

/** @import { Page, Quiz } from "../contract.js" */

import { bytes, el } from "../dom.js";
import { hold, keyed } from "../hold.js";
import { LOOK } from "../look.js";
import { announce } from "../voice.js";
import { say, t } from "../words.js";
import * as score from "./score.js";
import { picture } from "./shades.js";

/** @type {{ figure: HTMLElement, guess: (option: number) => void, count: number } | null} */
let live = null; // the test on the stage: number keys guess

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (!live?.figure.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.closest?.("input, select, textarea")) return;
  const option = Number(event.key) - 1;
  if (Number.isInteger(option) && option >= 0 && option < live.count) {
    event.preventDefault();
    live.guess(option);
  }
});

/**
 * Return one of a test's pictures in ink: a role's colour would tell what it is.
 * @param {Quiz} widget
 * @param {Uint8Array} all the shades of all pictures
 * @param {number} at which one
 * @param {number} size
 */
function one({ rows, cols }, all, at, size) {
  const own = all.subarray(at * rows * cols, (at + 1) * rows * cols);
  const label = t("picture_of", { rows, cols });
  return picture(own, { rows, cols, size, role: "ink", label });
}

/**
 * Return a blind test; the first unanswered picture is asked for.
 * @param {Quiz} widget
 * @param {Page} page
 */
export function quiz(widget, page) {
  const all = bytes(widget.shades);
  if (page.still) return numbered(widget, all);
  const { kinds, options, key } = widget;
  const figure = el("figure", { class: "quiz" });
  let fresh = false; // whether the last change was a guess: it is said aloud
  const guess = (option) => {
    if (score.guesses(key).length >= kinds.length) return;
    score.keep(widget, option);
    fresh = true;
    paint();
  };
  const clear = () => {
    score.clear();
    fresh = false;
    paint();
  };
  const paint = () => {
    const held = hold(figure);
    const guessed = figure.contains(document.activeElement);
    const at = score.guesses(key).length;
    const over = at >= kinds.length;
    const word = at ? t("guess_kept", { n: at, of: kinds.length }) : t("guess_keys");
    figure.replaceChildren(
      over ? revealed(widget, all) : asked(widget, all, at, { guess, word }),
      el(
        "div",
        { class: "result" },
        score.board(widget),
        el("button", {
          class: "tool quiet",
          "data-key": "guess.clear",
          onclick: clear,
          text: t("score_clear"),
        }),
      ),
    );
    held();
    if (guessed && over) keyed(figure, "guess.clear")?.focus();
    if (fresh) announce(over ? t("quiz_over", { of: kinds.length }) : word);
  };
  live = { figure, guess, count: options.length };
  paint();
  return figure;
}

/**
 * Return the picture that is asked for, and a button an option; whether a guess was right is told
 * only after the last.
 * @param {Quiz} widget
 * @param {Uint8Array} all
 * @param {number} at
 * @param {{ guess: (option: number) => void, word: string }} now
 */
function asked(widget, all, at, { guess, word }) {
  const button = (label, i) =>
    el(
      "button",
      { class: "tool", "data-key": `guess.${i}`, onclick: () => guess(i) },
      say(label),
      el("kbd", { text: i + 1 }),
    );
  const ask = `${say(widget.label)} ${at + 1} / ${widget.kinds.length}`;
  return el(
    "div",
    { class: "asked" },
    el("figcaption", { text: ask }),
    one(widget, all, at, widget.size),
    el("div", { class: "guesses" }, widget.options.map(button)),
    el("p", { class: "said", text: word }),
  );
}

/**
 * Return all pictures of a test with what they are, kind by kind; those guessed wrong are marked.
 * @param {Quiz} widget
 * @param {Uint8Array} all
 */
function revealed(widget, all) {
  const rows = score.guesses(widget.key);
  const shown = (row) =>
    el(
      "span",
      { class: row.right ? "told" : "told wrong" },
      one(widget, all, row.picture - 1, LOOK.quiz.seen),
      el("b", { text: row.right ? "✓" : "✗" }),
    );
  const kind = (group, k) => {
    const here = rows.filter((row) => row.kind === k);
    return here.length
      ? [
          el("figcaption", { text: say(group.label) }),
          el("div", { class: "truth" }, here.map(shown)),
        ]
      : [];
  };
  return el(
    "div",
    { class: "asked" },
    el("figcaption", { text: t("quiz_over", { of: widget.kinds.length }) }),
    widget.groups.flatMap(kind),
  );
}

/**
 * Return a test's first pictures for paper, each with its number.
 * @param {Quiz} widget
 * @param {Uint8Array} all
 */
function numbered(widget, all) {
  const { size, bare } = LOOK.quiz.print;
  const some = widget.kinds.slice(0, bare.most);
  return el(
    "figure",
    { class: "quiz" },
    el("figcaption", { text: say(widget.label) }),
    el(
      "div",
      { class: "numbered" },
      some.map((_, i) => el("div", null, one(widget, all, i, size), el("span", { text: i + 1 }))),
    ),
  );
}
