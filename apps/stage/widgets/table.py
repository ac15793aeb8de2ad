"""A table with headings that can be sorted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, cast

from apps.stage.widgets.base import Drawn, Label, Role


class Head(TypedDict):
    """A column's heading."""

    label: Label  # its name
    key: str  # the option of the table's `sort` that sorts by it, "" where one cannot
    arrow: str  # "↓" or "↑", which way is better, "" for neither
    unit: Label  # of its numbers


class Cell(TypedDict):
    """A table's entry."""

    text: Label  # what it says
    bar: float | None  # how far its bar reaches, 0 to 1; None without a bar
    role: Role  # the bar's colour


class Table(Drawn):
    """A table; the first cell of a row is its name."""

    w: Literal["table"]
    label: Label  # what stands over it
    heads: list[Head]  # of the columns, the first one's of the names
    rows: list[list[Cell]]  # a row of two spans the second over all other columns
    sort: str  # the control that a click on a heading changes, "" for none
    by: str  # key of the heading that it is sorted by
    on: list[int]  # rows that are lit up
    faint: list[int]  # rows that have nothing to tell


def head(label: Label, key: str = "", *, arrow: str = "", unit: Label = "") -> Head:
    """Return a column's heading.

    Args:
        label: its name.
        key: the option of the table's `sort` that sorts by it; "" where one cannot.
        arrow: "↓" or "↑", which way is better.
        unit: of its numbers.
    """
    return {"label": label, "key": key, "arrow": arrow, "unit": unit}


def cell(text: Label, *, bar: float | None = None, role: Role = "ink") -> Cell:
    """Return a table's entry: text, and as far as `bar` (0 to 1) of its width in a role's tint."""
    return {"text": text, "bar": bar, "role": role}


def table(
    label: Label,
    heads: Sequence[Mapping[str, Any]],
    rows: Sequence[Sequence[Mapping[str, Any]]],
    *,
    sort: str = "",
    by: str = "",
    on: Sequence[int] = (),
    faint: Sequence[int] = (),
) -> Table:
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
        "heads": cast(list[Head], list(heads)),
        "rows": cast(list[list[Cell]], [list(row) for row in rows]),
        "sort": sort,
        "by": by,
        "on": list(on),
        "faint": list(faint),
    }
