// The address bar is the state: scene, language, step, and what differs from the scene's preset, packed.

const pipe = async (bytes, through) =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(through)).arrayBuffer());

const toText = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

export async function pack(changes) {
  const bytes = new TextEncoder().encode(JSON.stringify(changes));
  return toText(await pipe(bytes, new CompressionStream("deflate-raw")));
}

/** Return the packed changes, or null if the text is damaged. */
export async function unpack(text) {
  try {
    const bytes = await pipe(toBytes(text), new DecompressionStream("deflate-raw"));
    const changes = JSON.parse(new TextDecoder().decode(bytes));
    return changes && typeof changes === "object" && !Array.isArray(changes) ? changes : null;
  } catch {
    return null;
  }
}

/** Write the given parameters into the address bar; null removes one. */
export function write(parameters) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null || value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  history.replaceState(null, "", url);
}

export const read = (name) => new URL(location.href).searchParams.get(name);
