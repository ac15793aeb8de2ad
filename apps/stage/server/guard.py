"""Send security headers with every answer and refuse requests that are too large.

The pages need nothing from elsewhere, no camera, no upload. So the content security policy forbids
all of that; Gradio runs a component's script by `new Function` and puts its settings into the page,
hence 'unsafe-eval' and 'unsafe-inline'. Only a Hugging Face Space may frame the hub.
"""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 8_000_000  # bytes of a request's body: twice a run's longest state
# No lesson takes a file; these would write to the disk, fetch from elsewhere, or edit the app.
SHUT = ("upload", "process_recording", "proxy=", "stream/", "vibe-", "undo-vibe-", "run-history")
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
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
RAW = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class TooLarge(Exception):
    """End the reading of a body that goes on beyond MOST."""


class Guard:
    """Put headers on every answer, limit bodies, refuse uploads: an ASGI middleware."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, taken = False, 0

        async def safe(message: Message) -> None:
            nonlocal began
            if taken > MOST and not began:
                return  # whatever the app makes of half a body
            if message["type"] == "http.response.start":
                began = True
                message = {**message, "headers": [*message.get("headers", []), *RAW]}
            await send(message)

        async def count_bytes() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST:
                raise TooLarge
            return message

        if refusal := self.refusal(scope):
            return await refusal(scope, receive, safe)
        try:
            await self.app(scope, count_bytes, safe)
        except TooLarge:
            pass  # sent in pieces, without its length: said below
        if taken > MOST and not began:
            began = True
            await too_large()(scope, receive, safe)

    def refusal(self, scope: Scope) -> PlainTextResponse | None:
        """Return the refusal of an upload or of a body declared too large, else None."""
        _, api, rest = scope["path"].partition("/gradio_api/")
        if api and rest.startswith(SHUT):
            return PlainTextResponse("This server takes no files.\n", 403)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        return too_large() if not length.isdigit() or int(length) > MOST else None


def too_large() -> PlainTextResponse:
    """Return the answer to a body that is too large."""
    return PlainTextResponse(f"A request may have at most {MOST:,} bytes.\n", 413)
