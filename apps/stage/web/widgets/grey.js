// Pictures of shades; one that belongs to a game is played on by taps and swipes.

/** @import { Grey, Page } from "../contract.js" */

import { bytes, el } from "../dom.js";
import { say, t } from "../words.js";
import { picture } from "./shades.js";
import { touched } from "./touch.js";

/**
 * Return a picture.
 * @param {Grey} widget
 * @param {Page} page
 */
export function grey({ label, shades, rows, cols, size, role, touch }, page) {
  const name = say(label);
  const look = { rows, cols, size, role, label: name || t("picture_of", { rows, cols }) };
  const canvas = picture(bytes(shades), look);
  if (touch && !page.still) touched(canvas, touch, page.act);
  return el("figure", null, name ? el("figcaption", { text: name }) : null, canvas);
}
