"""Check convolutions, receptive fields and explanations by torch's own operators and by autograd.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from torch import Tensor, nn

    from core.models.cnn.convolution import Convolution, KernelGradient
    from core.models.cnn.receptive import Field
    from core.models.cnn.shifts import Moves
    from core.models.cnn.transposed import Overlap, Spread
    from core.models.cnn.unit import Unit


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


def correlate_delta(
    image: ArrayLike,
    kernel: ArrayLike,
    trace: Convolution,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    flip: bool = False,
) -> Delta:
    """Compare `convolution.convolve` with scipy's, of a kernel with zeros between its entries."""
    import torch
    from scipy import signal

    x, k = np.pad(np.asarray(image, float), padding), np.asarray(kernel, float)
    if flip and dilation > 1:
        k = k[::-1, ::-1]  # the turned kernel is spread
    wide = np.zeros([dilation * (n - 1) + 1 for n in k.shape])
    wide[::dilation, ::dilation] = k
    way = "convolve2d" if flip and dilation == 1 else "correlate2d"
    wanted = getattr(signal, way)(x, wide, "valid")[::stride, ::stride]
    return delta_of([largest(torch.as_tensor(wanted.copy()), trace["out"])], f"scipy.signal.{way}")


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


def finite_delta(
    image: ArrayLike, kernel: ArrayLike, target: ArrayLike, gradient: ArrayLike, step: float = 1e-4
) -> Delta:
    """Compare ∂L/∂K of L = ½ Σ (out − target)² with central differences through F.conv2d."""
    import torch
    import torch.nn.functional as F

    x, k, wanted = _map(image), _map(kernel), _map(target)
    found = torch.zeros_like(k)
    for at in np.ndindex(*k.shape):
        ends = []
        for way in (step, -step):
            moved = k.clone()
            moved[at] += way
            ends.append(((F.conv2d(x, moved) - wanted) ** 2).sum() / 2)
        found[at] = (ends[0] - ends[1]) / (2 * step)
    return delta_of([largest(found[0, 0], gradient)], "(L(K + ε) − L(K − ε)) / 2ε")


def moves_delta(
    image: ArrayLike,
    kernel: ArrayLike,
    by: tuple[int, int],
    trace: Moves,
    edges: str = "wrap",
    stride: int = 1,
    pool: int = 1,
) -> Delta:
    """Compare `shifts.moves` with torch's padding, convolution and pooling of rolled pictures."""
    import torch
    import torch.nn.functional as F

    def layer(x: Tensor) -> Tensor:
        around = [k.shape[3] // 2, k.shape[3] // 2, k.shape[2] // 2, k.shape[2] // 2]
        padded = F.pad(x, around, mode="circular" if edges == "wrap" else "constant")
        return F.max_pool2d(F.conv2d(padded, k, stride=stride), pool)

    x, k = _map(image), _map(kernel)
    first = layer(torch.roll(x, by, (2, 3)))[0, 0]
    last = torch.roll(layer(x), [n // (stride * pool) for n in by], (2, 3))[0, 0]
    deltas = [largest(first, trace["move_first"]), largest(last, trace["move_last"])]
    return delta_of(deltas, "torch.nn.functional.conv2d, torch.roll")


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
    """Compare the sum of integrated gradients with f(x) − f(0), relative to that unless it is 0.

    Args:
        model: images (B, 1, 28, 28) to logits.
        x: (1, 1, 28, 28).
        label: whose logit f is.
        total: Σ of the map.
    """
    import torch

    with torch.no_grad():
        gap = (model(x) - model(torch.zeros_like(x)))[0, label].item()
    off = abs(total - gap)
    against = "f(x) − f(0), two passes of the net"
    return {"delta": off / abs(gap) if gap else off, "against": against}


def net_delta(model: nn.Module, x: Tensor, found: Sequence[tuple[str, Tensor]]) -> Delta:
    """Compare `walk.walk` of a net of convolutions, ReLU, pooling and dense layers with scipy.

    Args:
        model: whose `layers` run one after another.
        x: one image (1, 1, 28, 28).
        found: name and values of each layer.
    """
    import torch
    from scipy.signal import correlate2d

    maps, deltas = x[0].double().numpy(), []
    for part, (name, values) in zip(cast("nn.Sequential", model.layers), found):
        weights = {key: value.double().numpy() for key, value in part.named_parameters()}
        kind = name.split()[0]
        if kind == "conv":
            rows = [
                sum(correlate2d(m, k, "same") for m, k in zip(maps, kernel)) + bias
                for kernel, bias in zip(weights["weight"], weights["bias"])
            ]
            maps = np.array(rows)
        elif kind == "dense":
            maps = weights["weight"] @ maps + weights["bias"]
        elif kind == "pool":
            side = maps.shape[-1] // 2
            maps = maps.reshape(-1, side, 2, side, 2).max((2, 4))
        else:
            maps = np.maximum(maps, 0) if kind == "relu" else maps.ravel()
        deltas.append(largest(torch.as_tensor(maps), values[0].double()))
    return delta_of(deltas, "scipy.signal.correlate2d, numpy")


def unit_delta(trace: Unit, value: float) -> Delta:
    """Compare a unit taken apart with torch's operator on its patch, and with the net's value."""
    import torch
    import torch.nn.functional as F

    patch, kernel = (torch.as_tensor(trace[name])[None] for name in ("patch", "kernel"))
    if trace["kind"] == "pool":
        found = F.max_pool2d(patch, list(patch.shape[2:]))
    else:
        found = F.conv2d(patch, kernel) + trace["bias"]
    name = "max_pool2d" if trace["kind"] == "pool" else "conv2d"
    deltas = [abs(found.item() - trace["sum"]), abs(value - trace["sum"])]
    return delta_of(deltas, f"torch.nn.functional.{name}")


def slope_delta(
    model: nn.Module, x: Tensor, label: int, found: Tensor, step: float = 1e-5
) -> Delta | None:
    """Compare |∂f/∂x| with central differences in float64, at the inked pixels where it is largest.

    Where pixels are alike ReLU and pooling have a kink and f no slope: left and right of x it rises
    differently. Such pixels are left out; None where there is no other.

    Args:
        model: images (B, 1, 28, 28) to logits.
        x: (1, 1, 28, 28).
        label: whose logit f is.
        found: (28, 28).
        step: ε.
    """
    import copy

    import torch

    exact, inked = copy.deepcopy(model).double(), (found * (x[0, 0] > 0)).flatten()
    at = inked.topk(24).indices
    moved = torch.zeros(24, 784, dtype=torch.float64)
    moved[torch.arange(24), at] = step
    with torch.no_grad():
        ends = [exact(x.double() + way * moved.view(24, 1, 28, 28))[:, label] for way in (1, 0, -1)]
    up, down = (ends[0] - ends[1]) / step, (ends[1] - ends[2]) / step
    smooth = ((up - down).abs() < 1e-4) & (x.flatten()[at] > 0)
    if not smooth.any():
        return None
    slopes = ((up + down) / 2).abs()[smooth]
    return delta_of([largest(slopes, inked[at][smooth].double())], "(f(x + ε) − f(x − ε)) / 2ε")


def _map(values: Any) -> Tensor:
    """Return a picture as torch's operators take it, (1, 1, H, W)."""
    import torch

    return torch.as_tensor(np.array(values, dtype=float))[None, None]
