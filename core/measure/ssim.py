"""Measure how alike two pictures are in structure: SSIM.

    SSIM = (2 μ_a μ_b + C₁)(2 σ_ab + C₂) / ((μ_a² + μ_b² + C₁)(σ_a² + σ_b² + C₂)),
    C₁ = 0.01², C₂ = 0.03², for grey levels from 0 to 1

μ, σ² and σ_ab are means, variances and the covariance under a Gaussian window of σ = 1.5 pixels, 11
wide; the mean is taken over the places where the window lies inside. 1: the same picture.

Paper: Wang et al. 2004, IEEE Trans. Image Processing 13(4).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from core.inputs import InputError

WIDE, SIGMA = 11, 1.5
C1, C2 = 0.01**2, 0.03**2


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Return SSIM of pictures (B, 1, H, W) in [0, 1], at least 11 pixels wide and high, (B,).

    Raises:
        InputError: two shapes, or pictures smaller than the window.
    """
    if a.shape != b.shape or a.dim() != 4 or a.shape[1] != 1 or min(a.shape[2:]) < WIDE:
        got = f"{tuple(a.shape)}, {tuple(b.shape)}"
        raise InputError("shape", field="images", got=got, allowed=f"(B, 1, ≥ {WIDE}, ≥ {WIDE})")
    at = torch.arange(WIDE, dtype=a.dtype) - WIDE // 2
    bell = torch.exp(-(at**2) / (2 * SIGMA**2))
    bell = bell / bell.sum()
    window = torch.outer(bell, bell)[None, None].to(a.device)  # (1, 1, 11, 11)

    def mean(x: Tensor) -> Tensor:
        return F.conv2d(x, window)  # (B, 1, H − 10, W − 10)

    mu_a, mu_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mu_a**2, mean(b * b) - mu_b**2
    both = mean(a * b) - mu_a * mu_b
    top = (2 * mu_a * mu_b + C1) * (2 * both + C2)
    bottom = (mu_a**2 + mu_b**2 + C1) * (var_a + var_b + C2)
    return (top / bottom).mean((1, 2, 3))
