"""The gated PixelCNN of binary images: log p(x) exactly, one pixel after another.

    chain rule   log p(x) = Σ_i log p(x_i | x_1 … x_(i−1)),  i row by row from the top left, in nats
    conditional  P(x_i = 1 | x_1 … x_(i−1)) = σ(logit_i)
    first        v = K_v ⋆ (rows above) + e,   h = K_h ⋆ (pixels to the left) + v + e     mask A
    gate         g(a, b) = tanh(a) (1 + tanh(b)) = 2 tanh(a) σ(2b)
    vertical     v′ = K ⋆ v,   v ← v + g(v′ + c_v)        K 2x3: this row and the one d above, of v
    horizontal   h′ = k ⋆ h + W v′,   h ← h + U g(h′ + c_h)       k 1x2: this place and d left, of h
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
the gate: one tanh for both halves, which doubles the second one's argument and the product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.inputs import choice, integer
from core.models.labels import check_given, draw_labels
from core.models.noise import uniform
from core.models.pixelcnn.layers import Block, First
from core.models.pixelcnn.sampling import Moment, rows_of

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
        reach = self.first
        for d in sorted(self.dilations):
            integer("dilations", d, 1, min(reach, 32))  # a longer step leaves gaps in what is seen
            reach += d

    @property
    def reach(self) -> int:
        """R, how many rows above and columns beside it a pixel sees."""
        return self.first + sum(self.dilations)


class PixelCNN(nn.Module):
    """Tell the probability of binary images (B, 1, S, S) of 0 and 1, and sample them."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        w = config.width
        self.first = First(w, config.first, config.side, config.mask == "B")
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

    @torch.no_grad()
    def sample(self, n: int, **options: Any) -> Tensor:
        """Return n images (n, 1, S, S) of 0 and 1.

        Args:
            n: how many.
            **options: of `sampling`.
        """
        *_, last = self.sampling(n, **options)
        return last["x"]

    def sampling(
        self,
        n: int,
        *,
        labels: Tensor | None = None,
        generator: torch.Generator | None = None,
        temperature: float = 1.0,
        given: Tensor | None = None,
        start: int = 0,
    ) -> Iterator[Moment]:
        """Yield the moments of sampling, one after each row that is drawn.

        Args:
            n: how many images, 1 to 100 000.
            labels: (n,) of a net with classes; None: drawn, all classes alike.
            generator: of the labels, if they are drawn, then of u.
            temperature: logits are divided by it, 0 to 10; at 0 the likelier value is drawn.
            given: images (n, 1, S, S) of 0 and 1, whose first pixels are kept as they are.
            start: how many pixels of `given` are kept, in reading order.
        """
        side, where = self.config.side, self.logit.weight
        integer("n", n, 1, 100_000)
        if labels is None and self.config.n_classes:
            labels = draw_labels(n, self.config.n_classes, where, generator)
        u = uniform((n, 1, side, side), where, generator)
        yield from rows_of(self, u, labels, temperature, given, start)

    def seen(self, row: int, column: int) -> Tensor:
        """Return which pixels the logit at (row, column) depends on, (S, S) of true and false."""
        reach, side = self.config.reach, self.config.side
        i, j = torch.arange(side)[:, None], torch.arange(side)[None]
        above = (i >= row - reach) & (i < row) & ((j - column).abs() <= reach)
        left = (i == row) & (j >= column - reach) & (j < column + self.first.own)
        return above | left

    def check_labels(self, labels: Tensor | None, n: int) -> Tensor | None:
        """Return the labels of n images, checked: (n,) whole numbers with classes, else None.

        Raises:
            InputError: there are none and the net has classes, or the other way round, or they
                are not that.
        """
        return check_given(labels, n, self.config.n_classes)


@torch.no_grad()
def class_odds(model: PixelCNN, x: Tensor) -> Tensor:
    """Return P(label | x) of images, (B, n_classes), by Bayes; before x all labels are alike.

    P(c | x) = p(x | c) / Σ_k p(x | k)

    Args:
        model: with classes.
        x: (B, 1, S, S) of 0 and 1.
    """
    each = [model.log_prob(x, torch.full((len(x),), c)) for c in range(model.config.n_classes)]
    return torch.stack(each, 1).softmax(1)


def loss(net: nn.Module, x: Tensor, labels: Tensor | None = None) -> Tensor:
    """Return −log p(x) in nats, the mean of a batch: the training loss.

    Args:
        net: a PixelCNN, or what stands for it in training (a wrapper that shares its forward).
        x: (B, 1, S, S) of 0 and 1.
        labels: (B,) of a net with classes.
    """
    logits = net(x, labels).float()  # under autocast they come in half precision
    return F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
