"""Classify digits by a small convolutional net, whose features measure the other models.

    maps      5x5 convolution, stride 2   (B, 32, 14, 14)
              3x3 convolution             (B, 32, 14, 14), then the largest of each 2x2
              3x3 convolution             (B, 64, 7, 7)
              3x3 convolution             (B, F, 7, 7)
    features  the mean of the last maps   (B, F)
    classes   log p(y|x) = log softmax(W features + b)

After each convolution stand batch normalisation (Ioffe & Szegedy 2015, arXiv 1502.03167) and ReLU.
The stride of the first layer quarters what the others compute: a digit needs no 28x28 maps.
Global average pooling in place of dense layers: Lin et al. 2014, arXiv 1312.4400.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.inputs import integer


@dataclass(frozen=True)
class Config:
    """Sizes of a net.

    Attributes:
        width: maps of the first two layers, 1 to 256.
        features: maps of the last layer, 1 to 1024.
        classes: 2 to 1000.

    Raises:
        InputError: a size outside its range.
    """

    width: int = 32
    features: int = 128
    classes: int = 10

    def __post_init__(self):
        integer("width", self.width, 1, 256)
        integer("features", self.features, 1, 1024)
        integer("classes", self.classes, 2, 1000)


class Classifier(nn.Module):
    """A net from images (B, 1, 28, 28) in [0, 1] to logits (B, 10)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        w = config.width
        self.stages = nn.ModuleList(
            [
                _stage(1, w, 5, stride=2),  # (B, w, 14, 14)
                _stage(w, w, 3),  # (B, w, 14, 14)
                nn.Sequential(nn.MaxPool2d(2), *_stage(w, 2 * w, 3)),  # (B, 2w, 7, 7)
                _stage(2 * w, config.features, 3),  # (B, F, 7, 7)
            ]
        )
        self.head = nn.Linear(config.features, config.classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (B, 10)."""
        return self.head(self.features(x))

    def maps(self, x: Tensor) -> list[Tensor]:
        """Return the maps after each of the four stages, first to last."""
        out = []
        for stage in self.stages:
            x = stage(x)
            out.append(x)
        return out

    def features(self, x: Tensor) -> Tensor:
        """Return the features (B, F)."""
        return self.maps(x)[-1].mean((2, 3))


def predict(model: Classifier, x: Tensor) -> Tensor:
    """Return p(y|x), (B, 10), each row summing to one."""
    return torch.softmax(model(x), dim=1)


def loss(model: Callable[..., Any], x: Tensor, labels: Tensor, smoothing: float = 0.0):
    """Return the mean cross-entropy in nats over a batch, and the share of right answers."""
    logits = model(x).float()
    right = (logits.argmax(1) == labels).float().mean()
    return F.cross_entropy(logits, labels, label_smoothing=smoothing), {"accuracy": right}


def _stage(inputs: int, maps: int, size: int, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, maps, size, stride=stride, padding=size // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(maps), nn.ReLU())
