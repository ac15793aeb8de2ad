// What the address bar tells of a lesson: where it is, its inputs, what was done to its run.

/** @import { Run } from "./live.js" */
/** @import { State } from "./state.js" */

import * as link from "./link.js";
import { lang } from "./words.js";

const NOTED = 400; // milliseconds without another act until the address tells what was done
const LONGEST = 3000; // characters of a run that an address holds

export class Address {
  /**
   * @param {State} state
   * @param {() => Run | null} run the one that is on
   */
  constructor(state, run) {
    this.state = state;
    this.run = run;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.noting = undefined;
  }

  /** Write once nothing is done for a while: browsers count how often a page writes. */
  note() {
    clearTimeout(this.noting);
    this.noting = setTimeout(() => this.tell(), NOTED);
  }

  /** Write the lesson's state into the address bar. */
  async tell() {
    const { state } = this;
    const { at } = state;
    const run = this.run();
    const told = run?.told ?? null;
    const changes = state.changes(told && run ? run.log.inputs : undefined);
    const inputs = Object.keys(changes).length ? await link.pack(changes) : null;
    const acts = told && (await link.pack(told));
    if (state.at !== at) return; // another scene was entered meanwhile
    const fits = acts && acts.length <= LONGEST;
    link.write({ scene: at + 1, lang: lang(), in: inputs, run: fits ? acts : null });
  }
}
