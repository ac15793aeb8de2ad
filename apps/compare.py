"""The comparison tab: all families on the same digits, one seed, one judge, one clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from apps.lessons.compare import chance
from apps.lessons.compare import models as m
from apps.lessons.compare import samples as compare_samples
from apps.lessons.compare import table as compare_table
from apps.lessons.shared import nets
from apps.stage import Tab
from apps.stage import board as b
from core.inputs import choice, integer
from core.measure import comparison, intervals
from core.models.vae import latent

MOST_SAMPLES = 16


# ---- the API


def compare_sample(model: str = "vae-mnist", n: int = 4, seed: int = 0) -> dict:
    """Draw a family's images as the comparison shows them: each alone, image i from 64 seed + i.

    Args:
        model: "vae-mnist", "dcgan-mnist", "wgan-gp-mnist", "cgan-mnist", "flow-mnist",
            "ebm-mnist" or "ddpm-mnist"; the last two take a second or more for an image.
        n: how many, 1 to 16.
        seed: 0 to 16777216.

    Returns:
        "images" n x 28 x 28, whole grey levels from 0 to 255; "classes" n, what the judge sees.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also a model that is not here.
    """
    family = m.picked({"model": model}, "model", "", m.present())
    count = integer("n", n, 1, MOST_SAMPLES)
    images = m.images(family, m.seed_of({"seed": seed}), count)
    return {"images": images, "classes": m.verdicts(images)}


def compare_figures(model: str = "vae-mnist") -> dict:
    """Return what a family's card says in the comparison; null for what no run measured.

    Args:
        model: as of `compare_sample`; its weights need not be here, its card must.

    Returns:
        "parameters", "bytes", "minutes", "machine"; "frechet" with "floor", the distance of real
        images, and "count", of samples; "coverage", "entropy" of classes in nats; "likelihood" with
        "nats" an image and "bits" a dimension, or null.

    Raises:
        InputError: a model that is unknown or has no card.
    """
    from core.weights.card import cards

    known = {name: card for name, card in cards().items() if name in comparison.BY_NAME}
    card = known[choice("model", model, tuple(known))]
    return {**comparison.figures(card), "likelihood": comparison.likelihood(card)}


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


# ---- views

VIEWS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "samples": compare_samples.samples,
    "table": compare_table.table,
    "trade": compare_table.trade,
    "classes": compare_samples.classes,
    "copies": compare_samples.copies,
    "likelihood": chance.likelihood,
    "blind": chance.blind,
}
CONTROLS: dict[str, dict[str, Any]] = {
    "seed": {"kind": "number", "resets": ["drawn"]},
    "pick": {"kind": "range", "min": 1, "max": comparison.COUNT, "step": 1},
    "covered": {"kind": "check"},
    "sort": {"kind": "choice", "options": list(compare_table.SORTS), "list": True},
    "again": {"kind": "button", "resets": ["timed"]},
    "cost": {"kind": "choice", "options": list(compare_table.COSTS)},
    "family": m.families(),
    "digit": {"kind": "range", "min": 0, "max": 99, "step": 1},
    "first": m.families(),
    "second": m.families(),
    "order": {"kind": "number"},
}


def made(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's board with its tables; where nothing can be had, the sentence why."""
    return nets.or_why(lambda: VIEWS[view](inputs), chance.law_alone, "absent")


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene; it is not kept while a family's weights may still come."""
    shown = {k: v for k, v in made(view, inputs).items() if k != "tables"}
    return {**shown, "fleeting": shown.get("fleeting", False) or m.waits()}


def tables(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's numbers for CSV and JSON."""
    return made(view, inputs).get("tables", {})


def picture() -> b.Widget:
    """Return the home page's picture: a row of digits from every family, a real one last.

    In numpy: torch is not there yet.
    """
    from safetensors.numpy import load_file

    columns, rows = 13, 7
    found = [comparison.read_samples(family.card)[1] for family in comparison.FAMILIES]
    lines = [one["images"][:columns] for one in found if one]
    if not lines:
        images = load_file(comparison.FOLDER / "mnist-sample.safetensors")["images"][:, 0]
        lines = [images[:columns]] * rows
    tiles = np.stack(lines[:rows]) / 255
    return b.grey("", latent.sheet(tiles), size=320)


def source(view: str) -> Callable[[dict[str, Any]], Sequence[Callable]]:
    """Return what a view's code drawer shows, looked up when it is opened: core.models needs
    torch.
    """

    def functions(inputs: dict[str, Any]) -> Sequence[Callable]:
        from core.measure import metrics, neighbours
        from core.models.flow import real_nvp
        from core.models.vae import autoencoder

        return {
            "samples": (comparison.draw, comparison.shipped_samples),
            "table": (
                comparison.figures,
                comparison.pace,
                metrics.frechet,
                metrics.density_coverage,
            ),
            "trade": (comparison.front, comparison.pace),
            "classes": (comparison.entropy, metrics.density_coverage),
            "copies": (neighbours.nearest, neighbours.distances, neighbours.pack),
            "likelihood": (autoencoder.elbo, real_nvp.log_likelihood, comparison.nats_to_bits),
            "blind": (intervals.wilson, intervals.clopper_pearson),
        }[view]

    return functions


TAB = Tab(
    name="compare",
    board=board,
    tables=tables,
    sources={view: source(view) for view in VIEWS},
    controls=CONTROLS,
    endpoints={
        "compare_sample": compare_sample,
        "compare_figures": compare_figures,
        "compare_interval": compare_interval,
    },
    picture=picture,
)
