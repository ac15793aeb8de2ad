// The transport: frames computed once, played, paused, stepped, slowed and scrubbed here without a
// request; a run that is live goes on at its end.

/** @import { Label } from "./contract.js" */

import { el, icon } from "./dom.js";
import { keyed } from "./hold.js";
import { say, t } from "./words.js";

const LIVE = 100; // milliseconds from one picture of a live run to the next, at least

/**
 * What is played.
 * @typedef {object} Film
 * @property {() => number} count how many frames there are
 * @property {(at: number) => Label} name what a frame is called
 * @property {(at: number) => void} show draw a frame
 * @property {() => number} pace milliseconds a frame
 * @property {() => boolean} grows whether it is a live run
 * @property {() => Promise<boolean> | undefined} grow append a frame; whether there is one
 * @property {(name: string) => void} act do what else a live run can do
 * @property {() => void} heard say where it is
 */

export class Player {
  /**
   * @param {Film} film
   * @param {number} at the frame to begin with
   */
  constructor(film, at = 0) {
    this.film = film;
    this.at = at;
    this.slow = false;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.timer = null;
    this.range = el("input", {
      type: "range",
      min: 0,
      max: 0,
      value: 0,
      "aria-label": t("step"),
      "data-key": "player.range",
      oninput: (event) => this.go(Number(event.target.value), true),
    });
    this.told = el("output", { "aria-live": "off" }); // it would speak at every frame
    this.playing = el("button", {
      class: "play",
      "data-key": "player.play",
      onclick: () => this.toggle(),
    });
    this.half = el("button", {
      "data-key": "player.slow",
      "aria-pressed": "false",
      "aria-label": t("slow"),
      title: t("slow"),
      text: "½",
      onclick: () => this.slower(),
    });
    this.extra = el("span", { class: "acts" });
    this.element = el(
      "div",
      { class: "bar", role: "group", "aria-label": t("transport") },
      button("previous", "first", ",", () => this.go(this.at - 1, true)),
      this.playing,
      button("next", "next", ".", () => this.next()),
      this.half,
      this.extra,
      this.range,
      this.told,
    );
    this.face();
  }

  /** Show whether it plays. */
  face() {
    const name = t(this.timer ? "pause" : "play");
    this.playing.replaceChildren(icon(this.timer ? "pause" : "play"));
    this.playing.setAttribute("aria-label", name);
    this.playing.title = `${name} (K)`;
  }

  /**
   * Offer what else a live run can do, by the tab's names for it; and to start it over.
   * @param {string[]} names
   */
  acts(names) {
    const at = /** @type {HTMLElement | null} */ (document.activeElement);
    const held = at && this.extra.contains(at) ? at.dataset.key : null;
    const again = el(
      "button",
      {
        "data-key": "act.again",
        "aria-label": t("again"),
        title: t("again"),
        onclick: () => this.film.act("again"),
      },
      icon("again"),
    );
    this.extra.replaceChildren(
      ...names.map((name) =>
        el("button", {
          class: "act",
          "data-key": `act.${name}`,
          title: t(`act_long.${name}`),
          onclick: () => this.film.act(name),
          text: t(`act.${name}`),
        }),
      ),
      this.film.grows() ? again : "",
    );
    if (held) keyed(this.extra, held)?.focus();
  }

  /**
   * Show frame `at`; by hand also stops playing.
   * @param {number} at
   */
  go(at, byHand = false) {
    if (byHand) this.pause();
    const last = this.film.count() - 1;
    this.at = Math.max(0, Math.min(last, at));
    this.range.max = String(last);
    this.range.value = String(this.at);
    const name = say(this.film.name(this.at));
    this.told.textContent = `${this.at} / ${last}`;
    this.range.setAttribute(
      "aria-valuetext",
      [this.told.textContent, name].filter(Boolean).join(", "),
    );
    this.element.hidden = last < 1 && !this.film.grows();
    this.film.show(this.at);
    if (byHand) this.film.heard();
  }

  /** Go one frame on; a live run at its end computes it. */
  async next() {
    this.pause();
    const there = this.at < this.film.count() - 1;
    if (there || (this.film.grows() && (await this.film.grow()))) this.go(this.at + 1, true);
  }

  /** Play, or pause. */
  toggle() {
    if (this.timer) return this.pause();
    if (this.at >= this.film.count() - 1 && !this.film.grows()) this.go(0);
    const tick = async () => {
      const mine = this.timer;
      const began = performance.now();
      if (this.at >= this.film.count() - 1 && !(this.film.grows() && (await this.film.grow()))) {
        if (this.timer === mine) this.pause();
        return;
      }
      // paused, or played anew, while the answer was on its way
      if (this.timer !== mine) return this.go(this.at);
      this.go(this.at + 1);
      if (this.at >= this.film.count() - 1 && !this.film.grows()) this.pause();
      else this.timer = setTimeout(tick, Math.max(0, this.wait() - (performance.now() - began)));
    };
    this.timer = setTimeout(tick, this.film.grows() ? 0 : this.wait() / 3);
    this.face();
  }

  /** Return milliseconds from one frame to the next. */
  wait() {
    if (this.film.grows()) return this.slow ? 5 * LIVE : LIVE;
    return this.film.pace() * (this.slow ? 2 : 1);
  }

  /** Play at half the speed, or no longer. */
  slower() {
    this.slow = !this.slow;
    this.half.setAttribute("aria-pressed", String(this.slow));
  }

  pause() {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.face();
  }
}

/**
 * @param {string} name
 * @param {"first" | "next"} sign
 * @param {string} key
 * @param {() => void} act
 */
function button(name, sign, key, act) {
  const label = t(name);
  return el(
    "button",
    { "data-key": `player.${name}`, "aria-label": label, title: `${label} (${key})`, onclick: act },
    icon(sign),
  );
}
