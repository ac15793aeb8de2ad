"""The log: bounded, a line a happening, nothing that a visitor typed."""

import io

import pytest

from apps.stage.server import log


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_what_broke_is_told_by_kind_and_place_not_by_its_words(caplog):
    def inner():
        raise KeyError("typed by somebody")

    try:
        inner()
    except KeyError:
        log.fault("a request failed")
    assert "a request failed: KeyError at " in caplog.text
    assert "test_log.py" in caplog.text and " inner" in caplog.text
    assert "typed" not in caplog.text


@pytest.mark.parametrize("strange", ["\x1b[2J", "\r", "\x00", "\u202e", "\x9b1m"])
def test_control_characters_do_not_pass(strange):
    out = io.StringIO()
    print(f"a{strange}b", file=log.Bounded(out))
    assert out.getvalue() == f"a{''.join(log.STRANGE for _ in strange[:1])}{strange[1:]}b\n"


def test_a_long_line_is_cut_and_half_a_line_waits():
    out = io.StringIO()
    stream = log.Bounded(out)
    stream.write("x" * 10_000)
    assert out.getvalue() == ""
    stream.write("y\nz\n")
    first, second = out.getvalue().splitlines()
    assert len(first) == log.LONGEST and second == "z"


def test_so_much_is_written_in_a_time_and_what_is_left_out_is_counted():
    clock, out = Clock(), io.StringIO()
    stream = log.Bounded(out, clock)
    for _ in range(10_000):
        stream.write(f"{'x' * 99}\n")
    assert len(out.getvalue()) == log.BURST
    clock.now = 200 / log.RATE
    stream.write("after\n")
    assert out.getvalue().endswith(f"\n({10_000 - log.BURST // 100} lines left out)\nafter\n")
    clock.now = 3600.0
    before = len(out.getvalue())
    for _ in range(10_000):
        stream.write(f"{'x' * 99}\n")
    assert len(out.getvalue()) - before <= 3600 * log.RATE + 100


def test_what_a_stream_has_beside_that_is_the_other_s():
    out = io.StringIO()
    stream = log.Bounded(out)
    assert stream.isatty() is False
    stream.flush()
