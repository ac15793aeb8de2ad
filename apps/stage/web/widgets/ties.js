// Two rows of tokens, and lines between them as strong as their weights.

/** @import { Page, Ties, Value } from "../contract.js" */
/** @import { Pick } from "./attention.js" */

import { clamp, drawing, svg } from "../dom.js";
import { LOOK, tinted } from "../look.js";
import { say, t } from "../words.js";
import { largest, litFigure, NOTHING, picking, reading, rowsOf } from "./attention.js";
import { letters, named, span, tint } from "./letters.js";

/**
 * Return where the tokens of both rows stand.
 * @param {string[][]} rows queries and keys
 * @param {Ties} widget
 */
function spread(rows, { names, width }) {
  const { token, ties: look } = LOOK;
  const close = Math.max(...rows.map((texts) => texts.length)) > token.bare.many;
  const gap = close ? token.close.gap : token.gap;
  const room = (text) =>
    close
      ? Math.max(token.close.least, Math.ceil(span(text, token.close.size)) + token.close.pad)
      : Math.max(token.height - 4, Math.ceil(span(text)) + token.pad);
  const long = (texts) => texts.reduce((w, text) => w + room(text) + gap, -gap);
  const beside = (name) => (name ? span(name, look.name.size) + look.name.gap : 0);
  const side = Math.max(...names.map((name) => beside(say(name))));
  const wide = Math.max(...rows.map(long), width - side);
  const places = (texts) => {
    const extra = Math.min((wide - long(texts)) / Math.max(1, texts.length), look.spread);
    let x = side + (wide - long(texts) - extra * (texts.length - 1)) / 2;
    return texts.map((text) => {
      const w = room(text);
      const at = { x: x + w / 2, w };
      x += w + gap + extra;
      return at;
    });
  };
  const { least, most } = look.height;
  const tall = clamp(least, wide * look.share.tall, most) + 2 * token.height;
  const letter = close ? token.close.size : token.size;
  const radius = close ? token.close.radius : token.radius;
  return { width: side + wide, tall, letter, radius, places: rows.map(places) };
}

/**
 * Return two rows of tokens and the lines between them.
 * @param {Ties} widget
 * @param {Page} page
 */
export function ties(widget, page) {
  const { height } = LOOK.token;
  const look = LOOK.ties;
  const hidden = page.hidden(widget.key);
  const rows = rowsOf(widget, page).map((row) => (hidden ? row.map(() => 0) : row));
  const [queries, keys] = [widget.queries.map(say), widget.keys.map(say)];
  const layout = spread([queries, keys], widget);
  const [up, down] = layout.places;
  const low = layout.tall - height;
  const middle = (height + low) / 2;
  const tie = (w, { x: a }, { x: b }) =>
    w === null || w < look.share.faint
      ? null
      : svg("path", {
          d: `M${a} ${height}C${a} ${middle} ${b} ${middle} ${b} ${low}`,
          class: "tie",
          "stroke-width": look.stroke.least + look.stroke.more * w,
          opacity: Math.min(1, look.share.opacity + w),
        });
  const lines = rows.map((row, i) => row.map((w, j) => tie(w, up[i], down[j])));
  /** @type {Pick} */
  let pick = () => {};
  const box = (text, { x, w }, y, picked) =>
    svg(
      "g",
      { class: "token-box", onpointerenter: picked },
      svg("rect", { x: x - w / 2, y, width: w, height, rx: layout.radius }),
      letters(text, x, y + height / 2, layout.letter),
    );
  const tops = queries.map((text, i) => box(text, up[i], 0, () => pick(i, null)));
  const lows = keys.map((text, j) => box(text, down[j], low, () => pick(null, j)));
  const name = say(widget.label);
  const names = widget.names.map(say);
  const picture = drawing(
    layout.width,
    layout.tall,
    {
      role: "img",
      style: tinted(widget.role),
      "aria-label": [name || t("weights"), ...names].filter(Boolean).join(", "),
    },
    names.map((one, k) =>
      one ? svg("text", { x: 0, y: k ? low + 18 : 18, class: "name", text: one }) : null,
    ),
    ...[lines, tops, lows],
  );
  const read = reading();
  const figure = litFigure("ties", widget.group, name, picture, page.still ? null : read);
  figure.lit = (query, key) => {
    const asks = query !== null && query !== undefined;
    const answers = !asks && key !== null && key !== undefined;
    picture.classList.toggle("picked", asks || answers);
    lines.forEach((row, i) => {
      row.forEach((line, j) => {
        line?.classList.toggle("lit", asks ? i === query : answers && j === key);
      });
    });
    tops.forEach((g, i) => {
      shade(g, answers ? rows[i][key] : 0, i === query);
    });
    lows.forEach((g, j) => {
      shade(g, asks ? rows[query][j] : 0, j === key);
    });
    const [from, to] = asks ? [named(queries[query]), largest(keys, rows[query])] : ["", ""];
    const back = () =>
      `${named(keys[key ?? 0])} ← ${largest(
        queries,
        rows.map((row) => row[key ?? 0]),
      )}`;
    if (hidden) read.textContent = "?";
    else read.textContent = asks ? `${from} → ${to}` : answers ? back() : NOTHING;
  };
  if (!page.still) pick = picking(figure, picture, widget);
  figure.lit(widget.now, null);
  return figure;
}

/**
 * Tint a token by its weight, and outline the one that is looked at.
 * @param {SVGGElement} group
 * @param {Value} weight
 * @param {boolean} at
 */
function shade(group, weight, at) {
  const box = /** @type {SVGRectElement} */ (group.firstChild);
  group.classList.toggle("at", at);
  box.style.fill = weight ? tint(weight) : "";
  group.classList.toggle("strong", (weight ?? 0) > LOOK.token.share.strong);
}
