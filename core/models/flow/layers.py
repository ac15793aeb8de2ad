"""The layers that flows are built from: each a bijection that knows its log|det J|.

    forward(x) -> y, log|det ∂y/∂x| (B,)        inverse(y) -> x, log|det ∂x/∂y| (B,)

    coupling      y_kept = x_kept,  y_changed = x_changed · e^s + t,   s, t = net(x_kept)
                  log|det J| = Σ s;  s = bound · tanh(ŝ / bound)
                  a channel in neither list is left alone: that is how a multi-scale flow splits
    actnorm       y = (x + shift) · e^scale, one pair a channel; log|det J| = places · Σ scale
    squeeze       (B, C, H, W) -> (B, 4C, H/2, W/2): each 2x2 patch becomes four channels; 0
    gaussianise   y = Φ⁻¹(F(x)),  F a pixel's own distribution over the 256 cells of [0, 1)
                  log|det J| = Σ log F'(x) − log φ(y)

Papers: coupling and masks: Dinh et al. 2017, arXiv 1605.08803 (RealNVP); actnorm: Kingma & Dhariwal
2018, arXiv 1807.03039 (Glow); gaussianise: Chen & Gopinath 2000. Where we deviate: masks are
alternated by index, in place of a permutation layer; the marginal curve F stands where RealNVP has
a logit, and leaves the couplings only the dependence between pixels to learn; actnorm's log scale
starts from zero unless `settle` is called.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

CELLS = 256  # grey levels
TINY = 1e-30  # least probability that Φ⁻¹ is asked for, still a float32


class Dense(nn.Module):
    """The net of a coupling in the plane: points (B, kept) to (B, outputs), at first zero."""

    def __init__(self, kept: int, outputs: int, width: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(kept, width),
            nn.SiLU(),
            nn.Linear(width, width),
            nn.SiLU(),
            _zero(nn.Linear(width, outputs)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs)."""
        return self.layers(x)


