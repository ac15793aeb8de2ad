// The plane of codes: a decoded grid, and the picture of the node under the pointer, from one sprite.
// Nothing is blended: between two nodes the decoder's picture is not a mixture of theirs.

/** @import { Codes, Page } from "../contract.js" */

import { arrow, clamp, drawing, el, keep, svg } from "../dom.js";
import { LOOK, tinted } from "../look.js";
import { shown } from "../numbers.js";
import { say, t } from "../words.js";
import { paint, sheet, sized } from "./shades.js";

const MOST = 24; // sprites that are kept
const STEP = 1; // tiles that an arrow key moves
const OVER = 0.4; // of a tile: how far beyond the outermost nodes a mark may stand

/** @type {Map<string, Uint8ClampedArray>} */
const known = new Map(); // a sprite's address -> its shades

/**
 * Call `then` with a sprite's shades, at once if they were read before.
 * @param {string} sprite
 * @param {(shades: Uint8ClampedArray) => void} then
 */
function read(sprite, then) {
  const before = known.get(sprite);
  if (before) return then(before);
  const image = new Image();
  image.onload = () => {
    const { pen } = sheet(image.width, image.height);
    pen.drawImage(image, 0, 0);
    const all = pen.getImageData(0, 0, image.width, image.height).data;
    const shades = all.filter((_, i) => i % 4 === 0);
    if (known.size > MOST) known.clear();
    known.set(sprite, shades);
    then(shades);
  };
  image.src = sprite;
}

/**
 * Return where a coordinate lies among rising or falling nodes, as an index with its fraction.
 * @param {number[]} nodes
 * @param {number} v
 */
function index(nodes, v) {
  const up = nodes[nodes.length - 1] > nodes[0] ? 1 : -1;
  let k = 0;
  while (k < nodes.length - 2 && (nodes[k + 1] - v) * up <= 0) k++;
  return k + (v - nodes[k]) / (nodes[k + 1] - nodes[k]);
}

/**
 * Return the picture of a node.
 * @param {Uint8ClampedArray} shades of the whole sprite
 * @param {{ columns: number, tile: number }} grid
 * @param {number} column index
 * @param {number} row
 */
function picture(shades, { columns, tile }, column, row) {
  const out = new Uint8ClampedArray(tile * tile);
  const width = columns * tile;
  for (let y = 0; y < tile; y++) {
    const at = (row * tile + y) * width + column * tile;
    out.set(shades.subarray(at, at + tile), y * tile);
  }
  return out;
}

/**
 * Return a plane of codes; the pointer or the arrow keys move z, and the picture follows without a
 * request.
 * @param {Codes} widget
 * @param {Page} page
 */
export function codes(widget, page) {
  const { xs, ys, size, tile, start } = widget;
  const sprite = page.parts[widget.sprite]?.url ?? widget.sprite;
  const grid = { columns: xs.length, rows: ys.length, tile };
  const { canvas, pen } = sheet(grid.columns * tile, grid.rows * tile, { style: sized(size) });
  const back = (shades) => paint(pen, shades, "made", LOOK.codes.share.back);
  const name = say(widget.label);
  const cross = pointer(Boolean(start));
  const field = el("div", { class: "field", style: sized(size) }, canvas, over(widget, cross));
  const caption = name ? el("figcaption", { text: name }) : null;
  if (!start || page.still) {
    field.setAttribute("role", "img");
    field.setAttribute("aria-label", name || t("plane_named", { name: "" }));
    read(sprite, back);
    return el("figure", { class: "plane" }, caption, field);
  }
  const under = below(widget, grid, cross);
  const at = [index(xs, start[0]), index(ys, start[1])];
  const move = (x, y) => {
    at[0] = clamp(0, Math.round(x), grid.columns - 1);
    at[1] = clamp(0, Math.round(y), grid.rows - 1);
    under.show(at[0], at[1]);
  };
  field.tabIndex = 0;
  field.setAttribute("role", "application");
  field.setAttribute("aria-label", t("plane_of", { name }));
  field.dataset.key = `plane.${widget.key}`;
  const follow = (event) => {
    const box = field.getBoundingClientRect();
    move(
      ((event.clientX - box.left) / box.width) * grid.columns - 0.5,
      ((event.clientY - box.top) / box.height) * grid.rows - 0.5,
    );
  };
  field.addEventListener("pointerdown", follow);
  field.addEventListener("pointermove", follow);
  field.addEventListener("keydown", (event) => {
    const way = arrow(event);
    if (!way) return;
    keep(event);
    move(at[0] + STEP * way[0], at[1] + STEP * way[1]);
  });
  read(sprite, (found) => {
    back(found);
    under.read(found);
    move(at[0], at[1]);
  });
  move(at[0], at[1]);
  return el(
    "figure",
    { class: "plane" },
    caption,
    el("div", { class: "beside" }, field, under.element),
  );
}

