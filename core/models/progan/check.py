"""Check a growing GAN's parts by torch's own operators and optimiser.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from core.models.progan.by_hand import DeviationTrace, FadeTrace, PixelNormTrace, RateTrace


def fade_delta(low: ArrayLike, high: ArrayLike, alpha: float, trace: FadeTrace) -> Delta:
    """Compare `by_hand.fade` with torch.nn.Upsample and torch.lerp."""
    import torch

    small, large = (torch.as_tensor(np.asarray(x, dtype=float)) for x in (low, high))
    doubled = torch.nn.Upsample(scale_factor=2)(small[None, None])[0, 0]
    deltas = [largest(doubled, trace["doubled"])]
    deltas.append(largest(torch.lerp(doubled, large, alpha), trace["out"]))
    return delta_of(deltas, "torch.nn.Upsample, torch.lerp")


def pixel_norm_delta(maps: ArrayLike, trace: PixelNormTrace) -> Delta:
    """Compare `by_hand.pixel_norm` with torch.nn.functional.rms_norm over the maps."""
    import torch
    import torch.nn.functional as F

    x = torch.as_tensor(np.asarray(maps, dtype=float)).movedim(0, -1)  # (S, S, C)
    theirs = F.rms_norm(x, x.shape[-1:], eps=1e-8).movedim(-1, 0)
    return delta_of([largest(theirs, trace["out"])], "torch.nn.functional.rms_norm")


def deviation_delta(batch: ArrayLike, trace: DeviationTrace) -> Delta:
    """Compare `by_hand.deviation` with torch.var over the batch."""
    import torch

    x = torch.as_tensor(np.asarray(batch, dtype=float))
    theirs = (torch.var(x, 0, correction=0) + 1e-8).sqrt()
    deltas = [largest(theirs, trace["deviations"])]
    deltas.append(largest(theirs.mean(), trace["statistic"]))
    return delta_of(deltas, "torch.var")


def relative_steps_delta(fan_in: ArrayLike, rate: float, trace: RateTrace) -> Delta:
    """Compare `by_hand.relative_steps` with a first step of torch.optim.Adam on a weight of the
    usual size, 1 of an equalised layer and √(2 / fan_in) of a plain one.
    """
    import torch

    usual = (2 / torch.as_tensor(np.asarray(fan_in, dtype=float))).sqrt()
    found = []
    for start in (torch.ones_like(usual), usual):
        weight = start.clone().requires_grad_()
        weight.grad = torch.ones_like(weight)
        torch.optim.Adam([weight], rate, eps=0.0).step()
        found.append((weight.detach() - start).abs() / start)
    deltas = [largest(found[0], trace["equalised"]), largest(found[1], trace["plain"])]
    return delta_of([*deltas, largest(usual, trace["scale"])], "torch.optim.Adam")
