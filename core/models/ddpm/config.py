"""The settings of a diffusion of digits, and the labels that it knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from core.inputs import InputError, choice, integer
from core.models.ddpm.forward import SIDE
from core.models.ddpm.schedule import MOST_STEPS

CLASSES = 10


@dataclass(frozen=True)
class Config:
    """The settings that a model is built from; every field is checked.

    Attributes:
        fold: f x f pixels become channels first: 1, 2 or 4.
        channels: of the net's levels, multiples of 8.
        depth: blocks a level and way.
        size: E, numbers that say noise level and label.
        schedule: that it is trained with, "linear" or "cosine".
        steps: T.

    Raises:
        InputError: with the name of the field.
    """

    fold: int = 4
    channels: Sequence[int] = (128,)
    depth: int = 2
    size: int = 128
    schedule: str = "cosine"
    steps: int = 1000

    def __post_init__(self) -> None:
        choice("fold", str(self.fold), ("1", "2", "4"))
        choice("schedule", self.schedule, ("linear", "cosine"))
        integer("depth", self.depth, 1, 8)
        integer("size", self.size, 1, 1024)
        integer("steps", self.steps, 2, MOST_STEPS)
        levels = len(self.channels)
        if not levels or SIDE % (self.fold * 2 ** (levels - 1)):
            allowed = f"{SIDE} / (fold · 2^(levels − 1)) whole"
            raise InputError("shape", field="channels", got=levels, allowed=allowed)
        for width in self.channels:
            integer("channels / 8", width / 8, 1, 128)


def check_labels(labels: Tensor, n: int | None) -> Tensor:
    """Return labels (n,) if they are n digits, any number of them where n is None.

    Raises:
        InputError: another shape, or a label that is not 0 to 9.
    """
    if labels.dim() != 1 or not len(labels) or (n is not None and len(labels) != n):
        raise InputError("shape", field="labels", got=tuple(labels.shape), allowed=f"({n},)")
    for value in (labels.min().item(), labels.max().item()):
        integer("labels", value, 0, CLASSES - 1)
    return labels.long()
