// Pictures of shades, and the plane of codes: a decoded grid under the pointer, blended here from one sprite.

import { el, svg } from "./dom.js";
import { say, t } from "./words.js";
import { shown } from "./numbers.js";

const colour = (role) => `var(--${role || "ink"})`;
const CLASSES = ["#0072b2", "#d55e00", "#009e73", "#b5418f", "#8a6d00", "#2f9fd8", "#7a4fbf", "#7f3b08", "#5b6770", "#c2185b"];

/** Return a role's colour as [r, g, b] in the theme of now. */
export function rgb(role) {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${role}`).trim().slice(1);
  const six = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex;
  return [0, 2, 4].map((i) => parseInt(six.slice(i, i + 2), 16));
}

/** Paint shades 0 … 255 as that much of a colour. */
function paint(canvas, shades, role, most = 1) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const [r, g, b] = rgb(role);
  for (let i = 0; i < shades.length; i++) image.data.set([r, g, b, shades[i] * most], 4 * i);
  context.putImageData(image, 0, 0);
}

/** Return a picture of shades. */
export function grey(widget) {
  const { rows, cols, size } = widget;
  const name = say(widget.label);
  const canvas = el("canvas", { width: cols, height: rows, class: "shades", style: `width:${size}px;height:${Math.round((size * rows) / cols)}px`, role: "img", "aria-label": name || t("picture_of", { rows, cols }) });
  paint(canvas, Uint8Array.from(atob(widget.shades), (c) => c.charCodeAt(0)), widget.role);
  return el("figure", null, name ? el("figcaption", { text: name }) : null, canvas);
}

const known = new Map(); // a sprite's address -> its shades

/** Call `then` with a sprite's shades, at once if they were read before. */
function read(sprite, then) {
  if (known.has(sprite)) return then(known.get(sprite));
  const image = new Image();
  image.onload = () => {
    const canvas = el("canvas", { width: image.width, height: image.height });
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const shades = context.getImageData(0, 0, image.width, image.height).data.filter((_, i) => i % 4 === 0);
    if (known.size > 24) known.clear();
    known.set(sprite, shades);
    then(shades);
  };
  image.src = sprite;
}

/** Return where a coordinate lies among rising or falling nodes, as an index with its fraction. */
function index(nodes, v) {
  const up = nodes.at(-1) > nodes[0] ? 1 : -1;
  let k = 0;
  while (k < nodes.length - 2 && (nodes[k + 1] - v) * up <= 0) k++;
  return k + (v - nodes[k]) / (nodes[k + 1] - nodes[k]);
}

/** Return the coordinate at an index with its fraction. */
function value(nodes, at) {
  const k = Math.min(nodes.length - 2, Math.max(0, Math.floor(at)));
  return nodes[k] + (at - k) * (nodes[k + 1] - nodes[k]);
}

/** Return the picture at a place between tiles, bilinear in the index. */
function blend(shades, columns, tile, row, column, rows) {
  const i = Math.min(rows - 2, Math.max(0, Math.floor(row)));
  const j = Math.min(columns - 2, Math.max(0, Math.floor(column)));
  const [a, b] = [row - i, column - j];
  const out = new Uint8ClampedArray(tile * tile);
  const width = columns * tile;
  for (let y = 0; y < tile; y++)
    for (let x = 0; x < tile; x++) {
      const at = (i * tile + y) * width + j * tile + x;
      const below = at + tile * width;
      out[y * tile + x] = (1 - a) * ((1 - b) * shades[at] + b * shades[at + tile]) + a * ((1 - b) * shades[below] + b * shades[below + tile]);
    }
  return out;
}

/** Return a plane of codes; the pointer or the arrow keys move z, and the picture follows without a request. */
export function plane(widget, page) {
  const { xs, ys, size, tile, start } = widget;
  const sprite = page.parts[widget.sprite]?.url ?? widget.sprite;
  const [columns, rows] = [xs.length, ys.length];
  const inside = (v, n) => Math.min(n - 1, Math.max(0, v));
  const X = (v) => ((Math.min(columns - 0.6, Math.max(-0.4, index(xs, v))) + 0.5) / columns) * size;
  const Y = (v) => ((Math.min(rows - 0.6, Math.max(-0.4, index(ys, v))) + 0.5) / rows) * size;
  const back = el("canvas", { width: columns * tile, height: rows * tile, style: `width:${size}px;height:${size}px` });
  const name = say(widget.label);
  const around = Array.from({ length: 49 }, (_, k) => (k / 24) * Math.PI);
  const cross = svg("g", { class: "cross", visibility: start ? null : "hidden" }, svg("circle", { r: 9 }), svg("path", { d: "M-15 0H-5M5 0H15M0-15V-5M0 5V15" }));
  const over = svg(
    "svg",
    { width: size, height: size, viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true" },
    widget.cloud ? svg("image", { href: widget.cloud, width: size, height: size }) : null,
    widget.path.length ? svg("path", { class: "way", d: `M${widget.path.map(([x, y]) => `${X(x).toFixed(1)} ${Y(y).toFixed(1)}`).join("L")}` }) : null,
    widget.points.map(([x, y, c]) => svg("text", { class: "code-point", x: X(x), y: Y(y) + 5, style: `--c:${CLASSES[c]}`, text: c })),
    widget.ellipses.map(([x, y, a, b]) => svg("path", { class: "ellipse", d: `M${around.map((p) => `${X(x + a * Math.cos(p)).toFixed(1)} ${Y(y + b * Math.sin(p)).toFixed(1)}`).join("L")}Z` })),
    widget.marks.map((m) => [
      svg("circle", { class: m.on ? "mark on" : "mark", style: `--c:${colour(m.role)}`, cx: X(m.x), cy: Y(m.y), r: m.on ? 7 : 4 }),
      m.label ? svg("text", { class: "marked", style: `--c:${colour(m.role)}`, x: X(m.x) + (X(m.x) > size - 60 ? -10 : 10), "text-anchor": X(m.x) > size - 60 ? "end" : "start", y: Y(m.y) + (Y(m.y) < 22 ? 18 : -8), text: say(m.label) }) : null,
    ]),
    cross,
  );
  const field = el("div", { class: "field", style: `width:${size}px;height:${size}px` }, back, over);
  let shades = null;
  const figure = el("figure", { class: "plane" }, name ? el("figcaption", { text: name }) : null);
  if (!start || page.still) {
    field.setAttribute("role", "img");
    field.setAttribute("aria-label", name || t("plane_named", { name: "" }));
    read(sprite, (found) => paint(back, found, "made", 0.62));
    figure.append(field);
    return figure;
  }

  const at = [inside(index(xs, start[0]), columns), inside(index(ys, start[1]), rows)];
  const seen = el("canvas", { width: tile, height: tile, class: "shades", style: "width:112px;height:112px", role: "img", "aria-label": t("under_pointer") });
  const told = el("output", { class: "z" });
  const show = () => {
    const z = [value(xs, at[0]), value(ys, at[1])];
    told.replaceChildren(...z.map((v, i) => el("span", { text: `z${"₁₂"[i]} = ${shown(v, 2)}` })));
    cross.setAttribute("transform", `translate(${((at[0] + 0.5) / columns) * size} ${((at[1] + 0.5) / rows) * size})`);
    if (shades) paint(seen, blend(shades, columns, tile, at[1], at[0], rows), "made");
  };
  const move = (x, y) => {
    at[0] = inside(x, columns);
    at[1] = inside(y, rows);
    show();
  };
  field.tabIndex = 0;
  field.setAttribute("role", "application");
  field.setAttribute("aria-label", t("plane_of", { name }));
  field.dataset.key = `plane.${widget.key}`;
  const follow = (event) => {
    const box = field.getBoundingClientRect();
    move(((event.clientX - box.left) / box.width) * columns - 0.5, ((event.clientY - box.top) / box.height) * rows - 0.5);
  };
  field.addEventListener("pointerdown", follow);
  field.addEventListener("pointermove", follow);
  field.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-0.25, 0], ArrowRight: [0.25, 0], ArrowUp: [0, -0.25], ArrowDown: [0, 0.25] }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    move(at[0] + step[0], at[1] + step[1]);
  });
  read(sprite, (found) => {
    shades = found;
    paint(back, found, "made", 0.62);
    show();
  });
  show();
  figure.append(el("div", { class: "beside" }, field, el("div", { class: "under" }, el("span", { text: t("under_pointer") }), seen, told)));
  return figure;
}
