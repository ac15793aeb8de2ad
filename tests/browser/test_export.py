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

import apps
from apps import hub
from apps.export import recorded, site
from apps.stage.server import words
from apps.stage.server.boards import answers, scenes
from tests.browser.test_lessons import plain, settled
from tests.conftest import Watch

pytestmark = pytest.mark.browser
TABS = ("rnn", "hopfield")  # matrices to type into, pads, choices; the others take minutes to write
MOST = 12_000_000  # bytes of all boards, compressed


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
    walk(served, tab, lang)


def walk(served, tab, lang):
    """Page through a lesson by the keyboard."""
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
    for tab in TABS:
        page.goto(f"{address}/below/it/{tab}/?scene=3&lang=ko")  # nobody listens there now
        settled(page)
        claim = words.words("ko", tab)["scene"][2]["claim"]
        expect(page.locator("h1")).to_have_text(plain(claim))
    page.goto(f"{address}/below/it/")
    expect(page.locator("a.card")).to_have_count(len(TABS))
    context.close()


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("kind", ["SVG", "PNG", "CSV", "JSON", "IPYNB"])
def test_what_can_be_taken_away_is_there(served, tab, kind):
    page = settled(served.open(f"/{tab}/?scene=2&lang=en"))
    page.locator(".more button").last.click()
    with page.expect_download() as got:
        page.locator(".take button", has_text=kind).click()
    data = Path(got.value.path()).read_bytes()
    starts = {"PNG": b"\x89PNG", "SVG": b"<?xml", "CSV": "\ufeff".encode()}
    assert data.startswith(starts.get(kind, b"{"))


def test_an_animation_is_not_there_and_the_page_says_so(served):
    page = settled(served.open("/rnn/?scene=2&lang=en"))
    page.locator(".more button").last.click()
    page.locator(".take button", has_text="GIF").click()
    expect(page.locator(".take [role=status]")).to_contain_text("install the suite")


def moved(served, tab, written):
    """Return (page, control) of the first scene with a choice or a switch of that kind."""
    found = hub.tabs_of(tab)[0]
    for n, scene in enumerate(scenes(found), 1):
        one = recorded.record(found, scene)
        for name in scene["controls"]:
            control = found.controls[name]
            if control.get("local") or control["kind"] not in ("check", "range", "choice"):
                continue
            if (name in one.controls) == written:
                return settled(served.open(f"/{tab}/?scene={n}&lang=en")), name
    raise AssertionError(tab)


@pytest.mark.parametrize("tab", TABS)
def test_a_control_whose_boards_are_written_moves(served, tab):
    page, name = moved(served, tab, True)
    before = page.locator(".stage").inner_html()
    others = page.locator(f'input[type=radio][name="{name}"]:not(:checked)')
    control = page.locator(f'[data-key="control.{name}"]')
    if others.count():
        others.first.check(force=True)  # its name lies over it
    elif control.evaluate("(one) => one.tagName") == "SELECT":
        control.select_option(index=1)
    else:
        control.press("ArrowRight" if control.get_attribute("type") == "range" else "Space")
    changed = "(before) => document.querySelector('.stage').innerHTML !== before"
    page.wait_for_function(changed, arg=before)
    expect(page.locator("[role=alert]")).to_have_count(0)


def test_what_is_typed_and_not_written_is_kept_and_said(served):
    page = settled(served.open("/rnn/?scene=1&lang=en"))
    entry = page.locator('[data-key="W.0.1"]')
    entry.fill("0.5")
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("install the suite")
    expect(page.locator('[data-key="W.0.1"]')).to_have_value("0.5")


def test_a_page_that_is_opened_as_a_file_says_what_to_do(folder, browser):
    page = browser.new_page()
    page.goto((folder / "below/it/rnn/index.html").as_uri())
    expect(page.locator(".page")).to_contain_text("python -m http.server")
    page.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """The site of all lessons."""
    top = tmp_path_factory.mktemp("whole")
    site.write(top / "below" / "it", apps.TABS)
    return top


@pytest.mark.slow
@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("tab", apps.TABS)
def test_every_scene_of_every_lesson_is_there(whole, browser, tab, lang):
    with serving(whole) as address:
        one = Watch(browser, f"{address}/below/it")
        walk(one, tab, lang)
        one.context.close()
    assert one.faults == []


@pytest.mark.slow
def test_all_boards_fit_into_their_budget(whole):
    boards = whole.glob("below/it/*/*/[0-9]*.json")
    assert sum(recorded.packed_size(one.read_text("utf-8")) for one in boards) <= MOST


def test_boards_are_the_hub_s_own():
    tab = hub.tabs_of("rnn")[0]
    board = answers(tab)[0]
    for scene in scenes(tab):
        text = recorded.record(tab, scene).boards["{}"]
        assert json.loads(text) == json.loads(board(scene))
