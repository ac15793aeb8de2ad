// The header of every page: brand, tabs, language, light and dark, copy link, presenting.

/** @import { Site } from "./contract.js" */

import { el } from "./dom.js";
import * as link from "./link.js";
import { keepText, kept } from "./storage.js";
import { announce } from "./voice.js";
import { weeks } from "./weeks.js";
import { lang, t } from "./words.js";

const root = document.documentElement;

/**
 * Show the page "light" or "dark".
 * @param {string} choice
 */
export function theme(choice) {
  root.dataset.theme = choice;
  document.body.classList.toggle("dark", choice === "dark");
}

/** Show the page in the theme asked for: by the link, by the last choice, by the system. */
export function firstTheme() {
  const asked = link.read("__theme") || kept("theme");
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  theme(asked === "dark" || asked === "light" ? asked : system);
}

/** Tell whether the page is presented to an audience. */
export const presenting = () => "present" in root.dataset;

/** Tell whether the controls are shown to an audience. */
export const controlsShown = () => "controls" in root.dataset;

/**
 * Show the controls to an audience, or no longer.
 * @param {boolean} on
 */
export function showControls(on) {
  if (on) root.dataset.controls = "";
  else delete root.dataset.controls;
}

/**
 * Present the page, or no longer.
 * @param {boolean} on
 */
export function present(on) {
  if (on) root.dataset.present = "";
  else delete root.dataset.present;
  showControls(false);
  link.write({ present: on ? "1" : null });
}

/** Tell whether the page stands inside another: stage, transport and claim alone. */
export const embedded = () => "embed" in root.dataset;

/**
 * Show the page as the link asks for it: inside another one, to an audience, or as usual.
 * @param {boolean | undefined} presents whether it is for an audience whatever the link says
 */
export function firstMode(presents) {
  if (link.read("embed") === "1") root.dataset.embed = "";
  else if (presents || link.read("present") === "1") present(true);
}

/**
 * Return a button that copies a text.
 * @param {string} name word of what it says
 * @param {() => string} text what is copied
 */
function copies(name, text) {
  const button = el("button", {
    class: "tool wide",
    "data-key": `header.${name}`,
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(text());
      } catch {
        prompt(t("copy_by_hand"), text()); // no clipboard outside https and localhost
        return;
      }
      button.textContent = t("copied");
      announce(t("copied"));
      setTimeout(() => {
        button.textContent = t(name);
      }, 1600);
    },
    text: t(name),
  });
  return button;
}

/**
 * What the header's buttons do.
 * @typedef {object} Acts
 * @property {(other: string) => void} language read another one
 * @property {() => void} presented present to an audience, or no longer
 * @property {() => void} [themed] draw anew in other colours
 * @property {() => void} [controls] show the controls to an audience, or no longer
 */

/**
 * Return the header.
 * @param {Site} site
 * @param {Acts} act
 */
export function header(site, act) {
  const tabs = site.tabs.length > 1 || site.here !== site.tabs[0]?.name ? site.tabs : [];
  return el(
    "header",
    { class: "top" },
    el("a", {
      class: "skip",
      href: "#content", // which alone leads to the base address
      onclick: (event) => {
        event.preventDefault();
        document.getElementById("content")?.focus();
      },
      text: t("skip"),
    }),
    el("a", { class: "brand", href: tabs.length ? link.page("") : null, text: t("brand") }),
    weeks(tabs, site.here),
    tools(act),
  );
}

/** @param {Acts} act */
function tools(act) {
  const other = lang() === "ko" ? "en" : "ko";
  return el(
    "div",
    { class: "tools" },
    el("button", {
      class: "tool",
      lang: other === "ko" ? "ko" : null,
      "data-key": "header.language",
      "aria-label": `${other.toUpperCase()} · ${t("other_language")}`,
      onclick: () => act.language(other),
      text: other.toUpperCase(),
    }),
    el("button", {
      class: "tool",
      "data-key": "header.theme",
      "aria-label": t("theme"),
      text: "◐",
      onclick: () => {
        const choice = root.dataset.theme === "dark" ? "light" : "dark";
        theme(choice);
        keepText("theme", choice);
        link.write({ __theme: choice });
        act.themed?.();
      },
    }),
    act.controls && presenting()
      ? el(
          "button",
          {
            class: "tool",
            "data-key": "header.controls",
            "aria-pressed": controlsShown() ? "true" : "false",
            onclick: () => act.controls?.(),
          },
          t("controls"),
          " ",
          el("kbd", { text: "C" }),
        )
      : null,
    copies("copy_link", () => location.href),
    act.controls && !presenting() ? copies("copy_embed", link.embedding) : null,
    el(
      "button",
      {
        class: "tool wide",
        "data-key": "header.present",
        "aria-pressed": presenting() ? "true" : "false",
        onclick: () => act.presented(),
      },
      t("present"),
      " ",
      el("kbd", { text: "F" }),
    ),
  );
}
