"""A page never dead-ends: whatever a link holds, however a request ends, there is a way on."""

import re

import pytest
from playwright.sync_api import expect

from apps import TABS
from apps.stage.server import words
from tests.browser.links import packed
from tests.browser.test_lessons import settled
from tests.conftest import Watch
from tests.stage.test_live import LIVE

pytestmark = pytest.mark.browser
ANSWER = re.compile("component_server")
# What a link may hold that no input takes: of each kind that the page itself reads.
WRONG = [{"decimals": 400}, {"decimals": -3}, {"no such input": 1}]
HALT = ".halt button"


@pytest.fixture
def unwatched(browser, hub):
    """Return a function that opens a page whose faults are the test's own doing."""
    opened = []

    def open_(path, **options):
        one = Watch(browser, hub, **options)
        opened.append(one)
        one.open(path)
        return one

    yield open_
    for one in opened:
        one.context.close()
        assert not [fault for fault in one.faults if fault.startswith("page error")], one.faults


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("changes", WRONG, ids=str)
def test_a_link_whose_values_are_refused_opens_the_preset_and_says_why(watch, tab, changes):
    page = watch(f"/{tab}?scene=1&lang=en&in={packed(changes)}").page
    settled(page)
    assert page.locator(".fit > *").count()
    expect(page.get_by_role("alert")).to_contain_text(next(iter(changes)).replace("decimals", ""))
    expect(page.get_by_role("alert")).to_contain_text("preset")
    assert "in=" not in page.url
    expect(page.locator(".stale")).to_have_count(0)


def test_a_damaged_link_opens_the_preset_undimmed(watch):
    page = settled(watch("/rnn?scene=1&lang=en&in=@@@").page)
    expect(page.get_by_role("alert")).to_have_text(words.words("en", "errors")["link"])
    expect(page.locator(".stale")).to_have_count(0)


OLD = "delete globalThis.CompressionStream; delete globalThis.DecompressionStream;"


def test_a_browser_that_cannot_unpack_a_link_says_so_and_writes_links_that_it_can_read(watch):
    link = f"/rnn?scene=1&lang=en&in={packed({'decimals': 2})}"
    page = settled(watch(link, script=OLD).page)
    expect(page.get_by_role("alert")).to_have_text(words.words("en", "errors")["link_browser"])
    control = page.locator(".ctl input[type=radio]:not(:checked)").first
    control.locator("xpath=..").click()
    expect(page).to_have_url(re.compile(r"in=\."))
    url = page.url
    for script in (OLD, ""):  # and so can a newer browser
        other = settled(watch(url[url.index("/rnn") :], script=script).page)
        expect(other.get_by_role("alert")).to_have_count(0)
        expect(other.locator(".changed")).to_be_visible()


def test_what_was_typed_survives_every_toggle(watch):
    page = settled(watch("/rnn?scene=1&lang=ko").page)
    turn = page.locator('[data-key="drawer.turn"]')
    turn.click()
    blanks = page.locator("input.blank")
    blanks.nth(0).fill("0.25")
    blanks.nth(1).fill("abc")
    page.locator(".turn .go").click()
    marks = page.locator(".turn .marks").text_content()
    assert marks

    def same():
        expect(blanks.nth(0)).to_have_value("0.25")
        expect(blanks.nth(1)).to_have_value("abc")
        expect(blanks.nth(1)).to_have_attribute("data-mark", "wrong")

    page.locator("h1").click()
    for _ in range(2):  # presenting, and back
        page.keyboard.press("f")
        same()
    page.locator('[data-key="drawer.code"]').click()
    turn.click()
    same()
    turn.click()
    turn.click()
    same()
    header = page.locator("header")
    for lang in ("en", "ko"):
        header.get_by_text({"en": "EN", "ko": "KO"}[lang], exact=True).first.click()
        expect(page.locator("html")).to_have_attribute("lang", lang)
        same()
    expect(page.locator(".turn .marks")).to_have_text(marks)
    page.keyboard.press("PageDown")  # the answer, the next scene, and back
    page.keyboard.press("PageDown")
    settled(page)
    page.keyboard.press("PageUp")
    settled(page)
    turn.click()
    same()


def test_a_run_that_was_offline_goes_on_and_its_error_goes(unwatched):
    tab, n = LIVE[0]
    seen = unwatched(f"/{tab}?scene={n}&lang=en")
    page = settled(seen.page)
    seen.context.set_offline(True)
    page.keyboard.press("k")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(HALT)).to_be_visible()
    seen.context.set_offline(False)
    expect(page.get_by_role("alert")).to_have_count(0)  # without a hand
    expect(page.locator(".stale")).to_have_count(0)
    expect(page.locator(HALT)).to_be_hidden()


def test_a_scene_opened_offline_can_be_tried_again(unwatched):
    seen = unwatched("/rnn?scene=1&lang=en")
    page = settled(seen.page)
    page.route(ANSWER, lambda route: route.abort())
    page.locator(".dots button").nth(1).click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert not page.locator(".fit > *").count()
    page.locator(HALT).click()  # still not there
    expect(page.locator(HALT)).to_be_visible()
    page.unroute(ANSWER)
    page.locator(HALT).click()
    expect(page.locator(".fit > *").first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(HALT)).to_be_hidden()


def test_a_first_computation_that_was_stopped_can_be_tried_again(unwatched):
    seen = unwatched("/rnn?scene=1&lang=en")
    page = settled(seen.page)
    held = []
    page.route(ANSWER, lambda route: held.append(route))  # no answer comes
    page.locator(".dots button").nth(1).click()
    page.locator(".progress button").click()
    expect(page.locator(HALT)).to_be_visible()
    page.unroute(ANSWER)
    page.locator(HALT).click()
    expect(page.locator(".fit > *").first).to_be_visible()
    expect(page.locator(HALT)).to_be_hidden()
    assert held


@pytest.mark.parametrize(
    ("status", "rule"), [(413, "too_large"), (400, "turned_away"), (503, "turned_away")]
)
def test_a_request_that_is_turned_away_is_told_as_that(unwatched, status, rule):
    page = settled(unwatched("/rnn?scene=1&lang=en").page)
    page.route(ANSWER, lambda route: route.fulfill(status=status, body="no"))
    page.locator(".dots button").nth(1).click()
    expect(page.get_by_role("alert")).to_have_text(words.words("en", "errors")[rule])
