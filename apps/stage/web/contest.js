// What is compared: a table that a click on a heading sorts, and a blind test whose score stays in this page.

import { el, svg } from "./dom.js";
import { say, t } from "./words.js";
import { rgb } from "./plane.js";
import { hold } from "./hold.js";
import { announce } from "./voice.js";

const colour = (role) => `--c:var(--${role || "ink"})`;

/** Return a table; a heading with a key is a button that changes the control `sort`. */
export function table(widget, page) {
  const { heads, rows, by } = widget;
  const name = say(widget.label);
  const heading = (one, j) => {
    const told = [say(one.label), one.arrow ? el("span", { class: "way", text: ` ${one.arrow}` }) : "", say(one.unit) ? el("small", { text: say(one.unit) }) : ""];
    const sorted = one.key && one.key === by;
    const inside = one.key && widget.sort && !page.still
      ? el("button", { "data-key": `table.${one.key}`, title: t("sort_by", { name: say(one.label) }), onclick: () => page.change(widget.sort, one.key) }, told)
      : told;
    return el("th", { scope: "col", class: j ? null : "first", "aria-sort": sorted ? (one.arrow === "↑" ? "descending" : "ascending") : null }, inside);
  };
  const entry = (cell, j, whole) =>
    el(j ? "td" : "th", { scope: j ? null : "row", class: j ? null : "first", colspan: whole ? heads.length - 1 : null, style: colour(cell.role) },
      el("span", { text: say(cell.text) }),
      cell.bar === null ? null : el("span", { class: "gauge", "aria-hidden": "true" }, el("i", { style: `width:${(100 * Math.min(1, Math.max(0, cell.bar))).toFixed(1)}%` })));
  return el(
    "figure",
    { class: "ranked" },
    name ? el("figcaption", { text: name }) : null,
    el("table", { "aria-label": name || null },
      el("thead", null, el("tr", null, heads.map(heading))),
      el("tbody", null, rows.map((row, i) =>
        el("tr", { class: [widget.on.includes(i) ? "on" : "", widget.faint.includes(i) ? "faint" : ""].join(" ").trim() || null }, row.map((cell, j) => entry(cell, j, j && row.length === 2 && heads.length > 2)))))),
  );
}

// ---- the blind test

const Z = 1.959963984540054; // the normal's quantile at 97.5 %

/** Return Wilson's 95 % interval for k right of n, as core.measure.intervals computes it. */
export function wilson(k, n) {
  const p = k / n;
  const middle = p + (Z * Z) / (2 * n);
  const half = Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  return [-1, 1].map((way) => Math.min(1, Math.max(0, (middle + way * half) / (1 + (Z * Z) / n))));
}

const STORE = "blind";
let score = null; // {"places": {test: guesses so far}, "groups": {kind: [right, of]}, "told": rows}

/** The room's score of this session: it outlives a reload of the page, not its tab, and no server sees it. */
function session() {
  if (!score) {
    try {
      score = JSON.parse(sessionStorage.getItem(STORE));
    } catch {
      score = null; // no storage here: the score lives as long as the page
    }
    score ||= { places: {}, groups: {}, told: [] };
  }
  return score;
}

function remember() {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(score));
  } catch {
    return; // as above
  }
}

/** What is taken away of the score: a row a guess, numbers only. */
export const tally = () => (session().told.length ? session().told : null);

/** Return a picture's canvas in ink: a role's colour would tell what it is. */
function shown(widget, at, size) {
  const { rows, cols } = widget;
  const canvas = el("canvas", { width: cols, height: rows, class: "shades", style: `width:${size}px;height:${Math.round((size * rows) / cols)}px`, role: "img", "aria-label": t("picture_of", { rows, cols }) });
  const context = canvas.getContext("2d");
  const image = context.createImageData(cols, rows);
  const [r, g, b] = rgb("ink");
  const all = atob(widget.shades);
  for (let i = 0; i < rows * cols; i++) image.data.set([r, g, b, all.charCodeAt(at * rows * cols + i)], 4 * i);
  context.putImageData(image, 0, 0);
  return canvas;
}

const percent = (v) => `${(100 * v).toFixed(0)} %`;

/** Return a share as a bar with its interval, and chance as a line. */
function range(k, n, chance) {
  const w = 160;
  const X = (v) => 8 + v * (w - 16);
  const [low, high] = wilson(k, n);
  return svg("svg", { width: w, height: 26, viewBox: `0 0 ${w} 26`, "aria-hidden": "true" },
    svg("line", { class: "grid", x1: X(0), x2: X(1), y1: 13, y2: 13 }),
    svg("line", { class: "rule", x1: X(chance), x2: X(chance), y1: 2, y2: 24 }),
    svg("line", { class: "whisker", x1: X(low), x2: X(high), y1: 13, y2: 13 }),
    svg("path", { class: "whisker", d: `M${X(low)} 7V19M${X(high)} 7V19` }),
    svg("circle", { class: "dot", cx: X(k / n), cy: 13, r: 5 }));
}

