// What a redraw must not lose: where the keyboard is, and how far a wide picture was scrolled.

const HOLDERS = "a, button, input, select, textarea, [tabindex]";
const WIDE = ".net, .ties, .lookup, .strip, .ranked";

/** Remember what `box` holds; call what comes back once it is drawn anew. */
export function hold(box) {
  const at = document.activeElement;
  const key = box.contains(at) ? at.dataset.key : null;
  const all = [...box.querySelectorAll(HOLDERS)];
  const index = key ? -1 : all.indexOf(at);
  const scrolled = [...box.querySelectorAll(WIDE)].map((one) => one.scrollLeft);
  return () => {
    box.querySelectorAll(WIDE).forEach((one, i) => (one.scrollLeft = scrolled[i] || 0));
    const now = box.querySelectorAll(HOLDERS);
    const again = key ? box.querySelector(`[data-key="${CSS.escape(key)}"]`) : now.length === all.length ? now[index] : null; // nameless: only in the same drawing
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
  };
}

/** Let the keyboard scroll what is wider than the room there is. */
export function reachable(view) {
  for (const box of [view, ...view.querySelectorAll(WIDE)]) {
    const wide = box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX === "auto";
    if (wide) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
    if (box === view) continue;
    const name = box.querySelector("figcaption, [aria-label]");
    if (wide && name) box.setAttribute("aria-label", name.textContent || name.getAttribute("aria-label"));
  }
}
