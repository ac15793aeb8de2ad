"""The net of the diffusion of digits: a U-Net on folded pixels, given noise level and label.

    fold     (1, 28, 28) → (f², 28/f, 28/f): f x f pixels become channels, nothing is lost
    level    x → block → block → …, the outputs kept; between levels 2x2 places become channels
    middle   attention over all places
    up       h → block([h, skips]) …, the last kept first; between levels channels become places
    block    x + conv(silu((1 + a) norm(conv(silu(norm x))) + b)),   (a, b) = W e + c
    told     e = silu(W₂ silu(W₁ [sin kφ, cos kφ]) + e_y),   φ = arccos √ᾱ,  k = 2, 4, … 32

φ is 0 for a clean image and π/2 for noise. The net is given φ and not t, so it serves any
schedule and any respacing. e_y: a learned vector a class, one more for "no label".

Papers: Ronneberger et al. 2015, arXiv 1505.04597; in diffusion: Ho et al. 2020, 2006.11239; scale
and shift: Dhariwal & Nichol 2021, 2105.05233. We deviate in the fold (a CPU is bound by what a full
resolution costs), in φ for t, and in group norm with 8 groups. Attributes are called as in the
weights that are published.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HEADS = 4
GROUPS = 8
WAVES = 16  # k


class Conditioning(nn.Module):
    """Embed noise level φ (B,) and labels (B,) as e (B, E)."""

    def __init__(self, classes: int, size: int):
        super().__init__()
        self.classes = nn.Embedding(classes + 1, size)  # the last row: no label
        self.first, self.second = nn.Linear(2 * WAVES, size), nn.Linear(size, size)

    def forward(self, phi: Tensor, labels: Tensor) -> Tensor:
        """Return e (B, E)."""
        turns = phi[:, None] * (2 * torch.arange(1, WAVES + 1, device=phi.device))  # (B, 16)
        seen = torch.cat([turns.sin(), turns.cos()], 1)  # (B, 32)
        return F.silu(self.second(F.silu(self.first(seen))) + self.classes(labels))


class Block(nn.Module):
    """Two convolutions with a skip: x (B, a, H, W) and e (B, E) to (B, b, H, W)."""

    def __init__(self, a: int, b: int, size: int):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(GROUPS, a), nn.Conv2d(a, b, 3, padding=1)
        self.norm2, self.conv2 = nn.GroupNorm(GROUPS, b), nn.Conv2d(b, b, 3, padding=1)
        self.tell = nn.Linear(size, 2 * b)
        self.skip = nn.Conv2d(a, b, 1) if a != b else nn.Identity()
        _zero(self.tell, self.conv2)

    def forward(self, x: Tensor, e: Tensor) -> Tensor:
        """Return the block's output (B, b, H, W)."""
        spare = not torch.is_grad_enabled()  # no gradient will ask for what is written over
        h = self.conv1(F.silu(self.norm1(x), spare))
        scale, shift = self.tell(e)[:, :, None, None].chunk(2, 1)
        h = F.silu(torch.addcmul(shift, self.norm2(h), 1 + scale), spare)
        return self.conv2(h).add_(self.skip(x))


class Attention(nn.Module):
    """Self-attention over all places of (B, c, H, W), with a skip."""

    def __init__(self, c: int):
        super().__init__()
        self.norm, self.ask, self.say = (
            nn.GroupNorm(GROUPS, c),
            nn.Conv2d(c, 3 * c, 1),
            nn.Conv2d(c, c, 1),
        )
        _zero(self.say)

    def forward(self, x: Tensor) -> Tensor:
        """Return x plus the attended values, (B, c, H, W)."""
        B, C, H, W = x.shape
        rows = self.ask(self.norm(x)).permute(0, 2, 3, 1)  # (B, H, W, 3C)
        q, k, v = rows.reshape(B, H * W, 3, HEADS, C // HEADS).permute(2, 0, 3, 1, 4)
        found = F.scaled_dot_product_attention(q, k, v).transpose(1, 2)  # (B, HW, heads, C/heads)
        return x + self.say(found.reshape(B, H, W, C).permute(0, 3, 1, 2))


class UNet(nn.Module):
    """The U-Net: x (B, 1, 28, 28), φ (B,) and labels (B,), `classes` for none, to (B, 1, 28, 28).

    Args:
        fold: f, 1, 2 or 4.
        channels: of each level; a multiple of 8; fold · 2^(levels − 1) divides 28.
        depth: blocks a level and way.
        classes: how many labels there are.
        size: E.
    """

    def __init__(self, fold: int, channels: tuple[int, ...], depth: int, classes: int, size: int):
        super().__init__()
        self.fold, c = fold, channels
        self.told = Conditioning(classes, size)
        self.stem = nn.Conv2d(fold**2, c[0], 3, padding=1)
        self.down = nn.ModuleList(_blocks(a, a, depth, size) for a in c)
        self.up = nn.ModuleList(_blocks(2 * a, a, depth, size) for a in reversed(c))
        self.shrink = nn.ModuleList(nn.Conv2d(4 * a, b, 1) for a, b in zip(c, c[1:]))
        self.grow = nn.ModuleList(nn.Conv2d(b, 4 * a, 1) for a, b in reversed([*zip(c, c[1:])]))
        self.middle = Attention(c[-1])
        self.norm, self.out = nn.GroupNorm(GROUPS, c[0]), nn.Conv2d(c[0], fold**2, 3, padding=1)
        _zero(self.out)

    def forward(self, x: Tensor, phi: Tensor, labels: Tensor) -> Tensor:
        """Return v̂ (B, 1, 28, 28)."""
        e, skips = self.told(phi, labels), []
        h = self.stem(_channels_last(F.pixel_unshuffle(x, self.fold)))
        for i, level in enumerate(self.down):
            h = self.shrink[i - 1](_channels_last(F.pixel_unshuffle(h, 2))) if i else h
            for block in level:  # pyright: ignore[reportGeneralTypeIssues]
                h = block(h, e)
                skips.append(h)
        h = self.middle(h)
        for i, level in enumerate(self.up):
            h = _channels_last(F.pixel_shuffle(self.grow[i - 1](h), 2)) if i else h
            for block in level:  # pyright: ignore[reportGeneralTypeIssues]
                h = block(torch.cat([h, skips.pop()], 1), e)
        return F.pixel_shuffle(self.out(F.silu(self.norm(h))), self.fold)


def _blocks(a: int, b: int, depth: int, size: int) -> nn.ModuleList:
    return nn.ModuleList(Block(a, b, size) for _ in range(depth))


def _channels_last(x: Tensor) -> Tensor:
    """Return x with its channels innermost in memory: faster on a CPU."""
    return x.contiguous(memory_format=torch.channels_last)


def _zero(*layers: nn.Linear | nn.Conv2d) -> None:
    """Set layers to zero: at the start every block is the identity."""
    for layer in layers:
        nn.init.zeros_(layer.weight)
        assert layer.bias is not None
        nn.init.zeros_(layer.bias)
