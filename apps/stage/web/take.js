// The drawer "take away": buttons that fetch figure, numbers and animation.

import { bytes, el } from "./dom.js";
import { list, t } from "./words.js";

/**
 * Hand a file to the browser.
 * @param {{ name: string, mime: string, data: string }} file its bytes in base64
 */
function save({ name, mime, data }) {
  const url = URL.createObjectURL(new Blob([bytes(data)], { type: mime }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/**
 * Return the buttons.
 * @param {(kind: string) => Promise<{ name: string, mime: string, data: string, lacks: string }>} ask
 * @param {boolean} animated whether there is more than one frame
 */
export function take(ask, animated) {
  const told = el("p", { role: "status" });
  const names = list("take");
  const get = (kind) => async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    told.textContent = t("making");
    try {
      const file = await ask(kind);
      save(file);
      const lacks = file.lacks ? t("font_lacks", { letters: file.lacks }) : "";
      told.textContent = `${t("saved", { name: file.name })} ${lacks}`.trim();
    } catch (error) {
      told.textContent = /** @type {Error} */ (error).message;
    }
    button.disabled = false;
  };
  const kinds = Object.keys(names).filter((kind) => kind !== "gif" || animated);
  return el(
    "div",
    { class: "take" },
    el(
      "div",
      { class: "tools" },
      kinds.map((kind) =>
        el(
          "button",
          { class: "tool", onclick: get(kind) },
          el("b", { text: kind.toUpperCase() }),
          ` ${names[kind]}`,
        ),
      ),
    ),
    told,
  );
}
