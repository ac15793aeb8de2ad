"""The BigGAN tab: a code cut off at ±ψ, conditional and spectral norm, projection, by hand."""

from __future__ import annotations

from apps.lessons.biggan.condition import condition
from apps.lessons.biggan.inputs import Inputs
from apps.lessons.biggan.projection import projection
from apps.lessons.biggan.spectral import spectral
from apps.lessons.biggan.truncated import truncated
from apps.stage import Tab
from apps.stage.contract import Functions, View
from apps.stage.declare import LARGEST_SEED
from apps.stage.server import alone
from core.inputs import integer
from core.models.biggan import by_hand, check

FORMULA = "1 - 2 psi phi(psi) / (2 Phi(psi) - 1)"

# ---- the API


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
    from core.models.biggan import layers, networks
    from core.models.biggan.spectral import Spectral

    return {
        "truncated": (by_hand.draw_truncated, by_hand.variance),
        "condition": (by_hand.conditional_norm, layers.ConditionalNorm),
        "spectral": (by_hand.spectral, Spectral.normalised),
        "projection": (by_hand.projection, networks.Discriminator),
    }


TAB = Tab(
    name="biggan",
    inputs=Inputs,
    views={
        "truncated": View(truncated),
        "condition": View(condition),
        "spectral": View(spectral),
        "projection": View(projection),
    },
    endpoints=(biggan_truncated, biggan_spectral),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
