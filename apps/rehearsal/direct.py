"""Rehearse without a browser: request each board as the page does, draw it by matplotlib."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from apps.rehearsal.record import Seen
from apps.stage import Tab
from apps.stage.server import boards, takeaway, words


def scenes(name: str, lang: str) -> Iterator[Seen]:
    """Ask for each board of a tab twice, computed and from memory; yield its scenes."""
    tab: Tab = import_module(f"apps.{name}").TAB
    ask = boards.answers(tab)[0]
    for number, scene in enumerate(boards.scenes(tab), 1):
        seen = Seen(name, number)
        asked = {"view": scene["view"], "inputs": scene["inputs"]}
        seen.first, reply = _time(ask, asked)
        seen.again, reply = _time(ask, asked)
        if "error" in reply:
            seen.blame([("refused", _sentence(lang, reply["error"]))])
        else:
            _take_up(seen, tab, asked, reply["ok"], scene.get("start", -1), lang)
        yield seen


def _time(ask: Any, asked: dict) -> tuple[float, dict]:
    began = time.perf_counter()
    text = ask(asked)
    return (time.perf_counter() - began) * 1000, json.loads(text)


def _sentence(lang: str, error: dict) -> str:
    return words.sentence(lang, error["rule"], error["parts"])


def _take_up(seen: Seen, tab: Tab, asked: dict, board: dict, start: int, lang: str) -> None:
    """Keep a board's facts, its checks' results and one figure."""
    say = takeaway.speaker(lang, tab.name)
    step = min(max(start + len(board["frames"]) * (start < 0), 0), len(board["frames"]) - 1)
    frame = board["frames"][step]
    seen.facts = [("name", say(frame["name"]))] if frame.get("name") else []
    for one in [*board.get("facts", []), *frame.get("facts", [])]:
        value = f"{one['v']:.4f}" if isinstance(one["v"], float) else say(one["v"])
        seen.facts.append(("fact", f"{say(one['label'])} {value.replace('-', '−')}"))
    for check in [*board.get("checks", []), *frame.get("checks", [])]:
        kind, told = verdict(check, say)
        seen.facts.append((kind, told))
        seen.blame([("red", told)] if kind == "bad" else [])
    if board.get("fleeting"):
        seen.blame([("weights", "")])
    svg = takeaway.take(tab, asked["view"], asked["inputs"], _figure(step, lang), board, {})["data"]
    seen.pictures = [(f"data:image/svg+xml;base64,{svg}", 3, 2)]


def _figure(step: int, lang: str) -> dict[str, Any]:
    return {"kind": "svg", "step": step, "lang": lang}


def verdict(check: dict, say: Any) -> tuple[str, str]:
    """Return ("ok" or "bad", a check's text) in the page's wording."""
    told = (
        f"{say(check['law'])} ({check['holds']} / {check['of']})"
        if "law" in check
        else f"max |Δ| = {check['delta']:.1e} · {check['against']}".replace("-", "−")
    )
    good = bool(check["ok"])
    mark = "✓" if good else "✗"
    return (
        "ok" if good else "bad"
    ), f"{mark} {say({'k': 'checked' if good else 'not_equal'})} {told}"
