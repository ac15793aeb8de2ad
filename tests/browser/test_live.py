"""A run that goes on while it is watched: played, paused, gone back in, changed, left."""

import base64
import json
import re
import zlib
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import TimeoutError as Late
from playwright.sync_api import expect

from apps import TABS
from apps.stage.server import words
from tests.browser.test_lessons import settled
from tests.stage.test_live import CASES, LIVE

pytestmark = pytest.mark.browser
ANSWER = re.compile("component_server")


def opened(watch, tab, n, **options):
    seen = watch(f"/{tab}?scene={n}&lang=ko", **options)
    return settled(seen.page), seen


def count(page):
    """Return which frame is shown and which is the last."""
    at, last = page.locator(".bar output").text_content().split(" / ")
    return int(at), int(last)


def told(page):
    return page.locator(".facts strong").text_content()


@pytest.mark.parametrize(("tab", "n"), LIVE)
def test_a_run_plays_on_pauses_and_can_be_gone_back_in(watch, tab, n):
    page, _ = opened(watch, tab, n)
    _, first = count(page)
    page.keyboard.press("k")
    fewer = "|".join(str(last) for last in range(first + 2))
    expect(page.locator(".bar output")).to_have_text(
        re.compile(rf"^\d+ / (?!(?:{fewer})$)\d+$"), timeout=30000
    )
    page.keyboard.press("k")
    page.keyboard.press(",")
    later = told(page)
    page.keyboard.press(",")
    assert told(page) != later
    page.keyboard.press(".")
    expect(page.locator(".facts strong")).to_have_text(later)


@pytest.mark.parametrize(("tab", "n"), LIVE)
def test_settings_change_in_the_middle_of_a_run(watch, tab, n):
    page, _ = opened(watch, tab, n)
    at, last = count(page)
    for shown in range(at + 1, last + 2):  # to the opening's end, and one frame on
        page.keyboard.press(".")
        expect(page.locator(".bar output")).to_have_text(f"{shown} / {max(shown, last)}")
    select = page.locator(f'[data-key="control.{adaptable(tab, n)}"]')
    before = select.locator("option:checked").text_content()
    other = next(o for o in select.locator("option").all_text_contents() if o != before)
    with page.expect_response(ANSWER) as answer:
        select.select_option(label=other)
    assert "state" in answer.value.text()
    expect(page).to_have_url(re.compile("run="))
    assert count(page) == (last + 1, last + 1)


def adaptable(tab, n):
    """Return a list among a scene's controls whose change a run takes up where it stands."""
    controls = CASES[tab].tab.controls
    chosen = (controls[name] | {"name": name} for name in words.scenes(tab)[n - 1]["controls"])
    return next(c["name"] for c in chosen if c.get("list") and not c.get("restarts"))


def test_a_setting_that_restarts_a_run_begins_it_anew(watch):
    n = 1 + next(i for i, scene in enumerate(words.scenes("gan")) if "cure" in scene["controls"])
    page, _ = opened(watch, "gan", n)
    assert count(page)[1] > 0
    select = page.locator('[data-key="control.cure"]')
    select.select_option(index=1)
    expect(page.locator(".bar output")).to_have_text("0 / 0")


def test_a_step_of_one_net_from_an_earlier_moment_gives_up_what_came_after(watch):
    n = next(n for tab, n in LIVE if tab == "gan")
    page, _ = opened(watch, "gan", n)
    _, last = count(page)
    assert last >= 2
    for _ in range(last):
        page.keyboard.press(",")
    assert count(page) == (0, last)
    for button in page.locator(".bar button.act").all():
        page.keyboard.press(",")
        button.click()
        expect(page.locator(".bar output")).to_have_text("1 / 1")
    page.locator(".bar .acts button").last.click()
    expect(page.locator(".bar output")).to_have_text("0 / 0")


FIRST = [(tab, next(n for t, n in LIVE if t == tab)) for tab in dict(LIVE)]


def shown(page):
    return page.locator(".facts").inner_text(), count(page)


def on(page, key="."):
    """Press a key that leads to another frame, and wait for it."""
    before = page.locator(".bar output").text_content()
    page.keyboard.press(key)
    expect(page.locator(".bar output")).not_to_have_text(before)


