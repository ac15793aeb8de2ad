"""Serve under a path, whether a proxy in front hands the path on or takes it off.

The server knows by its root path where browsers see it. Files are found by the whole path only, so
a path that a proxy took off is put back before anything reads it.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """Put the root path in front of addresses that came without: an ASGI middleware, the first."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        root = scope.get("root_path") or ""
        if root.startswith("/") and not f"{scope['path']}/".startswith(f"{root}/"):
            raw = scope.get("raw_path") or scope["path"].encode()
            scope = {**scope, "path": root + scope["path"], "raw_path": root.encode() + raw}
        await self.app(scope, receive, send)
