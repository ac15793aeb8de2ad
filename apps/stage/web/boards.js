// Boards: asked for, shown, computed piece by piece, and runs that go on.

/** @import { Board, Inputs, More, Reason } from "./contract.js" */
/** @import { State } from "./state.js" */
/** @import { View } from "./view.js" */

import { Address } from "./address.js";
import { copy, same } from "./dom.js";
import * as link from "./link.js";
import { Run } from "./live.js";
import { readTold } from "./runlog.js";
import { passes, Refused, Server, sentence } from "./server.js";
import { t } from "./words.js";

export class Boards {
  /**
   * @param {State} state
   * @param {Server} server
   * @param {() => View} view the layout of now
   */
  constructor(state, server, view) {
    this.state = state;
    this.server = server;
    this.view = view;
    this.painting = false; // a pen is down
    this.asked = 0; // boards asked for so far
    /** @type {number | undefined} */
    this.step = undefined; // the frame to open what was asked for last at
    /** @type {Run | null} */
    this.run = null;
    /** @type {any} */
    this.told = null; // what a link tells of the run that its board begins
    this.address = new Address(state, () => this.run);
  }

  /**
   * Begin with another scene.
   * @param {any} told what a link tells of a run
   */
  begin(told) {
    this.run = null;
    this.told = told;
  }

  /**
   * Ask for the board of the draft; of answers that overtake each other only the last counts.
   * @param {number} [step] the frame to open it at
   * @param {boolean} [piece] whether it is the next piece of a computation that is on
   */
  async ask(step, piece = false) {
    const mine = ++this.asked;
    this.step = step;
    const wanted = () => mine === this.asked;
    const { state } = this;
    const draft = copy(state.draft);
    const about = { view: state.scene.view, inputs: draft };
    const calm = piece ? () => {} : this.view().stage.waiting();
    const waits = (place) => {
      calm();
      this.view().stage.waits(place);
    };
    try {
      const board = await this.server.board(about, waits, wanted);
      if (!board || this.painting) return; // what is being painted asks again when it is done
      this.accept(board, draft, step, piece);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (wanted()) this.refuse(error.reason);
    } finally {
      calm();
      if (wanted()) {
        this.view().stage.ready();
        if (!state.board?.more) this.view().stage.done();
      }
    }
  }

  /**
   * Ask for what the draft says: a new board, or the next frames of the run that is on.
   * @param {boolean} [restarts]
   */
  askAgain(restarts) {
    if (this.run && !restarts) this.run.adapt();
    else this.ask(this.run ? this.state.start : undefined);
  }

  /**
   * Ask for the board of what was typed into a matrix.
   * @param {string} name
   * @param {(number | string)[]} path
   * @param {string} text
   */
  edit(name, path, text) {
    this.state.enterEntry(name, path, text);
    this.ask();
  }

  /**
   * Hold boards back while a pen is down.
   * @param {boolean} on
   */
  paints(on) {
    this.painting = on;
  }

  /**
   * Ask for the board of what was drawn into an input, or into one part of it.
   * @param {string} name
   * @param {(number | string)[]} path
   * @param {any} drawn
   */
  paint(name, path, drawn) {
    this.state.enterDrawing(name, path, drawn);
    this.askAgain();
  }

  /**
   * Ask for the board of what was pressed.
   * @param {string} name
   * @param {any} value
   * @param {number} [frame] the frame to show
   */
  pick(name, value, frame) {
    this.state.enterDrawing(name, [], value);
    this.ask(frame);
  }

  /**
   * Show a board.
   * @param {Board} board
   * @param {Inputs} draft the inputs that it was asked for
   * @param {number} [step] the frame to show
   * @param {boolean} [piece] whether it is the next piece of what is shown
   */
  accept(board, draft, step, piece = false) {
    const { state } = this;
    const view = this.view();
    const anew = !piece || state.refused !== null; // else what was said of the link stays
    const opening = state.board === null;
    state.accept(board, draft);
    this.run = board.live ? this.runOf(board) : null;
    view.stage.refit();
    this.remember();
    const at = step ?? (opening ? state.start : view.player.at);
    if (anew) view.settle();
    view.draw();
    view.player.go(at < 0 ? board.frames.length + at : at);
    const more = state.unfinished;
    if (!opening && !more) view.announce();
    if (more) return this.goOn(more);
    view.stage.done();
    const { told } = this;
    this.told = null;
    if (told) this.redo(told);
    else this.run?.resume();
  }

