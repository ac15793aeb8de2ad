"""Compare families of generative models on the same digits: one sampler, one count, one judge.

    sampler              each family has one, `Family.options`: its pictures, times and figures are
                         all of images drawn that way (core.measure.drawing)
    figures              of the first 2,000 images of seed 0, with bootstrap intervals, beside the
                         same of 2,000 training images: the floor; and of 2,000 in black and white,
                         which is what PixelCNN draws: the judge sees that in a picture too
    entropy              H = −Σ_c p_c log p_c,  p_c the share of images that the judge calls c;
                         log 10 where all ten are alike
    front                the rows that no other row beats: at least as good in every measure and
                         better in one                                             (Pareto)

`python -m weights.recipes.families` measures, and writes `FIGURES`, `MOMENTS` and `SAMPLES`; the
last holds the first 64 images of each family and their nearest training images, and more of those
whose nets need hundreds of passes for an image: they would keep a page waiting. A family's part
counts only while its weights and its sampler are those that it was drawn with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.weights import shipped
from core.weights.card import FOLDER, Card

SAMPLES = FOLDER / "compare-samples.safetensors"
FIGURES = FOLDER / "compare-figures.json"
MOMENTS = FOLDER / "compare-moments.safetensors"
MEASURED = 2000  # images that figures are of
COUNT = 64  # images of a family on a sheet
SEED = 0  # of those that ship
STRIDE = 2048  # of a seed's generators: more images than any seed is asked for
CLASSES = 10
PIXELS = 784
MOST_SEED = 2**24  # 2048 s + i stays a whole number that a generator takes


@dataclass(frozen=True)
class Family:
    """A family of the comparison: its card, and facts that the card does not have.

    Attributes:
        card: its name.
        title: what it is called.
        slow: whether one image takes a net hundreds of passes.
        labelled: whether it takes the label of the digit to draw.
        options: of its `sample`, where they are not the defaults; with them, how often an image
            passes the net.
        part: the module of the model that samples; "" for all of it.
        density: what it says of an image: "mass", log p of black and white ones itself; "binary" or
            "grey", a bound on log p of black and white or of grey ones; "exact", log p of what is
            between grey levels; "energy", log p up to a constant; or "none".
    """

    card: str
    title: str
    slow: bool = False
    labelled: bool = False
    density: str = "none"
    options: Mapping[str, float] = field(default_factory=dict, hash=False)
    part: str = ""


FAMILIES = (
    Family("vae-mnist", "VAE", density="binary", part="decoder"),
    Family("pixelcnn-mnist", "PixelCNN", density="mass"),
    Family("dcgan-mnist", "DCGAN", part="generator"),
    Family("wgan-gp-mnist", "WGAN-GP", part="generator"),
    Family("cgan-mnist", "CGAN", labelled=True, part="generator"),
    Family("progan-mnist", "ProGAN", part="generator"),
    Family("biggan-mnist", "BigGAN", labelled=True, part="generator"),
    Family("flow-mnist", "Flow", density="exact"),
    Family("ebm-mnist", "EBM", slow=True, density="energy"),
    Family(
        "ddpm-mnist",
        "DDPM",
        slow=True,
        labelled=True,
        density="grey",
        options={"steps": 50, "guidance": 2.0, "eta": 0.0},
    ),
)
BY_NAME = {family.card: family for family in FAMILIES}


# ---- figures


@dataclass(frozen=True)
class Measure:
    """A column of the comparison and which way is better.

    Attributes:
        name: of the column.
        up: whether more is better.
    """

    name: str
    up: bool


MEASURES = (
    Measure("parameters", False),
    Measure("ms", False),
    Measure("frechet", False),
    Measure("coverage", True),
    Measure("entropy", True),
    Measure("accuracy", True),
)


def read_figures(file: Path = FIGURES) -> dict[str, Any]:
    """Return what the comparison's run wrote, an empty part where it wrote nothing.

    Returns:
        "samples", "machine", "level"; "floor" and "binary", figures of training digits, grey and in
        black and white; "real", distances of test digits; "families".

    Raises:
        WeightError: the file is missing or damaged.
    """
    found: dict[str, Any] = {"samples": 0, "machine": "", "level": 0.95}
    found |= {"floor": {}, "binary": {}, "real": {}, "families": {}}
    return {**found, **shipped.read_json(file)}


def figures(card: Card, file: Path = FIGURES) -> dict[str, dict[str, float] | None]:
    """Return a family's figures, each "value", "low" and "high"; None where it has none.

    Returns:
        one for each of `MEASURES`: "parameters", those that sample, a number without an interval;
        "ms", processor milliseconds of an image with the quartiles; "frechet", "coverage",
        "entropy", which says nothing of a family that is told labels, and "accuracy" of the labels,
        with bootstrap intervals. All None where the weights are other than those measured.
    """
    said = read_figures(file)["families"].get(card.name, {})
    found: dict[str, dict[str, float] | None] = dict.fromkeys(measure.name for measure in MEASURES)
    if said.get("of") != fingerprint(card):
        return found
    count = said["parameters"]
    found["parameters"] = {"value": count, "low": count, "high": count}
    found["ms"] = {part: 1000 * seconds for part, seconds in said["seconds"].items()}
    found |= {name: said.get(name) for name in ("frechet", "coverage", "entropy", "accuracy")}
    return {**found, "entropy": None} if BY_NAME[card.name].labelled else found


def sampling_parameters(model: Any, family: Family) -> int:
    """Return how many parameters of a family's model take part in sampling."""
    part = getattr(model, family.part) if family.part else model
    return sum(p.numel() for p in part.parameters())


