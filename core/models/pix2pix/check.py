"""Recompute what the lesson shows by other ways: enumeration, gradients, and sums in float64."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

STEPS = 1001  # grey levels that a pixel is tried at


def best_by_trying(answers: np.ndarray, odds: np.ndarray, power: int) -> float:
    """Return the least E Σ |y − c|^power over all pictures c, each pixel tried at 1001 levels."""
    levels = np.linspace(0, 1, STEPS)  # a pixel's loss does not depend on the others
    apart = np.abs(answers[:, :, None] - levels) ** power  # (K, N, levels)
    return float(np.einsum("k,knl->nl", odds, apart).min(1).sum())


def field_by_gradient(side: int, strides: list[int], kernel: int, padding: int, at: int):
    """Return the map's size and the first and last pixel that reach output `at`, along one side.

    A one-dimensional row of convolutions with weights of 1 is run; the gradient of one output says
    which inputs reach it.
    """
    import torch
    import torch.nn.functional as F

    image = torch.ones(1, 1, side, dtype=torch.float64, requires_grad=True)
    x, weight = image, torch.ones(1, 1, kernel, dtype=torch.float64)
    for stride in strides:
        x = F.conv1d(x, weight, stride=stride, padding=padding)
    (slope,) = torch.autograd.grad(x[0, 0, at], image)
    reached = torch.nonzero(slope[0, 0])[:, 0]
    return x.shape[2], int(reached[0]), int(reached[-1])


def generate(weights: Mapping[str, Tensor], x: Tensor, cut: Sequence[int] = ()) -> Tensor:
    """Return a U-Net's images in float64 from its weights alone, without the module.

    Args:
        weights: its state, by name.
        x: (B, 1 + told, 64, 64) in [−1, 1].
        cut: levels, 0 at 32 pixels, whose maps are not joined on the way up: of the kernels that
            would meet them only those of the way up are used.
    """
    import torch
    import torch.nn.functional as F

    w = {name: value.double() for name, value in weights.items()}
    depth = 1 + max(int(name.split(".")[1]) for name in w if name.startswith("down"))
    x, past = x.double(), []
    for i in range(depth):
        at = f"down.{i}.{1 if i else 0}"
        x = F.conv2d(torch.maximum(x, 0.2 * x) if i else x, w[f"{at}.weight"], None, 2, 1)
        x = x + w[f"{at}.bias"][:, None, None]
        if f"down.{i}.2.weight" in w:
            x = _norm(x, w[f"down.{i}.2.weight"], w[f"down.{i}.2.bias"])
        past.append(x)
    for i in range(depth):
        kernel, bias = w[f"up.{i}.1.weight"], w[f"up.{i}.1.bias"]
        here = F.conv_transpose2d(x.clamp_min(0), kernel[: x.shape[1]], None, 2, 1)
        level = depth - 1 - i
        if i and level not in cut:
            joined = past[level].clamp_min(0)
            here = here + F.conv_transpose2d(joined, kernel[x.shape[1] :], None, 2, 1)
        x = here + bias[:, None, None]
        if f"up.{i}.2.weight" in w:
            x = _norm(x, w[f"up.{i}.2.weight"], w[f"up.{i}.2.bias"])
    return torch.tanh(x)


def judge(weights: Mapping[str, Tensor], x: Tensor) -> Tensor:
    """Return a PatchGAN's logits in float64 from its weights alone, (B, 1, 14, 14)."""
    import torch
    import torch.nn.functional as F

    w = {name: value.double() for name, value in weights.items()}
    x = F.conv2d(x.double(), w["layers.0.weight"], w["layers.0.bias"], 2, 1)
    for conv, stride in ((2, 2), (5, 1), (8, 1)):
        x = torch.maximum(x, 0.2 * x)
        x = F.conv2d(x, w[f"layers.{conv}.weight"], w[f"layers.{conv}.bias"], stride, 1)
        if f"layers.{conv + 1}.weight" in w:
            x = _norm(x, w[f"layers.{conv + 1}.weight"], w[f"layers.{conv + 1}.bias"])
    return x


def _norm(x: Tensor, scale: Tensor, shift: Tensor, groups: int = 4) -> Tensor:
    """Return group norm: each group of maps with mean 0 and variance 1, then scaled and shifted."""
    parts = x.reshape(len(x), groups, -1)
    parts = (parts - parts.mean(2, keepdim=True)) / (
        parts.var(2, correction=0, keepdim=True) + 1e-5
    ).sqrt()
    return parts.reshape(x.shape) * scale[:, None, None] + shift[:, None, None]
