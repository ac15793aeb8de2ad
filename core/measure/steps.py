"""Read how far samples of ddpm-mnist are from test digits, by steps of the sampler, η and guidance.

`weights.recipes.steps` writes the file, and says how a distance and its interval are taken.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from core.weights import shipped
from core.weights.card import FOLDER

FILE = FOLDER / "ddpm-steps.json"


class Point(TypedDict):
    """One way of sampling, measured."""

    steps: int  # of the sampler
    eta: float  # η: 0 is DDIM, 1 is DDPM
    guidance: float  # w
    frechet: float  # squared Fréchet distance to the test set
    error: float  # its standard error
    label_accuracy: float  # share that the classifier gives the label asked for


class Floor(TypedDict):
    """The distance of as many training digits to the test set, over sets that share none."""

    frechet: float  # mean
    spread: float  # standard deviation of one set, divided by n − 1
    sets: int


class StepCurves(TypedDict):
    """The file: the points, the floor, and how they were measured."""

    card: str
    sha256: str  # of the card's file
    samples: int  # a point, and of each set of the floor
    test_images: int
    floor: Floor
    points: list[Point]
    how: str
    command: str
    machine: str
    minutes: float  # processor time


def read_steps(path: Path = FILE) -> StepCurves:
    """Return the measured points and their floor.

    Raises:
        WeightError: the file is missing or damaged.
    """
    return shipped.read_json(path)


def points_of(found: StepCurves, eta: float, guidance: float) -> list[Point]:
    """Return the points of one η and w, by rising steps."""
    same = [one for one in found["points"] if (one["eta"], one["guidance"]) == (eta, guidance)]
    return sorted(same, key=lambda one: one["steps"])
