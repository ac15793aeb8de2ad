// Tokens and what they pay attention to: lines between two rows, a labelled grid, a strip of text, small grids to pick.

import { el, rich, svg } from "./dom.js";
import { say, t } from "./words.js";
import { shown } from "./numbers.js";

const colour = (role) => `var(--${role || "ink"})`;
const HIGH = 26; // of a token's box
const FAINT = 0.02; // below it no line is drawn

/** Return about how wide a token is at `size` pixels a letter: Hangul and its like are square. */
const span = (text, size = 15) => [...text].reduce((w, c) => w + (c.codePointAt(0) > 0x2e7f ? size : 0.62 * size), 0);
const MANY = 24; // tokens in a row, beyond which they stand close
const room = (text, close) => (close ? Math.max(11, Math.ceil(span(text, 13)) + 3) : Math.max(HIGH - 4, Math.ceil(span(text)) + 10));

/** Return a token's letters around (x, y); a space is an open box. */
const letters = (text, x, y, size = 15) =>
  text === " "
    ? svg("path", { d: `M${x - 4} ${y}v4h8v-4`, class: "space" })
    : svg("text", { x, y: y + size / 3, "text-anchor": "middle", class: "token", style: `font-size:${size}px`, text: text === "\n" ? "¶" : text });

const rowsOf = (widget, page) => (typeof widget.weights === "string" ? page.parts[widget.weights].rows : widget.weights);

/** Say where a query looks most: its five largest weights. */
const told = (query, keys, row) =>
  `${named(query)} → ${row.map((w, j) => [w ?? 0, j]).sort((a, b) => b[0] - a[0]).slice(0, 5).filter(([w]) => w >= 0.005).map(([w, j]) => `${named(keys[j])} ${shown(w, 2)}`).join(" · ")}`;
const named = (text) => (text === " " ? t("space") : text === "\n" ? "¶" : `‘${text}’`);

/** Light up the same query and key in every figure of the group. */
function light(figure, group, query, key) {
  figure.lit(query, key);
  if (!group) return;
  for (const other of figure.closest(".fit")?.querySelectorAll("[data-group]") || []) if (other !== figure && other.dataset.group === group) other.lit(query, key);
}

/** Let pointer and arrow keys pick a query and a key of a figure. */
function picking(figure, target, widget, still, [n, m]) {
  if (still) return;
  let at = [widget.now ?? 0, null];
  target.setAttribute("tabindex", "0");
  target.setAttribute("role", "application");
  target.setAttribute("data-key", `looks.${widget.w}.${widget.group}`);
  const pick = (query, key) => light(figure, widget.group, query, key);
  target.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    if (widget.w === "ties") {
      // the rows lie one above the other: up and down change the row, left and right the token
      const upper = at[1] === null;
      if (move[0]) at = move[0] < 0 ? [at[0] ?? 0, null] : [null, at[1] ?? 0];
      else if (upper) at = [Math.min(n - 1, Math.max(0, at[0] + move[1])), null];
      else at = [null, Math.min(m - 1, Math.max(0, at[1] + move[1]))];
    } else at = [Math.min(n - 1, Math.max(0, (at[0] ?? 0) + move[0])), Math.min(m - 1, Math.max(0, (at[1] ?? 0) + move[1]))];
    pick(...at);
  });
  target.addEventListener("focus", () => target.matches(":focus-visible") && pick(...at));
  target.addEventListener("blur", () => pick(widget.now, null));
  target.addEventListener("pointerleave", () => pick(widget.now, null));
  return (query, key) => pick(...(at = [query, key]));
}

