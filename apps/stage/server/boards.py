"""A tab's answers to its page: boards, the source that ran, files to take away, a run's next frame.

Boards are kept as JSON text by tab, view and inputs, so that a class that opens the same scene
computes it once. One that takes long is computed in the line of long work.
"""

from __future__ import annotations

import functools
import inspect
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
from cachetools import LRUCache, cached

from apps.stage.contract import Board, Frame, More, Scene, Tab, Tables
from apps.stage.declare import parse, preset
from apps.stage.server import takeaway, words
from apps.stage.server.line import LONG, Line, Turns
from apps.stage.server.takeaway import bare
from core.inputs import InputError, choice, describe, mapping

LOG = logging.getLogger(__name__)
TURNS = Turns()  # one for all tabs: there is one processor
LINE = Line()  # likewise
LONGEST_STATE = 4_000_000  # characters of a run that a page sends back
LONGEST_TICKET = 64
KEPT = 24_000_000  # characters of boards in memory: the scenes', and what a class asks at once

CACHE = threading.Condition()  # guards the boards in memory
Answer = Callable[[Any], str]


@dataclass(frozen=True)
class KeptBoard:
    """A board as it is kept.

    Attributes:
        text: the JSON that the page gets.
        tables: its numbers for CSV and JSON, plain lists.
        share: of its work that is done, 1 unless it comes in pieces.
        fleeting: whether weights were missing that may come.
    """

    text: str
    tables: Tables
    share: float
    fleeting: bool

    @property
    def size(self) -> int:
        """About how many characters it takes; numbers as in the text."""
        return len(self.text) + 8 * _count(self.tables)


def scenes(tab: Tab[Any]) -> list[Scene]:
    """Return a tab's scenes, each with its whole preset."""
    return [one | {"inputs": preset(tab.inputs, one)} for one in words.scenes(tab.name)]


def answers(tab: Tab[Any]) -> list[Answer]:
    """Return the functions that the browser half calls; each takes one object and returns JSON."""

    def board(ask: Any) -> str:
        return _answer(lambda: board_of(tab, ask).text)

    def code(ask: Any) -> str:
        def text() -> str:
            view, inputs = read(tab, ask)
            return _json(highlight_sources(tab.views[view].sources(parse(tab.inputs, inputs))))

        return _answer(text)

    def take(ask: Any) -> str:
        def text() -> str:
            view, inputs = read(tab, ask)
            kept = board_of(tab, ask)
            return _json(takeaway.take(tab, view, inputs, ask, json.loads(kept.text), kept.tables))

        return _answer(text)

    def live(ask: Any) -> str:
        return _answer(lambda: _json(next_frame(tab, ask)))

    return [board, code, take, live]


def in_line(
    tab: Tab[Any], compute: Callable[[Tab[Any], Any], KeptBoard] | None = None
) -> Callable[[Any], Any]:
    """Return the function that answers pages with boards, one that takes long only in its turn.

    Until then the page gets {"wait": {"place", "seconds"}} and asks again with its ticket.

    Args:
        tab: the lesson.
        compute: (tab, ask) -> board; `board_of` unless said.
    """
    found = compute or board_of

    def at_once(ask: Any) -> str:
        return _answer(lambda: found(tab, ask).text)

    async def board(ask: Any) -> str:
        request = ask if isinstance(ask, dict) else {}
        ticket, kind = request.get("ticket"), f"{tab.name}/{request.get('view')}"
        if not isinstance(ticket, str) or not 0 < len(ticket) <= LONGEST_TICKET:
            return await anyio.to_thread.run_sync(at_once, ask)
        if not LINE.long(kind) or is_kept(tab, ask):
            await LINE.give_up(ticket)
            return await anyio.to_thread.run_sync(at_once, ask)
        place = await LINE.enter(ticket, kind)
        if place is not None:
            return _json({"ok": {"wait": place}})
        share = 1.0

        def text() -> str:
            nonlocal share
            kept = found(tab, ask)
            share = kept.share
            return kept.text

        try:
            return await anyio.to_thread.run_sync(_answer, text)
        finally:
            await LINE.leave(ticket, share)

    return board


def board_of(tab: Tab[Any], ask: Any) -> KeptBoard:
    """Return the board that a page asks for; do not cache it if weights were missing."""
    view, inputs = read(tab, ask)
    key = _canonical(inputs)
    kept = kept_board(tab, view, key)
    if kept.fleeting:
        with CACHE:
            kept_board.cache.pop(kept_board.cache_key(tab, view, key), None)
    return kept


