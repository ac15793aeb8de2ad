"""The door: every route that Gradio registers is open or shut by name, and a request is bounded."""

import asyncio
import json
import re
import subprocess
import sys
from typing import NoReturn

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from apps.stage.server import early, guard, words
from apps.stage.server.guard import API, Guard
from apps.stage.server.visitor import HERE

# Routes of Gradio that no page, API client or tool of ours needs, each with what it would do.
SHUT = {
    r"/login/?|/logout": "accounts, which there are none of",
    r"/monitoring.*": "tells of everybody's calls",
    rf"{API}/deep_link": "writes files that nothing deletes",
    rf"{API}/dev/reload|/docs.*|/redoc": "of a developer's",
    rf"{API}/runs/?|{API}/run-history/.*": "tells of others' calls",
    rf"{API}/custom_component/.*": "serves files of packages",
    rf"{API}/(proxy|file)=.*|{API}/file/.*": "fetches addresses, serves files",
    rf"{API}/stream/.*|{API}/process_recording|{API}/upload(_progress)?": "takes files",
    rf"{API}/(undo-)?vibe-.*": "edits the app",
}


# In a process of its own: Gradio leaves event loops open where it builds an application.
LISTED = """
import json
import gradio as gr
from gradio.routes import App

def answer(identity: int) -> int:
    return identity

def routes(app):
    for one in getattr(app, "routes", []):
        yield from routes(getattr(one, "original_router", None))
        yield from ([method, one.path] for method in getattr(one, "methods", None) or ())

with gr.Blocks() as demo:
    gr.HTML("")
    gr.api(answer, api_name="answer")
print(json.dumps(sorted(routes(App.create_app(demo)))))
"""


def sample(path):
    """Return an address that a route answers."""
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda m: "1" if m[1] == "size" else "abc", path)


def test_every_route_of_the_installed_gradio_is_open_or_shut_by_name():
    listed = subprocess.run([sys.executable, "-c", LISTED], capture_output=True, check=True)
    found = {(method, sample(path)) for method, path in json.loads(listed.stdout)}
    assert len(found) > 60
    doors = Guard(PlainTextResponse("")).open
    unknown = []
    for method, path in sorted(found):
        is_open = any(re.fullmatch(one, path) for one in doors.get(method, []))
        shut = [why for one, why in SHUT.items() if re.fullmatch(one, path)]
        if path.endswith("openapi.json") or method == "OPTIONS":
            continue
        if is_open == bool(shut):
            unknown.append((method, path, is_open, shut))
    assert unknown == []


async def said(scope, receive, send):
    """Answer with what came: an app."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"{scope['path']} {len(body)}")(scope, receive, send)


def status_of(method: str, path: str, body: object = b"", **headers: str) -> int:
    """Return the status that a guarded app answers with."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def ask():
        transport = httpx.ASGITransport(Guard(said, ("/", "/rnn")))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.request(method, path, content=data, headers=named)

    return asyncio.run(ask()).status_code


def test_pages_that_are_named_may_frame_ours_beside_those_of_every_start():
    every, more = (
        dict(guard.headers(framing))[b"content-security-policy"].decode()
        for framing in ((), ("https://wiki.example.org", "https://*.lms.org:8443"))
    )
    assert "wiki" not in every and every.replace("; frame-ancestors", "") != every
    ancestors = more.split("frame-ancestors ")[1].split(";")[0].split()
    assert ancestors[-2:] == ["https://wiki.example.org", "https://*.lms.org:8443"]
    assert "'self'" in ancestors and more.startswith(every.split("; frame-ancestors")[0])

    async def ask():
        transport = httpx.ASGITransport(Guard(said, ("/",), framing=("https://a.org",)))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return (await client.get("/")).headers["content-security-policy"]

    assert asyncio.run(ask()).endswith(" https://a.org")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/rnn", 200),
        ("/rnn/", 200),
        ("/stage/abc/lesson.js", 200),
        (f"{API}/info", 200),
        (f"{API}/heartbeat/abc123", 200),
        (f"{API}/heartbeat/{'a' * 65}", 403),
        (f"{API}/deep_link?session_hash=abc", 403),
        (f"{API}/file=http://127.0.0.1:9/x", 403),
        (f"{API}/mcp/sse", 403),
        ("/nowhere", 403),
        ("/rnn/../monitoring/summary", 403),
    ],
)
def test_what_is_on_no_list_is_refused(path, status):
    assert status_of("GET", path) == status


SESSION = {"data": [1], "session_hash": "abc"}
FILE = {"path": "http://127.0.0.1:9/x", "meta": {"_type": "gradio.FileData"}}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("call/rnn_forward", SESSION, 200),
        ("run/rnn_forward", SESSION, 200),
        ("run/flow_sample", SESSION, 403),
        ("run/flow_sample/", SESSION, 403),
        ("call/rnn_forward", {"data": [FILE]}, 403),
        ("call/rnn_forward", {"data": [[{"a": FILE}]]}, 403),
        ("queue/join", {"data": [], "session_hash": "a" * 65}, 400),
        ("queue/join", {"data": [], "session_hash": ["a"]}, 400),
        ("call/rnn_forward", b"{", 400),
        ("call/rnn_forward", b"[" * 41 + b"]" * 41, 400),
        ("call/rnn_forward", {"data": ["a" * guard.SMALL]}, 413),
        ("component_server", {"fn_name": "live", "data": "a" * guard.SMALL}, 200),
        ("component_server", {"fn_name": "board", "data": "a" * guard.SMALL}, 413),
        ("component_server", {"fn_name": "live", "data": [[1, 0]] * 10**5}, 413),
        ("component_server", {"fn_name": "take", "data": [[1, 0]] * 10**5}, 200),
        ("component_server", {"fn_name": "take", "data": [[1, 0]] * 10**6}, 413),
        ("component_server", {"fn_name": "take", "data": [[]] * 2 * 10**6}, 413),
        ("component_server", {"fn_name": "take", "data": "]" * 10**6}, 413),
        ("component_server", {"fn_name": "live", "data": "}" * 10**5}, 413),
        ("component_server", {"fn_name": "live", "data": "a" * guard.LARGE}, 413),
        ("upload", b"x", 403),
    ],
)
def test_a_request_is_bounded_and_brings_no_file(path, body, status):
    assert status_of("POST", f"{API}/{path}", body) == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://testserver"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://a.example", "x_forwarded_host": "a.example"}, 200),
        ({"sec_fetch_site": "cross-site", "content_type": "text/plain"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "same-origin", "origin": "http://inner"}, 200),
    ],
)
def test_a_page_of_another_site_cannot_drive_this_server(headers, status):
    assert status_of("POST", f"{API}/call/rnn_forward", SESSION, **headers) == status


