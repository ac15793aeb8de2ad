"""The site without a server, served under a sub-path and driven in a browser."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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
TABS = ("rnn",)  # matrices to type into, choices, switches; others take minutes to write


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


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder's files from an origin of its own; give its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def served(folder, browser) -> Iterator[Watch]:
    """A watched page, and the site's server."""
    with serving(folder) as address:
        one = Watch(browser, f"{address}/below/it")
        one.page.on(
            "response",  # 304 is the browser's cache at work, not a fault
            lambda r: r.status < 400 or one.faults.append(f"{r.status}: {r.url}"),
        )
        yield one
        one.context.close()
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


def test_a_page_from_elsewhere_shows_a_scene_in_a_frame(served, browser, tmp_path):
    frame = f'<iframe src="{served.url}/rnn/?embed=1&scene=2" width="640" height="360"></iframe>'
    (tmp_path / "index.html").write_text(frame)
    with serving(tmp_path) as elsewhere:
        page = browser.new_page()
        page.goto(f"{elsewhere}/")
        inner = page.frame_locator("iframe")
        expect(inner.locator(".fit > *").first).to_be_visible()
        expect(inner.locator("header.top")).to_be_hidden()
        page.close()


def test_after_a_visit_the_site_opens_without_its_server(folder, browser):
    context = browser.new_context()
    page = context.new_page()
    with serving(folder) as address:
        page.goto(f"{address}/below/it/rnn/?scene=2&lang=en")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"{address}/below/it/rnn/?scene=3&lang=ko")  # nobody listens there now
    settled(page)
    expect(page.locator("h1")).to_have_text(plain(words.words("ko", "rnn")["scene"][2]["claim"]))
    page.goto(f"{address}/below/it/")
    expect(page.locator("a.card")).to_have_count(len(TABS))
    context.close()


def test_boards_are_the_hub_s_own():
    tab = hub.tabs_of("rnn")[0]
    board = answers(tab)[0]
    for scene in scenes(tab):
        text = recorded.record(tab, scene).boards["{}"]
        assert json.loads(text) == json.loads(board(scene))
