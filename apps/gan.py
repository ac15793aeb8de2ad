"""The GAN tab: one step of each net by hand, runs in the plane, digits."""

from __future__ import annotations

import numpy as np

from apps.lessons.gan import classes, latent, moments, plane
from apps.lessons.gan import nets as m
from apps.lessons.gan.family import KINDS, family
from apps.lessons.gan.generator import generator
from apps.lessons.gan.inputs import Inputs
from apps.lessons.gan.optimal import optimal
from apps.lessons.gan.shows import arc_checks
from apps.lessons.gan.step import step
from apps.lessons.shared import nets
from apps.stage import Tab, View
from apps.stage.declare import LARGEST_SEED
from apps.stage.server import alone
from core.inputs import InputError, describe, integer
from core.measure import comparison, drawing
from core.models.gan import by_hand, density_ratio

# ---- the API


def gan_backward(x: float | list, w1: list, w2: list, label: int, loss: str = "minimax") -> dict:
    """Compute a discriminator's loss on one example and its gradients, in float64.

    D(x) = σ(w2 · σ(w1 x)), without biases.

    Args:
        x: a number, or a list of 1 to 4; from -100 to 100, like the weights.
        w1: (H x n) for x of n numbers, or (H) for one; H from 1 to 8.
        w2: (H).
        label: 1 for a real x, L = -log D; 0 for a generated one, L = -log(1 - D).
        loss: "minimax" or "non-saturating"; the discriminator's is the same under both.

    Returns:
        "a" (H), "z", "D", "loss" in nats; "dz" = dL/dz = D - label, "dw2" (H), "dw1" in w1's shape.
    """
    back = by_hand.gan_backward(x, w1, w2, label, loss)
    flat = np.isscalar(w1[0])
    keep = {name: back[name] for name in ("a", "z", "D", "loss", "dz", "dw2")}
    return {**keep, "dw1": back["dw1"][:, 0] if flat else back["dw1"]}


def gan_sample(model: str = m.DCGAN, n: int = 16, seed: int = 0, label: int | None = None) -> dict:
    """Return digits that a trained GAN draws from a seed, with its discriminator's scores.

    Args:
        model: "dcgan-mnist", "wgan-gp-mnist" or "cgan-mnist".
        n: how many, 1 to 64.
        seed: of the codes z, 0 to 2147483647.
        label: 0 to 9, the digit that "cgan-mnist" is asked for; null: 0, 1, … 9, 0, … in turn.
            The other two take no label.

    Returns:
        "images" n x 28 x 28 in [0, 1]; "labels" n, or null of a net without; "scores" n, D before
        any sigmoid: larger, taken for real.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also a model that is not here.
    """
    name, count = nets.usable("model", model, m.NETS), integer("n", n, 1, m.SHEET)
    asked = None
    if name == m.CGAN:
        one = None if label is None else integer("label", label, 0, 9)
        asked = np.arange(count) % 10 if one is None else np.full(count, one)
    elif label is not None:
        raise InputError("choice", field="label", got=describe(label), allowed=f"null ({name})")
    images = m.decode(name, m.codes(name, count, integer("seed", seed, 0, LARGEST_SEED)), asked)
    return {"images": images, "labels": asked, "scores": m.scores(name, images, asked)}


# ---- the tab

TAB = Tab(
    name="gan",
    inputs=Inputs,
    views={
        "step": View(
            step,
            (
                by_hand.gan_backward,
                by_hand.through_discriminator,
                by_hand.back_through_discriminator,
                by_hand.discriminator_step,
            ),
        ),
        "generator": View(
            generator,
            (
                by_hand.generator_step,
                by_hand.forward,
                by_hand.back_through_discriminator,
                by_hand.back_through_generator,
            ),
        ),
        "optimal": View(optimal, (density_ratio.best_discriminator, density_ratio.jensen_shannon)),
        **{name: View(plane.board(name), plane.source, plane.RUN.live) for name in plane.TURNS},
        "moments": moments.VIEW,
        "latent": View(latent.latent, latent.source),
        "classes": View(classes.classes, classes.source),
        "family": nets.view(
            family,
            (drawing.draw, comparison.figures),
            needs=list(KINDS.values()),
            checks=arc_checks,
        ),
    },
    endpoints=(gan_backward, gan_sample),
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
