"""Check the PixelCNN and its arithmetic by independent computations in torch.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from torch import Tensor

    from core.models.pixelcnn.by_hand import AllImages, Chain, Image
    from core.models.pixelcnn.gated import PixelCNN
    from core.models.pixelcnn.reach import BlindSpot


def chain_delta(p1: float, p2: Sequence[float], p3: Sequence[float], trace: Chain) -> Delta:
    """Compare `by_hand.chain` with torch.distributions.Bernoulli, an image at a time."""
    import torch
    from torch.distributions import Bernoulli

    wanted = []
    for a, b, c in itertools.product((0, 1), repeat=3):
        shares = torch.tensor([p1, p2[a], p3[2 * a + b]], dtype=torch.float64)
        x = torch.tensor([a, b, c], dtype=torch.float64)
        wanted.append(Bernoulli(shares).log_prob(x).exp())  # (3,)
    factors = torch.stack(wanted)
    whole = factors.log().sum(1).exp()
    deltas = [largest(factors, trace["factors"]), largest(whole, trace["p"])]
    return delta_of([*deltas, largest(whole.sum(), trace["total"])], "torch.distributions")


def order_delta(p: ArrayLike, order: Sequence[int], factors: ArrayLike) -> Delta:
    """Compare `by_hand.in_order` with sums over all images that agree on what is known."""
    import torch

    shares = torch.as_tensor(np.asarray(p, dtype=float))
    n = len(order)
    images = list(itertools.product((0, 1), repeat=n))
    wanted = torch.empty(len(images), n, dtype=torch.float64)
    for row, x in enumerate(images):
        for k in range(n):
            known, there = order[: k + 1], order[:k]
            agree = torch.tensor([all(y[i] == x[i] for i in known) for y in images])
            given = torch.tensor([all(y[i] == x[i] for i in there) for y in images])
            wanted[row, k] = shares[agree].sum() / shares[given].sum()
    whole = largest(wanted.prod(1), np.prod(np.asarray(factors), axis=1))
    return delta_of([largest(wanted, factors), whole], "sums over all images in torch")


def image_delta(x: ArrayLike, kernel: ArrayLike, bias: float, trace: Image) -> Delta:
    """Compare `by_hand.image` with F.conv2d and torch's cross-entropy of logits."""
    import torch
    import torch.nn.functional as F

    x = torch.as_tensor(np.asarray(x, dtype=float))
    logits = _logits(x[None], kernel, bias, trace["mask"])[0]
    nats = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    deltas = [largest(logits, trace["logits"]), largest(logits.sigmoid(), trace["p_one"])]
    deltas += [largest(nats, trace["nats"]), largest(nats.sum(), trace["total"])]
    return delta_of(deltas, "torch.nn.functional.conv2d")


def all_images_delta(kernel: ArrayLike, bias: float, mask: ArrayLike, trace: AllImages) -> Delta:
    """Compare `by_hand.all_images` with F.conv2d over the 512 images, an outer loop of them."""
    import torch
    import torch.nn.functional as F

    rows = list(itertools.product((0.0, 1.0), repeat=9))
    x = torch.tensor(rows, dtype=torch.float64).view(-1, 3, 3)
    honest = [[1, 1, 1], [1, 0, 0], [0, 0, 0]]
    log_p, log_q = (
        -F.binary_cross_entropy_with_logits(_logits(x, kernel, bias, m), x, reduction="none").sum(
            (1, 2)
        )
        for m in (honest, mask)
    )
    p = log_p.exp()
    deltas = [largest(p, trace["p"]), largest(log_q.exp(), trace["q"])]
    deltas += [largest(-(p * log_p).sum(), trace["entropy"])]
    deltas += [largest(-(p * log_q).sum(), trace["loss"])]
    return delta_of([*deltas, largest(log_q.exp().sum(), trace["total"])], "torch's conv2d")


