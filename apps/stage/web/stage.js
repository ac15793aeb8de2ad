// The right column: the picture fitted to its room, the transport, progress, the facts with their
// checks.

/** @import { Check, Fact, Frame, Law, Page, Wait } from "./contract.js" */
/** @import { Player } from "./player.js" */

import { el, rich } from "./dom.js";
import { Fit } from "./fit.js";
import { hold, reachable } from "./hold.js";
import { shown, tiny } from "./numbers.js";
import { say, t } from "./words.js";

const SIGN = 150; // milliseconds until a line runs over the stage that waits
const PATIENCE = 900; // milliseconds until it is said in words, with a way to stop

export class Stage {
  /**
   * @param {Player} player
   * @param {HTMLElement[]} tabs the drawers' buttons, under the stage
   * @param {{ stop: () => void, again: () => void }} acts end a computation; ask for it once more
   */
  constructor(player, tabs, { stop, again }) {
    this.player = player;
    this.view = el("div", { class: "view" });
    this.box = el("div", { class: "stage" }, this.view, player.element);
    this.facts = el("div", { class: "facts", role: "status", "aria-live": "off" });
    this.bar = el("progress", { max: 1, "aria-label": t("computing") });
    this.said = el("span");
    this.progress = el(
      "div",
      { class: "progress", hidden: true },
      this.bar,
      this.said,
      el("button", { class: "tool", text: t("stop"), onclick: stop }),
    );
    this.why = el("span");
    this.halt = el(
      "div",
      { class: "halt", hidden: true, role: "status" },
      this.why,
      el("button", {
        class: "tool",
        "data-key": "stage.again",
        text: t("try_again"),
        onclick: again,
      }),
    );
    this.element = el(
      "section",
      { class: "show", "aria-label": t("stage_name") },
      this.box,
      this.progress,
      this.halt,
      this.facts,
      el("div", { class: "more" }, tabs),
    );
    this.fit = new Fit(this.view);
    /** @type {(() => void) | null} */
    this.again = null; // shows the frame that is shown once more
    this.size = ""; // of the room for it
    this.watcher = new ResizeObserver(() => this.room());
    this.watcher.observe(this.view);
  }

  /** Stop watching: another stage takes its place. */
  close() {
    this.watcher.disconnect();
  }

  /**
   * Show one frame.
   * @param {Frame} frame
   * @param {{ facts?: Fact[], checks?: (Check | Law)[] }} all what is true of all frames
   * @param {Page} page
   */
  show(frame, all, page) {
    this.facts.replaceChildren(
      frame.name ? el("strong", { text: say(frame.name) }) : "",
      ...[...(all.facts || []), ...frame.facts].map(fact),
      ...[...(all.checks || []), ...(frame.checks || [])].map(verdict),
    );
    this.again = () => this.picture(frame, page);
    this.again();
  }

  /**
   * Draw a frame's picture in the room there is.
   * @param {Frame} frame
   * @param {Page} page
   */
  picture(frame, page) {
    const held = hold(this.view);
    this.fit.show(frame.view, page);
    this.size = this.measured();
    reachable(this.view);
    held();
  }

  /** Find the picture's arrangement anew when it is shown next. */
  refit() {
    this.fit.anew();
  }

  /** Return the room for the picture. */
  measured() {
    return `${this.view.clientWidth} ${this.view.clientHeight}`;
  }

  /** Fit the picture anew when the room for it changed, as when a drawer fills. */
  room() {
    if (this.size === this.measured()) return;
    this.refit();
    this.again?.();
  }

  /**
   * Show that what is seen no longer is what was asked for.
   * @param {boolean} on
   */
  stale(on) {
    this.element.classList.toggle("stale", on);
  }

  /**
   * Say that a computation did not come to its end, with a way to ask for it again.
   * @param {string | null} said nothing where it did
   */
  halted(said) {
    this.halt.hidden = said === null;
    this.why.textContent = said || "";
  }

  /** Show, after a while, that something is computed; return what takes the signs back. */
  waiting() {
    this.halted(null);
    const signs = [
      setTimeout(() => this.box.setAttribute("aria-busy", "true"), SIGN),
      setTimeout(() => this.progressed(null, t("computing")), PATIENCE),
    ];
    return () => signs.forEach(clearTimeout);
  }

  /** Take the line over the stage away. */
  ready() {
    this.box.removeAttribute("aria-busy");
  }

  /**
   * Say how many are computed for before this page, and about how long that takes.
   * @param {Wait} wait
   */
  waits({ place, seconds }) {
    this.progressed(null, t("waiting", { place, seconds: Math.ceil(seconds) }));
  }

  /**
   * Show progress: a share from 0 to 1, or null where it is not known.
   * @param {number | null} share
   * @param {string} said
   */
  progressed(share, said) {
    this.progress.hidden = false;
    if (share === null) this.bar.removeAttribute("value");
    else this.bar.value = share;
    this.said.textContent = said;
  }

  /** Show no progress. */
  done() {
    this.progress.hidden = true;
  }

  /** What a step or a change leads to, as it is read out. */
  get heard() {
    const place = this.player.element.hidden ? [] : [this.player.told.textContent];
    return [...place, ...[...this.facts.children].map((one) => one.textContent)].join(", ");
  }
}

/** @param {Fact} one */
function fact({ label, v }) {
  const text = typeof v === "number" ? shown(v) : say(v);
  return el("span", null, rich(say(label)), " ", el("code", { text }));
}

/** @param {Check | Law} check */
function verdict(check) {
  const told =
    "law" in check
      ? [`${say(check.law)} `, el("span", { class: "whole" }, `(${check.holds} / ${check.of})`)]
      : [`max |Δ| = ${tiny(check.delta)} · `, breakable(check.against)];
  return el(
    "span",
    { class: check.ok ? "ok" : "bad-check" },
    `${check.ok ? "✓" : "✗"} ${t(check.ok ? "checked" : "not_equal")} `,
    told,
  );
}

/**
 * Return a name with dots, as of a module, that may go on in a further line after one of them.
 * @param {string} name
 */
const breakable = (name) =>
  name
    .split(/(?<=[a-z]\.)(?=\w)/)
    .flatMap((part, i) => (i ? [el("wbr"), ...rich(part)] : rich(part)));
