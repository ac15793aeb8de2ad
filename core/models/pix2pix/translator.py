"""Pix2Pix: a conditional GAN that translates an image into another of the same place.

    source         x, (B, 1, 64, 64);  target y;  a face f, told as planes of 0 and 1
    generator      G(x, f): a U-Net, ·(c, 2c, 4c, 4c, 4c) maps at 32, 16, 8, 4, 2 pixels, and back;
                   on the way up each level is joined to the level of its size on the way down:
                   a skip connection. All 4x4 kernels with stride 2; tanh at the end
    discriminator  D(x, y, f), a PatchGAN: 14 x 14 logits, each a verdict on 34 x 34 pixels
                   64 → 32 (d maps) → 16 (2d) → 15 (4d) → 14 (1);  4x4, strides 2, 2, 1, 1
    D lowers       ½ E s(−D(x, y)) + ½ E s(D(x, G(x))),   s(t) = log(1 + eᵗ), mean over patches
    G lowers       a E s(−D(x, G(x))) + b E |y − G(x)|,    λ = b / a;  a = 0: λ = ∞, no D

Inside images run from −1 to 1, so the L1 of the loss is twice that of images in [0, 1].
It is a conditional GAN: what the label is in core.models.gan.networks is here a whole image. With
sees = False the discriminator is shown y alone.

Paper: Isola et al. 2017, arXiv 1611.07004 (a = 1, b = 100; ½ in D's loss). We deviate in the size,
64 x 64 in place of 256 x 256, so five levels in place of eight and a field of 34 in place of 70; in
group norm in place of batch norm, so that no image depends on its batch; and have no dropout: the
same drawing gives the same type, and the paper itself found that its noise changed little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.inputs import InputError, integer, number

SIDE = 64
LEVELS = 5  # of the U-Net; one skip fewer
SKIPS = LEVELS - 1
ALL = (True,) * SKIPS
GROUPS = 4


@dataclass(frozen=True)
class Config:
    """Sizes of the two nets and the weights of their losses.

    Attributes:
        channels: c above, a multiple of 4.
        patch_channels: d above, a multiple of 4.
        faces: how many kinds of target the nets are told of; 1: nothing to tell.
        sees: whether D is shown the source.
        adversarial: a above; 0: G lowers L1 alone and D is not trained.
        l1: b above.
    """

    channels: int = 16
    patch_channels: int = 12
    faces: int = 1
    sees: bool = True
    adversarial: float = 1.0
    l1: float = 100.0

    def __post_init__(self):
        integer("channels", self.channels, 4, 256)
        integer("patch_channels", self.patch_channels, 4, 256)
        integer("faces", self.faces, 1, 16)
        number("adversarial", self.adversarial, 0, 1e6)
        number("l1", self.l1, 0, 1e6)

    @property
    def told(self) -> int:
        """Return how many planes tell the face."""
        return self.faces if self.faces > 1 else 0


class Generator(nn.Module):
    """Net from a source and planes (B, 1 + told, 64, 64) to an image (B, 1, 64, 64) in [−1, 1]."""

    def __init__(self, config: Config):
        super().__init__()
        c = config.channels
        wide = (c, 2 * c, 4 * c, 4 * c, 4 * c)
        into = (1 + config.told, *wide[:-1])
        self.down = nn.ModuleList(
            nn.Sequential(
                *([nn.LeakyReLU(0.2)] if i else []),
                nn.Conv2d(into[i], wide[i], 4, 2, 1),
                *([nn.GroupNorm(GROUPS, wide[i])] if 0 < i < LEVELS - 1 else []),
            )
            for i in range(LEVELS)
        )
        back = (*wide[-2::-1], 1)  # 4c, 4c, 2c, c, 1
        self.up = nn.ModuleList(
            nn.Sequential(
                nn.ReLU(),
                nn.ConvTranspose2d(back[i - 1] * 2 if i else wide[-1], back[i], 4, 2, 1),
                nn.GroupNorm(GROUPS, back[i]) if i < LEVELS - 1 else nn.Tanh(),
            )
            for i in range(LEVELS)
        )

    def forward(self, x: Tensor, skips: Sequence[bool] = ALL) -> Tensor:
        """Return images (B, 1, 64, 64).

        Args:
            x: (B, 1 + told, 64, 64).
            skips: which of the four are joined, that at 32 pixels first; the others are zeros.
        """
        return self.levels(x, skips)[-1]

    def levels(self, x: Tensor, skips: Sequence[bool] = ALL) -> list[Tensor]:
        """Return what each level gives: down at 32, 16, 8, 4, 2 pixels, up at 4, 8, 16, 32, 64."""
        down: list[Tensor] = []
        for layer in self.down:
            x = layer(x)
            down.append(x)
        up: list[Tensor] = []
        for i, layer in enumerate(self.up):
            x = layer(x)
            up.append(x)
            if i < SKIPS:
                joined = down[SKIPS - 1 - i]
                kept = joined if skips[SKIPS - 1 - i] else torch.zeros_like(joined)
                x = torch.cat([x, kept], 1)  # (B, 2 · maps, 4·2ⁱ, 4·2ⁱ)
        return down + up


class Discriminator(nn.Module):
    """Net from source, image and planes (B, sees + 1 + told, 64, 64) to logits (B, 1, 14, 14)."""

    def __init__(self, config: Config):
        super().__init__()
        d = config.patch_channels
        self.layers = nn.Sequential(
            nn.Conv2d(config.sees + 1 + config.told, d, 4, 2, 1),  # (B, d, 32, 32)
            nn.LeakyReLU(0.2),
            nn.Conv2d(d, 2 * d, 4, 2, 1),  # (B, 2d, 16, 16)
            nn.GroupNorm(GROUPS, 2 * d),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * d, 4 * d, 4, 1, 1),  # (B, 4d, 15, 15)
            nn.GroupNorm(GROUPS, 4 * d),
            nn.LeakyReLU(0.2),
            nn.Conv2d(4 * d, 1, 4, 1, 1),  # (B, 1, 14, 14)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (B, 1, 14, 14); larger: taken for real."""
        return self.layers(x)


