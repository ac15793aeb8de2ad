"""MCP: what is wrong with a message or a call is said as the API says it."""

import json
from inspect import signature

import httpx
import pytest

from apps.stage.server import tools, words
from apps.stage.server.guard import API
from core.inputs import InputError
from tests.conftest import WAIT, start
from tests.stage.bad_inputs import BAD
from tests.stage.good_calls import GOOD
from tests.stage.test_bad_inputs import ENDPOINTS, refusal
from tests.stage.test_calls import PYTHON

TAB = ("gan_backward", "gan_sample")  # the second waits in the queue
ROWS = [row for row in BAD if row[0][1:] in TAB]
TYPED = "typed-in-vain"


@pytest.fixture(scope="module")
def server():
    """The address of MCP on a hub, in whose log nothing typed may be at the end."""
    process, url, log = start("gan", "--mcp")
    with httpx.Client(base_url=f"{url}{API}", timeout=WAIT) as client:
        yield client
    process.terminate()
    process.wait(timeout=WAIT)
    said = log.read_text()
    assert TYPED not in said and "pydantic" not in said and "Traceback" not in said, said


def post(client, message, lang="en", **headers):
    """Post a message; return status and answer."""
    head = {"Accept": "application/json, text/event-stream", "Accept-Language": lang, **headers}
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    found = client.post("/mcp/", content=body, headers={**head, "Content-Type": "application/json"})
    lines = [line[5:] for line in found.text.splitlines() if line.startswith("data:")]
    return found.status_code, json.loads(lines[-1] if lines else found.text)


def call(client, name, arguments, lang="en", **more):
    """Call a tool; return whether it failed, and its text."""
    params = {"name": name, "arguments": arguments, **more}
    message = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
    status, answer = post(client, message, lang)
    assert status == 200 and answer["id"] == 7, answer
    (content,) = answer["result"]["content"]
    return answer["result"]["isError"], content["text"]


@pytest.mark.parametrize("name", TAB)
def test_a_right_call_is_answered_as_the_function_does(server, name):
    good = {**GOOD[name]}
    failed, text = call(server, name, good, _meta={"progressToken": 1})
    assert not failed
    assert json.loads(text).keys() == ENDPOINTS[f"/{name}"](**good).keys()


@pytest.mark.parametrize(("name", "what", "arguments", "field"), ROWS, ids=lambda a: str(a)[:20])
def test_a_wrong_call_is_refused_in_the_api_s_words(server, name, what, arguments, field):
    by_name = dict(zip(signature(ENDPOINTS[name]).parameters, arguments))
    _, said = refusal(name, arguments)
    for lang, sentence in zip(words.LANGUAGES, said):
        for more in ({}, {"_meta": {"progressToken": 1}}):
            assert call(server, name[1:], by_name, lang, **more) == (True, sentence)


@pytest.mark.parametrize("value", [TYPED, None, True, 3, 1.5, [], {}, [None], {"a": None}])
@pytest.mark.parametrize("field", ["x", "w1", "label", "loss"])
def test_a_value_of_another_type_is_refused_without_python_s_words(server, field, value):
    for lang in words.LANGUAGES:
        failed, said = call(server, "gan_backward", {**GOOD["gan_backward"], field: value}, lang)
        if failed:
            sound(said, lang)


def sound(said, lang):
    """Check that this is one sentence of a language, in which no Python speaks."""
    assert said.endswith(".") and said.isprintable() and not [s for s in PYTHON if s in said], said
    assert any("가" <= c <= "힣" for c in said) == (lang == "ko"), said


def test_names_that_are_not_known_or_missing_are_named(server):
    for lang in words.LANGUAGES:
        for name, given, holds in [
            ("gan_backward", {"x": 1}, "w1"),
            ("gan_backward", {**GOOD["gan_backward"], "junk": TYPED}, "junk"),
            ("gan_sample", {"junk": 1}, "junk"),
            ("nothing", {}, "nothing"),
        ]:
            failed, said = call(server, name, given, lang)
            assert failed and holds in said
            sound(said, lang)


MESSAGE = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
MESSAGES = [
    *([], 3, None, "x", {}, {**MESSAGE, "jsonrpc": TYPED}, {"jsonrpc": "2.0", "id": 1}),
    *({**MESSAGE, "method": method} for method in (3, None, TYPED, "prompts/get", "tasks/get")),
    *({**MESSAGE, "params": params} for params in (None, 3, TYPED, [], {}, {"name": 3})),
    *({**MESSAGE, "params": {"name": "gan_sample", "arguments": a}} for a in (3, TYPED, [TYPED])),
    {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": TYPED}},
    *({"jsonrpc": "2.0", "id": name, "method": "ping"} for name in ({"a": TYPED}, None, [TYPED])),
    {"jsonrpc": "2.0", "id": 1, "result": {"a": TYPED}},
    {"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": TYPED}},
    {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": [TYPED]}},
    {"jsonrpc": "2.0", "method": f"notifications/{TYPED}"},
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: json.dumps(m)[:60])
def test_a_message_of_another_form_is_refused(server, message):
    for lang in words.LANGUAGES:
        status, answer = post(server, message, lang)
        assert status == 400 and answer["jsonrpc"] == "2.0" and answer["error"]["code"] <= -32600
        sound(answer["error"]["message"], lang)


def test_a_file_and_what_is_no_json_are_refused_at_the_door(server):
    file = {"path": "http://127.0.0.1:9/x", "meta": {"_type": "gradio.FileData"}}
    params = {"name": "gan_backward", "arguments": {**GOOD["gan_backward"], "x": file}}
    for lang in words.LANGUAGES:
        for body in ({**MESSAGE, "params": params}, b"{", b"[" * 50 + b"]" * 50):
            status, answer = post(server, body, lang)
            assert status in (400, 403)
            sound(answer["error"], lang)


def test_a_client_can_begin_list_and_end(server):
    info = {"name": "test", "version": "1"}
    params = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": info}
    status, answer = post(server, {**MESSAGE, "method": "initialize", "params": params})
    assert status == 200 and "tools" in answer["result"]["capabilities"]
    listed = post(server, {**MESSAGE, "method": "tools/list"})[1]["result"]["tools"]
    assert sorted(tool["name"] for tool in listed) == sorted(TAB)
    for method in ("resources/list", "resources/templates/list", "prompts/list", "ping"):
        assert "result" in post(server, {**MESSAGE, "method": method})[1], method


def test_what_breaks_in_a_tool_is_told_without_what_was_typed(caplog):
    scope = {"type": "http", "headers": [(b"accept-language", b"ko")]}
    hidden = tools.AppError(f"{tools.FAULT} has raised an exception")
    for broken in (KeyError(TYPED), RuntimeError(TYPED), hidden):
        try:
            raise broken
        except Exception as error:
            assert tools.sentence(error, scope) == words.words("ko", "errors")["fault_call"]
    assert TYPED not in caplog.text and "KeyError" in caplog.text
    wrong = InputError("text", field="x", got="3")
    assert "x" in tools.sentence(wrong, scope) and not caplog.text.count("InputError")
