// The transport: frames computed once, played, paused, stepped, slowed and scrubbed here without a request; a run
// that is live goes on at its end.

import { el, icon } from "./dom.js";
import { say, t } from "./words.js";

const LIVE = 100; // milliseconds from one picture of a live run to the next, at least

/** A player of `count()` frames; `show(i)` draws one, `name(i)` says what it is, `grow()` appends one if it `grows()`. */
export class Player {
  constructor({ count, name, show, pace, grow, grows, act }) {
    Object.assign(this, { count, name, show, pace, grow, grows, act, at: 0, slow: false, timer: null });
    this.range = el("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": t("step"), oninput: (e) => this.go(Number(e.target.value), true) });
    this.told = el("output", {});
    this.playing = el("button", { class: "play", onclick: () => this.toggle() });
    this.half = el("button", { "aria-pressed": "false", "aria-label": t("slow"), title: t("slow"), text: "½", onclick: () => this.slower() });
    this.extra = el("span", { class: "acts" });
    this.element = el(
      "div",
      { class: "bar", role: "group", "aria-label": t("transport") },
      el("button", { "aria-label": t("previous"), title: `${t("previous")} (,)`, onclick: () => this.go(this.at - 1, true) }, icon("first")),
      this.playing,
      el("button", { "aria-label": t("next"), title: `${t("next")} (.)`, onclick: () => this.next() }, icon("next")),
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
    this.extra.replaceChildren(
      ...names.map((name) => el("button", { class: "act", title: t(`act_long.${name}`), onclick: () => this.act(name), text: t(`act.${name}`) })),
      live ? el("button", { "aria-label": t("again"), title: t("again"), onclick: () => this.act("again") }, icon("again")) : "",
    );
  }

  /** Show frame `at`; by hand also stops playing. */
  go(at, byHand = false) {
    if (byHand) this.pause();
    const last = this.count() - 1;
    this.at = Math.max(0, Math.min(last, at));
    this.range.max = last;
    this.range.value = this.at;
    const name = say(this.name(this.at));
    this.range.setAttribute("aria-valuetext", name || `${this.at} / ${last}`);
    this.told.textContent = `${this.at} / ${last}`;
    this.element.hidden = last < 1 && !this.grows();
    this.show(this.at);
  }

  /** One frame on; a live run at its end computes it. */
  async next() {
    this.pause();
    if (this.at < this.count() - 1 || (this.grows() && (await this.grow()))) this.go(this.at + 1);
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
