"""Answer calls that no endpoint could take in one sentence of the caller's language.

Gradio tells a caller {"error": null} where arguments are missing, a bare 500 where an endpoint is
not known, and what Python says of itself where a body has another form. This ASGI middleware reads
a call first: it fills in defaults that were left out, or says what is wrong with it.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apps.stage.server import log, words
from apps.stage.server.guard import API, SMALL, gather, language, replay
from core.inputs import InputError, describe

NAMED = re.compile(rf"{API}/(run|api|call/v2|call)/([^/]+)/?")
JOIN = f"{API}/queue/join"
PAGES = f"{API}/component_server"
FULL = 503  # no more calls may wait
OWN_WORDS = {*range(400, 500), FULL}
LONGEST = 8_000_000  # bytes of a page's body, as the guard has it
Parameters = Mapping[str, inspect.Parameter]


class Calls:
    """Check calls before Gradio sees them: an ASGI middleware behind the guard.

    Args:
        app: what is called.
        endpoints: each endpoint's parameters by its name.
        numbers: Gradio's number of an endpoint -> its name.
    """

    def __init__(self, app: ASGIApp, endpoints: Mapping[str, Parameters], numbers: dict[int, str]):
        self.app, self.endpoints, self.numbers = app, endpoints, numbers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, or say what is wrong with it."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self.app(scope, receive, send)
        path = scope["path"].removeprefix(scope.get("root_path") or "")
        if not path.startswith(API) or path.startswith(f"{API}/mcp"):
            return await self.app(scope, receive, send)
        begun, refused = False, 0

        async def noted(message: Message) -> None:
            nonlocal begun, refused
            if message["type"] == "http.response.start" and message["status"] in OWN_WORDS:
                refused = message["status"]  # in words of Gradio's own, which ours replace
            if not refused:
                begun = True
                await send(message)

        async def say(status: int, error: InputError | str) -> None:
            rule, parts = (error, {}) if isinstance(error, str) else (error.rule, error.parts)
            said = words.sentence(language(scope), rule, parts)
            answer: dict[str, Any] = {"error": said}
            if path.rstrip("/") == JOIN and status != FULL:  # Gradio's clients show a 422 alone
                wrong = {"parameter_name": parts.get("field", "data"), "message": said}
                status = 422
                answer["detail"] = [{"__type__": "validate", "is_valid": False, **wrong}]
            await JSONResponse(answer, status)(scope, receive, send)

        try:
            body = await gather(receive, LONGEST)
            changed = self.read(path.rstrip("/"), body)
            await self.app(with_length(scope, changed), replay(changed, receive), noted)
            if refused:
                await say(refused, "queue_full" if refused == FULL else "no_call")
        except InputError as error:
            await say(404 if error.rule == "endpoint" else 400, error)
        except Exception:  # the caller gets a sentence whatever broke; what broke is logged
            log.fault("a call failed")
            if begun:
                raise
            await say(500, "fault_call")

    def read(self, path: str, body: bytes) -> bytes:
        """Return a call's body with all arguments in it.

        Raises:
            InputError: it is no call of an endpoint that there is.
        """
        if len(body) > SMALL:  # a page's: no call is as long
            return body
        found = parse(body)
        named = NAMED.fullmatch(path)
        if named:
            how, name = named.groups()
            if name not in self.endpoints:
                raise InputError("endpoint", field=name)
            v2 = how == "call/v2"
            call = complete(self.endpoints, name, found) if v2 else self.in_order(name, found)
            return json.dumps(call).encode()
        if path == JOIN:
            number = found.get("fn_index")
            if isinstance(number, bool) or not isinstance(number, int):
                raise InputError("integer", field="fn_index", got=describe(number), **self.range())
            if number not in self.numbers:
                raise InputError("endpoint", field=f"fn_index {number}")
            return json.dumps(self.in_order(self.numbers[number], found)).encode()
        if path == PAGES:
            for field in ("component_id", "fn_name"):
                if field not in found:
                    raise InputError("missing", field=field, allowed="component_id, fn_name, data")
            if not isinstance(found["component_id"], int) or not isinstance(found["fn_name"], str):
                raise InputError("endpoint", field="component_id")
        return body

    def range(self) -> dict[str, int]:
        """Return which numbers endpoints have."""
        return {"low": min(self.numbers, default=0), "high": max(self.numbers, default=0)}

    def in_order(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return a body whose arguments come in order, those left out filled in."""
        parameters, data = self.endpoints[name], body.get("data")
        if not isinstance(data, list):
            sizes = f"{len(required_parameters(parameters))}-{len(parameters)}"
            raise InputError("list", field="data", got=describe(data), allowed=sizes)
        if len(data) > len(parameters):
            raise InputError(
                "arguments", field=name, got=len(data), high=len(parameters),
                allowed=", ".join(parameters),
            )  # fmt: skip
        given = dict(zip(parameters, data))
        return {**body, "data": list(complete(self.endpoints, name, given).values())}


def complete(
    endpoints: Mapping[str, Parameters], name: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return all arguments of a call by their names, those left out filled in.

    Raises:
        InputError: there is no such endpoint, or argument, or one without a default is left out.
    """
    if name not in endpoints:
        raise InputError("endpoint", field=name)
    parameters = endpoints[name]
    for field in given:
        if field not in parameters:
            raise InputError("unknown", field=field, allowed=", ".join(parameters))
    for field in required_parameters(parameters):
        if field not in given:
            raise InputError(
                "missing", field=field, allowed=", ".join(required_parameters(parameters))
            )
    return {field: given.get(field, one.default) for field, one in parameters.items()}


def required_parameters(parameters: Parameters) -> list[str]:
    """Return the parameters that have no default."""
    return [name for name, one in parameters.items() if one.default is one.empty]


def parse(body: bytes) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        InputError: it is another thing.
    """
    try:
        found = json.loads(body or b"null")
    except (ValueError, RecursionError):
        raise InputError("no_json", field="body") from None
    if not isinstance(found, dict):
        raise InputError("object", field="body", got=describe(found), allowed="data")
    return found


def with_length(scope: Scope, body: bytes) -> Scope:
    """Return a request's scope with the length that its body has now."""
    kept = [(k, v) for k, v in scope["headers"] if k != b"content-length"]
    return {**scope, "headers": [*kept, (b"content-length", str(len(body)).encode())]}