  /**
   * Do again what a link tells of a run, or say that it is damaged.
   * @param {any} told
   */
  async redo(told) {
    const { run } = this;
    const { stage } = this.view();
    const named = (changes) => link.current(changes, this.state.site.renamed);
    const known = run && readTold(told, run.frames.length, [...run.acts, ...game(run)], named);
    if (!run || !known) return this.view().say({ rule: "link", parts: {} });
    this.state.stopped = false;
    const { step } = this;
    try {
      await run.redo(known);
    } finally {
      stage.done();
    }
    if (this.run !== run) return;
    if (step !== undefined) this.view().player.go(step);
    this.remember();
  }

  /**
   * Ask for the next piece of a long computation, unless the person stopped it.
   * @param {More} more
   */
  goOn(more) {
    const { state } = this;
    this.view().stage.progressed(more.done / more.of, t("progress", more));
    if (state.stopped) return this.view().stage.halted(t("stopped"));
    state.draft = { ...state.draft, [more.input]: more.next };
    this.ask(Number.MAX_SAFE_INTEGER, true);
  }

  /** Stop computing, and waiting: nothing more is asked for, so the server goes on with nothing. */
  stop() {
    const { state } = this;
    const { stage } = this.view();
    state.stopped = true;
    this.asked++;
    stage.ready();
    stage.done();
    if (state.board && !same(state.draft, state.inputs)) stage.stale(true);
    stage.halted(t("stopped"));
  }

  /** Ask once more for what was stopped or could not be had. */
  again() {
    const { state } = this;
    state.stopped = false;
    if (this.run && same(state.draft, state.inputs)) this.view().player.next();
    else if (this.run) this.run.adapt();
    else this.ask(this.step, Boolean(state.unfinished));
  }

  /** Take back that something could not be had: it can. */
  heal() {
    if (!passes(this.state.refused)) return;
    this.state.refused = null;
    this.view().settle();
  }

  /** Open a scene by its preset where a link's values were refused, and say why. */
  async withoutLink() {
    const { state } = this;
    const reason = state.refused;
    if (state.board || !reason || passes(reason) || same(state.draft, state.preset)) return;
    state.reset();
    await this.ask();
    const why = sentence(reason, state.site);
    if (state.board) this.view().say({ rule: "link_value", parts: { why } });
  }

  /**
   * Return the run that a board begins.
   * @param {Board} board
   */
  runOf(board) {
    const { state } = this;
    return new Run(board, state.scene.view, {
      ask: (ask) => this.server.call("live", ask),
      current: () => state.board === board,
      inputs: () => state.inputs,
      draft: () => state.draft,
      player: () => this.view().player,
      refuse: (reason) => this.refuse(reason),
      answered: () => this.heal(),
      grown: () => this.address.note(),
      redone: (inputs, share) => {
        state.draft = copy(inputs);
        this.adapted(inputs);
        this.view().stage.progressed(share, t("redone"));
      },
      stopped: () => state.stopped,
      speeds: [...(state.site.controls.speed?.options || [])].sort((a, b) => b - a),
      store: `run.${state.site.here}.${state.scene.view}`,
      adapted: (draft) => this.adapted(draft),
    });
  }

  /**
   * Take changed inputs of a run as those that are shown.
   * @param {Inputs} draft
   */
  adapted(draft) {
    const { state } = this;
    const view = this.view();
    state.inputs = draft;
    state.refused = null;
    view.settle();
    this.remember();
    view.sidebar.drawControls();
    if (state.open === "settings") view.drawers.draw();
    view.player.go(view.player.at);
    view.announce();
  }

  /**
   * Say why an input was refused.
   * @param {Reason} reason
   */
  refuse(reason) {
    this.state.refused = reason;
    this.view().refuse(reason);
  }

  /** Write the state into the address bar. */
  remember() {
    return this.address.tell();
  }
}

/**
 * Return the acts of a game's keys.
 * @param {Run} run
 */
const game = (run) => Object.values(run.board.live?.keys || {});
