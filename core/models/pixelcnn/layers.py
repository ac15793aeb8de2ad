"""The layers of the gated PixelCNN: its first one, which hides the pixel itself, and its blocks.

The equations stand in core.models.pixelcnn.gated. A mask is no product with 0 and 1 here: kernels
end where the mask would begin, and what is padded before them shifts their outputs.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class First(nn.Module):
    """Begin the two stacks: images (B, 1, S, S) to v and h, each (B, width, S, S)."""

    def __init__(self, w: int, f: int, side: int, own: bool):
        super().__init__()
        self.reach, self.own = f, int(own)  # own: the pixel itself is seen, mask B
        self.above = nn.Conv2d(1, w, (f, 2 * f + 1))
        self.left = nn.Conv2d(1, w, (1, f + self.own))
        self.rows = nn.Parameter(torch.randn(1, 2 * w, side, 1) * 0.02)
        self.columns = nn.Parameter(torch.randn(1, 2 * w, 1, side) * 0.02)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return v and h."""
        f, side = self.reach, x.shape[2]
        v = self.above(F.pad(x, (f, f, f, 0)))[:, :, :side]  # output row i: rows i − f … i − 1
        h = self.left(F.pad(x, (f, 0, 0, 0)))[:, :, :, :side]
        place_v, place_h = (self.rows + self.columns).to(v.dtype).chunk(2, 1)
        v = _channels_last(v + place_v)
        return v, _channels_last(h + place_h) + v


class Block(nn.Module):
    """One gated layer of both stacks."""

    def __init__(self, w: int, d: int, n_classes: int):
        super().__init__()
        self.d = d
        self.vertical = nn.Conv2d(w, 2 * w, (2, 3), dilation=d)
        self.horizontal = nn.Conv2d(w, 2 * w, (1, 2), dilation=d)
        self.down = nn.Conv2d(2 * w, 2 * w, 1)  # from the vertical stack to the horizontal
        self.out = nn.Conv2d(w, w, 1)
        self.classes = nn.Embedding(n_classes, 4 * w) if n_classes else None
        if self.classes is not None:
            nn.init.normal_(self.classes.weight, std=0.02)

    def forward(self, v: Tensor, h: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return v and h, each (B, w, S, S), for labels (B,)."""
        d = self.d
        told_v, told_h = self.told(labels)
        seen = self.vertical(F.pad(v, (d, d, d, 0)))  # (B, 2w, S, S)
        left = self.horizontal(F.pad(h, (d, 0, 0, 0))) + self.down(seen)
        if told_v is not None and told_h is not None:
            seen, left = seen + told_v.to(seen.dtype), left + told_h.to(left.dtype)
        return v + gate(seen), h + self.out(gate(left))

    def told(self, labels: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
        """Return c_v and c_h, each (B, 2w, 1, 1), of labels (B,)."""
        if self.classes is None:
            return None, None
        c_v, c_h = self.classes(labels)[:, :, None, None].chunk(2, 1)
        return c_v, c_h


def gate(x: Tensor) -> Tensor:
    """Return tanh(a) (1 + tanh(b)) for the halves a and b of x (B, 2w, …): (B, w, …)."""
    a, b = torch.tanh(x).chunk(2, 1)  # one call: in half precision σ of a strided half is slow
    return a * (b + 1)


def _channels_last(x: Tensor) -> Tensor:
    """Return x with its maps innermost in memory: what convolutions on a CPU like best."""
    return x.contiguous(memory_format=torch.channels_last)
