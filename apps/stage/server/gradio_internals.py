"""All that this project touches of Gradio beyond its documents, in one place.

Gradio is pinned exactly, because none of this is promised to stay. `NAMES` says what each name is
for; a test looks every one of them up, and says when another version than SEEN is installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import gradio as gr

SEEN = "6.31.0"  # the version in which all of this was read and tried
NAMES = {
    "gradio.blocks:App.create_app": "builds the web application; left out until the launch",
    "Blocks.pages": "(path, title, whether in the bar) of each page: one more makes a page",
    "Blocks.current_page": "path of the page that components and events are added to",
    "gradio.routes:INTERNAL_ROUTES": "paths that no page may have",
    "Blocks.dev_mode": "whether files are watched and reloaded: `gradio apps/rnn.py`",
    "Blocks._is_running_in_reload_thread": "whether this is such a reload, which launches nothing",
    "gradio.context:LocalContext.blocks": "in a call: which app it runs in",
    "gradio.context:LocalContext.event_id": "in a call: under which name the queue knows it",
    "Blocks._queue": "the queue",
    "Queue.event_ids_to_events": "name of a call -> the queue's record of it",
    "Queue.pending_event_ids_session": "session -> names of calls that its client still waits for",
    "Event.session_hash": "whose call it is",
    "Event.alive": "false once its client is gone",
    "HTML(server_functions)": "functions that the page's script calls by /component_server",
    "HTML(js_on_load)": "the page's script; it finds `element`, `props` and `server`",
    "HTML(html_template)": "the page's first markup",
    "HTML(apply_default_css)": "false leaves Gradio's prose style off the page",
}


@contextmanager
def without_app() -> Iterator[None]:
    """Let Blocks be built without a web application; `launch` builds the one that serves.

    Gradio builds one (91 routes) when Blocks are made and one at each end of a `with`, all thrown
    away at the launch. Meanwhile `demo.app` is None.
    """
    names = vars(import_module("gradio.blocks"))
    real = names["App"]
    names["App"] = SimpleNamespace(create_app=lambda *_, **__: None)
    try:
        yield
    finally:
        names["App"] = real


@contextmanager
def page(demo: gr.Blocks, title: str, path: str) -> Iterator[None]:
    """Put components built inside onto another page of the open Blocks, at /path.

    `demo.route` does the same in a `with` of its own, one a page; at the end of each Gradio works
    out the settings of all pages so far, so that a page costs more the more there are.

    Raises:
        ValueError: Gradio or another page has that path.
    """
    routes = import_module("gradio.routes")
    if path in routes.INTERNAL_ROUTES or path in [name for name, *_ in demo.pages]:
        raise ValueError(f"no page can be at /{path}: it is taken")
    before = demo.current_page
    demo.pages.append((path, title, False))
    demo.current_page = path
    try:
        yield
    finally:
        demo.current_page = before


def paths(demo: gr.Blocks) -> tuple[str, ...]:
    """Return the paths of all pages, "/" the home page's."""
    return tuple(f"/{path}" for path, *_ in demo.pages)


def is_reloading(demo: gr.Blocks) -> bool:
    """Say whether the file that is run now was edited, and is run once more by Gradio."""
    return bool(demo._is_running_in_reload_thread)


@dataclass(frozen=True)
class Call:
    """A call of the API that runs in the queue.

    Attributes:
        queue: Gradio's.
        name: under which the queue knows it.
        event: the queue's record of it.
    """

    queue: Any
    name: str
    event: Any

    def is_awaited(self) -> bool:
        """Say whether its client is still there and has not cancelled it."""
        mine = self.queue.pending_event_ids_session.get(self.event.session_hash, ())
        return self.event.alive and self.name in mine


def running_call() -> Call | None:
    """Return the call in which this is asked, or None outside of the queue."""
    from gradio.context import LocalContext

    blocks, name = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if blocks is None or name is None:
        return None
    event = blocks._queue.event_ids_to_events.get(name)
    return Call(blocks._queue, name, event) if event else None
