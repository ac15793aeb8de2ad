// The transport: frames computed once, played, paused, stepped, slowed and scrubbed here without a request.

import { el, icon } from "./dom.js";
import { say, t } from "./words.js";

/** A player of `count()` frames; `show(i)` draws one, `name(i)` says what it is. */
export class Player {
  constructor({ count, name, show, pace }) {
    Object.assign(this, { count, name, show, pace, at: 0, slow: false, timer: null });
    this.range = el("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": t("step"), oninput: (e) => this.go(Number(e.target.value), true) });
    this.told = el("output", {});
    this.playing = el("button", { class: "play", onclick: () => this.toggle() });
    this.half = el("button", { "aria-pressed": "false", "aria-label": t("slow"), title: t("slow"), text: "½", onclick: () => this.slower() });
    this.element = el(
      "div",
      { class: "bar", role: "group", "aria-label": t("transport") },
      el("button", { "aria-label": t("previous"), title: `${t("previous")} (,)`, onclick: () => this.go(this.at - 1, true) }, icon("first")),
      this.playing,
      el("button", { "aria-label": t("next"), title: `${t("next")} (.)`, onclick: () => this.go(this.at + 1, true) }, icon("next")),
      this.half,
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
    this.element.hidden = last < 1;
    this.show(this.at);
  }

  toggle() {
    if (this.timer) return this.pause();
    if (this.at >= this.count() - 1) this.go(0);
    const tick = () => {
      this.go(this.at + 1);
      if (this.at >= this.count() - 1) this.pause();
      else this.timer = setTimeout(tick, this.wait());
    };
    this.timer = setTimeout(tick, this.wait() / 3);
    this.face();
  }

  wait() {
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
