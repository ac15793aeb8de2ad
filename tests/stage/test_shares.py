"""Shares: of those who wait addresses take turns, in each lane and in the line."""

import asyncio
import threading
from contextvars import copy_context
from typing import Any, cast

import httpx
import pytest
from starlette.responses import PlainTextResponse
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from apps.stage.server.guard import API, Guard
from apps.stage.server.line import MOST, OF_ONE, Line
from apps.stage.server.shares import Shares
from apps.stage.server.visitor import HERE, Visitor, address, address_of
from tests.conftest import WAIT


def story(told):
    """Run a story to its end."""

    async def bounded():
        await asyncio.wait_for(told(), WAIT)

    asyncio.run(bounded())


def come(shares, whose, function, *args):
    """Ask for something to be computed for an address."""
    context = copy_context()
    context.run(HERE.set, Visitor(address=whose))
    return context.run(asyncio.get_running_loop().create_task, shares.run(function, *args))


@pytest.mark.parametrize("at_once", [1, 3])
def test_who_comes_after_sixty_of_one_address_is_the_next(at_once):
    shares, done, until = Shares(at_once), [], threading.Event()

    def work(name):
        assert until.wait(WAIT)
        done.append(name)

    async def told():
        mine = [come(shares, "10.0.0.1", work, f"a{k}") for k in range(60)]
        await asyncio.sleep(0)
        others = [come(shares, f"10.0.1.{k}", work, f"b{k}") for k in range(3)]
        await asyncio.sleep(0)
        until.set()
        await asyncio.gather(*mine, *others)
        assert {"b0", "b1", "b2"} <= set(done[: 2 * at_once + 4]) and len(done) == 63
        assert shares.free == at_once and not shares.waiting

    story(told)


def test_one_address_is_served_in_the_order_it_came():
    shares, done = Shares(1), []

    async def told():
        await asyncio.gather(*(come(shares, "", done.append, k) for k in range(20)))
        assert done == list(range(20))

    story(told)


def test_who_is_cancelled_gives_the_turn_on_and_what_breaks_does_too():
    shares, until = Shares(1), threading.Event()

    def broken():
        raise KeyError

    async def told():
        first = come(shares, "a", until.wait, WAIT)
        tasks = [come(shares, "a", broken), come(shares, "b", int), come(shares, "c", int)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        until.set()
        await first
        await asyncio.wait(tasks)
        assert tasks[1].cancelled() and tasks[2].result() == 0
        assert isinstance(tasks[0].exception(), KeyError)
        assert shares.free == 1 and not shares.waiting

    story(told)


def test_a_turn_that_comes_with_the_cancelling_is_given_on():
    shares = Shares(1)

    async def told():
        shares.free = 0
        one = come(shares, "a", int)
        await asyncio.sleep(0)
        shares._leave()  # it is its turn
        one.cancel()  # before it hears of it
        await asyncio.wait([one])
        assert one.cancelled() and shares.free == 1

    story(told)


@pytest.fixture
def line(monkeypatch):
    """A line in which nobody waits long."""
    monkeypatch.setattr("apps.stage.server.line.PATIENCE", 0)
    return Line(lambda: 0.0, 2)


def test_one_address_never_fills_the_line_and_others_stand_in_front(line):
    async def told():
        for k in range(200):
            place = await line.enter(f"a{k}", "x", "10.0.0.1")
        assert len(line.jobs) == OF_ONE and place["place"] == MOST
        assert (await line.enter("b0", "x", "10.0.0.2"))["place"] == 1
        assert (await line.enter("c0", "x", "10.0.0.3"))["place"] == 2
        assert (await line.enter("b1", "x", "10.0.0.2"))["place"] == 3
        assert list(line.jobs)[:6] == ["a0", "a1", "b0", "c0", "b1", "a2"]
        await line.leave("a0", 1)
        assert await line.enter("b0", "x", "10.0.0.2") is None
        assert (await line.enter("d0", "x", "10.0.0.4"))["place"] == 2  # behind c0: its first too

    story(told)


def test_work_that_was_held_long_stands_behind_the_first_of_others_only(line, monkeypatch):
    monkeypatch.setattr("apps.stage.server.line.HOLD", -1.0)

    async def told():
        for name in ("a0", "a1", "b0", "a2", "a3"):
            await line.enter(name, "x", name[0])
        await line.leave("a0", 0.5)
        assert list(line.jobs) == ["a1", "b0", "a2", "a3", "a0"]
        assert await line.enter("b0", "x", "b") is None
        await line.leave("b0", 0.5)
        assert list(line.jobs) == ["a1", "a2", "b0", "a3", "a0"]

    story(told)


@pytest.mark.parametrize(
    ("client", "whose"),
    [
        (None, ""),
        (("10.0.0.1", 5), "10.0.0.1"),
        (("::ffff:10.0.0.1", 5), "10.0.0.1"),
        (("2001:db8::1", 5), "2001:db8::/64"),
        (("2001:db8::ffff:1", 5), "2001:db8::/64"),
        (("2001:db8:0:1::1", 5), "2001:db8:0:1::/64"),
        (("testclient", 5), "testclient"),
    ],
)
def test_an_ipv6_network_is_one_visitor(client, whose):
    assert address_of(client) == whose


@pytest.mark.parametrize(
    ("peer", "whose"),
    [("127.0.0.1", "198.51.100.7"), ("203.0.113.9", "203.0.113.9")],
    ids=["a proxy on this machine", "somebody who says so"],
)
def test_only_a_proxy_that_is_trusted_says_whose_a_request_is(peer, whose):
    found = []

    async def app(scope, receive, send):
        found.append(address())
        await PlainTextResponse("")(scope, receive, send)

    async def told():
        guarded: Any = ProxyHeadersMiddleware(cast(Any, Guard(app)), trusted_hosts="127.0.0.1")
        transport = httpx.ASGITransport(guarded, client=(peer, 5))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            head = {"X-Forwarded-For": "192.0.2.1, 198.51.100.7"}
            path = f"{API}/component_server"
            await client.post(path, json={"fn_name": "board"}, headers=head)

    story(told)
    assert found == [whose]
