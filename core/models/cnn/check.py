"""Check convolutions, receptive fields and explanations by torch's own operators and by autograd.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from torch import Tensor, nn

    from core.models.cnn.convolution import Convolution, KernelGradient
    from core.models.cnn.receptive import Field
    from core.models.cnn.transposed import Overlap, Spread


def convolve_delta(
    image: ArrayLike,
    kernel: ArrayLike,
    trace: Convolution,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> Delta:
    """Compare `convolution.convolve` with F.conv2d and, of the windows, with F.unfold."""
    import torch.nn.functional as F

    x, k = _map(image), _map(kernel)
    wanted = F.conv2d(x, k, None, stride, padding, dilation)[0, 0]
    under = F.unfold(x, k.shape[2:], dilation, padding, stride)[0].T
    under = under.reshape(*wanted.shape, *k.shape[2:])
    deltas = [largest(wanted, trace["out"]), largest(under, trace["windows"])]
    return delta_of([*deltas, largest(under * k, trace["products"])], "torch.nn.functional.conv2d")


def gradients_delta(
    image: ArrayLike,
    kernel: ArrayLike,
    grad: ArrayLike,
    trace: KernelGradient,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> Delta:
    """Compare `convolution.gradients` with autograd through F.conv2d."""
    import torch
    import torch.nn.functional as F

    x, k = _map(image).requires_grad_(), _map(kernel).requires_grad_()
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    out = F.conv2d(x, k, b, stride=stride, padding=padding, dilation=dilation)
    by_x, by_k, by_b = torch.autograd.grad(out, (x, k, b), _map(grad))
    deltas = [largest(by_k[0, 0], trace["kernel"]), largest(by_x[0, 0], trace["image"])]
    return delta_of([*deltas, largest(by_b[0], trace["bias"])], "torch.autograd")


def receptive_field_delta(layers: Sequence[tuple[int, int, int]], trace: Sequence[Field]) -> Delta:
    """Compare `receptive.receptive_field` with the reach of autograd's gradient on a line.

    Every layer is a convolution by ones; size and jump come from two neighbouring units.
    """
    import torch
    import torch.nn.functional as F

    deltas = []
    for n in range(1, len(layers) + 1):
        jump = int(np.prod([s for _, s, _ in layers[:n]]))
        size = (
            1
            + sum(  # an upper bound: the line is long enough for two units
                d * (k - 1) * int(np.prod([s for _, s, _ in layers[:i]]))
                for i, (k, _, d) in enumerate(layers[:n])
            )
        )
        x = torch.ones(1, 1, size + 2 * jump, dtype=torch.float64, requires_grad=True)
        y = x
        for k, s, d in layers[:n]:
            y = F.conv1d(y, torch.ones(1, 1, k, dtype=torch.float64), stride=s, dilation=d)
        ends = [torch.autograd.grad(y[0, 0, u], x, retain_graph=True)[0][0, 0] for u in (0, 1)]
        first, second = (torch.nonzero(end)[:, 0] for end in ends)
        span = (first.max() - first.min() + 1).double()
        apart = (second.min() - first.min()).double()
        deltas += [largest(span, trace[n - 1]["size"]), largest(apart, trace[n - 1]["jump"])]
    return delta_of(deltas, "torch.autograd through conv1d of ones")


def spread_delta(
    image: ArrayLike, kernel: ArrayLike, trace: Spread, stride: int = 1, padding: int = 0
) -> Delta:
    """Compare `transposed.spread` with F.conv_transpose2d, its overlaps with those of ones."""
    import torch
    import torch.nn.functional as F

    x, k = _map(image), _map(kernel)
    wanted = F.conv_transpose2d(x, k, stride=stride, padding=padding)[0, 0]
    ones = torch.ones_like(x), torch.ones_like(k)
    many = F.conv_transpose2d(*ones, stride=stride, padding=padding)[0, 0]
    deltas = [largest(wanted, trace["out"]), largest(many, trace["overlap"])]
    return delta_of(deltas, "torch.nn.functional.conv_transpose2d")


def overlaps_delta(
    inputs: int, kernel: int, stride: int, trace: Overlap, padding: int = 0
) -> Delta:
    """Compare `transposed.overlaps` with F.conv_transpose1d of ones."""
    import torch
    import torch.nn.functional as F

    x = torch.ones(1, 1, inputs, dtype=torch.float64)
    k = torch.ones(1, 1, kernel, dtype=torch.float64)
    wanted = F.conv_transpose1d(x, k, stride=stride, padding=padding)[0, 0]
    return delta_of([largest(wanted, trace["counts"])], "torch.nn.functional.conv_transpose1d")


def completeness_delta(model: nn.Module, x: Tensor, label: int, total: float) -> Delta:
    """Compare the sum of integrated gradients with f(x) − f(0), relative to that difference.

    Args:
        model: images (B, 1, 28, 28) to logits.
        x: (1, 1, 28, 28).
        label: whose logit f is.
        total: Σ of the map.
    """
    import torch

    with torch.no_grad():
        gap = (model(x) - model(torch.zeros_like(x)))[0, label].item()
    return {"delta": abs(total - gap) / abs(gap), "against": "f(x) − f(0), two passes of the net"}


def _map(values: Any) -> Tensor:
    """Return a picture as torch's operators take it, (1, 1, H, W)."""
    import torch

    return torch.as_tensor(np.array(values, dtype=float))[None, None]
