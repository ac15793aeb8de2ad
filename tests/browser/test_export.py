"""The site without a server, served under a sub-path and driven in a browser."""

import http.server
import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect

from apps import hub
from apps.export import recorded, site
from apps.stage.server import words
from apps.stage.server.boards import answers, scenes
from tests.browser.test_lessons import plain, settled
from tests.conftest import Watch

pytestmark = pytest.mark.browser
TABS = ("rnn", "flow")  # matrices and pictures to draw into, choices, a run


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Python's own server of files, without a line a request."""

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The site, in a folder below the server's top."""
    top = tmp_path_factory.mktemp("served")
    site.write(top / "below" / "it", TABS)
    return top


@pytest.fixture
def served(folder, browser) -> Iterator[Watch]:
    """A watched page, and the site's server, which `stop` ends."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    one = Watch(browser, f"http://127.0.0.1:{server.server_port}/below/it")
    one.page.on("response", lambda r: r.ok or one.faults.append(f"{r.status}: {r.url}"))
    one.stop = server.shutdown  # pyright: ignore[reportAttributeAccessIssue]
    yield one
    one.context.close()
    server.shutdown()
    server.server_close()
    assert one.faults == []


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("tab", TABS)
def test_every_scene_is_there(served, tab, lang):
    page = served.open(f"/{tab}/?lang={lang}")
    for n, scene in enumerate(words.words(lang, tab)["scene"], 1):
        expect(page.locator("h1")).to_have_text(plain(scene["claim"]))
        settled(page)
        expect(page.locator(".facts .bad-check")).to_have_count(0)
        page.keyboard.press("Space")
        expect(page.locator(".told")).to_have_text(plain(scene["answer"]))
        assert f"scene={n}" in page.url
        page.keyboard.press("Space")


def test_the_home_page_leads_to_the_lessons_and_a_menu_to_the_next(served):
    page = served.open("/?lang=en")
    page.locator("a.card").first.click()
    page.wait_for_selector(".page:not([aria-busy])")
    assert "/below/it/rnn/" in page.url and "lang=en" in page.url
    assert served.asked and not [url for url in served.asked if "/gradio" in url]


def test_a_control_with_few_values_moves_and_one_that_must_be_computed_says_so(served):
    page = served.open("/rnn/?scene=3&lang=en")
    settled(page)
    tab = hub.tabs_of("rnn")[0]
    found = recorded.record(tab, scenes(tab)[2])
    for name in scenes(tab)[2]["controls"]:
        one = page.locator(f"[data-key^='control.{name}']").first
        (expect(one).to_be_enabled if name in found.controls else expect(one).to_be_disabled)()
    page.goto(served.url + "/rnn/?scene=1&lang=en")
    box = settled(page).locator(".stage input").first
    box.fill("0.123")
    box.press("Enter")
    expect(page.locator(".alert")).to_contain_text("make demo")


@pytest.mark.parametrize("kind", ["SVG", "PNG", "CSV", "JSON"])
def test_files_are_taken_away(served, kind, tmp_path):
    page = served.open("/rnn/?scene=2&lang=ko")
    settled(page)
    page.locator("[data-key='drawer.take']").click()
    with page.expect_download() as found:
        page.locator(".take button", has_text=kind).click()
    data = Path(found.value.path()).read_bytes()
    starts = {"SVG": b"<?xml", "PNG": b"\x89PNG", "CSV": b"", "JSON": b"{"}[kind]
    assert data.startswith(starts) and len(data) > 100


def test_a_run_is_recorded_and_plays(served):
    at = next(i for i, one in enumerate(scenes(hub.tabs_of("flow")[0]), 1) if one.get("live"))
    page = served.open(f"/flow/?scene={at}&lang=en")
    settled(page)
    page.locator(".track").focus()
    page.keyboard.press("End")
    expect(page.locator(".alert")).to_be_empty()


def test_after_the_first_visit_no_network_is_needed(served):
    page = served.open("/rnn/?lang=en")
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("caches.keys().then((names) => names.length > 0)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    served.stop()
    served.context.set_offline(True)
    page.goto(served.url + "/flow/?scene=2&lang=ko")
    settled(page)
    expect(page.locator("h1")).to_have_text(plain(words.words("ko", "flow")["scene"][1]["claim"]))


def test_boards_are_the_hub_s_own():
    tab = hub.tabs_of("rnn")[0]
    board = answers(tab)[0]
    for scene in scenes(tab):
        text = recorded.record(tab, scene).boards["{}"]
        assert json.loads(text) == json.loads(board(scene))
