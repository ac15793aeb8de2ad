// Numbers as a book prints them: a real minus, aligned at the point, a fixed count of decimals.

export const MINUS = "\u2212";

let decimals = 4;
export const digits = () => decimals;

/**
 * Show numbers to `n` decimals from now on.
 * @param {number} n
 */
export function setDigits(n) {
  decimals = n;
}

/**
 * Return a number to `places` decimals; whole numbers of a whole matrix may be shown bare.
 * @param {any} value
 * @param {number} places
 * @returns {string}
 */
export function shown(value, places = decimals) {
  if (value === null || value === undefined) return "—";
  // out of a link
  if (typeof value !== "number") return typeof value === "string" ? value : JSON.stringify(value);
  const small = value !== 0 && Math.abs(value) < 0.5 * 10 ** -places && places < 3;
  if (Math.abs(value) >= 1e6 || small) return tiny(value);
  const text = value.toFixed(places);
  return (Number(text) === 0 ? text.replaceAll("-", "") : text).replaceAll("-", MINUS);
}

/**
 * Return 2.2e−16 for a difference, 0 for none.
 * @param {number} value
 */
export const tiny = (value) =>
  value === 0 ? "0" : value.toExponential(1).replaceAll("-", MINUS).replace("+", "");

/**
 * Return how many decimals a given (typed) number carries, at most `most`.
 * @param {any} value
 */
export function carried(value, most = 8) {
  if (typeof value !== "number") return 0;
  for (let n = 0; n < most; n++) if (Math.abs(value - Number(value.toFixed(n))) < 1e-12) return n;
  return most;
}

/**
 * Return the number that a person typed, or the text itself if it is none; the server's sentence
 * then says so.
 * @param {string} text
 * @returns {number | string}
 */
export function typed(text) {
  const plain = text
    .trim()
    .replaceAll(MINUS, "-")
    .replace(/^\+/, "")
    .replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : text;
}
