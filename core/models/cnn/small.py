"""Two small classifiers of digits: a convolutional net and a dense one that sees no neighbours.

    kind "cnn"   3x3 convolution to maps[0], ReLU, the largest of each 2x2       (B, 4, 14, 14)
                 3x3 convolution to maps[1], ReLU, the largest of each 2x2       (B, 8, 7, 7)
                 dense to ten logits                                             4,266 parameters
    kind "mlp"   784 pixels to `hidden`, ReLU, ten logits                        25,450 parameters

Convolutions are padded by a pixel of 0. Papers: LeCun et al. 1998 (convolution, pooling, dense).
We deviate in ReLU in place of tanh, and in the largest of a patch in place of its learned mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from core.inputs import InputError, choice, integer

SIDE, CLASSES = 28, 10
KINDS = ("cnn", "mlp")


@dataclass(frozen=True)
class Config:
    """Sizes of a net.

    Attributes:
        kind: "cnn" or "mlp".
        maps: of the two convolutions.
        hidden: units of the dense net's one hidden layer.
    """

    kind: str = "cnn"
    maps: Sequence[int] = (4, 8)
    hidden: int = 32

    def __post_init__(self):
        choice("kind", self.kind, KINDS)
        integer("hidden", self.hidden, 1, 4096)
        if len(self.maps) != 2:
            raise InputError("shape", field="maps", got=len(self.maps), allowed="2")
        for count in self.maps:
            integer("maps", count, 1, 256)


class SmallNet(nn.Module):
    """A net from images (B, 1, 28, 28) in [0, 1] to logits (B, 10)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        layers = _cnn(*config.maps) if config.kind == "cnn" else _mlp(config.hidden)
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (B, 10)."""
        return self.layers(x)


def _cnn(first: int, second: int) -> list[nn.Module]:
    return [
        nn.Conv2d(1, first, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(first, second, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(second * (SIDE // 4) ** 2, CLASSES),
    ]


def _mlp(hidden: int) -> list[nn.Module]:
    return [nn.Flatten(), nn.Linear(SIDE**2, hidden), nn.ReLU(), nn.Linear(hidden, CLASSES)]
