"""Independent computations of the GANs' numbers; core.measure.deltas defines a delta.

by hand    torch's layers, losses and automatic differentiation in float64, from the raw inputs
plane      the same, from the weights in a run's state
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

AGAINST = "torch.nn, torch.autograd"


# ---- by hand


def discriminator_delta(x: Any, w1: Any, w2: Any, label: int, trace: Mapping[str, Any]) -> Delta:
    """Compare `by_hand.gan_backward` with torch.nn.Linear and BCEWithLogitsLoss."""
    import torch

    given = _leaf(x).reshape(1, -1).requires_grad_()  # (1, n)
    net = _discriminator(w1, w2, given.shape[1])
    loss = torch.nn.BCEWithLogitsLoss()(net(given)[:, 0], given.new_tensor([float(label)]))
    hidden, out = net[0].weight, net[2].weight
    found = torch.autograd.grad(loss, [given, hidden, out])
    with torch.no_grad():
        a, z = net[:2](given), net(given)
    pairs = [(a[0], "a"), (z[0, 0], "z"), (torch.sigmoid(z)[0, 0], "D"), (loss, "loss")]
    pairs += [(found[0][0], "dx"), (found[1], "dw1"), (found[2][0], "dw2")]
    deltas = [largest(theirs, trace[name]) for theirs, name in pairs]
    return delta_of(deltas, AGAINST)


def generator_delta(
    u: Any, v1: Any, v2: Any, w1: Any, w2: Any, loss: str, trace: Mapping[str, Any]
) -> Delta:
    """Compare `by_hand.generator_step` with torch: minimax is −BCE with label 0, non-saturating
    is BCE with label 1.
    """
    import torch

    given = _leaf(u).reshape(1, -1)  # (1, m)
    v1, v2 = _leaf(v1).reshape(-1, given.shape[1]), _leaf(v2)
    generator = torch.nn.Sequential(_linear(v1), torch.nn.Tanh(), _linear(v2.reshape(-1, len(v1))))
    x = generator(given)  # (1, n)
    z = _discriminator(w1, w2, x.shape[1])(x)[:, 0]
    bce = torch.nn.BCEWithLogitsLoss()
    value = bce(z, z.new_ones(1)) if loss == "non-saturating" else -bce(z, z.new_zeros(1))
    leaves = [x, z, generator[0].weight, generator[2].weight]
    dx, dz, dv1, dv2 = torch.autograd.grad(value, leaves)
    pairs = [(x[0], "x"), (z[0], "z"), (value, "loss"), (dx[0], "dx"), (dz[0], "dz")]
    pairs += [(dv1, "dv1"), (dv2, "dv2")]
    deltas = [largest(theirs, trace[name]) for theirs, name in pairs]
    return delta_of(deltas, AGAINST)


def _discriminator(w1: Any, w2: Any, inputs: int) -> Any:
    """Return the slide's net as torch's layers."""
    import torch

    hidden = _linear(_leaf(w1).reshape(-1, inputs))
    return torch.nn.Sequential(hidden, torch.nn.Sigmoid(), _linear(_leaf(w2).reshape(1, -1)))


def _linear(weight: Any) -> Any:
    """Return a torch.nn.Linear without bias; made on "meta", so that nothing is drawn."""
    import torch

    layer = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False, device="meta")
    layer.weight = torch.nn.Parameter(weight)
    return layer


def _leaf(value: Any) -> Any:
    import torch

    return torch.tensor(np.asarray(value, dtype=float))


# ---- on the line


def optimal_delta(shifts: Any, sigma: float, js: Any, best: Any, at: float) -> Delta:
    """Compare JS of N(0, σ²) and N(shift, σ²) and D* at a place with SciPy's densities and
    adaptive quadrature.

    Args:
        shifts: (K,).
        sigma: of both.
        js: ours in nats, (K,).
        best: our D*(at), (K,).
        at: a place on the line.
    """
    from scipy.integrate import quad
    from scipy.stats import norm

    def log(x: float, mean: float) -> float:
        return float(norm.logpdf(x, mean, sigma))

    def term(x: float, own: float, other: float) -> float:
        middle = np.logaddexp(log(x, own), log(x, other)) - np.log(2)
        return np.exp(log(x, own)) * (log(x, own) - middle)

    deltas = []
    for shift, ours, D in zip(shifts, js, best):
        half = sum(
            quad(term, own - 12 * sigma, own + 12 * sigma, (own, other), points=[own])[0]
            for own, other in ((0.0, shift), (shift, 0.0))
        )
        deltas.append(abs(half / 2 - ours))
        deltas.append(abs(1 / (1 + np.exp(log(at, shift) - log(at, 0.0))) - D))
    return delta_of(deltas, "scipy.stats.norm, scipy.integrate.quad")


# ---- in the plane


def push_delta(state: Mapping[str, Any], settings: Any, at: Any, push: Any) -> Delta:
    """Compare −∂L_G/∂x at generated points with torch's layers and losses in float64.

    Args:
        state: of `core.models.gan.gan2d`.
        settings: of the same run.
        at: (N, 2), the points; with packs, N is cut to whole ones.
        push: (N, 2), what `gan2d_picture.describe` found there.
    """
    import torch

    many = len(at) - len(at) % settings.pack
    x = _leaf(at[:many]).requires_grad_()
    out = _plain(state["d"], settings.sizes("d"))(x.reshape(-1, 2 * settings.pack))[:, 0]
    bce, sums = torch.nn.BCEWithLogitsLoss(reduction="sum"), torch.nn.MSELoss(reduction="sum")
    own = {
        "minimax": lambda: -bce(out, torch.zeros_like(out)),
        "non-saturating": lambda: bce(out, torch.ones_like(out)),
        "least-squares": lambda: sums(out, torch.ones_like(out)) / 2,
    }.get(settings.loss, lambda: -out.sum())
    (down,) = torch.autograd.grad(own(), x)
    return delta_of([largest(-down, push[:many])] if many else [0.0], "torch.nn, float64")


def points_delta(state: Mapping[str, Any], settings: Any, z: Any, fake: Any) -> Delta:
    """Compare generated points (N, 2) with torch's layers in float64, from their z (N, latent)."""
    import torch

    with torch.no_grad():
        theirs = _plain(state["g"], settings.sizes("g"))(_leaf(z))
    return delta_of([largest(theirs, fake)], "torch.nn, float64")


