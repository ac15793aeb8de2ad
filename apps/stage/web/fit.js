// A stage never scrolls and never clips, and what stands in it can be read: its content is zoomed to
// the room there is; where letters would become too small, pictures shrink, rows turn to columns,
// and for an audience the text goes to whichever side leaves more room.

/** @import { Page, Widget } from "./contract.js" */
/** @import { Plan } from "./arrange.js" */

import { ASIS, arranged, ways } from "./arrange.js";
import { Column } from "./column.js";
import { el } from "./dom.js";
import { controlsShown, presenting } from "./header.js";
import { LOOK, narrow } from "./look.js";
import { fall } from "./slim.js";
import { draw } from "./widgets/draw.js";

const TURNS = [
  {},
  { wrapped: true },
  { inner: true },
  { turned: true },
  { turned: true, inner: true },
];

/**
 * An arrangement with the zoom that it leads to.
 * @typedef {Plan & { zoom: number, beside: boolean }} Placed
 */

/**
 * Return the zooms at which `inner` is as wide and as tall as the room in `view`.
 * @param {HTMLElement} view
 * @param {HTMLElement} inner at its own size
 */
function filling(view, inner) {
  const { across, down } = room(view);
  // a scroll size is rounded: half a pixel at most is missing
  return { across: across / (inner.scrollWidth + 1), down: down / (inner.scrollHeight + 1) };
}

/**
 * Return the room in `view`, in pixels.
 * @param {HTMLElement} view
 */
function room(view) {
  const style = getComputedStyle(view);
  const pad = (side) => parseFloat(style.getPropertyValue(`padding-${side}`));
  return {
    across: view.clientWidth - pad("left") - pad("right"),
    down: view.clientHeight - pad("top") - pad("bottom"),
  };
}

/**
 * Zoom a picture that is no stage's into the room in `view`, to no more than its own size.
 * @param {HTMLElement} view
 * @param {HTMLElement} inner
 */
export function within(view, inner) {
  const { across, down } = filling(view, inner);
  inner.style.zoom = String(Math.min(1, across, down));
}

export class Fit {
  /** @param {HTMLElement} view what the picture is fitted into */
  constructor(view) {
    this.view = view;
    this.column = new Column(view);
    /** @type {Placed | null} */
    this.placed = null; // how the frame before stood; frames of nearly the same size stand alike
  }

  /** Find the arrangement anew when a frame is shown next. */
  anew() {
    this.placed = null;
    this.column.anew();
  }

  /**
   * Show a frame's view in the room there is.
   * @param {Widget} widget
   * @param {Page} page
   */
  show(widget, page) {
    const before = this.placed;
    if (before) {
      this.draw(widget, before, page);
      const zoom = this.zoom();
      const { same } = LOOK.fit.bare;
      if (zoom >= before.zoom && zoom < same * before.zoom) return this.set(before);
      if (!narrow() && zoom >= this.legible && zoom < before.zoom)
        return this.set({ ...before, zoom });
    }
    this.set(this.best(widget, page));
  }

  /** The least zoom at which every letter can be read. */
  get legible() {
    const { narrow: slim, presented, plain } = LOOK.fit.legible.bare;
    return narrow() ? slim : presenting() ? presented : plain;
  }

  /**
   * Draw a view in an arrangement, at its own size.
   * @param {Widget} widget
   * @param {Plan} plan
   * @param {Page} page
   */
  draw(widget, plan, page) {
    const drawn = draw(arranged(widget, plan, page), page);
    const kind = narrow() ? "narrow" : plan.wrapped ? "wrapped" : "";
    const inner = el("div", { class: `fit ${kind}`.trim() }, drawn);
    this.view.replaceChildren(inner);
    if (plan.wrapped) inner.style.maxWidth = `${room(this.view).across / this.legible}px`;
    if (kind) fall(inner);
    return inner;
  }

  /** Return the zoom at which what is drawn fills the room. */
  zoom() {
    const { most, presented } = LOOK.fit.bare;
    const inner = /** @type {HTMLElement} */ (this.view.firstElementChild);
    const { across, down } = filling(this.view, inner);
    if (narrow()) return Math.min(1, Math.max(this.legible, across));
    return Math.min(presenting() ? presented : most, across, down);
  }

