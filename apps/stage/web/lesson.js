// A lesson: what happens when a person does something.

/** @import { Functions, Inputs, Site } from "./contract.js" */

import { Boards } from "./boards.js";
import { contents } from "./contents.js";
import {
  controlsShown,
  firstMode,
  firstTheme,
  present,
  presenting,
  showControls,
} from "./header.js";
import { listen } from "./keys.js";
import * as link from "./link.js";
import { narrow } from "./look.js";
import { passes, Server } from "./server.js";
import { sheet } from "./sheet.js";
import { State } from "./state.js";
import { View } from "./view.js";
import { announce } from "./voice.js";
import { widgetsPage } from "./widgets_page.js";
import { firstLanguage, lang, speak, t, tables } from "./words.js";

class Lesson {
  /**
   * @param {HTMLElement} root
   * @param {Site} site
   * @param {Functions} functions
   * @param {number} scene from 0
   * @param {Inputs} changes to the scene's preset
   */
  constructor(root, site, functions, scene, changes) {
    this.root = root;
    this.site = site;
    this.state = new State(site);
    this.state.enter(scene);
    Object.assign(this.state.draft, changes);
    this.server = new Server(functions, site);
    this.boards = new Boards(this.state, this.server, () => this.view);
    this.page = widgetsPage(this.state, this.boards, {
      change: (name, value) => this.change(name, value),
      player: () => this.view.player,
    });
    this.view = this.layout(0);
    this.listen();
  }

  /**
   * Return the page laid out anew.
   * @param {number} at the frame that is shown
   */
  layout(at) {
    return new View(
      this.root,
      this.state,
      this.page,
      {
        go: (scene) => this.go(scene),
        onward: () => this.onward(),
        change: (name, value) => this.change(name, value),
        reset: () => this.reset(),
        toggle: (name, byKey) => this.toggle(name, byKey),
        stop: () => this.boards.stop(),
        again: () => this.boards.again(),
        language: (other) => this.language(other),
        presented: () => this.presented(),
        controls: () => this.controls(),
        tries: () => this.tries(),
      },
      {
        grows: () => Boolean(this.boards.run),
        grow: () => this.boards.run?.more(),
        act: (name) => (name === "again" ? this.boards.run?.again() : this.boards.run?.act(name)),
      },
      contents(this.state, this.server, {
        at: () => this.view.player.at,
        run: () => this.boards.run,
        change: (name, value) => this.change(name, value),
        reveal: () => this.reveal(),
      }),
      at,
    );
  }

  /** Lay the page out anew, in another language or size; return how its transport stood. */
  render() {
    const { at, slow, timer } = this.view.player;
    this.view.close();
    this.boards.painting = false;
    this.view = this.layout(at);
    return { at, slow, playing: Boolean(timer) };
  }

