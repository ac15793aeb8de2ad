"""A GAN of digits with a class, built as BigGAN is, at the size of a laptop.

    code            z ~ N(0, I), cut off at ±ψ if asked to;  three parts z_0, z_1, z_2
    generator       z_0 → dense → 7x7, c_0 maps
                    → block up by [e_y, z_1] → 14x14, c_1 maps → attention
                    → block up by [e_y, z_2] → 28x28, c_2 maps → norm, relu, 3x3, tanh
    discriminator   28x28 → block down → 14x14, c_2 maps → attention → block down → 7x7, c_1 maps
                    → block → c_0 maps → relu, sum over places → h
                    D(x, y) = w·h + b + v_y·h                      (projection)
    game            hinge: D E max(0, 1 − D(x)) + E max(0, 1 + D(G(z))), G −E D(G(z))

Spectral norm in every layer of both nets. Outside the nets images are (B, 1, 28, 28) in [0, 1].

Papers: Brock et al. 2019, arXiv 1809.11096; projection: Miyato & Koyama 2018, arXiv 1802.05637;
hinge: Miyato et al. 2018, arXiv 1802.05957. Where we deviate: two blocks where BigGAN has five, and
64 maps where it has 1536; batches of 64 to 128; no orthogonal regularisation; the statistics of the
batch norms are those of many codes of the whole distribution, for every ψ, as `settle` takes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.inputs import InputError, integer
from core.models.biggan.layers import Attention, BlockDown, BlockUp
from core.models.biggan.spectral import SpectralConv, SpectralEmbedding, SpectralLinear
from core.models.biggan.truncation import truncated_normal
from core.models.gan.losses import discriminator_loss, generator_loss
from core.models.labels import check_labels, draw_labels
from core.models.norms import settle_norms

CLASSES = 10
PARTS = 3  # of the code


@dataclass(frozen=True)
class Config:
    """Sizes of the two nets.

    Attributes:
        part: size of each of the code's three parts.
        embedded: size of e_y.
        channels: c_0, c_1, c_2 of the generator; the discriminator has them the other way round.
    """

    part: int = 16
    embedded: int = 32
    channels: Sequence[int] = (64, 48, 24)

    def __post_init__(self):
        integer("part", self.part, 1, 128)
        integer("embedded", self.embedded, 1, 256)
        if len(self.channels) != PARTS:
            raise InputError("shape", field="channels", got=len(self.channels), allowed="3")
        for maps in self.channels:
            integer("channels", maps, 8, 512)

    @property
    def latent(self) -> int:
        """Size of the whole code."""
        return PARTS * self.part


class Sampled(TypedDict, total=False):
    """A moment of sampling."""

    z: Tensor  # (n, latent)
    labels: Tensor  # (n,)
    x: Tensor  # (n, 1, 28, 28)


class Generator(nn.Module):
    """Net from z (B, latent) and labels (B,) to images (B, 1, 28, 28) in [−1, 1]."""

    def __init__(self, config: Config):
        super().__init__()
        c0, c1, c2 = config.channels
        style = config.embedded + config.part
        self.part = config.part
        self.embed = nn.Embedding(CLASSES, config.embedded)
        self.start = SpectralLinear(config.part, 49 * c0)
        self.up = nn.ModuleList([BlockUp(c0, c1, style), BlockUp(c1, c2, style)])
        self.attention = Attention(c1)
        self.norm = nn.BatchNorm2d(c2)
        self.end = SpectralConv(c2, 1, 3)

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        """Return images (B, 1, 28, 28)."""
        return self.draw(z, self.embed(labels))

    def draw(self, z: Tensor, embedded: Tensor) -> Tensor:
        """Return images (B, 1, 28, 28) of codes under class vectors (B, embedded)."""
        first, *rest = z.split(self.part, 1)
        h = self.start(first).view(len(z), -1, 7, 7)  # (B, c_0, 7, 7)
        h = self.up[0](h, torch.cat([embedded, rest[0]], 1))  # (B, c_1, 14, 14)
        h = self.up[1](self.attention(h), torch.cat([embedded, rest[1]], 1))  # (B, c_2, 28, 28)
        return torch.tanh(self.end(F.relu(self.norm(h))))


class Discriminator(nn.Module):
    """Net from images (B, 1, 28, 28) in [−1, 1] and labels (B,) to one number each, (B,)."""

    def __init__(self, config: Config):
        super().__init__()
        c0, c1, c2 = config.channels
        self.layers = nn.Sequential(
            BlockDown(1, c2, first=True),  # (B, c_2, 14, 14)
            Attention(c2),
            BlockDown(c2, c1),  # (B, c_1, 7, 7)
            BlockDown(c1, c0, halves=False),  # (B, c_0, 7, 7)
        )
        self.head = SpectralLinear(c0, 1)
        self.project = SpectralEmbedding(CLASSES, c0)

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        """Return D(x, y), (B,)."""
        h = F.relu(self.layers(x)).sum((2, 3))  # (B, c_0)
        return self.head(h)[:, 0] + (self.project(labels) * h).sum(1)


class BigGAN(nn.Module):
    """Both nets; outside of them images are (B, 1, 28, 28) in [0, 1]."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)

    def prior(
        self, n: int, generator: torch.Generator | None = None, truncation: float | None = None
    ) -> Tensor:
        """Return n codes, (n, latent), each number within ±truncation if that is given."""
        size = (integer("n", n, 1, 100_000), self.config.latent)
        return truncated_normal(size, truncation, generator).to(self.generator.embed.weight)

    def decode(self, z: Tensor, labels: Tensor) -> Tensor:
        """Return the images (B, 1, 28, 28) in [0, 1] of codes (B, latent) and labels (B,)."""
        return (self.generator(z, check_labels(labels, len(z), CLASSES)) + 1) / 2

    def score(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return D of images (B, 1, 28, 28) in [0, 1], (B,); larger: taken for real."""
        return self.discriminator(2 * images - 1, check_labels(labels, len(images), CLASSES))

    @torch.no_grad()
    def sample(
        self,
        n: int,
        *,
        labels: Tensor | None = None,
        generator: torch.Generator | None = None,
        truncation: float | None = None,
    ) -> Tensor:
        """Return the images of n codes, (n, 1, 28, 28) in [0, 1].

        Args:
            n: how many.
            labels: (n,); None: drawn, all classes alike.
            generator: of z, then of the labels.
            truncation: ψ, 0.04 to 10; None: the whole distribution.
        """
        *_, last = self.sampling(n, labels=labels, generator=generator, truncation=truncation)
        assert "x" in last
        return last["x"]

    @torch.no_grad()
    def sampling(
        self,
        n: int,
        *,
        labels: Tensor | None = None,
        generator: torch.Generator | None = None,
        truncation: float | None = None,
    ) -> Iterator[Sampled]:
        """Yield the moments of sampling: {"z", "labels"}, then {"z", "labels", "x"}."""
        z = self.prior(n, generator, truncation)
        if labels is None:
            labels = draw_labels(n, CLASSES, z, generator)
        labels = check_labels(labels, n, CLASSES)
        yield {"z": z, "labels": labels}
        parts = zip(z.split(500), labels.split(500))
        yield {"z": z, "labels": labels, "x": torch.cat([self.decode(*part) for part in parts])}


@torch.no_grad()
def settle(model: BigGAN, generator: torch.Generator, count: int = 5_000) -> None:
    """Set the statistics of G's batch norms to those of so many codes, all classes alike."""
    labels = torch.arange(count, device=model.generator.embed.weight.device) % CLASSES
    codes = model.prior(count, generator)
    settle_norms(model.generator, zip(codes.split(500), labels.split(500)))


def d_loss(
    model: BigGAN, x: Tensor, labels: Tensor, generator: torch.Generator | None
) -> tuple[Tensor, dict[str, Tensor]]:
    """Compute the hinge loss that D lowers on real images and as many generated ones.

    Args:
        model: the nets.
        x: real images (B, 1, 28, 28) in [0, 1].
        labels: of them, (B,); the generated images get the same.
        generator: of z.

    Returns:
        The loss, a scalar, and its parts: itself as "D", the means "D(x)" and "D(G(z))".
    """
    with torch.no_grad():
        fake = model.generator(model.prior(len(x), generator), labels)
    scores = model.discriminator(torch.cat([2 * x - 1, fake]), labels.repeat(2))
    a, b = scores.chunk(2)  # (B,)
    loss = discriminator_loss("hinge", a, b)
    return loss, {"D": loss, "D(x)": a.mean(), "D(G(z))": b.mean()}


def g_loss(
    model: BigGAN, labels: Tensor, generator: torch.Generator | None
) -> tuple[Tensor, dict[str, Tensor]]:
    """Compute the loss that G lowers on as many codes as labels (B,), and its part "G"."""
    fake = model.generator(model.prior(len(labels), generator), labels)
    loss = generator_loss("hinge", model.discriminator(fake, labels))
    return loss, {"G": loss}
