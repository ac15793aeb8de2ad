"""What several tests share: a running hub, a browser."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import pytest
import torch
from xdist.scheduler import LoadScopeScheduling

from apps import TABS

torch.set_num_threads(1)
ROOT = Path(__file__).parents[1]
OF_A_TAB = re.compile(rf"^tests/lessons/({'|'.join(TABS)})/|\b({'|'.join(TABS)})\b(?=[^/]*\]$)")
WAIT = 300  # seconds until a test that hangs fails: none is about the speed of a machine
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
).split()


class Shares(LoadScopeScheduling):
    """Tests of the running hub go to one worker, so that only one hub is warmed up and only one
    process has a browser, beside which no other event loop runs; those of a tab go to one, so that
    a board that several tests need is computed once.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(("tests/browser/", "tests/stage/test_api.py")):
            return "hub"
        found = OF_A_TAB.search(nodeid)
        return next(filter(None, found.groups())) if found else nodeid


def pytest_xdist_make_scheduler(config, log) -> Shares:
    """Return how tests are shared out; xdist's own groups do not reach pytest 9.2."""
    return Shares(config, log)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(
    *arguments: str, host: str = "127.0.0.1", **variables: str
) -> tuple[subprocess.Popen, str, Path]:
    """Start `python -m apps` on a free port; return process, address once it answers, and log.

    Args:
        *arguments: of the command line.
        host: as it stands in the address.
        **variables: of its environment, beside those that are there.
    """
    port = free_port()
    command = [sys.executable, "-m", "apps", "--no-browser", "--port", str(port), *arguments]
    log = Path(tempfile.mkdtemp()) / "log"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **variables}
    with log.open("w") as out:  # a file: an unread pipe would fill up and stop the server
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    url = f"http://{host}:{port}"
    for _ in range(3000):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text()}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return process, url, log
        except OSError:
            time.sleep(0.1)  # until it listens
    raise RuntimeError("the server did not answer within five minutes")


@pytest.fixture(scope="session")
def hub() -> Iterator[str]:
    """The address of a running hub."""
    process, url, log = start()
    yield url
    process.terminate()
    process.wait(timeout=WAIT)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """A headless Chromium: the one on the PATH, else Playwright's own."""
    from playwright.sync_api import Error, expect, sync_playwright

    expect.set_options(timeout=30_000)  # right after its start the hub computes all scenes

    with sync_playwright() as play:
        try:
            chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        except Error as error:
            if os.environ.get("REQUIRE_BROWSER"):
                raise
            pytest.skip(f"no Chromium here: {error.message.splitlines()[0]}")
        yield chromium
        chromium.close()


class Watch:
    """A page that remembers what must not happen: errors, requests that leave the machine.

    Attributes:
        context: in which it lives; one of its own unless another is given.
    """

    def __init__(
        self,
        browser,
        url: str,
        width: int = 1280,
        height: int = 720,
        lang: str = "ko",
        script: str = "",
        motion: str | None = None,
        context=None,
    ):
        self.url = url
        self.context = context or new_context(browser, lang, motion)
        self.page = self.context.new_page()
        self.page.set_viewport_size({"width": width, "height": height})
        if script:  # runs before the page's own
            self.page.add_init_script(script)
        self.faults: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda e: self.faults.append(f"page error: {e}"))
        self.page.on("request", self._request)

    def _console(self, message) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text}")

    def _request(self, request) -> None:
        self.asked.append(request.url)
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"outside request: {request.url}")

    def open(self, path: str):
        self.page.goto(self.url + path)
        self.page.wait_for_selector(".page:not([aria-busy])")
        return self.page


def new_context(browser, lang: str, motion: str | None):
    """Return a context of its own, as another visitor's browser has it."""
    return browser.new_context(locale=lang, reduced_motion=motion, accept_downloads=True)


@pytest.fixture(scope="session")
def contexts(browser) -> Callable:
    """Return a function that gives the one context of a language and a wish for less motion: tests
    share it, so that scripts are fetched and compiled once.
    """
    return cache(partial(new_context, browser))


@pytest.fixture
def watch(browser, contexts, hub) -> Iterator:
    """Return a function that opens a watched page; at the end there must have been no fault."""
    opened: list[Watch] = []

    def open_(path: str, lang: str = "ko", motion: str | None = None, **options) -> Watch:
        one = Watch(browser, hub, context=contexts(lang, motion), **options)
        opened.append(one)
        forget = {"origin": hub, "storageTypes": "local_storage"}  # what a test before left
        one.context.new_cdp_session(one.page).send("Storage.clearDataForOrigin", forget)
        one.open(path)
        return one

    yield open_
    for one in opened:
        one.page.close()
    assert [fault for one in opened for fault in one.faults] == []
