"""A real browser pages through a tab's scenes, as the presenter will: times, faults, pictures."""

from __future__ import annotations

import asyncio
import base64
import functools
import io
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.rehearsal.record import Seen
from apps.stage.server import words

SIZE = {"width": 1280, "height": 720}  # what the page is made for
PATIENCE = 60_000  # milliseconds for one scene
LIVE = 2_500  # milliseconds that a run is watched
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
# From the key to the picture: the old stage gone, a new one drawn and idle (or a refusal), painted.
CLOCK = """() => {
  const old = document.querySelector('.lesson');
  window.rehearsed = new Promise((done) => addEventListener('keydown', () => {
    const began = performance.now();
    const look = () => {
      const now = document.querySelector('.lesson');
      const drawn = now !== old && now.querySelector('.fit > *, [role=alert]')
        && !now.querySelector('.stage[aria-busy]');
      if (!drawn) return requestAnimationFrame(look);
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
    };
    requestAnimationFrame(look);
  }, { once: true, capture: true }));
}"""
DRAWN = """() => document.querySelector('.fit > *, main [role=alert]')
  && !document.querySelector('.stage[aria-busy]') && performance.now()"""
FACTS = """() => [...document.querySelectorAll('.facts > *')].map((one) => [
  one.matches('.bad-check') ? 'bad' : one.matches('.ok') ? 'ok' : one.matches('strong') ? 'name'
  : 'fact', one.textContent])"""
SPILL = """() => {
  const a = document.querySelector('.view')?.getBoundingClientRect();
  const b = document.querySelector('.fit')?.getBoundingClientRect();
  if (!a || !b) return 0;
  const root = document.documentElement;
  return Math.round(Math.max(a.left - b.left, b.right - a.right, a.top - b.top, b.bottom - a.bottom,
    root.scrollHeight - innerHeight, root.scrollWidth - innerWidth)); }"""
BOX = """() => { const b = document.querySelector('.fit').getBoundingClientRect();
  return { x: b.x, y: b.y, width: b.width, height: b.height }; }"""
TO_END = """(bar) => { bar.value = bar.max; bar.dispatchEvent(new Event('input')); }"""


