"""Digits in a frame of 32x32, at the sizes 4, 8, 16 and 32 of a growing GAN's levels."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from core.models.progan.layers import double, fade, halve

SIDE, FRAMED = 28, 32  # of a digit, and of its frame
FIRST = 4  # side of level 0
EDGE = (FRAMED - SIDE) // 2


def frame(x: Tensor) -> Tensor:
    """Return digits (B, 1, 28, 28) in [0, 1] as (B, 1, 32, 32) from −1 to 1, black around."""
    return 2 * F.pad(x, (EDGE, EDGE, EDGE, EDGE)) - 1


def crop(x: Tensor) -> Tensor:
    """Return images of any level (B, 1, S, S) as (B, 1, 28, 28) in [0, 1].

    Pixels are repeated up to 32x32, the frame is cut off, and so is what lies beyond [−1, 1].
    """
    wide = F.interpolate(x, size=(FRAMED, FRAMED), mode="nearest")
    return ((wide[..., EDGE:-EDGE, EDGE:-EDGE] + 1) / 2).clamp(0, 1)


def reduce(x: Tensor, level: int, alpha: float = 1.0) -> Tensor:
    """Return framed images (B, 1, 32, 32) at a level's size, (B, 1, 4·2^level, 4·2^level).

    While the level fades in, α < 1, they are blended with themselves at the size before, as what
    the generator makes is: else D would know the real ones by their sharpness alone.
    """
    small = F.avg_pool2d(x, FRAMED // (FIRST << level))
    return fade(double(halve(small)), small, alpha) if level and alpha < 1 else small