@pytest.mark.parametrize(("tab", "n"), FIRST)
def test_a_link_does_again_what_was_done_to_a_run(watch, tab, n):
    """From an earlier moment of the opening, under changed inputs, with each act of the run."""
    page, _ = opened(watch, tab, n)
    for _ in range(count(page)[1] - count(page)[0]):
        on(page)
    on(page, ",")  # what came after this frame of the opening is given up
    first = count(page)[0]
    select = page.locator(f'[data-key="control.{adaptable(tab, n)}"]')
    with page.expect_response(ANSWER):
        select.select_option(index=select.locator("option:checked").count())
    expect(page.locator(".bar output")).to_have_text(f"{first} / {first}")
    page.evaluate("document.activeElement.blur()")
    on(page)
    on(page)
    for button in page.locator(".bar button.act").all():
        before = page.locator(".bar output").text_content()
        button.click()
        expect(page.locator(".bar output")).not_to_have_text(before)
    page.evaluate("document.activeElement.blur()")
    on(page)
    page.wait_for_timeout(1000)
    assert "run=" in page.url
    again = settled(watch(page.url[page.url.index(f"/{tab}?") :]).page)
    expect(again.locator(".bar output")).to_have_text(
        page.locator(".bar output").text_content(), timeout=60_000
    )
    expect(again.locator(".stage progress")).to_be_hidden()
    assert shown(again) == shown(page)
    again.wait_for_timeout(1000)
    assert told_by(again.url) == told_by(page.url)


def told_by(url):
    """Return what an address tells of the run."""
    packed = parse_qs(urlsplit(url).query)["run"][0]
    raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    return json.loads(zlib.decompress(raw, -15))


@pytest.mark.parametrize(
    "told",
    [
        {"from": 99, "acts": []},
        {"from": 0, "acts": [["fly", 1, {}, None]]},
        {"from": 0, "acts": [["both", 10**9, {}, None]]},
        {"from": 0, "acts": [["both", 1, [], None]]},
        {"from": 0, "acts": "both"},
        [],
    ],
)
def test_a_damaged_run_of_a_link_is_said_and_the_scene_stands(watch, told):
    deflate = zlib.compressobj(wbits=-15)
    packed = deflate.compress(json.dumps(told).encode()) + deflate.flush()
    run = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    n = next(n for tab, n in LIVE if tab == "gan")
    page = settled(watch(f"/gan?scene={n}&lang=en&run={run}", lang="en").page)
    expect(page.locator("[role=alert]").first).to_contain_text("link is damaged")
    assert count(page)[1] > 0


def test_a_run_that_a_link_tells_can_be_stopped_and_refuses_what_is_no_input(watch):
    n = next(n for tab, n in LIVE if tab == "gan")
    deflate = zlib.compressobj(wbits=-15)
    told = {"from": 0, "acts": [["both", 1, {"loss": "none"}, 20]]}
    packed = deflate.compress(json.dumps(told).encode()) + deflate.flush()
    run = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    page = settled(watch(f"/gan?scene={n}&lang=en&run={run}", lang="en").page)
    expect(page.locator("[role=alert]").first).to_contain_text("non-saturating")
    expect(page.locator(".stage progress")).to_be_hidden()
    assert page.locator(".stage canvas").count()


def test_leaving_a_scene_ends_its_run(watch):
    tab, n = next((tab, n) for tab, n in LIVE if n < len(words.scenes(tab)))
    page, _ = opened(watch, tab, n)
    with page.expect_response(ANSWER):
        page.keyboard.press("k")
    page.locator(".dots button").nth(0 if n > 1 else n).click()
    settled(page)
    with pytest.raises(Late), page.expect_request(ANSWER, timeout=1500):
        pass  # nothing is asked for any more


def test_a_run_can_be_taken_away(watch):
    tab, n = LIVE[0]
    page, _ = opened(watch, tab, n)
    page.keyboard.press(".")
    page.locator(".more button").last.click()
    for kind in ("PNG", "JSON", "CSV"):
        with page.expect_download() as got:
            page.locator(".take button", has_text=kind).click()
        path = got.value.path()
        assert path.stat().st_size > 100
        if kind == "JSON":
            rows = json.loads(path.read_text())["tables"]["history"]
            assert [row["x"] for row in rows] == sorted(row["x"] for row in rows)
            assert len(rows) == count(page)[0] + 1


def test_every_live_tab_is_tried():
    assert {tab for tab, _ in LIVE} <= set(TABS)


def test_the_worksheet_of_a_run_shows_what_it_opens_with(watch):
    sheet = watch("/gan?scene=6&lang=en&sheet=blank", lang="en").page.locator(".sheet")
    expect(sheet).to_be_visible()
    expect(sheet.locator(".chart").first).to_be_visible()
