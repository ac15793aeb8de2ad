"""A pixel grid of -1 and 1, or of shades between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

import numpy as np

from apps.stage.widgets.base import Drawn, Label, Role


class Grid(TypedDict):
    """The pixels alone, as a bar's name shows them."""

    bits: str  # "1" or "0" each, row by row
    rows: int  # how many
    cols: int  # how many
    size: int  # of a cell's side, in pixels


class Cells(Grid, Drawn):
    """A pixel grid."""

    w: Literal["cells"]
    label: Label  # what stands over it
    flip: int | Sequence[int] | None  # the cell or cells that are outlined as changed, from 0
    edit: str | None  # the input that a person draws, if one may draw
    at: list[int]  # leading indices into that input
    role: Role  # colour of 1
    brush: int  # how many cells wide the pen is
    pick: str | None  # the input that takes the number of a cell that is chosen, from 0
    pen: Literal["", "0", "1"]  # what it draws; "" the opposite of the cell that it is put on
    levels: list[float] | None  # a shade from -1 to 1 each; None if all are -1 or 1


def cells(
    label: Label,
    spins: Any,
    shape: tuple[int, int],
    *,
    size: int = 22,
    flip: int | Sequence[int] | None = None,
    edit: str | None = None,
    at: Sequence[int] = (),
    role: Role = "ink",
    brush: int = 1,
    pick: str | None = None,
    pen: Literal["", "0", "1"] = "",
) -> Cells:
    """Return a pixel grid of -1 and 1, or of shades between them.

    `flip` outlines the cell (or cells) that changed, `edit` lets a person draw with a pen `brush`
    cells wide, which draws "1" or erases "0" (without `pen` the cell that it is put on decides),
    `pick` lets one choose a cell: its number, from 0, becomes that input.
    """
    bits = "".join("1" if s > 0 else "0" for s in np.ravel(spins))
    return {
        "w": "cells",
        "label": label,
        "bits": bits,
        "rows": shape[0],
        "cols": shape[1],
        "size": size,
        "flip": flip,
        "edit": edit,
        "at": list(at),
        "role": role,
        "brush": brush,
        "pick": pick,
        "pen": pen,
        "levels": None if np.all(np.abs(spins) == 1) else np.round(np.ravel(spins), 3).tolist(),
    }
