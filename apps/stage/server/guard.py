"""Let in only what the pages, the API and its clients ask for, each request of bounded size.

Gradio has routes that take files, fetch addresses, edit the app or tell of others' calls. A list of
what is open fails shut: a route that a new version brings is refused until a test has seen it.

The pages need nothing from elsewhere, no camera, no upload. So the content security policy forbids
all of that; Gradio runs a component's script by `new Function` and puts its settings into the page,
hence 'unsafe-eval' and 'unsafe-inline'. Only a Hugging Face Space may frame the hub.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from starlette.datastructures import Headers, QueryParams
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apps.stage.server import early, words
from apps.stage.server.visitor import HERE, Visitor, address_of

API = "/gradio_api"
SMALL = 64_000  # bytes of a request's body
LARGE = 8_000_000  # … of one that brings a run's state or its frames: twice the longest state
LARGE_ONES = {"live": 20_000, "take": 400_000}  # functions that are sent such a body -> MARKS
ALL_LARGE = 128_000_000  # bytes of all such bodies at once
MARKS = b",[{"  # what a JSON text has of these says how long it takes to read
ENDS = b"]}"  # no text has more of these
STEPS = np.zeros(256, np.int8)  # byte -> how much deeper it leads
STEPS[list(b"[{")], STEPS[list(ENDS)] = 1, -1
NO_STEP = bytes(np.flatnonzero(STEPS == 0).tolist())
PATIENCE = 20.0  # seconds in which a body must have come
DEEPEST = 40  # brackets within brackets of a body
NAME = r"[\w-]{1,64}"  # of an endpoint, an event, a session
HOST = r"[\w.:/\[\], -]{0,255}"
NAMED = ("host", "x-forwarded-host", "x-forwarded-proto", "x-gradio-server")  # a page's address
READ = [  # by GET and HEAD, after the pages' own addresses
    r"/(assets|static|svelte|stage)/.+",
    r"/(theme\.css|favicon\.ico|manifest\.json|robots\.txt|pwa_icon(/\d+)?)",
    r"/config/?",
    rf"{API}/(info|openapi\.json|startup-events|app_id|login_check|token|user|theme\.css)/?",
    rf"{API}/queue/(data|status)",
    rf"{API}/heartbeat/{NAME}",
    rf"{API}/call/(v2/)?{NAME}/{NAME}",
]
WRITE = [  # by POST
    rf"{API}/component_server/?",
    rf"{API}/queue/join",
    rf"{API}/call/(v2/)?{NAME}/?",
    rf"{API}/(run|api)/(?!{NAME}_sample/?$){NAME}/?",  # a sampling waits in the queue
    rf"{API}/(cancel|reset)/?",
]
MCP = rf"{API}/mcp(/(http|sse|schema|messages))?/?"  # with --mcp alone
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self' https://huggingface.co https://*.hf.space",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def headers(framing: Sequence[str] = ()) -> list[tuple[bytes, bytes]]:
    """Return the headers of every answer.

    Args:
        framing: addresses whose pages may frame ours, beside Hugging Face's.
    """
    policy = {**POLICY, "frame-ancestors": " ".join([POLICY["frame-ancestors"], *framing])}
    text = "; ".join(f"{name} {value}" for name, value in policy.items())
    every = {"Content-Security-Policy": text, **HEADERS}
    return [(name.lower().encode(), value.encode()) for name, value in every.items()]


class Refused(Exception):
    """End a request with a status and the sentence of a rule, whose places `parts` fill."""

    def __init__(self, status: int, rule: str, **parts: Any):
        self.status, self.rule, self.parts = status, rule, parts


class Guard:
    """Put headers on every answer, refuse what is not on the lists: an ASGI middleware.

    Args:
        app: what is guarded.
        pages: the addresses of the pages, "/" the home page's.
        mcp: whether the API is offered as MCP tools too.
        framing: addresses whose pages may frame ours.
    """

    def __init__(
        self,
        app: ASGIApp,
        pages: Sequence[str] = ("/",),
        mcp: bool = False,
        framing: Sequence[str] = (),
    ):
        self.app, self.held = app, 0  # bytes of large bodies in memory
        self.headers = headers(framing)
        own = [re.escape(page.rstrip("/")) + "/?" for page in pages]
        more = [MCP] if mcp else []
        self.open = {"GET": [*own, *READ, *more], "POST": [*WRITE, *more]}
        self.open["HEAD"] = self.open["GET"]
        if mcp:
            self.open["DELETE"] = more  # ends an MCP session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # no page opens a websocket

        async def safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *self.headers]}
            await send(message)

        noted = early.Noted(scope, receive)
        try:
            self.check(scope)
            if scope["method"] == "POST":
                return await self.post(scope, noted, safe)
        except Refused as refused:
            said = words.sentence(language(scope), refused.rule, refused.parts)
            answer = JSONResponse({"error": said}, refused.status)
            return await early.answer(answer, scope, noted, safe)
        await self.app(scope, receive, safe)

    async def post(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body; what computes for a page hears when it is gone."""
        body = await self.body(scope, receive)
        if "/component_server" not in scope["path"]:
            return await self.app(scope, replay(body, receive), send)
        large = len(body) if len(body) > SMALL else 0
        if self.held + large > ALL_LARGE:
            raise Refused(503, "door_busy")
        self.held += large
        visitor = Visitor(large > 0, address_of(scope.get("client")))
        watching = asyncio.create_task(watch(receive, visitor))
        here = HERE.set(visitor)
        try:
            await self.app(scope, replay(body, lambda: asyncio.shield(watching)), send)
        finally:
            HERE.reset(here)
            watching.cancel()
            self.held -= large

    def check(self, scope: Scope) -> None:
        """Raise Refused for an address that is not open, or a page elsewhere that posts here."""
        path = scope["path"].removeprefix(scope.get("root_path") or "") or "/"
        method = scope["method"]
        headers = Headers(scope=scope)
        if not all(re.fullmatch(HOST, headers.get(name, "")) for name in NAMED):
            raise Refused(400, "door_host")
        if not any(re.fullmatch(one, path) for one in self.open.get(method, [])):
            raise Refused(403, "door_shut", method=method[:8])
        if method == "POST" and not same_site(headers):
            raise Refused(403, "door_site")

    async def body(self, scope: Scope, receive: Receive) -> bytes:
        """Return a request's whole body; raise Refused for one that no page or client sends."""
        page = "/component_server" in scope["path"]
        most = LARGE if page else SMALL
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdigit() or int(length) > most:
            raise Refused(413, "door_large", most=f"{most:,}")
        try:
            found = await asyncio.wait_for(gather(receive, most), PATIENCE)
        except asyncio.TimeoutError:
            raise Refused(408, "door_late", seconds=f"{PATIENCE:g}") from None
        if len(found) > SMALL:
            check_large(found)
        if depth(found) > DEEPEST:
            raise Refused(400, "door_deep", most=DEEPEST)
        if len(found) <= SMALL:  # else parsed once, by the app
            plain(found)
        return found


