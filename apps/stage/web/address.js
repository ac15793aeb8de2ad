// What the address bar tells of a lesson: where it is, its inputs, what was done to its run.

/** @import { Run } from "./live.js" */
/** @import { State } from "./state.js" */

import * as link from "./link.js";
import { lang } from "./words.js";

const LONGEST = 3000; // characters of a run that an address holds

/**
 * Write a lesson's state into the address bar.
 * @param {State} state
 * @param {Run | null} run
 */
export async function tell(state, run) {
  const { at } = state;
  const told = run?.told ?? null;
  const changes = state.changes(told && run ? run.log.inputs : undefined);
  const inputs = Object.keys(changes).length ? await link.pack(changes) : null;
  const acts = told && (await link.pack(told));
  const fits = acts && acts.length <= LONGEST;
  if (state.at !== at) return; // another scene was entered meanwhile
  link.write({ scene: at + 1, lang: lang(), in: inputs, run: fits ? acts : null });
}
