// The drawers: their buttons under the stage, what the open one holds, the keyboard's way in and
// out.

/** @import { State } from "./state.js" */

import { el } from "./dom.js";
import { keyed } from "./hold.js";
import { t } from "./words.js";

export class Drawers {
  /**
   * @param {State} state
   * @param {Record<string, () => HTMLElement>} fill returns what a drawer holds, by its name
   * @param {(name: string, byKey: boolean) => void} toggle open a drawer, or shut it
   */
  constructor(state, fill, toggle) {
    this.state = state;
    this.fill = fill;
    this.element = el("div", { class: "drawer", id: "drawer", role: "group", tabindex: "-1" });
    this.names = state.drawers;
    this.tabs = this.names.map((name) =>
      el(
        "button",
        {
          "aria-expanded": "false",
          "aria-controls": "drawer",
          "data-key": `drawer.${name}`,
          onclick: (event) => toggle(name, event.detail === 0),
        },
        el("span", { text: t(`${name}_name`) }),
      ),
    );
  }

  /** Show what the open drawer holds; one in which something is dragged stays as it is. */
  draw() {
    const { open } = this.state;
    this.tabs.forEach((tab, i) => {
      tab.setAttribute("aria-expanded", String(open === this.names[i]));
    });
    this.element.setAttribute("aria-label", open ? t(`${open}_name`) : "");
    this.element.closest(".lesson")?.classList.toggle("opened", Boolean(open));
    const at = /** @type {HTMLElement | null} */ (document.activeElement);
    const inside = open && at && this.element.contains(at) ? at : null;
    const dragged = inside instanceof HTMLInputElement && inside.type === "range";
    if (open === "settings" && dragged) return;
    const key = inside?.dataset.key;
    this.element.replaceChildren(...(open ? [this.fill[open]()] : []));
    if (key) keyed(this.element, key)?.focus();
  }

  /** Bring the open drawer into a narrow window. */
  reveal() {
    this.element.scrollIntoView({ block: "nearest" });
  }

  /**
   * Tell whether an element lies in the open drawer.
   * @param {HTMLElement} target
   */
  holds(target) {
    return Boolean(this.state.open) && this.element.contains(target);
  }

  /**
   * Return the button of a drawer.
   * @param {string} name
   */
  tab(name) {
    return this.tabs[this.names.indexOf(name)];
  }
}
