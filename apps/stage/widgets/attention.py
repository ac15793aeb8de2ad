"""What tokens pay attention to: lines between two rows of them, a labelled grid, a strip of text.

`board` offers these beside the other widgets. Weights are shares from 0 to 1, a row for each token
that asks (a query) and a column for each that answers (a key). A space is drawn as an open box.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from apps.stage.widgets.drawings import Label, Widget

PLACES = 3  # decimals of a weight: a thousandth of a line's width is nothing


def ties(
    label: Label,
    queries: Sequence[Label],
    keys: Sequence[Label],
    weights: Any,
    *,
    names: tuple[Label, Label] = ("", ""),
    now: int | None = None,
    role: str = "hidden",
    group: str = "",
    width: int = 0,
    key: str = "",
) -> Widget:
    """Return two rows of tokens and a line from each query to each key, as strong as its weight.

    Args:
        label: what stands over it.
        queries: the upper row.
        keys: the lower row.
        weights: (queries, keys), or the name of a part {"rows": weights} that many frames share.
        names: what the upper and the lower row are.
        now: the query whose lines alone are drawn until a pointer or the keyboard picks another.
        role: the lines' colour.
        group: grids and lines of one group light up together.
        width: pixels, at least; 0 for as wide as the tokens need.
        key: what a "your turn" hides the lines by.
    """
    return {
        "w": "ties",
        "label": label,
        "queries": list(queries),
        "keys": list(keys),
        "weights": weights if isinstance(weights, str) else shares(weights),
        "names": list(names),
        "now": now,
        "role": role,
        "group": group,
        "width": width,
        "key": key,
    }


def lookup(
    label: Label,
    queries: Sequence[Label],
    keys: Sequence[Label],
    weights: Any,
    *,
    now: int | None = None,
    role: str = "hidden",
    group: str = "",
    cell: int = 20,
    digits: int = 0,
    most: float = 1.0,
) -> Widget:
    """Return the weights as a grid with its tokens along both sides.

    Args:
        label: what stands over it.
        queries: down the left side.
        keys: along the top.
        weights: (queries, keys), or the name of a part; what is not finite was masked.
        now: the query whose row is outlined.
        role: the colour of the largest weight.
        group: see `ties`.
        cell: pixels of a cell's side.
        digits: decimals of the numbers in the cells, 0 for none.
        most: the weight that has the full colour.
    """
    return {
        "w": "lookup",
        "label": label,
        "queries": list(queries),
        "keys": list(keys),
        "weights": weights if isinstance(weights, str) else shares(weights),
        "now": now,
        "role": role,
        "group": group,
        "cell": cell,
        "digits": digits,
        "most": most,
    }


def strip(
    label: Label,
    tokens: Sequence[Label],
    *,
    shades: Any = None,
    role: str = "real",
    now: int | None = None,
    later: int | None = None,
    width: int = 640,
    size: int = 18,
) -> Widget:
    """Return tokens one after the other, in lines no wider than `width` pixels.

    Args:
        label: what stands over it.
        tokens: what is written.
        shades: (tokens,), how strongly each is tinted, 0 to 1; None for all alike.
        role: the tint.
        now: the token that is outlined.
        later: the first token that is not there yet.
        width: pixels.
        size: of the letters, in pixels.
    """
    return {
        "w": "strip",
        "label": label,
        "tokens": list(tokens),
        "shades": None if shades is None else shares([shades])[0],
        "role": role,
        "now": now,
        "later": later,
        "width": width,
        "size": size,
    }


def heads(label: Label, rows: Sequence[Sequence[dict[str, Any]]], *, size: int = 84) -> Widget:
    """Return small grids without labels, a row a layer and a column a head, each a button.

    Args:
        label: what stands over them.
        rows: {"name", "weights" (an array or a part's name), "on", "off", "picks"} each: `on` is
            the one that is shown large, `off` one that is muted, `picks` {input: value} what
            pressing it changes.
        size: pixels of a side.
    """

    def one(item: dict[str, Any]) -> dict[str, Any]:
        weights = item["weights"]
        return {
            "name": item["name"],
            "weights": weights if isinstance(weights, str) else shares(weights),
            "on": bool(item.get("on")),
            "off": bool(item.get("off")),
            "picks": dict(item.get("picks") or {}),
        }

    return {
        "w": "heads",
        "label": label,
        "rows": [[one(item) for item in row] for row in rows],
        "size": size,
    }


def shares(weights: Any) -> list[list[float | None]]:
    """Return weights (N, M) as short numbers; what is not finite becomes None."""
    table = np.asarray(weights, dtype=np.float64)
    return [[round(v, PLACES) if np.isfinite(v) else None for v in row] for row in table.tolist()]
