"""Answer a request before its body was read, so that who still sends hears the answer.

A connection that is closed with bytes that nobody read is reset, and the answer in it is lost. So
it is said at once, and then the body is read and thrown away, for a while and a part of it.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

LINGER, UNREAD = 10.0, 16_000_000  # seconds and bytes of such a body that are read at most


class Noted:
    """What comes of a request, and whether all of it came."""

    def __init__(self, scope: Scope, receive: Receive):
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        self.whole = length == "0" and "transfer-encoding" not in headers
        self.receive = receive

    async def __call__(self) -> Message:
        """Return the next message."""
        message = await self.receive()
        self.whole = not message.get("more_body")  # or its sender is gone
        return message


async def answer(response: Response, scope: Scope, receive: Noted, send: Send) -> None:
    """Send a response; end the connection if not the whole request came, but not before who sends
    it can have heard.
    """
    if receive.whole:
        return await response(scope, receive, send)

    async def unended(message: Message) -> None:
        body = message["type"] == "http.response.body"
        await send({**message, "more_body": True} if body else message)

    response.headers["connection"] = "close"  # what is left of the body then is no request
    await response(scope, receive, unended)
    try:
        await asyncio.wait_for(skip(receive), LINGER)
    except asyncio.TimeoutError:
        pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def skip(receive: Noted) -> None:
    """Read the rest of a body, a part of it at most."""
    left = UNREAD
    while left > 0 and not receive.whole:
        left -= len((await receive()).get("body", b""))
