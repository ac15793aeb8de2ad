"""All that this project touches of Gradio beyond its documents, in one place.

Gradio is pinned exactly, because none of this is promised to stay. `NAMES` says what each name is
for; a test looks every one of them up, and says when another version than SEEN is installed.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast
from weakref import WeakKeyDictionary

import gradio as gr
from gradio.blocks import BlocksConfig

from apps.stage.server.unfetched import Unfetched
from apps.stage.server.visitor import address_of
from core.inputs import InputError

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
    "gradio.blocks:BlocksConfig.config_for_block": "a component's configuration, by each session",
    "Blocks._queue": "the queue",
    "Queue.event_ids_to_events": "name of a call -> the queue's record of it",
    "Queue.pending_event_ids_session": "session -> names of calls that its client still waits for",
    "Queue.pending_messages_per_session": "session -> what its client has not fetched",
    "Queue.event_analytics": "of each call when it came: none is kept",
    "Queue.ANALYTICS_MAX_EVENTS": "how many are kept",
    "Queue.ANAYLTICS_CACHE_FREQUENCY": "after how many calls they are summed up: never",
    "gradio.queueing:traceback": "by its print_exc the queue logs what broke",
    "gradio.routes:traceback": "by its print_exc the routes do",
    "gradio.queueing:ProcessCompletedMessage": "carries an answer",
    "Queue.max_size": "how many calls may wait",
    "Queue.push": "lets a call in, or says that there is no room",
    "Queue.event_queue_per_concurrency_id": "the calls that wait, in `queue` of each",
    "gradio.http_server:Server": "uvicorn's, in a thread; its configuration names the protocol",
    "uvicorn.config:Config.load": "sets `http_protocol_class`, which is asked for each connection",
    "Event.session_hash": "whose call it is",
    "Event.request": "with the address that it came from",
    "Event.alive": "false once its client is gone",
    "Blocks.fns": "number of an endpoint -> its function and name",
    "gradio.mcp:GradioMCPServer.postprocess_output_data": "turns an answer into a tool's text",
    "gradio.mcp:GradioMCPServer._prepare_tool_call_args": "reads a tool's arguments",
    "gradio.mcp:GradioMCPServer._execute_tool_with_progress": "runs a tool that reports progress",
    "gradio.mcp:GradioMCPServer.get_selected_tools_from_request": "tools that an address names",
    "gradio.mcp:GradioMCPServer.Server": "the protocol's library's",
    "mcp.server:Server._get_cached_tool_definition": "whose schema checks a tool's arguments",
    "mcp.server:Server.call_tool": "takes the function that calls a tool",
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


def endpoints(demo: gr.Blocks) -> dict[str, Any]:
    """Return each endpoint's parameters by its name, less the request that Gradio adds, and the
    numbers by which its clients call them.
    """
    named = {number: fn for number, fn in demo.fns.items() if fn.api_name and fn.fn}
    return {
        "numbers": {number: str(fn.api_name) for number, fn in named.items()},
        "endpoints": {
            str(fn.api_name): {
                name: one
                for name, one in inspect.signature(
                    cast(Callable[..., Any], fn.fn)
                ).parameters.items()
                if one.annotation is not gr.Request
            }
            for fn in named.values()
        },
    }


def offer_tools(
    complete: Callable[[str, Any], dict[str, Any]], tell: Callable[[Exception, Any], str]
) -> None:
    """Let MCP tools take and say what the API does: Gradio checks arguments by a schema, whose
    refusals are in English and print Python's values, and prints a dict as Python does.

    Args:
        complete: (endpoint, arguments) -> all arguments; raises what is wrong with them.
        tell: (what was raised, scope of the request) -> one sentence.
    """
    module = import_module("gradio.mcp")
    usual = getattr(module.GradioMCPServer, "usual", module.GradioMCPServer)

    async def no_schema(_: str) -> None:
        return None

    class Server(usual.Server):
        def call_tool(self) -> Callable[..., Any]:
            def wrap(call: Callable[[str, Any], Any]) -> Any:
                async def told(name: str, arguments: Any) -> Any:
                    try:
                        return await call(name, arguments)
                    except Exception as error:  # told by what it is, and logged if it is a fault
                        scope = self.request_context.request.scope
                        raise RuntimeError(tell(error, scope)) from None

                return register(told)

            self._get_cached_tool_definition = no_schema  # nor does it log a name it does not know
            register = super().call_tool()
            return wrap

    class Tools(usual):
        def _prepare_tool_call_args(self, name: str, arguments: Any) -> Any:
            asked = self.get_selected_tools_from_request()
            if name not in self.tool_to_endpoint or not (asked is None or name in asked):
                raise InputError("endpoint", field=name)
            whole = complete(self.tool_to_endpoint[name].lstrip("/"), arguments)
            return super()._prepare_tool_call_args(name, whole)

        async def _execute_tool_with_progress(self, job: Any, progress_token: Any) -> Any:
            try:
                return await super()._execute_tool_with_progress(job, progress_token)
            except RuntimeError:  # a refusal, put into other words
                return [await asyncio.to_thread(job.result)]

        def postprocess_output_data(self, data: Sequence[Any], root_url: str) -> list[Any]:
            texts = [json.dumps(one, ensure_ascii=False) for one in data]
            return [self.types.TextContent(type="text", text=text) for text in texts]

    Tools.usual, Tools.Server = usual, Server  # type: ignore[attr-defined]
    module.GradioMCPServer = Tools  # type: ignore[misc]


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


def bound_calls(
    demo: gr.Blocks,
    most: int,
    of_one: int,
    keep: float,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Bound what the queue keeps: calls that wait, answers that nobody fetched, history.

    Args:
        demo: about to be launched.
        most: calls, and answers.
        of_one: calls of one address.
        keep: seconds that one is kept.
        clock: seconds, ever growing.
    """
    queue = demo._queue

    def forget(session: str) -> None:
        queue.pending_event_ids_session.pop(session, None)

    queue.pending_messages_per_session = Unfetched(most, keep, clock, forget)  # type: ignore[assignment]
    queue.max_size = most
    push = queue.push

    async def fair_push(body: Any, request: Any, username: str | None) -> Any:
        waiting = [e for kind in queue.event_queue_per_concurrency_id.values() for e in kind.queue]
        whose = address_of(request.client)
        if sum(address_of(event.request.client) == whose for event in waiting) >= of_one:
            return False, "", "queue_full"
        return await push(body, request, username)

    queue.push = fair_push
    queue.ANALYTICS_MAX_EVENTS = 1
    queue.ANAYLTICS_CACHE_FREQUENCY = 2**62  # the summary is read by nobody: its route is shut


