"""View "places": sinusoidal positions pair by pair, or beside a learned table and rotation."""

from __future__ import annotations

from apps.lessons.attention.inputs import Inputs
from apps.lessons.attention.kinds import kinds
from apps.lessons.attention.waves import waves
from apps.stage.contract import Board

BOARDS = {"waves": waves, "three": kinds}
WITHOUT = {"waves": ["seed"], "three": ["width", "length"]}


def places(inputs: Inputs) -> Board:
    """Show the waves of positions, or the three ways to tell them."""
    return {**BOARDS[inputs.places](inputs), "without": WITHOUT[inputs.places]}