/** Return two rows of tokens and the lines between them. */
export function ties(widget, page) {
  const hidden = page.hidden(widget.key);
  const rows = rowsOf(widget, page).map((row) => (hidden ? row.map(() => 0) : row));
  const [queries, keys] = [widget.queries.map(say), widget.keys.map(say)];
  const close = Math.max(queries.length, keys.length) > MANY;
  const gap = close ? 1 : 4;
  const long = (texts) => texts.reduce((w, text) => w + room(text, close) + gap, -gap);
  const side = Math.max(...widget.names.map((name) => (say(name) ? span(say(name), 13) + 14 : 0)));
  const wide = Math.max(long(queries), long(keys), widget.width - side);
  const tall = Math.min(230, Math.max(104, wide * 0.28)) + 2 * HIGH;
  const places = (texts) => {
    const extra = Math.min((wide - long(texts)) / Math.max(1, texts.length), 40);
    let x = side + (wide - long(texts) - extra * (texts.length - 1)) / 2;
    return texts.map((text) => {
      const w = room(text, close);
      const at = { x: x + w / 2, w };
      x += w + gap + extra;
      return at;
    });
  };
  const [up, down] = [places(queries), places(keys)];
  const low = tall - HIGH;
  const lines = rows.map((row, i) =>
    row.map((w, j) => {
      if (w === null || w < FAINT) return null;
      const [a, b, mid] = [up[i].x, down[j].x, (HIGH + low) / 2];
      return svg("path", { d: `M${a} ${HIGH}C${a} ${mid} ${b} ${mid} ${b} ${low}`, class: "tie", "stroke-width": 1 + 4 * w, opacity: Math.min(1, 0.12 + w) });
    }),
  );
  const box = (text, { x, w }, y, pick) =>
    svg("g", { class: "token-box", onpointerenter: pick }, svg("rect", { x: x - w / 2, y, width: w, height: HIGH, rx: close ? 3 : 6 }), letters(text, x, y + HIGH / 2, close ? 13 : 15));
  let pick = () => {};
  const tops = queries.map((text, i) => box(text, up[i], 0, () => pick(i, null)));
  const lows = keys.map((text, j) => box(text, down[j], low, () => pick(null, j)));
  const name = say(widget.label);
  const sides = widget.names.map((one, k) => (say(one) ? svg("text", { x: 0, y: k ? low + 18 : 18, class: "name", text: say(one) }) : null));
  const drawing = svg("svg", { width: side + wide, height: tall, viewBox: `0 0 ${side + wide} ${tall}`, role: "img", style: `--c:${colour(widget.role)}`, "aria-label": [name || t("weights"), ...widget.names.map(say)].filter(Boolean).join(", ") }, sides, lines, tops, lows);
  const read = el("output", { class: "read", "aria-live": "polite", text: "\u00a0" });
  const figure = el("figure", { class: "ties", "data-group": widget.group || null }, name ? el("figcaption", null, rich(name)) : null, drawing, page.still ? null : read);
  figure.lit = (query, key) => {
    const any = query !== null && query !== undefined ? "query" : key !== null && key !== undefined ? "key" : null;
    drawing.classList.toggle("picked", Boolean(any));
    rows.forEach((row, i) => row.forEach((_, j) => lines[i][j]?.classList.toggle("lit", any === "query" ? i === query : any === "key" ? j === key : false)));
    tops.forEach((g, i) => tint(g, any === "key" ? rows[i][key] : 0, i === query));
    lows.forEach((g, j) => tint(g, any === "query" ? rows[query][j] : 0, j === key));
    read.textContent = hidden ? "?" : any === "query" ? told(queries[query], keys, rows[query]) : any === "key" ? `${named(keys[key])} ← ${told("", queries, rows.map((row) => row[key])).split("→ ")[1]}` : "\u00a0";
  };
  pick = picking(figure, drawing, widget, page.still, [queries.length, keys.length]) || pick;
  figure.lit(widget.now, null);
  return figure;
}

function tint(group, weight, at) {
  group.classList.toggle("at", at);
  group.firstChild.style.fill = weight ? `color-mix(in srgb, var(--c) ${Math.round(100 * Math.min(1, weight))}%, var(--paper))` : "";
  group.classList.toggle("strong", weight > 0.55);
}

/** Return weights as a grid with its tokens along both sides. */
export function lookup(widget, page) {
  const rows = rowsOf(widget, page);
  const [queries, keys] = [widget.queries.map(say), widget.keys.map(say)];
  const c = widget.cell;
  const size = Math.min(15, Math.max(6, c * 0.72));
  const left = Math.max(...queries.map((q) => span(q, size))) + 10;
  const turned = Math.max(...keys.map((k) => span(k, size))) > c;
  const top = turned ? Math.max(...keys.map((k) => span(k, size))) + 8 : size + 9;
  const [w, h] = [left + c * keys.length + 1, top + c * queries.length + 1];
  const cells = rows.map((row, i) =>
    row.map((v, j) => {
      const [x, y] = [left + j * c, top + i * c];
      if (v === null) return svg("path", { class: "masked", d: `M${x + c * 0.3} ${y + c * 0.7}L${x + c * 0.7} ${y + c * 0.3}` });
      const number = widget.digits ? svg("text", { x: x + c / 2, y: y + c / 2 + size / 3, "text-anchor": "middle", class: v > 0.55 * widget.most ? "num strong" : "num", style: `font-size:${size}px`, text: v.toFixed(widget.digits) }) : null;
      return [v > 0.004 * widget.most ? svg("rect", { x, y, width: c, height: c, "fill-opacity": Math.min(1, v / widget.most) }) : null, number];
    }),
  );
  const row = svg("rect", { class: "ring", x: left, width: c * keys.length, height: c });
  const column = svg("rect", { class: "ring", y: top, width: c, height: c * queries.length });
  const sides = [
    queries.map((q, i) => (q === " " ? letters(q, left - 10, top + i * c + c / 2) : svg("text", { x: left - 5, y: top + i * c + c / 2 + size / 3, "text-anchor": "end", class: "token", style: `font-size:${size}px`, text: q === "\n" ? "¶" : q }))),
    keys.map((k, j) =>
      turned && k !== " "
        ? svg("text", { transform: `translate(${left + j * c + c / 2 + size / 3} ${top - 5}) rotate(-90)`, class: "token", style: `font-size:${size}px`, text: k === "\n" ? "¶" : k })
        : letters(k, left + j * c + c / 2, top - size / 2 - 3, size)),
  ];
  const name = say(widget.label);
  const drawing = svg("svg", { width: w, height: h, viewBox: `0 0 ${w} ${h}`, role: "img", style: `--c:${colour(widget.role)}`, "aria-label": t("heat_of", { name: name || t("weights"), rows: rows.length, cols: rows[0]?.length ?? 0, span: 1 }) }, svg("rect", { class: "ground", x: left, y: top, width: c * keys.length, height: c * queries.length }), cells, row, column, sides);
  const read = el("output", { class: "read", "aria-live": "polite", text: "\u00a0" });
  const figure = el("figure", { class: "lookup", "data-group": widget.group || null }, name ? el("figcaption", null, rich(name)) : null, drawing, page.still ? null : read);
  figure.lit = (query, key) => {
    const [i, j] = [query ?? -1, key ?? -1];
    row.style.display = i < 0 ? "none" : "";
    column.style.display = j < 0 ? "none" : "";
    if (i >= 0) row.setAttribute("y", top + i * c);
    if (j >= 0) column.setAttribute("x", left + j * c);
    read.textContent = i >= 0 && j >= 0 ? `${named(queries[i])} → ${named(keys[j])} ${rows[i][j] === null ? t("masked") : shown(rows[i][j], 3)}` : "\u00a0";
  };
  const pick = picking(figure, drawing, widget, page.still, [queries.length, keys.length]);
  if (pick)
    drawing.addEventListener("pointermove", (event) => {
      const at = drawing.getBoundingClientRect();
      const [j, i] = [Math.floor((((event.clientX - at.left) / at.width) * w - left) / c), Math.floor((((event.clientY - at.top) / at.height) * h - top) / c)];
      if (i >= 0 && j >= 0 && i < queries.length && j < keys.length) pick(i, j);
    });
  figure.lit(widget.now, null);
  return figure;
}

