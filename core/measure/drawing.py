"""Draw the comparison's images: each from noise of its own, so that it can be drawn again alone.

    image i of seed s    its noise comes from a generator seeded 2048 s + i
    label                i mod 10, where a family is told one

Every family is drawn by one sampler, the one that `Family` states, for pictures, figures and times
alike. The samplers that pass the net hundreds of times an image, and PixelCNN's, which goes pixel
by pixel, draw several images at once: their noise is the same as alone, their sums are added up in
another order, and a picture may come out different by a grey level (PixelCNN's, once in thousands,
from a pixel on whose noise lies within rounding of its probability).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.comparison import CLASSES, SEED, STRIDE, Family

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

SIDE = 28


def draw(model: nn.Module, family: Family, seed: int, first: int, count: int = 1) -> np.ndarray:
    """Return images `first` to `first + count − 1` of a seed, (count, 28, 28) uint8.

    Args:
        model: of the family's card.
        family: which.
        seed: 0 to `MOST_SEED`.
        first: 0 to `STRIDE` − count.
        count: from 1 on; a slow family draws them at once.
    """
    import torch

    places = range(first, first + count)
    noise = [torch.Generator().manual_seed(STRIDE * seed + i) for i in places]
    labels = torch.tensor([i % CLASSES for i in places]) if family.labelled else None
    with torch.no_grad():
        if family.card == "pixelcnn-mnist" and count > 1:
            made = toss(model, noise)
        elif family.card == "ebm-mnist" and count > 1:
            made = descend(model, noise)
        elif family.card == "ddpm-mnist" and count > 1:
            made = denoise(model, noise, labels, family.options)
        else:
            made = torch.cat([draw_one(model, family, *one) for one in zip(places, noise)])
    return (made[:, 0] * 255).round().to(torch.uint8).cpu().numpy()


def draw_one(model: Any, family: Family, index: int, noise: torch.Generator) -> Tensor:
    """Return an image (1, 1, 28, 28) in [0, 1] by the model's own sampler."""
    import torch

    labels = torch.tensor([index % CLASSES]) if family.labelled else None
    return model.sample(1, labels=labels, generator=noise, **family.options)


def toss(model: Any, noise: list[torch.Generator]) -> Tensor:
    """Return images (n, 1, 28, 28) of a PixelCNN, each pixel by a number of its own generator."""
    import torch

    from core.models.pixelcnn.sampling import rows_of

    u = torch.cat([torch.rand((1, 1, SIDE, SIDE), generator=one) for one in noise])
    *_, last = rows_of(model, u)
    return last["x"]


def descend(model: Any, noise: list[torch.Generator]) -> Tensor:
    """Return the ends (n, 1, 28, 28) of an EBM's chains, each with its own generator."""
    import torch

    from core.models.ebm.energy import follow, noise_images

    c = model.config
    x = torch.cat([noise_images((1, 1, SIDE, SIDE), model, one) for one in noise])
    for _ in range(c.steps):
        slope = model.slope(x)[1]
        parts = zip(x.split(1), slope.split(1), noise)
        x = torch.cat([follow(p, s, c.step_size, c.noise, c.clip, one) for p, s, one in parts])
    return x


def denoise(
    model: Any, noise: list[torch.Generator], labels: Tensor | None, options: Mapping[str, float]
) -> Tensor:
    """Return images (n, 1, 28, 28) of a DDPM by DDIM, which draws noise only at its start."""
    import torch

    start = torch.cat([torch.randn((1, 1, SIDE, SIDE), generator=one) for one in noise])
    return model.sample(len(noise), labels=labels, start=start, **options)


def pace(model: nn.Module, family: Family, spend: float = 0.15) -> list[float]:
    """Return the processor seconds of single images, one thread's, drawn one after the other.

    Processor seconds leave out the time in which others use the processor. What others do to its
    caches stays in them: of several the least is the nearest to a quiet machine's.

    Args:
        model: of the family's card.
        family: which.
        spend: go on until so many seconds are spent, for three images at least. The first image
            does not count: caches fill. But a slow family's is the only one.
    """

    def once(index: int) -> float:
        start = time.thread_time()
        draw(model, family, SEED, index)
        return time.thread_time() - start

    spent = [once(0)]
    if family.slow:
        return spent
    spent = []
    while len(spent) < 3 or sum(spent) < spend:
        spent.append(once(len(spent)))
        if len(spent) == STRIDE:
            break
    return spent
