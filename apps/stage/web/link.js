// The address bar is the state: scene, language, step, and what differs from the scene's preset,
// packed.

const PLAIN = "."; // before changes that are not compressed: no packed text begins so
const KEEP = ["lang", "present", "__theme"];

/**
 * @param {Uint8Array<ArrayBuffer>} packed
 * @param {CompressionStream | DecompressionStream} through
 */
const pipe = async (packed, through) =>
  new Uint8Array(
    await new Response(new Blob([packed]).stream().pipeThrough(through)).arrayBuffer(),
  );

/** @param {Uint8Array} packed */
const toText = (packed) =>
  btoa(String.fromCharCode(...packed))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

/** @param {string} text */
const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

/**
 * Return inputs as a short text for the address bar.
 * @param {object} changes
 */
export async function pack(changes) {
  const whole = new TextEncoder().encode(JSON.stringify(changes));
  if (!("CompressionStream" in globalThis)) return PLAIN + toText(whole); // Safari before 16.4
  return toText(await pipe(whole, new CompressionStream("deflate-raw")));
}

/**
 * Return the changes in a packed text; or none, and the rule that says why: it is damaged, or this
 * browser cannot read it.
 * @param {string} text
 * @returns {Promise<{ changes: Record<string, any>, rule: string | null }>}
 */
export async function unpack(text) {
  const plain = text.startsWith(PLAIN);
  if (!plain && !("DecompressionStream" in globalThis))
    return { changes: {}, rule: "link_browser" };
  try {
    const sent = toBytes(plain ? text.slice(PLAIN.length) : text);
    const whole = plain ? sent : await pipe(sent, new DecompressionStream("deflate-raw"));
    const changes = JSON.parse(new TextDecoder().decode(whole));
    if (changes && typeof changes === "object" && !Array.isArray(changes))
      return { changes, rule: null };
  } catch {
    return { changes: {}, rule: "link" };
  }
  return { changes: {}, rule: "link" };
}

/**
 * Return what the address changes of its scene's preset, by the names that inputs have now; or
 * none, and the rule that says why. And what it tells of a run, null where it tells nothing.
 * @param {Record<string, string>} renamed former name -> name
 */
export async function sent(renamed) {
  const [packed, run] = [read("in"), read("run")];
  const none = { changes: {}, rule: null };
  const { changes, rule } = packed === null ? none : await unpack(packed);
  const told = run === null ? null : await unpack(run);
  return { changes: current(changes, renamed), rule, run: told && (told.rule ?? told.changes) };
}

/**
 * Return a link's inputs by the names that they have now.
 * @param {Record<string, any>} changes
 * @param {Record<string, string>} renamed former name -> name
 */
export const current = (changes, renamed) =>
  Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [
      Object.hasOwn(renamed, name) ? renamed[name] : name,
      value,
    ]),
  );

/**
 * Write the given parameters into the address bar; null removes one.
 * @param {Record<string, string | number | null | undefined>} parameters
 */
export function write(parameters) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null || value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, String(value));
  }
  history.replaceState(null, "", url);
}

/** Keep the address as it is as a place to go back to; what is written next is another one. */
export const leave = () => history.pushState(null, "", location.href);

/** @param {string} name */
export const read = (name) => new URL(location.href).searchParams.get(name);

/**
 * Return the scene that the address names, from 0; the first where it names none of `count`.
 * @param {number} count
 */
export function scene(count) {
  const wanted = Number(read("scene"));
  return Number.isInteger(wanted) && wanted >= 1 && wanted <= count ? wanted - 1 : 0;
}

/** Return the frame that the address names, if it names one. */
export function step() {
  const wanted = Number(read("step") ?? NaN);
  return Number.isInteger(wanted) ? wanted : undefined;
}

/**
 * Return the address of another page of the hub that keeps language, theme and presenting.
 * @param {string} route
 * @param {number | null} [scene] one of its scenes, from 1
 */
export function page(route, scene = null) {
  const folder = "recorded" in document.documentElement.dataset ? "/" : ""; // a page is a folder
  const url = new URL(route ? route + folder : ".", document.baseURI);
  for (const name of KEEP) {
    const value = read(name);
    if (value !== null) url.searchParams.set(name, value);
  }
  if (scene) url.searchParams.set("scene", String(scene));
  return url.href;
}

/** Return the address of this page as it is now, without what makes it an embedded one. */
export function whole() {
  const url = new URL(location.href);
  url.searchParams.delete("embed");
  return url.href;
}

/** Return the HTML that shows this page's stage inside another page. */
export function embedding() {
  const url = new URL(location.href);
  url.searchParams.delete("present");
  url.searchParams.set("embed", "1");
  const quoted = (text) => `"${text.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"`;
  const size = 'width="960" height="540" style="border: 0" loading="lazy"';
  return `<iframe src=${quoted(url.href)} title=${quoted(document.title)} ${size}></iframe>`;
}
