// What a browser keeps for the page; in a frame of another site it may keep nothing, and say so by
// throwing.

/**
 * Return the browser's storage, or null where it is denied.
 * @param {"localStorage" | "sessionStorage"} which
 */
function storage(which) {
  try {
    return window[which];
  } catch {
    return null;
  }
}

/**
 * Return what is kept under a key, or null.
 * @param {string} key
 * @param {"localStorage" | "sessionStorage"} [which]
 */
export const kept = (key, which = "localStorage") => storage(which)?.getItem(key) ?? null;

/**
 * Keep a text under a key, where there is room for it.
 * @param {string} key
 * @param {string} text
 * @param {"localStorage" | "sessionStorage"} [which]
 */
export function keepText(key, text, which = "localStorage") {
  try {
    storage(which)?.setItem(key, text);
  } catch {
    return; // no room: it lives as long as the page
  }
}
