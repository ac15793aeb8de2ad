"""View "draw": a recall from a start of one's own; the stored patterns can be drawn on too."""

from __future__ import annotations

from apps.lessons.hopfield import path
from apps.lessons.hopfield.inputs import Inputs
from apps.lessons.hopfield.memory import Memory, pattern_editor, read_memory
from apps.stage import board as b
from apps.stage.contract import Board, Frame


def draw(inputs: Inputs) -> Board:
    """Show one recall flip by flip, or the stored patterns, to draw on."""
    memory = read_memory(inputs)
    trace = path.run(memory, inputs)
    board = path.board_of(memory, inputs, trace, inputs.edit)
    if inputs.edit:
        return {**board, "frames": [desk(memory)]}
    return {**board, "frames": path.frames(memory, trace), "turn": path.turn(memory, trace)}


def desk(memory: Memory) -> Frame:
    """Return the stored patterns and the start, all to draw on."""
    note = b.text(b.word("memories", n=str(len(memory.X))), size="wide")
    grids = b.column(note, pattern_editor(memory, memory.chosen), gap="mid")
    probe = memory.grid(memory.probe, b.word("start"), 230, edit="probe")
    return b.frame(b.row(grids, probe, gap="wide"), b.word("edit_name"))
