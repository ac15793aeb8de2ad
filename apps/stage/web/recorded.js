// A page without a server: what was written beforehand answers, and the rest says where it can be
// had.

/** @import { Functions, Inputs, Site } from "./contract.js" */

import { same } from "./dom.js";

const MIMES = {
  json: "application/json",
  csv: "text/csv",
  svg: "image/svg+xml",
  png: "image/png",
  ipynb: "application/x-ipynb+json",
};
const MISSING = '{"error":{"rule":"recorded","parts":{}}}';

/**
 * Return a preset as changes leave it; an input that is null is gone.
 * @param {Inputs} preset
 * @param {Inputs} changes
 */
function changed(preset, changes) {
  const whole = Object.entries({ ...preset, ...changes }).filter(([, value]) => value !== null);
  return whole.sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * Return the scene, from 0, and the place of the board that an ask is about, or null.
 * @param {Site} site
 * @param {{ view: string, inputs: Inputs }} ask
 */
function find({ scenes, recorded = [] }, { view, inputs }) {
  const asked = changed(inputs, {});
  for (const [scene, { boards }] of recorded.entries()) {
    if (scenes[scene].view !== view) continue;
    const at = boards.findIndex((one) => same(changed(scenes[scene].inputs, one), asked));
    if (at >= 0) return { scene, at };
  }
  return null;
}

/**
 * Return an SVG as a PNG of twice its size.
 * @param {Blob} blob
 * @returns {Promise<Blob>}
 */
async function pixels(blob) {
  const url = URL.createObjectURL(blob);
  const image = new Image();
  image.src = url;
  await image.decode();
  URL.revokeObjectURL(url);
  const canvas = document.createElement("canvas");
  canvas.width = 2 * image.width;
  canvas.height = 2 * image.height;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob((made) => done(/** @type {Blob} */ (made))));
}

/**
 * Return a file's bytes in base64.
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
const inBase64 = (blob) =>
  new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).split(",")[1]);
    reader.readAsDataURL(blob);
  });

/**
 * Return what a lesson's page asks its server for, answered from files.
 * @param {Site} site
 * @returns {Functions}
 */
export function recorded(site) {
  const got = async (scene, name) => {
    const answer = await fetch(new URL(`${site.here}/${scene + 1}/${name}`, document.baseURI));
    if (!answer.ok) throw new Error(answer.statusText);
    return answer;
  };
  const board = async (ask) => {
    const place = find(site, ask);
    return place ? (await got(place.scene, `${place.at}.json`)).text() : MISSING;
  };
  const code = async (ask) => {
    const scene = site.scenes.findIndex(({ view }) => view === ask.view);
    return (await got(scene, "code.json")).text();
  };
  const take = async (ask) => {
    const { kind, lang } = ask;
    const place = find(site, ask);
    if (place?.at !== 0 || !(kind in MIMES)) return MISSING;
    const written = await (
      await got(place.scene, `${lang}.${kind === "png" ? "svg" : kind}`)
    ).blob();
    const type = MIMES[kind === "png" ? "svg" : kind];
    const file = new Blob([written], { type });
    const data = await inBase64(kind === "png" ? await pixels(file) : file);
    const name = `${site.here}-${ask.view}.${kind}`;
    return JSON.stringify({ ok: { name, mime: MIMES[kind], data } });
  };
  return { board, code, take, live: async () => MISSING };
}
