// The reader's language: every label is looked up here, so that switching it asks no server.

const state = { lang: "ko", tables: [] };

export const lang = () => state.lang;

export function speak(language, ...tables) {
  state.lang = language;
  state.tables = tables;
  document.documentElement.lang = language;
}

const find = (key) => {
  for (const table of state.tables) {
    let at = table[state.lang];
    for (const name of key.split(".")) at = at && Object.hasOwn(at, name) ? at[name] : undefined;
    if (at !== undefined) return at;
  }
  throw new Error(`no words for ${key}`);
};

export const filled = (template, parts) =>
  template.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(parts, name) ? String(say(parts[name])) : whole));

/** Return a label in the reader's language: text as it is, {k, ...parts} looked up and filled. */
export function say(label) {
  if (label === null || label === undefined) return "";
  if (Array.isArray(label)) return label.map(say).join(" ");
  if (typeof label !== "object") return String(label);
  return filled(find(label.k), label);
}

export const t = (key, parts = {}) => say({ k: key, ...parts });

export const list = (key) => find(key);
