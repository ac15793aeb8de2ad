// A network unrolled: boxes with their numbers, arrows between them.

/** @import { Link, Net, Node, Page } from "../contract.js" */

import { caption, drawing, el, svg } from "../dom.js";
import { LOOK, tinted } from "../look.js";
import { shown } from "../numbers.js";
import { say, t } from "../words.js";

const TOLD = 600; // characters of a network that are said

/**
 * Return half a node's width and height.
 * @param {Node} node
 */
const half = ({ w, h }) => [(w || LOOK.net.node.width) / 2, (h || LOOK.net.node.height) / 2];

/**
 * Return a node's numbers, or question marks.
 * @param {Node} node
 * @param {Page} page
 */
const numbers = ({ key, places, values }, page) =>
  (values || []).map((v) => (page.hidden(key) ? "?" : shown(v, places ?? 2)));

/**
 * Return a network.
 * @param {Net} widget
 * @param {Page} page
 */
export function net({ label, nodes, links, width, height }, page) {
  const at = Object.fromEntries(nodes.map((n) => [n.id, n]));
  const name = say(label);
  const told = nodes
    .filter((n) => n.state !== "later")
    .map((n) => `${say(n.label)} ${numbers(n, page).join(" ")}`)
    .join("; ");
  return el(
    "figure",
    { class: "net" },
    caption(name),
    drawing(
      width,
      height,
      {
        style: `--w:${width}px`,
        role: "img",
        "aria-label": `${name || t("network")}: ${told.slice(0, TOLD)}`,
      },
      links.map((link) => arrow(link, at[link.from], at[link.to])),
      nodes.map((n) => box(n, page)),
    ),
  );
}

/**
 * Return a link from border to border; a cut one is crossed out.
 * @param {Link} link
 * @param {Node} a
 * @param {Node} b
 */
function arrow({ role, state, thick, label }, a, b) {
  const { stroke, tip, cross } = LOOK.net.link;
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const reach = (n) => {
    const [p, q] = half(n);
    return Math.min(dx ? p / Math.abs(dx) : Infinity, dy ? q / Math.abs(dy) : Infinity);
  };
  const [s, e] = [reach(a), 1 - reach(b)];
  const [x1, y1, x2, y2] = [a.x + dx * s, a.y + dy * s, a.x + dx * e, a.y + dy * e];
  const long = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [ux, uy] = [(x2 - x1) / long, (y2 - y1) / long];
  const side = (way) =>
    `${x2 - tip.long * ux - way * tip.half * uy} ${y2 - tip.long * uy + way * tip.half * ux}`;
  const [mx, my, r] = [(x1 + x2) / 2, (y1 + y2) / 2, cross.reach];
  const line = { x1, y1, x2: x2 - tip.under * ux, y2: y2 - tip.under * uy };
  return svg(
    "g",
    { class: `link ${state || ""}`, style: tinted(role || "ink-2") },
    svg("line", { ...line, "stroke-width": thick || stroke }),
    svg("path", { d: `M${x2} ${y2}L${side(1)}L${side(-1)}Z` }),
    state === "cut"
      ? svg("path", {
          class: "cross",
          d: `M${mx - r} ${my - r}L${mx + r} ${my + r}M${mx + r} ${my - r}L${mx - r} ${my + r}`,
        })
      : null,
    label ? svg("text", { ...labelled(mx, my, ux, uy), text: say(label) }) : null,
  );
}

/**
 * Return where a link's label stands: right of an upright arrow, over a level one, else off its
 * middle on the upper side.
 * @param {number} x its middle
 * @param {number} y
 * @param {number} across its direction
 * @param {number} down
 */
function labelled(x, y, across, down) {
  const { beside, down: low, above, off } = LOOK.net.link.label;
  if (Math.abs(across) < 0.3) return { x: x + beside, y: y + low, "text-anchor": "start" };
  if (Math.abs(down) < 0.3) return { x, y: y - above, "text-anchor": "middle" };
  const way = Math.sign(across) * off;
  return { x: x + way * down, y: y - way * across + low, "text-anchor": "middle" };
}

/**
 * Return a node: its name, and under it its numbers once they are known.
 * @param {Node} n
 * @param {Page} page
 */
function box(n, page) {
  const { radius, name, number } = LOOK.net.node;
  const [p, q] = half(n);
  const values = numbers(n, page);
  const top = n.y - q;
  const text = (y, kind, said) =>
    svg("text", { x: n.x, y, "text-anchor": "middle", class: kind, text: said });
  return svg(
    "g",
    { class: `node ${n.state || ""}`, style: tinted(n.role) },
    n.role === "none"
      ? null
      : svg("rect", { x: n.x - p, y: top, width: 2 * p, height: 2 * q, rx: radius }),
    text(values.length ? top + name : n.y + 5, "id", say(n.label)),
    n.state === "later"
      ? []
      : values.map((v, i) => text(top + number.first + i * number.step, "num", v)),
  );
}
