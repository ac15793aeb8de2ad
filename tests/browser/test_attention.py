"""Tokens that are pointed at light up in every figure of their group; a small grid picks a head; a
date is typed, and one that is too long is refused in a sentence.
"""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def settled(page):
    page.wait_for_selector(".fit > *")
    page.wait_for_selector(".stage:not([aria-busy])")
    return page


def test_arrow_keys_light_up_a_token_in_lines_and_grid(watch):
    page = settled(watch("/attention?scene=7&lang=ko&step=0").page)
    lines = page.locator(".ties svg")
    lines.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".ties .token-box.at text")).to_have_text("0")
    expect(page.locator(".ties .read")).to_contain_text("‘0’ →")
    before = page.locator(".lookup .ring").first.get_attribute("y")
    page.keyboard.press("ArrowRight")
    assert page.locator(".lookup .ring").first.get_attribute("y") != before
    page.keyboard.press("ArrowDown")  # to what was read
    expect(page.locator(".ties .token-box.at text")).to_have_text("시작")
    expect(page.locator(".lookup .ring").last).to_be_visible()
    expect(page).to_have_url(re.compile("scene=7"))  # the arrows stayed in the figure


def test_the_pointer_reads_a_weight(watch):
    page = settled(watch("/attention?scene=7&lang=en&step=4").page)
    grid = page.locator(".lookup svg")
    box = grid.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"])
    expect(page.locator(".lookup .read")).to_have_text(re.compile(r"→ .+ \d\.\d{3}"))
    assert page.locator(".ties .tie.lit").count() > 0


def test_pressing_a_small_grid_shows_that_head(watch):
    page = settled(watch("/attention?scene=7&lang=en").page)
    page.locator(".heads button").nth(2).click()
    expect(page.locator(".heads button").nth(2)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".heads button.on")).to_have_text("1–3")
    expect(page).to_have_url(re.compile(r"in="))


def test_a_date_is_typed_and_one_too_long_is_refused(watch):
    page = settled(watch("/attention?scene=6&lang=en").page)
    field = page.locator('[data-key="control.text"]')
    field.fill("1999. 12. 31.(금)")
    field.press("Enter")
    page.locator(".bar input").fill("10")
    expect(page.locator(".fit")).to_contain_text("1999-12-31 · the model is sure")
    field.fill("2026 " * 20)
    field.press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("at most 48")
    expect(field).to_have_value("2026 " * 20)
