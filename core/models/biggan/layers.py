"""The blocks of BigGAN: batch norm by class and code, attention over places, residual blocks.

    conditional norm   (1 + W_g s) (a − mean) / √(var + ε) + W_b s,   s = [e_y, z_l]
                       e_y the class's vector, z_l this block's own part of the code; mean and var
                       over batch and places. Without the "1 +" a net whose gains begin near 0
                       passes on next to nothing; here they begin at about ±0.9, e_y being N(0, 1)
    attention          β_ij = softmax_j (q_i · k_j),   o_i = W_o Σ_j β_ij v_j,   h_i + γ o_i,  γ = 0
                       at the start; keys and values are halved in both directions (max pooling)
    block up           h + 3x3(relu(norm(double(relu(norm(h)) → 3x3))))   with a 1x1 beside it
    block down         the same without norms, and the mean of 2x2 in place of doubling

Papers: Brock et al. 2019, arXiv 1809.11096 (figure 15); attention: Zhang et al. 2019, arXiv
1805.08318; conditional norm: de Vries et al. 2017, arXiv 1707.00683.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models.biggan.spectral import SpectralConv, SpectralLinear

EPSILON = 1e-5


class ConditionalNorm(nn.Module):
    """Batch norm whose gain and offset are linear functions of a style s (B, style)."""

    def __init__(self, maps: int, style: int):
        super().__init__()
        self.norm = nn.BatchNorm2d(maps, eps=EPSILON, affine=False)
        self.gain = SpectralLinear(style, maps, bias=False)
        self.offset = SpectralLinear(style, maps, bias=False)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """Return (B, maps, S, S) as x."""
        gain, offset = 1 + self.gain(style), self.offset(style)  # (B, maps)
        return self.norm(x) * gain[..., None, None] + offset[..., None, None]


class Attention(nn.Module):
    """Attention of all places over all places of maps (B, C, S, S), with spectral norm."""

    def __init__(self, maps: int):
        super().__init__()
        few, half = max(maps // 8, 4), maps // 2
        self.query = SpectralConv(maps, few, 1, bias=False)
        self.key = SpectralConv(maps, few, 1, bias=False)
        self.value = SpectralConv(maps, half, 1, bias=False)
        self.out = SpectralConv(half, maps, 1, bias=False)
        self.gamma = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, S, S) as x."""
        places = x.shape[2:]
        query = self.query(x).flatten(2)  # (B, few, S²)
        key = F.max_pool2d(self.key(x), 2).flatten(2)  # (B, few, S²/4)
        value = F.max_pool2d(self.value(x), 2).flatten(2)  # (B, half, S²/4)
        beta = (query.transpose(1, 2) @ key).softmax(-1)  # (B, S², S²/4)
        seen = (value @ beta.transpose(1, 2)).unflatten(2, places)  # (B, half, S, S)
        return x + self.gamma * self.out(seen)


class BlockUp(nn.Module):
    """Residual block of the generator: (B, inputs, S, S) and a style to (B, outputs, 2S, 2S)."""

    def __init__(self, inputs: int, outputs: int, style: int):
        super().__init__()
        self.norms = nn.ModuleList([ConditionalNorm(m, style) for m in (inputs, outputs)])
        self.convs = nn.ModuleList(
            [SpectralConv(inputs, outputs, 3), SpectralConv(outputs, outputs, 3)]
        )
        self.beside = SpectralConv(inputs, outputs, 1)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """Return (B, outputs, 2S, 2S)."""
        h = double(F.relu(self.norms[0](x, style)))
        h = F.relu(self.norms[1](self.convs[0](h), style))
        return self.convs[1](h) + double(self.beside(x))  # a 1x1 and doubling change places


class BlockDown(nn.Module):
    """Residual block of the discriminator: (B, inputs, S, S) to (B, outputs, S/2, S/2) or as wide.

    Args:
        inputs: maps.
        outputs: maps.
        halves: whether it halves the sides.
        first: the net's first block does not cut its input, an image, at 0.
    """

    def __init__(self, inputs: int, outputs: int, halves: bool = True, first: bool = False):
        super().__init__()
        self.halves, self.first = halves, first
        self.convs = nn.ModuleList(
            [SpectralConv(inputs, outputs, 3), SpectralConv(outputs, outputs, 3)]
        )
        self.beside = SpectralConv(inputs, outputs, 1) if halves or inputs != outputs else None

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs, S/2, S/2) or (B, outputs, S, S)."""
        h = self.convs[0](x if self.first else F.relu(x))
        h = self.convs[1](F.relu(h))
        if self.halves:
            h, x = F.avg_pool2d(h, 2), F.avg_pool2d(x, 2)
        return h + (x if self.beside is None else self.beside(x))


def double(x: Tensor) -> Tensor:
    """Return (B, C, 2S, 2S): each pixel of (B, C, S, S) four times."""
    return F.interpolate(x, scale_factor=2, mode="nearest")
