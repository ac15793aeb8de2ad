// What changes on the page, for a reader who hears it: one polite live region, of whose words the
// last count.

import { el } from "./dom.js";

// milliseconds without another change before anything is said: a dragged slider says where it
// stopped
const QUIET = 350;
const region = el("div", { class: "unseen", role: "status" });
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;

/**
 * Say a text once the page has come to rest.
 * @param {string} text
 */
export function announce(text) {
  if (!region.isConnected) document.body.append(region);
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    // the same words again are words again
    region.textContent = region.textContent === text ? `${text}\u00a0` : text;
  }, QUIET);
}
