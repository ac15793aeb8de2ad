// What the widgets of a lesson may ask of its page.

/** @import { Boards } from "./boards.js" */
/** @import { Page } from "./contract.js" */
/** @import { Player } from "./player.js" */
/** @import { State } from "./state.js" */

/**
 * Return what widgets may ask.
 * @param {State} state
 * @param {Boards} boards
 * @param {{ change: (name: string, value: any) => void, player: () => Player }} lesson
 * @returns {Page}
 */
export const widgetsPage = (state, boards, { change, player }) => ({
  still: false,
  places: {},
  get parts() {
    return state.board?.parts || {};
  },
  get past() {
    return state.board?.frames.slice(0, player().at + 1) || [];
  },
  hidden: (key) => state.hidden(key),
  pending: (name, path) => state.typed[name]?.[path.join(".")],
  edit: (name, path, text) => boards.edit(name, path, text),
  paint: (name, path, drawn) => boards.paint(name, path, drawn),
  painting: (on) => boards.paints(on),
  change,
  pick: (name, value, frame) => boards.pick(name, value, frame),
  go: (frame) => player().go(frame, true),
  act: (name) => boards.run?.act(name),
});
