"""The families' cards, models, images of a seed and times on this machine."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.compare.inputs import TITLES
from apps.lessons.shared import sampling
from apps.lessons.shared.nets import have, model
from apps.stage.contract import Limit, More
from core.inputs import InputError, choice
from core.measure import comparison, drawing, neighbours
from core.measure.comparison import BY_NAME, COUNT, FAMILIES, Family
from core.models.vae import latent
from core.weights.card import Card, cards

SIDE = 28
REAL = "real"
LOT = 8  # images of a slow family that are drawn at once, before the page hears something
KEPT = 24  # sets of images drawn on request that are remembered

Row = dict[str, Any]  # "family", "here", and the figures of core.measure.comparison.figures

Drawn = tuple[list[np.ndarray], threading.Lock]  # a set of images as far as it is, and its lock

_kept = threading.Lock()  # over the sets, never over drawing
_timing = threading.Lock()  # two at once would time each other
_drawn: OrderedDict[tuple[str, int], Drawn] = OrderedDict()


# ---- models and cards


def card(name: str) -> Card:
    """Return a family's card."""
    return cards()[name]


def present_families() -> list[Family]:
    """Return the families whose weights are available."""
    return [family for family in FAMILIES if have(family.card)]


def names_with_card() -> list[str]:
    """Return the names of the families that have a card."""
    return [name for name in BY_NAME if name in cards()]


def ready_families() -> list[Family]:
    """Return the families whose 64 images are here or take no time: a slow one's must have been
    drawn.
    """

    def has_images(family: Family) -> bool:
        made, _ = _drawn.get((card(family.card).sha256, comparison.SEED), ([], None))
        return len(made) == COUNT or shipped_images(family) is not None

    return [family for family in present_families() if not family.slow or has_images(family)]


def select_family(field: str, name: str, among: list[Family]) -> Family:
    """Return the family of a card, if it is among those.

    Raises:
        InputError: it is not; the error names those that are.
        WeightError: its weights cannot be had; the error says why.
    """
    name = choice(field, name, tuple(BY_NAME))
    found = next((family for family in among if family.card == name), None)
    if found is None:
        model(name)
        there = ", ".join(family.card for family in among) or "none yet"
        raise InputError("choice", field=field, got=f'"{name}"', allowed=there)
    return found


def limits(*fields: str) -> dict[str, Limit]:
    """Return the limits of a board's family choices: families whose images are ready."""
    there = [family.card for family in ready_families()]
    some: Limit = {"options": list(there), "labels": [TITLES[name] for name in there]}
    return dict.fromkeys(fields, some) if there else {}


# ---- images


def shipped_images(family: Family) -> dict[str, np.ndarray] | None:
    """Return the images that ship for a family, if they are of its weights."""
    return comparison.shipped_samples(card(family.card))


def images(family: Family, seed: int, upto: int = COUNT) -> np.ndarray:
    """Return a family's first images of a seed, (upto, 28, 28) uint8; missing ones are drawn."""
    kept = shipped_images(family) if seed == comparison.SEED else None
    if kept is not None:
        return kept["images"][:upto]
    made, drawing_it = images_of((card(family.card).sha256, seed))
    with drawing_it:
        if len(made) < upto:
            made += sampling.images(family, model(family.card), seed, len(made), upto)
        return np.stack(made[:upto]) if upto else np.zeros((0, SIDE, SIDE), np.uint8)


def images_of(key: tuple[str, int]) -> Drawn:
    """Return the set of images of these weights and this seed; the last ones asked for are kept."""
    with _kept:
        found = _drawn.setdefault(key, ([], threading.Lock()))
        _drawn.move_to_end(key)
        while len(_drawn) > KEPT:
            _drawn.popitem(last=False)
        return found


@lru_cache(maxsize=1)
def real() -> dict[str, np.ndarray]:
    """Return 64 test digits, of each its nearest training image, and "pool", other test digits."""
    found = comparison.read_samples(REAL)[1]
    if found:
        return found
    from core.data.mnist import digits_sample

    some = digits_sample()[0][:, 0].numpy()[np.arange(100).reshape(10, 10).T.ravel()[:COUNT]]
    bits, _ = neighbours.training_bits()
    gap, row = neighbours.nearest(some / 255, bits)
    return {"images": some, "gap": gap[:, 0], "row": row[:, 0], "pool": some}


def sheet(made: np.ndarray, framed: int | None = None) -> np.ndarray:
    """Return up to 64 images (N, 28, 28) uint8 as one picture of 8 x 8; one of them may be
    framed, and what is missing is left blank.
    """
    tiles = np.zeros((COUNT, SIDE, SIDE))
    tiles[: len(made)] = np.asarray(made) / 255
    if framed is not None:
        for edge in (tiles[framed, :2], tiles[framed, -2:]):
            edge[...] = 1.0
        tiles[framed, :, :2] = tiles[framed, :, -2:] = 1.0
    return latent.sheet(tiles.reshape(8, 8, SIDE, SIDE))


def verdicts(made: np.ndarray) -> np.ndarray:
    """Return the class that the judge gives each of images (N, 28, 28) uint8: (N,)."""
    import torch

    with torch.no_grad():
        x = torch.as_tensor(np.asarray(made), dtype=torch.float32)[:, None] / 255
        return model("classifier-mnist")(x).argmax(1).numpy()


# ---- figures


@lru_cache(maxsize=256)
def pace(name: str, digest: str, again: int) -> dict[str, float]:
    """Return processor milliseconds of an image here, median and quartiles; measured once, and
    anew when `again` grows.

    The digest only tells weights of one name apart.
    """
    del digest, again
    with _timing:
        spent = drawing.pace(model(name), BY_NAME[name])
    parts = {"value": 0.5, "low": 0.25, "high": 0.75}
    return {part: 1000 * float(np.quantile(spent, q)) for part, q in parts.items()}


def slow_ones() -> int:
    """Return the number of slow families among those available."""
    return sum(family.slow for family in present_families())


def rows(again: int, timed: int) -> list[Row]:
    """Return each family's figures, a value with its interval each.

    Args:
        again: how often the clock was asked for; 0: times are those that ship.
        timed: how many of the slow families are timed here.
    """
    found = []
    for family in FAMILIES:
        if not have(family.card):
            found.append({"family": family, "here": False})
            continue
        one = card(family.card)
        row = {"family": family, "here": True, **comparison.figures(one)}
        if again:
            waits = family.slow and timed <= 0
            timed -= family.slow
            row["ms"] = None if waits else pace(one.name, one.sha256, again)
        found.append(row)
    return found


def value_of(row: Row, name: str) -> float | None:
    """Return a figure of a row without its interval; "classes": whichever of the two it has."""
    said = classes_of(row) if name == "classes" else row.get(name)
    return None if said is None else said["value"]


def classes_of(row: Row) -> dict[str, float] | None:
    """Return the entropy of classes, or of a family that is told labels their accuracy."""
    return row.get("accuracy") if row["family"].labelled else row.get("entropy")


def more_of(again: int, timed: int) -> More | None:
    """Return the request for the next slow family's time, done once all are timed; None where times
    that ship are shown.
    """
    if not again:
        return None
    return {"input": "timed", "next": timed + 1, "done": timed, "of": slow_ones()}


def format_count(n: int) -> str:
    """Return a count with its thousands apart."""
    return f"{n:,}"


def format_range(said: Mapping[str, float], places: int) -> str:
    """Return a figure with its interval: 0.222 [0.201, 0.243]."""
    value, low, high = (f"{said[part]:.{places}f}" for part in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"
