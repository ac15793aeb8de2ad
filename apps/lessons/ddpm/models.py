"""The diffusion lesson's trained net, its schedules, and pictures in the process's units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.ddpm.inputs import Inputs
from apps.lessons.shared import nets, pictures
from apps.stage import board as b

if TYPE_CHECKING:
    from core.measure.steps import StepCurves
    from core.models.ddpm.diffusion import DDPM
    from core.models.ddpm.schedule import Schedule

NAME = "ddpm-mnist"
SIDE = pictures.SIDE


def model() -> DDPM:
    """Return the trained net, shared by all requests.

    Raises:
        WeightError: it cannot be had here; the error says why.
    """
    return nets.model(NAME)


def schedule(kind: str, inputs: Inputs) -> Schedule:
    """Return a schedule by name; the bent one as the visitor's two sliders bend it.

    "half" is the u = t/T at which ᾱ = ½, "sudden" how steeply it falls there: between 0.9 and 0.1
    lies 1 − sudden of the room that is left on either side, so that every setting falls.
    """
    from core.models.ddpm.schedule import Schedule

    if kind != "bent":
        return Schedule(kind)
    half = inputs.half
    reach = 0.9 * (1 - inputs.sudden) * min(half, 1 - half)
    return Schedule("bent", points=((half - reach, 0.9), (half, 0.5), (half + reach, 0.1)))


def alpha_bar(t: int) -> float:
    """Return ᾱ_t of the net's own schedule."""
    return model().schedule.at(t)["alpha_bar"]


def shades(x: Any) -> np.ndarray:
    """Return x of the process's units, −1 paper and 1 ink, as shades in [0, 1], all beyond cut
    off.
    """
    return np.clip((np.asarray(x, dtype=float) + 1) / 2, 0, 1)


def image(name: b.Label, x: Any, size: int = 112, role: str = "made") -> b.Widget:
    """Return one picture (28, 28) in the process's units."""
    return b.grey(name, shades(x), size=size, role=role)


def reading(images: np.ndarray) -> np.ndarray | None:
    """Return the classifier's p(y|x), (n, 10), of images (n, 28, 28) in [0, 1]; None without it."""
    return nets.read_digits(images) if nets.have(nets.CLASSIFIER) else None


def spread(images: np.ndarray) -> float:
    """Return how different images (n, …) are: the root mean square difference of all pairs."""
    flat = images.reshape(len(images), -1)
    return float(np.sqrt(2 * flat.var(0, ddof=1).mean()))


def number_text(value: float, digits: int = 3) -> str:
    """Return a number as a line of text has it, with a real minus."""
    return f"{value:.{digits}g}".replace("-", "−")


def decimals_text(values: dict[str, float], digits: int = 3) -> dict[str, str]:
    """Return numbers as a task has them: to three decimals or so many, with a real minus."""
    return {name: f"{value:.{digits}f}".replace("-", "−") for name, value in values.items()}


def step_curves() -> StepCurves | None:
    """Return what was measured over the sampler's steps, None unless it is of these weights."""
    from core.measure.steps import read_steps
    from core.weights.card import cards

    card = cards().get(NAME)
    found = read_steps()
    return found if card and found["sha256"] == card.sha256 else None