@pytest.mark.parametrize(
    ("host", "status"),
    [("a.example:7860", 200), ("[::1]:7860", 200), ("a" * 300, 400), ("a<script>", 400)],
)
@pytest.mark.parametrize("name", guard.NAMED)
def test_a_page_is_kept_by_no_nonsense(name, host, status):
    assert status_of("GET", "/", **{name.replace("-", "_"): host}) == status


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40) | st.text("[]{}a", max_size=40).map(str.encode))
def test_how_deep_brackets_nest_is_counted_as_by_hand(body):
    deepest = now = 0
    for byte in body:
        now += (byte in b"[{") - (byte in b"]}")
        deepest = max(deepest, now)
    assert guard.depth(body) == deepest


def test_large_bodies_at_once_are_bounded(monkeypatch):
    monkeypatch.setattr(guard, "ALL_LARGE", 3 * guard.SMALL)
    until = asyncio.Event()

    async def slow(scope, receive, send):
        await until.wait()
        await said(scope, receive, send)

    async def ask():
        app = Guard(slow)
        transport = httpx.ASGITransport(app)
        body = json.dumps({"fn_name": "live", "data": "a" * guard.SMALL}).encode()
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            post = lambda: client.post(f"{API}/component_server", content=body)  # noqa: E731
            two = [asyncio.create_task(post()) for _ in range(2)]
            while app.held < 2 * guard.SMALL:
                await asyncio.sleep(0)
            third = await post()
            until.set()
            return third.status_code, [(await one).status_code for one in two], app.held

    assert asyncio.run(ask()) == (503, [200, 200], 0)


def test_who_leaves_before_the_answer_is_known_to_be_gone():
    sent: asyncio.Queue = asyncio.Queue()
    seen = []

    async def slow(scope, receive, send):
        await Request(scope, receive).body()
        visitor = HERE.get()
        assert visitor and not visitor.gone
        sent.put_nowait({"type": "http.disconnect"})
        while not visitor.gone:
            await asyncio.sleep(0)
        seen.append((await receive())["type"])  # the app hears it too

    async def ask():
        sent.put_nowait({"type": "http.request", "body": b'{"fn_name": "board"}'})
        scope = {"type": "http", "method": "POST", "path": f"{API}/component_server", "headers": []}
        await asyncio.wait_for(Guard(slow)(scope, sent.get, sent.put), 20)

    asyncio.run(ask())
    assert seen == ["http.disconnect"]


def test_a_body_in_pieces_is_counted():
    async def ask(count):
        async def pieces():
            for _ in range(count):
                yield b"[" + b" " * (guard.SMALL // 4 - 2) + b"]"

        transport = httpx.ASGITransport(Guard(said))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            reply = await client.post(f"{API}/component_server", content=pieces())
            return reply.status_code, reply.text

    status, text = asyncio.run(ask(5))  # without its length
    assert status == 413 and f"{guard.SMALL:,}" in text


def test_a_body_that_never_ends_is_refused(monkeypatch):
    monkeypatch.setattr(guard, "PATIENCE", 0.01)
    monkeypatch.setattr(early, "LINGER", 0.01)
    sent = []

    async def never() -> NoReturn:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message):
        sent.append(message)

    head = [(b"content-length", b"9")]
    scope = {"type": "http", "method": "POST", "path": f"{API}/call/x", "headers": head}
    asyncio.run(Guard(PlainTextResponse("reached"))(scope, never, send))
    assert sent[0]["status"] == 408 and not sent[-1]["more_body"]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("method", "path", "body", "status", "rule"),
    [
        ("GET", "file=x", b"", 403, "door_shut"),
        ("POST", "run/x", b"[" * 50, 400, "door_deep"),
        ("POST", "run/x", b"x" * 64_001, 413, "door_large"),
        ("POST", "run/x", b"{", 400, "no_json"),
        ("POST", "run/x", b'{"session_hash": 3}', 400, "door_session"),
        ("POST", "run/x", b'{"a": {"meta": {"_type": "gradio.FileData"}}}', 403, "door_file"),
    ],
)
def test_what_is_refused_is_told_in_the_caller_s_language(method, path, body, status, rule, lang):
    async def app(scope, receive, send):
        pytest.fail("it was let in")

    async def ask():
        transport = httpx.ASGITransport(guard.Guard(app))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            head = {"Accept-Language": lang}
            return await client.request(method, f"{API}/{path}", content=body, headers=head)

    found = asyncio.run(ask())
    said = found.json()["error"]
    begin = words.words(lang, "errors")[rule].split("{")[0]
    assert found.status_code == status and said.startswith(begin)
    assert said.endswith(".") and "{" not in said
