"""The blind test in a real browser: guesses, score and interval, all of it in the page alone."""

import base64
import json
import re

import pytest
from playwright.sync_api import expect

from apps.stage.server import words
from core.measure.intervals import wilson
from tests.browser.test_lessons import settled, without_fonts
from tests.tab_case import TabCase

pytestmark = pytest.mark.browser
CASE = TabCase("compare")
SCENE = CASE.scene("blind")
NUMBER = 1 + [s["view"] for s in words.scenes("compare")].index("blind")


def kinds():
    """Return what each picture of the preset's test is: 0 real, else generated."""
    return CASE.tables("blind")["order"].tolist()


def answer(page, guesses):
    """Type guesses, 0 or 1 each, and wait until all are noted."""
    for at, guess in enumerate(guesses, 1):
        page.keyboard.press(str(guess + 1))
        if at < 40:
            expect(page.locator(".quiz .asked figcaption")).to_have_text(
                re.compile(rf"{at + 1} / 40$")
            )


def test_what_was_right_shows_after_the_last_picture_with_wilsons_interval(watch):
    seen = watch(f"/compare?scene={NUMBER}&lang=en", lang="en")
    page = settled(seen.page)
    truth = kinds()
    guesses = [i % 2 for i in range(40)]
    answer(page, guesses[:39])
    expect(page.locator(".quiz .result tbody tr")).to_have_count(1)  # no score yet
    assert "✓" not in page.locator(".quiz").inner_text()
    page.reload()
    settled(page)
    expect(page.locator(".quiz .asked figcaption")).to_have_text(re.compile(r"40 / 40$"))
    page.keyboard.press(str(guesses[39] + 1))
    right = sum((kind != 0) == guess for kind, guess in zip(truth, guesses))
    line = page.locator(".quiz tr.on td")
    expect(line.first).to_have_text(f"{right} / 40")
    low, high = (f"{100 * v:.0f} %" for v in wilson(right, 40))
    expect(line.last).to_have_text(f"{low} – {high}")
    expect(page.locator(".quiz .told")).to_have_count(40)
    expect(page.locator(".quiz .told.wrong")).to_have_count(40 - right)
    assert page.locator(".quiz .truth").count() == len(set(truth))


def test_no_server_hears_of_a_guess(watch):
    seen = watch(f"/compare?scene={NUMBER}&lang=en", lang="en")
    page = settled(seen.page)
    page.wait_for_load_state("networkidle")
    before = len(seen.asked)
    page.locator('[data-key="guess.0"]').click()
    page.keyboard.press("2")
    expect(page.locator(".quiz .asked figcaption")).to_have_text(re.compile(r"3 / 40$"))
    assert without_fonts(seen.asked[before:]) == []


def test_the_score_is_taken_away_and_cleared_and_nobody_else_sees_it(watch):
    page = settled(watch(f"/compare?scene={NUMBER}&lang=ko").page)
    guesses = [0, 1] * 20
    answer(page, guesses)
    page.get_by_role("button", name="가져가기").click()
    with page.expect_download() as download:
        page.locator(".take button", has_text="JSON").click()
    with open(download.value.path(), encoding="utf-8") as file:
        rows = json.load(file)["tables"]["history"]
    assert [row["guess"] for row in rows] == guesses
    assert [row["kind"] for row in rows] == kinds()
    other = settled(watch(f"/compare?scene={NUMBER}&lang=ko").page)
    expect(other.locator(".quiz .asked figcaption")).to_have_text(re.compile(r"1 / 40$"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="점수 지우기").click()
    expect(page.locator(".quiz .asked figcaption")).to_have_text(re.compile(r"1 / 40$"))
    expect(page.locator(".quiz .result tbody tr")).to_have_count(1)


def test_pictures_are_shown_in_one_ink_and_not_named_before_the_guess(watch):
    page = settled(watch(f"/compare?scene={NUMBER}&lang=ko").page)
    shades = page.locator(".quiz canvas").first
    pixels = shades.evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    inked = [pixels[i : i + 3] for i in range(0, len(pixels), 4) if pixels[i + 3] > 200]
    for one in inked:  # a canvas rounds colours that are partly clear
        assert max(abs(a - b) for a, b in zip(one, (20, 23, 31))) <= 2  # --ink
    name = shades.get_attribute("aria-label")
    page.keyboard.press("1")
    expect(page.locator(".quiz .said")).to_contain_text("1번째 답을 받았습니다")
    assert page.locator(".quiz canvas").first.get_attribute("aria-label") == name
    made = CASE.asked("blind")["frames"][0]["view"]
    assert len(base64.b64decode(made["shades"])) == 40 * 28 * 28


def test_a_heading_sorts_and_the_link_keeps_the_order(watch):
    page = settled(watch("/compare?scene=2&lang=ko").page)
    head = page.locator('[data-key="table.coverage"]')
    head.click()
    expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    rows = page.locator(".ranked tbody tr")
    first = rows.nth(1).locator("th").inner_text()  # under the heading of those without labels
    shown = [
        float(text.split()[0]) for text in rows.locator("td:nth-child(6)").all_inner_texts()[:5]
    ]
    assert shown == sorted(shown, reverse=True) and len(shown) == 5
    expect(page).to_have_url(re.compile("in="))
    page.reload()
    settled(page)
    expect(rows.nth(1).locator("th")).to_have_text(first)
