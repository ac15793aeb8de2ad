// What a redraw must not lose: where the keyboard is, and how far a wide picture was scrolled.

const HOLDERS = "a, button, input, select, textarea, [tabindex]";
const WIDE = ".net, .ties, .lookup, .strip, .ranked";

/**
 * Return what `selector` finds in a box, the elements that can hold the keyboard.
 * @param {ParentNode} box
 * @returns {HTMLElement[]}
 */
const all = (box, selector = HOLDERS) => [...box.querySelectorAll(/** @type {"a"} */ (selector))];

/**
 * Remember what `box` holds; call what comes back once it is drawn anew.
 * @param {HTMLElement} box
 */
export function hold(box) {
  const at = /** @type {HTMLElement | null} */ (document.activeElement);
  const key = at && box.contains(at) ? at.dataset.key : null;
  const before = all(box);
  const index = key || !at ? -1 : before.indexOf(at);
  const scrolled = all(box, WIDE).map((one) => one.scrollLeft);
  return () => {
    all(box, WIDE).forEach((one, i) => {
      one.scrollLeft = scrolled[i] || 0;
    });
    const now = all(box);
    const nameless = now.length === before.length ? now[index] : null; // only in the same drawing
    const again = key ? keyed(box, key) : nameless;
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
  };
}

/**
 * Return the element that bears a key.
 * @param {ParentNode} box
 * @param {string} key
 * @returns {HTMLElement | null}
 */
export const keyed = (box, key) => box.querySelector(`[data-key="${CSS.escape(key)}"]`);

/**
 * Let the keyboard scroll what is wider than the room there is.
 * @param {HTMLElement} view
 */
export function reachable(view) {
  for (const box of [view, ...all(view, WIDE)]) {
    const wide =
      box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX === "auto";
    if (wide) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
    if (box === view) continue;
    const name = box.querySelector("figcaption, [aria-label]");
    if (wide && name)
      box.setAttribute("aria-label", name.textContent || name.getAttribute("aria-label") || "");
  }
}
