"""Serve files and pages from memory, compressed once for all visitors rather than per visitor.

Gradio compresses each file anew for each browser that asks. A class that opens the hub at the same
moment then waits for one processor to compress the same megabyte thirty times over. This ASGI
middleware asks the app behind it once for each file and page, keeps the answer plain and
compressed, and answers from then on by itself; browsers that have a file already get 304.

It also writes our head into the pages. Gradio adds it once its scripts run: until then a dark page
would be white, and only then would a browser ask for our files.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from dataclasses import dataclass
from typing import Any

import brotli
from cachetools import LRUCache
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FILES = ("/assets/", "/static/", "/svelte/", "/stage/")  # named by their content, or by a version
KEPT = 64_000_000  # bytes in memory: the hub's files, plain and compressed, take a tenth of it
PAGES = 64  # pages in memory, each for one address that the hub is called by
SMALL = 400  # bytes that are not worth compressing
TEXT = ("text/", "application/javascript", "application/json", "image/svg")
# What a page says of its own address depends on these.
ROOT = ("host", "x-forwarded-host", "x-forwarded-proto", "x-gradio-server")
Key = tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """Hold one answer: its headers less those of the encoding, and its body by encoding."""

    headers: tuple[tuple[bytes, bytes], ...]
    bodies: dict[str, bytes]
    tag: str

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return sum(map(len, self.bodies.values()))


class Assets:
    """Answer for files and pages out of memory: an ASGI middleware.

    Args:
        app: what is behind it.
        pages: routes of HTML pages that are the same for everybody, like "/rnn".
        files: beginnings of paths whose content never changes under the same path.
        head: HTML for the end of each page's head.
    """

    def __init__(
        self,
        app: ASGIApp,
        pages: tuple[str, ...] = (),
        files: tuple[str, ...] = FILES,
        head: str = "",
    ):
        self.app, self.pages, self.files, self.head = app, pages, files, head.encode()
        self.kept: LRUCache[Key, Kept] = LRUCache(KEPT, getsizeof=lambda one: one.size)
        self.kept_pages: LRUCache[Key, Kept] = LRUCache(PAGES)
        self.asked: dict[Key, asyncio.Task[Kept | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or leave it to the app."""
        key = self.key(scope) if scope["type"] == "http" else None
        if key is None:
            return await self.app(scope, receive, send)
        kept = self.store(key).get(key)
        if kept is None:
            # who asks for the same thing meanwhile waits for the same answer
            if key not in self.asked:
                self.asked[key] = asyncio.create_task(self.fetch(key, scope))
                self.asked[key].add_done_callback(lambda _: self.asked.pop(key))
            kept = await asyncio.shield(self.asked[key])
        if kept is None:
            return await self.app(scope, receive, send)
        await self.answer(kept, scope, send)

    def key(self, scope: Scope) -> Key | None:
        """Return the cache key of a request, or None if it is not cached here."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))  # behind a proxy's sub-path
        if scope["method"] not in ("GET", "HEAD"):
            return None
        if path.startswith(self.files):
            return (path,)
        if path in self.pages and b"deep_link" not in scope.get("query_string", b""):
            headers = Headers(scope=scope)
            said = (headers.get(name, "") for name in ROOT)
            return (scope["path"], scope.get("scheme", ""), *said)
        return None

    async def fetch(self, key: Key, scope: Scope) -> Kept | None:
        """Ask the app for the whole thing, uncompressed; keep a 200, nothing else."""
        plain = ("accept-encoding", "if-none-match", "if-modified-since", "range")
        headers = [(k, v) for k, v in scope["headers"] if k.decode() not in plain]
        start: dict[str, Any] = {}
        parts: list[bytes] = []
        said = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            if not said:
                await asyncio.Event().wait()  # this browser never hangs up
            return said.pop()

        async def send(message: Message) -> None:
            start.update(message if message["type"] == "http.response.start" else {})
            parts.append(message.get("body", b""))

        ask = {**scope, "method": "GET", "headers": headers, "query_string": b""}  # for everybody
        await self.app(ask, receive, send)
        if start.get("status") != 200:
            return None
        body, forever = b"".join(parts), len(key) == 1
        if not forever:
            body = body.replace(b"</head>", self.head + b"</head>", 1)
        kept = await asyncio.to_thread(pack, start["headers"], body, forever)
        if kept.size < KEPT:
            self.store(key)[key] = kept
        return kept

    def store(self, key: Key) -> LRUCache[Key, Kept]:
        """Return where an answer is kept: many addresses of one page push out no file."""
        return self.kept if len(key) == 1 else self.kept_pages

    async def answer(self, kept: Kept, scope: Scope, send: Send) -> None:
        """Send a cached answer in the best encoding that the browser accepts."""
        asked = Headers(scope=scope)
        headers = [*kept.headers, (b"etag", kept.tag.encode())]
        if kept.tag in [tag.strip() for tag in asked.get("if-none-match", "").split(",")]:
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            return await send({"type": "http.response.body", "body": b""})
        takes = [one.split(";")[0].strip() for one in asked.get("accept-encoding", "").split(",")]
        how = next((name for name in ("br", "gzip") if name in takes and name in kept.bodies), "")
        body = kept.bodies[how]
        headers += [(b"content-encoding", how.encode())] if how else []
        headers += [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": body})


def pack(headers: list[tuple[bytes, bytes]], body: bytes, forever: bool) -> Kept:
    """Compress an answer's body both ways, by brotli and gzip.

    Args:
        headers: of the app's answer.
        body: uncompressed.
        forever: whether the path stands for this content for good.
    """
    kind = Headers(raw=headers).get("content-type", "")
    bodies = {"": body}
    if len(body) > SMALL and kind.startswith(TEXT):
        bodies["br"] = brotli.compress(body, quality=9)
        bodies["gzip"] = gzip.compress(body, 6, mtime=0)
    drop = (b"content-length", b"content-encoding", b"etag", b"last-modified", b"cache-control")
    drop += (b"accept-ranges", b"vary")
    left = [(k.lower(), v) for k, v in headers if k.lower() not in drop]
    fresh = b"public, max-age=31536000, immutable" if forever else b"no-cache"
    left += [(b"cache-control", fresh), (b"vary", b"Accept-Encoding")]
    return Kept(tuple(left), bodies, f'"{hashlib.sha256(body).hexdigest()[:24]}"')
