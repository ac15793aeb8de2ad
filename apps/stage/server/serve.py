"""Start a server: our static files and head, no outside request, a clean stop."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import os
import sys
import threading
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import gradio as gr
from anyio import to_thread
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from apps.stage import look
from apps.stage.server import connections, gradio_internals, joined, log, tools
from apps.stage.server.assets import Assets
from apps.stage.server.calls import Calls, complete
from apps.stage.server.guard import Guard
from apps.stage.server.prefix import Prefix

WEB = Path(__file__).parents[1] / "web"
THREADS = 8  # for calls of the API; pages have lanes of their own
SESSIONS = 100  # that Gradio remembers; nothing of ours is in them
UNFETCHED, KEEP = 40, 60.0  # answers that nobody has fetched yet, and seconds that one is kept
OF_ONE = 30  # calls of one address that may wait, of as many as that
STYLES = (  # in this order: of two rules that say the same thing as strongly, the later one holds
    *("fonts", "page", "weeks", "sidebar", "stage", "drawers"),
    *("widgets", "figures", "planes", "attention", "contest"),
    *("home", "presenting", "embed", "sheet", "narrow"),
)
JOINED = {  # the two files that a page asks for, beside those of web/
    "joined.js": partial(joined.script, WEB),
    "joined.css": partial(joined.styles, WEB, STYLES),
}


def version() -> str:
    """Return a hash of the content of all files of web/: another content, other addresses."""
    files = sorted(path for path in WEB.rglob("*") if path.is_file())
    texts = [path.read_bytes() for path in files] + [text().encode() for text in JOINED.values()]
    whole = b"".join(hashlib.sha256(text).digest() for text in texts)
    return hashlib.sha256(whole).hexdigest()[:12]


STAGE = f"stage/{version()}"  # a browser keeps what lies there for good
# Before anything is drawn: the theme, so that a dark page never flashes white.
THEME = """<script>(() => {
  const kept = () => {
    try { return localStorage.getItem("theme"); } catch { return null; } // denied in a frame
  };
  const asked = new URLSearchParams(location.search).get("__theme") || kept();
  const dark = asked ? asked === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();</script>"""
HEAD = "\n".join(
    [
        THEME,
        f"<style>{look.css()}</style>",
        look.script(),
        f'<link rel="stylesheet" href="{STAGE}/joined.css">',
        f'<link rel="modulepreload" href="{STAGE}/joined.js">',
    ]
)


def few_heaps() -> None:
    """Let all threads share two heaps: glibc gives each its own, and these hardly shrink."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if mallopt:
            mallopt(-8, 2)  # M_ARENA_MAX


def settle_environment(host: str) -> None:
    """Let a start not depend on what the environment says to other programs.

    Gradio asks its own address whether it answers, through a proxy where one is set, and blocks in
    `launch` where GRADIO_DEBUG is 1.
    """
    for name in ("NO_PROXY", "no_proxy"):
        before = os.environ.get(name, "")
        os.environ[name] = ",".join(filter(None, (before, "localhost", "127.0.0.1", "::1", host)))
    os.environ["GRADIO_DEBUG"] = "0"


def launch(
    demo: gr.Blocks, host: str, port: int, framing: Sequence[str] = (), **options: Any
) -> str:
    """Start the server in the background and return its address.

    Args:
        demo: the hub or one tab.
        host: address to listen on.
        port: 1 to 65535, or 0 for any free one.
        framing: addresses whose pages may frame ours.
        **options: passed on to Blocks.launch.
    """
    few_heaps()
    settle_environment(host)
    log.bound()
    gradio_internals.log_faults(log.fault)
    gradio_internals.keep_configs()
    gradio_internals.bound_calls(demo, UNFETCHED, OF_ONE, KEEP)
    pages, mcp = gradio_internals.paths(demo), bool(options.get("mcp_server"))
    guard = Middleware(Guard, pages=pages, mcp=mcp, framing=framing)
    stage, middleware = STAGE, [Middleware(Prefix), guard]
    calls = gradio_internals.endpoints(demo)
    middleware.append(Middleware(Calls, **calls))
    if mcp:
        gradio_internals.offer_tools(partial(complete, calls["endpoints"]), tools.sentence)
        middleware.append(Middleware(tools.Messages))
    if demo.dev_mode:  # `gradio apps/rnn.py`: files change, and with them their version
        stage = "stage/{version}"
        options["head"] = HEAD
    else:
        middleware.append(Middleware(Assets, pages=pages, head=HEAD))
    files = Mount(f"/{stage}", StaticFiles(directory=WEB), name="stage")
    routes = [*(Route(f"/{stage}/{name}", send_joined) for name in JOINED), files]
    _, url, _ = demo.launch(
        server_name=f"[{host}]" if ":" in host else host,
        server_port=port or None,
        app_kwargs={"routes": routes, "middleware": middleware},
        ssr_mode=False,
        share=False,
        quiet=True,
        footer_links=[],
        prevent_thread_lock=True,
        max_threads=THREADS,
        state_session_capacity=SESSIONS,
        run_history=False,
        **options,
    )
    most = connections.most_connections()
    gradio_internals.wrap_protocol(demo, lambda usual: connections.patient(usual, most))
    describe_api(url)
    return url


async def send_joined(request: Request) -> Response:
    """Answer for the joined script or style sheet as the files of web/ are now."""
    name = PurePosixPath(request.url.path).name
    kind = "text/css" if name.endswith("css") else "text/javascript"
    return Response(await to_thread.run_sync(JOINED[name]), media_type=kind)


def keep_for_good() -> None:
    """Let Python never again look whether what there is now can be thrown away.

    It looks whenever many lists were made, as by reading a request; with all modules in memory that
    takes 0.2 s, in which nobody is answered.
    """
    gc.collect()
    gc.freeze()


def describe_api(url: str) -> None:
    """Ask for the API's description once: Gradio keeps the address of whoever asks first in it."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is this machine
    with direct.open(f"{url.rstrip('/')}/gradio_api/info", timeout=60) as answer:
        answer.read()


def in_background(work: Callable[[], None]) -> None:
    """Import the callbacks' modules and do `work`, once the server answers."""

    def load() -> None:
        import torch

        torch.set_num_threads(1)  # a second thread brought one request nothing
        work()

        from apps.stage.paper import figures  # noqa: F401  pulls matplotlib in

        keep_for_good()

    threading.Thread(target=load, daemon=True).start()
