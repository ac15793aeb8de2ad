"""Generative adversarial nets for digits: DCGAN, WGAN-GP and the conditional GAN.

    code           z ~ N(0, I),  (B, latent)
    generator      x = G(z, y),  (B, 1, 28, 28), tanh at its end: grey levels from −1 to 1
                   [z, e_y] → dense → 7x7, 2c maps → 14x14, c maps → 28x28, c/2 maps   (4x4, ·2)
                   → 28x28                                                             (3x3)
    discriminator  D(x, y) = (w + v_y)·h(x) + b,  one number before any sigmoid
                   28x28 → 14x14, c maps → 7x7, 2c maps → h, (B, 98c)                  (4x4, /2)
    game           D and G in turn go down their own loss (core.models.gan.losses)
    WGAN-GP        D's loss has λ P more, taken every k-th of its steps with k λ in place of λ

e_y, v_y: learned vectors of a class, only with `classes`; their products with h are the projection
discriminator. Outside the two nets images are (B, 1, 28, 28) in [0, 1].

Papers: Goodfellow et al. 2014, arXiv 1406.2661; DCGAN: Radford et al. 2016, 1511.06434; WGAN-GP:
Gulrajani et al. 2017, 1704.00028; labels: Mirza & Osindero 2014, 1411.1784; projection: Miyato &
Koyama 2018, 1802.05637. Where we deviate: codes are Gaussian, two layers of maps a net. Batch norm
in both nets as in DCGAN; under a penalty the discriminator has layer norm (as in WGAN-GP) or none,
so that an image's score does not depend on its batch. In eval mode no image's does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.inputs import InputError, choice, integer, number
from core.models.gan.losses import KINDS, discriminator_loss, generator_loss, gradient_penalty
from core.models.labels import check_given, draw_labels
from core.models.noise import normal
from core.models.norms import settle_norms
from core.models.precision import widen

EMBEDDED = 32  # size of e_y
NORMS = ("batch", "layer", "none")
TILT = 1e-3  # weight of E D(x)²: holds a Wasserstein critic's free constant (Karras et al. 2018)


@dataclass(frozen=True)
class Config:
    """Sizes of the two nets and the settings of their training.

    Attributes:
        latent: size of z.
        channels: c above.
        classes: 0, or 10 for nets that are given a label.
        loss: one of core.models.gan.losses.KINDS.
        norm: of the discriminator: "batch", "layer" or "none"; a penalty allows no "batch".
        penalty: λ of "wgan-gp".
        lazy: k, how many steps of D share one penalty.
    """

    latent: int = 64
    channels: int = 48
    classes: int = 0
    loss: str = "non-saturating"
    norm: str = "batch"
    penalty: float = 10.0
    lazy: int = 1

    def __post_init__(self):
        integer("latent", self.latent, 1, 512)
        integer("channels", self.channels, 2, 256)
        integer("classes", self.classes, 0, 10)
        choice("loss", self.loss, KINDS)
        choice("norm", self.norm, NORMS[self.loss == "wgan-gp" :])
        number("penalty", self.penalty, 0, 1e6)
        integer("lazy", self.lazy, 1, 1000)


class Generator(nn.Module):
    """Net from z (B, latent) and labels (B,) to images (B, 1, 28, 28) in [−1, 1]."""

    def __init__(self, config: Config):
        super().__init__()
        c, classes = config.channels, config.classes
        self.embed = nn.Embedding(classes, EMBEDDED) if classes else None
        self.layers = nn.Sequential(
            nn.Linear(config.latent + (EMBEDDED if classes else 0), 2 * c * 49, bias=False),
            nn.Unflatten(1, (2 * c, 7, 7)),
            nn.BatchNorm2d(2 * c),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * c, c, 4, 2, 1, bias=False),  # (B, c, 14, 14)
            nn.BatchNorm2d(c),
            nn.ReLU(),
            nn.ConvTranspose2d(c, c // 2, 4, 2, 1, bias=False),  # (B, c/2, 28, 28)
            nn.BatchNorm2d(c // 2),
            nn.ReLU(),
            nn.Conv2d(c // 2, 1, 3, 1, 1),  # (B, 1, 28, 28)
            nn.Tanh(),
        )

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return images (B, 1, 28, 28)."""
        if self.embed is not None:
            z = torch.cat([z, self.embed(labels)], 1)  # (B, latent + 32)
        return self.layers(z)


