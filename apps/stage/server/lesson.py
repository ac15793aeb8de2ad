"""The lesson shell: one gr.HTML component a page, whose browser half is web/lesson.js.

A tab hands over a `Tab`; the page asks it, through the component's server functions, for a board
(frames, facts, checks) when inputs change, for the source that ran, and for what is taken away. All
else happens in the browser. `lesson(tab)` also opens the tab's functions as named API endpoints.
"""

from __future__ import annotations

import functools
import inspect
import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio.to_thread
import gradio as gr
from cachetools import LRUCache, cached

from apps.stage.server import takeaway, words
from apps.stage.server.api import endpoint
from apps.stage.server.line import LONG, Line
from apps.stage.server.serve import STAGE
from apps.stage.server.takeaway import bare
from apps.stage.server.turns import Turns

MOUNT = """
import(new URL('%s/%s', document.baseURI).href)
  .then((page) => page.mount(element, props.value, server));
"""
LOG = logging.getLogger(__name__)
TURNS = Turns()  # one for all tabs: there is one processor
LINE = Line()  # likewise
LONGEST_STATE = 4_000_000  # characters of a run that a page sends back
LONGEST_TICKET = 64
KEPT = 24_000_000  # characters of boards in memory: the scenes', and what a class asks at once


@dataclass(frozen=True, eq=False)  # one object a tab: it is its own identity
class Tab:
    """What one tab gives to the shell.

    Attributes:
        name: route, file names of its words and scenes.
        board: (view, inputs) -> board; an error that carries `rule` and `parts` becomes a sentence
            on the page.
        sources: view -> the functions whose source the code drawer shows, or inputs -> these.
        controls: name -> what the browser needs to draw a control.
        tables: (view, inputs) -> {name: rows} for CSV and JSON.
        endpoints: api_name -> typed function.
        picture: () -> view, the small real picture on the home page's card.
        live: (view, inputs, state, act, over) -> the next frame of a run that the visitor watches,
            for boards that have "live". The server keeps nothing of a run: its `state` is a string
            that travels with each frame, so that a page can go on from any of them. `act` is one of
            the board's live["acts"], or "show" for the same moment under changed inputs; `over`
            says when to stop early, for others wait.
    """

    name: str
    board: Callable[[str, dict[str, Any]], dict[str, Any]]
    sources: dict[str, Sequence[Callable] | Callable[[dict], Sequence[Callable]]]
    controls: dict[str, dict[str, Any]]
    endpoints: dict[str, Callable]
    picture: Callable[[], dict[str, Any]]
    tables: Callable[[str, dict[str, Any]], dict[str, Any]] = field(default=lambda view, inputs: {})
    live: Callable[[str, dict[str, Any], str, str, Callable[[], bool]], dict[str, Any]] | None = (
        None
    )


def page(value: dict[str, Any], script: str, functions: Sequence[Callable]) -> gr.HTML:
    """Return a page's one component; `script` draws it from `value`, `functions` answer the script.

    No subclass of gr.HTML: Gradio would write a stub file beside this source.
    """
    return gr.HTML(
        value,
        html_template='<div class="page" aria-busy="true"></div>',
        js_on_load=MOUNT % (STAGE, script),
        apply_default_css=False,
        server_functions=list(functions),
        elem_id="page",
    )


def lesson(tab: Tab, site: dict[str, Any]) -> None:
    """Lay one tab into the open Blocks: its page and its API endpoints.

    Args:
        tab: the tab.
        site: what the header needs: {"tabs": [...], "lang": str | None, "present": bool}.
    """
    value = {
        **site,
        "here": tab.name,
        "scenes": words.scenes(tab.name),
        "controls": tab.controls,
        "text": words.both(tab.name),
        "stage": words.both("stage"),
        "errors": words.both("errors"),
    }
    board, *others = answers(tab)
    page(value, "lesson.js", [in_line(tab, board), *others])
    for api_name, function in tab.endpoints.items():
        sampling = api_name.endswith("_sample")
        gr.api(  # pyright: ignore[reportPrivateImportUsage]
            endpoint(function),
            api_name=api_name,
            queue=sampling,  # a line of its own: the caller hears a rank, an estimate, progress
            concurrency_id="sampling" if sampling else None,
            concurrency_limit=1 if sampling else None,
        )


