"""Frames a second while a scene is scrubbed in the browser, each drawn and painted; the floor is an
empty animation frame.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import sync_playwright

from apps import TABS
from apps.stage.server import words
from tests.conftest import QUIET, start

PAINTED = """async ({frames, scrub}) => {
  const range = document.querySelector('.bar input');
  const last = Number(range.max);
  if (scrub && !last) return 0;
  const began = performance.now();
  for (let i = 0; i < frames; i++) {
    if (scrub) { range.value = i % (last + 1); range.dispatchEvent(new Event('input')); }
    await new Promise(requestAnimationFrame);
  }
  return 1000 * frames / (performance.now() - began);
}"""
FRAMES = 120


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Print the rate of every scene beside the rate of frames that change nothing; return the
    slowest, the fastest and the median of these.
    """
    rates: list[float] = []
    floors: list[float] = []
    process, url, _ = start()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        for tab in TABS:
            for n, scene in enumerate(words.scenes(tab), 1):
                page.goto(f"{url}/{tab}?scene={n}&lang=ko")
                page.wait_for_selector(".page:not([aria-busy]) .fit > *")
                still = page.evaluate(PAINTED, {"frames": FRAMES, "scrub": False})
                moved = page.evaluate(PAINTED, {"frames": FRAMES, "scrub": True})
                floors.append(still)
                rates += [moved] if moved else []
                told = (
                    f"{moved:.0f} frames/s, {moved / still:.2f} of an empty frame's {still:.0f}"
                    if moved
                    else "one frame"
                )
                print(f"scrub {tab} {n} ({scene['view']}): {told}")
        browser.close()
    process.terminate()
    process.wait()
    return {"slowest": min(rates), "fastest": max(rates), "empty": statistics.median(floors)}


if __name__ == "__main__":
    main()
