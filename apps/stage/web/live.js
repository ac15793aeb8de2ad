// A run that goes on while it is watched: each frame carries the state to go on from, the server keeps none.

import { copy } from "./dom.js";
import { settled } from "./field.js";

const MOST = 600; // frames kept; then every second of the older ones goes
const AT_ONCE = 40; // frames in an animation that is taken away

/** The run of the board that `page` shows. */
export class Run {
  constructor(page) {
    this.page = page;
    this.board = page.board;
    this.flight = null;
  }

  get frames() {
    return this.board.frames;
  }

  /** Ask for one frame; of several wishes at once each waits for the one before. Null: the page has gone on to something else. */
  async ask(at, act, inputs) {
    const { page } = this;
    const before = this.flight;
    const mine = (async () => {
      await before?.catch(() => null);
      if (page.board !== this.board) return null;
      const { view } = page.site.scenes[page.scene];
      const frame = await page.call("live", { view, inputs, state: this.frames[at()].state, act });
      return page.board === this.board ? frame : null;
    })();
    this.flight = mine;
    try {
      return await mine;
    } catch (error) {
      if (!error.reason) throw error;
      if (page.board === this.board) page.refuse(error.reason);
      return null;
    }
  }

  keep(frame) {
    this.frames.push(frame);
    if (this.frames.length > MOST) this.board.frames = this.frames.filter((_, i) => i % 2 === 0 || i > MOST / 2);
  }

  /** Go on from the last frame; whether there is a new one. */
  async more() {
    const frame = await this.ask(() => this.frames.length - 1, this.board.live.acts[0], copy(this.page.inputs));
    if (frame) this.keep(frame);
    return Boolean(frame);
  }

  /** Go on from the frame that is shown; what came after it is given up. */
  async act(name) {
    const { player } = this.page;
    player.pause();
    const at = player.at;
    const frame = await this.ask(() => Math.min(at, this.frames.length - 1), name, copy(this.page.inputs));
    if (!frame) return;
    this.frames.length = at + 1;
    this.keep(frame);
    player.go(this.frames.length - 1);
  }

  /** Take changed inputs up at the frame that is shown; it and what came after are given up. */
  async adapt() {
    const { page } = this;
    const draft = copy(page.draft);
    this.wish = draft;
    const at = () => Math.min(page.player.at, this.frames.length - 1);
    const frame = await this.ask(at, "show", draft);
    if (!frame || this.wish !== draft) return;
    const here = at();
    this.frames.length = here + 1;
    this.frames[here] = frame;
    page.adapted(draft);
  }

  /** Back to the first frame, under the inputs of now. */
  again() {
    this.page.player.pause();
    this.frames.length = 1;
    this.page.player.go(0);
    return this.adapt();
  }

  /** What is taken away: the frames as they are shown, for the server has none. */
  taken(kind) {
    const { at } = this.page.player;
    if (kind === "csv" || kind === "json") return { history: this.frames.slice(0, at + 1).map((one) => one.values), step: 0 };
    const last = this.frames.length - 1;
    const count = Math.min(AT_ONCE, last + 1);
    const which = kind === "gif" ? Array.from({ length: count }, (_, k) => Math.round((k * last) / Math.max(1, count - 1))) : [at];
    return { run: which.map((i) => ({ view: settled(this.frames[i].view, this.frames.slice(0, i + 1)) })), step: 0 };
  }
}
