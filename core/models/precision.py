"""Keep a loss's numbers in float32 where autocast computes in less."""

from __future__ import annotations

import torch
from torch import Tensor


def widen(x: Tensor) -> Tensor:
    """Return x in at least float32: what autocast has narrowed is widened, float64 stays."""
    return x.to(torch.promote_types(x.dtype, torch.float32))
