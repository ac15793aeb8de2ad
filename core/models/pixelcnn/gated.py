"""The gated PixelCNN of binary images: log p(x) exactly, one pixel after another.

    chain rule   log p(x) = Σ_i log p(x_i | x_1 … x_(i−1)),  i row by row from the top left, in nats
    conditional  P(x_i = 1 | x_1 … x_(i−1)) = σ(logit_i)
    first        v = K_v ⋆ (rows above) + e,   h = K_h ⋆ (pixels to the left) + v + e     mask A
    gate         g(a, b) = tanh(a) (1 + tanh(b)) = 2 tanh(a) σ(2b)
    vertical     v′ = K ⋆ v + c_v,   v ← v + g(v′)        K 2x3: this row and the one d above, of v
    horizontal   h′ = k ⋆ h + W v′ + c_h,   h ← h + U g(h′)       k 1x2: this place and d left, of h
    out          logit = w₂ relu(W₁ relu(h))
    sample       x_i = 1 where u_i < σ(logit_i / T),  u_i ~ U(0, 1),  T the temperature
    class        c_v and c_h are learned vectors of the label;  e of the pixel's row and column

v at (i, j) knows rows above i only, h also the pixels left of j in row i; so no pixel sees itself
or a later one, and none of the earlier ones within reach is hidden (no blind spot): with
R = first + Σ d the logit of a pixel sees 2R(R + 1) pixels, R rows of 2R + 1 above it and R to its
left. Rows and columns are dilated by d (Yu & Koltun 2016), a block each.

Papers: van den Oord et al. 2016, arXiv 1601.06759 (PixelCNN); van den Oord et al. 2016, 1606.05328
(gated, two stacks, labels). We deviate in both stacks being residual, in the dilations, in what is
learned of a pixel's place, in masks that are smaller kernels and no products with 0 and 1, and in
the gate: one tanh for both halves, which doubles the second and the product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.inputs import InputError, choice, integer

SIDE = 28
MASKS = ("A", "B")


@dataclass(frozen=True)
class Config:
    """The architecture.

    Attributes:
        side: of the images, pixels.
        width: maps of each stack.
        first: how many pixels the first layer reaches.
        dilations: d of each block; as many blocks.
        n_classes: labels that the net is told; 0: none.
        mask: of the first layer: "A" hides the pixel itself; "B" lets it through, which is wrong
            there and is kept to show what comes of it.
    """

    side: int = SIDE
    width: int = 32
    first: int = 3
    dilations: Sequence[int] = (1, 1, 1, 1, 1, 1, 1)
    n_classes: int = 0
    mask: str = "A"

    def __post_init__(self):
        integer("side", self.side, 1, 256)
        integer("width", self.width, 1, 1024)
        integer("first", self.first, 1, 32)
        integer("n_classes", self.n_classes, 0, 10_000)
        choice("mask", self.mask, MASKS)
        for d in self.dilations:
            integer("dilations", d, 1, 32)

    @property
    def reach(self) -> int:
        """R, how many rows above and columns beside it a pixel sees."""
        return self.first + sum(self.dilations)


class First(nn.Module):
    """Begin the two stacks: images (B, 1, S, S) to v and h, each (B, width, S, S)."""

    def __init__(self, config: Config):
        super().__init__()
        f, w, self.reach = config.first, config.width, config.first
        self.own = int(config.mask == "B")  # 1: the pixel itself is seen
        self.above = nn.Conv2d(1, w, (f, 2 * f + 1))
        self.left = nn.Conv2d(1, w, (1, f + self.own))
        self.rows = nn.Parameter(torch.randn(1, 2 * w, config.side, 1) * 0.02)
        self.columns = nn.Parameter(torch.randn(1, 2 * w, 1, config.side) * 0.02)

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


class PixelCNN(nn.Module):
    """Tell the probability of binary images (B, 1, S, S) of 0 and 1, and sample them."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        w = config.width
        self.first = First(config)
        self.blocks = nn.ModuleList(Block(w, d, config.n_classes) for d in config.dilations)
        self.mix, self.logit = nn.Conv2d(w, w, 1), nn.Conv2d(w, 1, 1)

    def hidden(self) -> list[nn.Parameter]:
        """Return the matrices and kernels inside the net, which core.training.muon may move."""
        found = [*self.blocks.named_parameters(), ("mix", self.mix.weight)]
        return [p for name, p in found if p.dim() == 4 and "classes" not in name]

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the logit of every pixel (B, 1, S, S) for images and, with classes, labels."""
        labels = self.check_labels(labels, len(x))
        v, h = self.first(x)
        for block in self.blocks:
            v, h = block(v, h, labels)
        return self.logit(F.relu(self.mix(F.relu(h))))

    def conditional(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return P(x_i = 1 | all earlier pixels) of every pixel, (B, 1, S, S)."""
        return torch.sigmoid(self(x, labels))

    def pixel_log_prob(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return log p(x_i | all earlier pixels) in nats of every pixel, (B, 1, S, S)."""
        return -F.binary_cross_entropy_with_logits(self(x, labels), x, reduction="none")

    def log_prob(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return log p(x), or log p(x | label), in nats, (B,)."""
        return self.pixel_log_prob(x, labels).flatten(1).sum(1)

    def check_labels(self, labels: Tensor | None, n: int) -> Tensor | None:
        """Return the labels of n images, checked: (n,) whole numbers with classes, else None.

        Raises:
            InputError: there are none and the net has classes, or the other way round, or they
                are not that.
        """
        most = self.config.n_classes - 1
        if most < 0:
            if labels is not None:
                raise InputError("unknown", field="labels", allowed="images")
            return None
        if labels is None:
            raise InputError("missing", field="labels", allowed="images and labels")
        if labels.shape != (n,) or labels.is_floating_point():
            got = f"{tuple(labels.shape)} of {labels.dtype}"
            raise InputError("shape", field="labels", got=got, allowed=f"({n},) whole numbers")
        if n and not 0 <= int(labels.min()) <= int(labels.max()) <= most:
            raise InputError("integer", field="labels", got=labels.tolist(), low=0, high=most)
        return labels


def gate(x: Tensor) -> Tensor:
    """Return tanh(a) (1 + tanh(b)) for the halves a and b of x (B, 2w, …): (B, w, …)."""
    a, b = torch.tanh(x).chunk(2, 1)  # one call: in half precision σ of a strided half is slow
    return a * (b + 1)


def loss(net: nn.Module, x: Tensor, labels: Tensor | None = None) -> Tensor:
    """Return −log p(x) in nats, the mean of a batch: the training loss.

    Args:
        net: a PixelCNN, or what stands for it in training (a wrapper that shares its forward).
        x: (B, 1, S, S) of 0 and 1.
        labels: (B,) of a net with classes.
    """
    logits = net(x, labels).float()  # under autocast they come in half precision
    return F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)


def _channels_last(x: Tensor) -> Tensor:
    """Return x with its maps innermost in memory: what convolutions on a CPU like best."""
    return x.contiguous(memory_format=torch.channels_last)
