"""Terminal output of a rehearsal: progress lines and the summary."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from apps.rehearsal.record import OPENING, Seen, machine
from apps.stage.server import words

MARK = {"good": "✓", "slow": "!", "broken": "✗"}
ROOM = 44  # cells of the terminal for a claim


def sentence(lang: str, key: str, **parts: Any) -> str:
    """Return a sentence of the rehearsal's own words."""
    return words.words(lang, "rehearsal")[key].format(**parts)


def line(seen: Seen, lang: str, slow: float) -> str:
    """Return a scene's line: its place, both times, the verdict, the faults."""
    text = words.words(lang, "rehearsal")
    verdict = seen.verdict(slow)
    row = (
        f"{MARK[verdict]} /{seen.tab:<10}{seen.number:>3}  {cut(seen.words(lang)['claim'], ROOM)}"
        f"{_ms(seen.first)}{_ms(seen.again)}  {text[verdict]}"
    )
    if seen.whole is not None:
        row += sentence(lang, "whole", seconds=f"{seen.whole / 1000:.1f}")
    if seen.rate is not None:
        row += sentence(lang, "rate", rate=f"{seen.rate:.1f}")
    return "\n".join([row, *(f"      {fault(one, lang)}" for one in seen.faults)])


def head(lang: str) -> str:
    """Return the table's first line."""
    text = words.words(lang, "rehearsal")
    first, again = (wide(text[key], -10) for key in ("first", "again"))
    return f"  {wide(text['scene'], 16)} {wide(text['claim'], ROOM)}{first}{again}"


def fault(one: tuple[str, str], lang: str) -> str:
    """Return one fault in words."""
    kind, what = one
    return f"{words.words(lang, 'rehearsal')['fault'][kind]}: {what}".rstrip(": ")


def summary(all_: Sequence[Seen], lang: str, slow: float) -> str:
    """Return the last lines: how many scenes, the slowest, how many slow and broken."""
    counts = {kind: sum(s.verdict(slow) == kind for s in all_) for kind in MARK}
    lines = [
        machine(),
        sentence(
            lang,
            "counted",
            scenes=len(all_),
            limit=f"{slow:.0f}",
            opening=f"{slow * OPENING:.0f}",
            **counts,
        ),
    ]
    timed = [s for s in all_ if s.again is not None]
    if timed:
        worst = max(timed, key=lambda s: s.again or 0)
        cold = max(timed, key=lambda s: s.first or 0)
        lines.append(
            sentence(
                lang,
                "worst",
                again=f"{worst.again:.0f}",
                at=f"/{worst.tab} {worst.number}",
                first=f"{cold.first or 0:.0f}",
                cold=f"/{cold.tab} {cold.number}",
            )
        )
    return "\n".join(lines)


def record(all_: Sequence[Seen], lang: str, slow: float) -> str:
    """Return the run-through as JSON, without the pictures."""
    rows = [{**asdict(s), "verdict": s.verdict(slow)} for s in all_]
    for row in rows:
        del row["pictures"]
    scene = {"machine": machine(), "lang": lang, "slow_ms": slow, "scenes": rows}
    return json.dumps(scene, ensure_ascii=False, indent=1) + "\n"


def _ms(time: float | None) -> str:
    return f"{time:>7.0f} ms" if time is not None else f"{'—':>10}"


def width(text: str) -> int:
    """Return how many cells of a terminal a text takes: Korean letters take two."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def wide(text: str, cells: int) -> str:
    """Return a text filled up to so many cells, from the left if negative."""
    space = " " * max(0, abs(cells) - width(text))
    return space + text if cells < 0 else text + space


def cut(text: str, cells: int) -> str:
    """Return a text in exactly so many cells, an ellipsis at its end if it was longer."""
    if width(text) > cells - 1:
        while width(text) > cells - 2:
            text = text[:-1]
        text += "…"
    return wide(text, cells)
