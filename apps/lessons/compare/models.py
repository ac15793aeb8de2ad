"""The families' cards, models, images of a seed and times on this machine."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.compare.inputs import TITLES
from apps.lessons.shared import sampling
from apps.lessons.shared.nets import have, model
from apps.stage.contract import Limit, More
from core.inputs import InputError, choice
from core.measure import comparison, neighbours
from core.measure.comparison import BY_NAME, COUNT, FAMILIES, Family
from core.models.vae import latent
from core.weights.card import Card, cards

SIDE = 28
REAL = "real"
LOT = 2  # images of a slow family that are drawn before the page hears something
KEPT = 24  # sets of images drawn on request that are remembered

Row = dict[str, Any]  # "family", "here", and the figures of core.measure.comparison.figures

_lock = threading.Lock()
_drawn: OrderedDict[tuple[str, int], list[np.ndarray]] = OrderedDict()


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
        made = _drawn.get((card(family.card).sha256, comparison.SEED), [])
        return len(made) == COUNT or shipped_images(family) is not None

    return [family for family in present_families() if not family.slow or has_images(family)]


def select_family(field: str, name: str, among: list[Family]) -> Family:
    """Return the family of a card, if it is among those.

    Raises:
        InputError: it is not; the error names those that are.
    """
    name = choice(field, name, tuple(BY_NAME))
    found = next((family for family in among if family.card == name), None)
    if found is None:
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
    key = (card(family.card).sha256, seed)
    with _lock:
        made = _drawn.setdefault(key, [])
        _drawn.move_to_end(key)
        if len(made) < upto:
            made += sampling.images(family, model(family.card), seed, len(made), upto)
        while len(_drawn) > KEPT:
            _drawn.popitem(last=False)
        return np.stack(made[:upto]) if upto else np.zeros((0, SIDE, SIDE), np.uint8)


@lru_cache(maxsize=1)
def real() -> dict[str, np.ndarray]:
    """Return 64 test digits and of each its nearest training image, as `compare.kept`."""
    found = comparison.read_samples(REAL)[1]
    if found:
        return found
    from core.data.mnist import digits_sample

    some = digits_sample()[0][:, 0].numpy()[np.arange(100).reshape(10, 10).T.ravel()[:COUNT]]
    bits, _ = neighbours.training_bits()
    gap, row = neighbours.nearest(some / 255, bits)
    return {"images": some, "gap": gap[:, 0], "row": row[:, 0]}


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
def pace(name: str, digest: str, again: int) -> tuple[float, int]:
    """Return seconds an image and of how many images; measured once, and anew when `again` grows.

    The digest only tells weights of one name apart.
    """
    del digest, again
    with _lock:
        return comparison.pace(model(name), BY_NAME[name])


def slow_ones() -> int:
    """Return the number of slow families among those available."""
    return sum(family.slow for family in present_families())


def rows(again: int, timed: int) -> list[Row]:
    """Return each family's figures.

    Args:
        again: how often the clock was asked for anew.
        timed: how many of the slow families are timed.
    """
    found = []
    for family in FAMILIES:
        if not have(family.card):
            found.append({"family": family, "here": False})
            continue
        one = card(family.card)
        waits = family.slow and timed <= 0
        timed -= family.slow
        seconds, count = (None, 0) if waits else pace(one.name, one.sha256, again)
        more = {"ms": None if seconds is None else 1000 * seconds, "timings": count}
        found.append({"family": family, "here": True, **comparison.figures(one), **more})
    return found


def more_of(timed: int) -> More:
    """Return the request for the next slow family's time; done once all are timed."""
    return {"input": "timed", "next": timed + 1, "done": timed, "of": slow_ones()}


def format_count(n: int) -> str:
    """Return a count with its thousands apart."""
    return f"{n:,}"
