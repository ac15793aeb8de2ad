"""Read how many answers of transformer-dates stay right with each attention head muted.

`weights.recipes.heads` writes the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from core.weights import shipped
from core.weights.card import FOLDER

FILE = FOLDER / "dates-heads.json"


class Heads(TypedDict):
    """Shares of right answers of one card, and the time of an answer."""

    card: str
    sha256: str  # of the card's file
    pairs: int  # that a share is of
    whole: float  # share with all heads
    muted: dict[str, list[list[float]]]  # part -> layer -> head -> share with that head muted
    seconds: dict[str, float]  # card -> processor seconds an answer
    machine: str
    how: str
    command: str


def read_heads(path: Path = FILE) -> Heads:
    """Return the measured shares and times.

    Raises:
        WeightError: the file is missing or damaged.
    """
    return shipped.read_json(path)