def answers(tab: Tab) -> list[Callable[[dict], str]]:
    """Return the functions that the browser half calls; each takes one object and returns JSON."""

    def board(ask: dict) -> str:
        def made() -> str:
            text = board_text(tab, *_asked(tab, ask))
            if '"fleeting":true' in text:
                board_text.cache_clear()
            return text

        return _answer(made)

    def code(ask: dict) -> str:
        def made() -> str:
            view, inputs = _asked(tab, ask)
            source = tab.sources[view]
            found = source(json.loads(inputs)) if callable(source) else source
            return _json(highlighted(found))

        return _answer(made)

    def take(ask: dict) -> str:
        def made() -> str:
            view, inputs = _asked(tab, ask)
            board = json.loads(board_text(tab, view, inputs))
            return _json(takeaway.take(tab, view, json.loads(inputs), ask, board))

        return _answer(made)

    def live(ask: dict) -> str:
        def made() -> str:
            view, inputs = _asked(tab, ask)
            state, act = ask["state"], ask["act"]
            if not tab.live or not isinstance(state, str) or len(state) > LONGEST_STATE:
                raise KeyError(view)
            with TURNS.turn() as over:
                return _json(tab.live(view, json.loads(inputs), state, act, over))

        return _answer(made)

    return [board, code, take, live]


def in_line(tab: Tab, board: Callable[[dict], str]) -> Callable[[dict], Any]:
    """Return what gives boards to pages: one that takes long to compute only in its turn.

    Until then the page hears {"wait": {"place", "seconds"}} and asks again with its ticket.
    """

    async def answer(ask: dict) -> str:
        said = ask if isinstance(ask, dict) else {}
        ticket, kind = said.get("ticket"), f"{tab.name}/{said.get('view')}"
        if not isinstance(ticket, str) or not 0 < len(ticket) <= LONGEST_TICKET:
            return await anyio.to_thread.run_sync(board, ask)
        if not LINE.long(kind) or is_kept(tab, ask):
            await LINE.give_up(ticket)
            return await anyio.to_thread.run_sync(board, ask)
        place = await LINE.enter(ticket, kind)
        if place is not None:
            return _json({"ok": {"wait": place}})
        text, share = "", 1.0

        def made() -> tuple[str, float]:  # a large board is read here, not in the event loop
            text = board(ask)
            return text, share_done(json.loads(text).get("ok"))

        try:
            text, share = await anyio.to_thread.run_sync(made)
        finally:
            await LINE.leave(ticket, share)
        return text

    answer.__name__ = board.__name__
    return answer


def share_done(board: dict[str, Any] | None) -> float:
    """Return how much of a board's work is done: all, unless it comes in pieces."""
    more = (board or {}).get("more")
    return more["done"] / more["of"] if more and more["of"] else 1.0


@cached(LRUCache(KEPT, getsizeof=len), condition=threading.Condition(), info=True)
def board_text(tab: Tab, view: str, inputs: str) -> str:
    """Return a board as JSON text; a class that opens the same scene at once computes it once.

    A board that says "fleeting" (weights were missing) is not kept.
    """
    began = time.perf_counter()
    made = tab.board(view, json.loads(inputs))
    if made.get("more"):  # the whole is learnt when a page has had all its pieces
        LINE.usual.setdefault(f"{tab.name}/{view}", LONG)
    else:
        LINE.learn(f"{tab.name}/{view}", time.perf_counter() - began)
    return _json(made)


def is_kept(tab: Tab, ask: dict) -> bool:
    """Return whether a page's board lies in memory."""
    try:
        return board_text.cache_key(tab, *_asked(tab, ask)) in board_text.cache
    except (KeyError, TypeError):  # no such view, nothing that could be inputs: said when computed
        return False


def warm(tab: Tab) -> None:
    """Compute the boards of a tab's scenes, so that the first visitor does not wait for them."""
    for scene in words.scenes(tab.name):
        board_text(tab, *_asked(tab, scene))


def highlighted(functions: Sequence[Callable]) -> list[dict[str, str]]:
    """Return each function's name, module and source, coloured as safe HTML."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    paint = functools.partial(highlight, lexer=PythonLexer(), formatter=HtmlFormatter(nowrap=True))
    return [
        {"name": f.__name__, "module": f.__module__, "html": paint(inspect.getsource(f))}
        for f in functions
    ]


def _asked(tab: Tab, ask: dict) -> tuple[str, str]:
    """Return a request's view, one of this tab's, and its inputs as canonical JSON."""
    view, inputs = ask["view"], ask["inputs"]
    if view not in tab.sources or not isinstance(inputs, dict):
        raise KeyError(view)
    return view, json.dumps(_whole(inputs), sort_keys=True)


def _whole(value: Any) -> Any:
    """Return 1.0 as 1, all the way down: as a browser sends what a preset says."""
    if isinstance(value, dict):
        return {k: _whole(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_whole(v) for v in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _json(value: Any) -> str:
    return json.dumps(bare(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _answer(make: Callable[[], str]) -> str:
    """Return JSON text: what was made, or the parts of the sentence that says why not."""
    try:
        return f'{{"ok":{make()}}}'
    except Exception as error:  # the page must say something whatever broke; what broke is logged
        rule = getattr(error, "rule", "fault")
        if rule == "fault":
            LOG.exception("a request to the lesson failed")
        return _json({"error": {"rule": rule, "parts": getattr(error, "parts", {})}})
