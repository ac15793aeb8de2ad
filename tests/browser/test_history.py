"""Back and forward walk the scenes that were visited, as they were left."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.links import packed
from tests.browser.test_lessons import settled

pytestmark = pytest.mark.browser


def at(page, scene: int) -> None:
    expect(page.locator(".marks [aria-current]")).to_have_count(1)
    expect(page.locator(".marks button").nth(scene - 1)).to_have_attribute("aria-current", "step")
    expect(page).to_have_url(re.compile(f"scene={scene}(&|$)"))
    settled(page)


def test_back_and_forward_show_the_scenes_as_they_were_left(watch):
    page = settled(watch(f"/rnn?scene=1&lang=en&in={packed({'decimals': 6})}", lang="en").page)
    page.keyboard.press("Period")
    expect(page).to_have_url(re.compile("step=1"))
    page.keyboard.press("PageDown")  # the answer
    page.keyboard.press("PageDown")
    at(page, 2)
    page.locator(".marks button").nth(4).click()
    at(page, 5)
    page.go_back()
    at(page, 2)
    page.go_back()
    at(page, 1)
    expect(page.locator(".bar output")).to_have_text("1 / 6")
    expect(page.locator(".ctl input[type=range]")).to_have_value("6")
    expect(page.locator(".told")).to_have_count(0)
    page.go_forward()
    at(page, 2)
    page.go_forward()
    at(page, 5)


def test_a_changed_control_is_no_place_to_go_back_to(watch):
    page = settled(watch("/rnn?scene=1&lang=en", lang="en").page)
    page.locator(".marks button").nth(1).click()
    at(page, 2)
    page.locator(".ctl input[type=range]").press("ArrowRight")
    expect(page).to_have_url(re.compile("in="))
    page.go_back()
    at(page, 1)
