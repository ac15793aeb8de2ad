"""Types shared by all widgets: labels, roles, and the dimmed flag."""

from __future__ import annotations

from typing import Any, TypedDict, cast

SUBSCRIPTS = str.maketrans("0123456789-+", "₀₁₂₃₄₅₆₇₈₉₋₊")

Role = str
"""A colour by what it means, the same in every tab: "real" inputs and data, "made" outputs,
"hidden" states, "grad" gradients, energies, errors, "ok" what is verified, "ink" all else.
"""


class Word(TypedDict):
    """A label that the page translates; its other keys fill {parts} of it."""

    k: str  # key in the tab's [words], in its other words or in the stage's


Label = str | Word


class Drawn(TypedDict, total=False):
    """Keys that every widget may have besides its own."""

    dim: bool  # whether it is drawn faintly, since another one is looked at


def word(key: str, **parts: Any) -> Word:
    """Return a label that the page translates: `key` in the tab's [words].

    No part may be named "k", which holds the key.
    """
    assert "k" not in parts
    return cast(Word, {"k": key, **parts})


def sub(name: str, index: int) -> str:
    """Return a symbol with a subscript, h₁₂."""
    return name + str(index).translate(SUBSCRIPTS)