def read_moments(name: str, file: Path = MOMENTS) -> tuple[np.ndarray, np.ndarray] | None:
    """Return mean (F,) and covariance (F, F) of a family's features; "real": the test digits'.

    None for a family that the file does not hold.

    Raises:
        WeightError: the file is missing or damaged.
    """
    found, _ = shipped.read_arrays(file)
    mean = found.get(f"{name}.mean")
    return None if mean is None else (mean, found[f"{name}.cov"])


def likelihood(card: Card) -> dict[str, float] | None:
    """Return a card's −log p of the test digits: "nats" an image and "bits" a dimension.

    Either is computed from the other where the card has but one of them.
    """
    nats, bits = card.value("-ELBO") or card.value("-log p"), card.value("bits/dim")
    if nats is None and bits is None:
        return None
    nats = bits_to_nats(bits) if nats is None else nats  # type: ignore[arg-type]
    return {"nats": nats, "bits": nats_to_bits(nats) if bits is None else bits}


def nats_to_bits(nats: float, dimensions: int = PIXELS) -> float:
    """Return bits a dimension of nats an image."""
    return nats / (dimensions * math.log(2))


def bits_to_nats(bits: float, dimensions: int = PIXELS) -> float:
    """Return nats an image of bits a dimension."""
    return bits * dimensions * math.log(2)


def front(rows: Sequence[Sequence[float | None]], up: Sequence[bool]) -> list[bool]:
    """Return which rows are on the Pareto front; one that lacks a figure is not.

    Args:
        rows: figures of each, in one order.
        up: for each figure whether more is better.
    """

    def good(row: Sequence[float | None]) -> list[float] | None:
        found = [v if more else -v for v, more in zip(row, up) if v is not None]
        return found if len(found) == len(row) else None

    every = [good(row) for row in rows]
    known = [row for row in every if row]

    def is_beaten(row: list[float]) -> bool:
        return any(other != row and all(a >= b for a, b in zip(other, row)) for other in known)

    return [row is not None and not is_beaten(row) for row in every]


def ties(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Return ranks of costs, from 0; those whose spans (low, high) overlap share one.

    Args:
        spans: of each cost, the quartiles of a time; what overlaps a tied one is tied as well.
    """
    order = sorted(range(len(spans)), key=lambda i: spans[i])
    ranks, reach, rank = [0] * len(spans), -math.inf, -1
    for i in order:
        low, high = spans[i]
        rank += low > reach
        reach = max(reach, high)
        ranks[i] = rank
    return ranks


def entropy(labels: np.ndarray) -> float:
    """Return the entropy in nats of labels (N,) from 0 to 9."""
    share = np.bincount(labels, minlength=CLASSES) / len(labels)
    some = share[share > 0]
    return float(-(some * np.log(some)).sum()) + 0.0


# ---- images


def fingerprint(card: Card) -> str:
    """Return what a family's images depend on: the sha256 of its weights, and its sampler."""
    options = sorted(BY_NAME[card.name].options.items())
    return " ".join([card.sha256, *(f"{name}={value:g}" for name, value in options)])


def shipped_samples(card: Card, file: Path = SAMPLES) -> dict[str, np.ndarray] | None:
    """Return a family's shipped images, if they are this card's.

    Returns:
        "images" (64, 28, 28) uint8 from seed `SEED`, and of each its nearest training image: "gap"
        (64,), pixels that differ, and "row" (64,); of a slow family "pool", the images after those;
        None where the file has none of these weights.
    """
    digest, tensors = read_samples(card.name, file)
    return tensors if digest == fingerprint(card) else None


def read_samples(name: str, file: Path = SAMPLES) -> tuple[str | None, dict[str, np.ndarray]]:
    """Return the `fingerprint` that a family's shipped images were drawn with, and the arrays;
    "real" has none.

    Raises:
        WeightError: the file is missing or damaged.
    """
    found, about = shipped.read_arrays(file)
    parts = {
        key.rpartition(".")[2]: value
        for key, value in found.items()
        if key.rpartition(".")[0] == name
    }
    return about.get(name), parts
