// The header of every page: brand, tabs, language, light and dark, copy link, presenting.

import { el } from "./dom.js";
import { lang, t } from "./words.js";
import { announce } from "./voice.js";
import * as link from "./link.js";

const root = document.documentElement;
const KEEP = ["lang", "present", "__theme"];

/** Return the address of another page of the hub that keeps language, theme and presenting. */
export function page(route) {
  const url = new URL(route || ".", document.baseURI);
  for (const name of KEEP) if (link.read(name) !== null) url.searchParams.set(name, link.read(name));
  return url.href;
}

export function theme(choice) {
  root.dataset.theme = choice;
  document.body.classList.toggle("dark", choice === "dark");
}

export function firstTheme() {
  const asked = link.read("__theme") || localStorage.getItem("theme");
  theme(asked === "dark" || asked === "light" ? asked : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

export const presenting = () => "present" in root.dataset;

export function present(on) {
  if (on) root.dataset.present = "";
  else delete root.dataset.present;
  link.write({ present: on ? "1" : null });
}

async function copy(button) {
  let done = true;
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    done = false; // no clipboard outside https and localhost: show the address to copy by hand
    prompt(t("copy_by_hand"), location.href);
  }
  if (done) {
    button.textContent = t("copied");
    announce(t("copied"));
    setTimeout(() => (button.textContent = t("copy_link")), 1600);
  }
}

/** Return the header; `act` holds language(), presented(). */
export function header(site, act) {
  const other = lang() === "ko" ? "en" : "ko";
  const tabs = site.tabs.length > 1 || site.here !== site.tabs[0]?.name ? site.tabs : [];
  requestAnimationFrame(() => {
    const here = document.querySelector(".top [aria-current]");
    if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 20; // on a phone
  });
  return el(
    "header",
    { class: "top" },
    el("a", { class: "skip", href: "#content", onclick: (event) => { event.preventDefault(); document.getElementById("content").focus(); }, text: t("skip") }), // "#content" alone leads to the base address
    el("a", { class: "brand", href: tabs.length ? page("") : null, text: t("brand") }),
    el(
      "nav",
      { "aria-label": t("tabs") },
      tabs.map((tab) =>
        el("a", { href: page(tab.name), "aria-current": tab.name === site.here ? "page" : null, text: tab.title[lang()] }),
      ),
    ),
    el(
      "div",
      { class: "tools" },
      el("button", { class: "tool", lang: other === "ko" ? "ko" : null, "data-key": "header.language", "aria-label": `${other.toUpperCase()} · ${t("other_language")}`, onclick: () => act.language(other), text: other.toUpperCase() }),
      el("button", {
        class: "tool",
        "data-key": "header.theme",
        "aria-label": t("theme"),
        text: "◐",
        onclick: () => {
          theme(root.dataset.theme === "dark" ? "light" : "dark");
          localStorage.setItem("theme", root.dataset.theme);
          link.write({ __theme: root.dataset.theme });
          act.themed?.();
        },
      }),
      el("button", { class: "tool wide", "data-key": "header.copy", onclick: (e) => copy(e.currentTarget), text: t("copy_link") }),
      el("button", { class: "tool wide", "data-key": "header.present", "aria-pressed": presenting() ? "true" : "false", onclick: () => act.presented() }, t("present"), " ", el("kbd", { text: "F" })),
    ),
  );
}
