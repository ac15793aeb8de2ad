// The left column: claim, question and answer, why an input was refused, the scene's controls.

/** @import { State } from "./state.js" */

import { control } from "./controls.js";
import { el, rich } from "./dom.js";
import { embedded, presenting } from "./header.js";
import { hold } from "./hold.js";
import * as link from "./link.js";
import { setDigits } from "./numbers.js";
import { t } from "./words.js";

/**
 * What a person can do in the column.
 * @typedef {object} Acts
 * @property {(scene: number) => void} go to another scene
 * @property {() => void} onward show the answer
 * @property {(name: string, value: any) => void} change a control
 * @property {() => void} reset all of them
 * @property {() => void} tries set what the answer says to try, or take it back
 */

/**
 * Return controls by name, each with the value that the draft has.
 * @param {State} state
 * @param {string[]} names
 * @param {Acts["change"]} change
 */
export const fields = (state, names, change) =>
  names.map((name) =>
    control({
      name,
      spec: state.control(name),
      value: state.draft[name],
      change: (value) => change(name, value),
      wrong: state.refused?.parts?.field === name,
    }),
  );

/** Return the link from an embedded page to the whole one; it follows what the page comes to show. */
function opener() {
  const follow = (event) => {
    event.currentTarget.href = link.whole();
  };
  return el("a", {
    class: "opener",
    href: link.whole(),
    target: "_blank",
    rel: "noopener",
    onpointerdown: follow,
    onfocus: follow,
    text: `${t("open_whole")} ↗`,
  });
}

export class Sidebar {
  /**
   * @param {State} state
   * @param {Acts} acts
   * @param {HTMLElement} drawer what a drawer holds stands under the controls
   */
  constructor(state, acts, drawer) {
    this.state = state;
    this.acts = acts;
    this.controls = el("div", { class: "ctl", onscroll: () => this.further() });
    this.below = el("button", {
      class: "tool quiet",
      hidden: true,
      tabindex: "-1", // the keyboard reaches the controls themselves
      "aria-hidden": "true",
      onclick: () => this.controls.scrollBy({ top: this.controls.clientHeight }),
      text: t("controls_below"),
    });
    this.watcher = new ResizeObserver(() => this.further());
    this.watcher.observe(this.controls);
    this.answer = el("div", { class: "answer" });
    this.alert = el("div", { class: "alert" });
    this.said = el("p", { class: "say" }, rich(state.words.say));
    this.aside = el("div");
    this.note = el("p", { class: "changed", hidden: true, text: t("changed") });
    /** @type {string | undefined} */
    this.drawn = undefined; // the controls that are there
    const place = t("scene_of", { n: state.at + 1, of: state.site.scenes.length });
    this.element = el(
      "section",
      { class: "scene", "aria-label": place },
      el(
        "div",
        { class: "claim" },
        el("div", { class: "dots" }, this.dots(), el("span", { text: place })),
        el("h1", { id: "content", tabindex: "-1" }, rich(state.words.claim)),
        embedded() ? opener() : "",
        el("div", { class: "text-or-answer" }, this.said, this.aside),
        this.note,
      ),
      el(
        "div",
        { class: "ask" },
        el("b", { text: t("question") }),
        el("p", null, rich(state.words.ask)),
        this.answer,
      ),
      this.alert,
      this.controls,
      this.below,
      drawer,
    );
    this.drawAnswer();
  }

  /** Return a bar a scene, those up to this one filled. */
  dots() {
    const { at, site } = this.state;
    const of = site.scenes.length;
    return el(
      "span",
      { class: "marks" },
      site.scenes.map((_, i) =>
        el("button", {
          class: i <= at ? "on" : null,
          "data-key": `dot.${i}`,
          "aria-label": t("scene_of", { n: i + 1, of }),
          "aria-current": i === at ? "step" : null,
          onclick: () => this.acts.go(i),
        }),
      ),
    );
  }

  /** Say whether controls lie below what the column shows, as when the answer comes. */
  further() {
    const { scrollTop, clientHeight, scrollHeight } = this.controls;
    this.below.hidden = scrollTop + clientHeight >= scrollHeight - 8; // less than a line
  }

  /** Stop watching: another column takes this one's place. */
  close() {
    this.watcher.disconnect();
  }

  /** Show the answer: under the question, or, for an audience, in place of the text beside it. */
  drawAnswer() {
    const { told, words } = this.state;
    const answer = () => el("p", { class: "told", tabindex: "-1" }, rich(words.answer));
    const button = () =>
      el(
        "button",
        { class: "tool", onclick: () => this.acts.onward() },
        t("show_answer"),
        " ",
        el("kbd", { text: "Space" }),
      );
    const beside = presenting();
    const shown = told ? answer() : null;
    const tries = shown ? this.tries() : "";
    this.answer.replaceChildren(...(shown ? [beside ? "" : shown, tries] : [button()]));
    // room for the answer is kept, so that nothing moves when it comes
    const kept = () => el("p", { class: "unsaid", "aria-hidden": "true" }, rich(words.answer));
    this.aside.replaceChildren(beside ? shown || kept() : "");
    this.said.classList.toggle("unsaid", Boolean(beside && shown));
    if (beside && shown) this.said.setAttribute("aria-hidden", "true");
    return shown;
  }

  /** Return the button that sets what the answer says to try, and takes it back. */
  tries() {
    if (!this.state.scene.tries) return "";
    return el(
      "button",
      {
        class: "tool",
        "data-key": "answer.tries",
        "aria-pressed": this.state.before ? "true" : "false",
        onclick: () => this.acts.tries(),
      },
      t(this.state.before ? "tries_undo" : "tries"),
      " ",
      el("kbd", { text: "A" }),
    );
  }

  /**
   * Say why an input was refused, or nothing.
   * @param {string | null} sentence
   */
  refuse(sentence) {
    this.alert.replaceChildren(...(sentence ? [el("p", { role: "alert" }, sentence)] : []));
  }

  /** Show the controls as the draft has them; one that is being dragged stays as it is. */
  drawControls() {
    const { state, controls } = this;
    const held = hold(controls);
    const names = state.controls;
    setDigits(state.draft.decimals ?? 4);
    const at = document.activeElement;
    const dragging = at instanceof HTMLInputElement && at.type === "range" && controls.contains(at);
    if (!dragging || this.drawn !== names.join()) {
      controls.replaceChildren(
        ...fields(state, names, this.acts.change),
        state.changed
          ? el("button", {
              class: "tool quiet",
              onclick: () => this.acts.reset(),
              text: t("reset"),
            })
          : "",
      );
      controls.hidden = names.length === 0;
      held();
    }
    this.drawn = names.join();
    this.note.hidden = !state.changed || state.onlyLocal;
  }
}
