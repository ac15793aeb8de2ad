"""The vocabulary of lessons: each function returns a part of the JSON that a board is.

A *board* is what a tab answers for a scene: frames along the time axis, one view (a tree of
widgets) in each, the facts under it, and the checks. Roles name the colours, the same in every tab:
"real" inputs and data, "made" outputs, "hidden" states, "grad" gradients, energies, errors, "ok"
what is verified, "ink" all else. A label is text as it is, or `word(key, …)` that the page looks up
in the reader's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.stage.contract import Blank, Check, Fact, Frame, Law
from apps.stage.widgets import Label, Widget, Word
from apps.stage.widgets.attention import heads, lookup, ties
from apps.stage.widgets.bars import bars
from apps.stage.widgets.base import sub, word
from apps.stage.widgets.cells import cells
from apps.stage.widgets.chart import Series, chart, history, series
from apps.stage.widgets.codes import plane
from apps.stage.widgets.field import Curves, arrows, curves, dots, field, surface
from apps.stage.widgets.grey import grey
from apps.stage.widgets.heat import heat
from apps.stage.widgets.layout import column, faint, part, row, text
from apps.stage.widgets.matrix import lines, matrix, num, paren, products, total
from apps.stage.widgets.net import net
from apps.stage.widgets.quiz import group, quiz
from apps.stage.widgets.raster import outline, press, raster
from apps.stage.widgets.strip import strip
from apps.stage.widgets.table import Cell, Head, cell, head, table
from core.measure.deltas import Delta

__all__ = [
    "Cell",
    "Curves",
    "Head",
    "Label",
    "Series",
    "Widget",
    "Word",
    "arrows",
    "bars",
    "blank",
    "cell",
    "cells",
    "chart",
    "check",
    "column",
    "delta_check",
    "curves",
    "faint",
    "dots",
    "fact",
    "field",
    "frame",
    "grey",
    "group",
    "head",
    "heads",
    "heat",
    "history",
    "law",
    "lines",
    "lookup",
    "matrix",
    "net",
    "num",
    "outline",
    "part",
    "plane",
    "press",
    "products",
    "quiz",
    "raster",
    "row",
    "series",
    "paren",
    "strip",
    "sub",
    "surface",
    "table",
    "text",
    "ties",
    "total",
    "word",
]


def fact(label: Label, value: Any) -> Fact:
    """Return one fact for the line under the stage: a number to the chosen decimals, or text."""
    return {"label": label, "v": value}


def frame(
    view: Widget,
    name: Label = "",
    facts: Sequence[Fact] = (),
    *,
    values: dict[str, float | None] | None = None,
    state: str = "",
    checks: Sequence[Check | Law] | None = None,
) -> Frame:
    """Return one moment on the time axis.

    Args:
        view: the tree of widgets.
        name: what this moment is.
        facts: of this moment.
        values: of a live run: the numbers that `history` draws, "x" among them.
        state: of a live run: what it goes on from.
        checks: of this moment.
    """
    moment: Frame = {"view": view, "name": name, "facts": list(facts)}
    if state:
        moment["values"], moment["state"] = values, state
    if checks is not None:
        moment["checks"] = list(checks)
    return moment


def check(delta: float, against: str, tolerance: float) -> Check:
    """Return a check by an independent computation: the largest difference, shown whatever it
    is.
    """
    return {
        "delta": float(delta),
        "against": against,
        "tolerance": tolerance,
        "ok": bool(delta <= tolerance),
    }


def law(label: Label, holds: int, of: int) -> Law:
    """Return a check of a law that must hold `of` times and held `holds` times."""
    return {"law": label, "holds": int(holds), "of": int(of), "ok": holds == of}


def blank(label: Label, values: Any, role: str, key: str) -> Blank:
    """Return one value to enter in a "your turn"; see apps.stage.contract.Blank."""
    rows = matrix(label, values, role)["rows"]
    return {"label": label, "rows": rows, "role": role, "key": key}


def delta_check(found: Delta, tolerance: float) -> Check:
    """Return the check that a delta of core gives (core.measure.deltas)."""
    return check(found["delta"], found["against"], tolerance)
