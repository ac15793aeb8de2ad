"""What stands in the stage can be read from the back of a room and on a phone, in every scene."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError, expect

from apps import TABS
from apps.stage.server import words
from tests.browser.test_lessons import STILL, assert_fits, settled

pytestmark = pytest.mark.browser
SHAPES = {"present": (1280, 720, "&present=1"), "phone": (390, 844, "")}
SEEN = [
    pytest.param("present", "ko", id="present"),
    pytest.param("present", "en", id="present-en", marks=pytest.mark.slow),
    pytest.param("phone", "en", id="phone"),
    pytest.param("phone", "ko", id="phone-ko", marks=pytest.mark.slow),
]
SMALL = ((320, 568), (640, 360), (390, 844))  # WCAG's reflow; 1280 x 720 at 200 %; a phone
# What lies outside the window or its box, unless the keyboard can scroll there.
LOST = """() => [...document.querySelectorAll('.page *')].filter((one) => {
    const { left, right, width, height } = one.getBoundingClientRect();
    if (!width || !height || one.ownerSVGElement || one.closest('.skip')) return false;
    const { overflowX, overflowY } = getComputedStyle(one);
    const wide = one.scrollWidth > one.clientWidth + 3 && overflowX === 'hidden';
    const tall = one.scrollHeight > one.clientHeight + 3 && overflowY === 'hidden';
    if ((wide || tall) && !one.matches('.cells, .track')) return true;
    if (left > -1 && right < innerWidth + 1) return false;
    let box = one.parentElement;
    while (box && !/auto|scroll/.test(getComputedStyle(box).overflowX)) box = box.parentElement;
    return !box || (box.tabIndex < 0 && !box.querySelector('a, button, input, [tabindex]'));
}).map((one) => `${one.tagName} ${one.className}: ${one.textContent.slice(0, 40)}`)"""


# Letters in the stage smaller than `[words, axes]` pixels, and what is filled of its longer way.
SMALL_LETTERS = """([words, axes]) => {
  const AXES =
    ".tick, .side, .name, .legend, .ylabel, .scale, .read, svg text:not(.id, .num, .token)";
  const view = document.querySelector(".view"), found = [];
  const walk = document.createTreeWalker(view, NodeFilter.SHOW_TEXT);
  const size = (one) => {
    const own = parseFloat(getComputedStyle(one).fontSize);
    const at = one.getScreenCTM?.();
    return own * (at ? Math.hypot(at.a, at.b) : one.currentCSSZoom);
  };
  const hold = (one, least, said) => {
    if (size(one) < least - 0.05) found.push(`${size(one).toFixed(1)} px: ${said}`);
  };
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement, said = walk.currentNode.textContent.trim();
    if (!said || !one.checkVisibility()) continue;
    if (one.closest("sub, sup, .unseen, [hidden], option")) continue;
    hold(one, one.closest(AXES) ? axes : words, said.slice(0, 40));
  }
  for (const one of view.querySelectorAll("input"))
    if (one.checkVisibility()) hold(one, words, one.value);
  return found;
}"""
# Widgets of one row or column that lie over one another.
OVERLAPPING = """() => [...document.querySelectorAll(".fit .row, .fit .column")].flatMap((box) => {
  const items = [...box.children].map((one) => [one, one.getBoundingClientRect()]);
  return items.flatMap(([one, a], i) => items.slice(i + 1).filter(([, b]) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1.5
  ).map(([other]) => `${one.className} over ${other.className}: ${one.textContent.slice(0, 40)}`));
})"""
# Arrows between pictures that do not point to what comes next.
ASTRAY = """() => [...document.querySelectorAll(".fit .row > .arrow, .fit .column > .arrow")]
  .filter((one) => {
    const to = one.nextElementSibling?.getBoundingClientRect();
    if (!to) return false;
    const { right, top, bottom } = one.getBoundingClientRect();
    const beside = to.left >= right - 1 && to.top < bottom && to.bottom > top;
    return one.textContent === "→" ? !beside : to.top < bottom - 1;
  }).map((one) => one.parentElement.className)"""
# Pieces of formulas that go on in a further line, and subscripts that are not set as such.
TORN = r"""() => {
  const PIECES = [
    /\d[ \u00a0]%/g,  // 80 %
    /(?<![\p{L}\d])\p{L}?[(\[][^()\[\]가-힣]{1,16}[)\]]/gu,  // f(x), E[x | t], (1 − t)
    /(?<![^\s(])(?<!([+−·/=]|log)\s)\p{L}[₀-₉]?\s=\s[−\d.]{1,6}(?!\s[+−·/=])(?![\p{L}\d])/gu,
    /(?<![A-Za-z])(log|max|min|exp|sin|cos|tanh)[ \u00a0][\p{L}\d]{1,3}(?![\p{L}\d])/gu,  // log p
  ];
  const WORD = /[A-Za-z]{4}/;  // in brackets are words, too
  const said = document.querySelectorAll(
    "h1, .claim p:not([aria-hidden]), .ask p, .view .text, .view figcaption, .view .lines li > *");
  const found = [];
  for (const box of said) {
    const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT), places = [];
    while (walk.nextNode())
      for (let i = 0; i < walk.currentNode.length; i++) places.push([walk.currentNode, i]);
    const text = box.textContent;
    for (const { 0: piece, index } of PIECES.flatMap((one) => [...text.matchAll(one)])) {
      if (WORD.test(piece) && !/^(log|max|min|exp|sin|cos|tanh)/.test(piece)) continue;
      const range = document.createRange();
      range.setStart(...places[index]);
      const [node, at] = places[index + piece.length - 1];
      range.setEnd(node, at + 1);
      const lines = [...range.getClientRects()].filter((one) => one.width);
      if (lines.some((one) => one.top >= lines[0].bottom - 2))
        found.push(`${piece} in ${text.slice(0, 60)}`);
    }
  }
  for (const one of document.querySelectorAll(".view, .facts"))
    for (const m of one.textContent.matchAll(/(?<![\w.])\p{L}{1,2}_(\{|\w(?!\w))/gu))
      found.push(m[0]);
  return found;
}"""
FILLED = """() => {
  const view = document.querySelector(".view"), style = getComputedStyle(view);
  const fit = document.querySelector(".fit").getBoundingClientRect();
  const room = (side, ends) =>
    view[side] - ends.reduce((sum, end) => sum + parseFloat(style[`padding${end}`]), 0);
  return Math.max(fit.width / room("clientWidth", ["Left", "Right"]),
                  fit.height / room("clientHeight", ["Top", "Bottom"]));
}"""
# Of the text beside the stage, in pixels: what is taller than its room, and the room left empty.
COLUMN = """() => {
  const top = (name) => document.querySelector(name).getBoundingClientRect().top;
  const scene = document.querySelector(".scene"), said = document.documentElement.dataset;
  const end = top("aside" in said ? ".facts" : "header.top");
  const ask = document.querySelector(".ask").getBoundingClientRect().bottom;
  return [scene.scrollHeight - scene.clientHeight, "beside" in said ? Math.round(end - ask) : 0];
}"""
LAST = """() => { const bar = document.querySelector(".bar:not([hidden]) input");
  if (bar) { bar.value = bar.max; bar.dispatchEvent(new Event("input", {bubbles: true})) } }"""


def assert_legible(page, n, words, axes):
    """Hold that nothing in the stage is written smaller than that many pixels, first to last."""
    for _ in range(2):
        page.evaluate(STILL)
        assert page.evaluate(SMALL_LETTERS, [words, axes]) == [], n
        assert page.evaluate(OVERLAPPING) == [], n
        assert page.evaluate(ASTRAY) == [], n
        assert page.evaluate(TORN) == [], n
        page.evaluate(LAST)


@pytest.mark.parametrize(("shape", "lang"), SEEN)
@pytest.mark.parametrize("tab", TABS)
def test_nothing_is_clipped_or_small_presenting_or_on_a_phone(watch, tab, shape, lang):
    width, height, query = SHAPES[shape]
    page = watch(f"/{tab}?scene=1&lang={lang}{query}", width=width, height=height).page
    for n in range(1, len(words.scenes(tab)) + 1):
        page.locator(".dots button").nth(n - 1).click()
        expect(page).to_have_url(re.compile(rf"scene={n}\b"))
        settled(page)
        if shape == "present":
            page.keyboard.press("PageDown")
            expect(page.locator(".told")).to_be_visible()
            assert_fits(page, n)
            assert_legible(page, n, 16, 14)
            assert page.evaluate(FILLED) > 0.7, n
            over, empty = page.evaluate(COLUMN)
            assert over <= 1 and empty < 200, (n, over, empty)
            continue
        assert_legible(page, n, 11, 11)
        nets = "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length"
        assert page.eval_on_selector_all(".view .net", nets) == 0, n
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (n, "wide")
        for small in SMALL:
            page.set_viewport_size({"width": small[0], "height": small[1]})
            with suppress(TimeoutError):  # said below, with what is lost
                page.wait_for_function(f"() => ({LOST})().length === 0", timeout=5000)
            assert page.evaluate(LOST) == [], (n, small)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (n, small)
