"""A blind test that keeps the room's score; answers and score stay in the page."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, cast

import numpy as np

from apps.stage.widgets.base import Drawn, Label, Role


class Group(TypedDict):
    """One kind of picture in a blind test."""

    key: str  # by which its score is kept
    label: Label  # its name, told after the guess
    truth: int  # which option is right of its pictures, from 0
    role: Role  # its colour in the score


class Quiz(Drawn):
    """A blind test."""

    w: Literal["quiz"]
    label: Label  # the question beside each picture
    shades: str  # all pictures, a byte a pixel in base64: 0 paper, 255 ink
    rows: int  # pixels of a picture's own height
    cols: int  # pixels of its own width
    kinds: list[int]  # index into `groups`, one a picture
    groups: list[Group]  # the kinds
    options: list[Label]  # the possible guesses
    size: int  # width of a picture on the page, in pixels
    key: str  # tells tests apart


def group(key: str, label: Label, truth: int, role: Role = "made") -> Group:
    """Return one kind of picture in a blind test.

    Args:
        key: by which its score is kept.
        label: its name, told after the guess.
        truth: which option is right of its pictures.
        role: its colour in the score.
    """
    return {"key": key, "label": label, "truth": truth, "role": role}


def quiz(
    ask: Label,
    pictures: Any,
    kinds: Sequence[int],
    groups: Sequence[Mapping[str, Any]],
    options: Sequence[Label],
    *,
    size: int = 240,
    key: str = "",
) -> Quiz:
    """Return a blind test: one picture after the other, a guess each, the score with its interval.

    Args:
        ask: the question beside each picture.
        pictures: (N, H, W) in [0, 1], in the order in which they are shown.
        kinds: (N,) index into `groups`.
        groups: the kinds.
        options: the possible guesses, at most nine.
        size: pixels of a picture's side.
        key: tells tests apart: each begins at its first picture; the score is by group.
    """
    shades = np.clip(np.round(np.asarray(pictures, dtype=np.float64) * 255), 0, 255)
    flat = shades.astype(np.uint8)
    assert 1 < len(options) < 10 and len(flat) == len(kinds)
    return {
        "w": "quiz",
        "label": ask,
        "shades": base64.b64encode(flat.tobytes()).decode(),
        "rows": flat.shape[1],
        "cols": flat.shape[2],
        "kinds": [int(k) for k in kinds],
        "groups": cast(list[Group], list(groups)),
        "options": list(options),
        "size": size,
        "key": key,
    }
