"""A request that is refused before it was read: who still sends hears why, by a real socket."""

import json
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPResponse

import pytest
import uvicorn

from apps.stage.server import early, guard
from apps.stage.server.connections import patient
from apps.stage.server.guard import API, Guard
from tests.conftest import WAIT
from tests.stage.test_guard import said

CALL = f"{API}/call/hopfield_recall"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a guarded server whose app answers how much it read."""
    config = uvicorn.Config(Guard(said), host="127.0.0.1", port=0, log_config=None, lifespan="off")
    config.load()
    config.http_protocol_class = patient(config.http_protocol_class, 100)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(WAIT)


def head(path: str, *lines: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: hub", *lines, "", ""]).encode()


def read(one: socket.socket) -> tuple[int, str]:
    """Return the status and the sentence of one answer."""
    found = HTTPResponse(one)
    found.begin()
    text = found.read().decode()
    return found.status, json.loads(text)["error"] if found.status >= 400 else text


def ask(port: int, begin: bytes, rest: bytes) -> tuple[int, str]:
    """Send the begin of a request, and the rest once the server has answered; return status and
    sentence.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as one:
        one.sendall(begin)
        one.recv(1, socket.MSG_PEEK)
        for k in range(0, len(rest), 60_000):
            one.sendall(rest[k : k + 60_000])
        return read(one)


@pytest.mark.parametrize("stay", ["close", "keep-alive"])
@pytest.mark.parametrize("size", [guard.SMALL + 1, 300_000, guard.LARGE])
def test_a_body_that_is_too_long_hears_so_although_it_is_still_sent(port, stay, size):
    lines = head(CALL, f"Connection: {stay}", f"Content-Length: {size}")
    status, why = ask(port, lines, b"x" * size)
    assert status == 413 and f"{guard.SMALL:,}" in why


def test_a_body_without_a_length_hears_so_too(port):
    lines = head(CALL, "Connection: close", "Transfer-Encoding: chunked")
    piece = b"ea60\r\n" + b"x" * 60_000 + b"\r\n"
    status, why = ask(port, lines + 2 * piece, 20 * piece + b"0\r\n\r\n")
    assert status == 413 and f"{guard.SMALL:,}" in why


@pytest.mark.parametrize("path", [f"{API}/upload", f"{API}/run/flow_sample", "/nowhere"])
def test_an_address_that_is_shut_says_so_to_who_still_sends(port, path):
    status, why = ask(
        port, head(path, "Connection: close", "Content-Length: 500000"), b"x" * 500_000
    )
    assert status == 403 and "POST" in why


def test_a_body_without_an_end_is_read_for_a_while_only(port, monkeypatch):
    monkeypatch.setattr(early, "UNREAD", 1_000_000)
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as one:
        one.sendall(head(CALL, f"Content-Length: {10**12}"))
        one.recv(1, socket.MSG_PEEK)
        with pytest.raises(ConnectionError):
            for _ in range(10_000):
                one.sendall(b"x" * 60_000)


def test_a_body_that_does_not_come_ends_its_connection(port, monkeypatch):
    monkeypatch.setattr(early, "LINGER", 0.01)
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as one:
        one.sendall(head(CALL, "Content-Length: 500000"))
        assert read(one)[0] == 413
        assert one.recv(1) == b""


def test_what_is_refused_after_it_was_read_leaves_the_connection_open(port):
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as one:
        for _ in range(2):
            one.sendall(head(CALL, "Content-Length: 1") + b"{")
            assert read(one)[0] == 400
            one.sendall(head("/nowhere"))
            assert read(one)[0] == 403
        one.sendall(head(CALL, "Content-Length: 2") + b"{}")
        assert read(one) == (200, f"{CALL} 2")
