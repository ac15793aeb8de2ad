"""View "recall": one recall, state by state."""

from __future__ import annotations

from apps.lessons.hopfield import path
from apps.lessons.hopfield.inputs import Inputs
from apps.lessons.hopfield.memory import read_memory
from apps.stage.contract import Board


def recall(inputs: Inputs) -> Board:
    """Show one recall flip by flip."""
    memory = read_memory(inputs)
    trace = path.run(memory, inputs)
    board = path.board_of(memory, inputs, trace, None)
    return {**board, "frames": path.frames(memory, trace), "turn": path.turn(memory, trace)}
