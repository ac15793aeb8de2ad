// What the drawers hold, made when one is opened.

/** @import { Run } from "./live.js" */
/** @import { Server } from "./server.js" */
/** @import { State } from "./state.js" */

import { code } from "./code.js";
import { el } from "./dom.js";
import { fields } from "./sidebar.js";
import { take } from "./take.js";
import { turn } from "./turn.js";
import { tally } from "./widgets/score.js";
import { lang } from "./words.js";

const LIVE_PACE = 150; // milliseconds a frame of a run that is taken away

/**
 * What the drawers need of the lesson.
 * @typedef {object} Host
 * @property {() => number} at the frame that is shown
 * @property {() => Run | null} run the live run, if there is one
 * @property {(name: string, value: any) => void} change a control
 * @property {() => void} reveal what the exercise asks for
 */

/**
 * Return what makes a drawer's content, by its name.
 * @param {State} state
 * @param {Server} server
 * @param {Host} host
 * @returns {Record<string, () => HTMLElement>}
 */
export function contents(state, server, { at, run, change, reveal }) {
  /** What the server has not: a run's frames, or the score of a blind test. */
  const ours = (kind) => {
    const live = run();
    if (live) return live.taken(kind);
    const numbers = kind === "csv" || kind === "json";
    const asked = JSON.stringify(state.board?.frames[0].view).includes('"w":"quiz"');
    return asked && numbers && tally() ? { history: tally() } : {};
  };
  const file = (kind) =>
    server.call("take", {
      ...state.about,
      scene: state.at,
      step: at(),
      lang: lang(),
      decimals: state.inputs.decimals ?? 4,
      pace: run() ? LIVE_PACE : state.pace,
      kind,
      ...ours(kind),
    });
  return {
    settings: () => el("div", { class: "ctl" }, fields(state, state.further, change)),
    turn: () => turn(state.board?.turn, { reveal, sheet: sheetAddress, written: state.answers }),
    code: () => code(() => server.call("code", state.about)),
    take: () => take(file, (state.board?.frames.length ?? 1) > 1),
  };
}

/**
 * Return the address of a scene's worksheet.
 * @param {string} kind "blank" or "answers"
 */
function sheetAddress(kind) {
  const url = new URL(location.href);
  url.searchParams.set("sheet", kind);
  url.searchParams.delete("present");
  return url.href;
}
