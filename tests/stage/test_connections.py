"""Connections: half-sent requests end, and never keep a whole one out."""

import asyncio
import logging

import httpx
import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from apps.stage.server.connections import most_connections, patient

NGINX = 60  # seconds that nginx keeps an idle connection to a server: keepalive_timeout
WHOLE = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Wire(asyncio.Transport):
    """A connection's other end: remembers whether it was closed."""

    def __init__(self, whose):
        super().__init__({"peername": (whose, 50000)})
        self.over, self.sent = False, b""

    def abort(self):
        self.over = True

    close = abort

    def is_closing(self):
        return self.over

    def write(self, data):
        self.sent += data

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


async def answer(scope, receive, send):
    """Answer with nothing: an app."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def opened():
    """A function that opens a connection to one server with room for `most`."""
    config = Config(answer, log_config=None)
    config.load()
    state = ServerState()

    def open_one(most=100, patience=0.02, whose="10.0.0.1"):
        kind = patient(config.http_protocol_class, most, patience)
        wire = Wire(whose)
        loop = asyncio.get_running_loop()
        one = kind(config=config, server_state=state, app_state={}, _loop=loop)
        one.connection_made(wire)
        return one, wire

    return open_one


async def closed(wire):
    """Return once a connection is closed."""

    async def until():
        while not wire.over:
            await asyncio.sleep(0)

    await asyncio.wait_for(until(), 20)


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX: "])
def test_a_request_that_does_not_come_ends_its_connection(opened, begun):
    async def told():
        one, wire = opened()
        if begun:
            one.data_received(begun)
        await closed(wire)
        assert wire.sent == b""

    asyncio.run(told())


def test_bytes_that_trickle_give_no_more_time(opened):
    async def told():
        one, wire = opened()
        when = one.deadline.when()
        one.data_received(b"GET / HTTP/1.1\r\n")
        one.data_received(b"X-A: b\r\n")
        assert one.deadline.when() == when
        await closed(wire)

    asyncio.run(told())


def test_a_whole_request_has_all_the_time_and_the_next_one_begins_anew(opened):
    async def told():
        one, wire = opened(patience=1000)
        one.data_received(WHOLE)
        assert one.deadline is None
        while not one.cycle.response_complete:
            await asyncio.sleep(0)
        assert b"204" in wire.sent
        one.data_received(b"GET / HT")
        assert one.deadline is not None
        one.connection_lost(None)
        assert one.deadline is None

    asyncio.run(told())


def test_one_too_many_closes_the_oldest_that_sent_nothing_whole(opened):
    async def told():
        whole, first = opened(most=3, patience=1000)
        whole.data_received(WHOLE)
        whole.cycle.response_complete = False  # it is being answered
        _, second = opened(most=3, patience=1000)
        _, third = opened(most=3, patience=1000)
        _, fourth = opened(most=3, patience=1000)
        assert (first.over, second.over, third.over, fourth.over) == (False, True, False, False)

    asyncio.run(told())


def test_where_all_are_answered_one_too_many_is_turned_away(opened):
    async def told():
        for _ in range(3):
            one, _ = opened(most=3, patience=1000)
            one.data_received(WHOLE)
        _, wire = opened(most=3, patience=1000)
        assert wire.over

    asyncio.run(told())


def busy(opened, most, whose):
    """Open a connection whose request is being answered; return its wire."""
    one, wire = opened(most, 1000, whose)
    if not wire.over:
        one.data_received(WHOLE)
    return wire


def test_one_address_that_holds_all_connections_gives_way_to_others(opened):
    async def told():
        mine = [busy(opened, 10, "10.0.0.1") for _ in range(50)]
        assert [wire.over for wire in mine] == [False] * 10 + [True] * 40
        others = [busy(opened, 10, f"10.0.1.{k}") for k in range(9)]
        assert not any(wire.over for wire in others)
        assert [wire.over for wire in mine[:10]] == [True] * 9 + [False]
        last = busy(opened, 10, "10.0.2.1")
        assert last.over  # each has one: nobody gives way

    asyncio.run(told())


def test_a_network_of_addresses_counts_as_one(opened):
    async def told():
        mine = [busy(opened, 5, f"2001:db8::{k}") for k in range(1, 9)]
        other = busy(opened, 5, "2001:db8:0:1::1")
        assert not other.over and [wire.over for wire in mine[:5]] == [True] + [False] * 4

    asyncio.run(told())


def test_of_those_that_idle_the_oldest_of_the_most_gives_way(opened):
    async def told():
        one, kept = opened(3, 1000, "10.0.0.2")
        _, first = opened(3, 1000, "10.0.0.1")
        second, idle = opened(3, 1000, "10.0.0.1")
        second.data_received(WHOLE)
        while not second.cycle.response_complete:
            await asyncio.sleep(0)
        _, new = opened(3, 1000, "10.0.0.3")
        assert (kept.over, first.over, idle.over, new.over) == (False, True, False, False)
        one.since -= 1  # older, but its address has no more than others
        _, newer = opened(3, 1000, "10.0.0.1")
        assert (kept.over, idle.over, newer.over) == (False, True, False)

    asyncio.run(told())


def test_an_idle_connection_is_closed_by_clients_and_proxies_first(opened):
    async def told():
        one, wire = opened()
        one.data_received(WHOLE)
        while not one.cycle.response_complete:
            await asyncio.sleep(0)
        left = one.timeout_keep_alive_task.when() - one.loop.time()
        usual = httpx.Limits().keepalive_expiry
        assert usual and left > max(usual, NGINX) + 5 and not wire.over
        one.connection_lost(None)

    asyncio.run(told())


def test_there_is_room_for_a_class_and_for_all_else():
    assert most_connections() >= 30 * 6 + 30


def test_a_half_sent_request_writes_nothing_to_the_log(opened, caplog):
    async def told():
        with caplog.at_level(logging.WARNING):
            one, wire = opened()
            one.data_received(b"GET / HT")
            await closed(wire)

    asyncio.run(told())
    assert not caplog.records
