"""Lanes: who waits takes no thread, what is heavy waits for its turn and ends with its visitor."""

import asyncio
import dataclasses
import json
import sys
import threading

import pytest

from apps.rnn import TAB
from apps.stage import board as b
from apps.stage.contract import View
from apps.stage.server import boards, lanes
from apps.stage.server.boards import KeptBoard
from apps.stage.server.lanes import LONGEST, SLICE, page_functions
from apps.stage.server.line import LONG, Line
from apps.stage.server.shares import Shares
from apps.stage.server.visitor import HERE, Visitor
from core.inputs import InputError
from core.progress import OVER, Unfinished
from tests.conftest import WAIT

VIEW = "step"


def kept(share=1.0, text="{}"):
    """Return a board as it is kept."""
    return KeptBoard(text, {}, share, False, "{}")


def asked(ticket=None, view=VIEW, **inputs):
    """Return what a page sends for a board that nobody has."""
    own = {} if ticket is None else {"ticket": ticket}
    return {"view": view, "inputs": {"seed": 987654, **inputs}, **own}


@pytest.fixture
def line(monkeypatch):
    """A line of one's own with one worker, in which nobody waits long."""
    mine = Line(workers=1)
    monkeypatch.setattr(lanes, "LINE", mine)
    monkeypatch.setattr(boards, "LINE", mine)
    monkeypatch.setattr("apps.stage.server.line.PATIENCE", 0)
    return mine


def story(told):
    """Run a story to its end."""

    async def bounded():
        await asyncio.wait_for(told(), WAIT)

    asyncio.run(bounded())


def test_only_long_boards_wait_and_a_failed_one_leaves_the_line(line):
    refused = InputError("unknown", field="k", allowed="1")
    given = {1: refused, 2: kept(0.25, '{"more":{}}'), 3: kept()}

    def compute(tab, ask):
        one = given[ask["inputs"]["truncate"]]
        if isinstance(one, Exception):
            raise one
        return one

    board, *_ = page_functions(TAB, compute)

    async def ask(which, ticket="t"):
        return json.loads(await board(asked(ticket, truncate=which)))

    async def told():
        await line.enter("other", "x")
        assert await ask(3) == {"ok": {}}  # nothing is known of it
        line.usual[f"rnn/{VIEW}"] = LONG
        assert set((await ask(3))["ok"]["wait"]) == {"place", "seconds"}
        await line.leave("other", 1)
        await ask(2)
        assert line.jobs["t"].share == 0.25
        usual = dict(line.usual)
        assert "error" in await ask(1)
        assert not line.jobs and line.usual == usual  # a refusal teaches nothing

    story(told)


def test_who_brings_no_ticket_is_given_one_and_waits_with_it(line):
    line.usual[f"rnn/{VIEW}"] = LONG
    board, *_ = page_functions(TAB, lambda tab, ask: kept())

    async def told():
        await line.enter("other", "x")
        first = json.loads(await board(asked()))["ok"]["wait"]
        assert first["place"] == 1 and len(first["ticket"]) >= 16
        again = json.loads(await board(asked(first["ticket"])))["ok"]["wait"]
        assert again["place"] == 1 and "ticket" not in again
        await line.leave("other", 1)
        assert json.loads(await board(asked(first["ticket"]))) == {"ok": {}}

    story(told)


@pytest.mark.parametrize("wrong", [{"nonsense": 1}, {"seed": -1}, {"seed": True}])
def test_what_is_refused_never_enters_the_line(line, wrong):
    line.usual[f"rnn/{VIEW}"] = LONG
    board, *_ = page_functions(TAB)

    async def told():
        await line.enter("other", "x")
        reply = json.loads(await board(asked("t", **wrong)))
        assert reply["error"]["parts"]["field"] == next(iter(wrong))
        assert list(line.jobs) == ["other"]

    story(told)


def test_a_long_board_comes_in_pieces_and_ends_with_its_visitor(line):
    line.usual[f"rnn/{VIEW}"] = LONG
    visitor, pieces = Visitor(), []

    def compute(tab, ask):
        pieces.append(OVER.get() is not None)
        if len(pieces) == 3:
            visitor.gone = True
        raise Unfinished(len(pieces) / 100)

    board, *_ = page_functions(TAB, compute)

    async def told():
        HERE.set(visitor)
        await board(asked("t"))
        assert pieces == [True] * 3 and not line.jobs
        assert line.usual == {f"rnn/{VIEW}": LONG}  # nor does what was left teach anything

    story(told)


def test_pieces_of_two_visitors_take_turns(line, monkeypatch):
    line.usual[f"rnn/{VIEW}"] = LONG
    monkeypatch.setattr("apps.stage.server.line.HOLD", -1.0)
    monkeypatch.setattr("apps.stage.server.line.PATIENCE", WAIT)
    order, left = [], {1: 3, 2: 3}

    def compute(tab, ask):
        while not order and len(line.jobs) < 2:
            threading.Event().wait(0.001)
        who = ask["inputs"]["truncate"]
        order.append(who)
        left[who] -= 1
        if left[who]:
            raise Unfinished(0.5)
        return kept()

    board, *_ = page_functions(TAB, compute)

    async def told():
        await asyncio.gather(board(asked("a", truncate=1)), board(asked("b", truncate=2)))
        assert order == [1, 2, 1, 2, 1, 2] or order == [2, 1, 2, 1, 2, 1]

    story(told)


