// The score of blind tests: what was guessed, and how much of it was right, each share with its
// interval. A test counts once its last picture was guessed: until then the score would tell.

/** @import { Quiz } from "../contract.js" */

import { clamp, drawing, el, svg } from "../dom.js";
import { LOOK, tinted } from "../look.js";
import { say, t } from "../words.js";

const Z = 1.959963984540054; // the normal's quantile at 97.5 %
const STORE = "blind";

/**
 * @typedef {object} Score
 * @property {Record<string, Row[]>} tests the guesses of each test so far
 * @property {Record<string, [number, number]>} groups right and of how many, by kind, of whole tests
 * @property {Row[]} told the guesses of whole tests
 */

/**
 * @typedef {{ picture: number, kind: number, truth: number, guess: number, right: number }} Row
 */

/** @returns {Score} */
const none = () => ({ tests: {}, groups: {}, told: [] });

/** @type {Score | null} */
let score = null;

/**
 * Return the room's score of this session: it outlives a reload of the page, not its tab, and no
 * server sees it.
 */
function session() {
  if (!score) {
    try {
      const stored = JSON.parse(sessionStorage.getItem(STORE) || "null");
      score = stored?.tests ? stored : null;
    } catch {
      score = null; // no storage here: the score lives as long as the page
    }
    score ||= none();
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

/**
 * Return the guesses of a test so far, one a picture.
 * @param {string} test
 * @returns {Row[]}
 */
export const guesses = (test) => session().tests[test] || [];

/**
 * Keep a guess of a test's next picture; with its last one the test counts.
 * @param {Quiz} widget
 * @param {number} option
 */
export function keep({ key, kinds, groups }, option) {
  const all = session();
  const rows = guesses(key);
  const kind = kinds[rows.length];
  const truth = groups[kind].truth;
  const right = Number(option === truth);
  all.tests[key] = [...rows, { picture: rows.length + 1, kind, truth, guess: option, right }];
  if (all.tests[key].length === kinds.length) {
    for (const row of all.tests[key]) {
      const group = groups[row.kind].key;
      const [k, n] = all.groups[group] || [0, 0];
      all.groups[group] = [k + row.right, n + 1];
    }
    all.told.push(...all.tests[key]);
  }
  remember();
}

/** Begin anew. */
export function clear() {
  score = none();
  remember();
}

/** Return what is taken away of the score: a row a guess of whole tests; null before the first. */
export const tally = () => (session().told.length ? session().told : null);

/**
 * Return Wilson's 95 % interval for k right of n, as core.measure.intervals computes it.
 * @param {number} k
 * @param {number} n
 */
export function wilson(k, n) {
  const p = k / n;
  const middle = p + (Z * Z) / (2 * n);
  const half = Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  return [-1, 1].map((way) => clamp(0, (middle + way * half) / (1 + (Z * Z) / n), 1));
}

const percent = (v) => `${(100 * v).toFixed(0)} %`;

/**
 * Return a share as a dot with its interval, and chance as a line.
 * @param {number} k right
 * @param {number} n of how many
 * @param {number} chance
 */
function range(k, n, chance) {
  const { width: w, height: h, side, end, dot } = LOOK.quiz.range;
  const X = (v) => side + v * (w - 2 * side);
  const [low, high] = wilson(k, n);
  const y = h / 2;
  const level = { y1: y, y2: y };
  return drawing(
    w,
    h,
    { "aria-hidden": "true" },
    svg("line", { class: "grid", x1: X(0), x2: X(1), ...level }),
    svg("line", { class: "rule", x1: X(chance), x2: X(chance), y1: 2, y2: h - 2 }),
    svg("line", { class: "whisker", x1: X(low), x2: X(high), ...level }),
    svg("path", {
      class: "whisker",
      d: `M${X(low)} ${y - end}V${y + end}M${X(high)} ${y - end}V${y + end}`,
    }),
    svg("circle", { class: "dot", cx: X(k / n), cy: y, r: dot }),
  );
}

const COLUMNS = ["score_kind", "score_right", "score_share", "score_chance", "score_interval"];

/**
 * Return the score: of all, and of each kind that was asked for.
 * @param {Quiz} widget
 */
export function board(widget) {
  const { groups } = session();
  const here = widget.groups.filter((one) => groups[one.key]);
  const all = here.map((one) => groups[one.key]);
  const sum = [0, 1].map((i) => all.reduce((total, one) => total + one[i], 0));
  const chance = 1 / widget.options.length;
  /** @type {(label: string, role: string, sum: number[], strong?: boolean) => HTMLElement} */
  const line = (label, role, [k, n], strong = false) =>
    el(
      "tr",
      { class: strong ? "on" : null, style: tinted(role) },
      el("th", { scope: "row", class: "first", text: label }),
      el("td", { text: `${k} / ${n}` }),
      el("td", { text: percent(k / n) }),
      el("td", null, range(k, n, chance)),
      el("td", { class: "interval", text: wilson(k, n).map(percent).join(" – ") }),
    );
  const empty = () =>
    el("tr", { class: "faint" }, el("td", { colspan: COLUMNS.length, text: t("score_none") }));
  const heading = (key, j) => el("th", { scope: "col", class: j ? null : "first", text: t(key) });
  return el(
    "figure",
    { class: "ranked" },
    el("figcaption", { text: t("score_of") }),
    el(
      "table",
      { "aria-label": t("score_of") },
      el("thead", null, el("tr", null, COLUMNS.map(heading))),
      el(
        "tbody",
        null,
        sum[1] ? line(t("score_all"), "accent", sum, true) : empty(),
        here.map((one) => line(say(one.label), one.role, groups[one.key])),
      ),
    ),
  );
}
