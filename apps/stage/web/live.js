// A run that goes on while it is watched: each frame carries the state to go on from, the server
// keeps none.

/** @import { Board, Frame, Inputs, Reason } from "./contract.js" */
/** @import { Told } from "./runlog.js" */

import { copy } from "./dom.js";
import { changed, RunLog } from "./runlog.js";
import { Refused } from "./server.js";
import { keepText, kept } from "./storage.js";
import { settled } from "./widgets/chart.js";

const MOST = 600; // frames kept; then every second of the older ones goes
const AT_ONCE = 40; // frames in an animation that is taken away

/**
 * What a run needs of its page.
 * @typedef {object} Host
 * @property {(ask: object) => Promise<Frame>} ask the server for a frame
 * @property {() => boolean} current whether the page still shows this run's board
 * @property {() => Inputs} inputs what is shown
 * @property {() => Inputs} draft what the controls show
 * @property {() => { at: number, go: (at: number) => void, pause: () => void }} player
 * @property {(reason: Reason) => void} refuse say why changed inputs were refused
 * @property {() => void} answered the server answers: what it failed to do before is over
 * @property {(draft: Inputs) => void} adapted changed inputs are those of the frame that is shown
 * @property {() => void} grown there is a new frame
 * @property {(inputs: Inputs, share: number) => void} redone a share of a link's run is done
 * @property {() => boolean} stopped whether a person stopped it
 * @property {number[]} speeds steps that a frame may take, the most first
 * @property {string} store where the browser keeps the last state of a run that is to be kept
 */

export class Run {
  /**
   * @param {Board} board
   * @param {string} view
   * @param {Host} host
   */
  constructor(board, view, host) {
    this.board = board;
    this.view = view;
    this.host = host;
    this.acts = board.live?.acts || [];
    /** @type {Promise<Frame | null> | null} */
    this.flight = null; // the answer that is on its way
    /** @type {Inputs | null} */
    this.wish = null; // the inputs that are to be taken up
    /** @type {Promise<unknown>} */
    this.acting = Promise.resolve(); // the acts so far
    this.log = new RunLog(board.frames, copy(host.inputs()));
    this.whole = true; // the log tells all: the run did not go on from an earlier visit's
  }

  get frames() {
    return this.board.frames;
  }

  /**
   * Ask for one frame; of several wishes at once each waits for the one before.
   * @param {() => number} at the frame to go on from
   * @param {string} act
   * @param {Inputs} inputs
   * @returns {Promise<Frame | null>} null: the page has gone on to something else
   */
  async ask(at, act, inputs) {
    const { host, view } = this;
    const before = this.flight;
    const mine = (async () => {
      await before?.catch(() => null);
      if (!host.current()) return null;
      const frame = await host.ask({ view, inputs, state: this.frames[at()].state, act });
      if (!host.current()) return null;
      host.answered();
      return frame;
    })();
    this.flight = mine;
    try {
      return await mine;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (host.current()) host.refuse(error.reason);
      return null;
    }
  }

  /** What a link tells of this run, null where its board alone is it. */
  get told() {
    return this.whole ? this.log.told : null;
  }

  /**
   * Keep a frame that an act led to from the one before it.
   * @param {Frame} frame
   * @param {string} act
   * @param {Inputs} inputs
   */
  keep(frame, act, inputs) {
    this.log.note(this.frames[this.frames.length - 1], frame, act, inputs);
    this.frames.push(frame);
    this.remember(frame);
    this.host.grown();
    if (this.frames.length > MOST)
      this.board.frames = this.frames.filter((_, i) => i % 2 === 0 || i > MOST / 2);
  }

  /** Go on from the last frame; return whether there is a new one. */
  async more() {
    return this.step(this.acts[0], copy(this.host.inputs()));
  }

  /**
   * Do an act at the last frame; return whether there is a new one.
   * @param {string} act
   * @param {Inputs} inputs
   */
  async step(act, inputs) {
    const last = () => this.frames.length - 1;
    const frame = await this.ask(last, act, inputs);
    if (!frame) return false;
    const { values } = this.frames[last()];
    if (values && frame.values?.x === values.x) {
      this.frames[last()] = frame; // not a step further: the run has blown up
      return false;
    }
    this.keep(frame, act, inputs);
    return true;
  }

  /**
   * Let the browser keep a frame's state, where the run is to be kept.
   * @param {Frame} frame
   */
  remember({ state }) {
    if (this.board.live?.keeps && state) keepText(this.host.store, state);
  }