  /**
   * Return the arrangement in which the most can be read.
   * @param {Widget} widget
   * @param {Page} page
   * @returns {Placed}
   */
  best(widget, page) {
    if (narrow()) return this.slim(widget, page);
    const sides = !presenting() ? [false] : controlsShown() ? [true] : [false, true];
    /** @type {Placed[]} */
    const found = [];
    for (const turn of TURNS) {
      for (const beside of sides) {
        this.column.stand(beside);
        this.draw(widget, { ...ASIS, ...turn }, page);
        found.push({ ...ASIS, ...turn, beside, zoom: this.zoom() });
      }
      if (found.some((one) => one.zoom >= this.legible)) break; // turned only where it must be
    }
    const largest = found.reduce((a, b) => (b.zoom > a.zoom ? b : a));
    if (largest.zoom >= this.legible) return this.grown(widget, largest, page);
    const smaller = found.map((one) => this.smaller(widget, one, page));
    const kept = smaller.reduce((a, b) => (this.worth(b) > this.worth(a) ? b : a));
    return this.grown(widget, kept, page);
  }

  /**
   * Return an arrangement in which pictures have grown into the room that is left over, one way
   * of one kind after the other, and no letter has become smaller.
   * @param {Widget} widget
   * @param {Placed} placed
   * @param {Page} page
   */
  grown(widget, placed, page) {
    this.column.stand(placed.beside);
    const least = placed.share < 1 ? Math.min(placed.zoom, this.legible) : placed.zoom;
    let kept = placed;
    for (const way of ways(widget, page)) {
      let [low, high] = [placed.share, LOOK.fit.bare.grown];
      for (let i = 0; i < 3; i++) {
        const share = i ? (low + high) / 2 : high;
        const plan = { ...kept, own: { ...kept.own, [way]: share } };
        this.draw(widget, plan, page);
        if (this.zoom() < least) high = share;
        else {
          kept = plan;
          low = share;
          if (i === 0) break;
        }
      }
    }
    return this.drawn(widget, kept, page);
  }

  /**
   * Return how much an arrangement shows: letters first, then pictures.
   * @param {Placed} placed
   */
  worth({ zoom, share }) {
    return Math.min(1, zoom / this.legible) + (zoom >= this.legible ? share : 0);
  }

  /**
   * Return an arrangement with pictures small enough for legible letters, as large as may be.
   * @param {Widget} widget
   * @param {Placed} placed
   * @param {Page} page
   */
  smaller(widget, placed, page) {
    this.column.stand(placed.beside);
    let [low, high] = [LOOK.fit.bare.least, 1];
    let best = placed;
    for (let i = 0; i < 4; i++) {
      const share = i ? (low + high) / 2 : low;
      this.draw(widget, { ...placed, share }, page);
      const zoom = this.zoom();
      if (zoom >= this.legible) {
        best = { ...placed, share, zoom };
        low = share;
      } else if (i === 0) return { ...placed, share, zoom };
      else high = share;
    }
    return best;
  }

  /**
   * Return the arrangement for a phone: as it is, its pictures no wider than the window.
   * @param {Widget} widget
   * @param {Page} page
   * @returns {Placed}
   */
  slim(widget, page) {
    const widest = this.view.clientWidth - LOOK.fit.aside;
    return this.drawn(widget, { ...ASIS, widest, beside: false, zoom: 1 }, page);
  }

  /**
   * Draw an arrangement that was found, and return it.
   * @param {Widget} widget
   * @param {Placed} placed
   * @param {Page} page
   */
  drawn(widget, placed, page) {
    this.column.stand(placed.beside);
    this.draw(widget, placed, page);
    return { ...placed, zoom: this.zoom() };
  }

  /** @param {Placed} placed */
  set(placed) {
    this.placed = placed;
    const inner = /** @type {HTMLElement} */ (this.view.firstElementChild);
    inner.style.zoom = String(Math.max(LOOK.fit.bare.least, placed.zoom));
    this.column.enlarge();
  }
}
