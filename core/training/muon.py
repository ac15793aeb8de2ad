"""Update matrices by Muon: momentum made orthogonal, so that all directions move alike.

    m ← μ m + (1 − μ) g,   u = (1 − μ) g + μ m                           (Nesterov's look ahead)
    X = u / ‖u‖,  five times X ← 3.4445 X − 4.7750 X Xᵀ X + 2.0315 X Xᵀ X Xᵀ X
    w ← w − η · 0.2 √max(rows, columns) · X

The five rounds drive the singular values of u to about 1. The factor gives a weight the same root
mean square of change as Adam's, so Adam's rates serve (Liu et al. 2025, arXiv 2502.16982). A
convolution's kernel (out, in, k, k) is the matrix (out, in k²). The rounds run in bfloat16.

Jordan et al. 2024, "Muon: An optimizer for hidden layers". torch.optim.Muon does the same for
matrices alone; here kernels are taken too, and those of one shape go through the rounds together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

ROUNDS = 5
A, B, C = 3.4445, -4.7750, 2.0315


class Muon(torch.optim.Optimizer):
    """The optimiser of weights with two or more axes.

    Args:
        params: weights, (rows, columns) or (out, in, k, k).
        lr: η.
        momentum: μ.
    """

    def __init__(self, params: Iterable[nn.Parameter], lr: float = 1e-3, momentum: float = 0.95):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Move every weight that has a gradient."""
        for group in self.param_groups:
            alike: dict[torch.Size, list[tuple[Tensor, Tensor]]] = {}
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                m = state.setdefault("m", torch.zeros_like(weight))
                m.lerp_(weight.grad, 1 - group["momentum"])
                ahead = weight.grad.lerp(m, group["momentum"]).flatten(1)
                alike.setdefault(ahead.shape, []).append((weight, ahead))
            for shape, pairs in alike.items():
                rate = group["lr"] * 0.2 * math.sqrt(max(shape))
                for (weight, _), move in zip(pairs, orthogonal(torch.stack([u for _, u in pairs]))):
                    weight.add_(move.view(weight.shape).to(weight), alpha=-rate)


def orthogonal(u: Tensor) -> Tensor:
    """Return matrices (n, rows, columns) with their singular values driven to about 1, bfloat16."""
    tall = u.shape[1] > u.shape[2]
    x = u.bfloat16()
    x = x.mT if tall else x
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp_min(1e-7)
    for _ in range(ROUNDS):
        square = x @ x.mT
        x = A * x + (B * square + C * square @ square) @ x
    return (x.mT if tall else x).contiguous()
