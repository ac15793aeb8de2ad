"""Draw noise where its generator is, so that a seed gives the same numbers on every device."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def normal(size: Sequence[int], like: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Draw numbers from N(0, 1), in float32, and return them in the dtype and place of `like`.

    Args:
        size: any.
        like: a tensor of the net that the noise is for.
        generator: of the draws; None: torch's own, of the device of `like`.
    """
    device = like.device if generator is None else generator.device
    return torch.randn(size, generator=generator, device=device).to(like)


def uniform(size: Sequence[int], like: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Draw numbers from 0 to 1, all alike likely; arguments as of `normal`."""
    device = like.device if generator is None else generator.device
    return torch.rand(size, generator=generator, device=device).to(like)