async def watch(receive: Receive, visitor: Visitor) -> Message:
    """Wait until a visitor is gone, and note it."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            visitor.gone = True
            return message


def check_large(body: bytes) -> None:
    """Raise Refused for a large body of a function that is sent none, or one that takes long to
    read.
    """
    found = re.search(rb'"fn_name"\s*:\s*"(%s)"' % "|".join(LARGE_ONES).encode(), body)
    if not found:
        raise Refused(413, "door_large", most=f"{SMALL:,}")
    most = LARGE_ONES[found[1].decode()]
    if max(sum(map(body.count, MARKS)), sum(map(body.count, ENDS))) > most:
        raise Refused(413, "door_many", most=f"{most:,}")


async def gather(receive: Receive, most: int) -> bytes:
    """Return a body that comes in pieces; raise Refused once it has more than `most` bytes."""
    whole = bytearray()
    while True:
        message = await receive()
        whole += message.get("body", b"")
        if len(whole) > most:
            raise Refused(413, "door_large", most=f"{most:,}")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return bytes(whole)


def replay(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read once more, and then what else comes."""
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def depth(body: bytes) -> int:
    """Return how deep the brackets of a JSON text nest; those in its strings count too."""
    steps = STEPS[np.frombuffer(body.translate(None, NO_STEP), np.uint8)]
    return int(np.cumsum(steps, dtype=np.int32).max(initial=0))


def plain(body: bytes) -> None:
    """Raise Refused for a body with a file in it, or with a session's name that is too long.

    Gradio fetches the address of whatever calls itself a file, and keeps every session's name.
    """
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        raise Refused(400, "no_json", field="body") from None
    session = found.get("session_hash") if isinstance(found, dict) else None
    if session is not None and not (isinstance(session, str) and re.fullmatch(NAME, session)):
        raise Refused(400, "door_session")
    if has_file(found):
        raise Refused(403, "door_file")


def has_file(value: Any) -> bool:
    """Return whether a value holds an object that Gradio takes for a file."""
    if isinstance(value, dict):
        meta = value.get("meta")
        if isinstance(meta, dict) and meta.get("_type") == "gradio.FileData":
            return True
        value = list(value.values())
    return isinstance(value, list) and any(has_file(one) for one in value)


def same_site(headers: Headers) -> bool:
    """Return whether a request comes from our own page, or from no page at all."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True
    hosts = (headers.get("host"), headers.get("x-forwarded-host"))
    return urlsplit(origin).netloc in hosts


def language(scope: Scope) -> str:
    """Return the language of a caller: `lang` in the address, else Accept-Language."""
    asked = QueryParams(scope.get("query_string", b"")).get("lang")
    return words.preferred_language(asked or Headers(scope=scope).get("accept-language"))
