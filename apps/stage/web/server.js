// Talking to the server: one call a question, JSON both ways, a refusal as an error with its
// reason.

/** @import { Board, Control, Functions, Inputs, Reason, Wait } from "./contract.js" */

import { filled, lang, t } from "./words.js";

// of this page, where others compute too
const TICKET = crypto.randomUUID?.() ?? String(Math.random());

const PASSING = ["unreachable", "turned_away", "fault"]; // may be gone at the next try

/**
 * Tell whether what was refused may be had at the next try.
 * @param {Reason | null} reason
 */
export const passes = (reason) =>
  Boolean(reason && (PASSING.includes(reason.rule) || reason.rule.startsWith("hub_")));

// Gradio's client keeps to itself how a request ended: its status, 0 where nobody answered.
let status = 0;
const usual = globalThis.fetch;
globalThis.fetch = async (input, options) => {
  const asked = String(input instanceof Request ? input.url : input).includes("/component_server");
  if (asked) status = 0;
  const answer = await usual(input, options);
  if (asked) status = answer.status;
  return answer;
};

/** Return the rule for a request that brought no answer. */
function unanswered() {
  if (status === 413) return "too_large";
  return status >= 400 ? "turned_away" : "unreachable";
}

/** An answer that says why an input was refused. */
export class Refused extends Error {
  /**
   * @param {Reason} reason
   * @param {string} sentence the reason in the reader's language
   */
  constructor(reason, sentence) {
    super(sentence);
    this.reason = reason;
  }
}

/**
 * Say why an input was refused, by the names that stand on the page and places counted from 1.
 * @param {Reason} reason
 * @param {{ controls: Record<string, Control>, errors: Record<string, any> }} site
 */
export function sentence({ rule, parts }, { controls, errors }) {
  const field = parts.field?.replace(/^params\./, "");
  const named = { ...parts };
  if (field !== undefined)
    named.field = Object.hasOwn(controls, field) ? `‘${t(`control.${field}`)}’` : field;
  if (parts.where) named.where = parts.where.replace(/\d+/g, (i) => String(Number(i) + 1));
  return filled(errors[lang()][rule], named);
}

export class Server {
  /**
   * @param {Functions} functions
   * @param {Parameters<typeof sentence>[1]} site
   */
  constructor(functions, site) {
    this.functions = functions;
    this.site = site;
  }

  /**
   * Ask one of the server's functions.
   * @param {"board" | "code" | "take" | "live"} name
   * @param {object} ask
   * @returns {Promise<any>}
   * @throws {Refused}
   */
  async call(name, ask) {
    /** @type {{ ok?: any, error?: Reason }} */
    let reply;
    try {
      reply = JSON.parse(await this.functions[name](ask));
    } catch {
      reply = { error: { rule: unanswered(), parts: {} } };
    }
    if (reply.error) throw new Refused(reply.error, sentence(reply.error, this.site));
    return reply.ok;
  }

  /**
   * Ask for a board, in its turn where others are computed before.
   * @param {{ view: string, inputs: Inputs }} about
   * @param {(place: Wait) => void} waits hears how long the line is
   * @param {() => boolean} wanted whether the page still waits for it
   * @returns {Promise<Board | null>} nothing once it is not wanted any more
   */
  async board(about, waits, wanted) {
    const ask = { ...about, ticket: TICKET };
    let board = await this.call("board", ask);
    while (board.wait && wanted()) {
      waits(board.wait);
      board = await this.call("board", ask);
    }
    return wanted() ? board : null;
  }
}
