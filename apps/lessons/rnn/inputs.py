"""The inputs of the RNN lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.stage.declare import choice, given, seed, slider, switch, typed
from core.models.rnn import cells, learning, presets, sequences, vanishing

PRESETS = ("slide", "hello", "copy", "random")
PLAIN = ("W", "U", "V", "b", "c")
GATED = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "V", "c")
TYPED = (*dict.fromkeys((*PLAIN, *GATED)), "xs", "h0", "targets")  # what a new preset replaces


@dataclass(frozen=True)
class Inputs:
    """What can be set. `given` ones are typed into a matrix, in the layout of rnn_forward."""

    cell: str = choice("rnn", cells.CELLS, resets=TYPED)
    preset: str = choice("hello", PRESETS, resets=TYPED)
    slide_x: str = choice("used", tuple(presets.SLIDE_X), resets=TYPED)
    detail: str = choice("line", ("step", "line"))
    decimals: int = slider(4, 2, 8, local=True, unless="rounded")
    rounded: bool = switch(False)
    bias: bool = switch(False)
    seed: int = seed(resets=TYPED)
    hidden: int = typed(2, 1, vanishing.MOST_HIDDEN, resets=TYPED)
    inputs: int = typed(3, 1, cells.MOST_UNITS, resets=TYPED)
    outputs: int = typed(3, 1, cells.MOST_UNITS, resets=TYPED)
    length: int = typed(4, 1, vanishing.MOST_LENGTH, resets=TYPED)
    truncate: int = slider(8, 1, 8)
    rho: float = slider(0.8, 0.2, 2.4, 0.1)
    forget_bias: float = slider(1.0, -2.0, 5.0, 0.5)
    updates: int = typed(200, 1, learning.MOST_UPDATES)
    rate: float = slider(0.02, 0.005, 0.1, 0.005)
    clip: bool = switch(False)
    max_norm: float = typed(1.0, 0.01, 1000.0)
    kind: str = choice("many-to-one", tuple(sequences.KINDS))
    columns: int = slider(4, 2, 6)
    kernel: int = slider(2, *sequences.KERNELS)
    layers: int = slider(3, 1, 4)
    dilation: int = slider(2, 1, 4)
    W: Any = given()
    U: Any = given()
    V: Any = given()
    b: Any = given()
    c: Any = given()
    weight_ih: Any = given()
    weight_hh: Any = given()
    bias_ih: Any = given()
    bias_hh: Any = given()
    xs: Any = given()
    h0: Any = given()
    targets: Any = given()
