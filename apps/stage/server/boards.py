"""A tab's answers to its page: boards, the source that ran, files to take away, a run's next frame.

Boards are kept as JSON text by tab, view and inputs, so that a class that opens the same scene
computes it once. Here is what is computed; apps.stage.server.lanes says when.
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from cachetools import LRUCache, cached

from apps.stage.contract import Board, Frame, More, Over, Scene, Tab, Tables
from apps.stage.declare import check_names, parse, preset
from apps.stage.server import log, takeaway, words
from apps.stage.server.line import Line
from apps.stage.server.takeaway import bare
from core.inputs import InputError, choice, describe
from core.progress import Stopped, Unfinished

LINE = Line()  # one for all tabs: there is one processor
MOST_PIECES = 600  # of a board that comes in pieces
LONGEST_STATE = 4_000_000  # characters of a run that a page sends back
KEPT = 64_000_000  # bytes of boards in memory: the scenes', and what a class asks at once
FILES = 16_000_000  # bytes of files that were taken away
NUMBER = 32  # bytes of a number in a list

CACHE = threading.Condition()  # guards the boards in memory
Answer = Callable[[Any], str]
Made = TypeVar("Made")


def _file_key(tab: Tab[Any], view: str, inputs: str, asked: str, kept: KeptBoard) -> Any:
    del kept
    return tab, view, inputs, asked


@dataclass(frozen=True)
class KeptBoard:
    """A board as it is kept.

    Attributes:
        text: the JSON that the page gets.
        tables: its numbers for CSV and JSON, plain lists.
        share: of its work that is done, 1 unless it comes in pieces.
        fleeting: whether weights were missing that may come.
        inputs: what it was asked by, canonical JSON.
    """

    text: str
    tables: Tables
    share: float
    fleeting: bool
    inputs: str

    @property
    def size(self) -> int:
        """About how many bytes it takes, with its key."""
        texts = sys.getsizeof(self.text) + sys.getsizeof(self.inputs)
        return texts + NUMBER * _count(self.tables)


def scenes(tab: Tab[Any]) -> list[Scene]:
    """Return a tab's scenes, each with its whole preset."""
    return [one | {"inputs": preset(tab.inputs, one)} for one in words.scenes(tab.name)]


def answers(tab: Tab[Any]) -> list[Answer]:
    """Return the functions that a page calls, computed at once: board, code, take, live."""

    def board(ask: Any) -> str:
        return say(lambda: board_of(tab, ask).text)

    def code(ask: Any) -> str:
        return code_of(tab, ask)

    def take(ask: Any) -> str:
        return say(lambda: file_of(tab, ask, board_of(tab, ask)))

    def live(ask: Any) -> str:
        return say(lambda: as_json(next_frame(tab, ask)))

    return [board, code, take, live]


def code_of(tab: Tab[Any], ask: Any) -> str:
    """Return the sources of the functions that a board's numbers come from."""

    def text() -> str:
        view, inputs = read(tab, ask)
        return as_json(highlight_sources(tab.functions(view, inputs)))

    return say(text)


def board_of(tab: Tab[Any], ask: Any) -> KeptBoard:
    """Return the board that a page asks for; do not cache it if weights were missing."""
    view, inputs = read(tab, ask)
    key = canonical(inputs)
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
    kind, share = f"{tab.name}/{view}", share_done(board.get("more"))
    if board.get("more"):
        LINE.in_pieces.add(kind)
    elif kind not in LINE.in_pieces:  # of these only a page knows how long all pieces took
        LINE.learn(kind, time.perf_counter() - began)
    shown = {name: value for name, value in board.items() if name != "tables"}
    tables, fleeting = bare(board.get("tables", {})), board.get("fleeting", False)
    return KeptBoard(as_json(shown), tables, share, fleeting, inputs)


