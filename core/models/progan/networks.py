"""A GAN of digits that grows: 4x4, 8x8, 16x16, 32x32.

    code            z ~ N(0, I), on the sphere by pixel norm,  (B, latent)
    generator       level 0   z → 4x4, c_0 maps → 3x3
                    level l   double → 3x3 → 3x3, c_l maps              (pixel norm after each)
                    to pixels 1x1 of each level; the last two fade into one another:
                    x = (1 − α) double(rgb_{l−1}(h_{l−1})) + α rgb_l(h_l)
    discriminator   its mirror: from pixels 1x1, 3x3 → 3x3 → halve, …, at 4x4 the batch's deviation
                    as one more map, 3x3 → dense → one number before any sigmoid

How they are trained, level by level: core.models.progan.growth. Outside the nets images are
(B, 1, 28, 28) in [0, 1]; inside from −1 to 1.

Paper: Karras et al. 2018, arXiv 1710.10196. Where we deviate: one channel of grey; at most 64 maps;
what G's last layer, which has no activation, gives beyond [0, 1] is cut off outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.inputs import InputError, integer, number
from core.models.noise import normal
from core.models.progan.images import FIRST, crop
from core.models.progan.layers import (
    EqualConv,
    EqualLinear,
    PixelNorm,
    append_deviation,
    double,
    fade,
    halve,
)


@dataclass(frozen=True)
class Config:
    """Sizes of the two nets and the settings of their training.

    Attributes:
        latent: size of z.
        channels: c_l, the maps of each level from 4x4 on; 1 to 4 levels.
        images: how many real images each level is shown until the next one begins; the last one's
            number only sets how fast it fades in.
        gamma: γ of the penalty.
        lazy: k, how many steps of D share one penalty.
        grown: False: all levels at once from the first step, the twin of the comparison.
    """

    latent: int = 64
    channels: Sequence[int] = (64, 64, 32, 16)
    images: Sequence[int] = (120_000, 240_000, 240_000, 240_000)
    gamma: float = 0.05
    lazy: int = 8
    grown: bool = True

    def __post_init__(self):
        integer("latent", self.latent, 1, 512)
        if not 1 <= len(self.channels) == len(self.images) <= 4:
            got = f"{len(self.channels)} and {len(self.images)}"
            raise InputError(
                "shape", field="channels, images", got=got, allowed="1 to 4, as many of each"
            )
        for maps, images in zip(self.channels, self.images):
            integer("channels", maps, 1, 512)
            integer("images", images, 1, 10**9)
        number("gamma", self.gamma, 0, 1e6)
        integer("lazy", self.lazy, 1, 1000)

    @property
    def top(self) -> int:
        """The last level."""
        return len(self.channels) - 1


class Generator(nn.Module):
    """Net from z (B, latent) to images of a level (B, 1, 4·2^level, 4·2^level), about [−1, 1]."""

    def __init__(self, config: Config):
        super().__init__()
        c = config.channels
        start = nn.Sequential(
            PixelNorm(),
            EqualLinear(config.latent, c[0] * FIRST**2, gain=2**0.5 / FIRST),  # as the paper
            nn.Unflatten(1, (c[0], FIRST, FIRST)),
            nn.LeakyReLU(0.2),
            PixelNorm(),
            *_layer(c[0], c[0]),
        )
        rest = (nn.Sequential(*_layer(a, b), *_layer(b, b)) for a, b in zip(c, c[1:]))
        self.levels = nn.ModuleList([start, *rest])
        self.pixels = nn.ModuleList(EqualConv(maps, 1, 1, gain=1.0) for maps in c)

    def forward(self, z: Tensor, level: int, alpha: float = 1.0) -> Tensor:
        """Return images (B, 1, 4·2^level, 4·2^level) with the last level faded in by α."""
        maps = list(self.maps(z, level))
        return self.show(maps, alpha)

    def maps(self, z: Tensor, level: int) -> Iterator[Tensor]:
        """Yield h_0, h_1, … up to a level: (B, c_l, 4·2^l, 4·2^l)."""
        h = self.levels[0](z)
        yield h
        for block in self.levels[1 : level + 1]:
            h = block(double(h))
            yield h

    def continue_from(self, h: Tensor, level: int) -> Tensor:
        """Return the last level's images of a level's maps h (B, c_l, 4·2^l, 4·2^l)."""
        for block in self.levels[level + 1 :]:
            h = block(double(h))
        return self.pixels[-1](h)

    def show(self, maps: Sequence[Tensor], alpha: float = 1.0) -> Tensor:
        """Return the image of maps h_0 to h_l: the last faded over the one before by α."""
        high = self.pixels[len(maps) - 1](maps[-1])
        if alpha >= 1 or len(maps) == 1:
            return high
        return fade(double(self.pixels[len(maps) - 2](maps[-2])), high, alpha)


class Discriminator(nn.Module):
    """Net from images of a level to one number each, (B,), which depends on the whole batch."""

    def __init__(self, config: Config):
        super().__init__()
        c = config.channels
        rest = (_plain_layers(b, a) for a, b in zip(c, c[1:]))  # from the level's maps to fewer
        self.levels = nn.ModuleList([nn.Identity(), *rest])
        self.pixels = nn.ModuleList(
            nn.Sequential(EqualConv(1, maps, 1), nn.LeakyReLU(0.2)) for maps in c
        )
        self.end = nn.Sequential(
            EqualConv(c[0] + 1, c[0], 3),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            EqualLinear(c[0] * FIRST**2, c[0]),
            nn.LeakyReLU(0.2),
            EqualLinear(c[0], 1, gain=1.0),
        )

    def forward(self, x: Tensor, level: int, alpha: float = 1.0) -> Tensor:
        """Return D(x), (B,), of images (B, 1, 4·2^level, 4·2^level)."""
        h = self.pixels[level](x)
        for at in range(level, 0, -1):
            h = halve(self.levels[at](h))  # (B, c_{at − 1}, S/2, S/2)
            if at == level:
                h = fade(self.pixels[level - 1](halve(x)), h, alpha) if alpha < 1 else h
        return self.end(append_deviation(h))[:, 0]


class ProGAN(nn.Module):
    """Both nets; outside of them images are (B, 1, 28, 28) in [0, 1]."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)
        self.shown = float("inf")  # real images that its training has shown it; growth.stage asks

    def prior(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Return n codes, (n, latent)."""
        size = (integer("n", n, 1, 100_000), self.config.latent)
        return normal(size, next(self.generator.parameters()), generator)

    def decode(self, z: Tensor, level: int | None = None, alpha: float = 1.0) -> Tensor:
        """Return the images (B, 1, 28, 28) in [0, 1] of codes (B, latent).

        Args:
            z: codes.
            level: 0 to the last, None for that; a lower one's pixels are repeated.
            alpha: how far the level has faded in, 0 to 1.
        """
        return crop(self.generator(z, *self._check(level, alpha)))

    def maps(self, z: Tensor, level: int) -> Tensor:
        """Return a level's maps (B, c_l, 4·2^l, 4·2^l) of codes: mean square 1 at each place."""
        *_, last = self.generator.maps(z, self._check(level, 1.0)[0])
        return last

    def decode_maps(self, h: Tensor, level: int) -> Tensor:
        """Return the images (B, 1, 28, 28) in [0, 1] of a level's maps, changed or not."""
        return crop(self.generator.continue_from(h, level))

    @torch.no_grad()
    def sample(
        self,
        n: int,
        *,
        labels: Tensor | None = None,
        generator: torch.Generator | None = None,
        level: int | None = None,
        alpha: float = 1.0,
    ) -> Tensor:
        """Return the images of n codes from the prior, (n, 1, 28, 28) in [0, 1].

        Args:
            n: how many.
            labels: refused: the model knows none.
            generator: of z.
            level: as of `decode`.
            alpha: as of `decode`.
        """
        if labels is not None:
            raise InputError("unknown", field="labels", allowed="n, generator, level, alpha")
        parts = self.prior(n, generator).split(1000)
        return torch.cat([self.decode(z, level, alpha) for z in parts])

    @torch.no_grad()
    def sampling(
        self, n: int, *, generator: torch.Generator | None = None
    ) -> Iterator[dict[str, Tensor]]:
        """Yield {"z"}, then {"z", "x"} for each level: the same codes at 4, 8, 16, 32."""
        z = self.prior(n, generator)
        yield {"z": z}
        for level in range(self.config.top + 1):
            yield {"z": z, "x": self.decode(z, level)}

    def _check(self, level: int | None, alpha: float) -> tuple[int, float]:
        top = self.config.top
        level = top if level is None else integer("level", level, 0, top)
        return level, number("alpha", alpha, 0, 1)


def _layer(inputs: int, outputs: int) -> list[nn.Module]:
    return [EqualConv(inputs, outputs, 3), nn.LeakyReLU(0.2), PixelNorm()]


def _plain_layers(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        EqualConv(inputs, inputs, 3),
        nn.LeakyReLU(0.2),
        EqualConv(inputs, outputs, 3),
        nn.LeakyReLU(0.2),
    )