class Discriminator(nn.Module):
    """Net from images (B, 1, 28, 28) in [−1, 1] and labels (B,) to one number each, (B,)."""

    def __init__(self, config: Config):
        super().__init__()
        c, size = config.channels, 98 * config.channels
        self.layers = nn.Sequential(
            nn.Conv2d(1, c, 4, 2, 1),  # (B, c, 14, 14)
            nn.LeakyReLU(0.2),
            nn.Conv2d(c, 2 * c, 4, 2, 1),  # (B, 2c, 7, 7)
            *_norm(config.norm, 2 * c),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
        )
        self.head = nn.Linear(size, 1)
        self.project = nn.Embedding(config.classes, size) if config.classes else None
        if self.project is not None:
            nn.init.zeros_(self.project.weight)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return D(x, y), (B,)."""
        h = self.layers(x)  # (B, 98c)
        out = self.head(h)[:, 0]
        if self.project is not None:
            out = out + (self.project(labels) * h).sum(1)
        return out


class GAN(nn.Module):
    """Both nets; outside of them images are (B, 1, 28, 28) in [0, 1]."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)

    def decode(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the images (B, 1, 28, 28) in [0, 1] of codes (B, latent), and labels (B,)."""
        return (self.generator(z, check_given(labels, len(z), self.config.classes)) + 1) / 2

    def decode_with(self, z: Tensor, embedded: Tensor) -> Tensor:
        """Return the images (B, 1, 28, 28) in [0, 1] of codes (B, latent) under vectors (B, 32)."""
        return (self.generator.layers(torch.cat([z, embedded], 1)) + 1) / 2

    def class_vectors(self) -> Tensor:
        """Return e_y of all classes, (classes, 32); InputError for a net without."""
        if self.generator.embed is None:
            raise InputError("integer", field="classes", got=0, low=1, high=10)
        return self.generator.embed.weight.detach()

    def score(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return D of images (B, 1, 28, 28) in [0, 1], (B,); larger: taken for real.

        log p/(1 − p) of "real" for the logistic losses; for "wgan-gp" only differences mean much.
        """
        labels = check_given(labels, len(images), self.config.classes)
        return self.discriminator(2 * images - 1, labels)

    def prior(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Return n codes, (n, latent)."""
        size = (integer("n", n, 1, 100_000), self.config.latent)
        return normal(size, self.discriminator.head.weight, generator)

    @torch.no_grad()
    def sample(
        self, n: int, *, labels: Tensor | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """Return the images of n codes from the prior, (n, 1, 28, 28) in [0, 1].

        Args:
            n: how many.
            labels: (n,) of a net with classes; None: drawn, all classes alike.
            generator: of z, then of the labels.
        """
        *_, last = self.sampling(n, labels=labels, generator=generator)
        return last["x"]

    @torch.no_grad()
    def sampling(
        self, n: int, *, labels: Tensor | None = None, generator: torch.Generator | None = None
    ) -> Iterator[dict[str, Tensor]]:
        """Yield the moments of sampling: {"z"}, then {"z", "x"}; with classes "labels" too."""
        z = self.prior(n, generator)  # (n, latent)
        known = {"z": z}
        if self.config.classes:
            if labels is None:
                labels = draw_labels(n, self.config.classes, z, generator)
            known["labels"] = labels
        given = check_given(labels, n, self.config.classes)
        yield known
        rows = z.split(1000)
        ys = [None] * len(rows) if given is None else given.split(1000)
        yield {**known, "x": torch.cat([self.decode(*part) for part in zip(rows, ys)])}


def d_loss(
    model: GAN, x: Tensor, labels: Tensor | None, step: int, generator: torch.Generator | None
) -> tuple[Tensor, dict[str, Tensor]]:
    """Compute the loss that D lowers on a batch.

    Args:
        model: the nets.
        x: real images (B, 1, 28, 28) in [0, 1].
        labels: of them, (B,), with classes; the generated images get the same.
        step: how many steps D has taken; says whether the penalty is due.
        generator: of z and of the penalty's places.

    Returns:
        The loss, a scalar, and its parts by name: "D" without the penalty, the means "D(x)" and
        "D(G(z))", and "penalty" at a step that it is due.
    """
    config, real = model.config, 2 * x - 1
    labels = labels if config.classes else None
    with torch.no_grad():
        fake = model.generator(model.prior(len(x), generator), labels)
    a = widen(model.discriminator(real, labels))  # (B,)
    b = widen(model.discriminator(fake, labels))
    loss = discriminator_loss(config.loss, a, b)
    parts = {"D": loss, "D(x)": a.mean(), "D(G(z))": b.mean()}
    if config.loss == "wgan-gp":
        loss = loss + TILT * (a**2).mean()
        if step % config.lazy == 0:

            def critic(between: Tensor) -> Tensor:
                return widen(model.discriminator(between, labels))

            parts["penalty"] = gradient_penalty(critic, real, widen(fake), generator)
            loss = loss + config.penalty * config.lazy * parts["penalty"]
    return loss, parts


def g_loss(
    model: GAN, n: int, labels: Tensor | None, generator: torch.Generator | None
) -> tuple[Tensor, dict[str, Tensor]]:
    """Compute the loss that G lowers on n codes, and its part "G"; arguments as of `d_loss`."""
    labels = labels if model.config.classes else None
    fake = model.generator(model.prior(n, generator), labels)
    loss = generator_loss(model.config.loss, widen(model.discriminator(fake, labels)))
    return loss, {"G": loss}


def watched_codes(model: GAN, n: int = 64) -> tuple[Tensor, Tensor | None]:
    """Return the codes (n, latent) whose images a training journal keeps, and their labels if any.

    Row i of a journal's images was made of row i here; the labels are 0, 1, … 9, 0, …
    """
    z = model.prior(n, torch.Generator().manual_seed(0))
    return z, torch.arange(n) % model.config.classes if model.config.classes else None


def _norm(kind: str, maps: int) -> list[nn.Module]:
    if kind == "none":
        return []
    return [nn.BatchNorm2d(maps) if kind == "batch" else nn.GroupNorm(1, maps)]


@torch.no_grad()
def settle(model: GAN, generator: torch.Generator, n: int = 5000) -> None:
    """Set the batch norms of G by n codes, all classes alike; the model ends in eval mode."""
    parts = [model.prior(n, generator).split(500)]
    if model.config.classes:
        labels = torch.arange(n, device=parts[0][0].device) % model.config.classes
        parts.append(labels.split(500))
    settle_norms(model.generator, zip(*parts))
    model.eval()
