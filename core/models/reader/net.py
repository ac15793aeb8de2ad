"""Read the picture of a Hangul syllable: a net with one answer for each of its three parts.

    maps     5x5 convolution, stride 2    (B, w, 32, 32)
             3x3 convolutions, stride 2   (B, 2w, 16, 16), (B, 4w, 8, 8), (B, 4w, 4, 4)
    answers  log p of the initial, the vowel and the final, apart: one dense layer on all maps
    syllable the likeliest of each: initial · 588 + vowel · 28 + final

Three answers in place of one of 11 172: every part is seen in many syllables, and where a part
stands in the square matters, so the maps are not averaged over the square. Batch normalisation and
ReLU follow each convolution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.inputs import integer

PARTS = (19, 21, 28)  # initials, vowels, finals with none
FIRST = 0xAC00  # code point of 가


@dataclass(frozen=True)
class Config:
    """Size of the net: maps of the first layer, 4 to 128."""

    width: int = 16

    def __post_init__(self):
        integer("width", self.width, 4, 128)


class Reader(nn.Module):
    """A net from pictures (B, 1, 64, 64) in [0, 1] to logits (B, 68) of all parts."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        w = config.width
        self.maps = nn.Sequential(
            *_stage(1, w, 5),  # (B, w, 32, 32)
            *_stage(w, 2 * w, 3),  # (B, 2w, 16, 16)
            *_stage(2 * w, 4 * w, 3),  # (B, 4w, 8, 8)
            *_stage(4 * w, 4 * w, 3),  # (B, 4w, 4, 4)
        )
        self.head = nn.Linear(64 * w, sum(PARTS))

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (B, 68): 19 of the initial, 21 of the vowel, 28 of the final."""
        return self.head(self.maps(x).flatten(1))

    @torch.no_grad()
    def read(self, x: Tensor) -> str:
        """Return the syllable that each picture (B, 1, 64, 64) in [0, 1] is read as."""
        best = [part.argmax(1).tolist() for part in self(x).split(PARTS, 1)]
        return "".join(chr(FIRST + a * 588 + b * 28 + c) for a, b, c in zip(*best))


def loss(model: Callable[..., Any], x: Tensor, parts: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the sum of three mean cross-entropies in nats, and the share read right.

    Args:
        model: the net.
        x: pictures (B, 1, 64, 64) in [0, 1].
        parts: (B, 3), initial, vowel and final of each.
    """
    each = model(x).float().split(PARTS, 1)
    right = torch.stack([part.argmax(1) for part in each], 1).eq(parts).all(1).float().mean()
    costs = [F.cross_entropy(part, parts[:, i]) for i, part in enumerate(each)]
    return torch.stack(costs).sum(), {"read": right}


def _stage(inputs: int, maps: int, size: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(inputs, maps, size, stride=2, padding=size // 2, bias=False)
    return convolution, nn.BatchNorm2d(maps), nn.ReLU()
