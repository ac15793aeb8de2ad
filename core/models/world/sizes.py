"""The settings of the world model's three nets: V sees, M remembers and predicts, C acts."""

from __future__ import annotations

from dataclasses import dataclass

from core.inputs import choice, integer, number

ACTIONS = 3


@dataclass(frozen=True)
class Config:
    """The settings of V, M and C; each net reads what concerns it.

    Attributes:
        latent: how many numbers a code z has.
        channels: maps of V's first convolution; the second has twice as many.
        hidden: width of the dense layer between V's maps and the code, and of M's two.
        beta: weight of the KL in the loss that V was trained by.
        state: how many numbers M's memory h has.
        mixtures: components of M's forecast of the next code.
        sees: what C acts on, "z" or "z+h".
        units: width of C's last hidden layer; 0: C is linear.
        wide: width of a hidden layer before that one; 0: there is none.
    """

    latent: int = 8
    channels: int = 16
    hidden: int = 128
    beta: float = 1.0
    state: int = 64
    mixtures: int = 24
    sees: str = "z+h"
    units: int = 0
    wide: int = 0

    def __post_init__(self):
        integer("latent", self.latent, 1, 64)
        integer("channels", self.channels, 1, 64)
        integer("hidden", self.hidden, 1, 1024)
        number("beta", self.beta, 0, 100)
        integer("state", self.state, 1, 1024)
        integer("mixtures", self.mixtures, 1, 100)
        choice("sees", self.sees, ("z", "z+h"))
        integer("units", self.units, 0, 1024)
        integer("wide", self.wide, 0, 1024 if self.units else 0)
