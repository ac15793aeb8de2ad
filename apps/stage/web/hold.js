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
/** @type {WeakSet<EventTarget>} fields that a redraw takes away while somebody types in them */
const taken = new WeakSet();
addEventListener("input", (event) => event.target && unentered.add(event.target), true);
addEventListener(
  "change",
  (event) => {
    if (!event.target) return;
    // Chromium tells of a change and a blur as a field is taken away: nobody entered anything
    if (taken.has(event.target)) event.stopImmediatePropagation();
    else unentered.delete(event.target);
  },
  true,
);

/**
 * Return an element as the text field it is, or null.
 * @param {Element | null} at
 */
const textField = (at) =>
  at instanceof HTMLInputElement && at.selectionStart !== null ? at : null;

/**
 * Put the caret, and what was being typed, into the field drawn anew.
 * @param {HTMLElement} again
 * @param {HTMLInputElement} before
 */
function typeOn(again, before) {
  if (!(again instanceof HTMLInputElement)) return;
  const half = unentered.has(before);
  const whole = before.selectionStart === 0 && before.selectionEnd === before.value.length;
  if (half) again.value = before.value;
  again.setSelectionRange(before.selectionStart, whole ? again.value.length : before.selectionEnd);
  if (!half) return;
  unentered.add(again);
  // a browser tells of a change that a person typed, not of text that a script put there
  const enter = () => {
    if (unentered.has(again) && !taken.has(again)) again.dispatchEvent(new Event("change"));
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
  const field = box.contains(at) ? textField(at) : null;
  if (field && unentered.has(field)) taken.add(field);
  const scrolled = all(box, WIDE).map((one) => one.scrollLeft);
  return () => {
    if (field) taken.delete(field);
    all(box, WIDE).forEach((one, i) => {
      one.scrollLeft = scrolled[i] || 0;
    });
    const now = all(box);
    const nameless = now.length === before.length ? now[index] : null; // only in the same drawing
    const again = key ? keyed(box, key) : nameless;
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
    if (again && field && again !== field) typeOn(again, field);
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
