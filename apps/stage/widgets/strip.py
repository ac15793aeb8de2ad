"""A strip of tokens, one after the other. A space is drawn as an open box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from apps.stage.widgets.attention import shares
from apps.stage.widgets.base import Drawn, Label, Role


class Strip(Drawn):
    """Tokens in lines."""

    w: Literal["strip"]
    label: Label  # what stands over it
    tokens: list[Label]  # what is written
    shades: list[float | None] | None  # how strongly each is tinted, 0 to 1; None for all alike
    role: Role  # the tint
    now: int | None  # the token that is outlined, from 0
    later: int | None  # the first token that is not there yet, from 0
    width: int  # of a line at most, in pixels
    size: int  # of the letters, in pixels


def strip(
    label: Label,
    tokens: Sequence[Label],
    *,
    shades: Any = None,
    role: Role = "real",
    now: int | None = None,
    later: int | None = None,
    width: int = 640,
    size: int = 18,
) -> Strip:
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
