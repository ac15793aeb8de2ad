// Widgets that are pictures: pixel grids, curves, bars, networks.

import { el, rich, svg } from "./dom.js";
import { say, t } from "./words.js";
import { shown } from "./numbers.js";
import { announce } from "./voice.js";

const colour = (role) => `var(--${role || "ink"})`;

/** Return a grid of cells; an editable one is painted with the pointer, or by arrow keys and Space. */
export function cells(widget, page) {
  const { bits, rows, cols, size } = widget;
  const on = [...bits].filter((b) => b === "1").length;
  const style = `--c:${colour(widget.role)};--s:${size}px;--g:${size > 14 ? 3 : size > 7 ? 2 : size > 3 ? 1 : 0}px;grid-template-columns:repeat(${cols},var(--s))`;
  const name = say(widget.label);
  const flipped = [widget.flip].flat();
  const shade = (i) => (widget.levels ? `background:color-mix(in srgb, var(--c) ${Math.round(50 * (widget.levels[i] + 1))}%, var(--cell))` : null);
  const boxes = [...bits].map((b, i) => el("i", { class: `${b === "1" ? "on" : ""}${flipped.includes(i) ? " flip" : ""}`, style: shade(i) }));
  const grid = el("div", { class: "cells", style, role: "img", "aria-label": t("grid_of", { name, rows, cols, on }) }, boxes);
  const figure = el("figure", null, name ? el("figcaption", null, rich(name)) : null, grid);
  if (!widget.edit || page.still) return figure;

  const state = [...bits];
  const key = `${widget.edit}.${widget.at.join(".")}`;
  const places = (page.places ??= {});
  let at = Math.min(places[key] ?? 0, bits.length - 1);
  let brush = null;
  const put = (i, value) => {
    state[i] = value;
    boxes[i].classList.toggle("on", value === "1");
  };
  const wide = widget.brush || 1;
  const stroke = (i) => {
    for (let dy = 0; dy < wide; dy++)
      for (let dx = 0; dx < wide; dx++) if ((i % cols) + dx < cols && i + dy * cols + dx < state.length) put(i + dy * cols + dx, brush);
  };
  const done = () => page.paint(widget.edit, widget.at, state.join(""));
  const mark = () => {
    boxes.forEach((box, i) => box.classList.toggle("at", i === at));
    announce(t("cell_at", { row: Math.floor(at / cols) + 1, col: (at % cols) + 1, value: t(state[at] === "1" ? "on" : "off") }));
  };
  grid.classList.add("draw");
  grid.tabIndex = 0;
  grid.setAttribute("role", "application");
  grid.setAttribute("aria-label", `${grid.getAttribute("aria-label")}. ${t("cell_keys")}`);
  grid.dataset.key = key;
  grid.addEventListener("focus", () => grid.matches(":focus-visible") && mark());
  grid.addEventListener("blur", () => boxes.forEach((box) => box.classList.remove("at")));
  grid.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -cols, ArrowDown: cols }[event.key];
    if (step && at + step >= 0 && at + step < rows * cols) at += step;
    else if (event.key === " " || event.key === "Enter") put(at, state[at] === "1" ? "0" : "1");
    else return;
    event.preventDefault();
    event.stopPropagation();
    places[key] = at;
    mark();
    if (!step) done();
  });
  const hit = (event) => {
    const box = document.elementFromPoint(event.clientX, event.clientY);
    return boxes.indexOf(box);
  };
  grid.addEventListener("pointerdown", (event) => {
    const i = hit(event);
    if (i < 0) return;
    brush = state[i] === "1" ? "0" : "1";
    page.painting = true;
    at = places[key] = i;
    stroke(i);
    grid.setPointerCapture(event.pointerId);
  });
  grid.addEventListener("pointermove", (event) => {
    const i = brush === null ? -1 : hit(event);
    if (i >= 0) stroke(i);
  });
  const lift = () => {
    page.painting = false;
    if (brush !== null) done();
    brush = null;
  };
  grid.addEventListener("pointerup", lift);
  grid.addEventListener("pointercancel", lift);
  grid.addEventListener("lostpointercapture", lift);
  return figure;
}

/** Return round tick values that cover [low, high]. */
function ticks(low, high, count) {
  const rough = (high - low) / count || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * unit).find((s) => s >= rough);
  const out = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step) out.push(Math.abs(v) < step * 1e-9 ? 0 : Number(v.toPrecision(12)));
  return out;
}

