"""Draw many images of a family with resume: what a stopped run has drawn is read, not drawn again.

A family's images stand in <folder>/<card>-<digest>.npy, uint8 (N, 28, 28), image i from
`core.measure.drawing.draw`; the digest is of its weights and its sampler.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from core.measure import drawing
from core.measure.comparison import SEED, Family, fingerprint
from core.weights.card import FOLDER, Card
from weights.recipes.command import load_shipped

LOT = 25  # images between two writes


def file_of(card: Card, folder: Path) -> Path:
    """Return where a family's images are kept: its weights and its sampler are in the name."""
    digest = hashlib.sha256(fingerprint(card).encode()).hexdigest()
    return folder / f"{card.name}-{digest[:12]}.npy"


def draw_with_resume(
    card: Card, family: Family, count: int, folder: Path, cards: Path = FOLDER
) -> np.ndarray:
    """Return the first `count` images of a family, (count, 28, 28) uint8.

    Args:
        card: its card.
        family: which.
        count: how many.
        folder: of the files that hold what is drawn.
        cards: folder of the cards and weights.
    """
    file = file_of(card, folder)
    made = np.load(file) if file.exists() else np.zeros((0, 28, 28), np.uint8)
    if len(made) >= count:
        return made[:count]
    model = load_shipped(card.name, cards)
    folder.mkdir(parents=True, exist_ok=True)
    while len(made) < count:
        some = drawing.draw(model, family, SEED, len(made), min(LOT, count - len(made)))
        made = np.concatenate([made, some])
        beside = file.with_suffix(".part.npy")
        np.save(beside, made)
        beside.replace(file)
        if len(made) % (20 * LOT) == 0:
            print(f"{card.name}: {len(made)} images", flush=True)
    return made
