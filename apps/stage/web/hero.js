// What the home page opens on: a letter goes into noise and comes back as a digit, once.

/** @import { Hero } from "./contract.js" */

import { bytes, el } from "./dom.js";
import { page } from "./link.js";
import { LOOK } from "./look.js";
import { picture } from "./widgets/shades.js";
import { t } from "./words.js";

const SIDE = 28;

/** @type {{ at: number, timer: number }} */
const now = { at: 0, timer: 0 }; // the page lays itself out anew with another language: it goes on

/**
 * Return the picture with its sentence; who asked for less motion sees the last frame.
 * @param {Hero} hero
 */
export function opening({ frames, digit, tab, scene }) {
  const all = bytes(frames);
  const count = all.length / SIDE ** 2;
  const label = t("hero", { digit });
  const stage = el("div", { class: "moving" });
  const frame = (at) =>
    picture(all.subarray(at * SIDE ** 2, (at + 1) * SIDE ** 2), {
      rows: SIDE,
      cols: SIDE,
      size: LOOK.home.hero,
      role: at ? "made" : "real",
      label,
    });
  const show = () => stage.replaceChildren(frame(now.at));
  const { tick, hold } = LOOK.home.bare;
  const step = () => {
    if (!stage.isConnected) return;
    now.at += 1;
    show();
    if (now.at < count - 1) now.timer = setTimeout(step, tick);
  };
  const play = () => {
    clearTimeout(now.timer);
    now.at = 0;
    show();
    now.timer = setTimeout(step, hold);
  };
  clearTimeout(now.timer);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) now.at = count - 1;
  show();
  if (now.at < count - 1) now.timer = setTimeout(step, now.at ? tick : hold);
  return el(
    "figure",
    { class: "hero" },
    stage,
    el(
      "figcaption",
      null,
      el("a", { href: page(tab, scene), text: label }),
      el("button", { class: "tool quiet", "data-key": "hero.again", onclick: play }, t("again")),
    ),
  );
}
