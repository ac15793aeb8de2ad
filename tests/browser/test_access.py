"""Every scene can be read and worked without sight, colour or pointer: axe finds nothing, what the
pointer does the keyboard does, and nothing is lost when a page is zoomed.
"""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect

from apps import TABS
from apps.lessons.world.play import KEYS
from apps.stage.server import words
from tests.browser.test_lessons import LANGUAGES, settled

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
THEMES = ("light", "dark")
RUN = """async (where) => (await axe.run(where, {resultTypes: ['violations']})).violations
    .map(v => `${v.impact} ${v.id}: ${v.nodes[0].html.slice(0, 160)}`)"""
# Who listens for what, known before the page's own scripts run.
SPY = """(() => {
  const add = EventTarget.prototype.addEventListener;
  const heard = (window.heard = new WeakMap());
  EventTarget.prototype.addEventListener = function (kind, ...rest) {
    if (this instanceof Element) heard.set(this, [...(heard.get(this) || []), kind]);
    return add.call(this, kind, ...rest);
  };
})()"""
POINTER_ONLY = """() => [...document.querySelectorAll('.page *')].filter((one) => {
    const kinds = heard.get(one) || [];
    if (!kinds.some((k) => /^(pointer|mouse|touch|click|dblclick|drag)/.test(k))) return false;
    if (one.matches('a[href], button, input, select, textarea')) return false;
    if (one.dataset.acts) return false;  // a game's, see TAPS
    let box = one;
    while (box && !(box.tabIndex >= 0 && heard.get(box)?.includes('keydown')))
      box = box.parentElement;
    return !box;
}).map((one) => `pointer alone: ${one.outerHTML.slice(0, 120)}`)"""
TAPS = """() => [...document.querySelectorAll('[data-acts]')].flatMap(
    (one) => one.dataset.acts.split(' '))"""
UNNAMED = """() => [...document.querySelectorAll(
    '.view [role=img], .view [role=application], .view canvas, .view svg')]
  .filter((one) => !one.closest('[aria-hidden=true], button') && !one.closest('[role]')
    ?.getAttribute('aria-label')?.trim())
  .map((one) => `says nothing: ${one.outerHTML.slice(0, 120)}`)"""
# Signs of one legend that differ by colour alone.
ALIKE = """() => [...document.querySelectorAll('.view .legend')].filter((list) => {
    const signs = [...list.querySelectorAll('svg')].map((one) => one.innerHTML);
    return new Set(signs).size < signs.length;
}).map((one) => `told by colour alone: ${one.innerText}`)"""
SEEN = """(one) => { const figure = one.closest('figure');
    return figure.outerHTML + [...figure.querySelectorAll('canvas')].map((c) => c.toDataURL()) }"""


def ready(seen):
    seen.page.evaluate(AXE)
    return seen.page


def switch(page, lang, theme):
    """Bring an open page to a language and a theme, as a visitor would."""
    if page.evaluate("document.documentElement.lang") != lang:
        page.locator('[data-key="header.language"]').click()
    if page.evaluate("document.documentElement.dataset.theme") != theme:
        page.locator('[data-key="header.theme"]').click()


def scene(page, n):
    page.locator(".dots button").nth(n - 1).click()
    return settled(page)


def opened(page, k):
    """Open the drawer number k, and wait for what it holds."""
    page.locator(".more button").nth(k % page.locator(".more button").count()).click()
    page.wait_for_selector(".drawer > *")
    expect(page.locator(".drawer [aria-busy]")).to_have_count(0)
    return page


def axe(page, where="body"):
    return page.evaluate(RUN, where)


WALKS = [  # one a tab in `make test`, the other one in `make test-slow`
    pytest.param(tab, first, marks=() if k % 2 == first else pytest.mark.slow)
    for k, tab in enumerate(TABS)
    for first in (0, 1)
]


