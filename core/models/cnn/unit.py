"""Take one unit of a net apart: what it reads, by which weights, and the sum. numpy float64.

    convolution   z = Σ_cab K_cab X_c(i s + a − p, j s + b − p) + b,  0 beyond the edges
    pooling       z = the largest of a square of one map
    dense         z = Σ_cij W_cij X_cij + b,  X: the last maps, flattened

ReLU turns z into max(z, 0) where a ReLU follows. Source: LeCun et al. 1998.
"""

from __future__ import annotations

from typing import Literal, TypedDict, cast

import numpy as np
from torch import Tensor, nn

from core.inputs import InputError, choice, integer
from core.models.classifier.cnn import Classifier
from core.models.cnn.small import SmallNet
from core.models.cnn.walk import layers, walk

Kind = Literal["conv", "pool", "dense"]
KINDS: dict[type, Kind] = {nn.Conv2d: "conv", nn.MaxPool2d: "pool", nn.Linear: "dense"}


class Unit(TypedDict):
    """One unit: C maps before it, of which it reads h x w numbers each."""

    kind: Kind
    corner: tuple[int, int]  # row and column of its window's first entry; -1 beyond the edge
    patch: np.ndarray  # (C, h, w), what it reads
    kernel: np.ndarray  # (C, h, w), the weights; 1 where it pools
    products: np.ndarray  # (C, h, w)
    bias: float
    sum: float  # z: Σ products + bias; of pooling the largest of its patch
    relu: bool  # whether a ReLU follows


def units(model: Classifier | SmallNet) -> list[str]:
    """Return the layers whose units can be taken apart, first to last."""
    return [name for name, part in layers(model) if type(part) in KINDS]


def take_apart(
    model: Classifier | SmallNet, x: Tensor, layer: str, channel: int, row: int, column: int
) -> Unit:
    """Return what one unit computes.

    Args:
        model: a net without gradients of its own.
        x: one image (1, 1, 28, 28) in [0, 1].
        layer: one of `units`.
        channel: its map, or of a dense layer the unit, from 0.
        row: its row in the map, from 0; of a dense layer 0.
        column: likewise.

    Raises:
        InputError: there is no such unit.
    """
    choice("layer", layer, units(model))
    parts, found = list(layers(model)), walk(model, x)
    at = [name for name, _ in parts].index(layer)
    part, shape = parts[at][1], tuple(found[at][1].shape[1:])
    here = (channel, row, column)[: len(shape)]
    for name, value, most in zip(("channel", "row", "column"), here, shape):
        integer(name, value, 0, most - 1)
    if len(shape) == 1 and (row or column):
        raise InputError("integer", field="row", got=row or column, low=0, high=0)
    maps = [x] + [values for _, values in found[:at] if values.dim() == 4]
    before = maps[-1][0].double().numpy()  # (C, H, W): dense layers read what was flattened
    relu = at + 1 < len(parts) and isinstance(parts[at + 1][1], nn.ReLU)
    taken = _conv(part, before, here) if isinstance(part, nn.Conv2d) else None
    if isinstance(part, nn.MaxPool2d):
        taken = _pool(part, before, here)
    return {**(taken or _dense(cast(nn.Linear, part), before, channel)), "relu": relu}


def _conv(part: nn.Conv2d, before: np.ndarray, here: tuple[int, ...]) -> Unit:
    """Return the unit of a convolution."""
    channel, row, column = here
    kernel = part.weight[channel].double().numpy()  # (C, h, w)
    p, s = cast(int, part.padding[0]), part.stride[0]
    corner = row * s - p, column * s - p
    padded = np.pad(before, ((0, 0), (p, p), (p, p)))
    patch = _window(padded, (row * s, column * s), kernel.shape[1])
    return _sum("conv", corner, patch, kernel, _bias(part, channel))


def _pool(part: nn.MaxPool2d, before: np.ndarray, here: tuple[int, ...]) -> Unit:
    """Return the unit of a pooling: the largest of its square."""
    side, (channel, row, column) = cast(int, part.kernel_size), here
    corner = row * side, column * side
    patch = _window(before[channel : channel + 1], corner, side)
    found = _sum("pool", corner, patch, np.ones_like(patch), 0.0)
    return {**found, "sum": float(patch.max())}


def _dense(part: nn.Linear, before: np.ndarray, channel: int) -> Unit:
    """Return the unit of a dense layer, its weights shaped as the maps that it reads."""
    kernel = part.weight[channel].double().numpy().reshape(before.shape)
    return _sum("dense", (0, 0), before, kernel, _bias(part, channel))


def _window(maps: np.ndarray, corner: tuple[int, int], side: int) -> np.ndarray:
    """Return a square of each map, (C, side, side)."""
    row, column = corner
    return maps[:, row : row + side, column : column + side]


def _bias(part: nn.Conv2d | nn.Linear, channel: int) -> float:
    """Return a unit's bias, 0 where the layer has none."""
    return 0.0 if part.bias is None else part.bias[channel].item()


def _sum(
    kind: Kind, corner: tuple[int, int], patch: np.ndarray, kernel: np.ndarray, bias: float
) -> Unit:
    """Return a unit with its products and their sum."""
    products = patch * kernel
    return {
        "kind": kind,
        "corner": corner,
        "patch": patch,
        "kernel": kernel,
        "products": products,
        "bias": bias,
        "sum": float(products.sum() + bias),
        "relu": False,
    }
