"""The weeks in the header: menus by keyboard, pointer and touch, in any window, and the home page's
topics.
"""

import re

import pytest
from playwright.sync_api import expect

from apps import TABS, hub
from apps.stage.server import words
from tests.browser.test_access import axe, ready
from tests.browser.test_legible import LOST
from tests.browser.test_lessons import plain, settled

pytestmark = pytest.mark.browser
WEEK = {tab: words.words("en", tab)["week"] for tab in TABS}
TITLE = {tab: words.words("en", tab)["title"] for tab in TABS}
AROUND = """() => ['.lesson', '.map', '.tools', '.brand'].map((one) => {
    const { x, y, width, height } = document.querySelector(one)?.getBoundingClientRect() || {};
    return [x, y, width, height] })"""


def week(page, n):
    return page.locator(f'[data-key="header.week-{n}"]')


def opened(page):
    """Return the titles in the open menu."""
    return page.locator(".week ul:visible a b").all_inner_texts()


def lessons(n):
    return [TITLE[tab] for tab in TABS if WEEK[tab] == n]


def test_a_menu_is_worked_by_keyboard_and_the_lesson_hears_nothing(watch):
    page = settled(watch("/ebm?scene=2&lang=en", lang="en").page)
    week(page, 4).focus()
    page.keyboard.press("ArrowDown")
    assert opened(page) == lessons(4)
    links = page.locator(".week ul:visible a")
    expect(links.first).to_be_focused()
    page.keyboard.press("End")
    expect(links.last).to_be_focused()
    page.keyboard.press("ArrowDown")  # there is no more
    expect(links.last).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("e")  # which begins "Energy-based model"
    expect(links.filter(has_text="Energy")).to_be_focused()
    page.keyboard.press("f")  # begins none, and does not present either
    expect(links.filter(has_text="Energy")).to_be_focused()
    page.keyboard.press("Escape")
    expect(week(page, 4)).to_be_focused()
    assert opened(page) == []
    page.keyboard.press("ArrowRight")
    expect(week(page, 5)).to_be_focused()
    page.keyboard.press("Space")
    assert opened(page) == lessons(5)
    page.keyboard.press("Shift+Tab")  # the focus leaves, the menu shuts
    assert opened(page) == []
    assert "scene=2" in page.url and "present" not in page.url


def test_a_hangul_lesson_is_found_by_its_first_sound(watch):
    page = settled(watch("/rnn?scene=1&lang=ko").page)
    week(page, 1).focus()
    page.keyboard.press("ArrowDown")
    page.evaluate(
        """document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', {key: 'ㅎ', code: 'KeyG', bubbles: true, cancelable: true}))"""
    )
    expect(page.locator(".week a:focus b")).to_have_text(words.words("ko", "hopfield")["title"])


@pytest.mark.parametrize("tab", ["gan", "compare"])
def test_the_lesson_that_is_shown_is_marked_and_another_is_chosen(watch, tab):
    page = settled(watch(f"/{tab}?scene=1&lang=en&__theme=dark", lang="en").page)
    expect(page.locator(".week.here button")).to_have_text(f"Week {WEEK[tab]} · {TITLE[tab]}")
    expect(page.locator('.week [aria-current="page"] b')).to_have_text(TITLE[tab])
    week(page, WEEK["vae"]).click()
    page.locator(".week ul:visible a", has_text="VAE").click()
    expect(page.locator("h1")).to_have_text(plain(words.words("en", "vae")["scene"][0]["claim"]))
    assert "lang=en" in page.url and "__theme=dark" in page.url


@pytest.mark.parametrize(
    ("path", "theme"),
    [("/?lang=ko", "light"), ("/?lang=en", "dark"), ("/gan?lang=en", "light"), ("/vae", "dark")],
)
def test_axe_finds_nothing_in_any_open_menu(watch, path, theme):
    page = ready(watch(f"{path}{'&' if '?' in path else '?'}__theme={theme}"))
    for n in sorted(set(WEEK.values())):
        week(page, n).click()
        expect(week(page, n)).to_have_attribute("aria-expanded", "true")
        assert axe(page, ".top") == []


@pytest.mark.parametrize(
    ("width", "height", "lang"),
    [(1280, 720, "ko"), (821, 720, "en"), (390, 844, "ko"), (320, 568, "en")],
)
def test_an_open_menu_moves_nothing_and_lies_within_the_window(watch, width, height, lang):
    page = settled(watch(f"/flow?scene=1&lang={lang}", lang=lang, width=width, height=height).page)
    before = page.evaluate(AROUND)
    for n in sorted(set(WEEK.values())):
        week(page, n).click()
        box = page.locator(".week ul:visible").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, n
        assert page.evaluate(LOST) == [], n
        assert page.evaluate(AROUND) == before, n
        assert len(opened(page)) == len(lessons(n))  # the one before is shut
    page.mouse.click(1, height - 1)
    assert opened(page) == []


def test_buttons_of_a_phone_can_be_touched(watch):
    page = settled(watch("/rnn?scene=1&lang=en", lang="en", width=320, height=568).page)
    for one in page.locator(".week > button").all():
        box = one.bounding_box()
        assert box["width"] >= 44 and box["height"] >= 32


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_topic_of_a_week_leads_to_its_scene(watch, lang):
    page = watch(f"/?lang={lang}", lang=lang).page
    topics = [(tab, one) for tab in TABS for one in hub.topics(tab)]
    for n in range(1, 7):
        found = page.locator(".course > li").nth(n - 1).locator(".chip:not(.lesson)")
        links = {
            link.inner_text(): re.sub(
                r".*/(\w+)\?.*\bscene=(\d+).*", r"\1 \2", link.get_attribute("href")
            )
            for link in found.all()
        }
        expected = {
            one["title"][lang]: f"{tab} {one['scene']}" for tab, one in topics if one["week"] == n
        }
        assert links == expected and expected
    page.get_by_role("link", name="CGAN", exact=True).click()
    scenes = words.words(lang, "gan")["scene"]
    (shown,) = (one for one in scenes if one.get("topic") == "CGAN")
    expect(page.locator("h1")).to_have_text(plain(shown["claim"]))