const plain = (v) => String(Number(v.toPrecision(6))).replace("-", "\u2212");
const POWERS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const power = (e) => `10${[...String(e)].map((c) => POWERS[c]).join("")}`;

const DASHES = ["", "7 4", "2 3", "9 3 2 3"];

const SIDES = { right: [15, 5, "start"], left: [-15, 5, "end"], above: [0, -17, "middle"], below: [0, 27, "middle"] };

/** Return a disc with its name, filled as far round as its share; ringed if it is on. */
function spot({ label, role, share, on, side }, x, y) {
  const [dx, dy, anchor] = SIDES[side || "right"];
  const turn = 2 * Math.PI * Math.min(share ?? 1, 0.9999);
  const wedge = `M${x} ${y}V${y - 9}A9 9 0 ${turn > Math.PI ? 1 : 0} 1 ${x + 9 * Math.sin(turn)} ${y - 9 * Math.cos(turn)}Z`;
  return svg("g", { class: "spot", style: `--c:${colour(role)}` },
    svg("circle", { cx: x, cy: y, r: 9 }),
    svg("path", { d: wedge }),
    on ? svg("circle", { class: "halo", cx: x, cy: y, r: 13 }) : null,
    svg("text", { x: x + dx, y: y + dy, "text-anchor": anchor, text: say(label) }));
}

