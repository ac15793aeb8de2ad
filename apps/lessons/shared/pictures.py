"""Pictures of 28 x 28 in a lesson: the digits that ship, letters, drawings, strips of tiles."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.stage import board as b
from core.inputs import InputError, array, describe

if TYPE_CHECKING:
    from torch import Tensor

SIDE, PIXELS, COUNT = 28, 784, 100  # of a picture; of the digits that ship
LETTERS = ("none", "latin", "jamo")
EMPTY = "0" * PIXELS  # an empty drawing


@lru_cache(maxsize=1)
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the 100 test digits that ship, (100, 28, 28) in [0, 1], and their labels (100,)."""
    from core.data.mnist import digits_sample

    images, labels = digits_sample()
    return images[:, 0].numpy() / 255.0, labels.numpy()


def batch(images: Any) -> Tensor:
    """Return pictures (B, 28, 28) as a float32 tensor (B, 1, 28, 28)."""
    import torch

    return torch.as_tensor(np.asarray(images), dtype=torch.float32).reshape(-1, 1, SIDE, SIDE)


def letter(kind: str) -> np.ndarray:
    """Return a letter ("latin", "jamo") as the digits are drawn: 20 pixels in the middle of 28."""
    from core.models.hopfield import letters

    key = {"latin": "A", "jamo": "ㅎ"}[kind]
    small = (letters.patterns(kind, 10, 10, key)[0].reshape(10, 10) + 1) / 2
    return np.pad(np.kron(small, np.ones((2, 2))), 4)


# ---- what a caller or a visitor gives


def grey(field: str, image: Any) -> np.ndarray:
    """Read an image (28, 28) of numbers in [0, 1].

    Raises:
        InputError: another shape, or an entry outside of [0, 1].
    """
    return array(field, image, (SIDE, SIDE), 1, low=0)


def drawing(field: str, value: Any) -> str | None:
    """Read a drawing: 784 characters 0 and 1, row by row; None for no drawing."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError("list", field=field, got=describe(value), allowed=str(PIXELS))
    if len(value) != PIXELS:
        raise InputError("shape", field=field, got=len(value), allowed=PIXELS)
    wrong = next((i for i, c in enumerate(value) if c not in "01"), None)
    if wrong is not None:
        raise InputError("entry", field=field, got=value[wrong], where=[wrong], low=0, high=1)
    return value


def bits(drawn: str) -> np.ndarray:
    """Return a drawing's pixels, (28, 28) of 0 and 1."""
    return np.array([float(c) for c in drawn]).reshape(SIDE, SIDE)


def select(drawn: str | None, digit: int, kind: str = "none") -> np.ndarray:
    """Return the picture (28, 28) of a scene: a drawing, else a letter, else one of the digits."""
    if drawn is not None:
        return bits(drawn)
    return digits()[0][digit] if kind == "none" else letter(kind)


def name(drawn: str | None, digit: int, kind: str = "none") -> b.Label:
    """Return the label of a scene's picture: a drawing, a letter, or its class."""
    if drawn is not None:
        return b.word("drawing")
    if kind != "none":
        return b.word("letter_name")
    return b.word("digit_name", c=str(int(digits()[1][digit])))


# ---- widgets


def pad(image: np.ndarray, label: b.Label, size: int = 5) -> b.Widget:
    """Return a picture as a grid that a visitor draws on, `size` pixels a cell."""
    return b.cells(
        label, image * 2 - 1, (SIDE, SIDE), size=size, edit="drawn", role="real", brush=2
    )


def strip(images: Any) -> np.ndarray:
    """Return pictures (n, 28, 28) side by side with a gap of a pixel, (28, 29 n − 1)."""
    tiles = np.pad(np.asarray(images, dtype=float), ((0, 0), (0, 0), (0, 1)))
    return np.concatenate(list(tiles), 1)[:, :-1]


def sheet(images: np.ndarray, columns: int, framed: Sequence[int] = ()) -> np.ndarray:
    """Return images (N, 28, 28), N in full rows, as one picture; some of them may be framed."""
    tiles = np.array(images, dtype=float).reshape(-1, columns, SIDE, SIDE)
    for one in framed:
        tile = tiles[divmod(one, columns)]
        for edge in (tile[:2], tile[-2:], tile[:, :2], tile[:, -2:]):
            edge[...] = 1.0
    return tiles.transpose(0, 2, 1, 3).reshape(-1, columns * SIDE)
