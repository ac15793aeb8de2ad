"""Walk an image through a net layer by layer, and tell the layers' windows.

A layer's name is its kind and number: "conv 1", "norm 1", "relu 1", "pool 1", "mean", "flatten",
"dense 1". The last layer's values are the logits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from torch import Tensor, nn

from core.models.classifier.cnn import Classifier
from core.models.cnn.receptive import Window
from core.models.cnn.small import SmallNet


class Mean(nn.Module):
    """The mean of each map: (B, C, H, W) to (B, C)."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C)."""
        return x.mean((2, 3))


NAMES = {
    nn.Conv2d: "conv",
    nn.BatchNorm2d: "norm",
    nn.ReLU: "relu",
    nn.MaxPool2d: "pool",
    nn.Flatten: "flatten",
    nn.Linear: "dense",
    Mean: "mean",
}
ALONE = ("flatten", "mean")  # a net has one of them: no number


def layers(model: Classifier | SmallNet) -> Iterator[tuple[str, nn.Module]]:
    """Yield the name of each layer and what computes it, first to last."""
    counts: dict[str, int] = {}
    for part in _parts(model):
        kind = NAMES[type(part)]
        counts[kind] = counts.get(kind, 0) + 1
        yield kind if kind in ALONE else f"{kind} {counts[kind]}", part


def walk(model: Classifier | SmallNet, x: Tensor) -> list[tuple[str, Tensor]]:
    """Return the values of each layer for images (B, 1, 28, 28), with their names.

    Values carry gradients where x asks for them; the last are the logits (B, 10).
    """
    found = []
    for name, part in layers(model):
        x = part(x)
        found.append((name, x))
    return found


def windows(model: Classifier | SmallNet) -> list[tuple[str, Window]]:
    """Return the window of each convolution and pooling, as `receptive.receptive_field` takes it.

    A dense net has none.
    """
    found = []
    for name, part in layers(model):
        if isinstance(part, (nn.Conv2d, nn.MaxPool2d)):
            sizes = (_side(part.kernel_size), _side(part.stride), _side(part.dilation))
            found.append((name, sizes))
    return found


def paddings(model: Classifier | SmallNet) -> list[int]:
    """Return the zeros around before each layer that `windows` lists."""
    parts = [part for _, part in layers(model) if isinstance(part, (nn.Conv2d, nn.MaxPool2d))]
    return [_side(part.padding) for part in parts]


def _parts(model: Classifier | SmallNet) -> Iterator[nn.Module]:
    """Yield what computes the layers, one after another."""
    if isinstance(model, SmallNet):
        yield from model.layers
        return
    for stage in model.stages:
        yield from cast(nn.Sequential, stage)
    yield Mean()
    yield model.head


def _side(size: object) -> int:
    """Return the side of a square window, which torch keeps once or twice."""
    return cast(int, size[0] if isinstance(size, tuple) else size)