/** Return curves on axes; each is told by its dash and its name at its end, not by colour alone. */
export function chart(widget) {
  const { width: w, height: h, log, xlog } = widget;
  const left = 58, right = 14, top = 12, bottom = 40;
  const map = (v) => (log ? Math.log10(v) : v);
  const good = (v) => v !== null && v !== undefined && (!log || v > 0);
  const curves = widget.series.map((s) => ({ ...s, x: s.x || s.y.map((_, i) => i) }));
  const across = (v) => (xlog ? Math.log10(v) : v);
  const xs = (widget.range || curves.flatMap((s) => s.x.filter((v, i) => good(s.y[i])))).map(across);
  const ys = curves.flatMap((s) => [...s.y, ...(s.band ? s.band.flat() : [])]).filter(good).map(map);
  for (const rule of widget.rules) if ("y" in rule) ys.push(map(rule.y));
  if (widget.low !== null) ys.push(map(widget.low));
  if (widget.high !== null) ys.push(map(widget.high));
  let [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  let [y0, y1] = [Math.min(...ys), Math.max(...ys)];
  if (!Number.isFinite(x0)) [x0, x1] = [0, 1];
  if (!Number.isFinite(y0)) [y0, y1] = [0, 1];
  if (x0 === x1) x1 = x0 + 1;
  if (log) [y0, y1] = [Math.floor(y0), Math.max(Math.ceil(y1), Math.floor(y0) + 1)];
  else if (y0 === y1) [y0, y1] = [y0 - 0.5, y1 + 0.5];
  else {
    const air = (y1 - y0) * 0.06;
    if (widget.low === null || y0 < widget.low) y0 -= air;
    if (widget.high === null || y1 > widget.high) y1 += air;
  }
  const X = (v) => left + ((across(v) - x0) / (x1 - x0)) * (w - left - right);
  const Y = (v) => h - bottom - ((v - y0) / (y1 - y0)) * (h - top - bottom);
  const yTicks = log ? ticks(y0, y1, Math.min(6, y1 - y0)).filter(Number.isInteger) : ticks(y0, y1, 5);
  const xTicks = xlog ? ticks(x0, x1, Math.min(6, x1 - x0)).filter(Number.isInteger).map((e) => 10 ** e) : ticks(x0, x1, Math.min(8, w / 60));
  const grid = [
    yTicks.map((v) => [
      svg("line", { x1: left, x2: w - right, y1: Y(v), y2: Y(v), class: "grid" }),
      svg("text", { x: left - 8, y: Y(v) + 4.5, "text-anchor": "end", class: "tick", text: log ? power(v) : plain(v) }),
    ]),
    xTicks.map((v) => svg("text", { x: X(v), y: h - bottom + 19, "text-anchor": "middle", class: "tick", text: xlog && v >= 1e4 ? power(Math.round(Math.log10(v))) : plain(v) })),
    svg("path", { d: `M${left} ${top}V${h - bottom}H${w - right}`, class: "axis" }),
    svg("text", { x: w - right, y: h - 4, "text-anchor": "end", class: "name", text: say(widget.xlabel) }),
  ];
  const rules = widget.rules.map((rule) =>
    "y" in rule
      ? [svg("line", { x1: left, x2: w - right, y1: Y(map(rule.y)), y2: Y(map(rule.y)), class: "rule" }), svg("text", { x: w - right - 4, y: Y(map(rule.y)) - 5, "text-anchor": "end", class: "tick", text: say(rule.label) })]
      : [svg("line", { x1: X(rule.x), x2: X(rule.x), y1: top, y2: h - bottom, class: "rule" }), svg("text", { x: X(rule.x) + 5, y: top + 12, class: "tick", text: say(rule.label) })],
  );
  const drawn = curves.map((s, k) => {
    const points = s.x.map((x, i) => (good(s.y[i]) ? [X(x), Y(map(s.y[i]))] : null));
    let pen = "M";
    let d = "";
    for (const p of points) {
      if (p) d += `${pen}${p[0].toFixed(1)} ${p[1].toFixed(1)}`;
      pen = p ? "L" : "M";
    }
    const band = s.band && s.band[0].length
      ? svg("path", { class: "band", style: `--c:${colour(s.role)}`, d: `M${s.x.map((x, i) => `${X(x)} ${Y(map(s.band[1][i]))}`).join("L")}L${s.x.map((x, i) => `${X(x)} ${Y(map(s.band[0][i]))}`).reverse().join("L")}Z` })
      : null;
    const dots = points.length <= 40 ? points.filter(Boolean).map(([x, y]) => svg("circle", { cx: x, cy: y, r: 2.6, style: `--c:${colour(s.role)}`, class: "dot" })) : [];
    const now = widget.cursor === null ? -1 : s.x.indexOf(widget.cursor);
    const here = points[now] ? svg("circle", { cx: points[now][0], cy: points[now][1], r: 7, style: `--c:${colour(s.role)}`, class: "dot" }) : null;
    return [band, svg("path", { d, class: "curve", style: `--c:${colour(s.role)}`, "stroke-dasharray": DASHES[k % 4] }), dots, here];
  });
  const spots = (widget.spots || []).map((one) => spot(one, X(one.x), Y(map(one.y))));
  const named = curves.filter((s) => say(s.name));
  const legend = named.length > 1 || (named.length === 1 && curves.length > 1)
    ? el("ul", { class: "legend", style: `max-width:${w}px;margin-inline:auto` }, curves.map((s, k) => (say(s.name) ? el("li", { style: `--c:${colour(s.role)}` }, svg("svg", { width: 26, height: 10, "aria-hidden": "true" }, svg("line", { x1: 0, x2: 26, y1: 5, y2: 5, "stroke-dasharray": DASHES[k % 4] })), say(s.name)) : null)))
    : null;
  const label = say(widget.label);
  const ends = (s) => { const known = s.y.filter(good); return known.length ? [...new Set([known[0], known.at(-1)].map((v) => shown(v, 3)))].join(" → ") : ""; };
  const told = `${[label, say(widget.ylabel), say(widget.xlabel)].filter(Boolean).join(", ")}: ${(widget.spots?.length ? named : curves).map((s) => `${say(s.name)} ${ends(s)}`.trim()).join(", ")}${(widget.spots || []).map((one) => `; ${say(one.label)} ${shown(one.x, 3)}, ${shown(one.y, 3)}`).join("")}`;
  const ylabel = say(widget.ylabel);
  return el("figure", { class: "chart" }, label ? el("figcaption", null, rich(label)) : null, legend, ylabel ? el("div", { class: "ylabel", text: ylabel }) : null, svg("svg", { width: w, height: h, viewBox: `0 0 ${w} ${h}`, role: "img", "aria-label": told }, grid, rules, drawn, spots));
}

/** Return horizontal bars from zero, each with its number. */
export function bars(widget, page) {
  const { low, high } = widget;
  const hidden = page.hidden(widget.key);
  const place = (v) => ((Math.min(high, Math.max(low, v)) - low) / (high - low)) * 100;
  return el(
    "figure",
    { class: "bars" },
    el("figcaption", null, rich(say(widget.label))),
    el(
      "ul",
      null,
      widget.items.map((item) => {
        const [a, b] = [place(0), place(hidden ? 0 : item.v)].sort((p, q) => p - q);
        return el(
          "li",
          null,
          item.cells ? cells({ label: "", flip: null, edit: null, role: "ink", ...item.cells }, page) : el("span", { text: say(item.label) }),
          el("span", { class: "track" }, el("i", { style: `left:${a}%;width:${b - a}%;background:${colour(item.role)}` }), el("u", { style: `left:${place(0)}%` })),
          el("b", { class: "num", text: hidden ? "?" : shown(item.v, widget.digits) }),
        );
      }),
    ),
  );
}

/** Return a network unrolled: boxes with their numbers, arrows between them. */
export function net(widget, page) {
  const unit = 1;
  const [w, h] = [widget.width * unit, widget.height * unit];
  const at = Object.fromEntries(widget.nodes.map((n) => [n.id, n]));
  const half = (n) => [(n.w || 64) / 2, (n.h || 40) / 2];
  const arrows = widget.links.map((link) => {
    const [a, b] = [at[link.from], at[link.to]];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const reach = (n) => {
      const [p, q] = half(n);
      return Math.min(dx ? p / Math.abs(dx) : Infinity, dy ? q / Math.abs(dy) : Infinity);
    };
    const [s, e] = [reach(a), 1 - reach(b)];
    const [x1, y1, x2, y2] = [a.x + dx * s, a.y + dy * s, a.x + dx * e, a.y + dy * e];
    const long = Math.hypot(x2 - x1, y2 - y1) || 1;
    const [ux, uy] = [(x2 - x1) / long, (y2 - y1) / long];
    const tip = `M${x2} ${y2}L${x2 - 9 * ux - 4.5 * uy} ${y2 - 9 * uy + 4.5 * ux}L${x2 - 9 * ux + 4.5 * uy} ${y2 - 9 * uy - 4.5 * ux}Z`;
    const [mx, my] = [(x1 + x2) / 2, (y1 + y2) / 2];
    return svg(
      "g",
      { class: `link ${link.state || ""}`, style: `--c:${colour(link.role || "ink-2")}` },
      svg("line", { x1, y1, x2: x2 - 7 * ux, y2: y2 - 7 * uy, "stroke-width": link.thick || 2 }),
      svg("path", { d: tip }),
      link.state === "cut" ? svg("path", { class: "cross", d: `M${mx - 7} ${my - 7}L${mx + 7} ${my + 7}M${mx + 7} ${my - 7}L${mx - 7} ${my + 7}` }) : null,
      link.label ? svg("text", { x: mx + (Math.abs(uy) > 0.5 ? 6 : 0), y: my - (Math.abs(uy) > 0.5 ? -4 : 7), "text-anchor": Math.abs(uy) > 0.5 ? "start" : "middle", text: say(link.label) }) : null,
    );
  });
  const boxes = widget.nodes.map((n) => {
    const [p, q] = half(n);
    const values = (n.values || []).map((v) => (page.hidden(n.key) ? "?" : shown(v, n.places ?? 2)));
    return svg(
      "g",
      { class: `node ${n.state || ""}`, style: `--c:${colour(n.role)}` },
      n.role === "none" ? null : svg("rect", { x: n.x - p, y: n.y - q, width: 2 * p, height: 2 * q, rx: 9 }),
      svg("text", { x: n.x, y: n.y + (values.length ? -q + 17 : 5), "text-anchor": "middle", class: "id", text: say(n.label) }),
      n.state === "later" ? [] : values.map((v, i) => svg("text", { x: n.x, y: n.y - q + 35 + i * 16, "text-anchor": "middle", class: "num", text: v })),
    );
  });
  const name = say(widget.label);
  return el("figure", { class: "net" }, name ? el("figcaption", null, rich(name)) : null, svg("svg", { width: w, height: h, style: `--w:${w}px`, viewBox: `0 0 ${w} ${h}`, role: "img", "aria-label": `${name || t("network")}: ${widget.nodes.filter((n) => n.state !== "later").map((n) => `${say(n.label)} ${(n.values || []).map((v) => (page.hidden(n.key) ? "?" : shown(v, n.places ?? 2))).join(" ")}`).join("; ").slice(0, 600)}` }, arrows, boxes));
}
