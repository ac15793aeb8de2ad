"""The independent computations for the GAN's by-hand steps: torch's layers, losses and automatic
differentiation in float64, from the raw inputs. See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest


def discriminator_delta(x: Any, w1: Any, w2: Any, label: int, trace: dict) -> Delta:
    """Compare `gan_step.gan_backward` with torch.nn.Linear and BCEWithLogitsLoss."""
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
    return delta_of(deltas, "torch.nn.Linear, BCEWithLogitsLoss, torch.autograd")


def generator_delta(u: Any, v1: Any, v2: Any, w1: Any, w2: Any, loss: str, trace: dict) -> Delta:
    """Compare `gan_step.generator_step` with torch: minimax is −BCE with label 0, non-saturating
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
    return delta_of(deltas, "torch.nn.Linear, BCEWithLogitsLoss, torch.autograd")


def push_delta(state: dict, settings: Any, at: Any, push: Any) -> float:
    """Compare −∂L_G/∂x at generated points with torch's layers and losses in float64.

    Args:
        state: of `core.models.gan.gan2d`.
        settings: of the same run.
        at: (N, 2), the points; with packs, N is cut to whole ones.
        push: (N, 2), what `plane_gan_picture.describe` found there.

    Returns:
        The largest difference, as a share of the largest entry of `push` if that is above 1.
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
    return largest(-down, push[:many]) / max(1.0, float(np.abs(push).max(initial=0.0)))


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
