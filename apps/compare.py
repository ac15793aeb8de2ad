"""The comparison tab: all families on the same digits, one sampler each, one count, one judge."""

from __future__ import annotations

from functools import partial

from apps.lessons.compare import models as m
from apps.lessons.compare.blind import blind
from apps.lessons.compare.classes import classes
from apps.lessons.compare.copies import copies
from apps.lessons.compare.inputs import Inputs
from apps.lessons.compare.likelihood import law_alone, likelihood
from apps.lessons.compare.samples import samples
from apps.lessons.compare.table import table
from apps.lessons.compare.trade import trade
from apps.lessons.shared import nets
from apps.stage import Tab
from apps.stage.contract import Functions
from apps.stage.server import alone
from core.inputs import choice, integer
from core.measure import comparison, intervals

MOST_SAMPLES = 16


# ---- the API


def compare_sample(model: str = "vae-mnist", n: int = 4, seed: int = 0) -> dict:
    """Draw a family's images as the comparison shows them: image i of noise seeded 2048 seed + i.

    Args:
        model: "vae-mnist", "pixelcnn-mnist", "dcgan-mnist", "wgan-gp-mnist", "cgan-mnist",
            "flow-mnist", "ebm-mnist" or "ddpm-mnist"; the last two take a second or more an image.
        n: how many, 1 to 16.
        seed: 0 to 16777216.

    Returns:
        "images" n x 28 x 28, whole grey levels from 0 to 255; "classes" n, what the judge sees.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also a model that is not here.
    """
    family = m.select_family("model", model, m.present_families())
    count = integer("n", n, 1, MOST_SAMPLES)
    images = m.images(family, integer("seed", seed, 0, comparison.MOST_SEED), count)
    return {"images": images, "classes": m.verdicts(images)}


def compare_figures(model: str = "vae-mnist") -> dict:
    """Return a family's figures of 2,000 samples with their intervals; null where there is none.

    Args:
        model: as of `compare_sample`; its weights need not be here, its card must.

    Returns:
        "frechet", "coverage", "entropy" of classes in nats, or where labels are told "accuracy":
        each "value", "low" and "high" of a 95 % interval; "floor", the same of real images;
        "samples", how many; "parameters", those that sample; "ms", processor milliseconds of an
        image, median and quartiles; "sampler", the options that differ from the model's own;
        "likelihood" with "nats" an image and "bits" a dimension, from the card, or null.

    Raises:
        InputError: a model that is unknown or has no card.
    """
    from core.weights.card import cards

    known = {name: card for name, card in cards().items() if name in comparison.BY_NAME}
    card = known[choice("model", model, tuple(known))]
    said = comparison.read_figures()
    return {
        **comparison.figures(card),
        "floor": said["floor"],
        "samples": said["samples"],
        "sampler": dict(comparison.BY_NAME[card.name].options),
        "likelihood": comparison.likelihood(card),
    }


def compare_interval(right: int, of: int, level: float = 0.95, method: str = "wilson") -> dict:
    """Return a confidence interval for a share: how sure `right` of `of` guesses make it.

    Args:
        right: how many were right, 0 to `of`.
        of: how many there were, 1 to 1000000.
        level: 0.5 to 0.999.
        method: "wilson" or "clopper-pearson".

    Returns:
        "share", "low" and "high"; "chance", whether 0.5 is inside.
    """
    low, high = intervals.interval(right, of, level, method)
    return {"share": right / of, "low": low, "high": high, "chance": low <= 0.5 <= high}


# ---- the tab


def sources(inputs: Inputs) -> dict[str, Functions]:
    """Return the functions of each view's code drawer, imported on opening: torch takes seconds."""
    from core.measure import bootstrap, drawing, metrics, neighbours
    from core.models.flow import real_nvp
    from core.models.pixelcnn import gated
    from core.models.vae import autoencoder

    near = metrics.density_coverage
    return {
        "samples": (drawing.draw, drawing.draw_one, comparison.shipped_samples),
        "table": (bootstrap.bootstrap, bootstrap.frechet_of, metrics.frechet, near, drawing.pace),
        "trade": (comparison.front, comparison.ties, drawing.pace),
        "classes": (comparison.entropy, near),
        "copies": (neighbours.nearest, neighbours.distances, neighbours.pack),
        "likelihood": (
            autoencoder.elbo,
            gated.PixelCNN.log_prob,
            real_nvp.log_likelihood,
            comparison.nats_to_bits,
        ),
        "blind": (intervals.wilson, intervals.clopper_pearson),
    }


of_families = partial(nets.view, needs=m.names_with_card, checks=law_alone)


TAB = Tab(
    name="compare",
    inputs=Inputs,
    views={
        "samples": of_families(samples),
        "table": of_families(table),
        "trade": of_families(trade),
        "classes": of_families(classes),
        "copies": of_families(copies),
        "likelihood": of_families(likelihood),
        "blind": of_families(blind),
    },
    endpoints=(compare_sample, compare_figures, compare_interval),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
