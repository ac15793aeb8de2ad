"""Say what is wrong with a message or a call of MCP in one sentence of the caller's language.

The protocol's library tells, in its answers and in the log, what Python made of a message. So a
message is checked here first, and what a call raises is told here.
"""

from __future__ import annotations

import json
from typing import Any

from gradio_client.exceptions import AppError
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from apps.stage.server import log, words
from apps.stage.server.guard import API, SMALL, gather, language, replay
from core.inputs import InputError, choice, describe

PATH = f"{API}/mcp"
REQUESTS = (
    *("initialize", "ping", "tools/list", "tools/call"),
    *("resources/list", "resources/templates/list", "prompts/list"),
)
FAULT = "The upstream Gradio app"  # begins what its client says of an error that is no refusal
NO_REQUEST, NO_METHOD, NO_PARAMS = -32600, -32601, -32602  # codes of JSON-RPC


class Messages:
    """Check messages before the protocol's library sees them: an ASGI middleware behind the guard.

    Args:
        app: what answers them.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a message on, or say what is wrong with it."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self.app(scope, receive, send)
        if not scope["path"].removeprefix(scope.get("root_path") or "").startswith(PATH):
            return await self.app(scope, receive, send)
        body = await gather(receive, SMALL)
        wrong = check(body)
        if wrong is None:
            return await self.app(scope, replay(body, receive), send)
        code, name, error = wrong
        said = words.sentence(language(scope), error.rule, error.parts)
        answer = {"jsonrpc": "2.0", "id": name, "error": {"code": code, "message": said}}
        await JSONResponse(answer, 400)(scope, receive, send)


def check(body: bytes) -> tuple[int, Any, InputError] | None:
    """Return what is wrong with a message: JSON-RPC's code, the message's id and why."""
    code, found = NO_REQUEST, json.loads(body or b"null")  # the guard saw that it is JSON
    try:
        if not isinstance(found, dict):
            raise InputError("object", field="body", got=describe(found), allowed="jsonrpc, method")
        choice("jsonrpc", found.get("jsonrpc"), ("2.0",))
        code, method = NO_METHOD, found.get("method")
        is_request = not isinstance(method, str) or not method.startswith("notifications/")
        if is_request:
            choice("method", method, REQUESTS)
        code = NO_PARAMS
        if is_request and not isinstance(found.get("id"), (str, int)):
            raise InputError("text", field="id", got=describe(found.get("id")))
        if method == "tools/call":
            check_call(found.get("params"))
        check_form(found, is_request)
    except InputError as error:
        name = found.get("id") if isinstance(found, dict) else None
        return code, name if isinstance(name, (str, int)) else None, error
    return None


def check_call(params: Any) -> None:
    """Raise InputError for what names no tool, or has no arguments by name."""
    if not isinstance(params, dict):
        raise InputError("object", field="params", got=describe(params), allowed="name, arguments")
    if not isinstance(params.get("name"), str):
        raise InputError("text", field="name", got=describe(params.get("name")))
    if not isinstance(given := params.get("arguments") or {}, dict):
        raise InputError("object", field="arguments", got=describe(given), allowed="…")


def check_form(found: dict[str, Any], is_request: bool) -> None:
    """Raise InputError for a message that the protocol's library would refuse."""
    from mcp import types
    from pydantic import ValidationError

    kind = types.ClientRequest if is_request else types.ClientNotification
    try:
        types.JSONRPCMessage.model_validate(found)
        kind.model_validate({name: found[name] for name in ("method", "params") if name in found})
    except ValidationError:
        raise InputError("form", field="body", allowed=found["method"]) from None


def sentence(error: Exception, scope: Scope) -> str:
    """Return what is said of an error in a call; log it if it is a fault."""
    if isinstance(error, AppError) and not error.message.startswith(FAULT):
        return error.message  # a refusal, in the caller's language
    rule, parts = getattr(error, "rule", "fault_call"), getattr(error, "parts", {})
    if rule == "fault_call":
        log.fault("a tool failed")
    return words.sentence(language(scope), rule, parts)
