"""Behind a proxy that serves the hub under a path and takes the path off."""

import re

import pytest
from gradio_client import Client
from playwright.sync_api import expect

from apps import TABS
from apps.flow import flow_sample
from apps.stage.server.takeaway import bare
from tests.browser.test_lessons import settled
from tests.conftest import WAIT, Watch, start
from tests.proxy import stripped
from tests.stage.test_live import LIVE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PREFIX = "/lessons"


@pytest.fixture(scope="module")
def site():
    """The address of a hub behind such a proxy."""
    process, url, _ = start("--root-path", PREFIX)
    with stripped(url, PREFIX) as proxy:
        yield f"{proxy}{PREFIX}"
    process.terminate()
    process.wait(timeout=WAIT)


def test_home_links_pages_boards_and_runs_work_and_nothing_is_asked_for_outside(browser, site):
    seen = Watch(browser, site, lang="en", motion="no-preference")
    page = seen.open("/")
    links = page.eval_on_selector_all("a[href]", "all => all.map((a) => a.href)")
    assert len(links) > len(TABS) and all(link.startswith(f"{site}/") for link in links)
    for tab in ("rnn", "compare"):
        seen.open("/")
        page.locator(f'a[href*="{tab}"]').last.click()
        page.wait_for_url(re.compile(f"{site}/{tab}"))
        settled(page)
        page.locator(".dots button").nth(1).click()
        settled(page)
        expect(page).to_have_url(re.compile("scene=2"))
    tab, n = LIVE[0]
    seen.open(f"/{tab}?scene={n}&lang=en")
    settled(page)
    last = int(page.locator(".bar output").text_content().split(" / ")[1])
    page.keyboard.press("k")
    expect(page.locator(".bar output")).to_have_text(f"{last + 1} / {last + 1}", timeout=120_000)
    page.keyboard.press("k")
    assert seen.faults == []


def test_a_sampling_waits_in_the_queue_through_the_proxy(site):
    client = Client(site, verbose=False)
    came = client.submit("realnvp-moons", 3, 0, 1, api_name="/flow_sample").result(timeout=WAIT)
    assert came == bare(flow_sample("realnvp-moons", 3, 0, 1))
