"""The keyboard alone: each kind of control, the transport, the drawers, the header; where the focus
is afterwards, and what is said aloud.
"""

import re
from importlib import import_module
from pathlib import Path

import pytest
from playwright.sync_api import expect

from apps import TABS
from apps.stage.server import words
from apps.stage.server.serve import WEB
from tests.browser.test_access import scene
from tests.browser.test_lessons import entry, settled

pytestmark = pytest.mark.browser
# The key by which each kind of control changes, whatever it holds.
KEYS = {
    "range": "ArrowLeft",
    "choice": "ArrowDown",
    "number": "ArrowUp",
    "check": "Space",
    "button": "Enter",
    "action": "Enter",
    "text": "Enter",
}


def drawn(module):
    """Return the kinds that the page knows how to draw."""
    found = re.search(r"const KINDS = \{([^}]*)\}", Path(WEB / module).read_text())
    assert found
    return set(found[1].replace(" ", "").split(","))


def somewhere(kind):
    """Return (tab, scene, name) of the first control of a kind that a walk through all meets."""
    for tab in TABS:
        controls = import_module(f"apps.{tab}").TAB.controls
        for n, one in enumerate(words.scenes(tab), 1):
            for name in one.get("controls", []):
                if controls[name]["kind"] == kind and name not in WITHOUT:
                    return tab, n, name
    raise AssertionError(kind)


WITHOUT = {  # the first scenes'
    *("stride", "padding", "dilation"),  # at their least: no key leads further down
    "cell",  # whose other choices take the exercise away
}


def test_each_kind_of_control_has_its_key():
    assert set(KEYS) == drawn("controls.js")


@pytest.mark.parametrize("kind", KEYS)
def test_a_control_changes_by_its_key_keeps_the_focus_and_is_heard(watch, kind):
    tab, n, name = somewhere(kind)
    page = settled(watch(f"/{tab}?scene={n}&lang=en", lang="en").page)
    control = page.locator(f'[data-key^="control.{name}"]').first
    expect(control).to_be_visible()
    control.focus()
    if kind == "text":
        control.fill("ㄱ")
    url = page.url
    page.keyboard.press(KEYS[kind])
    expect(page).not_to_have_url(url)
    settled(page)
    expect(page.locator(f'[data-key^="control.{name}"]:focus')).to_have_count(1)
    expect(page.locator(".unseen")).not_to_be_empty()


def test_the_keyboard_goes_as_the_eye_does_and_is_caught_nowhere(watch):
    """Tab from the top of a page to its end: no stop twice, each with its ring, on a phone too."""
    for width, height in ((1280, 720), (390, 844)):
        page = settled(watch("/rnn?scene=1&lang=ko", width=width, height=height).page)
        stops = []
        for _ in range(120):
            page.keyboard.press("Tab")
            at = page.evaluate(
                """() => { const one = document.activeElement;
                if (!one.closest('.page')) return null;
                const { left, top } = one.getBoundingClientRect();
                const { outlineWidth, outlineStyle } = getComputedStyle(one.closest('.seg') || one);
                const column = Boolean(one.closest('.show')) && innerWidth > 820;
                const block = one.closest('.claim, .view, .bar, .more, .ask, .ctl, .top');
                const high = Math.round(block.getBoundingClientRect().top + scrollY);
                return [one.closest('header') ? 0 : column ? 2 : 1, high,
                        outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
                        one.className + one.textContent.slice(0, 12) + left + (top + scrollY)] }"""
            )
            if at is None:
                break
            stops.append(at)
        assert 20 < len(stops) < 120
        assert len({name for *_, name in stops}) == len(stops)
        assert all(ring for *_, ring, _ in stops), [s for s in stops if not s[2]]
        order = [(part, top) for part, top, *_ in stops[1:] if part]
        if (
            width > 820
        ):  # below, the stage comes before the question, and in the order of keys after
            assert order == sorted(order)  # block after block, down each column


