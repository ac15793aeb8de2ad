"""Squares that are pressed: three zooms of the net there and back, by pointer and by keys."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_lessons import settled

pytestmark = pytest.mark.browser


def at(page):
    """Return where the transport stands, "1 / 2"."""
    return page.locator(".bar output")


def test_a_click_zooms_into_a_unit_then_into_its_sum_and_back(watch):
    page = settled(watch("/cnn?scene=2&lang=en", lang="en").page)
    url = page.url
    expect(at(page)).to_have_text("0 / 2")
    maps = page.locator(".raster .pressable")
    expect(maps).to_have_count(24)
    maps.nth(3).click(position={"x": 30, "y": 40})
    expect(at(page)).to_have_text("1 / 2")
    expect(page).not_to_have_url(url)  # the unit is in the link
    settled(page)
    expect(page.locator(".facts")).to_contain_text("conv 1")
    page.locator(".raster .pressable").nth(1).click()  # its weights
    expect(at(page)).to_have_text("2 / 2")
    expect(page.locator(".raster figcaption").nth(2)).to_contain_text("Σ₁")
    page.locator(".raster .pressable").first.click()
    expect(at(page)).to_have_text("1 / 2")
    page.locator(".raster .pressable").first.click()  # the digit
    expect(at(page)).to_have_text("0 / 2")
    page.locator(".bars .named").nth(3).click()
    expect(at(page)).to_have_text("1 / 2")
    expect(page.locator(".facts")).to_contain_text("class [3]")


def test_the_keyboard_zooms_too(watch):
    page = settled(watch("/cnn?scene=2&lang=en", lang="en").page)
    first = page.locator(".raster .pressable").first
    first.focus()
    title = first.get_attribute("title") or ""
    page.keyboard.press("ArrowDown")
    expect(first).not_to_have_attribute("title", title)
    expect(page.locator(".unseen")).to_contain_text(re.compile(r"\[16, 15\]"))
    page.keyboard.press("Enter")
    expect(at(page)).to_have_text("1 / 2")
    page.keyboard.press("Period")
    expect(at(page)).to_have_text("2 / 2")
    page.keyboard.press("Comma")
    page.keyboard.press("Comma")
    expect(at(page)).to_have_text("0 / 2")
    page.locator(".raster .pressable").first.focus()
    page.keyboard.press(".")  # also while a figure has the keyboard
    expect(at(page)).to_have_text("1 / 2")
    expect(page.locator("h1")).to_contain_text("24 feature maps")  # still the same scene


def test_a_pixel_is_turned_over_and_an_output_leads_to_its_window(watch):
    page = settled(watch("/cnn?scene=1&lang=en", lang="en").page)
    picture, out = (page.locator(".raster .pressable").nth(k) for k in (0, 1))
    numbers = picture.locator("text")
    expect(numbers.first).to_have_text("0")
    picture.click(position={"x": 8, "y": 8})
    expect(page.locator(".raster .pressable").first.locator("text").first).to_have_text("1")
    box = out.bounding_box()
    assert box
    out.click(position={"x": box["width"] - 6, "y": box["height"] - 6})
    expect(at(page)).to_have_text("35 / 35")


def test_a_cell_of_the_confusion_matrix_opens_its_pictures(watch):
    page = settled(watch("/cnn?scene=7&lang=en", lang="en").page)
    matrix = page.locator(".raster .pressable")
    box = matrix.bounding_box()
    assert box
    matrix.click(position={"x": 4.5 * box["width"] / 10, "y": 9.5 * box["height"] / 10})
    expect(page.locator(".view")).to_contain_text("9 read as 4: 8 of 8 pictures")
    expect(page.locator(".view .shades")).to_have_count(8)
