// A lesson's page as it is laid out: header, sidebar, stage with its transport, drawers.

/** @import { Label, Page, Reason } from "./contract.js" */
/** @import { Film } from "./player.js" */
/** @import { State } from "./state.js" */

import { el } from "./dom.js";
import { Drawers } from "./drawers.js";
import { header } from "./header.js";
import { hold } from "./hold.js";
import * as link from "./link.js";
import { Player } from "./player.js";
import { passes, sentence } from "./server.js";
import { Sidebar } from "./sidebar.js";
import { Stage } from "./stage.js";
import { announce } from "./voice.js";
import { lang, t } from "./words.js";

const NOTED = 250; // milliseconds until the address bar tells the step: not while it plays

/**
 * What a person can do on the page.
 * @typedef {object} Acts
 * @property {(scene: number) => void} go to another scene
 * @property {() => void} onward show the answer, then the next scene
 * @property {(name: string, value: any) => void} change a control
 * @property {() => void} reset all of them
 * @property {(name: string, byKey: boolean) => void} toggle a drawer
 * @property {() => void} stop a computation
 * @property {() => void} again ask once more for what was stopped or could not be had
 * @property {(other: string) => void} language read another one
 * @property {() => void} presented present to an audience, or no longer
 * @property {() => void} controls show the controls to an audience, or no longer
 * @property {() => void} tries set what the answer says to try, or take it back
 */

/** @type {ReturnType<typeof setTimeout> | undefined} */
let noting;

export class View {
  /**
   * Lay out the page.
   * @param {HTMLElement} root
   * @param {State} state
   * @param {Page} page what widgets may ask
   * @param {Acts} acts
   * @param {Pick<Film, "grow" | "grows" | "act">} run the live run, if there is one
   * @param {Record<string, () => HTMLElement>} contents what the drawers hold
   * @param {number} at the frame that is shown
   */
  constructor(root, state, page, acts, run, contents, at = 0) {
    const { site } = state;
    document.title = `${site.text[lang()].title} · ${t("brand")}`;
    this.root = root;
    this.state = state;
    this.page = page;
    const film = {
      ...run,
      count: () => state.board?.frames.length ?? 1,
      /** @type {(i: number) => Label} */
      name: (i) => state.board?.frames[i]?.name,
      show: (i) => this.show(i),
      pace: () => state.pace,
      heard: () => this.announce(),
    };
    this.player = new Player(film, at);
    this.drawers = new Drawers(state, contents, acts.toggle);
    this.sidebar = new Sidebar(state, acts, this.drawers.element);
    this.stage = new Stage(this.player, this.drawers.tabs, acts);
    const held = hold(root);
    root.replaceChildren(
      header(site, { ...acts, themed: () => this.resize() }),
      // Gradio's own main is around it
      el("div", { class: "lesson" }, this.sidebar.element, this.stage.element),
    );
    if (state.board) this.draw();
    held();
  }

  /** Show what belongs to a new board: the run's buttons, the controls, the open drawer. */
  draw() {
    this.player.acts(this.state.board?.live?.acts.slice(1) || []);
    this.sidebar.drawControls();
    this.drawers.draw();
  }

  /** Stop what moves: another layout takes this one's place. */
  close() {
    this.player.pause();
    this.stage.close();
    this.sidebar.close();
  }

  /**
   * Show one frame.
   * @param {number} at
   */
  show(at) {
    const { board } = this.state;
    const frame = this.state.frame(at);
    if (!board || !frame) return;
    this.stage.show(frame, board, this.page);
    clearTimeout(noting);
    noting = setTimeout(() => link.write({ step: at || null }), NOTED);
  }

  /** Show the frame anew, in the room there is. */
  resize() {
    this.stage.refit();
    this.show(this.player.at);
  }

  /**
   * Say why an input was refused; the board before it stays.
   * @param {Reason} reason
   */
  refuse(reason) {
    this.sidebar.refuse(sentence(reason, this.state.site));
    this.stage.stale(true);
    if (passes(reason)) this.stage.halted(t("not_had"));
    this.sidebar.drawControls();
    this.show(this.player.at);
  }

  /**
   * Say what was the matter; what is shown is what was asked for.
   * @param {Reason} reason
   */
  say(reason) {
    this.sidebar.refuse(sentence(reason, this.state.site));
  }

  /** Show that the inputs are those of the board. */
  settle() {
    this.sidebar.refuse(null);
    this.stage.stale(false);
    this.stage.halted(null);
  }

  /** Say what a step or a change led to. */
  announce() {
    announce(this.stage.heard);
  }
}