def blocked(until, here):
    """Return a tab whose runs wait for an event."""

    def live(inputs, state, act, over):
        here.append(over)
        assert until.wait(WAIT)
        return b.frame(b.text("x"))

    views = {**TAB.views, VIEW: View(TAB.views[VIEW].board, (), live)}
    return dataclasses.replace(TAB, views=views)


def test_sixty_runs_that_wait_take_no_thread_of_a_board(line, monkeypatch):
    monkeypatch.setattr(lanes, "RUNS", Shares(1))
    until, here = threading.Event(), []
    board, _, _, live = page_functions(blocked(until, here), lambda tab, ask: kept())

    async def told():
        run = {**asked(), "state": "s", "act": "both"}
        runs = [asyncio.create_task(live(run)) for _ in range(60)]
        while not here:
            await asyncio.sleep(0)
        assert json.loads(await board(asked(view="slide"))) == {"ok": {}}
        assert len(here) == 1  # one computes, 59 wait
        until.set()
        assert all('"ok"' in said for said in await asyncio.gather(*runs))

    story(told)


def test_a_run_hands_over_when_another_waits_and_hears_something_at_the_latest(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(lanes.time, "monotonic", lambda: now[0])
    waiting = [0]
    stub = type("Runs", (), {"waiting": property(lambda _: waiting[0])})
    monkeypatch.setattr(lanes, "RUNS", stub())
    found = []

    def next_frame(tab, ask, over):
        for others, spent in ((0, 2 * SLICE), (1, SLICE / 2), (1, 2 * SLICE), (0, LONGEST + 0.01)):
            waiting[0], now[0] = others, spent
            found.append(over())
        return {}

    monkeypatch.setattr(boards, "next_frame", next_frame)
    lanes.next_frame(TAB, asked())
    assert found == [False, False, True, True]


def test_nothing_of_a_request_is_read_in_the_event_loop(line, monkeypatch):
    threads = []

    def read(tab, ask):
        threads.append(threading.current_thread())
        raise InputError("text", field="x", got="y")

    monkeypatch.setattr(boards, "read", read)

    async def told():
        for function in page_functions(TAB):
            await function({**asked(), "kind": "csv", "state": "", "act": ""})

    story(told)
    assert len(threads) == 4 and threading.main_thread() not in threads


def test_films_hold_up_no_table_and_are_drawn_once(line, monkeypatch):
    until, drawn = threading.Event(), []

    def take(tab, view, inputs, ask, board, tables):
        drawn.append(ask["kind"])
        assert ask["kind"] != "gif" or until.wait(WAIT)
        return {"name": ask["kind"]}

    monkeypatch.setattr(boards.takeaway, "take", take)
    boards.kept_file.cache.clear()
    *_, file, _ = page_functions(TAB, lambda tab, ask: kept())

    async def told():
        films = [asyncio.create_task(file({**asked(), "kind": "gif"})) for _ in range(20)]
        tables = [await file({**asked(), "kind": "csv", "step": step}) for step in range(3)]
        assert all(json.loads(one) == {"ok": {"name": "csv"}} for one in tables)
        until.set()
        await asyncio.gather(*films)
        assert drawn.count("gif") == 1

    story(told)
    boards.kept_file.cache.clear()


def test_a_file_of_a_visitor_who_left_is_not_drawn(line, monkeypatch):
    monkeypatch.setattr(boards.takeaway, "take", lambda *_: pytest.fail("drawn for nobody"))
    *_, file, _ = page_functions(TAB, lambda tab, ask: kept())
    visitor = Visitor()
    visitor.gone = True

    async def told():
        HERE.set(visitor)
        await file({**asked(), "kind": "gif"})

    story(told)


def test_a_board_counts_with_its_key_and_its_numbers_in_memory():
    short, long = (KeptBoard("{}", {"x": [1.0]}, 1.0, False, key) for key in ("{}", "x" * 10**6))
    assert long.size - short.size >= 10**6 - 2
    numbers = [float(n) for n in range(10**5)]
    held = sys.getsizeof(numbers) + sum(map(sys.getsizeof, numbers))
    assert KeptBoard("{}", {"x": numbers}, 1.0, False, "{}").size >= 0.95 * held
    korean = KeptBoard("가" * 10**5, {}, 1.0, False, "{}")
    assert korean.size >= 2 * 10**5


def test_true_and_one_are_two_keys_and_one_and_one_point_nought_are_one():
    assert boards.canonical({"a": True}) != boards.canonical({"a": 1})
    assert boards.canonical({"a": [1.0]}) == boards.canonical({"a": [1]})
