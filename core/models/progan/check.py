"""Check a growing GAN's parts by torch's own operators and optimiser, and its images in float64.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike
    from torch import Tensor

    from core.models.progan.by_hand import (
        DepthTrace,
        DeviationTrace,
        FadeTrace,
        PixelNormTrace,
        RateTrace,
    )


def fade_delta(old: ArrayLike, new: ArrayLike, alpha: float, trace: FadeTrace) -> Delta:
    """Compare `by_hand.fade` with torch.nn.Upsample and torch.lerp."""
    import torch

    small, large = (torch.as_tensor(np.asarray(x, dtype=float)) for x in (old, new))
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


def layers_delta(x: ArrayLike, weights: ArrayLike, scale: float, trace: DepthTrace) -> Delta:
    """Compare `by_hand.through_layers` with torch's dense layers and leaky ReLU."""
    import torch
    import torch.nn.functional as F

    y = torch.as_tensor(np.asarray(x, dtype=float))
    sizes = [y.square().mean()]
    for one in torch.as_tensor(np.asarray(weights, dtype=float)):
        y = F.leaky_relu(F.linear(y, one * scale), 0.2)
        sizes.append(y.square().mean())
    pairs = zip(sizes, trace["found"].tolist())  # each by itself: they may differ by powers of ten
    return delta_of((largest(one / one, other / one) for one, other in pairs), "torch F.linear")


def generate(
    weights: Mapping[str, Tensor],
    z: Tensor,
    level: int,
    alpha: float = 1.0,
    added: tuple[int, Tensor] | None = None,
) -> Tensor:
    """Return a generator's images (B, 28, 28) in [0, 1] in float64, from its weights alone.

    Args:
        weights: its state, by name.
        z: (B, latent).
        level: 0 for 4x4.
        alpha: how far the level has faded in.
        added: a level, and what is added to its maps.
    """
    import torch.nn.functional as F

    w = {name: value.double() for name, value in weights.items()}

    def dense(x: Tensor, at: str, gain: float) -> Tensor:
        scale = gain / w[f"{at}.weight"][0].numel() ** 0.5
        return x @ (scale * w[f"{at}.weight"]).T + w[f"{at}.bias"]

    def conv(x: Tensor, at: str, gain: float) -> Tensor:
        kernel = w[f"{at}.weight"]
        scale = gain / kernel[0].numel() ** 0.5
        return scale * F.conv2d(x, kernel, None, 1, "same") + w[f"{at}.bias"][:, None, None]

    def layer(x: Tensor, at: str) -> Tensor:
        return norm(F.leaky_relu(conv(x, at, 2**0.5), 0.2))

    def norm(x: Tensor) -> Tensor:
        return F.rms_norm(x.movedim(1, -1), x.shape[1:2], eps=1e-8).movedim(-1, 1)

    def shown(h: Tensor, at: int) -> Tensor:
        x = conv(h, f"pixels.{at}", 1.0)
        return larger(x, 32 // x.shape[-1])

    h = dense(norm(z.double()), "levels.0.1", 2**0.5 / 4).reshape(len(z), -1, 4, 4)
    maps: list[Tensor] = []
    for at in range(level + 1):
        h = larger(maps[-1], 2) if at else norm(F.leaky_relu(h, 0.2))
        h = layer(layer(h, f"levels.{at}.0"), f"levels.{at}.3") if at else layer(h, "levels.0.5")
        maps.append(h + added[1].double() if added and added[0] == at else h)
    x = shown(maps[level], level)
    if level and alpha < 1:
        x = (1 - alpha) * shown(maps[level - 1], level - 1) + alpha * x
    return (x[:, 0, 2:-2, 2:-2] / 2 + 0.5).clamp(0, 1)


def larger(x: Tensor, times: int) -> Tensor:
    """Return each pixel of (B, C, S, S) so many times in both directions."""
    return x.repeat_interleave(times, 2).repeat_interleave(times, 3)


def images_delta(
    weights: Mapping[str, Tensor],
    z: Tensor,
    images: ArrayLike,
    level: int,
    alpha: float = 1.0,
    added: tuple[int, Tensor] | None = None,
) -> Delta:
    """Compare a generator's images (B, 28, 28) with `generate`'s; arguments as there."""
    return delta_of([largest(generate(weights, z, level, alpha, added), images)], "G: float64")
