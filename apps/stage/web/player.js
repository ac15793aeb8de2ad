// The transport: frames computed once, played, paused, stepped, slowed and scrubbed here without a request; a run
// that is live goes on at its end.

import { el, icon } from "./dom.js";
import { say, t } from "./words.js";

const LIVE = 100; // milliseconds from one picture of a live run to the next, at least

/** A player of `count()` frames; `show(i)` draws one, `name(i)` says what it is, `grow()` appends one if it `grows()`. */
export class Player {
  constructor({ count, name, show, pace, grow, grows, act, heard }) {
    Object.assign(this, { count, name, show, pace, grow, grows, act, heard, at: 0, slow: false, timer: null });
    this.range = el("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": t("step"), "data-key": "player.range", oninput: (e) => this.go(Number(e.target.value), true) });
    this.told = el("output", { "aria-live": "off" }); // it would speak at every frame
    this.playing = el("button", { class: "play", "data-key": "player.play", onclick: () => this.toggle() });
    this.half = el("button", { "data-key": "player.slow", "aria-pressed": "false", "aria-label": t("slow"), title: t("slow"), text: "½", onclick: () => this.slower() });
    this.extra = el("span", { class: "acts" });
    this.element = el(
      "div",
      { class: "bar", role: "group", "aria-label": t("transport") },
      el("button", { "data-key": "player.previous", "aria-label": t("previous"), title: `${t("previous")} (,)`, onclick: () => this.go(this.at - 1, true) }, icon("first")),
      this.playing,
      el("button", { "data-key": "player.next", "aria-label": t("next"), title: `${t("next")} (.)`, onclick: () => this.next() }, icon("next")),
      this.half,
      this.extra,
      this.range,
      this.told,
    );
    this.face();
  }

  face() {
    const name = t(this.timer ? "pause" : "play");
    this.playing.replaceChildren(icon(this.timer ? "pause" : "play"));
    this.playing.setAttribute("aria-label", name);
    this.playing.title = `${name} (K)`;
  }

  /** Offer what else a live run can do, by the tab's names for it; and to start it over. */
  acts(names) {
    const live = this.grows();
    const held = this.extra.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.extra.replaceChildren(
      ...names.map((name) => el("button", { class: "act", "data-key": `act.${name}`, title: t(`act_long.${name}`), onclick: () => this.act(name), text: t(`act.${name}`) })),
      live ? el("button", { "data-key": "act.again", "aria-label": t("again"), title: t("again"), onclick: () => this.act("again") }, icon("again")) : "",
    );
    if (held) this.extra.querySelector(`[data-key="${held}"]`)?.focus();
  }

  /** Show frame `at`; by hand also stops playing. */
  go(at, byHand = false) {
    if (byHand) this.pause();
    const last = this.count() - 1;
    this.at = Math.max(0, Math.min(last, at));
    this.range.max = last;
    this.range.value = this.at;
    const name = say(this.name(this.at));
    this.range.setAttribute("aria-valuetext", [`${this.at} / ${last}`, name].filter(Boolean).join(", "));
    this.told.textContent = `${this.at} / ${last}`;
    this.element.hidden = last < 1 && !this.grows();
    this.show(this.at);
    if (byHand) this.heard();
  }

  /** One frame on; a live run at its end computes it. */
  async next() {
    this.pause();
    if (this.at < this.count() - 1 || (this.grows() && (await this.grow()))) this.go(this.at + 1, true);
  }

  toggle() {
    if (this.timer) return this.pause();
    if (this.at >= this.count() - 1 && !this.grows()) this.go(0);
    const tick = async () => {
      const mine = this.timer;
      const began = performance.now();
      if (this.at >= this.count() - 1 && !(this.grows() && (await this.grow()))) return this.timer === mine && this.pause();
      if (this.timer !== mine) return this.go(this.at); // paused, or played anew, while the answer was on its way
      this.go(this.at + 1);
      if (this.at >= this.count() - 1 && !this.grows()) this.pause();
      else this.timer = setTimeout(tick, Math.max(0, this.wait() - (performance.now() - began)));
    };
    this.timer = setTimeout(tick, this.grows() ? 0 : this.wait() / 3);
    this.face();
  }

  wait() {
    if (this.grows()) return this.slow ? 5 * LIVE : LIVE;
    return this.pace() * (this.slow ? 2 : 1);
  }

  slower() {
    this.slow = !this.slow;
    this.half.setAttribute("aria-pressed", String(this.slow));
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = null;
    this.face();
  }
}
