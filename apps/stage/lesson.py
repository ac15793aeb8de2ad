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
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from apps.stage import sheet, words
from apps.stage.serve import STAGE
from apps.stage.sheet import bare
from apps.stage.turns import Turns

MOUNT = """
import(new URL('%s/%s', document.baseURI).href)
  .then((page) => page.mount(element, props.value, server));
"""
LOG = logging.getLogger(__name__)
TURNS = Turns()  # one for all tabs: there is one processor
LONGEST_STATE = 4_000_000  # characters of a run that a page sends back


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
    page(value, "lesson.js", answers(tab))
    for api_name, function in tab.endpoints.items():
        gr.api(endpoint(function), api_name=api_name, queue=False)  # pyright: ignore[reportPrivateImportUsage]


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
            return _json(sheet.take(tab, view, json.loads(inputs), ask, board))

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


@functools.lru_cache(maxsize=256)
def board_text(tab: Tab, view: str, inputs: str) -> str:
    """Return a board as JSON text; a class that opens the same scene computes it once.

    A board that says "fleeting" (weights were missing) is not kept.
    """
    return _json(tab.board(view, json.loads(inputs)))


def warm(tab: Tab) -> None:
    """Compute the boards of a tab's scenes, so that the first visitor does not wait for them."""
    for scene in words.scenes(tab.name):
        board_text(tab, *_asked(tab, scene))


def endpoint(function: Callable) -> Callable:
    """Wrap a typed function as an API endpoint: a refused input becomes one sentence in the
    caller's language.
    """
    signature = inspect.signature(function)
    count = len(signature.parameters)

    @functools.wraps(function)
    def call(*args: Any) -> Any:  # Gradio fills in all defaults and hands the request over last
        given, request = args[:count], args[count]
        try:
            return bare(function(*given))
        except ValueError as error:
            if not hasattr(error, "rule"):
                raise
            language = words.preferred(request.headers.get("accept-language") if request else None)
            said = words.sentence(language, error.rule, error.parts)  # type: ignore[attr-defined]
            raise gr.Error(said, print_exception=False) from None

    asked = inspect.Parameter(
        "request", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=gr.Request
    )
    parameters = [*signature.parameters.values(), asked]
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    # the API's documents are read off the docstring, one line an argument
    call.__doc__ = re.sub(r"\n {8,}", " ", inspect.getdoc(function) or "")
    call.__annotations__ = {**function.__annotations__, "request": gr.Request}
    return call


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
