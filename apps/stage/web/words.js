// The reader's language: every label is looked up here, so that switching it asks no server.

/** @import { Label, Site } from "./contract.js" */

/** @type {{ lang: string, tables: Record<string, any>[] }} */
const state = { lang: "ko", tables: [] };

export const lang = () => state.lang;

/**
 * Speak a language; words are looked up in the tables one after the other.
 * @param {string} language
 * @param {...Record<string, any>} tables words by language
 */
export function speak(language, ...tables) {
  state.lang = language;
  state.tables = tables;
  document.documentElement.lang = language;
}

/**
 * Return where words are looked up, one after the other.
 * @param {Site} site
 */
export function tables({ text, stage, errors }) {
  const own = Object.entries(text).map(([language, words]) => [language, words.words]);
  return [Object.fromEntries(own), text, stage, errors];
}

/**
 * Return the language to begin with: asked for, the server's, or the browser's.
 * @param {string | null | undefined} asked
 */
export const firstLanguage = (asked) =>
  (asked || (navigator.language.startsWith("ko") ? "ko" : "en")) === "ko" ? "ko" : "en";

/** @param {string} key */
const find = (key) => {
  for (const table of state.tables) {
    let at = table[state.lang];
    for (const name of key.split(".")) at = at && Object.hasOwn(at, name) ? at[name] : undefined;
    if (at !== undefined) return at;
  }
  throw new Error(`no words for ${key}`);
};

const ON_SCREEN = / \[\[(.*?)\]\]/g; // what a label says of pressing: no word of a worksheet's

/**
 * Fill a sentence's {places}.
 * @param {string} template
 * @param {Record<string, any>} parts
 */
export const filled = (template, parts) =>
  template.replace(/\{(\w+)\}/g, (whole, name) =>
    Object.hasOwn(parts, name) ? String(say(parts[name])) : whole,
  );

/**
 * Return a label in the reader's language: text as it is, {k, ...parts} looked up and filled.
 * @param {Label} label
 * @returns {string}
 */
export function say(label) {
  if (label === null || label === undefined) return "";
  if (Array.isArray(label)) return label.map(say).join(" ");
  if (typeof label !== "object") return String(label);
  const hint = document.documentElement.dataset.sheet === undefined ? " ($1)" : "";
  return filled(String(find(label.k)).replace(ON_SCREEN, hint), label);
}

/**
 * Return a word of the page.
 * @param {string} key
 * @param {Record<string, any>} [parts]
 */
export const t = (key, parts = {}) => say({ k: key, ...parts });

/**
 * Return a table of words.
 * @param {string} key
 */
export const list = (key) => find(key);
