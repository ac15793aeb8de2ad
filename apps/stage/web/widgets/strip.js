// Tokens one after the other, in lines no wider than the widget.

/** @import { Strip } from "../contract.js" */

import { caption, drawing, el, svg } from "../dom.js";
import { LOOK, tinted } from "../look.js";
import { say } from "../words.js";
import { letters, span, tint } from "./letters.js";

/**
 * Return a strip of tokens.
 * @param {Strip} widget
 */
export function strip(widget) {
  const { size, shades, now, later, width, role } = widget;
  const { gap, pad, over, radius } = LOOK.strip;
  const { wide: narrow, strong } = LOOK.token.share;
  const texts = widget.tokens.map(say);
  const high = size + over;
  let [x, y, wide] = [0, 0, 40];
  const boxes = texts.map((text, i) => {
    const w = Math.max(narrow * size, span(text, size)) + pad;
    if (x && x + w > width) [x, y] = [0, y + high];
    const shade = shades?.[i] ?? null;
    const kinds = [
      "token-box",
      i === now ? "at" : "",
      later !== null && i >= later ? "later" : "",
      shade !== null && shade > strong ? "strong" : "",
      shades ? "tinted" : "",
    ];
    const box = svg(
      "g",
      { class: kinds.filter(Boolean).join(" ") },
      svg("rect", {
        ...{ x, y: y + 2, width: w - gap, height: high - 6, rx: radius },
        style: shade === null ? "" : `fill:${tint(shade)}`,
      }),
      letters(text, x + (w - gap) / 2, y + high / 2 - 1, size),
    );
    x += w;
    if (text === "\n") [x, y] = [0, y + high];
    wide = Math.max(wide, x);
    return box;
  });
  const name = say(widget.label);
  const label = `${name} ${texts.join("")}`;
  return el(
    "figure",
    { class: "strip" },
    caption(name),
    drawing(wide, y + high, { role: "img", style: tinted(role), "aria-label": label }, boxes),
  );
}
