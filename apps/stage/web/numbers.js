// Numbers as a book prints them: a real minus, aligned at the point, a fixed count of decimals.

export const MINUS = "\u2212";

let decimals = 4;
export const digits = () => decimals;

/**
 * Show numbers to `n` decimals from now on; what is no count from 0 to 8, as out of a link, is left
 * for the server to refuse.
 * @param {any} n
 */
export function setDigits(n) {
  if (Number.isInteger(n) && n >= 0 && n <= 8) decimals = n;
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
 * Return a number to so many significant digits, without zeros at its end.
 * @param {number} value
 * @param {number} n
 */
export const significant = (value, n) =>
  String(Number(value.toPrecision(n)))
    .replaceAll("-", MINUS)
    .replace("+", "");

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

const MINUSES = /[\u2010-\u2015\u2212\ufe58\u207b]/g; // hyphens, dashes, minus signs
const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/; // as the pages print them

/**
 * Return the value of a plain number, one with a comma, or null.
 * @param {string} text
 */
function read(text) {
  const plain = THOUSANDS.test(text)
    ? text.replaceAll(",", "")
    : text.replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
  const value = PLAIN.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

/**
 * Return the number that a person typed: a decimal, 1,000, a fraction 2/3, 45 %, in letters of any
 * width and with any minus; or the text itself if it is none: the page then says so.
 * @param {string} text
 * @returns {number | string}
 */
export function typed(text) {
  const plain = text.normalize("NFKC").replace(MINUSES, "-").replace(/\s/g, "");
  const [upper, lower, ...more] = plain.replace(/%$/, "").split("/").map(read);
  if (upper === null || lower === null || lower === 0 || more.length) return text;
  return upper / (lower ?? 1) / (plain.endsWith("%") ? 100 : 1);
}