def keep_configs() -> None:
    """Compute each component's configuration once, not anew for every session.

    Gradio does it in the event loop at a session's first request: 15 ms with fifteen tabs. Ours
    do not change while they are served.
    """
    usual = BlocksConfig.config_for_block
    kept: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()

    def config_for_block(
        number: int, rendered: list[int], block: Any, renderable: Any = None
    ) -> dict[str, Any]:
        if rendered or renderable:
            return usual(number, rendered, block, renderable)
        if block not in kept:
            kept[block] = usual(number, rendered, block)
        found = kept[block]
        return {**found, "props": {**found["props"]}}  # a session may write a value into it

    BlocksConfig.config_for_block = staticmethod(config_for_block)  # type: ignore[method-assign]


def log_faults(write: Callable[[], None]) -> None:
    """Let `write` say what broke wherever Gradio prints a trace, which holds what was typed."""
    for name in ("queueing", "routes"):
        vars(import_module(f"gradio.{name}"))["traceback"] = SimpleNamespace(print_exc=write)


def wrap_protocol(demo: gr.Blocks, wrap: Callable[[type[Any]], type[Any]]) -> None:
    """Change how connections are handled that come from now on.

    Args:
        demo: launched.
        wrap: uvicorn's class of a connection -> another.
    """
    config = demo.server.config
    config.http_protocol_class = wrap(config.http_protocol_class)
