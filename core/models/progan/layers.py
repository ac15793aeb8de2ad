"""The layers of a progressively grown GAN.

    equalised rate   w = c · ŵ,  ŵ ~ N(0, 1) at the start,  c = gain / √fan_in
                     Adam's step has about one size for every ŵ, and so has the change of what a
                     layer computes, however wide the layer is
    pixel norm       b = a / √(1/C Σ_c a_c² + ε),  at each place by itself
    minibatch        s = mean over c, i, j of the standard deviation over the batch of x_cij;
    deviation        one more map, s at all places: a batch of copies has s = 0, and D can see that
    fade             x = (1 − α) up(x_low) + α x_high

ε = 1e-8. The deviation is that of the whole batch (divided by N, √(… + ε) for the gradient's sake).

Paper: Karras et al. 2018, arXiv 1710.10196 (sections 3 and 4.1, 4.2; appendix A). We deviate in the
gain of a layer without activation, which is 1 for all of them (the paper's code: 1 for the last
dense layer, √2 for its 1x1 layers to pixels).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPSILON = 1e-8
GAIN = math.sqrt(2)  # of a layer before a leaky ReLU (He et al. 2015)


class EqualConv(nn.Module):
    """A convolution of stride 1 whose weights are N(0, 1) and scaled as they are used."""

    def __init__(self, inputs: int, outputs: int, kernel: int, gain: float = GAIN):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale = gain / math.sqrt(inputs * kernel**2)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs, S, S) of (B, inputs, S, S)."""
        return F.conv2d(x, self.weight * self.scale, self.bias, padding=self.weight.shape[-1] // 2)


class EqualLinear(nn.Module):
    """A dense layer whose weights are N(0, 1) and scaled as they are used."""

    def __init__(self, inputs: int, outputs: int, gain: float = GAIN):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale = gain / math.sqrt(inputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs) of (B, inputs)."""
        return F.linear(x, self.weight * self.scale, self.bias)


class PixelNorm(nn.Module):
    """Divide each place's numbers by the root of their mean square over the channels."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, …) as x."""
        return x * torch.rsqrt((x**2).mean(1, keepdim=True) + EPSILON)


def batch_deviation(x: Tensor) -> Tensor:
    """Return one number, (): how far the rows of a batch (B, C, S, S) differ, on average."""
    return ((x - x.mean(0)) ** 2).mean(0).add(EPSILON).sqrt().mean()


def append_deviation(x: Tensor) -> Tensor:
    """Return x (B, C, S, S) with one more map that is the batch's deviation, (B, C + 1, S, S)."""
    return torch.cat([x, batch_deviation(x).expand(len(x), 1, *x.shape[2:])], 1)


def double(x: Tensor) -> Tensor:
    """Return (B, C, 2S, 2S): each pixel of (B, C, S, S) four times."""
    return F.interpolate(x, scale_factor=2, mode="nearest")


def halve(x: Tensor) -> Tensor:
    """Return (B, C, S/2, S/2): the mean of each 2x2 pixels of (B, C, S, S)."""
    return F.avg_pool2d(x, 2)


def fade(low: Tensor, high: Tensor, alpha: float) -> Tensor:
    """Return (1 − α) low + α high; at α = 0 and 1 one of the two as it is, bit for bit."""
    if alpha <= 0:
        return low
    return high if alpha >= 1 else torch.lerp(low, high, alpha)
