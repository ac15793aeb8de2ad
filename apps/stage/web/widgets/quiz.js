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
  const { kinds, groups, options } = widget;
  const figure = el("figure", { class: "quiz" });
  /** @type {{ at: number, kind: Quiz["groups"][number], right: boolean } | null} */
  let last = null; // the guess before
  const guess = (option) => {
    const at = score.place(widget.key);
    if (at >= kinds.length) return;
    const kind = groups[kinds[at]];
    const right = option === kind.truth;
    score.count(widget.key, kind.key, { at, kind: kinds[at], truth: kind.truth, option, right });
    last = { at, kind, right };
    paint();
  };
  const clear = () => {
    score.clear();
    last = null;
    paint();
  };
  const paint = () => {
    const held = hold(figure);
    const guessed = figure.contains(document.activeElement);
    const at = score.place(widget.key);
    const over = at >= kinds.length;
    const word = last
      ? t(last.right ? "guess_right" : "guess_wrong", { kind: say(last.kind.label) })
      : t("guess_keys");
    const ask = `${say(widget.label)} ${at + 1} / ${kinds.length}`;
    figure.replaceChildren(
      el(
        "div",
        { class: "asked" },
        el("figcaption", { text: over ? t("quiz_over", { of: kinds.length }) : ask }),
        one(widget, all, over ? kinds.length - 1 : at, widget.size),
        el(
          "div",
          { class: "guesses" },
          options.map((label, i) =>
            el(
              "button",
              {
                class: "tool",
                "data-key": `guess.${i}`,
                disabled: over,
                onclick: () => guess(i),
              },
              say(label),
              el("kbd", { text: i + 1 }),
            ),
          ),
        ),
        el(
          "p",
          { class: last ? (last.right ? "said ok" : "said bad-check") : "said" },
          last ? one(widget, all, last.at, LOOK.quiz.seen) : "",
          word,
        ),
      ),
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
    if (last) announce(word);
  };
  live = { figure, guess, count: options.length };
  paint();
  return figure;
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
