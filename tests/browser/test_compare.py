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


def test_guesses_are_counted_and_the_interval_is_wilsons(watch):
    seen = watch(f"/compare?scene={NUMBER}&lang=en", lang="en")
    page = settled(seen.page)
    page.wait_for_load_state("networkidle")
    before, truth = len(seen.asked), kinds()
    page.locator('[data-key="guess.0"]').click()
    expect(page.locator(".quiz .asked figcaption")).to_have_text(re.compile(r"2 / 40$"))
    for key in "2112":
        page.keyboard.press(key)
    guesses = [0, 1, 0, 0, 1]
    right = sum((kind != 0) == guess for kind, guess in zip(truth, guesses))
    line = page.locator(".quiz tr.on td")
    expect(line.first).to_have_text(f"{right} / 5")
    low, high = (f"{100 * v:.0f} %" for v in wilson(right, 5))
    expect(line.last).to_have_text(f"{low} – {high}")
    assert without_fonts(seen.asked[before:]) == []  # no server hears of it
    told = page.locator(".quiz .result").inner_text()
    page.reload()
    settled(page)
    expect(page.locator(".quiz .asked figcaption")).to_have_text(re.compile(r"6 / 40$"))
    assert page.locator(".quiz .result").inner_text() == told


def test_the_score_is_taken_away_and_cleared_and_nobody_else_sees_it(watch):
    page = settled(watch(f"/compare?scene={NUMBER}&lang=ko").page)
    for key in "12":
        page.keyboard.press(key)
    page.get_by_role("button", name="가져가기").click()
    with page.expect_download() as download:
        page.locator(".take button", has_text="JSON").click()
    with open(download.value.path(), encoding="utf-8") as file:
        rows = json.load(file)["tables"]["history"]
    assert [row["guess"] for row in rows] == [0, 1]
    assert [row["kind"] for row in rows] == kinds()[:2]
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
    expect(page.locator(".quiz .said")).to_contain_text(re.compile("맞았|틀렸"))
    assert page.locator(".quiz canvas").first.get_attribute("aria-label") == name
    made = CASE.asked("blind")["frames"][0]["view"]
    assert len(base64.b64decode(made["shades"])) == 40 * 28 * 28


def test_a_heading_sorts_and_the_link_keeps_the_order(watch):
    page = settled(watch("/compare?scene=2&lang=ko").page)
    head = page.locator('[data-key="table.coverage"]')
    head.click()
    expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    first = page.locator(".ranked tbody th").first.inner_text()
    values = page.locator(".ranked tbody tr td:nth-child(7)").all_inner_texts()
    shown = [float(v) for v in values if re.fullmatch(r"\d\.\d+", v)]
    assert shown == sorted(shown, reverse=True) and len(shown) > 1
    expect(page).to_have_url(re.compile("in="))
    page.reload()
    settled(page)
    expect(page.locator(".ranked tbody th").first).to_have_text(first)