def near_delta(fake: Any, real: Any, w1: float) -> Delta:
    """Compare W₁ of two sets of points (n, 2) with the dual problem's value.

    No pairing is shorter than the mean of u_i + v_j where u_i + v_j ≤ |x_i − y_j| throughout. Such
    u and v are found from a pairing by shortest paths, in NumPy; the delta is how far the value is
    from W₁, or by how much an inequality fails.
    """
    from scipy.optimize import linear_sum_assignment

    first, second = np.asarray(fake, dtype=float), np.asarray(real, dtype=float)
    far = np.hypot(*(np.subtract.outer(first[:, k], second[:, k]) for k in (0, 1)))
    far = far[:, linear_sum_assignment(far)[1]]  # i is paired with i
    steps, v = far - np.diag(far)[:, None], np.zeros(len(far))
    for _ in range(len(far)):
        shorter = np.minimum(v, (v[:, None] + steps).min(0))
        if np.array_equal(shorter, v):
            break
        v = shorter
    u = (far - v).min(1)
    return {
        "delta": relative_gap(np.array([u.mean() + v.mean()]), [w1]),
        "against": "numpy: the dual of W₁",
    }


def covered_delta(fake: Any, centres: Any, sigma: float, covered: int) -> Delta:
    """Compare the number of covered modes with a count by NumPy: centres (M, 2), points (N, 2)."""
    far = np.linalg.norm(np.asarray(fake, dtype=float)[:, None] - np.asarray(centres), axis=2)
    near = (far == far.min(1, keepdims=True)) & (far <= 3 * sigma)
    theirs = np.sum(near.sum(0) >= 0.1 * len(far) / far.shape[1])
    return {"delta": abs(float(theirs) - covered), "against": "numpy: modes"}


def _plain(flat: Any, sizes: tuple[int, ...]) -> Any:
    """Return the plane's net, given as one vector of weights, as torch's layers."""
    import torch

    layers: list[Any] = []
    weights = flat.double()
    for columns, rows in zip(sizes, sizes[1:]):
        layer = torch.nn.Linear(columns, rows, device="meta")
        matrix, bias, weights = weights.split(
            [rows * columns, rows, len(weights) - rows * (columns + 1)]
        )
        layer.weight = torch.nn.Parameter(matrix.view(rows, columns))
        layer.bias = torch.nn.Parameter(bias)
        layers += [layer, torch.nn.LeakyReLU(0.2)]
    return torch.nn.Sequential(*layers[:-1])


def relative_gap(theirs: np.ndarray, ours: Any) -> float:
    """Return the largest difference, relative to the largest entry where that exceeds 1."""
    difference = np.abs(theirs - np.asarray(ours, dtype=float)).max()
    return float(difference / max(1.0, np.abs(theirs).max()))
