"""Horizontal bars from zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, cast

from apps.stage.widgets.base import Drawn, Label, Role
from apps.stage.widgets.cells import Grid
from apps.stage.widgets.raster import Press


class Length(TypedDict):
    """A bar's name, number and colour."""

    label: Label  # its name
    v: float | None  # its number, None for what is missing
    role: Role  # its colour


class Item(Length, total=False):
    """One bar."""

    cells: Grid  # a pixel grid in place of its name


class Bars(Drawn):
    """Bars from zero, each with its number."""

    w: Literal["bars"]
    label: Label  # what stands over them
    items: list[Item]  # from the top
    low: float  # number at the left end of the track
    high: float  # number at its right end
    digits: int  # decimals of the numbers
    key: str  # what a "your turn" hides them by, "" for never
    press: Press | None  # what pressing the name of bar i does, as of entry [i, 0] of a raster


def bars(
    label: Label,
    items: Sequence[Mapping[str, Any]],
    low: float = -1.0,
    high: float = 1.0,
    digits: int = 2,
    key: str = "",
    press: Press | None = None,
) -> Bars:
    """Return horizontal bars from zero; an item is {"label", "v", "role"} and may carry its own
    pixel grid as "cells". A "your turn" hides them by `key`. Pressing the name of bar i does what
    `press` says of entry [i, 0] of a raster.
    """
    return {
        "w": "bars",
        "label": label,
        "items": cast(list[Item], list(items)),
        "low": low,
        "high": high,
        "digits": digits,
        "key": key,
        "press": press,
    }
