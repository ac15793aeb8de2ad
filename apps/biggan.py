"""The BigGAN tab: a code cut off at ±ψ and its parts, and three layers by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.lessons.biggan import models
from apps.lessons.biggan.chunks import chunks
from apps.lessons.biggan.condition import condition
from apps.lessons.biggan.inputs import Inputs
from apps.lessons.biggan.projection import projection
from apps.lessons.biggan.psi import psi
from apps.lessons.biggan.spectral import spectral
from apps.lessons.biggan.truncated import truncated
from apps.lessons.shared import nets
from apps.stage import Tab
from apps.stage.contract import Check, Functions, Law, View
from apps.stage.declare import LARGEST_SEED
from apps.stage.server import alone
from core.inputs import integer, number
from core.models.biggan import by_hand, check

FORMULA = "1 - 2 psi phi(psi) / (2 Phi(psi) - 1)"

# ---- the API


def biggan_sample(
    n: int = 10, seed: int = 0, label: int | None = None, truncation: float | None = None
) -> dict:
    """Return digits that the trained generator draws from a seed, of one class or of each in turn.

    Args:
        n: how many, 1 to 64.
        seed: of the codes z, 0 to 2147483647.
        label: 0 to 9, the digit that is asked for; null: 0, 1, … 9, 0, … in turn.
        truncation: psi, 0.04 to 10: numbers of z beyond ±psi are drawn anew; null: none are.

    Returns:
        "images" n x 28 x 28 in [0, 1]; "labels" n; "largest", the largest magnitude of a number of
        z.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also where the model is not here.
    """
    count = integer("n", n, 1, models.SHEET)
    labels = np.arange(count) % models.CLASSES
    if label is not None:
        labels = np.full(count, integer("label", label, 0, models.CLASSES - 1))
    if truncation is not None:
        truncation = number("truncation", truncation, by_hand.LEAST_PSI, by_hand.MOST_PSI)
    z = models.codes(count, integer("seed", seed, 0, LARGEST_SEED), truncation)
    images = models.decode(z, labels)
    return {"images": images, "labels": labels, "largest": float(np.abs(z).max())}


def biggan_truncated(n: int, psi: float, seed: int = 0) -> dict:
    """Draw numbers of a normal distribution cut off at ±psi: those beyond are drawn anew.

    Args:
        n: how many, 1 to 100000.
        psi: 0.04 to 10.
        seed: of the draws, 0 to 2147483647.

    Returns:
        "values" n, all within ±psi; "variance", that of the distribution, not of the values;
        "formula", how it is computed, phi and Phi density and distribution function of N(0, 1).
    """
    drawn = by_hand.draw_truncated(n, psi, integer("seed", seed, 0, LARGEST_SEED))
    return {
        "values": drawn["values"],
        "variance": by_hand.variance(psi),
        "formula": FORMULA,
    }


def biggan_spectral(matrix: list, rounds: int = 10, seed: int = 0) -> dict:
    """Find the largest singular value of a matrix by power iteration, and by LAPACK.

    Args:
        matrix: 1 to 64 rows of 1 to 64 numbers, of magnitude at most 1000000.
        rounds: 1 to 1000.
        seed: of the start, 0 to 2147483647.

    Returns:
        "sigma" after the last round, "exact" by a singular value decomposition, "rounds", sigma
        after each round: it never falls, and is never above the exact value.
    """
    found = by_hand.spectral(matrix, rounds, integer("seed", seed, 0, LARGEST_SEED))["sigma"]
    return {
        "sigma": float(found[-1]),
        "exact": check.largest_singular_value(matrix),
        "rounds": found,
    }


# ---- the tab


def sources(inputs: Inputs) -> dict[str, Functions]:
    """Return the functions of each view's code drawer, imported on opening: torch takes seconds."""
    del inputs
    from core.models.biggan import layers, networks, truncation
    from core.models.biggan.spectral import Spectral

    return {
        "truncated": (by_hand.draw_truncated, by_hand.variance),
        "psi": (truncation.truncated_normal, networks.BigGAN.sample),
        "condition": (by_hand.conditional_norm, layers.ConditionalNorm),
        "chunks": (networks.Generator.draw, layers.BlockUp),
        "spectral": (by_hand.spectral, Spectral.normalised),
        "projection": (by_hand.projection, networks.Discriminator),
    }


def by_itself() -> Sequence[Check | Law]:
    """Return checks that hold without the net."""
    return spectral(Inputs()).get("checks", ())


TAB = Tab(
    name="biggan",
    inputs=Inputs,
    views={
        "truncated": View(truncated),
        "psi": nets.view(psi, needs=(models.NAME,), checks=by_itself),
        "condition": View(condition),
        "chunks": nets.view(chunks, needs=(models.NAME, nets.CLASSIFIER), checks=by_itself),
        "spectral": View(spectral),
        "projection": View(projection),
    },
    endpoints=(biggan_sample, biggan_truncated, biggan_spectral),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
