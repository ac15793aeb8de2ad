"""Rows of pictures, each under its name: strokes, what nets make of them, true type."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from apps.stage import board as b

SIZE = 88  # pixels of a picture
TRUE = ("source", "target")  # rows that no net made


def rows_of(rows: Mapping[str, np.ndarray]) -> b.Widget:
    """Return rows of pictures (n, 64, 64) by their names; "source" and "target" are the data.

    A name that begins with "row_" is a word.
    """
    out = []
    for name, images in rows.items():
        key = f"row_{name}" if name in TRUE else name
        label = b.word(key) if key.startswith("row_") else name
        role = "real" if name in TRUE else "made"
        out.append(b.grey(label, np.hstack(list(images)), size=SIZE * len(images), role=role))
    return b.column(*out, gap="tight")
