"""Attention weights as lines between two rows of tokens, a labelled grid, many small grids.

Weights are shares from 0 to 1, a row for each token that asks (a query) and a column for each that
answers (a key). A space is drawn as an open box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

import numpy as np

from apps.stage.widgets.base import Drawn, Label, Role

PLACES = 3  # decimals of a weight: a thousandth of a line's width is nothing

Weights = list[list[float | None]]
"""A row a query, a share of 0 to 1 a key; None for what was masked."""


class Ties(Drawn):
    """Two rows of tokens and the lines between them."""

    w: Literal["ties"]
    label: Label  # what stands over it
    queries: list[Label]  # the upper row
    keys: list[Label]  # the lower row
    weights: str | Weights  # how strong each line is; or the part that holds them as {"rows"}
    names: list[Label]  # what the upper and the lower row are
    now: int | None  # the query whose lines alone are drawn, from 0
    role: Role  # the lines' colour
    group: str  # grids and lines of one group light up together
    width: int  # pixels, at least
    key: str  # what a "your turn" hides the lines by, "" for never


class Lookup(Drawn):
    """Weights as a grid with its tokens along both sides."""

    w: Literal["lookup"]
    label: Label  # what stands over it
    queries: list[Label]  # down the left side
    keys: list[Label]  # along the top
    weights: str | Weights  # the cells; or the part that holds them as {"rows"}
    now: int | None  # the query whose row is outlined, from 0
    role: Role  # colour of the largest weight
    group: str  # grids and lines of one group light up together
    cell: int  # of a cell's side, in pixels
    digits: int  # decimals of the numbers in the cells, 0 for no numbers
    most: float  # the weight that has the full colour


class Face(TypedDict):
    """A head's name and weights."""

    name: Label  # what stands over it
    weights: Any  # its cells, an array or `Weights`; or the part that holds them as {"rows"}


class Head(Face, total=False):
    """A small grid among the heads."""

    on: bool  # whether it is shown large elsewhere
    off: bool  # whether it is muted
    picks: dict[str, Any] | None  # {input: value} that pressing it changes


class Heads(Drawn):
    """Small grids without labels, each a button."""

    w: Literal["heads"]
    label: Label  # what stands over them
    rows: list[list[Head]]  # a row a layer, a column a head
    size: int  # of a side, in pixels


def ties(
    label: Label,
    queries: Sequence[Label],
    keys: Sequence[Label],
    weights: Any,
    *,
    names: tuple[Label, Label] = ("", ""),
    now: int | None = None,
    role: Role = "hidden",
    group: str = "",
    width: int = 0,
    key: str = "",
) -> Ties:
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
    role: Role = "hidden",
    group: str = "",
    cell: int = 20,
    digits: int = 0,
    most: float = 1.0,
) -> Lookup:
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


def heads(label: Label, rows: Sequence[Sequence[Mapping[str, Any]]], *, size: int = 84) -> Heads:
    """Return small grids without labels, a row a layer and a column a head, each a button.

    Args:
        label: what stands over them.
        rows: {"name", "weights" (an array or a part's name), "on", "off", "picks"} each: `on` is
            the one that is shown large, `off` one that is muted, `picks` {input: value} what
            pressing it changes.
        size: pixels of a side.
    """

    def one(item: Mapping[str, Any]) -> Head:
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


def shares(weights: Any) -> Weights:
    """Return weights (N, M) as short numbers, None where not finite."""
    table = np.asarray(weights, dtype=np.float64)
    return [[round(v, PLACES) if np.isfinite(v) else None for v in row] for row in table.tolist()]
