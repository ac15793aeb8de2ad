// How a run came about: the acts that led to its frames, so that a link can tell them and another
// page do them again.

/** @import { Frame, Inputs } from "./contract.js" */

import { same } from "./dom.js";

const MOST = 600; // acts that a link may tell

/**
 * Acts of one kind under the same inputs: what was done, how often, what changed in the inputs
 * before it (null: it is gone), and the step that it led to, where a run counts its steps.
 * @typedef {[act: string, count: number, changes: Inputs, x: number | null]} Acts
 */

/**
 * What a link tells of a run: the opening's frame, from 0, that it went on from, and what was done.
 * @typedef {{ from: number, acts: Acts[] }} Told
 */

export class RunLog {
  /**
   * @param {Frame[]} opening
   * @param {Inputs} inputs of the opening
   */
  constructor(opening, inputs) {
    this.inputs = inputs;
    this.from = opening.length - 1;
    /** @type {{ act: string, inputs: Inputs, x: number | null }[]} */
    this.acts = [];
    /** @type {WeakMap<Frame, { from: number, done: number }>} */
    this.places = new WeakMap(opening.map((frame, from) => [frame, { from, done: 0 }]));
  }

  /**
   * Note what led from one frame to another; what was done after the first is given up.
   * @param {Frame} before
   * @param {Frame} after
   * @param {string} act
   * @param {Inputs} inputs
   */
  note(before, after, act, inputs) {
    const { from, done } = this.places.get(before) ?? { from: this.from, done: this.acts.length };
    this.from = from;
    this.acts.length = done;
    this.acts.push({ act, inputs, x: after.values?.x ?? null });
    this.places.set(after, { from, done: done + 1 });
  }

  /**
   * Return what a link tells, or null where there is nothing to tell.
   * @returns {Told | null}
   */
  get told() {
    /** @type {Acts[]} */
    const rows = [];
    let before = this.inputs;
    for (const { act, inputs, x } of this.acts) {
      const changes = inputs === before ? {} : differences(before, inputs);
      const last = rows.at(-1);
      before = inputs;
      if (last?.[0] === act && act !== "show" && !Object.keys(changes).length)
        rows.splice(-1, 1, [act, last[1] + 1, last[2], x]);
      else rows.push([act, 1, changes, x]);
    }
    return rows.length && this.acts.length <= MOST ? { from: this.from, acts: rows } : null;
  }
}

/**
 * Return what changed from some inputs to others; one that is gone is null.
 * @param {Inputs} before
 * @param {Inputs} after
 * @returns {Inputs}
 */
const differences = (before, after) =>
  Object.fromEntries(
    [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((name) => !same(before[name], after[name]))
      .map((name) => [name, after[name] ?? null]),
  );

/**
 * Return inputs as changes leave them.
 * @param {Inputs} inputs
 * @param {Inputs} changes
 * @returns {Inputs}
 */
export const changed = (inputs, changes) =>
  Object.fromEntries(Object.entries({ ...inputs, ...changes }).filter(([, v]) => v !== null));

/**
 * Return what a link tells of a run if it has that form and the run can do it, else null.
 * @param {any} told
 * @param {number} frames of the opening
 * @param {string[]} acts that the run can do
 * @param {(changes: Inputs) => Inputs} named by the names that inputs have now
 * @returns {Told | null}
 */
export function readTold(told, frames, acts, named) {
  const whole = (v, low, high) => Number.isInteger(v) && v >= low && v <= high;
  const plain = (v) => v !== null && typeof v === "object" && !Array.isArray(v);
  const row = (one) => {
    if (!Array.isArray(one)) return [];
    const [act, count, changes, x] = one;
    const known = act === "show" || acts.includes(act);
    if (!known || !whole(count, 1, MOST) || !plain(changes)) return [];
    return x === null || Number.isFinite(x) ? [[act, count, named(changes), x]] : [];
  };
  if (!whole(told?.from, 0, frames - 1) || !Array.isArray(told.acts)) return null;
  const rows = /** @type {Acts[]} */ (told.acts.flatMap(row));
  const count = rows.reduce((sum, [, n]) => sum + n, 0);
  return rows.length === told.acts.length && count <= MOST ? { from: told.from, acts: rows } : null;
}
