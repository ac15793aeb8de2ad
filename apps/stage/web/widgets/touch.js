// A picture that is played on by a finger or the mouse. What it can do has a key or a button too.

import { clamp } from "../dom.js";

const SWIPE = 24; // pixels that a finger moves sideways, from which on it is no tap

/**
 * Let taps and swipes on an element do acts.
 *
 * The end is listened for on the document: an answer may replace the element under the finger.
 * @param {HTMLElement} element
 * @param {string[]} acts of a tap on its left, middle and right third; a swipe does the outer ones
 * @param {(name: string) => void} act
 */
export function touched(element, acts, act) {
  element.classList.add("touched");
  element.dataset.acts = acts.join(" ");
  element.addEventListener("pointerdown", (down) => {
    if (!down.isPrimary || down.button) return;
    const { left, width } = element.getBoundingClientRect();
    const over = new AbortController();
    const { signal } = over;
    const up = (/** @type {PointerEvent} */ event) => {
      if (event.pointerId !== down.pointerId) return;
      over.abort();
      const moved = event.clientX - down.clientX;
      const place = Math.abs(moved) < SWIPE ? (down.clientX - left) / width : Number(moved > 0);
      act(acts[clamp(0, Math.floor(acts.length * place), acts.length - 1)]);
    };
    document.addEventListener("pointerup", up, { signal });
    document.addEventListener("pointercancel", () => over.abort(), { signal }); // the page scrolls
  });
}
