// The text that an audience reads: over the stage or beside it, there with the facts under it, in
// letters as large as there is room for.

import { controlsShown, presenting } from "./header.js";
import { LOOK } from "./look.js";

const root = document.documentElement;

/**
 * Say on the page, for its style sheets, what stands where.
 * @param {string} name
 * @param {boolean} on
 */
function say(name, on) {
  if (on) root.dataset[name] = "";
  else delete root.dataset[name];
}

export class Column {
  /** @param {HTMLElement} view the stage's */
  constructor(view) {
    this.view = view;
    this.anew();
  }

  /** Find anew what there is room for. */
  anew() {
    this.full = false; // of text, so that the facts stand under the stage
    this.letters = Infinity; // how large the text is; no later frame makes it larger
  }

  /** @returns {HTMLElement | null | undefined} */
  get element() {
    return this.view.closest(".lesson")?.querySelector(".scene");
  }

  /** Tell whether the text is taller than the room for it. */
  get over() {
    const { element } = this;
    return Boolean(element && element.scrollHeight > element.clientHeight);
  }

  /**
   * Let the text stand beside the stage, or over it.
   * @param {boolean} beside
   */
  stand(beside) {
    const aside = presenting() && beside;
    say("beside", aside);
    this.write(LOOK.presenting.text);
    say("aside", aside && !controlsShown() && !this.full);
    if (!("aside" in root.dataset) || !this.over) return;
    this.full = true;
    say("aside", false);
  }

  /** @param {number} size of letters beside the stage */
  write(size) {
    this.element?.style.setProperty("--t", `${size}px`);
  }

  /** Enlarge the letters beside the stage to what there is room for. */
  enlarge() {
    if (!("beside" in root.dataset)) return;
    for (const size of [...LOOK.presenting.larger, LOOK.presenting.text]) {
      if (size > this.letters) continue;
      this.letters = size;
      this.write(size);
      if (!this.over) return;
    }
    this.full = true;
    say("aside", false);
  }
}
