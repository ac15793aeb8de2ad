"""The hub and a browser where no address outside this machine can be reached.

    python -m tests.browser.offline [--all] [--own-network]

With --own-network it expects a network namespace of its own (`unshare -rn`), in which there is
nothing but a loopback that still is down. Without, names are not resolved in the browser and the
hub's requests are led to a closed port. It prints one JSON object: what was opened, what failed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import struct
import sys

from playwright.sync_api import expect, sync_playwright

from apps import TABS
from apps.stage.server import words
from tests.browser.test_lessons import settled
from tests.conftest import QUIET, Watch, start

SET_FLAGS, UP = 0x8914, 0x1  # SIOCSIFFLAGS and IFF_UP of Linux
NOWHERE = "http://127.0.0.1:9"
CLOSED = {name: NOWHERE for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")}
UNRESOLVED = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


class Strict(Watch):
    """A watched page that remembers every request that did not succeed, too."""

    def __init__(self, *given, **options):
        super().__init__(*given, **options)
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _failed(self, request) -> None:
        if request.failure != "net::ERR_ABORTED":  # left behind by going to another page
            self.faults.append(f"failed: {request.url}: {request.failure}")

    def _answered(self, response) -> None:
        if response.status >= 400:
            self.faults.append(f"status {response.status}: {response.url}")


def cut_off(own_network: bool) -> str:
    """Close the way out and return what an attempt to leave meets."""
    if own_network:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            fcntl.ioctl(probe, SET_FLAGS, struct.pack("16sh14x", b"lo", UP))
    else:
        os.environ.update(CLOSED, NO_PROXY="127.0.0.1,localhost", no_proxy="127.0.0.1,localhost")
        return "outside names unresolved, outside requests to a closed port"
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=5).close()
    except OSError as error:
        return os.strerror(error.errno or 0)
    raise RuntimeError("this network has a way out")


def paged(seen: Strict, every: bool) -> int:
    """Open every tab and one scene of it, or all; return how many scenes were drawn."""
    drawn = 0
    for tab in TABS:
        count = len(words.scenes(tab)) if every else 1
        seen.open(f"/{tab}?lang=en")
        for n in range(count):
            seen.page.locator(".dots button").nth(n).click()
            settled(seen.page)
            expect(seen.page.locator(".facts .ok").first).to_be_visible()
            drawn += 1
    return drawn


def main(arguments: list[str]) -> None:
    """Open the pages and say what failed."""
    met = cut_off("--own-network" in arguments)
    flags = [*QUIET] if "--own-network" in arguments else [*QUIET, UNRESOLVED]
    expect.set_options(timeout=60_000)
    process, url, log = start()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
            seen = Strict(browser, url, lang="en")
            seen.open("/?lang=en")
            drawn = paged(seen, "--all" in arguments)
            faults = list(seen.faults)
            browser.close()
    finally:
        process.terminate()
        process.wait(timeout=30)
    said = log.read_text()
    print(json.dumps({"met": met, "scenes": drawn, "faults": faults, "log": said}))


if __name__ == "__main__":
    main(sys.argv[1:])
