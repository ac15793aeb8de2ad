"""A picture of shades."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from typing_extensions import NotRequired

from apps.stage.widgets.base import Drawn, Label, Role


class Grey(Drawn):
    """A picture of shades of one colour."""

    w: Literal["grey"]
    label: Label  # what stands over it
    shades: str  # a byte a pixel in base64, row by row: 0 paper, 255 the full colour
    rows: int  # pixels of its own height
    cols: int  # pixels of its own width
    size: int  # width on the page, in pixels
    role: Role  # its colour
    touch: NotRequired[list[str]]  # acts of a run: of a tap on its left, middle, right third


def grey(
    label: Label,
    values: Any,
    *,
    size: int = 112,
    role: Role = "made",
    touch: Sequence[str] = (),
) -> Grey:
    """Return a picture (H, W) of shades from 0 (paper) to 1 (the role's colour), `size` wide.

    With `touch`, three acts of a run, a finger or the mouse plays on it: a tap on its left, middle
    or right third does one of them, a swipe to the left the first, one to the right the last.
    """
    shades = np.clip(np.round(np.asarray(values, dtype=np.float64) * 255), 0, 255).astype(np.uint8)
    made: Grey = {
        "w": "grey",
        "label": label,
        "shades": base64.b64encode(shades.tobytes()).decode(),
        "rows": shades.shape[0],
        "cols": shades.shape[1],
        "size": size,
        "role": role,
    }
    if touch:
        made["touch"] = list(touch)
    return made