  /** Go on from what the browser keeps of an earlier visit: it takes the first frame's place. */
  async resume() {
    const { host, view } = this;
    const state = this.board.live?.keeps && kept(host.store);
    if (!state) return;
    this.whole = false;
    const asked = host.ask({ view, inputs: copy(host.inputs()), state, act: "show" });
    this.flight = asked;
    try {
      const frame = await asked;
      if (!host.current()) return;
      this.frames[0] = frame;
      host.player().go(host.player().at);
    } catch (error) {
      if (!(error instanceof Refused)) throw error; // else another release kept it: a new run is on
    }
  }

  /**
   * Go on from the frame that is shown; what came after it is given up. Of several acts at once
   * each goes on from what the one before led to.
   * @param {string} name
   */
  act(name) {
    const mine = this.acting.then(() => this.once(name));
    this.acting = mine.catch(() => null);
    return mine;
  }

  /** @param {string} name */
  async once(name) {
    const player = this.host.player();
    player.pause();
    const at = player.at;
    const from = () => Math.min(at, this.frames.length - 1);
    const inputs = copy(this.host.inputs());
    const frame = await this.ask(from, name, inputs);
    if (!frame) return;
    this.frames.length = from() + 1;
    this.keep(frame, name, inputs);
    player.go(this.frames.length - 1);
  }

  /** Take changed inputs up at the frame that is shown; it and what came after are given up. */
  async adapt() {
    const draft = copy(this.host.draft());
    this.wish = draft;
    const at = () => Math.min(this.host.player().at, this.frames.length - 1);
    const frame = await this.ask(at, "show", draft);
    if (!frame || this.wish !== draft) return;
    this.take(at(), frame, draft);
    this.host.adapted(draft);
  }

  /**
   * Take a frame in another's place, under other inputs; what came after is given up.
   * @param {number} at
   * @param {Frame} frame
   * @param {Inputs} inputs
   */
  take(at, frame, inputs) {
    this.log.note(this.frames[at], frame, "show", inputs);
    this.frames.length = at + 1;
    this.frames[at] = frame;
    this.remember(frame);
  }

  /**
   * Do again what a link tells: act by act, to the same step of the run.
   * @param {Told} told
   */
  async redo({ from, acts }) {
    const { host } = this;
    const all = acts.reduce((sum, [, count]) => sum + count, 0);
    let inputs = copy(host.inputs());
    this.frames.length = from + 1;
    for (const [act, count, changes, x] of acts) {
      inputs = changed(inputs, changes);
      if (act === "show") {
        const at = this.frames.length - 1;
        const frame = await this.ask(() => at, act, inputs);
        if (!frame) return;
        this.take(at, frame, inputs);
      } else {
        const before = this.log.acts.length;
        const goes = () =>
          x === null ? this.log.acts.length < before + count : this.leftTo(x) > 0;
        while (goes()) if (!(await this.step(act, this.paced(inputs, x)))) return;
      }
      host.redone(inputs, this.log.acts.length / all);
      host.player().go(this.frames.length - 1);
      if (host.stopped()) return;
    }
  }

  /**
   * Return how many steps the last frame lacks to a step.
   * @param {number} x
   */
  leftTo(x) {
    return x - (this.frames[this.frames.length - 1].values?.x ?? x);
  }

  /**
   * Return inputs whose speed goes no further than to a step, where a run counts its steps.
   * @param {Inputs} inputs
   * @param {number | null} x
   */
  paced(inputs, x) {
    const left = x === null ? Number.POSITIVE_INFINITY : this.leftTo(x);
    if (inputs.speed <= left) return inputs;
    return { ...inputs, speed: this.host.speeds.find((speed) => speed <= left) ?? inputs.speed };
  }

  /** Go back to the first frame, under the inputs of now. */
  again() {
    const player = this.host.player();
    player.pause();
    this.frames.length = 1;
    player.go(0);
    return this.adapt();
  }

  /**
   * Return what is taken away: the frames as they are shown, for the server has none.
   * @param {string} kind
   */
  taken(kind) {
    const { at } = this.host.player();
    if (kind === "ipynb") return this.told ? { told: this.told } : {};
    if (kind === "csv" || kind === "json")
      return { history: this.frames.slice(0, at + 1).map((one) => one.values), step: 0 };
    const last = this.frames.length - 1;
    const count = Math.min(AT_ONCE, last + 1);
    const which =
      kind === "gif"
        ? Array.from({ length: count }, (_, k) => Math.round((k * last) / Math.max(1, count - 1)))
        : [at];
    const view = (i) => settled(this.frames[i].view, this.frames.slice(0, i + 1));
    return { run: which.map((i) => ({ view: view(i) })), step: 0 };
  }
}