def test_the_skip_link_leads_past_the_header(watch):
    page = settled(watch("/rnn?scene=1&lang=en", lang="en").page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".ask button")).to_be_focused()
    assert "scene=1" in page.url and "#" not in page.url


@pytest.mark.parametrize("key", ["header.language", "header.theme", "header.present", "dot.2"])
def test_the_focus_outlives_what_redraws_the_page(watch, key):
    page = settled(watch("/rnn?scene=1&lang=ko").page)
    one = page.locator(f'[data-key="{key}"]')
    one.focus()
    url = page.url
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(url)
    settled(page)
    expect(one).to_be_focused()


def test_a_drawer_takes_the_keyboard_along_and_escape_gives_it_back(watch):
    page = settled(watch("/rnn?scene=1&lang=en", lang="en").page)
    turn = page.locator('[data-key="drawer.turn"]')
    turn.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".drawer")).to_be_focused()
    expect(page.locator(".drawer")).to_have_accessible_name("Your turn · work it out")
    page.keyboard.press("Tab")
    expect(page.locator(".blank").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(turn).to_be_focused()
    expect(page.locator(".drawer > *")).to_have_count(0)


def test_the_transport_is_worked_by_its_buttons_and_says_where_it_is(watch):
    page = settled(watch("/rnn?scene=1&lang=en", lang="en").page)
    said, told = page.locator(".unseen"), page.locator(".bar output")
    forward = page.locator('[data-key="player.next"]')
    forward.focus()
    page.keyboard.press("Enter")
    expect(told).to_have_text("1 / 6")
    expect(forward).to_be_focused()
    expect(said).to_contain_text("1 / 6, ")
    assert page.locator(".facts strong").inner_text() in said.inner_text()
    page.keyboard.press("Shift+Tab")  # to play
    page.keyboard.press("Space")
    expect(page.locator(".bar .play")).to_have_attribute("aria-label", "Pause")
    before = said.text_content()
    expect(told).to_have_text("3 / 6")
    assert said.text_content() == before  # while it plays nothing is said
    page.keyboard.press("Space")
    page.locator(".bar input").focus()
    page.keyboard.press("Home")
    expect(told).to_have_text("0 / 6")
    assert str(page.locator(".bar input").get_attribute("aria-valuetext")).startswith("0 / 6")


def test_scene_and_answer_are_said_as_they_come(watch):
    page = settled(watch("/rnn?scene=1&lang=ko").page)
    page.locator(".ask button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".told")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(".unseen")).to_contain_text(f"장면 2 / {len(words.scenes('rnn'))}. ")
    page.keyboard.press("Space")
    expect(page.locator(".unseen")).to_have_text(page.locator(".told").inner_text())


def test_arrows_move_between_the_entries_of_a_matrix(watch):
    page = settled(watch("/rnn?scene=1&lang=ko").page)
    entry(page, "W.0.0").focus()
    page.keyboard.press("ArrowDown")
    expect(entry(page, "W.1.0")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    expect(entry(page, "W.1.1")).to_be_focused()
    page.keyboard.type("0.5")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("in="))
    expect(entry(page, "W.1.1")).to_be_focused()


def test_a_table_is_sorted_and_a_blind_test_taken_by_keyboard(watch):
    page = settled(watch("/compare?scene=2&lang=en", lang="en").page)
    heading = page.locator(".ranked thead button").nth(1)
    heading.focus()
    key = heading.get_attribute("data-key")
    page.keyboard.press("Enter")
    again = page.locator(f'[data-key="{key}"]')
    expect(again.locator("xpath=..")).to_have_attribute("aria-sort", re.compile("cending"))
    expect(again).to_be_focused()
    blind = 1 + [one["view"] for one in words.scenes("compare")].index("blind")
    scene(page, blind)
    guess = page.locator('[data-key="guess.0"]')
    guess.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".quiz .asked figcaption")).to_contain_text("2 / 40")
    expect(guess).to_be_focused()
    expect(page.locator(".unseen")).to_contain_text("Answer 1 is noted.")