class Pix2Pix(nn.Module):
    """Both nets; outside of them images are (B, 1, 64, 64) in [0, 1]."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)

    def translate(self, x: Tensor, faces: Tensor | None = None, skips=ALL) -> Tensor:
        """Return the images (B, 1, 64, 64) in [0, 1] that G makes of sources.

        Args:
            x: (B, 1, 64, 64) in [0, 1].
            faces: (B,), whole numbers below config.faces; None: the first.
            skips: which of the four skip connections are joined.

        Raises:
            InputError: sources of another size, or a face that there is not.
        """
        if x.dim() != 4 or x.shape[1:] != (1, SIDE, SIDE):
            allowed = f"(B, 1, {SIDE}, {SIDE})"
            raise InputError("shape", field="x", got=tuple(x.shape), allowed=allowed)
        return (self.generator(self.ask(2 * x - 1, faces), skips) + 1) / 2

    def verdicts(self, x: Tensor, y: Tensor, faces: Tensor | None = None) -> Tensor:
        """Return D's logits (B, 14, 14) of images y beside sources x, (B, 1, 64, 64) in [0, 1]."""
        return self.judge(2 * x - 1, 2 * y - 1, faces)[:, 0]

    def judge(self, x: Tensor, y: Tensor, faces: Tensor | None) -> Tensor:
        """Return D's logits (B, 1, 14, 14) of x and y in [−1, 1]."""
        told = self.ask(x, faces)  # (B, 1 + told, 64, 64)
        return self.discriminator(torch.cat([y, told if self.config.sees else told[:, 1:]], 1))

    def ask(self, x: Tensor, faces: Tensor | None) -> Tensor:
        """Return x (B, 1, 64, 64) with the planes that tell the face, (B, 1 + told, 64, 64)."""
        if not self.config.told:
            return x
        faces = torch.zeros(len(x), dtype=torch.long) if faces is None else faces
        if len(faces) != len(x) or not ((faces >= 0) & (faces < self.config.faces)).all():
            got, high = faces.tolist(), self.config.faces - 1
            raise InputError("integer", field="faces", got=got, low=0, high=high)
        planes = F.one_hot(faces.to(x.device), self.config.faces).to(x)  # (B, faces)
        return torch.cat([x, planes[:, :, None, None].expand(-1, -1, SIDE, SIDE)], 1)


def d_loss(model: Pix2Pix, x: Tensor, y: Tensor, made: Tensor, faces: Tensor | None) -> Tensor:
    """Return the scalar that D lowers: x, y and made, (B, 1, 64, 64) in [−1, 1]; no gradient to G.

    Half of what core.models.gan.losses lowers, as in the paper.
    """
    real, fake = model.judge(x, y, faces), model.judge(x, made.detach(), faces)
    return (F.softplus(-real.float()).mean() + F.softplus(fake.float()).mean()) / 2


def g_loss(
    model: Pix2Pix, x: Tensor, y: Tensor, made: Tensor, faces: Tensor | None
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the scalar that G lowers, and its parts "L1" and, with an adversary, "G"."""
    config, parts = model.config, {"L1": (y - made.float()).abs().mean()}
    loss = config.l1 * parts["L1"]
    if config.adversarial:
        parts["G"] = F.softplus(-model.judge(x, made, faces).float()).mean()
        loss = loss + config.adversarial * parts["G"]
    return loss, parts