def whole_board(tab: Tab[Any], ask: Mapping[str, Any]) -> str:
    """Return the reply to an ask for a board, {"ok": …} or {"error": …}, after its last piece."""
    text = answers(tab)[0](ask)
    for _ in range(MOST_PIECES):
        more = json.loads(text).get("ok", {}).get("more")
        if not more or more["done"] >= more["of"]:
            break
        ask = {**ask, "inputs": {**ask["inputs"], more["input"]: more["next"]}}
        text = answers(tab)[0](ask)
    return text


def share_done(more: More | None) -> float:
    """Return how much of a board's work is done: all, unless it comes in pieces."""
    return more["done"] / more["of"] if more and more["of"] else 1.0


def next_frame(tab: Tab[Any], ask: Any, over: Over = lambda: False) -> Frame:
    """Return the next frame of a run, computed until its turn is over."""
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
    return go_on(parse(tab.inputs, inputs), state, act, over)


def board_in_memory(tab: Tab[Any], ask: Any) -> KeptBoard | None:
    """Return a page's board if it lies in memory.

    Raises:
        InputError: an ask or an input that is refused whatever else there is.
    """
    view, inputs = read(tab, ask)
    with CACHE:
        kept = kept_board.cache.get(kept_board.cache_key(tab, view, canonical(inputs)))
    if kept is None:
        parse(tab.inputs, inputs)
    return kept


def file_of(tab: Tab[Any], ask: Any, kept: KeptBoard) -> str:
    """Return a file to take away as JSON; one of a board as it was computed is drawn once."""
    view, inputs = read(tab, ask)
    if "run" in ask or "history" in ask:  # what the page sends along
        return as_json(takeaway.take(tab, view, inputs, ask, json.loads(kept.text), kept.tables))
    asked = as_json({name: ask[name] for name in takeaway.ASKED if name in ask})
    return kept_file(tab, view, canonical(inputs), asked, kept)


@cached(LRUCache(FILES, getsizeof=sys.getsizeof), key=_file_key, condition=threading.Condition())
def kept_file(tab: Tab[Any], view: str, inputs: str, asked: str, kept: KeptBoard) -> str:
    """Draw a file of a board, or return it from memory.

    Args:
        tab: the lesson.
        view: one of its views.
        inputs: canonical JSON.
        asked: the rest of the ask, as JSON.
        kept: the board.
    """
    board, ask = json.loads(kept.text), json.loads(asked)
    return as_json(takeaway.take(tab, view, json.loads(inputs), ask, board, kept.tables))


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
    """Return a request's view, one of this tab's, and its inputs, all of them declared.

    Raises:
        InputError: a request that is no object with a view and inputs.
    """
    if not isinstance(ask, Mapping):
        raise InputError("object", field="request", got=describe(ask), allowed="view, inputs")
    view, inputs = choice("view", ask.get("view"), tuple(tab.views)), ask.get("inputs")
    if not isinstance(inputs, dict):
        raise InputError("object", field="inputs", got=describe(inputs), allowed="…")
    check_names(tab.inputs, inputs)
    return view, inputs


def canonical(inputs: Mapping[str, Any]) -> str:
    """Return inputs as text, the same however their numbers were written."""
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


def as_json(value: Board | Mapping[str, Any] | Sequence[Any] | Frame) -> str:
    """Return JSON text of anything plain; arrays are lists, what is not finite is null."""
    return json.dumps(bare(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def say(make: Callable[[], str]) -> str:
    """Return JSON text: the answer, or the parts of an error's sentence."""
    text, refused = attempt(make)
    return refused or f'{{"ok":{text}}}'


def attempt(make: Callable[[], Made]) -> tuple[Made | None, str]:
    """Return what `make` returns and no text, or None and JSON that says why it failed.

    Raises:
        Unfinished, Stopped: what is asked goes on later, or nobody waits for it.
    """
    try:
        return make(), ""
    except (Unfinished, Stopped):
        raise
    except Exception as error:  # the page must say something whatever broke; what broke is logged
        rule = getattr(error, "rule", "fault")
        if rule == "fault":
            log.fault("a request to the lesson failed")
        return None, as_json({"error": {"rule": rule, "parts": getattr(error, "parts", {})}})
