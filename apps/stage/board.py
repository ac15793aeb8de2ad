"""The widgets' vocabulary: each function returns the JSON that the browser draws (and `sheet.py`
prints).

A *board* is what a tab answers for a scene: frames along the time axis, one view (a tree of
widgets) in each, the facts under it, and the checks. Roles name the colours, the same in every tab:
"real" inputs and data, "made" outputs, "hidden" states, "grad" gradients, energies, errors, "ok"
what is verified, "ink" all else. A label is text as it is, or `word(key, …)` that the page looks up
in the reader's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from apps.stage.widgets.attention import heads, lookup, strip, ties
from apps.stage.widgets.contest import cell, group, head, quiz, table
from apps.stage.widgets.drawings import (
    Label,
    Widget,
    bars,
    cells,
    chart,
    grey,
    heat,
    net,
    plane,
    series,
)
from apps.stage.widgets.field import arrows, curves, dots, field, history, surface

__all__ = [
    "Label",
    "Widget",
    "arrows",
    "bars",
    "blank",
    "cell",
    "cells",
    "chart",
    "check",
    "column",
    "curves",
    "dots",
    "fact",
    "field",
    "frame",
    "grey",
    "heads",
    "group",
    "head",
    "heat",
    "history",
    "law",
    "lines",
    "lookup",
    "matrix",
    "net",
    "num",
    "part",
    "plane",
    "products",
    "quiz",
    "row",
    "series",
    "signed",
    "strip",
    "sub",
    "surface",
    "table",
    "text",
    "ties",
    "total",
    "word",
]

SUBSCRIPTS = str.maketrans("0123456789-+", "₀₁₂₃₄₅₆₇₈₉₋₊")


def sub(name: str, index: int) -> str:
    """Return a symbol with a subscript, h₁₂."""
    return name + str(index).translate(SUBSCRIPTS)


def word(key: str, **parts: Any) -> dict[str, Any]:
    """Return a label that the page says in the reader's language: `key` in the tab's [words].

    No part may be named "k", which holds the key.
    """
    assert "k" not in parts
    return {"k": key, **parts}


def text(label: Label, role: str = "ink", size: str = "") -> Widget:
    """Return a line of text; size "" stands in an equation, "note" explains, "big" is read from
    afar.
    """
    return {"w": "text", "text": label, "role": role, "size": size}


def row(*items: Widget, gap: str = "") -> Widget:
    """Return widgets side by side, centred; gap "wide" sets pictures apart."""
    return {"w": "row", "items": list(items), "gap": gap}


def column(*items: Widget, gap: str = "") -> Widget:
    """Return widgets one above the other."""
    return {"w": "column", "items": list(items), "gap": gap}


def part(name: str) -> Widget:
    """Return a reference to `board["parts"][name]`, for what stays the same over many frames."""
    return {"w": "part", "id": name}


def matrix(
    label: Label,
    values: Any,
    role: str,
    *,
    edit: str | None = None,
    at: Sequence[int | str] = (),
    first: int = 0,
    mark: Sequence[Sequence[int]] = (),
    on: Sequence[int] = (),
    key: str = "",
) -> Widget:
    """Return a matrix (2-D) or a column vector (1-D).

    Args:
        label: what stands over it.
        values: (rows, columns) or (rows,); strings are shown as they are.
        role: its colour's meaning.
        edit: name of the input that a typed number changes, in which this is the part at index
            `at`.
        at: leading indices into that input.
        first: the row of that input which is this matrix's first.
        mark: entries [i, j] to outline as wrong.
        on: rows to light up.
        key: what a "your turn" hides it by.
    """
    rows = values.tolist() if isinstance(values, np.ndarray) else list(values)
    flat = not rows or not isinstance(rows[0], (list, tuple))
    return {
        "w": "matrix",
        "label": label,
        "rows": [[v] for v in rows] if flat else rows,
        "role": role,
        "edit": edit,
        "at": list(at),
        "first": first,
        "rank": 1 if flat else 2,
        "mark": [list(m) for m in mark],
        "on": list(on),
        "key": key,
    }


def num(value: float, role: str = "ink") -> dict[str, Any]:
    """Return a number inside a written-out line; the page shows it to the chosen decimals."""
    return {"v": float(value), "role": role}


def products(name: str, weights: Any, values: Any, roles: tuple[str, str]) -> list:
    """Return the tokens of name = w₁ · v₁ + w₂ · v₂ …, negative numbers in brackets."""
    tokens: list = [f"{name} = "]
    for k, (w, v) in enumerate(zip(weights, values)):
        tokens += [" + "] if k else []
        tokens += [*signed(w, roles[0]), "·", *signed(v, roles[1])]
    return tokens


def total(parts: Sequence[float], result: float, role: str) -> list:
    """Return the tokens of = p₁ + p₂ … = result."""
    tokens: list = []
    for k, p in enumerate(parts):
        tokens += [" + " if k else " = ", *signed(p, "ink")]
    return [*tokens, " = ", num(result, role)]


def signed(value: float, role: str) -> list:
    """Return a number's token, in brackets if it is negative."""
    return ["(", num(value, role), ")"] if value < 0 else [num(value, role)]


def lines(
    label: Label, rows: Sequence[Sequence[Any]], on: int | None = None, key: str = ""
) -> Widget:
    """Return sums written out, a row a line: text and `num` tokens; `on` lights one line."""
    return {"w": "lines", "label": label, "lines": [list(r) for r in rows], "on": on, "key": key}


def fact(label: Label, value: Any) -> dict[str, Any]:
    """Return one fact for the line under the stage: a number to the chosen decimals, or text."""
    return {"label": label, "v": value}


def frame(
    view: Widget,
    name: Label = "",
    facts: Sequence[dict] = (),
    *,
    values: dict[str, float | None] | None = None,
    state: str = "",
) -> dict[str, Any]:
    """Return one moment on the time axis; of a live run with its `values` (that `history` draws,
    "x" among them) and the `state` to go on from.
    """
    run = {"values": values, "state": state} if state else {}
    return {"view": view, "name": name, "facts": list(facts), **run}


def check(delta: float, against: str, tolerance: float) -> dict[str, Any]:
    """Return a check by an independent computation: the largest difference, shown whatever it
    is.
    """
    return {
        "delta": float(delta),
        "against": against,
        "tolerance": tolerance,
        "ok": bool(delta <= tolerance),
    }


def law(label: Label, holds: int, of: int) -> dict[str, Any]:
    """Return a check of a law that must hold `of` times and held `holds` times."""
    return {"law": label, "holds": int(holds), "of": int(of), "ok": holds == of}


def blank(label: Label, values: Any, role: str, key: str) -> dict[str, Any]:
    """Return what a "your turn" asks for: its exact values, marked to the shown decimals in the
    browser.
    """
    return {
        k: v
        for k, v in matrix(label, values, role, key=key).items()
        if k in ("label", "rows", "role", "key")
    }
