"""A run that goes on while it is watched: played, paused, gone back in, changed, left."""

import json
import re

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
    expect(page).to_have_url(re.compile("in="))
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
