"""What the diffusion tab draws from: the trained net, its schedule, pictures in its own units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.vae import models as pictures
from apps.stage import board as b
from core.inputs import choice, integer, number

if TYPE_CHECKING:
    from core.models.ddpm.schedule import Schedule

NAME = "ddpm-mnist"
SIDE, MAX_SEED = 28, 2**31 - 1
KINDS = ("cosine", "linear", "bent")
LABELS = (*map(str, range(10)), "any")


def model() -> Any:
    """Return the trained net, shared by all; a WeightError says why it cannot be had."""
    from core import weights

    return weights.load(NAME)


def have() -> bool:
    """Return whether the trained net can be had."""
    from core.weights import WeightError

    try:
        model()
    except WeightError:
        return False
    return True


def seed(inputs: dict[str, Any]) -> int:
    """Return the seed of a scene's draws."""
    return integer("seed", inputs.get("seed", 0), 0, MAX_SEED)


def schedule(kind: str, inputs: dict[str, Any]) -> Schedule:
    """Return a schedule by name; the bent one as the visitor's two sliders bend it.

    "half" is the u = t/T at which ᾱ = ½, "sudden" how steeply it falls there: between 0.9 and 0.1
    lies 1 − sudden of the room that is left on either side, so that every setting falls.
    """
    from core.models.ddpm.schedule import Schedule

    if choice("kind", kind, KINDS) != "bent":
        return Schedule(kind)
    half = number("half", inputs.get("half", 0.3), 0.1, 0.9)
    sudden = number("sudden", inputs.get("sudden", 0.5), 0, 0.95)
    reach = 0.9 * (1 - sudden) * min(half, 1 - half)
    return Schedule("bent", points=((half - reach, 0.9), (half, 0.5), (half + reach, 0.1)))


def kept(t: int) -> float:
    """Return ᾱ_t of the net's own schedule."""
    return model().schedule.at(t)["alpha_bar"]


def label(inputs: dict[str, Any]) -> int | None:
    """Return the class asked for, None for any."""
    asked = choice("label", inputs.get("label", "any"), LABELS)
    return None if asked == "any" else int(asked)


def shades(x: Any) -> np.ndarray:
    """Return what is shown of x in the process's units: −1 paper, 1 ink, all beyond cut off."""
    return np.clip((np.asarray(x, dtype=float) + 1) / 2, 0, 1)


def shown(name: b.Label, x: Any, size: int = 112, role: str = "made") -> b.Widget:
    """Return one picture (28, 28) in the process's units."""
    return b.grey(name, shades(x), size=size, role=role)


def strip(images: Any) -> np.ndarray:
    """Return pictures (n, 28, 28) side by side with a gap of a pixel, (28, 29 n − 1)."""
    tiles = np.pad(np.asarray(images, dtype=float), ((0, 0), (0, 0), (0, 1)))
    return np.concatenate(list(tiles), 1)[:, :-1]


def reading(images: np.ndarray) -> np.ndarray | None:
    """Return the classifier's p(y|x), (n, 10), of images (n, 28, 28) in [0, 1]; None without it."""
    from core import weights
    from core.models.classifier.cnn import predict
    from core.weights import WeightError

    try:
        judge: Any = weights.load("classifier-mnist")
    except WeightError:
        return None
    return predict(judge, pictures.batch(images)).numpy().astype(float)


def said(value: float, digits: int = 3) -> str:
    """Return a number as a line of text has it, with a real minus."""
    return f"{value:.{digits}g}".replace("-", "−")


def measured(eta: float) -> tuple[dict[int, float], int]:
    """Return the Fréchet distance by number of steps that the card states for η = 0 or 1, and of
    how many samples.

    Fewer samples raise the distance: only figures of as many samples as most stand together.
    """
    from core.weights.card import cards

    card = cards().get(NAME)
    rows = card.metrics_of("Fréchet", eta=eta, guidance=2.0) if card else []
    samples = [one.get("samples", 0) for one in rows]
    count = max(samples, key=samples.count, default=0)  # of most figures: those are the curve
    found = {one.get("steps", 0): one["value"] for one, n in zip(rows, samples) if n == count}
    return dict(sorted(found.items())), count
