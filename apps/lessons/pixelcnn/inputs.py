"""The inputs of the PixelCNN lesson."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from apps.lessons.shared import pictures
from apps.lessons.shared.chains import MOST_POINTS
from apps.stage.declare import action, choice, given, numeric, seed, slider, typed
from core.inputs import InputError, array, describe
from core.models.pixelcnn.by_hand import LARGEST, SIDE
from core.models.pixelcnn.reach import FARTHEST

WORDS = tuple(f"{k:03b}" for k in range(8))  # all images of three pixels
ORDERS = tuple("".join(map(str, order)) for order in permutations((1, 2, 3)))
MASKS = ("A", "B", "none", "own")
BINARY = ("tossed", "half")
LAST = pictures.COUNT - 1  # number of the last digit that ships
UNTURNED = -1  # no pixel is turned over
PIECES = ("points", "turned")  # what begins a sampling anew
SHARES = ((0.5,), (0.2, 0.8), (0.1, 0.5, 0.5, 0.9))  # P(x₁), P(x₂ | x₁), P(x₃ | x₁, x₂)
KERNEL = ((1.0, 2.0, -1.0), (2.0, 4.0, 1.0), (-1.0, 1.0, 2.0))
EMPTY = {"drawn": pictures.EMPTY}


def cells(field: str, value: Any) -> str:
    """Read 3x3 pixels: nine characters 0 and 1, row by row."""
    if not isinstance(value, str):
        raise InputError("list", field=field, got=describe(value), allowed="9")
    if len(value) != SIDE**2:
        raise InputError("shape", field=field, got=len(value), allowed=SIDE**2)
    wrong = next((i for i, c in enumerate(value) if c not in "01"), None)
    if wrong is not None:
        raise InputError("entry", field=field, got=value[wrong], where=[wrong], low=0, high=1)
    return value


def read_shares(field: str, value: Any) -> tuple[tuple[float, ...], ...]:
    """Read P(x₁ = 1), P(x₂ = 1 | x₁) and P(x₃ = 1 | x₁, x₂): one, two and four probabilities."""
    if not isinstance(value, (list, tuple)) or len(value) != len(SHARES):
        raise InputError("list", field=field, got=describe(value), allowed=len(SHARES))
    return tuple(
        tuple(array(f"{field}[{k}]", row, (2**k,), 1, low=0).tolist())
        for k, row in enumerate(value)
    )


def read_kernel(field: str, value: Any) -> tuple[tuple[float, ...], ...]:
    """Read a 3x3 kernel."""
    return tuple(map(tuple, array(field, value, (SIDE, SIDE), LARGEST).tolist()))


@dataclass(frozen=True)
class Inputs:
    """What can be set; `shares`, `kernel`, `small`, `mask` and `drawn` are typed or drawn."""

    shares: tuple[tuple[float, ...], ...] = given(SHARES, read_shares)
    word: str = choice("111", WORDS, labels=WORDS, list=True)
    order: str = choice("123", ORDERS, labels=[" → ".join(f"x{i}" for i in o) for o in ORDERS])
    small: str = given("010111010", cells)
    kernel: tuple[tuple[float, ...], ...] = given(KERNEL, read_kernel)
    bias: float = slider(-1.5, -5.0, 5.0, 0.5)
    kind: str = choice("A", MASKS)
    mask: str = given("111110000", cells)
    reach: int = slider(5, 1, FARTHEST)
    digit: int = slider(70, 0, LAST, resets=("drawn", *PIECES))
    binary: str = choice("tossed", BINARY, resets=("drawn", *PIECES))
    clear: bool = action(resets=PIECES, brings={True: EMPTY})
    drawn: str | None = given(None, pictures.drawing)
    pixel: int = typed(518, 0, pictures.PIXELS - 1)
    rows: int = slider(14, 0, pictures.SIDE, resets=PIECES)
    turned: int = typed(UNTURNED, UNTURNED, pictures.PIXELS - 1, resets=("points",))
    restore: bool = action(brings={True: {"turned": UNTURNED}}, resets=("points",))
    temperature: float = slider(1.0, 0.0, 2.0, 0.1, resets=PIECES)
    seed: int = seed(resets=PIECES)
    points: int = numeric(0, 0, MOST_POINTS)
    decimals: int = slider(4, 2, 8, local=True)

    @property
    def picture(self) -> np.ndarray:
        """The scene's picture, (28, 28) of 0 and 1: a drawing, else a digit made binary."""
        if self.drawn is not None:
            return pictures.bits(self.drawn)
        return binary_digits(self.binary)[self.digit]

    @property
    def small_image(self) -> list[list[int]]:
        """The image of 3x3 pixels."""
        return rows_of(self.small)

    @property
    def chosen_mask(self) -> list[list[int]]:
        """The mask of the first layer, 3x3 of 0 and 1."""
        named = {"A": "111100000", "B": "111110000", "none": "111111111"}
        return rows_of(named.get(self.kind, self.mask))


def rows_of(text: str) -> list[list[int]]:
    """Return nine characters 0 and 1 as 3x3 numbers."""
    return np.array([int(c) for c in text]).reshape(SIDE, SIDE).tolist()


def binary_digits(kind: str) -> np.ndarray:
    """Return the 100 digits that ship made binary, (100, 28, 28): tossed once, or cut at half."""
    from core.data.mnist import digits_sample, static_binarisation

    images, _ = digits_sample()
    made = static_binarisation(images) if kind == "tossed" else (images >= 128).float()
    return made[:, 0].numpy()
