"""Fair turns: first come first served, handing over when somebody waits, whatever a holder does."""

import threading

import pytest

from apps.stage.server.line import LONGEST, SLICE, Turns


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def waiting(turns, count):
    """Return once `count` stand in line, the holder included."""
    while len(turns._line) < count:
        threading.Event().wait(0.001)


def test_the_line_is_served_in_order():
    turns, served, threads = Turns(), [], []

    def one(name):
        with turns.turn():
            served.append(name)

    with turns.turn():
        for name in range(8):
            threads.append(threading.Thread(target=one, args=(name,)))
            threads[-1].start()
            waiting(turns, name + 2)
        assert served == []
    for thread in threads:
        thread.join()
    assert served == list(range(8))


def test_alone_one_may_take_long_but_not_for_ever():
    clock = Clock()
    turns = Turns(clock)
    with turns.turn() as over:
        clock.now = 2 * SLICE
        assert not over()
        clock.now = LONGEST + 0.01
        assert over()


def test_a_slice_ends_when_somebody_waits():
    clock = Clock()
    turns = Turns(clock)
    with turns.turn() as over:
        other = threading.Thread(target=lambda: turns.turn().__enter__())
        other.daemon = True
        other.start()
        waiting(turns, 2)
        assert not over()
        clock.now = SLICE + 0.01
        assert over()


def test_a_turn_that_fails_is_handed_on():
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.turn():
        raise ZeroDivisionError
    with turns.turn() as over:
        assert not over()
