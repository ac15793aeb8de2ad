"""Text, and widgets set side by side or one above the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, cast

from apps.stage.widgets.base import Drawn, Label, Role

if TYPE_CHECKING:
    from apps.stage.widgets import Widget


RowGap: TypeAlias = Literal["", "mid", "wide", "top", "wide top"]
ColumnGap: TypeAlias = Literal["", "tight", "mid", "wide", "swap", "mid swap", "tight swap"]


class Text(Drawn):
    """A line of text, or a paragraph."""

    w: Literal["text"]
    text: Label  # what it says
    role: Role  # its colour
    size: str  # "" as in an equation, "note" and "wide" a paragraph, "small" aside, "big" from afar


class Row(Drawn):
    """Widgets side by side."""

    w: Literal["row"]
    items: list[Widget]  # from the left
    gap: RowGap  # between them; "" usual, with "top" their tops are aligned


class Column(Drawn):
    """Widgets one above the other."""

    w: Literal["column"]
    items: list[Widget]  # from the top
    gap: ColumnGap  # between them; "" usual, with "swap" a row where that shows more


class Part(Drawn):
    """A reference to a widget stored once in a board's parts, for many frames."""

    w: Literal["part"]
    id: str  # its key in board["parts"]


class Shared(TypedDict, total=False):
    """A part that is no widget but numbers, or a picture, that widgets of many frames share."""

    rows: list[list[float | None]]  # weights, one row a query
    at: list[list[float | None]]  # points, [x, y] each
    url: str  # a picture's data URL


def text(label: Label, role: Role = "ink", size: str = "") -> Text:
    """Return a line of text; size "" stands in an equation, "note" explains, "big" is read from
    afar.
    """
    return {"w": "text", "text": label, "role": role, "size": size}


def row(*items: Widget, gap: RowGap = "") -> Row:
    """Return widgets side by side, centred; gap "wide" sets pictures apart."""
    return {"w": "row", "items": list(items), "gap": gap}


def column(*items: Widget, gap: ColumnGap = "") -> Column:
    """Return widgets one above the other."""
    return {"w": "column", "items": list(items), "gap": gap}


def part(name: str) -> Part:
    """Return a reference to `board["parts"][name]`, for widgets shared by many frames."""
    return {"w": "part", "id": name}


def faint(widget: Widget, dim: bool = True) -> Widget:
    """Return a widget that is drawn faintly, since another one is looked at."""
    return cast("Widget", {**widget, "dim": dim})
