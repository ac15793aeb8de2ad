"""The GAN tab's scenes of digits: what each shows, its controls, the functions behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from apps.lessons.gan import classes as gan_classes
from apps.lessons.gan import latent as gan_latent
from apps.lessons.gan import moments as gan_moments
from apps.lessons.gan import nets as m
from apps.lessons.gan import scores as gan_scores
from apps.stage import board as b
from core.inputs import choice
from core.measure import ranks
from core.models.gan.check_digits import arc_delta
from core.models.vae import latent

View = Callable[[dict[str, Any]], dict[str, Any]]

# a scene's views by its "show", each with the controls that only it has
SHOWS: dict[str, dict[str, tuple[View, tuple[str, ...]]]] = {
    "latent": {
        "directions": (gan_latent.directions, ("way_1", "way_2", "way_3", "way_4")),
        "walk": (gan_latent.walk, ("other_seed",)),
        "scores": (gan_scores.scores, ("digit", "clear")),
    },
    "classes": {
        "classes": (gan_classes.classes, ("seed",)),
        "blend": (gan_classes.blend, ("seed", "class_a", "class_b")),
        "augment": (gan_classes.augment, ()),
    },
}
VIEWS = ("moments", *SHOWS)
MODELS = {"moments": m.NETS, "latent": m.FREE}


def nets(names: Sequence[str]) -> dict[str, Any]:
    """Return a choice of trained nets by their short names."""
    return {"kind": "choice", "options": list(names), "labels": [m.NAMES[n] for n in names]}


def way(k: int) -> dict[str, Any]:
    """Return the slider of a direction."""
    far = gan_latent.REACH
    return {"kind": "range", "min": -far, "max": far, "step": 0.5, "half": True}


CONTROLS: dict[str, dict[str, Any]] = {
    "model": nets(m.NETS),
    "show": {"kind": "choice", "options": [name for shown in SHOWS.values() for name in shown]},
    "pick": {"kind": "range", "min": 1, "max": m.SHEET, "step": 1},
    "other_seed": {"kind": "number"},
    **{f"way_{k}": way(k) for k in range(1, gan_latent.WAYS + 1)},
    "digit": {"kind": "range", "min": 0, "max": m.COUNT - 1, "step": 1, "resets": ["drawn"]},
    "clear": {"kind": "action"},
    "class_a": {"kind": "number", "half": True},
    "class_b": {"kind": "number", "half": True},
}


# ---- boards


def made(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's board with its tables; where a net cannot be had, the sentence why."""
    from core.weights import WeightError

    shows = SHOWS.get(view, {})
    show = choice("show", inputs.get("show", next(iter(shows))), tuple(shows)) if shows else ""
    try:
        board = shows[show][0](inputs) if shows else gan_moments.moments(inputs)
    except WeightError as error:
        why = b.word("digits.absent", why=b.word(error.rule, **error.parts))
        board = {"frames": [b.frame(b.text(why, "grad", "wide"))], "facts": []}
    if not board.get("checks"):  # no net, but the formula holds all the same
        board["checks"] = [arc_check()]
    if shows:
        board["without"] = [
            name
            for other, (_, own) in shows.items()
            for name in own
            if other != show and name not in shows[show][1]
        ]
    limits = {"show": {"options": list(shows)}} if shows else {}
    if view in MODELS:
        limits["model"] = nets(MODELS[view])
    return {**board, "limits": limits}


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene; one without all its files is not kept, they may come."""
    shown = {k: v for k, v in made(view, inputs).items() if k != "tables"}
    return {**shown, "fleeting": not whole()}


def tables(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's numbers for CSV and JSON."""
    return made(view, inputs).get("tables", {})


def whole() -> bool:
    """Return whether all that these scenes draw from is here."""
    from core.measure import augmentation, neighbours

    files = neighbours.BITS.exists() and augmentation.FILE.exists()
    return files and all(m.have(name) and bool(m.journal(name)) for name in m.NETS)


def arc_check() -> dict[str, Any]:
    """Return the check of slerp between two fixed codes."""
    ends = np.array([3.0, 0.0, 1.0]), np.array([0.0, -2.0, 2.0])
    found = arc_delta(*ends, np.array([latent.slerp(*ends, t) for t in np.linspace(0, 1, 9)]))
    return b.check(found["delta"], found["against"], 1e-9)


def picture() -> b.Widget:
    """Return the home page's picture: samples at the end of a training, else real digits.

    In numpy: torch is not there yet.
    """
    from safetensors.numpy import load_file

    from core.weights.card import FOLDER

    columns, rows = 13, 7
    images = next(
        (m.journal(n)["moments.images"][-1] for n in (m.CGAN, *m.NETS) if m.journal(n)), None
    )
    role = "real" if images is None else "made"
    if images is None:
        images = load_file(FOLDER / "mnist-sample.safetensors")["images"]
    else:  # a journal keeps 64
        columns, rows = 10, 6
    return b.grey("", m.sheet(images[: columns * rows, 0] / 255, columns), size=320, role=role)


def source(view: str) -> Callable[[dict[str, Any]], Sequence[Callable]]:
    """Return what a view's code drawer shows, looked up when it is opened: core.models needs
    torch.
    """

    def functions(inputs: dict[str, Any]) -> Sequence[Callable]:
        from core.measure import augmentation, neighbours
        from core.models.gan import directions, networks

        return {
            "moments": (networks.judge, networks.fool, networks.followed, ranks.spearman),
            "directions": (directions.pullback, directions.principal, neighbours.nearest),
            "walk": (latent.lerp, latent.slerp, networks.GAN.decode),
            "scores": (networks.Discriminator, networks.GAN.score, ranks.auroc),
            "classes": (networks.Generator, networks.GAN.sampling),
            "blend": (networks.Generator, gan_classes.drawn),
            "augment": (augmentation.read_curves, augmentation.mean_and_spread),
        }[inputs.get("show", "moments") if view in SHOWS else view]

    return functions


SOURCES = {view: source(view) for view in VIEWS}
