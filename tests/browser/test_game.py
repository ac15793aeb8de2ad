"""The game on the stage: played by keys and by finger, its scores kept over a reload."""

import json
import re

import pytest
from playwright.sync_api import expect

from apps.stage.server import words
from tests.browser.test_lessons import settled

pytestmark = pytest.mark.browser
SCENE = 1 + next(i for i, one in enumerate(words.scenes("world")) if one["view"] == "play")
PATH = f"/world?scene={SCENE}&lang=en"
DENIED = """for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, name, {get() { throw new DOMException("no", "SecurityError"); }});
"""
OUTPUT = ".bar output"


def opened(watch, **options):
    return settled(watch(PATH, lang="en", **options).page)


def column(page):
    """Return the player's column, 0 to 5, read off the picture's last row."""
    return page.evaluate(
        """() => {
            const canvas = document.querySelector(".stage canvas.touched");
            const { data } = canvas.getContext("2d").getImageData(0, 13, 16, 1);
            return [0, 1, 2, 3, 4, 5].findIndex((x) => data[4 * (2 + 2 * x) + 3] > 127);
        }"""
    )


def tap(page, share, to=None):
    """Press the picture at a share of its width, and lift the finger at another one."""
    box = page.locator("canvas.touched").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + share * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + (share if to is None else to) * box["width"], y)
    page.mouse.up()


def step(page, n):
    expect(page.locator(OUTPUT)).to_have_text(f"{n} / {n}")


@pytest.mark.parametrize("width", [1280, 390])
def test_taps_and_swipes_move_the_player(watch, width):
    page = opened(watch, width=width, height=720)
    x = column(page)
    ways = [(0.8, None, 1), (0.2, None, -1), (0.5, None, 0), (0.3, 0.7, 1), (0.7, 0.3, -1)]
    if x == 5:
        ways = [ways[1], ways[0], *ways[2:3], ways[4], ways[3]]
    for n, (start, end, move) in enumerate(ways, 1):  # five steps: no wall has come down yet
        tap(page, start, end)
        step(page, n)
        x = min(5, max(0, x + move))
        assert column(page) == x, (start, end)


def test_keys_move_the_player_and_turn_no_scene(watch):
    page = opened(watch)
    x = column(page)
    for n, (key, move) in enumerate([("ArrowLeft", -1), ("ArrowUp", 0), ("ArrowRight", 1)], 1):
        page.keyboard.press(key)
        step(page, n)
        x = min(5, max(0, x + move))
        assert column(page) == x
    assert f"scene={SCENE}" in page.url


def test_of_two_quick_presses_none_is_lost(watch):
    page = opened(watch)
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    step(page, 4)
    expect(page.locator(".facts")).to_contain_text("steps survived 4")


def lose(page):
    """Stay until a wall comes; return the bar of the visitor's own score."""
    mine = page.locator(".bars li", has_text="you, real")
    for _ in range(200):
        before = page.locator(OUTPUT).text_content()
        page.keyboard.press("ArrowDown")
        expect(page.locator(OUTPUT)).not_to_have_text(str(before))
        if mine.count():
            return mine
    raise AssertionError("no wall came")


def test_a_score_outlives_a_reload_and_can_be_cleared(watch):
    page = opened(watch)
    score = lose(page).text_content()
    kept = json.loads(page.evaluate("localStorage.getItem('run.world.play')"))
    assert kept["dead"] and len(kept["games"]["real"]) == 1
    page.reload()
    settled(page)
    expect(page.locator(".bars li", has_text="you, real")).to_have_text(str(score))
    page.keyboard.press("ArrowDown")
    step(page, 1)
    page.locator('[data-key="act.clear"]').click()
    expect(page.locator(".bars li", has_text="you, real")).to_have_count(0)
    page.reload()
    settled(page)
    expect(page.locator(".bars li", has_text="optimum")).to_have_count(1)
    expect(page.locator(".bars li", has_text="you, real")).to_have_count(0)


def test_what_an_older_release_kept_does_not_stop_a_game(watch):
    page = opened(watch)
    page.evaluate("localStorage.setItem('run.world.play', '{\"world\": \"moon\"}')")
    page.reload()
    settled(page)
    page.keyboard.press("ArrowDown")
    step(page, 1)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_without_a_storage_it_still_plays(watch):
    page = opened(watch, script=DENIED)
    lose(page)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".facts")).to_contain_text(re.compile("steps survived 0"))


def test_a_link_plays_a_game_again(watch):
    page = opened(watch)
    for n, key in enumerate(("1", "2", "3", "3"), 1):
        tap(page, {"1": 0.2, "2": 0.5, "3": 0.8}[key])
        step(page, n)
    expect(page).to_have_url(re.compile("run="))
    again = settled(watch(page.url[page.url.index("/world?") :], lang="en").page)
    step(again, 4)
    assert column(again) == column(page)
    assert again.locator(".facts").inner_text() == page.locator(".facts").inner_text()
