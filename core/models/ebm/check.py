"""The independent computations for energies and Langevin dynamics: finite differences, torch's
distributions, optimisers and layers. See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from core.models.ebm.ebm_traces import LangevinStep

STEP = 1e-5  # of a central difference


def langevin_step_delta(k: Any, trace: LangevinStep) -> Delta:
    """Compare `langevin.langevin_step` on E(x) = ½ Σ k x² with torch's autograd, optimiser, noise.

    The descent is one step of torch.optim.SGD at rate ε/2, the noise N(·, ε) in torch.distributions
    as a transform of ξ.
    """
    import torch
    from torch.distributions.transforms import AffineTransform

    at = torch.tensor(np.asarray(trace["x"], dtype=float)).requires_grad_()
    energy = (torch.as_tensor(np.asarray(k, dtype=float)) * at**2).sum() / 2
    energy.backward()
    gradient = at.grad
    torch.optim.SGD([at], lr=trace["half_step"]).step()
    xi = torch.as_tensor(np.asarray(trace["noise"], dtype=float))
    after = AffineTransform(at.detach(), (2 * trace["half_step"]) ** 0.5)(xi)
    deltas = [largest(gradient, trace["gradient"]), largest(after, trace["x_next"])]
    return delta_of(deltas, "torch.autograd, torch.optim.SGD, torch.distributions")


def slope_delta(energy: Callable[[Any], Any], x: Any, gradient: Any) -> Delta:
    """Compare ∇E at points with central differences in float64.

    Args:
        energy: (B, D) -> (B,).
        x: (B, D).
        gradient: (B, D), ours there.
    """
    import torch

    at, theirs = x.detach().double(), []
    with torch.no_grad():
        for d in range(at.shape[1]):
            by = torch.zeros_like(at)
            by[:, d] = STEP
            theirs.append((energy(at + by) - energy(at - by)).double() / (2 * STEP))
    return delta_of([largest(torch.stack(theirs, 1), gradient)], "central differences, float64")


def mixture_delta(target: Any, x: Any, energy: Any) -> Delta:
    """Compare E(x) = −log p(x) of a `densities.Mixture` with torch.distributions, (B,)."""
    from torch import distributions as d

    parts = d.Independent(d.Normal(target.centres, target.sigma), 1)
    mixture = d.MixtureSameFamily(d.Categorical(target.weights), parts)
    theirs = -mixture.log_prob(x.double())
    return delta_of([largest(theirs, energy)], "torch.distributions.MixtureSameFamily")


def net_slope_delta(
    weights: dict, wall: float, waves: tuple[float, ...], at: Any, gradient: Any
) -> Delta:
    """Compare ∇E of the plane's learned energy with torch.nn's layers in float64.

    Args:
        weights: w0 (width, 14), b0, w1, … of `core.models.ebm.ebm2d`.
        wall: its S.
        waves: its k.
        at: (N, 2).
        gradient: (N, 2), ours there.
    """
    import torch

    layers: list[Any] = []
    for i in range(len(weights) // 2):
        rows, columns = weights[f"w{i}"].shape
        layer = torch.nn.Linear(columns, rows, device="meta")
        layer.weight = torch.nn.Parameter(weights[f"w{i}"].double())
        layer.bias = torch.nn.Parameter(weights[f"b{i}"].double())
        layers += [layer, torch.nn.SiLU()]
    x = at.detach().double().requires_grad_()
    seen = torch.cat([x, *(torch.sin(k * x) for k in waves), *(torch.cos(k * x) for k in waves)], 1)
    value = torch.nn.Sequential(*layers[:-1])(seen).sum() + (x**2).sum() / (2 * wall**2)
    (theirs,) = torch.autograd.grad(value, x)
    return delta_of([largest(theirs, gradient)], "torch.nn, float64")


def partition_delta(log_z: float, wall: float, reach: float) -> Delta:
    """Compare log Z of E(x) = |x|² / (2 S²) over [−R, R]² with its closed form by erf."""
    import torch

    share = torch.erf(torch.tensor(reach / wall, dtype=torch.float64) / 2**0.5) ** 2
    theirs = torch.log(2 * torch.pi * wall**2 * share)
    return delta_of([largest(theirs, log_z)], "log Z, torch.erf")


def image_step_delta(model: Any, x: Any, after: Any) -> Delta:
    """Compare one step of a digit's chain without noise with torch's optimiser in float64.

    ∇E comes from a copy of the net in float64, the clipping from torch.nn.utils, the descent from
    torch.optim.SGD.

    Args:
        model: core.models.ebm.energy.EBM; it is copied.
        x: images (n, 1, 28, 28) in [0, 1].
        after: the images after a step of the model's own size without noise.
    """
    import copy

    import torch

    c = model.config
    at = torch.nn.Parameter(x.detach().double())
    copy.deepcopy(model).double()(at).sum().backward()
    torch.nn.utils.clip_grad_value_([at], c.clip)
    torch.optim.SGD([at], lr=c.step_size).step()
    return delta_of([largest(at.detach().clamp(0, 1), after)], "torch.optim.SGD, float64")


def mean_energy(energy: Callable[[Any], Any], bounds: Any, temperature: float) -> float:
    """Compute the mean of E under p ∝ exp(−E / T) in nats, by a midpoint rule on 200² cells.

    Args:
        energy: (B, 2) -> (B,).
        bounds: x0, x1, y0, y1; p has to be negligible outside.
        temperature: T; at 0 the smallest E of the cells.
    """
    import torch

    from core.data.densities import grid

    values = torch.cat([energy(part) for part in grid(bounds, 200).split(10_000)])
    low = values.min()
    if temperature <= 0:
        return low.item()
    share = (-(values - low) / temperature).softmax(0)
    return (share * values).sum().item()
