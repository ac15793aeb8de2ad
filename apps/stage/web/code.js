// The drawer "code": the sources that ran, asked for once they are looked at.

import { el } from "./dom.js";
import { t } from "./words.js";

/**
 * Return the sources.
 * @param {() => Promise<{ name: string, module: string, html: string }[]>} ask
 */
export function code(ask) {
  const box = el("div", { class: "code", "aria-busy": "true" }, t("loading"));
  ask().then(
    (reply) => {
      box.removeAttribute("aria-busy");
      box.replaceChildren(
        ...reply.map((one) => {
          const source = el("pre", { tabindex: "0", "aria-label": one.name });
          source.innerHTML = one.html; // made by pygments from our own source, escaped there
          return el("section", null, el("h2", { text: `${one.module}.${one.name}` }), source);
        }),
      );
    },
    (error) => {
      box.removeAttribute("aria-busy");
      box.replaceChildren(error.message);
    },
  );
  return box;
}
