// A stage never scrolls and never clips: its content is scaled to the room there is.

import { LOOK, narrow } from "./look.js";

/**
 * Scale `inner` into `view`; frames of nearly the same size keep one scale, so that nothing jumps
 * while it plays.
 * @param {HTMLElement} view
 * @param {HTMLElement} inner
 * @param {number | null} before the scale of the frame before
 * @param {number} largest
 */
export function fit(view, inner, before, largest) {
  const limits = LOOK.fit.bare;
  const slim = narrow();
  inner.classList.toggle("narrow", slim);
  const style = getComputedStyle(view);
  const w = view.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const h = view.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
  const scale = slim
    ? Math.min(1, Math.max(limits.narrow, w / inner.scrollWidth))
    : Math.min(largest, w / inner.scrollWidth, h / inner.scrollHeight);
  const same = before && scale >= before && scale < limits.same * before;
  const kept = Math.max(limits.least, same ? before : scale);
  inner.style.zoom = String(kept);
  return kept;
}
