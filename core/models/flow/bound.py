"""Bound the log-likelihood that a flow gives to an 8-bit image: one estimator for all who ask.

    log P(k) = log ∫_cell p(v) dv  ≥  E_u[log p(v)] − D log 256,   v = (k + u)/256,  u ~ U[0, 1)^D
    estimate   1/n Σ_i log p(v_i) − D log 256,  the plain mean over n = 64 draws of u, seed 0
    bits/dim   −estimate / (D log 2)

The mean of one draw an image, as cards state it of a whole test set, estimates the same quantity;
the log of a mean of densities (core.models.flow.real_nvp.log_likelihood) estimates a tighter one,
another for every n.

Theis et al. 2016, arXiv 1511.01844.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from core.inputs import InputError, integer
from core.models.flow.real_nvp import CELLS, Flow, dequantise, log_normal

DRAWS, SEED = 64, 0  # of the noise u


@dataclass(frozen=True)
class Bound:
    """The lower bound on log P(k) of one image and its terms: means over the draws, in nats.

    Attributes:
        log_normal: log N(z; 0, I).
        log_det: log|det ∂z/∂v|.
        log_p: log p(v), the sum of both: the density of the dequantised image.
        log_P: of the 8-bit image from below, log p(v) − D log 256.
        error: standard error of log_P over the draws; NaN for one draw.
        bits: −log_P in bits a dimension.
        draws: n, how many draws of u.
    """

    log_normal: float
    log_det: float
    log_p: float
    log_P: float
    error: float
    bits: float
    draws: int


@torch.no_grad()
def bound(flow: Flow, image: Tensor, draws: int = DRAWS, seed: int = SEED) -> Bound:
    """Return the mean bound on log P of an 8-bit image (1, 1, 28, 28) or (28, 28) in [0, 1].

    Args:
        flow: of kind "image".
        image: grey levels k/255; what is between two levels is rounded.
        draws: of u, 1 to 10 000.
        seed: of u; the same numbers for the same image each time.

    Raises:
        InputError: another shape, or draws that are not that.
    """
    if image.numel() != math.prod(flow.shape):
        got = str(tuple(image.shape))
        raise InputError("shape", field="image", got=got, allowed=str(flow.shape))
    n = integer("draws", draws, 1, 10_000)
    x = image.reshape(flow.shape).expand(n, *flow.shape)  # (n, 1, 28, 28)
    z, log_det = flow(dequantise(x, torch.Generator().manual_seed(seed)))
    normal, volume = log_normal(z).double(), log_det.double()  # (n,)
    log_p, size = normal + volume, image.numel()
    log_P = log_p.mean().item() - size * math.log(CELLS)
    return Bound(
        log_normal=normal.mean().item(),
        log_det=volume.mean().item(),
        log_p=log_p.mean().item(),
        log_P=log_P,
        error=log_p.std().item() / math.sqrt(n) if n > 1 else math.nan,
        bits=-log_P / (size * math.log(2)),
        draws=n,
    )
