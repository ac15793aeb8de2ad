"""Spectral normalisation: divide a layer's weights by their largest singular value.

    power iteration   v ← Wᵀu / ‖Wᵀu‖,   u ← W v / ‖W v‖,   σ = uᵀ W v
    layer             W / σ, with one round at each step of training: W changes little between two
    Lipschitz         ‖(W/σ) x − (W/σ) y‖ ≤ ‖x − y‖

σ rises towards the largest singular value and is never above it; a round brings the error down by
(σ₂/σ₁)². A convolution's W is its kernel as (outputs, inputs · k²): the norm that this bounds is
that of the matrix, not of the whole convolution, as in the paper.

Paper: Miyato et al. 2018, arXiv 1802.05957.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Round(NamedTuple):
    """One round of power iteration."""

    u: Tensor  # (rows,), of length 1
    v: Tensor  # (columns,), of length 1
    sigma: Tensor  # (), uᵀ W v


def power_iteration(matrix: Tensor, u: Tensor) -> Iterator[Round]:
    """Yield rounds without end, from a start u (rows,), for a matrix (rows, columns)."""
    while True:
        v = F.normalize(matrix.T @ u, dim=0)
        wv = matrix @ v
        u = F.normalize(wv, dim=0)
        yield Round(u, v, u @ wv)


class Spectral(nn.Module):
    """Weights that are divided by their spectral norm whenever they are used.

    Args:
        shape: of the weights, (outputs, …).
        bias: whether there is one, (outputs,).
    """

    u: Tensor

    def __init__(self, shape: tuple[int, ...], bias: bool = True):
        super().__init__()
        self.weight = nn.Parameter(nn.init.orthogonal_(torch.empty(shape)))
        self.bias = nn.Parameter(torch.zeros(shape[0])) if bias else None
        self.register_buffer("u", F.normalize(torch.randn(shape[0]), dim=0))

    def normalised(self) -> Tensor:
        """Return W / σ, as W; in training the round's u is where the next one starts."""
        matrix = self.weight.flatten(1)
        with torch.no_grad():
            found = next(power_iteration(matrix, self.u))
            if self.training:
                self.u.copy_(found.u)
        sigma = found.u @ matrix @ found.v  # a function of W: its slope goes into the weights'
        return self.weight / sigma


class SpectralConv(Spectral):
    """A convolution of stride 1 that keeps the size of its maps."""

    def __init__(self, inputs: int, outputs: int, kernel: int, bias: bool = True):
        super().__init__((outputs, inputs, kernel, kernel), bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs, S, S) of (B, inputs, S, S)."""
        return F.conv2d(x, self.normalised(), self.bias, padding=self.weight.shape[-1] // 2)


class SpectralLinear(Spectral):
    """A dense layer."""

    def __init__(self, inputs: int, outputs: int, bias: bool = True):
        super().__init__((outputs, inputs), bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs) of (B, inputs)."""
        return F.linear(x, self.normalised(), self.bias)


class SpectralEmbedding(Spectral):
    """A vector for each class."""

    def __init__(self, classes: int, size: int):
        super().__init__((classes, size), bias=False)

    def forward(self, labels: Tensor) -> Tensor:
        """Return (B, size) of labels (B,)."""
        return F.embedding(labels, self.normalised())
