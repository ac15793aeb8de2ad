// What a lesson knows: its scene, its inputs as they are shown and as they are being changed, its
// board.

/** @import { Board, Frame, Input, Inputs, Reason } from "./contract.js" */
/** @import { Scene, ShownControl, Site, Words } from "./contract.js" */

import { copy, same } from "./dom.js";
import { typed } from "./numbers.js";
import { lang } from "./words.js";

/**
 * What a person wrote into an exercise.
 * @typedef {object} Written
 * @property {string[]} texts of the blanks, in their order
 * @property {boolean} marked whether they were handed in
 * @property {number | null} choice the option that was taken last
 */

export class State {
  /** @param {Site} site */
  constructor(site) {
    this.site = site;
    this.at = 0; // the scene, from 0
    this.told = false; // whether the answer is shown
    this.revealed = false; // whether the exercise's values are shown
    this.stopped = false; // whether a person stopped a computation in pieces
    /** @type {string | null} */
    this.open = null; // the drawer
    /** @type {Inputs} */
    this.inputs = {}; // of the board that is shown
    /** @type {Inputs} */
    this.draft = {}; // what the controls show: refused values stay until they are mended
    /** @type {Record<string, Record<string, number | string>>} */
    this.typed = {}; // entries of matrices that were refused, as typed
    /** @type {Map<string, Written>} */
    this.written = new Map(); // by the exercise
    /** @type {Board | null} */
    this.board = null;
    /** @type {Reason | null} */
    this.refused = null;
    /** @type {Inputs | null} */
    this.before = null; // the draft before what the answer says to try was set
  }

  /**
   * Open a scene with its preset.
   * @param {number} at
   */
  enter(at) {
    this.at = at;
    this.draft = copy(this.preset);
    this.told = this.revealed = this.stopped = false;
    this.open = null;
    this.board = null;
    this.before = null;
  }

  /** @returns {Scene} */
  get scene() {
    return this.site.scenes[this.at];
  }

  /** @returns {Words} */
  get words() {
    return this.site.text[lang()].scene[this.at];
  }

  get preset() {
    return this.scene.inputs || {};
  }

  /** The frame that the scene opens at. */
  get start() {
    return this.scene.start ?? 0;
  }

  /** Milliseconds a frame. */
  get pace() {
    return this.scene.pace || 900;
  }

  /**
   * What can be opened under the stage; settings where a scene has more of them than its column
   * shows.
   */
  get drawers() {
    return [...(this.further.length ? ["settings"] : []), "turn", "code", "take"];
  }

  /** The controls in the drawer of settings, by name. */
  get further() {
    return this.scene.further || [];
  }

  /** The controls beside the stage, by name. */
  get controls() {
    return (this.scene.controls || []).filter((name) => !this.board?.without?.includes(name));
  }

  /**
   * Return a control as the board limits it.
   * @param {string} name
   * @returns {ShownControl}
   */
  control(name) {
    const spec = { ...this.site.controls[name], ...this.board?.limits?.[name] };
    const written = this.site.recorded?.[this.at].controls;
    return written && !spec.local && !written[name] ? { ...spec, off: true } : spec;
  }

  /** What the shown board is about. */
  get about() {
    return { view: this.scene.view, inputs: this.inputs };
  }

  /** Whether the board is a piece of a longer computation. */
  get unfinished() {
    const more = this.board?.more;
    return more && more.done < more.of ? more : null;
  }

  /**
   * Return the frame that is shown at a place on the time axis.
   * @param {number} at
   * @returns {Frame | null}
   */
  frame(at) {
    const frames = this.board?.frames;
    return frames ? frames[Math.min(at, frames.length - 1)] : null;
  }

  /** Whether a control stands otherwise than in the preset. */
  get changed() {
    return Object.keys(this.draft).some(
      (name) => name !== this.board?.more?.input && !same(this.draft[name], this.preset[name]),
    );
  }

  /** Whether what was changed is only how numbers are shown. */
  get onlyLocal() {
    return Object.keys(this.draft).every(
      (name) => same(this.draft[name], this.preset[name]) || this.site.controls[name]?.local,
    );
  }