@cached(LRUCache(KEPT, getsizeof=lambda kept: kept.size), condition=CACHE, info=True)
def kept_board(tab: Tab[Any], view: str, inputs: str) -> KeptBoard:
    """Compute a board, or return it from memory.

    Args:
        tab: the lesson.
        view: one of its views.
        inputs: canonical JSON.
    """
    began = time.perf_counter()
    board = tab.board(view, json.loads(inputs))
    share = share_done(board.get("more"))
    if board.get("more"):  # how long the whole takes is known when a page has had all its pieces
        LINE.usual.setdefault(f"{tab.name}/{view}", LONG)
    else:
        LINE.learn(f"{tab.name}/{view}", time.perf_counter() - began)
    shown = {name: value for name, value in board.items() if name != "tables"}
    return KeptBoard(
        _json(shown), bare(board.get("tables", {})), share, board.get("fleeting", False)
    )


def share_done(more: More | None) -> float:
    """Return how much of a board's work is done: all, unless it comes in pieces."""
    return more["done"] / more["of"] if more and more["of"] else 1.0


def next_frame(tab: Tab[Any], ask: Any) -> Frame:
    """Return the next frame of a run, computed in its turn."""
    view, inputs = read(tab, ask)
    state, act = ask.get("state"), ask.get("act")
    go_on = tab.views[view].live
    if go_on is None:
        runs = [name for name, one in tab.views.items() if one.live]
        raise InputError("choice", field="view", got=describe(view), allowed=", ".join(runs) or "—")
    if not isinstance(state, str):
        raise InputError("text", field="state", got=describe(state))
    if len(state) > LONGEST_STATE:
        raise InputError("long", field="state", got=len(state), high=LONGEST_STATE)
    with TURNS.turn() as over:
        return go_on(parse(tab.inputs, inputs), state, act, over)


def is_kept(tab: Tab[Any], ask: Any) -> bool:
    """Return whether a page's board lies in memory."""
    try:
        view, inputs = read(tab, ask)
    except InputError:  # said when it is computed
        return False
    return kept_board.cache_key(tab, view, _canonical(inputs)) in kept_board.cache


def warm(tab: Tab[Any]) -> None:
    """Compute the boards of a tab's scenes, so that the first visitor does not wait for them."""
    for scene in scenes(tab):
        board_of(tab, scene)


def highlight_sources(functions: Sequence[Callable[..., Any]]) -> list[dict[str, str]]:
    """Return each function's name, module and source, coloured as safe HTML."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    paint = functools.partial(highlight, lexer=PythonLexer(), formatter=HtmlFormatter(nowrap=True))
    return [
        {"name": f.__name__, "module": f.__module__, "html": paint(inspect.getsource(f))}
        for f in functions
    ]


def read(tab: Tab[Any], ask: Any) -> tuple[str, dict[str, Any]]:
    """Return a request's view, one of this tab's, and its inputs.

    Raises:
        InputError: a request that is no object with a view and inputs.
    """
    if not isinstance(ask, Mapping):
        raise InputError("object", field="request", got=describe(ask), allowed="view, inputs")
    view = choice("view", ask.get("view"), tuple(tab.views))
    return view, mapping("inputs", ask.get("inputs"), (), tuple(ask.get("inputs") or ()))


def _canonical(inputs: Mapping[str, Any]) -> str:
    return json.dumps(_whole(inputs), sort_keys=True)


def _whole(value: Any) -> Any:
    """Return 1.0 as 1, all the way down, as a browser sends a preset's numbers."""
    if isinstance(value, dict):
        return {k: _whole(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_whole(v) for v in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _count(value: Any) -> int:
    """Return how many numbers nested lists hold."""
    if isinstance(value, dict):
        return sum(_count(one) for one in value.values())
    return sum(_count(one) for one in value) if isinstance(value, list) else 1


def _json(value: Board | Mapping[str, Any] | Sequence[Any] | Frame) -> str:
    return json.dumps(bare(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _answer(make: Callable[[], str]) -> str:
    """Return JSON text: the answer, or the parts of an error's sentence."""
    try:
        return f'{{"ok":{make()}}}'
    except Exception as error:  # the page must say something whatever broke; what broke is logged
        rule = getattr(error, "rule", "fault")
        if rule == "fault":
            LOG.exception("a request to the lesson failed")
        return _json({"error": {"rule": rule, "parts": getattr(error, "parts", {})}})
