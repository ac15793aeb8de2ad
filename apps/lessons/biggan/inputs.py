"""The inputs of the BigGAN lesson."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.stage.declare import choice, given, numeric, seed, slider, switch
from core.inputs import array

LARGEST = 100.0  # magnitude of a typed number
NUMBERS = (2.0, 4.0, 3.0, 7.0, 5.0, 9.0)  # of one map, three images of either class
GAINS = (0.04, 0.05, 0.03, -0.03, -0.02, -0.05)
OFFSETS = (0.02, 0.01, 0.02, -0.01, -0.02, -0.01)
MATRIX = ((2.0, 1.0), (0.0, 1.5))
FEATURES = (1.0, 0.5, 2.0, 0.0)
WEIGHTS = (0.5, -0.4, 0.3, 0.2)
VECTORS = ((0.8, -0.5, 0.4, 0.1), (-0.6, 0.9, -0.3, 0.2), (0.1, 0.2, -0.7, 0.6))
LABELS = (0, 1, 2)  # of the projection by hand
Vector = tuple[float, ...]
Rows = tuple[Vector, ...]


def read_vector(size: int) -> Callable[[str, Any], Vector]:
    """Return a reader of so many typed numbers."""

    def read(name: str, value: Any) -> Vector:
        return tuple(array(name, value, (size,), LARGEST).tolist())

    return read


def read_rows(rows: int, columns: int) -> Callable[[str, Any], Rows]:
    """Return a reader of a typed matrix."""

    def read(name: str, value: Any) -> Rows:
        return tuple(map(tuple, array(name, value, (rows, columns), LARGEST).tolist()))

    return read


@dataclass(frozen=True)
class Inputs:
    """What can be set; vectors and matrices are typed."""

    psi: float = slider(0.5, 0.1, 2.0, 0.1)
    plus_one: bool = switch(True)
    label: int = choice(0, LABELS)
    seed: int = seed()
    decimals: int = numeric(3, 0, 8)
    a: Vector = given(NUMBERS, read_vector(len(NUMBERS)))
    gain: Vector = given(GAINS, read_vector(len(NUMBERS)))
    offset: Vector = given(OFFSETS, read_vector(len(NUMBERS)))
    matrix: Rows = given(MATRIX, read_rows(2, 2))
    h: Vector = given(FEATURES, read_vector(len(FEATURES)))
    weight: Vector = given(WEIGHTS, read_vector(len(FEATURES)))
    vectors: Rows = given(VECTORS, read_rows(len(LABELS), len(FEATURES)))
