"""Matrices, and sums written out with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

import numpy as np

from apps.stage.widgets.base import Drawn, Label, Role


class Matrix(Drawn):
    """A bracketed table of numbers."""

    w: Literal["matrix"]
    label: Label  # what stands over it
    rows: list[list[Any]]  # its entries, numbers or text that is shown as it is
    role: Role  # its colour
    edit: str | None  # the input that a typed number changes, if one may type
    at: list[int | str]  # leading indices into that input
    first: int  # row of the input that is the first one here, from 0
    rank: int  # 1 for a vector, drawn as a column, 2 for a matrix
    mark: list[list[int]]  # entries [i, j] outlined as wrong
    on: list[int]  # rows that are lit up
    key: str  # what a "your turn" hides it by, "" for never


class Num(TypedDict):
    """A number inside a written-out line."""

    v: float  # shown to the chosen decimals, no more than it carries
    role: Role  # its colour


Token = str | Num | Label


class Lines(Drawn):
    """Sums written out."""

    w: Literal["lines"]
    label: Label  # what stands over them
    lines: list[list[Token]]  # one list a line
    on: int | None  # the line that is lit up
    key: str  # what a "your turn" hides each line's last token by, "" for never


def matrix(
    label: Label,
    values: Any,
    role: Role,
    *,
    edit: str | None = None,
    at: Sequence[int | str] = (),
    first: int = 0,
    mark: Sequence[Sequence[int]] = (),
    on: Sequence[int] = (),
    key: str = "",
) -> Matrix:
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


def num(value: float, role: Role = "ink") -> Num:
    """Return a number inside a written-out line; the page shows it to the chosen decimals."""
    return {"v": float(value), "role": role}


def products(name: str, weights: Any, values: Any, roles: tuple[Role, Role]) -> list[Token]:
    """Return the tokens of name = w₁ · v₁ + w₂ · v₂ …, negative numbers in brackets."""
    tokens: list[Token] = [f"{name} = "]
    for k, (w, v) in enumerate(zip(weights, values)):
        tokens += [" + "] if k else []
        tokens += [*paren(w, roles[0]), "·", *paren(v, roles[1])]
    return tokens


def total(parts: Sequence[float], result: float, role: Role) -> list[Token]:
    """Return the tokens of = p₁ + p₂ … = result."""
    tokens: list[Token] = []
    for k, p in enumerate(parts):
        tokens += [" + " if k else " = ", *paren(p, "ink")]
    return [*tokens, " = ", num(result, role)]


def paren(value: float, role: Role) -> list[Token]:
    """Return a number's token, in brackets if it is negative."""
    return ["(", num(value, role), ")"] if value < 0 else [num(value, role)]


def lines(
    label: Label, rows: Sequence[Sequence[Token]], on: int | None = None, key: str = ""
) -> Lines:
    """Return sums written out, a row a line: text and `num` tokens; `on` lights one line."""
    return {"w": "lines", "label": label, "lines": [list(r) for r in rows], "on": on, "key": key}