  listen() {
    listen({
      onward: () => this.onward(),
      back: () => this.go(this.state.at - 1),
      present: () => this.presented(),
      controls: () => this.controls(),
      tries: () => this.tries(),
      play: () => this.view.player.toggle(),
      before: () => this.view.player.go(this.view.player.at - 1, true),
      next: () => this.view.player.next(),
      escape: (target) => {
        if (this.view.drawers.holds(target)) this.shut();
        else if (presenting()) this.presented();
        else target.blur?.();
      },
      game: (key) => {
        const { run } = this.boards;
        const name = run?.board.live?.keys?.[key];
        return run && name ? () => run.act(name) : undefined;
      },
    });
    addEventListener("popstate", () => this.visited());
    addEventListener("online", () => {
      if (passes(this.state.refused)) this.boards.again();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && this.boards.run) this.view.player.pause(); // nobody looks: no training
    });
  }

  // ---- what a person does

  /**
   * Change a control.
   * @param {string} name
   * @param {any} value
   */
  change(name, value) {
    const { state, boards, view } = this;
    const spec = this.site.controls[name];
    if (state.choose(name, value)) {
      boards.remember();
      view.sidebar.drawControls();
      view.resize();
      view.announce();
      return;
    }
    boards.askAgain(spec.restarts);
    if (spec.kind === "action") delete state.draft[name]; // it is asked for once
  }

  /** Go back to the scene's preset. */
  reset() {
    this.state.reset();
    this.boards.ask();
  }

  /**
   * Go to another scene.
   * @param {number} scene from 0
   */
  go(scene) {
    if (scene < 0 || scene >= this.site.scenes.length) return;
    link.leave();
    link.write({ scene: scene + 1, step: null, in: null, run: null });
    this.enter(scene, {});
  }

  /** Show what the address says: a person went back or forward among the scenes visited. */
  async visited() {
    const { changes, run } = await link.sent(this.site.renamed);
    this.enter(link.scene(this.site.scenes.length), changes, link.step(), run);
  }

  /**
   * Enter a scene.
   * @param {number} scene from 0
   * @param {Inputs} changes to its preset
   * @param {number} [step] the frame to show
   * @param {any} [run] what a link tells of one
   */
  enter(scene, changes, step, run) {
    this.view.player.pause();
    this.state.enter(scene);
    Object.assign(this.state.draft, changes);
    this.boards.begin(run);
    this.page.places = {};
    this.render();
    const place = t("scene_of", { n: scene + 1, of: this.site.scenes.length });
    announce(`${place}. ${this.root.querySelector("h1")?.textContent}`);
    this.boards.ask(step);
  }

  /** Show the answer first, then the next scene. */
  onward() {
    const { state, view } = this;
    if (state.told) return this.go(state.at + 1);
    const held = view.sidebar.answer.contains(document.activeElement);
    state.told = true;
    const told = view.sidebar.drawAnswer();
    if (held) told?.focus();
    else announce(told?.textContent || "");
  }

  /**
   * Show the page in another language, its picture and transport as they stood.
   * @param {string} other
   */
  language(other) {
    speak(other, ...tables(this.site));
    link.write({ lang: other });
    const { at, slow, playing } = this.render();
    const { player } = this.view;
    if (slow) player.slower();
    player.go(at);
    if (playing) player.toggle();
    if (this.state.refused) this.view.refuse(this.state.refused);
  }

  /** Present to an audience, or no longer. */
  presented() {
    present(!presenting());
    this.renderFrame();
  }

  /** Show the controls to an audience, or no longer. */
  controls() {
    if (!presenting()) return;
    showControls(!controlsShown());
    this.renderFrame();
  }

  /** Lay the page out anew with the frame that is shown. */
  renderFrame() {
    const { at } = this.render();
    this.view.player.go(at);
  }

  /** Set what the answer says to try, or take it back. */
  tries() {
    const { state, view, boards } = this;
    if (!state.told || !state.scene.tries) return;
    const restarts = state.tries();
    view.sidebar.drawAnswer();
    boards.askAgain(restarts);
  }

  /**
   * Open or shut a drawer; a keyboard goes along into it, and Escape comes back.
   * @param {string} name
   * @param {boolean} [byKey]
   */
  toggle(name, byKey) {
    const { state, view } = this;
    if (!state.board) return;
    state.open = state.open === name ? null : name;
    state.revealed = false;
    view.stage.refit();
    view.drawers.draw();
    const exercise = state.board.turn;
    if (state.open === "turn" && exercise?.frame !== undefined)
      view.player.go(exercise.frame, true);
    else view.show(view.player.at);
    if (state.open && narrow()) view.drawers.reveal();
    if (state.open && byKey) view.drawers.element.focus();
  }

  /** Show the values that the exercise asks for. */
  reveal() {
    this.state.revealed = true;
    this.view.show(this.view.player.at);
  }

  /** Shut the open drawer. */
  shut() {
    const { open } = this.state;
    if (!open) return;
    this.toggle(open);
    this.view.drawers.tab(open).focus();
  }
}

/**
 * Draw a lesson into the page's one component, as the address says.
 * @param {HTMLElement} root
 * @param {Site} site
 * @param {Functions} server
 */
export async function mount(root, site, server) {
  const page = /** @type {HTMLElement} */ (root.querySelector(".page"));
  firstTheme();
  speak(firstLanguage(link.read("lang") || site.lang), ...tables(site));
  const { changes, rule, run } = await link.sent(site.renamed);
  firstMode(site.present);
  const lesson = new Lesson(page, site, server, link.scene(site.scenes.length), changes);
  const { boards, state } = lesson;
  boards.told = run;
  await boards.ask(link.step());
  if (rule) boards.view().say({ rule, parts: {} });
  else await boards.withoutLink();
  const kind = link.read("sheet");
  if (kind && state.board) sheet(page, state.board, state.words, site.text[lang()].title, kind);
  page.removeAttribute("aria-busy");
  document.fonts.ready.then(() => lesson.view.resize());
}
