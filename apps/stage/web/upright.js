// A network that is wider than a phone, set upright: what went up or down goes to the right, and
// what stood side by side stands one below the other.

/** @import { Net, Node } from "./contract.js" */

import { LOOK } from "./look.js";

/** @param {Node} node */
const sized = ({ w, h }) => [w || LOOK.net.node.width, h || LOOK.net.node.height];

/**
 * Return the factors of both ways at which boxes stand apart: `near` at least, `far` with room for
 * an arrow between levels, `down` from box to box of a level.
 * @param {Net} net
 */
function factors({ nodes, links }) {
  const { between, upright } = LOOK.fit;
  const level = Object.fromEntries(nodes.map((one) => [one.id, one.y]));
  const inside = links.some((one) => level[one.from] === level[one.to]);
  const below = inside ? upright.arrow : upright.below;
  let [near, far, down] = [0, 0, 0];
  for (const a of nodes)
    for (const b of nodes) {
      const [[aw, ah], [bw, bh]] = [sized(a), sized(b)];
      const [dx, dy] = [Math.abs(a.x - b.x), Math.abs(a.y - b.y)];
      if (dy >= (ah + bh) / 2) {
        near = Math.max(near, ((aw + bw) / 2 + between) / dy);
        far = Math.max(far, ((aw + bw) / 2 + upright.arrow) / dy);
      } else if (dx) down = Math.max(down, ((ah + bh) / 2 + below) / dx);
    }
  return { near, far, down };
}

/**
 * Return a network no wider than `widest`, set upright if it is wider and then has the room.
 * @param {Net} net
 * @param {number} widest in pixels
 * @returns {Net}
 */
export function upright(net, widest) {
  if (net.width <= widest || !net.nodes.length) return net;
  const { edge } = LOOK.fit.upright;
  const { near, far, down } = factors(net);
  const at = Object.fromEntries(net.nodes.map((one) => [one.id, one]));
  const rise = net.links.reduce((sum, { from, to }) => sum + at[to].y - at[from].y, 0);
  const way = rise < 0 ? -1 : 1; // arrows lead to the right
  const placed = (across) =>
    net.nodes.map((one) => ({ ...one, x: way * across * one.y, y: down * one.x }));
  const wide = (nodes) => {
    const left = Math.min(...nodes.map((one) => one.x - sized(one)[0] / 2));
    return [left, Math.max(...nodes.map((one) => one.x + sized(one)[0] / 2)) - left + 2 * edge];
  };
  const spare = widest - wide(placed(near))[1];
  if (spare < 0) return net;
  const more = wide(placed(far))[1] - wide(placed(near))[1];
  const nodes = placed(near + (far - near) * Math.min(1, spare / (more || 1)));
  const [left, width] = wide(nodes);
  const top = Math.min(...nodes.map((one) => one.y - sized(one)[1] / 2));
  const bottom = Math.max(...nodes.map((one) => one.y + sized(one)[1] / 2));
  return {
    ...net,
    width,
    height: bottom - top + 2 * edge,
    nodes: nodes.map((one) => ({ ...one, x: one.x - left + edge, y: one.y - top + edge })),
  };
}
