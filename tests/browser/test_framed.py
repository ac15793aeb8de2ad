"""What a browser may deny or do in another way: storage in a frame, a Hangul layout."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_game import DENIED
from tests.browser.test_lessons import settled

pytestmark = pytest.mark.browser
# A key as a keyboard sends it whose layout is Hangul.
PRESS = """([key, code]) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", {key, code, bubbles: true, cancelable: true}))"""


@pytest.mark.parametrize("path", ["/", "/rnn", "/compare"])
def test_a_page_that_is_denied_storage_is_drawn(watch, path):
    page = watch(f"{path}?lang=en", lang="en", script=DENIED).page
    assert len(page.locator(".page").inner_text()) > 200


def test_keys_work_under_a_hangul_layout(watch):
    page = settled(watch("/rnn?scene=1&lang=en", lang="en").page)
    before = page.locator(".bar output").text_content()
    page.evaluate(PRESS, ["ㄹ", "KeyF"])
    expect(page).to_have_url(re.compile("present=1"))
    page.evaluate(PRESS, ["ㅏ", "KeyK"])
    expect(page.locator(".bar output")).not_to_have_text(str(before))