  /**
   * Return the inputs that differ from the preset: what a link carries.
   * @param {Inputs} [inputs] the shown ones
   */
  changes(inputs = this.inputs) {
    return Object.fromEntries(
      Object.entries(inputs).filter(
        ([name, value]) => name !== this.board?.more?.input && !same(value, this.preset[name]),
      ),
    );
  }

  /**
   * Take a board as the one that is shown.
   * @param {Board} board
   * @param {Inputs} draft the inputs that it was asked for
   */
  accept(board, draft) {
    // what an action made of the inputs: it, not the action, is what the link carries
    for (const [name, value] of Object.entries(board.inputs || {}))
      for (const into of [draft, this.draft]) {
        if (value === null) delete into[name];
        else into[name] = copy(value);
      }
    this.board = board;
    this.inputs = draft;
    this.typed = {};
    this.refused = null;
  }

  /**
   * Change a control, and what goes with it.
   * @param {string} name
   * @param {Input} value
   * @returns {boolean} whether only what is shown changes, so that no board is asked for
   */
  choose(name, value) {
    const spec = this.site.controls[name];
    this.stopped = false;
    const local = Boolean(spec.local && !(spec.unless && this.draft[spec.unless]));
    for (const other of spec.resets || []) {
      if (other in this.preset) this.draft[other] = copy(this.preset[other]);
      else delete this.draft[other];
    }
    Object.assign(this.draft, copy(spec.brings?.[value] || {}));
    // an action that only brings leaves no trace
    if (spec.kind !== "action" || !spec.brings) this.draft[name] = value;
    if (local) this.inputs[name] = value;
    return local;
  }

  /**
   * Take a typed entry of a matrix: all refused entries of the same input go along with it.
   * @param {string} name
   * @param {(number | string)[]} path
   * @param {string} text
   */
  enterEntry(name, path, text) {
    this.typed[name] = { ...this.typed[name], [path.join(".")]: typed(text) };
    const whole = copy(this.board?.values?.[name]);
    for (const [where, value] of Object.entries(this.typed[name])) {
      const steps = where.split(".").map((i) => (/^\d+$/.test(i) ? Number(i) : i));
      let at = whole;
      for (const i of steps.slice(0, -1)) at = at[i];
      at[/** @type {number | string} */ (steps.at(-1))] = value;
    }
    this.draft = { ...this.draft, [name]: whole };
  }

  /**
   * Take what was drawn into an input, or into one part of it.
   * @param {string} name
   * @param {(number | string)[]} path
   * @param {any} drawn
   */
  enterDrawing(name, path, drawn) {
    let whole = drawn;
    if (path.length) {
      whole = copy(this.board?.values?.[name]);
      whole[path[0]] = drawn;
    }
    this.draft = { ...this.draft, ...(this.board?.pins?.[name] || {}), [name]: whole };
  }

  /** Return what was written into the board's exercise so far: the same while its task is. */
  get answers() {
    const task = JSON.stringify(this.board?.turn ?? null);
    const there = this.written.get(task) || { texts: [], marked: false, choice: null };
    this.written.set(task, there);
    return there;
  }

  /** Set what the answer says to try, or take it back; return whether a run begins anew with it. */
  tries() {
    if (this.before) this.draft = this.before;
    const before = this.before ? null : copy(this.draft);
    const tries = this.scene.tries || {};
    for (const [name, value] of Object.entries(before ? tries : {})) this.choose(name, value);
    this.before = before;
    this.typed = {};
    return Object.keys(tries).some((name) => this.control(name).restarts);
  }

  /** Go back to the preset. */
  reset() {
    this.before = null;
    this.draft = copy(this.preset);
    this.typed = {};
    this.stopped = false;
  }

  /**
   * Tell whether the exercise that is open asks for what has this key.
   * @param {string} [key]
   */
  hidden(key) {
    if (!key || this.open !== "turn" || this.revealed) return false;
    return (this.board?.turn?.blanks || []).some((item) => item.key === key);
  }
}
