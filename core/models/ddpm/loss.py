"""What the diffusion of digits lowers in training, and how wrong it is at each t.

    loss      mean (v − v̂)²  =  mean (ε − ε̂)² / ᾱ_t: Ho et al.'s L_simple, weighted
    t         stratified: one in each of B equal parts of 1 … T, so that a batch's loss varies less
    label     dropped for a tenth of the images                          (Ho & Salimans 2022)

At small ᾱ_t a wrong ε̂ hardly shows in mean (ε − ε̂)² and is all that decides x̂_0; in v both count.
Papers: Ho et al. 2020, arXiv 2006.11239; Salimans & Ho 2022, 2202.00512; stratified t: Kingma et
al. 2021, 2107.00630.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from core.inputs import integer
from core.models.ddpm.diffusion import CLASSES, DDPM, check_labels
from core.models.ddpm.forward import noised, to_process
from core.models.ddpm.schedule import Schedule

DROPPED = 0.1  # share of labels that training hides


def loss(
    net: Any,
    x0: Tensor,
    labels: Tensor,
    schedule: Schedule,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return one batch's loss, its t (B,) and each image's mean (v − v̂)² (B,).

    Args:
        net: a DDPM, or what stands for it in training.
        x0: in [−1, 1], (B, 1, 28, 28).
        labels: (B,); a tenth is dropped here.
        schedule: of training.
        generator: of t, ε and the dropped labels.
    """
    B, device = len(x0), x0.device
    u = (torch.arange(B, device=device) + torch.rand(B, generator=generator, device=device)) / B
    t = 1 + (u * schedule.steps).long().clamp(max=schedule.steps - 1)  # (B,)
    kept = schedule.alpha_bar.to(device)[t]
    noise = torch.randn(x0.shape, generator=generator, device=device)
    hide = torch.rand(B, generator=generator, device=device) < DROPPED
    said = net(noised(x0, kept, noise), kept, labels.masked_fill(hide, CLASSES))
    signal, sigma = (p.to(x0.dtype).view(-1, 1, 1, 1) for p in (kept.sqrt(), (1 - kept).sqrt()))
    each = (said.float() - (signal * noise - sigma * x0)).square().mean((1, 2, 3))
    return each.mean(), t, each


@torch.no_grad()
def loss_by_t(
    model: DDPM,
    images: Tensor,
    labels: Tensor | None,
    times: Sequence[int],
    generator: torch.Generator | None = None,
) -> dict[str, list[float]]:
    """Return the mean squared errors at some times: t, eps (ε − ε̂)², x0 (x_0 − x̂_0)², v (v − v̂)².

    Args:
        model: any.
        images: (B, 1, 28, 28) in [0, 1].
        labels: (B,), or None for none.
        times: 1 to T.
        generator: of ε, drawn once: the same for every t.
    """
    x0 = to_process(images.to(next(model.parameters())))
    noise = torch.randn(x0.shape, generator=generator).to(x0)
    rows = None if labels is None else check_labels(labels, len(x0))
    found: dict[str, list[float]] = {"t": [], "eps": [], "x0": [], "v": []}
    for t in times:
        kept = model.schedule.at(integer("t", t, 1, model.schedule.steps))["alpha_bar"]
        eps_hat, x0_hat = model.predict(noised(x0, kept, noise), kept, rows)
        error = (eps_hat - noise).square().mean().item()
        far = (x0_hat - x0).square().mean().item()
        found["t"].append(t)
        found["eps"].append(error)
        found["x0"].append(far)
        found["v"].append(error / kept)  # v − v̂ = (ε − ε̂) / √ᾱ
    return found
