"""The independent computations for energies and Langevin dynamics: finite differences, torch's
distributions and layers, the net of digits written out in numpy. See core.measure.deltas for what a
delta is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from core.models.ebm.ebm_traces import LangevinStep

STEP = 1e-5  # of a central difference
CONVOLUTIONS = ((1, 1), (3, 2), (5, 2), (7, 2))  # their places in the net of digits, and strides


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


def metropolis_delta(sigma: float, step: float, x: Any, proposed: Any, log: Any) -> Delta:
    """Compare log a of steps on E = x²/(2σ²), all (B, 1), with densities of torch.distributions."""
    from torch import distributions as d

    def reach(start: Any, end: Any) -> Any:
        return d.Normal(start * (1 - step / (2 * sigma**2)), step**0.5).log_prob(end)

    target = d.Normal(0.0, sigma)
    ratio = target.log_prob(proposed) - target.log_prob(x) + reach(proposed, x) - reach(x, proposed)
    return delta_of([largest(ratio[:, 0], log)], "log a, torch.distributions.Normal")


def image_slope(weights: dict[str, Any], x: Any) -> tuple[np.ndarray, np.ndarray]:
    """Compute E and ∇E of images (B, 28, 28) in numpy, float64: sums over the kernels' entries
    forth, the chain rule written out back.

    Args:
        weights: of core.models.ebm.energy.EBM by their names, as numpy arrays.
        x: in [0, 1].

    Returns:
        E (B,) and ∇E (B, 28, 28).
    """
    w = {name: np.asarray(value, dtype=np.float64) for name, value in weights.items()}
    x = 2 * np.asarray(x, dtype=np.float64) - 1
    at = np.stack([x[:, i::2, j::2] for i in (0, 1) for j in (0, 1)], 1)  # (B, 4, 14, 14)
    layers = [(w[f"net.{n}.weight"], w[f"net.{n}.bias"], s) for n, s in CONVOLUTIONS]
    slopes, sizes = [], []
    for kernel, bias, stride in layers:
        sizes.append(at.shape[2])
        at = _convolve(at, kernel, stride) + bias[:, None, None]
        slopes.append(_silu_slope(at))
        at = at / (1 + np.exp(-at))
    shape, hidden = at.shape, at.reshape(len(at), -1) @ w["net.10.weight"].T + w["net.10.bias"]
    energy = hidden / (1 + np.exp(-hidden)) @ w["net.12.weight"][0] + w["net.12.bias"]
    back = (_silu_slope(hidden) * w["net.12.weight"]) @ w["net.10.weight"]
    back = back.reshape(shape)
    for (kernel, _, stride), slope, size in zip(layers[::-1], slopes[::-1], sizes[::-1]):
        back = _spread(back * slope, kernel, stride, size)
    gradient = np.empty_like(x)
    for n, (i, j) in enumerate((i, j) for i in (0, 1) for j in (0, 1)):
        gradient[:, i::2, j::2] = 2 * back[:, n]
    return energy, gradient


def _silu_slope(v: np.ndarray) -> np.ndarray:
    """Return the derivative of v / (1 + e^−v)."""
    share = 1 / (1 + np.exp(-v))
    return share * (1 + v * (1 - share))


def _convolve(x: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """Sum a 3 x 3 kernel's entries over maps (B, C, H, W) with a border of zeros."""
    side = (x.shape[2] - 1) // stride + 1
    wide = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    out = np.zeros((len(x), len(kernel), side, side))
    for i, j in np.ndindex(3, 3):
        seen = wide[:, :, i : i + stride * side : stride, j : j + stride * side : stride]
        out += np.einsum("bchw,oc->bohw", seen, kernel[:, :, i, j], optimize=True)
    return out


def _spread(back: np.ndarray, kernel: np.ndarray, stride: int, size: int) -> np.ndarray:
    """Carry slopes (B, O, h, w) back through `_convolve` to its maps (B, C, size, size)."""
    side = back.shape[2]
    wide = np.zeros((len(back), kernel.shape[1], size + 2, size + 2))
    for i, j in np.ndindex(3, 3):
        part = np.einsum("bohw,oc->bchw", back, kernel[:, :, i, j], optimize=True)
        wide[:, :, i : i + stride * side : stride, j : j + stride * side : stride] += part
    return wide[:, :, 1:-1, 1:-1]


def image_slope_delta(weights: dict[str, Any], x: Any, gradient: Any) -> Delta:
    """Compare ∇E of images, both (n, 28, 28), with `image_slope`."""
    import torch

    theirs = torch.from_numpy(image_slope(weights, x)[1])
    return delta_of([largest(theirs, gradient)], "∇E: numpy, float64")


def image_step_delta(
    weights: dict[str, Any], x: Any, energy: Any, after: Any, step_size: float, clip: float
) -> Delta:
    """Compare E of a digit's chain, and a step of it without noise, with `image_slope`.

    Args:
        weights: of the net, as of `image_slope`.
        x: images (n, 28, 28) in [0, 1].
        energy: E there, (n,).
        after: the images after a step without noise.
        step_size: η.
        clip: largest magnitude of an entry of the gradient that a step follows.
    """
    import torch

    theirs, gradient = image_slope(weights, x)
    step = np.clip(np.asarray(x) - step_size * np.clip(gradient, -clip, clip), 0, 1)
    deltas = [largest(torch.from_numpy(a), b) for a, b in ((theirs, energy), (step, after))]
    return delta_of(deltas, "E, ∇E: numpy, float64")


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
