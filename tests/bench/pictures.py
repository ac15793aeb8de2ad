"""The README's pictures, taken of the running hub: its home, a lesson, a lesson driven by keyboard.

python -m tests.bench.pictures                  starts a hub and writes .github/pictures
python -m tests.bench.pictures --url ADDRESS    takes them of the hub that runs there
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image, ImageColor

from apps.rehearsal.browser import SIZE, chromium
from apps.stage.server import words
from tests.conftest import ROOT, start

FOLDER = ROOT / ".github" / "pictures"
LESSON = "/rnn?scene=1&step=7"  # one step, by hand
FILM = "/hopfield?scene=3"
WIDE = (960, 540)
COLOURS = 160
TONES = ("#0072b2", "#c98200", "#7a4fbf", "#c24a00", "#00795a", "#2b86bd", "#1f4fd8", "#14171f")
READ, LOOK, TICK = 1600, 900, 260  # milliseconds: a sentence, a glance, a frame that moves


@contextmanager
def hub(url: str | None) -> Iterator[str]:
    """Yield the given hub's address, or that of one started for the purpose."""
    if url:
        yield url.rstrip("/")
        return
    process, started, _ = start()
    try:
        yield started
    finally:
        process.terminate()
        process.wait(timeout=20)


def open_page(browser: Any, address: str, lang: str, scale: float) -> Any:
    """Return a settled page: drawn, nothing on its way, letters there."""
    page = browser.new_page(
        viewport=SIZE, locale=lang, device_scale_factor=scale, color_scheme="light"
    )
    page.goto(f"{address}{'&' if '?' in address else '?'}lang={lang}&__theme=light")
    page.wait_for_selector(".fit > *", timeout=120_000)
    page.wait_for_selector(".page:not([aria-busy])")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    return page


def shot(page: Any) -> Image.Image:
    """Return the window as an image."""
    taken = page.screenshot(animations="disabled", caret="hide")
    return Image.open(io.BytesIO(taken)).convert("RGB")


def few(image: Image.Image, colours: int, palette: Image.Image | None = None) -> Image.Image:
    """Return an image in few colours without dithering: flat areas stay flat."""
    return image.quantize(colours, palette=palette, dither=Image.Dither.NONE)


def share_palette(images: list[Image.Image]) -> Image.Image:
    """Return one palette for a film, so that nothing flickers; the house's colours, which mean
    something and are often thin lines, are in it however rare they are.
    """
    sheet = Image.new("RGB", (WIDE[0], WIDE[1] * len(images)))
    for i, image in enumerate(images):
        sheet.paste(image, (0, i * WIDE[1]))
    tones = [ImageColor.getrgb(tone) for tone in TONES]
    tints = [255 - (255 - c) * share // 4 for t in tones for share in (4, 3, 2, 1) for c in t[:3]]
    found = few(sheet, COLOURS).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([255, 255, 255, *tints, *found[: 3 * COLOURS]])
    return palette


def still(browser: Any, address: str, lang: str, into: Path) -> None:
    """Write one window as PNG, one and a half times as sharp as a plain screen."""
    page = open_page(browser, address, lang, 1.5)
    few(shot(page), 256).save(into, optimize=True)
    page.close()


def film(browser: Any, url: str, lang: str, into: Path) -> None:
    """Drive a scene by its keys and write it as GIF: claim, recall, answer, the next claim."""
    page = open_page(browser, url + FILM, lang, 1)
    frames = [(shot(page), READ)]
    last = int(page.locator(".bar input").get_attribute("max"))
    first = int(page.locator(".bar input").input_value())
    for _ in range(first, last):
        page.keyboard.press(".")
        frames.append((shot(page), TICK))
    frames[-1] = (frames[-1][0], LOOK)
    page.keyboard.press("Space")
    page.wait_for_selector(".told")
    frames.append((shot(page), 2 * READ))
    page.keyboard.press("Space")
    page.wait_for_selector(".told", state="detached")
    page.wait_for_selector(".fit > *")
    page.wait_for_selector(".stage:not([aria-busy])")
    page.evaluate("document.fonts.ready.then(() => true)")
    frames.append((shot(page), READ))
    page.close()
    small = [image.resize(WIDE, Image.Resampling.LANCZOS) for image, _ in frames]
    palette = share_palette([small[0], small[len(small) // 2], small[-1]])
    reduced = [few(image, COLOURS, palette) for image in small]
    reduced[0].save(
        into,
        save_all=True,
        append_images=reduced[1:],
        duration=[time for _, time in frames],
        loop=0,
        optimize=False,
    )


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url")
    parser.add_argument("--out", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with hub(chosen.url) as url, chromium() as browser:
        for lang in words.LANGUAGES:
            still(browser, f"{url}/", lang, chosen.out / f"home-{lang}.png")
            still(browser, url + LESSON, lang, chosen.out / f"lesson-{lang}.png")
            film(browser, url, lang, chosen.out / f"lesson-{lang}.gif")
    for path in sorted(chosen.out.iterdir()):
        print(f"{path.name}  {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
