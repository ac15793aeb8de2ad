"""Calls that no endpoint could take: one sentence in the caller's language, of every endpoint."""

import asyncio
import inspect
import json

import httpx
import pytest
from gradio_client.utils import extract_validation_message
from starlette.responses import JSONResponse

from apps.hub import tabs_of
from apps.stage.server import words
from apps.stage.server.calls import Calls, required_parameters
from tests.stage.good_calls import GOOD

ENDPOINTS = {
    f.__name__: dict(inspect.signature(f).parameters) for tab in tabs_of() for f in tab.endpoints
}
NUMBERS = dict(enumerate(ENDPOINTS, 3))
# What Python says of itself, in no answer.
PYTHON = ("True", "False", "None", "indices", "Traceback", "<class", "object at", "Error", " '")
WAYS = ["run", "api", "call"]


class Echo:
    """An app that answers with the body that reaches it, or breaks."""

    async def __call__(self, scope, receive, send):
        body = (await receive())["body"]
        length = dict(scope["headers"])[b"content-length"]
        assert int(length) == len(body)
        if b"refuse" in body:
            answer = JSONResponse({"detail": [{"type": "missing", "input": None}]}, 422)
            return await answer(scope, receive, send)
        if b"full" in body:
            return await JSONResponse({"detail": "Queue is full."}, 503)(scope, receive, send)
        if b"break" in body:
            raise KeyError("what a visitor typed")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})


def post(path, body, lang="en", **options):
    """Return status and body of an answer to what is posted."""

    async def ask():
        transport = httpx.ASGITransport(Calls(Echo(), ENDPOINTS, NUMBERS))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            head = {"Accept-Language": lang} if lang else {}
            found = await client.post(f"/gradio_api/{path}", content=data, headers=head, **options)
            return found.status_code, found.json()

    return asyncio.run(ask())


def refused(path, body, *holds, status=400):
    """Check that a call is refused in one sentence of each language that holds these words."""
    joins = path == "queue/join" and status != 503
    for lang in words.LANGUAGES:
        code, answer = post(path, body, lang)
        said = answer.pop("error")
        if joins:  # as Gradio's own clients read it
            reply = httpx.Response(422, json=answer)
            assert said in str(extract_validation_message(reply)).splitlines()[1]
            answer.pop("detail")
        assert code == (422 if joins else status) and not answer, answer
        assert said.endswith(".") and said.isprintable() and "{" not in said.replace("{…}", "")
        assert all(word in said for word in holds), said
        assert not [sign for sign in PYTHON if sign in said], said
        assert any("가" <= c <= "힣" for c in said) == (lang == "ko"), said


@pytest.mark.parametrize("name", ENDPOINTS)
def test_what_is_left_out_is_filled_in_or_named(name):
    parameters, good = ENDPOINTS[name], GOOD[name]
    must = required_parameters(parameters)
    code, answer = post(f"call/v2/{name}", good)
    assert code == 200 and list(answer) == list(parameters)
    rest = {k: one.default for k, one in parameters.items() if k not in good}
    assert answer == json.loads(json.dumps({**good, **rest}))
    for field in must:
        refused(f"call/v2/{name}", {k: v for k, v in good.items() if k != field}, field)
    for way in WAYS:
        for count in range(len(must)):
            refused(f"{way}/{name}", {"data": [good[k] for k in must[:count]]}, must[count])
        given = [good[k] for k in must]
        assert len(post(f"{way}/{name}", {"data": given})[1]["data"]) == len(parameters)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_what_is_too_much_is_refused(name):
    count = len(ENDPOINTS[name])
    refused(f"call/v2/{name}", {**GOOD[name], "junk": 1}, "junk")
    for way in WAYS:
        refused(f"{way}/{name}", {"data": [0] * (count + 2)}, name, str(count), str(count + 2))
    number = next(n for n, one in NUMBERS.items() if one == name)
    join = {"fn_index": number, "session_hash": "x"}
    refused("queue/join", {**join, "data": [0] * (count + 1)}, name)
    assert post("queue/join", {**join, "data": list(GOOD[name].values())})[0] == 200


DEEP = ("[" * 5000 + "]" * 5000).encode()
BODIES = [[], [1], 3, None, "text", True, b"", b"{", b"\xff\xfe", DEEP, b'{"data": [1,]}']


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body)[:20])
@pytest.mark.parametrize("path", ["run/rnn_forward", "call/v2/rnn_forward", "queue/join", "reset"])
def test_a_body_that_is_no_call_is_refused(path, body):
    refused(path, body, "body")


@pytest.mark.parametrize("data", [None, True, 3, "text", {}, {"cell": "rnn"}])
@pytest.mark.parametrize("name", ["rnn_forward", "compare_figures"])
def test_arguments_that_are_no_list_are_refused(name, data):
    refused(f"call/{name}", {"data": data}, "data")
    refused(f"run/{name}", {}, "data")


@pytest.mark.parametrize("name", ["nothing", "__proto__", "rnn_forward2", "lambda"])
def test_an_endpoint_that_there_is_not_is_said_to_be_none(name):
    for way in (*WAYS, "call/v2"):
        refused(f"{way}/{name}", {"data": []}, name, status=404)
    refused("queue/join", {"fn_index": 99, "data": []}, "99", status=404)
    for number in (None, True, "3", 1.5, [], {}):
        refused("queue/join", {"fn_index": number, "data": []}, "fn_index")


def test_a_page_s_call_names_its_function():
    ask = {"component_id": 2, "fn_name": "board", "data": {"view": "step"}}
    assert post("component_server", ask)[1] == ask
    for field in ("component_id", "fn_name"):
        refused("component_server", {k: v for k, v in ask.items() if k != field}, field)


def test_a_body_that_gradio_refuses_is_refused_in_our_words():
    refused("cancel", {"session_hash": "refuse"}, "/gradio_api/openapi.json", status=422)


def test_a_call_for_which_there_is_no_room_is_told_so():
    number = next(n for n, one in NUMBERS.items() if one == "date_translate")
    join = {"fn_index": number, "session_hash": "x", "data": ["full", "transformer-dates"]}
    refused("queue/join", join, status=503)
    refused("call/date_translate", {"data": ["full"]}, status=503)


def test_what_breaks_is_told_without_what_was_typed(caplog):
    refused("run/compare_figures", {"data": ["break"]}, status=500)
    assert "typed" not in caplog.text and "KeyError" in caplog.text


def test_the_language_is_the_address_s_or_the_header_s():
    assert "엔드포인트" in post("run/none?lang=ko", {"data": []}, "en")[1]["error"]
    assert "endpoint" in post("run/none?lang=en", {"data": []}, "ko")[1]["error"]
    assert "endpoint" in post("run/none", {"data": []}, "")[1]["error"]