class Conv(nn.Module):
    """The net of a coupling of images: (B, kept, S, S) to (B, outputs, S, S), at first zero.

    Three 3x3 convolutions; after the first a learned bias a place, as digits have one.
    """

    def __init__(self, kept: int, outputs: int, width: int, side: int):
        super().__init__()
        self.first = nn.Conv2d(kept, width, 3, padding=1)
        self.place = nn.Parameter(torch.zeros(width, side, side))
        self.middle = nn.Conv2d(width, width, 3, padding=1)
        self.last = _zero(nn.Conv2d(width, outputs, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs, S, S)."""
        h = self.first(x.contiguous(memory_format=torch.channels_last))  # (B, width, S, S)
        h = nn.functional.silu(h + self.place.to(h.dtype))  # autocast keeps its bfloat16
        return self.last(nn.functional.silu(self.middle(h)))


class Coupling(nn.Module):
    """An affine coupling of numbers (B, C) or channels (B, C, H, W).

    Args:
        kept: indices along axis 1 that the net reads.
        changed: indices that it scales and shifts.
        net: numbers (B, kept, …) to (B, 2 · changed, …): first ŝ, then t.
        bound: largest |s|.
    """

    kept: Tensor
    changed: Tensor

    def __init__(self, kept: Sequence[int], changed: Sequence[int], net: nn.Module, bound: float):
        super().__init__()
        self.net, self.bound = net, bound
        self.register_buffer("kept", torch.tensor(kept), persistent=False)
        self.register_buffer("changed", torch.tensor(changed), persistent=False)

    def scale_shift(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return s and t, each (B, changed, …), for x (B, C, …), of which the kept are read."""
        raw, t = self.net(x.index_select(1, self.kept)).to(x.dtype).chunk(2, 1)
        return self.bound * torch.tanh(raw / self.bound), t

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return y, as x, and log|det ∂y/∂x| (B,)."""
        s, t = self.scale_shift(x)
        y = x.index_select(1, self.changed) * s.exp() + t
        return x.index_copy(1, self.changed, y), s.flatten(1).sum(1)

    def inverse(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return x, as y, and log|det ∂x/∂y| (B,)."""
        s, t = self.scale_shift(y)  # what it reads is the same on both sides
        x = (y.index_select(1, self.changed) - t) * (-s).exp()
        return y.index_copy(1, self.changed, x), -s.flatten(1).sum(1)


class ActNorm(nn.Module):
    """A learned scale and shift of each number or channel."""

    def __init__(self, channels: int):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(channels))
        self.scale = nn.Parameter(torch.zeros(channels))

    @torch.no_grad()
    def settle(self, x: Tensor) -> None:
        """Set it so that these x (B, C, …) come out with mean 0 and deviation 1 a channel."""
        rows = x.transpose(0, 1).flatten(1)  # (C, B …)
        self.shift.copy_(-rows.mean(1))
        self.scale.copy_(-rows.std(1).log())

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return y, as x, and log|det ∂y/∂x| (B,)."""
        shift, scale, total = self._broadcast(x)
        return (x + shift) * scale.exp(), total

    def inverse(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return x, as y, and log|det ∂x/∂y| (B,)."""
        shift, scale, total = self._broadcast(y)
        return y * (-scale).exp() - shift, -total

    def _broadcast(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        shape = (1, -1, *[1] * (x.dim() - 2))
        total = self.scale.sum() * x[0, 0].numel()
        return self.shift.view(shape), self.scale.view(shape), total.expand(len(x))


class Squeeze(nn.Module):
    """Move patches of 2x2 pixels to four channels: channel 4c + 2·row + column."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return (B, 4C, H/2, W/2) and zeros (B,) for (B, C, H, W)."""
        return nn.functional.pixel_unshuffle(x, 2), x.new_zeros(len(x))

    def inverse(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return (B, C, H, W) and zeros (B,) for (B, 4C, H/2, W/2)."""
        return nn.functional.pixel_shuffle(y, 2), y.new_zeros(len(y))


class Gaussianise(nn.Module):
    """Each pixel's own curve from [0, 1) to a standard normal number.

    F is piecewise linear: a pixel has grey level k with probability p_k, and inside the cell
    [k/256, (k + 1)/256) all values are equally likely. The tail above is counted from above, so
    that white, rare at most places, keeps its digits.
    """

    logits: Tensor

    def __init__(self, side: int):
        super().__init__()
        self.register_buffer("logits", torch.zeros(side * side, CELLS))  # log p, up to a constant

    @torch.no_grad()
    def settle(self, images: Tensor, own: float = 200.0) -> None:
        """Count the grey levels of uint8 images (N, 1, S, S).

        What a pixel has of each level is its count plus `own` imagined draws from the average of
        all pixels, black and the rest apart; so no level is impossible anywhere.
        """
        places = torch.arange(len(self.logits)) * CELLS  # (S²,)
        count = torch.zeros(self.logits.numel(), dtype=torch.float64)
        for part in images.cpu().flatten(1).split(5000):
            levels = (part.long() + places).flatten()
            count += torch.bincount(levels, minlength=len(count))
        count = count.view_as(self.logits)  # (S², 256)
        ink = count[:, 1:]
        usual = (ink.sum(0) + 1) / (ink.sum() + CELLS - 1)  # (255,), sums to 1
        share = (ink + own * usual) / (ink.sum(1, keepdim=True) + own)  # of the levels above black
        some = (ink.sum(1, keepdim=True) + 0.5) / (len(images) + 1)  # P(not black)
        self.logits.copy_(torch.cat([1 - some, some * share], 1).log())

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return y (B, 1, S, S) and log|det ∂y/∂x| (B,) for x (B, 1, S, S) in [0, 1]."""
        log_p, below, above = self._tables(x.dtype)
        at = (x.flatten(1) * CELLS).clamp(0, CELLS)  # (B, S²)
        cell = at.detach().floor().clamp(max=CELLS - 1).long()
        inside = at - cell
        log = self._pick(log_p, cell)
        low = self._pick(below, cell) + log.exp() * inside  # F(x)
        high = self._pick(above, cell) + log.exp() * (1 - inside)  # 1 − F(x)
        y = _normal(low, high)  # (B, S²)
        return y.view_as(x), (log + math.log(CELLS) - _log_normal(y)).sum(1)

    def inverse(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return x (B, 1, S, S) in [0, 1] and log|det ∂x/∂y| (B,)."""
        log_p, below, above = self._tables(y.dtype)
        flat = y.flatten(1)  # (B, S²)
        low, high = torch.special.ndtr(flat), torch.special.ndtr(-flat)
        lower = torch.searchsorted(below, low.T.contiguous(), right=True).T - 1
        # above falls with the level: searched from its end
        upper = torch.searchsorted(above.flip(1), high.T.contiguous(), right=True).T
        cell = torch.where(flat < 0, lower, CELLS - upper).clamp(0, CELLS - 1)
        log = self._pick(log_p, cell)
        p = log.exp()
        inside = torch.where(
            flat < 0, (low - self._pick(below, cell)) / p, 1 - (high - self._pick(above, cell)) / p
        ).clamp(0, 1)
        x = (cell + inside) / CELLS
        return x.view_as(y), (_log_normal(flat) - log - math.log(CELLS)).sum(1)

    def _tables(self, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
        """Return log p, and the mass below and above a cell, each (S², 256)."""
        log_p = self.logits.to(dtype).log_softmax(1)
        p = log_p.double().exp()
        below = (p.cumsum(1) - p).clamp_min(0)
        above = (p.flip(1).cumsum(1) - p.flip(1)).clamp_min(0).flip(1)
        return log_p, below.to(dtype), above.to(dtype)

    def _pick(self, table: Tensor, cell: Tensor) -> Tensor:
        """Return each pixel's entry (B, S²) of a table (S², 256) for cells (B, S²)."""
        return table.gather(1, cell.T).T


def _normal(low: Tensor, high: Tensor) -> Tensor:
    """Return Φ⁻¹(low), where high = 1 − low, computed from the smaller of the two."""
    return torch.where(
        low < high,
        torch.special.ndtri(low.clamp(TINY, 0.5)),
        -torch.special.ndtri(high.clamp(TINY, 0.5)),
    )


def _log_normal(y: Tensor) -> Tensor:
    """Return log φ(y) of each entry."""
    return -0.5 * (y**2 + math.log(2 * math.pi))


def _zero(layer: nn.Linear | nn.Conv2d) -> nn.Linear | nn.Conv2d:
    """Set a layer to zero: a flow that starts as no change at all starts stably."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
