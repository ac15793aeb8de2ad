"""Read what the controller on z and h scores in dreams of several temperatures, and in the game.

`weights.recipes.world_heat` writes the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from core.weights import shipped

FILE = Path(__file__).parents[2] / "weights" / "world-heat.json"
# Ha & Schmidhuber 2018, table 2, VizDoom: temperature, dream and its spread, real and its spread.
PAPER = (
    (0.10, 2086, 140, 193, 58),
    (0.50, 2060, 277, 196, 50),
    (1.00, 1145, 690, 868, 511),
    (1.15, 918, 546, 1092, 556),
    (1.30, 732, 269, 753, 139),
)
PAPER_RANDOM = (210, 108)


class Dreamer(TypedDict):
    """One temperature of the dream."""

    temperature: float
    dream: float  # mean score in the dream
    dream_error: float  # its standard error


class Dreamers(TypedDict):
    """The file."""

    card: str  # of the controller
    sha256: str  # of its file
    episodes: int  # that a score is the mean of
    cut: int  # steps after which a game ends
    real: float  # mean score in the game
    real_error: float
    rows: list[Dreamer]
    how: str
    command: str
    machine: str


def read_dreamers(path: Path = FILE) -> Dreamers:
    """Return the measured scores.

    Raises:
        WeightError: the file is missing or damaged.
    """
    return shipped.read_json(path)
