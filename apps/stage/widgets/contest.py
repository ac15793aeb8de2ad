"""What is compared: a table that can be sorted, and a blind test that keeps the room's score.

`board` offers both beside the other widgets. A blind test's answers and score stay in the page.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from apps.stage.widgets.drawings import Label, Widget


def head(label: Label, key: str = "", *, arrow: str = "", unit: Label = "") -> dict[str, Any]:
    """Return a column's heading.

    Args:
        label: its name.
        key: the option of the table's `sort` that sorts by it; "" where one cannot.
        arrow: "↓" or "↑", which way is better.
        unit: of its numbers.
    """
    return {"label": label, "key": key, "arrow": arrow, "unit": unit}


def cell(text: Label, *, bar: float | None = None, role: str = "ink") -> dict[str, Any]:
    """Return a table's entry: text, and as far as `bar` (0 to 1) of its width in a role's tint."""
    return {"text": text, "bar": bar, "role": role}


def table(
    label: Label,
    heads: Sequence[dict[str, Any]],
    rows: Sequence[Sequence[dict[str, Any]]],
    *,
    sort: str = "",
    by: str = "",
    on: Sequence[int] = (),
    faint: Sequence[int] = (),
) -> Widget:
    """Return a table with headings; the first cell of a row is its name.

    Args:
        label: what stands over it.
        heads: of the columns, the first one's of the names.
        rows: `cell`s; a row of two spans the second over all other columns.
        sort: name of the control that a click on a heading changes.
        by: the key of the heading that it is sorted by.
        on: rows to light up.
        faint: rows that have nothing to tell.
    """
    return {
        "w": "table",
        "label": label,
        "heads": list(heads),
        "rows": [list(row) for row in rows],
        "sort": sort,
        "by": by,
        "on": list(on),
        "faint": list(faint),
    }


def group(key: str, label: Label, truth: int, role: str = "made") -> dict[str, Any]:
    """Return one kind of picture in a blind test.

    Args:
        key: by which its score is kept.
        label: its name, told after the guess.
        truth: which option is right of its pictures.
        role: its colour in the score.
    """
    return {"key": key, "label": label, "truth": truth, "role": role}


def quiz(
    ask: Label,
    pictures: Any,
    kinds: Sequence[int],
    groups: Sequence[dict[str, Any]],
    options: Sequence[Label],
    *,
    size: int = 240,
    key: str = "",
) -> Widget:
    """Return a blind test: one picture after the other, a guess each, the score with its interval.

    Args:
        ask: the question beside each picture.
        pictures: (N, H, W) in [0, 1], in the order in which they are shown.
        kinds: (N,) index into `groups`.
        groups: the kinds.
        options: the possible guesses, at most nine.
        size: pixels of a picture's side.
        key: tells tests apart: each begins at its first picture; the score is by group.
    """
    shades = np.clip(np.round(np.asarray(pictures, dtype=np.float64) * 255), 0, 255)
    flat = shades.astype(np.uint8)
    assert 1 < len(options) < 10 and len(flat) == len(kinds)
    return {
        "w": "quiz",
        "label": ask,
        "shades": base64.b64encode(flat.tobytes()).decode(),
        "rows": flat.shape[1],
        "cols": flat.shape[2],
        "kinds": [int(k) for k in kinds],
        "groups": list(groups),
        "options": list(options),
        "size": size,
        "key": key,
    }
