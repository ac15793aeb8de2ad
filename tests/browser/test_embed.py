"""A scene inside another page: claim, stage and transport alone, in a frame of any size."""

import re

import pytest
from playwright.sync_api import expect

from apps import TABS
from apps.stage.server import words
from tests.browser.test_export import serving
from tests.browser.test_lessons import plain, settled

pytestmark = pytest.mark.browser
SIZES = ((480, 270), (960, 540))
# What a frame would cut off or let scroll, of the whole page and of the picture in its room.
CUT = """() => {
    const { scrollHeight, scrollWidth } = document.documentElement;
    const room = document.querySelector('.view').getBoundingClientRect();
    const inner = document.querySelector('.view .fit').getBoundingClientRect();
    return [
        scrollHeight > innerHeight && 'scrolls down', scrollWidth > innerWidth && 'scrolls across',
        (inner.bottom > room.bottom + 1 || inner.top < room.top - 1) && 'cut off in height',
        (inner.right > room.right + 1 || inner.left < room.left - 1) && 'cut off in width',
        room.height < 0.45 * innerHeight && 'a small stage',
    ].filter(Boolean);
}"""
SHOWN = """() => [...document.querySelectorAll(
    'header.top, .say, .ask, .ctl, .facts, .more, .drawer, .marks')]
    .filter((one) => one.getClientRects().length).map((one) => one.className)"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tab", TABS)
def test_a_scene_fits_into_a_frame_with_claim_and_transport(watch, tab, size):
    lang = "en" if size[0] == 480 else "ko"
    page = watch(f"/{tab}?embed=1&lang={lang}", lang=lang, width=size[0], height=size[1]).page
    settled(page)
    claim = words.words(lang, tab)["scene"][0]["claim"]
    expect(page.locator("h1")).to_have_text(plain(claim))
    assert page.evaluate(SHOWN) == [] and page.evaluate(CUT) == []
    assert page.locator(".opener").is_visible()


def test_keys_play_and_leave_the_scene_and_its_answer_alone(watch):
    page = settled(watch("/rnn?scene=2&embed=1&lang=en", lang="en", width=640, height=360).page)
    before = page.locator(".bar output").text_content()
    page.keyboard.press("Comma")
    expect(page.locator(".bar output")).not_to_have_text(str(before))
    for key in ("Space", "ArrowRight", "KeyF", "KeyA"):
        page.keyboard.press(key)
    assert "scene=2" in page.url and "present" not in page.url
    assert page.locator(".told").count() == 0


def test_the_link_opens_the_lesson_as_the_frame_shows_it(watch):
    page = settled(watch("/rnn?scene=2&embed=1&lang=en", lang="en", width=640, height=360).page)
    page.keyboard.press("Comma")
    page.keyboard.press("Comma")
    expect(page).to_have_url(re.compile("step="))
    with page.context.expect_page() as opened:
        page.locator(".opener").click()
    whole = opened.value
    whole.wait_for_selector("header.top")
    assert "embed" not in whole.url and re.search("step=", whole.url)
    whole.close()


def test_what_is_copied_shows_the_scene_on_a_page_that_may_frame_it(watch):
    page, found = settled(watch("/rnn?scene=3&lang=en", lang="en").page), []
    page.on("dialog", lambda dialog: (found.append(dialog.default_value), dialog.accept()))
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.locator("[data-key='header.copy_embed']").click()
    (html,) = found
    src = re.search(r'src="([^"]+)"', html)
    assert html.startswith("<iframe ") and src and "embed=1" in src[1] and "scene=3" in src[1]
    page.evaluate("html => { document.body.innerHTML = html; }", html)  # a page of its own origin
    expect(page.frame_locator("iframe").locator(".opener")).to_be_visible()


def test_a_page_from_elsewhere_may_not_frame_it_unless_it_is_allowed(browser, hub, tmp_path):
    (tmp_path / "index.html").write_text(f'<iframe src="{hub}/rnn?embed=1"></iframe>')
    page = browser.new_page()
    with serving(tmp_path) as elsewhere, page.expect_console_message() as said:
        page.goto(f"{elsewhere}/")
    assert "frame-ancestors" in said.value.text
    page.close()
