"""Compare families of generative models on the same digits: one seed, one judge, one clock.

    image i of seed s    drawn by a generator of its own, seeded 64 s + i, so that any one of them
                         can be drawn again alone and must come out the same
    entropy              H = −Σ_c p_c log p_c,  p_c the share of images that the judge calls c;
                         log 10 where all ten are alike
    front                the rows that no other row beats: at least as good in every measure and
                         better in one                                             (Pareto)

Figures are read off the cards, where a recipe's run wrote them; what a card does not say is None.
`SAMPLES` holds 64 images of each family from seed 0 and their nearest training images, drawn by
`python -m weights.recipes.samples`: nets that need hundreds of passes for an image would keep a
page waiting. A family's part counts only while its card has the sha256 that it was drawn with.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.weights.card import FOLDER, Card

if TYPE_CHECKING:
    from torch import nn

SAMPLES = FOLDER / "compare-samples.safetensors"
COUNT = 64  # images of a family
SEED = 0  # of those that ship
CLASSES = 10
LONG = 0.5  # seconds
PIXELS = 784
MOST_SEED = 2**24  # 64 s + i stays a whole number that a generator takes


@dataclass(frozen=True)
class Family:
    """A family of the comparison: its card, and facts that the card does not have.

    Attributes:
        card: its name.
        title: what it is called.
        slow: whether one image takes a net hundreds of passes.
        labelled: whether it takes the label of the digit to draw.
        density: what it says of an image: "binary" or "grey", a bound on log p of black and white
            or of grey ones; "exact", log p of what is between grey levels; "energy", log p up to a
            constant; or "none".
    """

    card: str
    title: str
    slow: bool = False
    labelled: bool = False
    density: str = "none"


FAMILIES = (
    Family("vae-mnist", "VAE", density="binary"),
    Family("dcgan-mnist", "DCGAN"),
    Family("wgan-gp-mnist", "WGAN-GP"),
    Family("cgan-mnist", "CGAN", labelled=True),
    Family("flow-mnist", "Flow", density="exact"),
    Family("ebm-mnist", "EBM", slow=True, density="energy"),
    Family("ddpm-mnist", "DDPM", slow=True, labelled=True, density="grey"),
)
BY_NAME = {family.card: family for family in FAMILIES}


# ---- figures, off the cards


@dataclass(frozen=True)
class Measure:
    """A column of the comparison: where its figure stands and which way is better.

    Attributes:
        name: of the column.
        metric: of the card, or None where it is a field of the card or measured here.
        up: whether more is better; None: neither.
    """

    name: str
    metric: str | None
    up: bool | None


MEASURES = (
    Measure("parameters", None, False),
    Measure("bytes", None, False),
    Measure("minutes", None, False),
    Measure("ms", None, False),
    Measure("frechet", "Fréchet", False),
    Measure("coverage", "coverage", True),
    Measure("entropy", "class entropy", True),
)


def figures(card: Card) -> dict[str, Any]:
    """Return a card's figures for the comparison's columns; None where it has none.

    Returns:
        a value for each of `MEASURES` but "ms"; "floor", the Fréchet distance of real images;
        "count", of samples that the distance is of; "machine"; "epochs".
    """
    said = {m.name: card.value(m.metric) for m in MEASURES if m.metric}
    distance = card.metrics.get("Fréchet")
    return {
        "parameters": card.parameters,
        "bytes": card.bytes,
        "minutes": card.training.get("minutes"),
        **said,
        "floor": card.value("Fréchet floor"),
        "count": distance.get("samples") if distance else None,
        "machine": card.training.get("machine"),
    }


def likelihood(card: Card) -> dict[str, float] | None:
    """Return a card's −log p of the test digits: "nats" an image and "bits" a dimension.

    Either is computed from the other where the card has but one of them.
    """
    nats, bits = card.value("-ELBO"), card.value("bits/dim")
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


def entropy(labels: np.ndarray) -> float:
    """Return the entropy in nats of labels (N,) from 0 to 9."""
    share = np.bincount(labels, minlength=CLASSES) / len(labels)
    some = share[share > 0]
    return float(-(some * np.log(some)).sum()) + 0.0


# ---- images


def draw(model: nn.Module, family: Family, seed: int, index: int) -> np.ndarray:
    """Return image `index` of a seed, (28, 28) uint8, drawn alone as the model ships.

    A family that is told labels gets 0, 1, … 9, 0, … in turn.

    Args:
        model: of the family's card.
        family: which.
        seed: 0 to 2²⁴.
        index: 0 to 63.
    """
    import torch

    generator = torch.Generator().manual_seed(COUNT * seed + index)
    labels = torch.tensor([index % CLASSES]) if family.labelled else None
    with torch.no_grad():
        image = model.sample(1, labels=labels, generator=generator)  # pyright: ignore
    return (image[0, 0] * 255).round().to(torch.uint8).cpu().numpy()


def pace(model: nn.Module, family: Family, budget: float = 0.15) -> tuple[float, int]:
    """Return the median seconds that one image takes now, and of how many images.

    Args:
        model: of the family's card.
        family: which.
        budget: seconds to spend. A first image does not count: caches fill. But where it takes as
            long as `LONG`, it is all.
    """

    def once(index: int) -> float:
        start = time.perf_counter()
        draw(model, family, SEED, index)
        return time.perf_counter() - start

    first, spent = once(0), []
    if first >= LONG:
        return first, 1
    while len(spent) < 3 or sum(spent) < budget:
        spent.append(once(len(spent) % COUNT))
    return float(np.median(spent)), len(spent)


def shipped_samples(card: Card, file: Path = SAMPLES) -> dict[str, np.ndarray] | None:
    """Return a family's shipped images, if they are this card's.

    Returns:
        "images" (64, 28, 28) uint8 from seed `SEED`, and of each its nearest training image: "gap"
        (64,), pixels that differ, and "row" (64,); None where the file has none of these weights.
    """
    digest, tensors = read_samples(card.name, file)
    return tensors if digest == card.sha256 else None


def read_samples(name: str, file: Path = SAMPLES) -> tuple[str | None, dict[str, np.ndarray]]:
    """Return the sha256 that a family's shipped images were drawn with, and the arrays; "real" has
    no sha256.
    """
    from safetensors import safe_open

    if not file.exists():
        return None, {}
    with safe_open(file, "np") as data:
        parts = {
            key.rpartition(".")[2]: data.get_tensor(key)
            for key in data.keys()  # noqa: SIM118 (not a dict)
            if key.rpartition(".")[0] == name
        }
        return (data.metadata() or {}).get(name), parts
