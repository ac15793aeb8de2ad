// The keyboard of a lesson: what a presenter's remote control sends, and a key for each transport
// button.

/**
 * What keys do.
 * @typedef {object} Acts
 * @property {() => void} onward the answer, then the next scene
 * @property {() => void} back the scene before
 * @property {() => void} present
 * @property {() => void} play
 * @property {() => void} before the frame before
 * @property {() => void} next the next frame
 * @property {(target: HTMLElement) => void} escape
 */

const TYPED_INTO = "input, select, textarea, [role=application]"; // they use the keys themselves
const PRESSED = "button, summary, a"; // Space presses them

/** @type {Record<string, keyof Acts>} */
const KEYS = {
  " ": "onward",
  ArrowRight: "onward",
  PageDown: "onward",
  ArrowLeft: "back",
  PageUp: "back",
  f: "present",
  k: "play",
  ",": "before",
  ".": "next",
  Escape: "escape",
};

/**
 * Let keys act from now on.
 * @param {Acts} acts
 */
export function listen(acts) {
  document.addEventListener("keydown", (event) => {
    const { key } = event;
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest?.(TYPED_INTO) && key !== "Escape") return;
    if (key === " " && target.closest?.(PRESSED)) return;
    const name = KEYS[key.length === 1 ? key.toLowerCase() : key];
    if (!name) return;
    event.preventDefault();
    acts[name](target);
  });
}
