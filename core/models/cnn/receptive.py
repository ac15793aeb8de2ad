"""How far a unit of a convolutional net sees, by the formula.

    field   r_l = r_(l−1) + d_l (k_l − 1) j_(l−1),   r_0 = 1,  in pixels
    jump    j_l = j_(l−1) s_l,   j_0 = 1: pixels from one unit to its neighbour

    first   the first pixel that unit u sees: u j_l − Σ p_i j_(i−1),  p: zeros before layer i

k, s and d are window, stride and dilation of layer l, convolution or pooling. ReLU, normalisation
and 1x1 convolutions widen nothing. Source: Araujo, Norris, Sim 2019, distill.pub.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from core.inputs import InputError, integer

Window = tuple[int, int, int]  # window k, stride s, dilation d
MOST = 32  # layers


class Field(TypedDict):
    """The receptive field after one layer."""

    layer: int  # counted from 1
    window: int
    stride: int
    dilation: int
    size: int  # r, pixels along a side
    jump: int  # j, pixels


def receptive_field(layers: Sequence[Window]) -> list[Field]:
    """Compute the receptive field after each layer.

    Args:
        layers: window 1 to 64, stride 1 to 16 and dilation 1 to 16 of each, at most 32.

    Raises:
        InputError: an input that is not that.
    """
    if len(layers) > MOST:
        raise InputError("long", field="layers", got=len(layers), high=MOST)
    found: list[Field] = []
    size = jump = 1
    for i, layer in enumerate(layers, 1):
        if len(layer) != 3:
            allowed = "window, stride and dilation of each"
            raise InputError("shape", field="layers", got=len(layer), allowed=allowed)
        k = integer("window", layer[0], 1, 64)
        s, d = integer("stride", layer[1], 1, 16), integer("dilation", layer[2], 1, 16)
        size += d * (k - 1) * jump
        jump *= s
        found.append(
            {"layer": i, "window": k, "stride": s, "dilation": d, "size": size, "jump": jump}
        )
    return found


def first_pixel(layers: Sequence[Window], padding: Sequence[int], unit: int) -> int:
    """Return the first row (or column) that a unit of the last layer sees; below 0 beyond the edge.

    Args:
        layers: as in `receptive_field`.
        padding: zeros before each layer, on each side.
        unit: row (or column) of the unit, from 0.
    """
    jumps = [1, *(field["jump"] for field in receptive_field(layers))]
    return unit * jumps[-1] - sum(p * j for p, j in zip(padding, jumps))
