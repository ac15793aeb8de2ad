"""Collect a recipe's figures for a card: a value, how it was measured, and its subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from core.weights.card import Metric

Detail = int | float | str | list[int]


@dataclass(frozen=True)
class Figure:
    """One measured value.

    Attributes:
        value: it.
        how: a sentence: the unit, and of what.
        about: the same as fields of `core.weights.card.Metric`, for code to read.
    """

    value: float
    how: str
    about: Mapping[str, Detail]


Found = dict[str, Figure]  # by the name that the card shows


def figure(value: float, how: str, **about: Detail) -> Figure:
    """Return a figure; `about` are fields of a `Metric`."""
    return Figure(value, how, about)


def add_details(found: Found, how: str, **about: Detail) -> Found:
    """Return figures that were all measured under one more condition."""
    return {
        name: replace(one, how=f"{one.how}; {how}", about={**one.about, **about})
        for name, one in found.items()
    }


def as_metrics(found: Found, command: str, digits: int | None = 5) -> dict[str, Metric]:
    """Return a card's metrics, rounded to so many decimals or not at all.

    A figure that names no quantity is the quantity of its name.
    """
    metrics = {}
    for name, one in found.items():
        value = one.value if digits is None else round(one.value, digits)
        fields: dict[str, Any] = {"value": value, "how": one.how, "command": command}
        metrics[name] = cast(Metric, {**fields, "quantity": name, **one.about})
    return metrics
