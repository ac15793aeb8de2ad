"""A page that waits in line says so, can stop, and then asks for nothing more."""

import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
WAIT = json.dumps(json.dumps({"ok": {"wait": {"place": 3, "seconds": 7.4}}}))


@pytest.mark.parametrize(
    ("lang", "said"),
    [("ko", "앞에 3명 · 약 8초 뒤 시작"), ("en", "3 before you · starts in about 8 s")],
)
def test_a_place_in_line_is_told_and_given_up(watch, lang, said):
    seen = watch(f"/rnn?scene=1&lang={lang}")
    page = seen.page
    page.wait_for_selector(".page:not([aria-busy])")
    asked = []

    def wait(route):
        asked.append(json.loads(route.request.post_data)["data"]["ticket"])
        page.wait_for_timeout(100)  # as the server lets a page wait
        route.fulfill(body=WAIT, content_type="application/json")

    page.route(re.compile("component_server"), wait)
    page.locator(".ctl input[type=radio]:checked").first.press("ArrowRight")
    bar = page.locator(".progress")
    expect(bar.locator("span")).to_have_text(said)
    assert bar.locator("progress").get_attribute("value") is None  # nobody knows the share
    bar.get_by_role("button").click()
    expect(bar).to_be_hidden()
    page.wait_for_load_state("networkidle")
    before = len(asked)
    page.wait_for_timeout(500)
    assert len(asked) == before > 0 and len(set(asked)) == 1
