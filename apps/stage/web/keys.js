// The keyboard of a lesson: what a presenter's remote control sends, and a key for each transport
// button.

import { embedded } from "./header.js";

/**
 * What keys do.
 * @typedef {object} Acts
 * @property {() => void} onward the answer, then the next scene
 * @property {() => void} back the scene before
 * @property {() => void} present
 * @property {() => void} controls show them to an audience, or no longer
 * @property {() => void} tries set what the answer says to try, or take it back
 * @property {() => void} play
 * @property {() => void} before the frame before
 * @property {() => void} next the next frame
 * @property {(target: HTMLElement) => void} escape
 * @property {(key: string) => (() => void) | undefined} game what a key does in a game on the stage
 */

const TYPED_INTO = "input, select, textarea"; // they use the keys themselves
const FIGURE = "[role=application]"; // one takes all of them but what steps through the frames
const STEPS = ["Comma", "Period", "Escape"];
const PRESSED = "button, summary, a"; // Space presses them

// inside another page one scene stands alone, and these keys are the outer page's
const OF_SCENES = ["onward", "back", "present", "controls", "tries"];

/**
 * By the key's place on the board: under a Hangul layout F types ㄹ.
 * @type {Record<string, Exclude<keyof Acts, "game">>}
 */
const KEYS = {
  Space: "onward",
  ArrowRight: "onward",
  PageDown: "onward",
  ArrowLeft: "back",
  PageUp: "back",
  KeyF: "present",
  KeyC: "controls",
  KeyA: "tries",
  KeyK: "play",
  Comma: "before",
  Period: "next",
  Escape: "escape",
};

/**
 * Let keys act from now on.
 * @param {Acts} acts
 */
export function listen(acts) {
  document.addEventListener("keydown", (event) => {
    const key = event.code || event.key; // a remote control may send no code
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest?.(TYPED_INTO) && key !== "Escape") return;
    if (target.closest?.(FIGURE) && !STEPS.includes(key)) return;
    if (key === "Space" && target.closest?.(PRESSED)) return;
    const move = acts.game(key);
    if (move) {
      event.preventDefault();
      if (!event.repeat) move(); // a key that is held would play on unseen
      return;
    }
    const name = KEYS[key];
    if (!name || (embedded() && OF_SCENES.includes(name))) return;
    event.preventDefault();
    acts[name](target);
  });
}
