// What a redraw must not lose: where the keyboard is, what is typed and not yet entered, and how far
// a wide picture was scrolled.

const HOLDERS = "a, button, input, select, textarea, [tabindex]";
const WIDE = ".net, .ties, .lookup, .strip, .ranked";

/**
 * Return what `selector` finds in a box, the elements that can hold the keyboard.
 * @param {ParentNode} box
 * @returns {HTMLElement[]}
 */
const all = (box, selector = HOLDERS) => [...box.querySelectorAll(/** @type {"a"} */ (selector))];

/** @type {WeakSet<EventTarget>} fields whose text no change event has told of yet */
const unentered = new WeakSet();
addEventListener("input", (event) => event.target && unentered.add(event.target), true);
addEventListener("change", (event) => event.target && unentered.delete(event.target), true);

/**
 * Return the text field that somebody is typing in, or null.
 * @param {Element | null} at
 */
const typing = (at) =>
  at instanceof HTMLInputElement && at.selectionStart !== null && unentered.has(at) ? at : null;

/**
 * Put what was being typed into the field drawn anew.
 * @param {HTMLElement} again
 * @param {HTMLInputElement} before
 */
function typeOn(again, before) {
  if (!(again instanceof HTMLInputElement)) return;
  again.value = before.value;
  again.setSelectionRange(before.selectionStart, before.selectionEnd);
  unentered.add(again);
  // a browser tells of a change that a person typed, not of text that a script put there
  const enter = () => {
    if (again.isConnected && unentered.has(again)) again.dispatchEvent(new Event("change"));
  };
  again.addEventListener("blur", enter);
  again.addEventListener("keydown", (event) => event.key === "Enter" && enter());
}

/**
 * Remember what `box` holds; call what comes back once it is drawn anew.
 * @param {HTMLElement} box
 */
export function hold(box) {
  const at = /** @type {HTMLElement | null} */ (document.activeElement);
  const key = at && box.contains(at) ? at.dataset.key : null;
  const before = all(box);
  const index = key || !at ? -1 : before.indexOf(at);
  const half = at && box.contains(at) ? typing(at) : null;
  const scrolled = all(box, WIDE).map((one) => one.scrollLeft);
  return () => {
    all(box, WIDE).forEach((one, i) => {
      one.scrollLeft = scrolled[i] || 0;
    });
    const now = all(box);
    const nameless = now.length === before.length ? now[index] : null; // only in the same drawing
    const again = key ? keyed(box, key) : nameless;
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
    if (again && half && again !== half) typeOn(again, half);
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
