// Pictures of shades.

/** @import { Grey } from "../contract.js" */

import { bytes, el } from "../dom.js";
import { say, t } from "../words.js";
import { picture } from "./shades.js";

/**
 * Return a picture.
 * @param {Grey} widget
 */
export function grey({ label, shades, rows, cols, size, role }) {
  const name = say(label);
  const look = { rows, cols, size, role, label: name || t("picture_of", { rows, cols }) };
  return el(
    "figure",
    null,
    name ? el("figcaption", { text: name }) : null,
    picture(bytes(shades), look),
  );
}