/** Return tokens one after the other, in lines no wider than the widget. */
export function strip(widget) {
  const size = widget.size;
  const texts = widget.tokens.map(say);
  const high = size + 14;
  let [x, y] = [0, 0];
  const boxes = texts.map((text, i) => {
    const w = Math.max(0.62 * size, span(text, size)) + 5;
    if (x + w > widget.width && x) [x, y] = [0, y + high];
    const shade = widget.shades?.[i];
    const later = widget.later !== null && i >= widget.later;
    const fill = shade === undefined || shade === null ? "" : `fill:color-mix(in srgb, var(--c) ${Math.round(100 * Math.min(1, shade))}%, var(--paper))`;
    const made = svg("g", { class: `token-box${i === widget.now ? " at" : ""}${later ? " later" : ""}${shade > 0.55 ? " strong" : ""}${widget.shades ? " tinted" : ""}` }, svg("rect", { x, y: y + 2, width: w - 2, height: high - 6, rx: 5, style: fill }), letters(text, x + (w - 2) / 2, y + high / 2 - 1, size));
    x += w;
    if (text === "\n") [x, y] = [0, y + high];
    return [made, x];
  });
  const wide = Math.max(...boxes.map(([, end]) => end), 40);
  const tall = y + high;
  const name = say(widget.label);
  return el("figure", { class: "strip" }, name ? el("figcaption", null, rich(name)) : null, svg("svg", { width: wide, height: tall, viewBox: `0 0 ${wide} ${tall}`, role: "img", style: `--c:${colour(widget.role)}`, "aria-label": `${name} ${texts.join("")}` }, boxes.map(([made]) => made)));
}

/** Return small grids, a row a layer and a column a head; pressing one shows it large. */
export function heads(widget, page) {
  const name = say(widget.label);
  const one = (item) => {
    const rows = rowsOf(item, page);
    const [n, m] = [rows.length, rows[0]?.length ?? 0];
    const unit = widget.size / Math.max(n, m);
    const cells = rows.map((row, i) => row.map((v, j) => (v > 0.02 ? svg("rect", { x: j * unit, y: i * unit, width: unit, height: unit, "fill-opacity": v }) : null)));
    const [w, h] = [m * unit, n * unit];
    const picture = svg("svg", { width: w, height: h, viewBox: `0 0 ${w} ${h}`, "aria-hidden": "true", style: `--c:${colour("hidden")}` }, cells);
    const label = say(item.name);
    const face = [el("span", { text: label }), picture];
    const names = `head${item.on ? " on" : ""}${item.off ? " off" : ""}`;
    if (page.still || !Object.keys(item.picks).length) return el("div", { class: names }, face);
    return el("button", { class: names, "aria-pressed": String(item.on), "data-key": `head.${label}`, onclick: () => Object.entries(item.picks).forEach(([input, value]) => page.change(input, value)) }, face);
  };
  return el("figure", { class: "heads" }, name ? el("figcaption", null, rich(name)) : null, widget.rows.map((row) => el("div", { class: "row top" }, row.map(one))));
}
