"""The settings of a run of the GAN in the plane, each checked."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from core.inputs import choice, integer, number
from core.models.flat.optimizers import OPTIMIZERS
from core.models.flat.settings import hold
from core.models.gan.losses import KINDS

TARGETS = ("ring", "grid", "moons", "line", "spiral", "clusters", "drawn")
PRIORS = ("uniform", "normal")
PACKS = ("1", "2", "4")
INTEGERS = {
    "batch": (8, 512),
    "latent": (1, 2),
    "g_width": (2, 64),
    "d_width": (2, 64),
    "g_depth": (1, 4),
    "d_depth": (1, 4),
    "d_steps": (1, 10),
    "seed": (0, 2**31 - 1),
}
NUMBERS = {
    "sigma": (0.01, 1.0),
    "g_rate": (0.0, 1.0),
    "d_rate": (0.0, 1.0),
    "momentum": (0.0, 0.99),
    "clip": (0.001, 10.0),
    "penalty": (0.0, 100.0),
    "noise": (0.0, 2.0),
}
CHOICES = {"target": TARGETS, "prior": PRIORS, "optimizer": OPTIMIZERS, "loss": KINDS}


@dataclass(frozen=True)
class Settings:
    """All that a run depends on; every field is checked.

    Attributes:
        target: one of TARGETS.
        points: ((x, y), …) of a drawn target, 3 to 400 from −4 to 4; else ignored.
        sigma: width of a drawn target, 0.01 to 1.
        batch: points a batch, 8 to 512, rounded down to a multiple of `pack`.
        latent: dimensions of z, 1 or 2.
        prior: one of PRIORS.
        g_width: units a hidden layer of G, 2 to 64.
        d_width: of D.
        g_depth: hidden layers of G, 1 to 4.
        d_depth: of D.
        optimizer: one of OPTIMIZERS.
        momentum: μ of "momentum", β₁ of "adam", 0 to 0.99.
        g_rate: learning rate of G, 0 to 1.
        d_rate: of D.
        d_steps: updates of D before one of G, 1 to 10.
        loss: one of core.models.gan.losses.KINDS.
        clip: 0.001 to 10.
        penalty: λ, 0 to 100.
        pack: 1, 2 or 4.
        noise: standard deviation of the noise on D's input, 0 to 2, in the plane's units.
        seed: of every draw.

    Raises:
        InputError: with the name of the field.
    """

    target: str = "ring"
    points: tuple[tuple[float, float], ...] = ()
    sigma: float = 0.08
    batch: int = 128
    latent: int = 2
    prior: str = "normal"
    g_width: int = 32
    d_width: int = 32
    g_depth: int = 2
    d_depth: int = 2
    optimizer: str = "adam"
    momentum: float = 0.5
    g_rate: float = 0.002
    d_rate: float = 0.002
    d_steps: int = 1
    loss: str = "non-saturating"
    clip: float = 0.1
    penalty: float = 1.0
    pack: int = 1
    noise: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {
            name: choice(name, getattr(self, name), CHOICES[name]) for name in CHOICES
        }
        checked |= {name: integer(name, getattr(self, name), *INTEGERS[name]) for name in INTEGERS}
        checked |= {name: number(name, getattr(self, name), *NUMBERS[name]) for name in NUMBERS}
        checked["pack"] = int(choice("pack", str(integer("pack", self.pack, 1, 4)), PACKS))
        hold(self, checked)

    def sizes(self, net: str) -> tuple[int, ...]:
        """Return the widths of net "g" or "d" from its input to its output."""
        if net == "g":
            return (self.latent, *[self.g_width] * self.g_depth, 2)
        return (2 * self.pack, *[self.d_width] * self.d_depth, 1)


FIELDS = tuple(field.name for field in fields(Settings))