class NoBrowser(OSError):
    """Say that no Chromium starts on this machine."""


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield a headless Chromium: the PATH's, a laptop's Chrome or Edge, else Playwright's own.

    Raises:
        ImportError: if Playwright is not installed.
        NoBrowser: if none starts.
    """
    from playwright.sync_api import Error, sync_playwright

    found = next(filter(None, map(shutil.which, NAMES)), None)
    ways: list[dict[str, Any]] = [{"executable_path": found}] if found else []
    ways += [{"channel": "chrome"}, {"channel": "msedge"}, {}]
    root = getattr(os, "geteuid", lambda: 1)() == 0
    flags = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with apart():
        driver = sync_playwright()
        play = driver.__enter__()
    try:
        for way in ways:
            try:
                browser = play.chromium.launch(
                    **way, args=flags + ["--no-sandbox"] * root, handle_sigint=False
                )
                break
            except Error:
                continue
        else:
            raise NoBrowser
        yield browser
        browser.close()
    finally:
        driver.__exit__(None, None, None)


@contextmanager
def apart() -> Iterator[None]:
    """Let processes started meanwhile hear no Ctrl-C of this terminal: what was seen is still to be
    printed by the browser.
    """
    usual = asyncio.create_subprocess_exec
    alone = functools.partial(usual, start_new_session=True)
    asyncio.create_subprocess_exec = alone  # pyright: ignore[reportAttributeAccessIssue]
    try:
        yield
    finally:
        asyncio.create_subprocess_exec = usual


class Visit:
    """Pass over a tab, scene by scene, in a page that remembers errors and outside requests."""

    def __init__(self, browser: Any, url: str, lang: str):
        self.url, self.lang = url.rstrip("/"), lang
        self.context = browser.new_context(
            viewport=SIZE, locale=lang, device_scale_factor=2, color_scheme="light"
        )
        self.page = self.context.new_page()
        self.faults: list[tuple[str, str]] = []
        self.boards: list[Any] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._fault("console", str(error)))
        self.page.on("requestfailed", lambda r: self._fault("failed", f"{r.url} {r.failure}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _fault(self, kind: str, what: str) -> None:
        self.faults.append((kind, " ".join(what.split())[:200]))

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self._fault("console", message.text)

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self._fault("outside", request.url)

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self._fault("failed", f"{response.url} {response.status}")
        if "component_server" in response.url:
            self.boards.append(response)

    def close(self) -> None:
        """Close the page."""
        self.context.close()

    def scenes(self, tab: str) -> Iterator[tuple[int, float | None]]:
        """Open each scene in turn by key; yield its number and the milliseconds until it stood."""
        for number in range(1, len(words.scenes(tab)) + 1):
            yield number, self._time(tab, number)

    def _time(self, tab: str, number: int) -> float | None:
        from playwright.sync_api import TimeoutError as Late

        try:
            if number == 1:
                self.page.goto(f"{self.url}/{tab}?lang={self.lang}", timeout=PATIENCE)
                return self.page.wait_for_function(DRAWN, timeout=PATIENCE).json_value()
            self.page.keyboard.press("Space")  # the answer; the next key goes on
            self.page.evaluate(CLOCK)
            self.page.keyboard.press("PageDown")
            self.page.wait_for_function("() => window.rehearsed", timeout=PATIENCE)
            return self.page.evaluate("window.rehearsed")
        except Late:
            self._fault("late", f"{PATIENCE // 1000} s")
            return None

    def look(self) -> list[tuple[str, str]]:
        """Return the faults of the scene that is shown, and clear them."""
        self.page.evaluate("document.fonts.ready.then(() => true)")
        for kind, text in self.page.evaluate(FACTS):
            if kind == "bad":
                self._fault("red", text)
        for alert in self.page.locator("main [role=alert]").all_inner_texts():
            self._fault("refused", alert)
        spill = self.page.evaluate(SPILL)
        if spill > 1:
            self._fault("clipped", f"{spill} px")
        if any(re.search(r'fleeting\\*":\s*true', board.text()) for board in self.boards):
            self._fault("weights", self.page.locator(".view").inner_text())
        found, self.faults, self.boards = self.faults, [], []
        return found

    def picture(self, seen: Seen) -> None:
        """Wait for long computations, play live runs, and keep pictures and facts."""
        page = self.page
        self._to_the_end(seen)
        bar = page.locator(".bar input[type=range]")
        if page.locator(".bar .acts button").count():
            self._watch(seen)
            seen.pictures = [self._shot()]
        elif page.locator(".fit > *").count():
            seen.pictures = [self._shot()]
            if bar.is_visible() and bar.input_value() != bar.get_attribute("max"):
                bar.evaluate(TO_END)
                seen.pictures.append(self._shot())
        seen.facts = [tuple(one) for one in page.evaluate(FACTS)]

    def _to_the_end(self, seen: Seen) -> None:
        if not self.page.locator(".progress").is_visible():
            return
        began = self.page.evaluate("performance.now()")
        self.page.locator(".progress").wait_for(state="hidden", timeout=5 * PATIENCE)
        seen.whole = self.page.evaluate("performance.now()") - began

    def _watch(self, seen: Seen) -> None:
        at = self.page.locator(".bar output")
        before = int(at.inner_text().split("/")[1])
        self.page.keyboard.press("k")
        self.page.wait_for_timeout(LIVE)
        self.page.keyboard.press("k")
        seen.rate = (int(at.inner_text().split("/")[1]) - before) * 1000 / LIVE
        if seen.rate <= 0:
            self._fault("still", f"{LIVE / 1000} s")

    def _shot(self) -> tuple[str, int, int]:
        box = self.page.evaluate(BOX)
        room = {"x": max(0, box["x"] - 6), "y": max(0, box["y"] - 6)}
        room |= {"width": box["width"] + 12, "height": box["height"] + 12}
        return small(self.page.screenshot(clip=room, animations="disabled"))


def small(png: bytes) -> tuple[str, int, int]:
    """Return a screenshot in at most 256 colours as a data URI, and its size in CSS pixels."""
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGB")
    out = io.BytesIO()
    few = image.quantize(256, dither=Image.Dither.NONE)
    # paper is white: what the palette's rounding left of it would show as a grey box
    few.putpalette([255 if value > 251 else value for value in few.getpalette() or []])
    few.save(out, "PNG", optimize=True)
    text = base64.b64encode(out.getvalue()).decode()
    return f"data:image/png;base64,{text}", image.width // 2, image.height // 2


def cards(browser: Any, url: str, lang: str) -> dict[str, str]:
    """Return the pictures on the home page's cards as data URIs, by tab."""
    page = browser.new_page(viewport=SIZE, locale=lang, device_scale_factor=2, color_scheme="light")
    page.goto(f"{url.rstrip('/')}/?lang={lang}", timeout=PATIENCE)
    page.wait_for_selector(".page:not([aria-busy])", timeout=PATIENCE)
    page.evaluate("document.fonts.ready.then(() => true)")
    found = {}
    for card in page.locator("a.card").all():
        name = (card.get_attribute("href") or "").split("?")[0].rstrip("/").rpartition("/")[2]
        found[name] = small(card.locator(".pic").screenshot(animations="disabled"))[0]
    page.close()
    return found


def paper(browser: Any, html: str) -> bytes:
    """Return a page as PDF."""
    page = browser.new_page()
    page.set_content(html, wait_until="load")
    page.evaluate("document.fonts.ready.then(() => true)")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
    page.close()
    return pdf
