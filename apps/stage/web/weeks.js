// The lessons by the weeks of the course: in the header a menu a week, after the ARIA practices'
// disclosure of links. Tab goes through what is open, arrows too, a letter to the lesson that it
// begins, Escape back to the week.

/** @import { Entry } from "./contract.js" */

import { arrow, el, keep } from "./dom.js";
import { page } from "./link.js";
import { lang, t } from "./words.js";

/**
 * Return the weeks that have lessons, each with them.
 * @param {Entry[]} tabs
 * @returns {[number, Entry[]][]}
 */
export const byWeek = (tabs) =>
  [...new Set(tabs.map((tab) => tab.week))]
    .sort((a, b) => a - b)
    .map((week) => [week, tabs.filter((tab) => tab.week === week)]);

/**
 * Return the header's menus; without lessons to choose from there are none.
 * @param {Entry[]} tabs
 * @param {string} here the page's route
 */
export const weeks = (tabs, here) =>
  el(
    "nav",
    { "aria-label": t("tabs"), onkeydown: press, onfocusout: leave },
    byWeek(tabs).map(([week, lessons]) => menu(week, lessons, here)),
  );

/**
 * Return a week's menu.
 * @param {number} week
 * @param {Entry[]} lessons
 * @param {string} here
 */
function menu(week, lessons, here) {
  const id = `week-${week}`;
  const at = lessons.find((tab) => tab.name === here);
  return el(
    "div",
    { class: at ? "week here" : "week" },
    el(
      "button",
      {
        "data-key": `header.${id}`,
        "aria-expanded": "false",
        "aria-controls": id,
        onclick: (event) => toggle(event.currentTarget),
      },
      el("span", { text: t("nth_week", { n: week }) }),
      at ? el("span", { class: "named", text: ` · ${at.title[lang()]}` }) : null,
    ),
    el(
      "ul",
      { id, hidden: true },
      lessons.map((tab) =>
        el(
          "li",
          null,
          el(
            "a",
            { href: page(tab.name), "aria-current": tab === at ? "page" : null },
            el("b", { text: tab.title[lang()] }),
            el("small", { text: tab.line[lang()] }),
          ),
        ),
      ),
    ),
  );
}

/**
 * Open a week's menu, or shut it; the others are shut.
 * @param {HTMLElement} button
 */
function toggle(button) {
  const open = button.getAttribute("aria-expanded") === "true";
  shut();
  show(button, !open);
}

/**
 * @param {Element} button
 * @param {boolean} open
 */
function show(button, open) {
  button.setAttribute("aria-expanded", String(open));
  button.nextElementSibling?.toggleAttribute("hidden", !open);
}

/** Shut what is open. */
function shut() {
  for (const button of document.querySelectorAll(".week > [aria-expanded=true]"))
    show(button, false);
}

document.addEventListener("pointerdown", (event) => {
  if (!(event.target instanceof Element && event.target.closest(".week"))) shut();
});

/** @param {FocusEvent} event */
function leave(event) {
  const week = /** @type {Element} */ (event.target).closest(".week");
  if (event.relatedTarget && !week?.contains(/** @type {Node} */ (event.relatedTarget))) shut();
}

/**
 * Move by the keyboard: of what a menu uses, the lesson hears nothing.
 * @param {KeyboardEvent} event
 */
function press(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const week = target.closest(".week");
  const button = week?.querySelector("button");
  if (!week || !button || event.ctrlKey || event.metaKey || event.altKey) return;
  const open = button.getAttribute("aria-expanded") === "true";
  if (event.key === "Escape") {
    if (!open) return;
    shut();
    button.focus();
  } else {
    const within = target !== button;
    const letter = within && event.key.trim().length === 1;
    if (!arrow(event) && !letter && !(within && /^(Home|End)$/.test(event.key))) return;
    const to = towards(event, week, target);
    if (to?.matches("a") && !open) toggle(button);
    to?.focus();
  }
  keep(event);
}

/**
 * Return what a key leads to, or nothing where there is no more that way.
 * @param {KeyboardEvent} event
 * @param {Element} week
 * @param {HTMLElement} target what has the keyboard: the week's button or one of its links
 * @returns {HTMLElement | null | undefined}
 */
function towards(event, week, target) {
  const [across, down] = arrow(event) || [0, 0];
  if (across) {
    const next = across > 0 ? week.nextElementSibling : week.previousElementSibling;
    return next?.querySelector("button");
  }
  /** @type {HTMLElement[]} */
  const stops = [...week.querySelectorAll(/** @type {"a"} */ ("button, a"))];
  const at = stops.indexOf(target);
  if (down) return stops[at + down];
  if (event.key === "Home") return stops[1];
  if (event.key === "End") return stops[stops.length - 1];
  return beginning(event.key, [...stops.slice(at + 1), ...stops.slice(1, at + 1)]);
}

/**
 * Return the first link that begins with a letter; a Hangul one by its first sound.
 * @param {string} key
 * @param {HTMLElement[]} links
 */
function beginning(key, links) {
  /** @param {string | null} text */
  const sounds = (text) => (text || "").normalize("NFKD").toLowerCase();
  return links.find((link) => sounds(link.textContent).startsWith(sounds(key)));
}
