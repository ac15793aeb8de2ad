// A stage never scrolls and never clips: its content is scaled to the room there is.

/** Scale `inner` into `view`; frames of nearly the same size keep one scale, so that nothing jumps while it plays. */
export function fit(view, inner, before, largest) {
  const narrow = innerWidth < 820;
  inner.classList.toggle("narrow", narrow);
  const style = getComputedStyle(view);
  const w = view.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const h = view.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
  const scale = narrow
    ? Math.min(1, Math.max(0.45, w / inner.scrollWidth))
    : Math.min(largest, w / inner.scrollWidth, h / inner.scrollHeight);
  const kept = Math.max(0.2, before && scale >= before && scale < 1.2 * before ? before : scale);
  inner.style.zoom = kept;
  return kept;
}
