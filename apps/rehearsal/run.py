"""`python -m apps --rehearse`: go through the scenes, report the slow ones, leave a handout."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from apps.rehearsal import browser, direct, report
from apps.rehearsal.handout import handout
from apps.rehearsal.record import Seen

HOME = "http://127.0.0.1:7860"  # where the hub will stand in the seminar, if nothing else is known


def rehearse(chosen: argparse.Namespace, tabs: list[str]) -> int:
    """Go through the tabs; return 1 if something is broken, 2 if nothing could be kept."""
    lang = chosen.lang or "ko"
    stop = _Stop()
    seen: list[Seen] = []
    pictures: dict[str, str] = {}
    try:
        with browser.chromium() as chromium, hub(chosen.url) as url:
            print(report.head(lang), flush=True)
            _go(seen, (s for t in tabs for s in visit_tab(chromium, url, t, lang)), chosen, stop)
            if set(tabs) <= {s.tab for s in seen}:
                pictures = browser.cards(chromium, url, lang)
            html = handout(seen, lang, chosen.url or HOME, date.today(), pictures)
            pdf = browser.paper(chromium, html)
    except Exception as error:
        if stop.asked:  # in the midst of a scene: what was seen before it is kept
            html, pdf = handout(seen, lang, chosen.url or HOME, date.today()), None
            return _end(chosen, seen, html, pdf, stop)
        if seen or not isinstance(error, (ImportError, browser.NoBrowser)):
            raise
        print(report.sentence(lang, "no_browser"), file=sys.stderr, flush=True)
        print(report.head(lang), flush=True)
        _go(seen, (s for t in tabs for s in direct.scenes(t, lang)), chosen, stop)
        html, pdf = handout(seen, lang, chosen.url or HOME, date.today()), None
    return _end(chosen, seen, html, pdf, stop)


def _end(
    chosen: argparse.Namespace, seen: list[Seen], html: str, pdf: bytes | None, stop: _Stop
) -> int:
    """Keep what was seen; return the exit status."""
    lang = chosen.lang or "ko"
    print(report.summary(seen, lang, chosen.slow_ms))
    if not _keep(Path(chosen.out), lang, html, pdf, report.record(seen, lang, chosen.slow_ms)):
        return 2
    if stop.asked:
        return 130
    return int(any(s.faults for s in seen))


class _Stop:
    """Ctrl-C: finish the current scene and keep the results; a second one ends at once."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGINT, self._ask)

    def _ask(self, *_: Any) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _go(seen: list[Seen], scenes: Iterator[Seen], chosen: argparse.Namespace, stop: _Stop) -> None:
    lang = chosen.lang or "ko"
    for one in scenes:
        seen.append(one)
        print(report.line(one, lang, chosen.slow_ms), flush=True)
        if stop.asked:
            print(report.sentence(lang, "stopped"), flush=True)
            return


def visit_tab(chromium: Any, url: str, tab: str, lang: str) -> Iterator[Seen]:
    """Page through a tab twice, first cold, then as the audience will see it; yield its scenes."""
    cold: dict[int, Seen] = {}
    visit = browser.Visit(chromium, url, lang)
    for number, time in visit.scenes(tab):
        cold[number] = Seen(tab, number, first=time)
        cold[number].blame(visit.look())
    visit.close()
    visit = browser.Visit(chromium, url, lang)
    try:
        for number, time in visit.scenes(tab):
            one = cold[number]
            one.again = time
            visit.picture(one)
            one.blame(visit.look())
            yield one
    finally:
        visit.close()


@contextmanager
def hub(url: str | None) -> Iterator[str]:
    """Yield the address of the hub: the one given, else one started here with nothing computed."""
    if url:
        yield url
        return
    from apps import hub as site
    from apps.stage.server import serve

    demo = site.build()
    yield serve.launch(demo, "127.0.0.1", 0, inbrowser=False)
    demo.close(verbose=False)


def _keep(out: Path, lang: str, html: str, pdf: bytes | None, record: str) -> bool:
    """Write the files and say which; return whether that went well."""
    files = {f"handout-{lang}.html": html.encode(), "rehearsal.json": record.encode()}
    if pdf:
        files[f"handout-{lang}.pdf"] = pdf
    for name, data in files.items():
        try:
            (out / name).write_bytes(data)
        except OSError as error:
            print(f"apps: {out / name}: {error.strerror}", file=sys.stderr)
            return False
        print(f"{out / name}  {len(data) / 1e6:.1f} MB", flush=True)
    return True