def blind_spot_delta(reach: int, trace: BlindSpot) -> Delta:
    """Compare `reach.blind_spot` with where autograd's gradient through such layers is not 0."""
    import torch
    import torch.nn.functional as F

    def rows(*given: Sequence[int]) -> Tensor:
        return torch.tensor(given, dtype=torch.float64).view(1, 1, 3, 3)

    def through(first: Tensor, later: Tensor) -> Tensor:
        x = torch.ones(1, 1, side, side, dtype=torch.float64, requires_grad=True)
        y = F.conv2d(x, first, padding=1)
        for _ in range(reach - 1):
            y = F.conv2d(y, later, padding=1)
        (found,) = torch.autograd.grad(y[0, 0, reach, reach], x)
        return found[0, 0] > 0

    side, none = 2 * reach + 1, (0, 0, 0)
    one = through(rows((1, 1, 1), (1, 0, 0), none), rows((1, 1, 1), (1, 1, 0), none))
    up = through(rows((1, 1, 1), none, none), rows((1, 1, 1), (1, 1, 1), none))
    left = through(rows(none, (1, 0, 0), none), rows(none, (1, 1, 0), none))
    deltas = [largest(one.double(), trace["one_stack"])]
    deltas += [largest(up.double(), trace["vertical"])]
    deltas += [largest(left.double(), trace["horizontal"])]
    deltas += [largest(one.sum().double(), trace["formula"])]
    return delta_of(deltas, "torch.autograd through masked conv2d")


def log_prob_delta(model: PixelCNN, x: ArrayLike, ours: Any, labels: Tensor | None = None) -> Delta:
    """Compare the nats of images with square kernels times masks of 0 and 1, in float64.

    Args:
        model: a core.models.pixelcnn.gated.PixelCNN; only its weights are read.
        x: (B, 1, S, S) of 0 and 1.
        ours: log p(x), (B,).
        labels: (B,) of a net with classes.
    """
    import torch
    import torch.nn.functional as F

    weights = {k: v.detach().double() for k, v in model.state_dict().items()}
    images, f = torch.as_tensor(np.asarray(x, dtype=float)), model.config.first

    def layer(name: str, h: Tensor, rows: int = 0, columns: int = 0, d: int = 1) -> Tensor:
        return _square(h, weights[f"{name}.weight"], weights[f"{name}.bias"], rows, columns, d)

    def gated(h: Tensor) -> Tensor:
        a, b = h.chunk(2, 1)
        return 2 * a.tanh() * torch.sigmoid(2 * b)

    place = (weights["first.rows"] + weights["first.columns"]).chunk(2, 1)
    v = layer("first.above", images, rows=1, columns=-f) + place[0]
    h = layer("first.left", images, columns=int(model.config.mask == "A")) + place[1] + v
    for k, d in enumerate(model.config.dilations):
        told = weights.get(f"blocks.{k}.classes.weight")
        add = (0.0, 0.0) if told is None else told[labels][:, :, None, None].chunk(2, 1)
        seen = layer(f"blocks.{k}.vertical", v, columns=-d, d=d)
        left = layer(f"blocks.{k}.horizontal", h, d=d) + layer(f"blocks.{k}.down", seen) + add[1]
        v, h = v + gated(seen + add[0]), h + layer(f"blocks.{k}.out", gated(left))
    logits = layer("logit", layer("mix", h.relu()).relu())
    nats = F.binary_cross_entropy_with_logits(logits, images, reduction="none")
    return delta_of([largest(-nats.sum((1, 2, 3)), ours)], "square masked kernels in float64")


def _square(h: Tensor, kernel: Tensor, bias: Tensor, rows: int, columns: int, d: int) -> Tensor:
    """Convolve by a kernel that is put into a square of zeros around the pixel.

    Its last row stands `rows` above the pixel, its last column `columns` to the left.
    """
    import torch.nn.functional as F

    high, wide = ((n - 1) * d for n in kernel.shape[2:])
    reach = max(high + rows, wide + columns)
    square = kernel.new_zeros(*kernel.shape[:2], 2 * reach + 1, 2 * reach + 1)
    top, left = reach - rows - high, reach - columns - wide
    square[:, :, top : top + high + 1 : d, left : left + wide + 1 : d] = kernel
    return F.conv2d(h, square, bias, padding=reach)


def _logits(x: Tensor, kernel: ArrayLike, bias: float, mask: ArrayLike) -> Tensor:
    """Return F.conv2d of images (N, 3, 3) by kernel times mask."""
    import torch
    import torch.nn.functional as F

    window = torch.as_tensor(np.asarray(kernel, dtype=float) * np.asarray(mask, dtype=float))
    return F.conv2d(x[:, None], window[None, None], padding=1)[:, 0] + bias
