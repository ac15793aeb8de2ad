// Tokens as letters, and how wide they are.

import { svg } from "../dom.js";
import { LOOK } from "../look.js";
import { t } from "../words.js";

const SQUARE = 0x2e7f; // characters beyond it, Hangul and its like, are as wide as high

/** What is written for a token: a line's end has a sign. */
export const written = (text) => (text === "\n" ? "¶" : text);

/** How a token is called in a sentence. */
export const named = (text) => (text === " " ? t("space") : text === "\n" ? "¶" : `‘${text}’`);

/**
 * Return about how wide a token is at `size` pixels a letter.
 * @param {string} text
 * @param {number} size
 */
export function span(text, size = LOOK.token.size) {
  const narrow = LOOK.token.share.wide * size;
  return [...text].reduce((w, c) => w + (Number(c.codePointAt(0)) > SQUARE ? size : narrow), 0);
}

/**
 * Return a token's letters around (x, y); a space is an open box.
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {number} size
 */
export const letters = (text, x, y, size = LOOK.token.size) =>
  text === " "
    ? svg("path", { d: `M${x - 4} ${y}v4h8v-4`, class: "space" })
    : svg("text", {
        x,
        y: y + size / 3,
        "text-anchor": "middle",
        class: "token",
        style: `font-size:${size}px`,
        text: written(text),
      });

/**
 * Return how much of a role's colour lies on a token.
 * @param {number} share
 */
export const tint = (share) =>
  `color-mix(in srgb, var(--c) ${Math.round(100 * Math.min(1, share))}%, var(--paper))`;
