"""Follow a row of convolutions: how large its maps are, and how much of the image one output sees.

    size    n ← ⌊(n + 2p − k) / s⌋ + 1
    field   r ← r + (k − 1) j      pixels of the image that one output depends on
    jump    j ← j · s              pixels of the image between neighbours of the map

k kernel, s stride, p padding of a layer; an image begins with r = 1, j = 1. The discriminator of
pix2pix, C64-C128-C256-C512 and one layer more, has strides 2, 2, 2, 1, 1, kernels of 4 and padding
1: r = 70, and 256 pixels give 30 x 30 verdicts (Isola et al. 2017, arXiv 1611.07004).
"""

from __future__ import annotations

from dataclasses import dataclass

from core.inputs import InputError, describe, integer

MOST = 8  # layers


@dataclass(frozen=True)
class Layer:
    """One convolution and what stands behind it: size of its map, field, jump; in pixels."""

    kernel: int
    stride: int
    padding: int
    size: int
    field: int
    jump: int


def follow(side: int, strides: list[int], kernel: int = 4, padding: int = 1) -> list[Layer]:
    """Return every layer of a row of convolutions with one kernel and padding.

    Args:
        side: of the image, 8 to 1024 pixels.
        strides: of each layer, 1 to 4; 1 to 8 layers.
        kernel: 1 to 9.
        padding: 0 to 4.

    Raises:
        InputError: one outside, or a layer whose map would be empty.
    """
    n, k = integer("side", side, 8, 1024), integer("kernel", kernel, 1, 9)
    p = integer("padding", padding, 0, 4)
    if not isinstance(strides, list) or not 1 <= len(strides) <= MOST:
        raise InputError("shape", field="strides", got=describe(strides), allowed=f"1 … {MOST}")
    layers, r, j = [], 1, 1
    for one in strides:
        s = integer("strides", one, 1, 4)
        n, r, j = (n + 2 * p - k) // s + 1, r + (k - 1) * j, j * s
        if n < 1:
            raise InputError("integer", field="side", got=side, low=r, high=1024)
        layers.append(Layer(k, s, p, n, r, j))
    return layers


def seen_by(layers: list[Layer], at: int, side: int) -> tuple[int, int]:
    """Return the first and last pixel of the image that output `at` depends on, along one side.

    Its field may reach past the edge into padding: what lies outside the image is left out.
    """
    start = 0
    for layer, jump in zip(layers, [1, *[layer.jump for layer in layers[:-1]]]):
        start -= layer.padding * jump
    first = start + at * layers[-1].jump
    return max(first, 0), min(first + layers[-1].field, side) - 1