/**
 * Return the pointer's cross.
 * @param {boolean} visible
 */
function pointer(visible) {
  const { radius, inner, outer } = LOOK.codes.cross;
  return svg(
    "g",
    { class: "cross", visibility: visible ? null : "hidden" },
    svg("circle", { r: radius }),
    svg("path", {
      d: `M-${outer} 0H-${inner}M${inner} 0H${outer}M0-${outer}V-${inner}M0 ${inner}V${outer}`,
    }),
  );
}

/**
 * Return what lies over the decoded grid: cloud, path, digits, ellipses, marks, the pointer.
 * @param {Codes} widget
 * @param {SVGElement} cross
 */
function over(widget, cross) {
  const { xs, ys, size, cloud, path, points, ellipses, marks } = widget;
  const place = (nodes, v) =>
    ((clamp(-OVER, index(nodes, v), nodes.length - 1 + OVER) + 0.5) / nodes.length) * size;
  const X = (v) => place(xs, v);
  const Y = (v) => place(ys, v);
  const corner = (x, y) => `${X(x).toFixed(1)} ${Y(y).toFixed(1)}`;
  const around = Array.from({ length: 49 }, (_, k) => (k / 24) * Math.PI);
  return drawing(
    size,
    size,
    { "aria-hidden": "true" },
    cloud ? svg("image", { href: cloud, width: size, height: size }) : null,
    path.length
      ? svg("path", { class: "way", d: `M${path.map(([x, y]) => corner(x, y)).join("L")}` })
      : null,
    points.map(([x, y, c]) =>
      svg("text", {
        class: "code-point",
        x: X(x),
        y: Y(y) + LOOK.codes.point.size / 3,
        style: `--c:${LOOK.classes[c]}`,
        text: c,
      }),
    ),
    ellipses.map(([x, y, a, b]) =>
      svg("path", {
        class: "ellipse",
        d: `M${around.map((p) => corner(x + a * Math.cos(p), y + b * Math.sin(p))).join("L")}Z`,
      }),
    ),
    marks.map((m) => mark(m, X(m.x), Y(m.y), size)),
    cross,
  );
}

/**
 * Return a mark with its name, which stays inside of the plane.
 * @param {Codes["marks"][number]} one
 * @param {number} x
 * @param {number} y
 * @param {number} size
 */
function mark({ label, role, on }, x, y, size) {
  const { radius, on: large, beside, above, below, near } = LOOK.codes.mark;
  const style = tinted(role);
  const left = x > size - near.right;
  const name = {
    class: "marked",
    style,
    x: x + (left ? -beside : beside),
    "text-anchor": left ? "end" : "start",
    y: y + (y < near.top ? below : -above),
    text: say(label),
  };
  return [
    svg("circle", {
      class: on ? "mark on" : "mark",
      style,
      cx: x,
      cy: y,
      r: on ? large : radius,
    }),
    label ? svg("text", name) : null,
  ];
}

/**
 * Return what shows the picture under the pointer, and the code.
 * @param {Codes} widget
 * @param {{ columns: number, rows: number, tile: number }} grid
 * @param {SVGElement} cross
 */
function below({ xs, ys, size, tile }, grid, cross) {
  /** @type {Uint8ClampedArray | null} */
  let shades = null;
  const { canvas, pen } = sheet(tile, tile, {
    class: "shades",
    style: sized(LOOK.codes.under.size),
    role: "img",
    "aria-label": t("under_pointer"),
  });
  const told = el("output", { class: "z" });
  const element = el(
    "div",
    { class: "under" },
    el("span", { text: t("under_pointer") }),
    canvas,
    told,
  );
  const show = (x, y) => {
    const z = [xs[x], ys[y]];
    told.replaceChildren(...z.map((v, i) => el("span", { text: `z${"₁₂"[i]} = ${shown(v, 2)}` })));
    const [left, top] = [(x + 0.5) / grid.columns, (y + 0.5) / grid.rows];
    cross.setAttribute("transform", `translate(${left * size} ${top * size})`);
    if (shades) paint(pen, picture(shades, grid, x, y), "made");
  };
  const readSprite = (found) => {
    shades = found;
  };
  return { element, show, read: readSprite };
}
