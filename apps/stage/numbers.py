"""Numbers as a book prints them, the same text that the page shows (its web/numbers.js).

A real minus, a fixed count of decimals, halves rounded away from zero on the exact binary value as
JavaScript's toFixed does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

MINUS = "\u2212"
MOST = 8
EXACT = Context(prec=800, rounding=ROUND_HALF_UP)  # a float64 has up to 767 digits


def format_number(value: Any, decimals: int) -> str:
    """Format a number to `decimals` places; strings stay, a missing value is a dash."""
    if isinstance(value, str):
        return value
    if value is None or not math.isfinite(value):
        return "—"
    small = value != 0 and abs(value) < 0.5 * 10.0**-decimals and decimals < 3
    if abs(value) >= 1e6 or small:
        return format_tiny(value)
    text = to_fixed(value, decimals)
    return (text.replace("-", "") if float(text) == 0 else text).replace("-", MINUS)


def format_tiny(value: float) -> str:
    """Return 2.2e−16 for a difference, 0 for none."""
    if value == 0:
        return "0"
    exact = Decimal(float(value))
    two = exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), context=EXACT)
    power = two.adjusted()
    return f"{two.scaleb(-power):.1f}e{power}".replace("-", MINUS)


def count_decimals(value: Any) -> int:
    """Return how many decimals a given (typed) number carries, at most 8."""
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return 0
    near = (n for n in range(MOST) if abs(value - float(to_fixed(value, n))) < 1e-12)
    return next(near, MOST)


def places(rows: Sequence[Sequence[Any]], decimals: int) -> int:
    """Return how many decimals a matrix shows: no more than its numbers carry."""
    return min(decimals, max((count_decimals(v) for row in rows for v in row), default=0))


def format_tick(value: float) -> str:
    """Return a tick's number, without needless zeros."""
    return format(Decimal(f"{value + 0.0:.6g}"), "f").replace("-", MINUS)


def to_fixed(value: float, decimals: int) -> str:
    """Return JavaScript's value.toFixed(decimals)."""
    return format(EXACT.quantize(Decimal(float(value)), Decimal(1).scaleb(-decimals)), "f")
