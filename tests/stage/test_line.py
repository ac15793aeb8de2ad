"""The line: one at a time, places and estimates for the others, nobody works for who has left."""

import asyncio

import pytest

from apps.stage.server.line import FIRST_GUESS, HOLD, LEASE, MOST, Line


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """Time that a test sets; nobody waits for it."""
    monkeypatch.setattr("apps.stage.server.line.PATIENCE", 0)
    return Clock()


def run(story):
    return asyncio.run(story())


def test_one_is_worked_for_and_the_others_hear_their_places(clock):
    async def story():
        line = Line(clock, 1)
        assert await line.enter("a", "ddpm") is None
        first, second = await line.enter("b", "ddpm"), await line.enter("c", "ddpm")
        assert first == {"place": 1, "seconds": FIRST_GUESS}
        assert second == {"place": 2, "seconds": 2 * FIRST_GUESS}
        clock.now = 3.0
        await line.leave("a", 0.5)  # half is done after 3 s: 3 s are left
        assert await line.enter("b", "ddpm") == {"place": 1, "seconds": 3.0}
        assert await line.enter("a", "ddpm") is None  # its next piece
        clock.now = 6.0
        await line.leave("a", 1)
        assert line.usual["ddpm"] == pytest.approx(6.0) and line.long("ddpm")
        told = await line.enter("c", "ddpm")
        assert told == {"place": 1, "seconds": pytest.approx(6.0)}
        assert await line.enter("b", "ddpm") is None

    run(story)


def test_who_asks_no_more_loses_the_place(clock):
    async def story():
        line = Line(clock, 1)
        await line.enter("left", "x")
        await line.leave("left", 0.1)
        assert await line.enter("next", "x") == {"place": 1, "seconds": 1.0}
        clock.now = LEASE + 0.1
        assert await line.enter("next", "x") is None and list(line.jobs) == ["next"]

    run(story)


def test_two_are_worked_for_at_once_and_who_goes_on_makes_room(clock):
    async def story():
        line = Line(clock, 2)
        assert await line.enter("a", "x") is None and await line.enter("b", "x") is None
        assert await line.enter("c", "x") == {"place": 1, "seconds": FIRST_GUESS}
        await line.give_up("a")  # not while its piece is computed
        assert "a" in line.jobs
        await line.leave("a", 0.5)
        assert await line.enter("c", "x") is not None
        await line.give_up("a")
        assert await line.enter("c", "x") is None and list(line.jobs) == ["b", "c"]

    run(story)


def test_long_work_lets_those_pass_that_wait(clock):
    async def story():
        line = Line(clock, 1)
        await line.enter("long", "x")
        await line.enter("short", "x")
        clock.now = HOLD + 1
        await line.leave("long", 0.1)
        await line.enter("short", "x")
        told = await line.enter("long", "x")
        assert told and told["place"] == 1
        await line.leave("short", 1)
        assert await line.enter("long", "x") is None

    run(story)


def test_a_turn_that_comes_while_one_waits_is_taken_at_once():
    async def story():
        line = Line(workers=1)
        await line.enter("a", "x")
        waits = asyncio.create_task(line.enter("b", "x"))
        await asyncio.sleep(0)
        await line.leave("a", 1)
        assert await asyncio.wait_for(waits, 5) is None

    run(story)


def test_a_page_that_asks_twice_at_once_gets_two_answers():
    async def story():
        line = Line(workers=1)
        await line.enter("a", "x")
        again = asyncio.create_task(line.enter("a", "y"))
        other = asyncio.create_task(line.enter("b", "x"))
        await asyncio.sleep(0)
        await line.leave("a", 1)
        assert await asyncio.wait_for(other, 5) is None
        await line.leave("b", 1)
        assert await asyncio.wait_for(again, 5) is None
        await line.leave("a", 1)
        assert not line.jobs

    run(story)


def test_what_was_refused_or_left_teaches_nothing(clock):
    async def story():
        line = Line(clock, 1)
        line.usual["x"] = 4.0
        await line.enter("refused", "x")
        clock.now = 0.01
        await line.leave("refused", None)
        assert line.usual == {"x": 4.0} and not line.jobs
        assert await line.enter("next", "x") is None

    run(story)


def test_what_comes_in_pieces_is_long_however_little_was_seen_of_it():
    line = Line(workers=1)
    line.in_pieces.add("x")
    line.learn("x", 0.01)
    assert line.long("x") and not line.long("y")


def test_the_line_has_an_end_and_those_who_left_make_room(clock):
    async def story():
        line = Line(clock, 1)
        for name in range(MOST):
            await line.enter(str(name), "x")
        told = await line.enter("late", "x")
        assert told and told["place"] == MOST and "late" not in line.jobs
        clock.now = LEASE + 0.1
        assert await line.enter("late", "x") is not None  # the first is still worked for
        assert list(line.jobs) == ["0", "late"]

    run(story)
