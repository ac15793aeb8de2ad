// The home page: six weeks as a map, a card per tab with a real picture out of it.

import { el } from "./dom.js";
import { lang, speak, t } from "./words.js";
import { draw, still } from "./widgets.js";
import { setDigits } from "./numbers.js";
import { fit } from "./fit.js";
import { hold } from "./hold.js";
import { firstTheme, header, page as address, present, presenting } from "./header.js";
import * as link from "./link.js";

function render(root, site) {
  document.title = t("brand_long");
  const cards = site.tabs.map((tab) => {
    const picture = el("div", { class: "pic", "aria-hidden": "true" });
    return { tab, picture, card: el("a", { class: "card", href: address(tab.name) }, picture, el("div", { class: "what" }, el("small", { text: t("week", { n: tab.week }) }), el("h3", { text: tab.title[lang()] }), el("p", { text: tab.line[lang()] }))) };
  });
  const weeks = t("weeks") && site.weeks[lang()];
  const held = hold(root);
  root.replaceChildren(
    header(site, {
      language: (other) => {
        speak(other, site.text, site.stage);
        link.write({ lang: other });
        render(root, site);
      },
      presented: () => {
        present(!presenting());
        render(root, site);
      },
    }),
    el("div", { class: "map" },
      el("h1", { id: "content", tabindex: "-1", text: t("brand_long") }),
      el("p", { class: "lead", text: t("lead") }),
      el("h2", { class: "quiet", text: t("lessons") }),
      el("div", { class: "weeks" }, cards.map((c) => c.card)),
      el("h2", { class: "quiet", text: t("weeks") }),
      el("ol", { class: "course" }, weeks.map((week, i) => {
        const here = site.tabs.filter((tab) => tab.week === i + 1);
        return el("li", { class: here.length ? "here" : null }, el("b", { text: t("week", { n: i + 1 }) }), el("span", { text: week }), here.map((tab) => el("a", { class: "chip",  href: address(tab.name), text: tab.title[lang()] })));
      })),
    ),
  );
  setDigits(3);
  for (const { tab, picture } of cards) {
    const inner = el("div", { class: "fit" }, draw(tab.picture, still()));
    picture.append(inner);
    fit(picture, inner, null, 1);
  }
  held();
}

export function mount(root, site) {
  const page = root.querySelector(".page");
  firstTheme();
  const asked = link.read("lang") || site.lang || (navigator.language.startsWith("ko") ? "ko" : "en");
  speak(asked === "ko" ? "ko" : "en", site.text, site.stage);
  if (site.present || link.read("present") === "1") present(true);
  render(page, site);
  page.removeAttribute("aria-busy");
  document.fonts.ready.then(() => render(page, site));
}
