"""The training loss of the diffusion of digits, and its errors at each t.

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
from typing_extensions import TypedDict

from core.inputs import integer
from core.models.ddpm.config import CLASSES, check_labels
from core.models.ddpm.diffusion import DDPM
from core.models.ddpm.forward import add_noise, to_process
from core.models.ddpm.schedule import Schedule

DROPPED = 0.1  # share of labels that training hides


class Errors(TypedDict):
    """Mean squared errors at some t, lists of equal length."""

    t: list[int]
    eps: list[float]  # (ε − ε̂)²
    x0: list[float]  # (x_0 − x̂_0)²
    v: list[float]  # (v − v̂)²


def loss(
    net: Any,
    x0: Tensor,
    labels: Tensor,
    schedule: Schedule,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return one batch's loss, its t (B,) and each image's mean (v − v̂)² (B,).

    Args:
        net: a DDPM, or a compiled one in its place: (x_t, ᾱ_t, labels) -> v̂.
        x0: in [−1, 1], (B, 1, 28, 28).
        labels: (B,); a tenth is dropped here.
        schedule: of training.
        generator: of t, ε and the dropped labels.
    """
    B, device = len(x0), x0.device
    u = (torch.arange(B, device=device) + torch.rand(B, generator=generator, device=device)) / B
    t = 1 + (u * schedule.steps).long().clamp(max=schedule.steps - 1)  # (B,)
    alpha_bar = schedule.alpha_bar.to(device)[t]
    noise = torch.randn(x0.shape, generator=generator, device=device)
    hide = torch.rand(B, generator=generator, device=device) < DROPPED
    said = net(add_noise(x0, alpha_bar, noise), alpha_bar, labels.masked_fill(hide, CLASSES))
    roots = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
    signal, sigma = (part.to(x0.dtype).view(-1, 1, 1, 1) for part in roots)
    each = (said.float() - (signal * noise - sigma * x0)).square().mean((1, 2, 3))
    return each.mean(), t, each


@torch.no_grad()
def loss_by_t(
    model: DDPM,
    images: Tensor,
    labels: Tensor | None,
    times: Sequence[int],
    generator: torch.Generator | None = None,
) -> Errors:
    """Return a model's mean squared errors at some times.

    Args:
        model: trained or not.
        images: (B, 1, 28, 28) in [0, 1].
        labels: (B,), or None for none.
        times: 1 to T.
        generator: of ε, drawn once: the same for every t.

    Raises:
        InputError: a time or a label is not that.
    """
    x0 = to_process(images.to(next(model.parameters())))
    noise = torch.randn(x0.shape, generator=generator).to(x0)
    rows = None if labels is None else check_labels(labels, len(x0))
    found: Errors = {"t": [], "eps": [], "x0": [], "v": []}
    for t in times:
        alpha_bar = model.schedule.at(integer("t", t, 1, model.schedule.steps))["alpha_bar"]
        eps_hat, x0_hat = model.predict(add_noise(x0, alpha_bar, noise), alpha_bar, rows)
        error = (eps_hat - noise).square().mean().item()
        far = (x0_hat - x0).square().mean().item()
        found["t"].append(t)
        found["eps"].append(error)
        found["x0"].append(far)
        found["v"].append(error / alpha_bar)  # v − v̂ = (ε − ε̂) / √ᾱ
    return found