/** Return the score: of all, and of each kind that was asked for. */
function board(widget) {
  const { groups } = session();
  const here = widget.groups.filter((one) => groups[one.key]);
  const sum = here.reduce(([k, n], one) => [k + groups[one.key][0], n + groups[one.key][1]], [0, 0]);
  const chance = 1 / widget.options.length;
  const line = (label, role, [k, n], strong) =>
    n ? el("tr", { class: strong ? "on" : null, style: colour(role) },
      el("th", { scope: "row", class: "first", text: label }),
      el("td", { text: `${k} / ${n}` }), el("td", { text: percent(k / n) }),
      el("td", null, range(k, n, chance)),
      el("td", { class: "interval", text: wilson(k, n).map(percent).join(" – ") })) : null;
  return el("figure", { class: "ranked" },
    el("figcaption", { text: t("score_of") }),
    el("table", { "aria-label": t("score_of") },
      el("thead", null, el("tr", null, ["score_kind", "score_right", "score_share", "score_chance", "score_interval"].map((key, j) => el("th", { scope: "col", class: j ? null : "first", text: t(key) })))),
      el("tbody", null,
        line(t("score_all"), "accent", sum, true),
        here.map((one) => line(say(one.label), one.role, groups[one.key])),
        sum[1] ? null : el("tr", { class: "faint" }, el("td", { colspan: 5, text: t("score_none") })))));
}

let live = null; // the test on the stage: number keys guess
document.addEventListener("keydown", (event) => {
  if (!live?.figure.isConnected || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea")) return;
  const option = Number(event.key) - 1;
  if (Number.isInteger(option) && option >= 0 && option < live.count) {
    event.preventDefault();
    live.guess(option);
  }
});

/** Return a blind test; the first unanswered picture is asked for. */
export function quiz(widget, page) {
  const { kinds, groups, options, size } = widget;
  if (page.still) return numbered(widget);
  const figure = el("figure", { class: "quiz" });
  let last = null;
  const guess = (option) => {
    const at = session().places[widget.key] || 0;
    if (at >= kinds.length) return;
    const kind = groups[kinds[at]];
    const right = option === kind.truth;
    const [k, n] = session().groups[kind.key] || [0, 0];
    score.groups[kind.key] = [k + right, n + 1];
    score.places[widget.key] = at + 1;
    score.told.push({ picture: at + 1, kind: kinds[at], truth: kind.truth, guess: option, right: Number(right) });
    remember();
    last = { at, kind, right };
    paint();
  };
  const clear = () => {
    score = { places: {}, groups: {}, told: [] };
    remember();
    last = null;
    paint();
  };
  const paint = () => {
    const held = hold(figure);
    const guessed = figure.contains(document.activeElement);
    const at = session().places[widget.key] || 0;
    const over = at >= kinds.length;
    const word = last ? t(last.right ? "guess_right" : "guess_wrong", { kind: say(last.kind.label) }) : t("guess_keys");
    figure.replaceChildren(
      el("div", { class: "asked" },
        el("figcaption", { text: over ? t("quiz_over", { of: kinds.length }) : `${say(widget.label)} ${at + 1} / ${kinds.length}` }),
        shown(widget, over ? kinds.length - 1 : at, size),
        el("div", { class: "guesses" }, options.map((label, i) => el("button", { class: "tool", "data-key": `guess.${i}`, disabled: over, onclick: () => guess(i) }, say(label), el("kbd", { text: i + 1 })))),
        el("p", { class: last ? (last.right ? "said ok" : "said bad-check") : "said" }, last ? shown(widget, last.at, 30) : "", word)),
      el("div", { class: "result" }, board(widget), el("button", { class: "tool quiet", "data-key": "guess.clear", onclick: clear, text: t("score_clear") })));
    held();
    if (guessed && over) figure.querySelector('[data-key="guess.clear"]').focus();
    if (last) announce(word);
  };
  live = { figure, guess, count: options.length };
  paint();
  return figure;
}

/** Return a test's first pictures for paper, each with its number. */
function numbered(widget) {
  const some = widget.kinds.slice(0, 24);
  return el("figure", { class: "quiz" }, el("figcaption", { text: say(widget.label) }),
    el("div", { class: "numbered" }, some.map((_, i) => el("div", null, shown(widget, i, 84), el("span", { text: i + 1 })))));
}
