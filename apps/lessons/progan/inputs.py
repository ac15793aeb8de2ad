"""The inputs of the ProGAN lesson."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.lessons.shared import pictures
from apps.stage.declare import choice, given, numeric, seed, slider
from core.inputs import InputError, describe, integer

SIDES = (4, 8, 16, 32)  # of a picture, by level
FADED = (1, 2, 3)  # levels that are faded in
NEW = ("learned", "fresh")
COUNTING = ("fraction", "whole")
CHANGES = ("noise", "half")
WIDTHS = (16, 64, 256)
RATES = (0.0005, 0.001, 0.002, 0.005)
BATCH = 4  # pictures of the batch by hand
MAPS, PLACES = 4, 3  # of pixel norm by hand
LAST = pictures.COUNT - 1  # number of the last digit that ships
Place = tuple[int, int]


def read_place(side: int) -> Callable[[str, Any], Place]:
    """Return a reader of a row and a column from 0 to side − 1."""

    def read(name: str, value: Any) -> Place:
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            got = len(value) if isinstance(value, (list, tuple)) else describe(value)
            raise InputError("shape", field=name, got=got, allowed=2)
        return integer(name, value[0], 0, side - 1), integer(name, value[1], 0, side - 1)

    return read


@dataclass(frozen=True)
class Inputs:
    """What can be set; `pixel`, `spot` and `place` are pressed."""

    digit: int = slider(31, 0, LAST)
    new: str = choice("learned", NEW)
    counting: str = choice("fraction", COUNTING)
    steps: int = slider(8, 2, 12)
    level: int = choice(3, FADED, labels=[f"{SIDES[at]}×{SIDES[at]}" for at in FADED])
    distinct: int = slider(BATCH, 1, BATCH)
    width: int = choice(64, WIDTHS)
    rate: float = choice(0.002, RATES)
    louder: float = slider(1.0, 0.5, 10.0, 0.5)
    change: str = choice("noise", CHANGES)
    noise: float = slider(0.3, 0.1, 1.0, 0.1)
    seed: int = seed()
    decimals: int = numeric(3, 0, 8)
    pixel: Place = given((3, 4), read_place(SIDES[1]))
    spot: Place = given((1, 2), read_place(SIDES[0]))
    place: Place = given((0, 1), read_place(PLACES))
