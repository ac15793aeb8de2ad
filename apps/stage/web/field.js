// A piece of the plane with its layers, painted on one canvas; and the curves of a run up to the frame that is shown.

import { el, rich, svg } from "./dom.js";
import { say, t } from "./words.js";
import { shown } from "./numbers.js";
import { chart } from "./pictures.js";
import { rgb } from "./plane.js";
import { announce } from "./voice.js";

const SHARP = 2; // canvas pixels a pixel, so that a projector's zoom stays crisp
const colour = (role) => `var(--${role || "ink"})`;
const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;
const WARM = [213, 94, 0], COLD = [0, 114, 178];

const mix = (a, b, share) => a.map((v, i) => Math.round(v + (b[i] - v) * share));

/** Return a surface as a small canvas, one pixel an entry. */
function tile(layer) {
  const levels = Uint8Array.from(atob(layer.levels), (c) => c.charCodeAt(0));
  const canvas = el("canvas", { width: layer.cols, height: layer.rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(layer.cols, layer.rows);
  const [above, below] = [rgb(layer.above), layer.below ? rgb(layer.below) : null];
  levels.forEach((level, i) => {
    const share = below ? level / 127 - 1 : level / 254;
    const [r, g, b] = share < 0 ? below : above;
    image.data.set([r, g, b, Math.min(255, Math.abs(share) * 190)], 4 * i);
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

const RULED = 9; // pixels from one line to the next over what is below the middle

/** Rule the part of a surface that lies below its middle, so that it is told without colour. */
function rule(c, layer, w, h) {
  const levels = atob(layer.levels);
  c.strokeStyle = css(rgb("paper"));
  c.lineWidth = 1;
  c.beginPath();
  for (let y = RULED / 2; y < h; y += RULED) {
    const line = Math.floor((y / h) * layer.rows) * layer.cols;
    for (let j = 0; j < layer.cols; j++) {
      if (levels.charCodeAt(line + j) > 127 - 16) continue;
      c.moveTo((j / layer.cols) * w, y);
      c.lineTo(((j + 1) / layer.cols) * w, y);
    }
  }
  c.stroke();
}

const PATHS = {
  disc: (c, x, y, r) => c.arc(x, y, r, 0, 7),
  ring: (c, x, y, r) => c.arc(x, y, r, 0, 7),
  square: (c, x, y, r) => c.rect(x - r * 0.9, y - r * 0.9, 1.8 * r, 1.8 * r),
  cross: (c, x, y, r) => {
    c.moveTo(x - r, y - r);
    c.lineTo(x + r, y + r);
    c.moveTo(x + r, y - r);
    c.lineTo(x - r, y + r);
  },
};
const OPEN = ["ring", "cross"];

const LAYERS = {
  surface(c, layer, place, w, h) {
    c.imageSmoothingEnabled = true;
    c.drawImage(tile(layer), 0, 0, w, h);
    if (layer.below) rule(c, layer, w, h);
  },
  curves(c, layer, place) {
    c.strokeStyle = css(rgb(layer.role));
    c.lineWidth = layer.width;
    c.setLineDash(layer.dashed ? [6, 4] : []);
    c.globalAlpha = 0.75;
    c.beginPath();
    for (const line of layer.lines) {
      let pen = "moveTo";
      for (const [x, y] of line) {
        if (x === null || y === null) { pen = "moveTo"; continue; }
        c[pen](...place(x, y));
        pen = "lineTo";
      }
    }
    c.stroke();
    c.setLineDash([]);
    c.globalAlpha = 1;
  },
  arrows(c, layer, place) {
    c.strokeStyle = c.fillStyle = css(rgb(layer.role));
    c.lineWidth = 1.4;
    const stem = layer.dashed ? [3, 3] : [];
    layer.from.forEach((from, i) => {
      const to = layer.to[i];
      if ([...from, ...to].includes(null)) return;
      const [[x, y], [u, v]] = [place(...from), place(...to)];
      const long = Math.hypot(u - x, v - y);
      if (long < 1) return;
      const [a, b] = [(u - x) / long, (v - y) / long];
      const tip = Math.min(5, long);
      c.beginPath();
      c.moveTo(x, y);
      c.lineTo(u - a * tip * 0.8, v - b * tip * 0.8);
      c.setLineDash(stem);
      c.stroke();
      c.setLineDash([]);
      c.beginPath();
      c.moveTo(u, v);
      c.lineTo(u - a * tip - b * tip * 0.55, v - b * tip + a * tip * 0.55);
      c.lineTo(u - a * tip + b * tip * 0.55, v - b * tip - a * tip * 0.55);
      c.fill();
    });
  },
  dots(c, layer, place, w, h, page) {
    const at = typeof layer.at === "string" ? page.parts[layer.at].at : layer.at;
    const [ink, paper] = [rgb(layer.role), rgb("paper")];
    at.forEach(([x, y], i) => {
      if (x === null || y === null) return;
      const v = layer.values?.[i];
      const own = v === undefined || v === null ? ink : mix([150, 150, 150], v > 0 ? WARM : COLD, Math.min(1, Math.abs(v)));
      c.beginPath();
      PATHS[layer.shape](c, ...place(x, y), layer.radius);
      const [open, hollow] = [OPEN.includes(layer.shape), layer.shape === "square" || v < 0];
      c.lineWidth = open ? 1.8 : hollow ? 1.3 : 0.8;
      c.strokeStyle = css(open || hollow ? own : paper);
      c.fillStyle = css(hollow ? paper : own);
      c.globalAlpha = hollow ? 1 : 0.85;
      if (!open) c.fill();
      c.globalAlpha = 1;
      c.stroke();
    });
  },
};

function sign(layer) {
  const style = `--c:${colour(layer.role)}`;
  if (layer.layer !== "dots") return svg("svg", { width: 22, height: 12, style, "aria-hidden": "true" }, svg("line", { x1: 1, x2: 21, y1: 6, y2: 6, class: "curve", style: `stroke-width:${Math.max(1.2, layer.width ?? 2.5)}`, "stroke-dasharray": layer.dashed ? "4 3" : null }), layer.layer === "arrows" ? svg("path", { d: "M21 6l-7 -4v8z", class: "dot" }) : null);
  const shapes = {
    disc: svg("circle", { cx: 6, cy: 6, r: 4.2, class: "dot" }),
    ring: svg("circle", { cx: 6, cy: 6, r: 4, class: "curve" }),
    square: svg("rect", { x: 2, y: 2, width: 8, height: 8, class: "curve" }),
    cross: svg("path", { d: "M2 2l8 8M10 2l-8 8", class: "curve" }),
  };
  return svg("svg", { width: 12, height: 12, style, "aria-hidden": "true" }, shapes[layer.shape]);
}

/** Return a field; one that is edited takes points from the pointer, or from arrow keys and Space. */
export function field(widget, page) {
  const [x0, x1, y0, y1] = widget.bounds;
  const w = widget.size;
  const h = Math.round((w * (y1 - y0)) / (x1 - x0));
  const place = (x, y) => [((x - x0) / (x1 - x0)) * w, ((y1 - y) / (y1 - y0)) * h];
  const name = say(widget.label);
  const canvas = el("canvas", { width: w * SHARP, height: h * SHARP, style: `width:${w}px;height:${h}px`, class: "field-of-points", role: "img" });
  const named = widget.layers.filter((one) => say(one.name));
  const told = [name || t("points_of"), ...named.map((one) => say(one.name)), say(widget.note)].filter(Boolean).join(", ");
  canvas.setAttribute("aria-label", told);
  const paint = (extra = []) => {
    const c = canvas.getContext("2d");
    c.setTransform(SHARP, 0, 0, SHARP, 0, 0);
    c.clearRect(0, 0, w, h);
    for (const layer of [...widget.layers, ...extra]) LAYERS[layer.layer](c, layer, place, w, h, page);
  };
  const legend = named.length ? el("ul", { class: "legend" }, named.map((one) => el("li", null, sign(one), say(one.name)))) : null;
  const figure = el("figure", { class: "points" }, name ? el("figcaption", null, rich(name)) : null, canvas, legend);
  paint();
  if (!widget.edit || page.still) return figure;

  const drawn = widget.points.map((p) => [...p]);
  const mine = () => ({ layer: "dots", at: drawn, role: "real", shape: "disc", radius: 3 });
  const key = `${widget.edit}.${widget.key}`;
  const places = (page.places ??= {});
  let at = places[key] || [(x0 + x1) / 2, (y0 + y1) / 2];
  const cursor = () => ({ layer: "dots", at: [at], role: "ink", shape: "cross", radius: 6 });
  const put = (x, y) => {
    if (drawn.length < widget.most) drawn.push([Number(x.toFixed(3)), Number(y.toFixed(3))]);
  };
  const done = () => page.paint(widget.edit, [], drawn);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", `${told}. ${t("draw_points", { most: widget.most })}`);
  canvas.dataset.key = key;
  canvas.classList.add("draw");
  canvas.addEventListener("focus", () => canvas.matches(":focus-visible") && paint([mine(), cursor()]));
  canvas.addEventListener("blur", () => paint([mine()]));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (step) at = [Math.min(x1, Math.max(x0, at[0] + (step[0] * (x1 - x0)) / 40)), Math.min(y1, Math.max(y0, at[1] + (step[1] * (y1 - y0)) / 40))];
    else if (event.key === " " || event.key === "Enter") put(...at);
    else return;
    event.preventDefault();
    event.stopPropagation();
    paint([mine(), cursor()]);
    places[key] = at;
    announce(t("point_at", { x: shown(at[0], 2), y: shown(at[1], 2), n: drawn.length }));
    if (!step) done();
  });
  let last = null;
  const where = (event) => {
    const box = canvas.getBoundingClientRect();
    return [x0 + ((event.clientX - box.left) / box.width) * (x1 - x0), y1 - ((event.clientY - box.top) / box.height) * (y1 - y0)];
  };
  const add = (event) => {
    const p = where(event);
    if (last && Math.hypot(p[0] - last[0], p[1] - last[1]) < (x1 - x0) / 50) return;
    last = p;
    put(...p);
    paint([mine()]);
  };
  canvas.addEventListener("pointerdown", (event) => {
    page.painting = true;
    canvas.setPointerCapture(event.pointerId);
    add(event);
  });
  canvas.addEventListener("pointermove", (event) => last && add(event));
  const lift = () => {
    page.painting = false;
    if (last) done();
    last = null;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  return figure;
}

/** Return the chart of a run's curves from the values of its frames. */
export function filled(widget, frames) {
  const kept = frames.filter((one) => one.values);
  const series = widget.curves.map(({ key, name, role }) => ({
    name, role, band: null,
    x: kept.map((one) => one.values.x),
    y: kept.map((one) => one.values[key] ?? null),
  }));
  return { w: "chart", label: widget.label, series, xlabel: widget.xlabel, ylabel: "", log: widget.log, xlog: false, cursor: null, rules: widget.rules, low: widget.low, high: widget.high, range: null, width: widget.width, height: widget.height };
}

export const history = (widget, page) => chart(filled(widget, page.past), page);

/** Return a view with its histories filled in, as it is drawn elsewhere. */
export function settled(view, frames) {
  if (Array.isArray(view)) return view.map((one) => settled(one, frames));
  if (!view || typeof view !== "object") return view;
  if (view.w === "history") return filled(view, frames);
  return Object.fromEntries(Object.entries(view).map(([key, value]) => [key, settled(value, frames)]));
}
