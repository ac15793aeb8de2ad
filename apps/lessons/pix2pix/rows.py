"""Rows of pictures, each under its name: strokes, what nets make of them, true type."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from apps.stage import board as b

SIZE = 92  # pixels of a picture
TRUE = ("source", "target")  # rows that no net made


def rows_of(rows: Mapping[str, np.ndarray], size: int = SIZE) -> b.Widget:
    """Return rows of pictures (n, 64, 64) by their names; "source" and "target" are the data."""
    out = []
    for name, images in rows.items():
        role = "real" if name in TRUE else "made"
        label = b.word(f"row_{name}") if name in TRUE else name
        pictures = [b.grey("", one, size=size, role=role) for one in images]
        out.append(b.row(b.text(label, role, "small"), *pictures, gap="tight"))
    return b.column(*out, gap="tight")