@pytest.mark.parametrize(("tab", "first"), WALKS)
def test_axe_finds_nothing_in_any_scene_and_figures_take_the_keyboard(watch, tab, first):
    """Two walks a tab: each scene is seen in both languages and both themes; in turn its drawers
    are open, and it is presented. What the pointer reads and draws, the arrow keys do.
    """
    faults, met = [], set()
    page = ready(watch(f"/{tab}?lang=ko&__theme=light", script=SPY))
    for n in range(1, len(words.scenes(tab)) + 1):
        lang, theme = LANGUAGES[first], THEMES[(n + first) % 2]
        switch(page, lang, theme)
        scene(page, n)
        found = axe(page)
        for look in (POINTER_ONLY, UNNAMED, ALIKE):
            found += page.evaluate(look)
        found += [f"a tap alone: {act}" for act in set(page.evaluate(TAPS)) - set(KEYS.values())]
        if first:
            page.keyboard.press("f")
            found += axe(page)
            page.keyboard.press("f")
        else:
            found += axe(opened(page, n), ".drawer")
        expect(page.locator(".bar .play")).to_have_attribute(
            "aria-label", words.words(lang, "stage")["play"]
        )  # nothing plays by itself
        faults += [(n, lang, theme, one) for one in found]
        figures_by_keys(page, n, met)
    assert faults == []


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tab", TABS)
def test_axe_finds_nothing_in_any_state(watch, tab, lang, theme):
    faults = []
    page = ready(watch(f"/{tab}?lang={lang}&__theme={theme}", lang=lang))
    for n in range(1, len(words.scenes(tab)) + 1):
        found = axe(scene(page, n))
        page.keyboard.press("Space")  # the answer
        found += axe(page, ".claim, .ask")
        for k in range(page.locator(".more button").count()):
            found += axe(opened(page, k))
        page.keyboard.press("f")
        found += axe(page)
        page.keyboard.press("f")
        faults += [(n, one) for one in found]
    assert faults == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_the_home_page(watch, theme, width):
    lang = LANGUAGES[THEMES.index(theme)]
    assert axe(ready(watch(f"/?lang={lang}&__theme={theme}", lang=lang, width=width))) == []


def figures_by_keys(page, n, met):
    """Work every kind of figure of a scene that takes the keyboard and was not met before."""
    if "quiz" in page.locator(".view").inner_html():
        return  # its buttons have a test of their own
    for one in page.locator(".view [role=application]").all():
        kind = one.evaluate("(e) => `${e.closest('figure').className} ${e.className}`")
        if kind not in met:
            met.add(kind)
            worked_by_keys(page, one, n, kind)


def worked_by_keys(page, one, n, kind):
    """Move in a figure by the arrow keys, draw where it can be drawn in, and leave it."""
    one.focus()
    before = one.evaluate(SEEN)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert one.evaluate(SEEN) != before, (n, kind, "shows nothing")
    expect(page.locator(".dots")).to_contain_text(f" {n} /")  # the arrows stayed in the figure
    if "draw" in kind:
        url = page.url
        page.keyboard.press("Space")
        expect(page).not_to_have_url(url)
        expect(one).to_be_focused()  # the figure was drawn anew
        expect(page.locator(".unseen")).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(one).not_to_be_focused()


MOVES = "document.getAnimations().length"


def test_where_motion_is_to_be_reduced_nothing_moves_by_itself(watch):
    still = settled(watch("/gan?scene=6&lang=en", lang="en", motion="reduce").page)
    lively = settled(watch("/gan?scene=6&lang=en", lang="en", motion="no-preference").page)
    for page in (still, lively):
        page.locator(".stage").evaluate("(stage) => stage.setAttribute('aria-busy', 'true')")
    assert lively.evaluate(MOVES) > 0  # what is looked for exists
    assert still.evaluate(MOVES) == 0
    assert still.evaluate(
        """() => [...document.querySelectorAll('.page *')].every((one) => {
            const { transitionDuration, animationName } = getComputedStyle(one);
            return /^0s(, 0s)*$/.test(transitionDuration) && animationName === 'none' })"""
    )
    page = settled(watch("/rnn?scene=1&lang=en", lang="en", motion="reduce").page)
    expect(page.locator(".bar output")).to_have_text("0 / 6")
    page.keyboard.press("k")
    expect(page.locator(".bar output")).to_have_text("2 / 6")  # what is asked for still plays


GREY = """(canvas, [x, y]) => {
    const at = canvas.getContext('2d').getImageData(x * canvas.width, y * canvas.height, 1, 1);
    const [r, g, b, a] = at.data;
    return Math.round((0.2126 * r + 0.7152 * g + 0.0722 * b) * (a / 255) + 255 - a) }"""


def test_a_heatmap_tells_its_sign_without_colour(watch):
    """An entry below zero is struck through; one above is plain."""
    page = settled(watch("/hopfield?scene=1&lang=en", lang="en").page)
    canvas = page.locator(".heat canvas").last
    canvas.focus()
    signs = {}
    for _ in range(20):
        page.keyboard.press("ArrowRight")
        place, value = page.locator(".heat .read").last.inner_text().split("] ")
        column = int(place.split(", ")[1])
        if abs(float(value.replace("\u2212", "-"))) < 0.02:
            continue
        across = [canvas.evaluate(GREY, [(column - 0.5) / 64, y / 64]) for y in (0.1, 0.5)]
        signs.setdefault(value[0] == "\u2212", []).append(abs(across[0] - across[1]))
    assert set(signs) == {True, False}
    assert max(signs[False]) <= 2 < 20 < min(signs[True])
