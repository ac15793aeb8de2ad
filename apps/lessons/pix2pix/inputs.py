"""The inputs of the Pix2Pix lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.stage.declare import action, choice, given, numeric, slider, text
from core.inputs import InputError, array, describe, integer

SIDE = 64
PIXELS = SIDE * SIDE
EMPTY = "0" * PIXELS  # an empty drawing
FACES = ("myeongjo", "round")
TOOLS = ("pen", "eraser")
BESIDE = ("true", "made", "other", "blank")  # what D is shown beside the strokes
STACKS = ("ours", "paper", "patch16", "pixel")
MAP = 14  # verdicts of a side
Place = tuple[int, int]


def read_bits(name: str, value: Any) -> str | None:
    """Read a drawing: 4096 characters 0 and 1, row by row; None for no drawing."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError("list", field=name, got=describe(value), allowed=str(PIXELS))
    if len(value) != PIXELS:
        raise InputError("shape", field=name, got=len(value), allowed=PIXELS)
    wrong = next((i for i, c in enumerate(value) if c not in "01"), None)
    if wrong is not None:
        raise InputError("entry", field=name, got=value[wrong], where=[wrong], low=0, high=1)
    return value


def read_place(name: str, value: Any) -> Place:
    """Read a verdict's row and column, 0 to 13 each."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        got = len(value) if isinstance(value, (list, tuple)) else describe(value)
        raise InputError("shape", field=name, got=got, allowed=2)
    return integer(name, value[0], 0, MAP - 1), integer(name, value[1], 0, MAP - 1)


def picture(name: str, value: Any) -> Any:
    """Read a picture (64, 64) of numbers in [0, 1].

    Raises:
        InputError: another shape, or an entry outside of [0, 1].
    """
    return array(name, value, (SIDE, SIDE), 1, low=0)


@dataclass(frozen=True)
class Inputs:
    """What can be set; `drawn` is drawn, `cell` is pressed."""

    answers: int = choice(3, (2, 3))
    odds: float = slider(0.4, 0.1, 0.9, 0.05)
    shift: int = slider(3, 1, 4)
    syllable: str = text("글", 1, half=True, resets=("drawn",))
    face: str = choice("myeongjo", FACES)
    tool: str = choice("pen", TOOLS)
    clear: bool = action(brings={True: {"drawn": EMPTY}})
    beside: str = choice("true", BESIDE, list=True)
    stack: str = choice("ours", STACKS, list=True)
    cell: Place = given((6, 6), read_place)
    decimals: int = numeric(3, 0, 8)
    drawn: str | None = given(None, read_bits)
