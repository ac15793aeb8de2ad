"""A matrix as colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from apps.stage.widgets.base import Drawn, Label


class Heat(Drawn):
    """A heatmap: vermilion above zero, blue and struck below."""

    w: Literal["heat"]
    label: Label  # what stands over it
    rows: list[list[float]]  # its entries
    span: float  # the magnitude that has the full colour, above 0
    size: int  # width in pixels
    xlabel: Label  # what the columns are
    ylabel: Label  # what the rows are
    mark: list[int] | None  # the entry [i, j] that is ringed
    columns: list[Label]  # what is written over its columns, [] for nothing


def heat(
    label: Label,
    values: Any,
    *,
    span: float | None = None,
    size: int = 240,
    x: Label = "",
    y: Label = "",
    mark: Sequence[int] | None = None,
    columns: Sequence[Label] = (),
) -> Heat:
    """Return a heatmap of a matrix, vermilion above zero, blue and struck below.

    `span` is its largest magnitude; `mark` rings one entry [i, j];
    `columns` are written over its columns.
    """
    table = np.asarray(values, dtype=np.float64)
    return {
        "w": "heat",
        "label": label,
        "rows": np.round(table, 6).tolist(),
        "span": float(span or np.abs(table).max() or 1.0),
        "size": size,
        "xlabel": x,
        "ylabel": y,
        "mark": None if mark is None else list(mark),
        "columns": list(columns),
    }
