// The home page: six weeks as a map, a card per tab with a real picture out of it.

/** @import { Entry, Site } from "./contract.js" */

import { el } from "./dom.js";
import { within } from "./fit.js";
import { firstMode, firstTheme, header, present, presenting } from "./header.js";
import { opening } from "./hero.js";
import { hold } from "./hold.js";
import * as link from "./link.js";
import { setDigits } from "./numbers.js";
import { byWeek } from "./weeks.js";
import { draw, still } from "./widgets/draw.js";
import { firstLanguage, lang, list, speak, t } from "./words.js";

const MINUTES = 5; // that a scene takes in class

/**
 * Lay out the whole page.
 * @param {HTMLElement} root
 * @param {Site} site
 */
function render(root, site) {
  document.title = t("brand_long");
  const again = () => render(root, site);
  const pictures = site.tabs.map(() => el("div", { class: "pic", "aria-hidden": "true" }));
  const held = hold(root);
  root.replaceChildren(
    header(site, {
      language: (other) => {
        speak(other, site.text, site.stage);
        link.write({ lang: other });
        again();
      },
      presented: () => {
        present(!presenting());
        again();
      },
    }),
    el(
      "div",
      { class: "map" },
      el(
        "div",
        { class: "opening" },
        el(
          "div",
          null,
          el("h1", { id: "content", tabindex: "-1", text: t("brand_long") }),
          el("p", { class: "lead", text: t("lead") }),
        ),
        site.tabs.some((tab) => tab.name === site.hero.tab) ? opening(site.hero) : null,
      ),
      el("h2", { class: "quiet", text: t("lessons") }),
      el(
        "div",
        { class: "weeks" },
        site.tabs.map((tab, i) => card(tab, pictures[i])),
      ),
      el("h2", { class: "quiet", text: t("weeks") }),
      course(site),
    ),
  );
  setDigits(3);
  site.tabs.forEach((tab, i) => {
    const inner = el("div", { class: "fit" }, draw(tab.picture, still()));
    pictures[i].append(inner);
    within(pictures[i], inner);
  });
  held();
}

/**
 * Return a tab's card.
 * @param {Entry} tab
 * @param {HTMLElement} picture
 */
const card = (tab, picture) =>
  el(
    "a",
    { class: "card", href: link.page(tab.name) },
    picture,
    el(
      "div",
      { class: "what" },
      el("small", { text: t("nth_week", { n: tab.week }) }),
      el("h3", { text: tab.title[lang()] }),
      el("p", { text: tab.line[lang()] }),
      el("small", {
        text: [t("time", { n: tab.scenes, minutes: MINUTES * tab.scenes }), needs(tab)].join(" · "),
      }),
    ),
  );

/**
 * Return what a lesson takes for granted.
 * @param {Entry} tab
 */
const needs = (tab) => t("needs", { what: list("needs_of")[tab.name] });

/**
 * Return the course's weeks: the lessons of each and the topics that their scenes teach.
 * @param {Site} site
 */
const course = ({ tabs }) =>
  el(
    "ol",
    { class: "course" },
    byWeek(tabs).map(([week, lessons]) =>
      el(
        "li",
        null,
        el("b", { text: t("nth_week", { n: week }) }),
        el(
          "ul",
          null,
          lessons.map((tab) => topic(tab.title, link.page(tab.name), "chip lesson")),
          tabs.flatMap(({ name, topics = [] }) =>
            topics
              .filter((one) => one.week === week)
              .map((one) => topic(one.title, link.page(name, one.scene), "chip")),
          ),
        ),
      ),
    ),
  );

/**
 * Return a topic of a week, which leads to where it is taught.
 * @param {Record<string, string>} title by language
 * @param {string} href
 * @param {string} kind its classes
 */
const topic = (title, href, kind) =>
  el("li", null, el("a", { class: kind, href, text: title[lang()] }));

/**
 * Draw the home page into the page's one component.
 * @param {HTMLElement} root
 * @param {Site} site
 */
export function mount(root, site) {
  const page = /** @type {HTMLElement} */ (root.querySelector(".page"));
  firstTheme();
  speak(firstLanguage(link.read("lang") || site.lang), site.text, site.stage);
  firstMode(site.present);
  render(page, site);
  page.removeAttribute("aria-busy");
  document.fonts.ready.then(() => render(page, site));
}
