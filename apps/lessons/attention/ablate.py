"""View "ablate": accuracy of a Transformer without positions, mask, layer, or a head."""

from __future__ import annotations

from apps.lessons.attention.answers import answer, cautions
from apps.lessons.attention.cheating import cheating
from apps.lessons.attention.inputs import TRANSFORMER, Inputs
from apps.lessons.attention.muting import muting
from apps.lessons.attention.variants import variants
from apps.stage.contract import Board

BOARDS = {"variants": variants, "heads": muting, "cheat": cheating}


def ablate(inputs: Inputs) -> Board:
    """Show the variants, the muted heads, or how a net learns to cheat."""
    board = BOARDS[inputs.look](inputs.text)
    facts = [*board.get("facts", []), *cautions(answer(TRANSFORMER, inputs.text))]
    return {**board, "facts": facts}
