"""Ten codes under each of ten labels, and how often the classifier reads the label asked for."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.gan import nets as m
from apps.lessons.gan.inputs import Inputs
from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Check, Functions

ACROSS = 10  # codes in a row of the grid
EACH = 100  # samples of a class that the classifier judges


def label_grid(inputs: Inputs) -> Board:
    """Show ten codes under each of the ten labels, and how often the label can be read off."""
    z = m.codes(m.CGAN, ACROSS, inputs.seed)
    codes, asked = np.tile(z, (10, 1)), np.repeat(np.arange(10), ACROSS)  # row by row
    images = m.decode(m.CGAN, codes, asked)
    wrong = np.flatnonzero(nets.read_digits(images).argmax(1) != asked)
    sheet = pictures.sheet(images, ACROSS, wrong.tolist())
    kept = label_accuracy()
    bars = b.bars(
        b.word("digits.kept", n=str(EACH)),
        [{"label": str(c), "v": 100 * share, "role": "made"} for c, share in enumerate(kept)],
        low=0,
        high=100,
        digits=0,
    )
    left = b.grey(b.word("digits.class_grid"), sheet, size=420)
    found = image_check(
        codes[::11], asked[::11], images[::11]
    )  # the diagonal: each class, each code
    return {
        "frames": [b.frame(b.row(left, bars, gap="wide"))],
        "facts": [
            b.fact(b.word("digits.read_as_asked"), f"{len(asked) - len(wrong)} / {len(asked)}"),
            b.fact(b.word("digits.kept_all"), f"{100 * kept.mean():.1f} %"),
        ],
        "checks": [found],
        "turn": {
            "ask": b.word("digits.turn_column"),
            "choices": [b.word(f"digits.column_{k}") for k in ("style", "class", "nothing")],
            "answer": 0,
        },
        "tables": {"kept": [["class", "share"], *([c, v] for c, v in enumerate(kept.tolist()))]},
    }


@lru_cache(maxsize=1)
def label_accuracy() -> np.ndarray:
    """Return for each class the share of EACH samples that the classifier gives it, (10,)."""
    asked = np.repeat(np.arange(10), EACH)
    images = m.decode(m.CGAN, m.codes(m.CGAN, len(asked), 1), asked)
    return (nets.read_digits(images).argmax(1) == asked).reshape(10, EACH).mean(1)


def image_check(z: np.ndarray, asked: np.ndarray, images: np.ndarray) -> Check:
    """Return the check of images of codes (B, latent) and labels (B,)."""
    from core.models.gan.check_digits import image_delta

    embedded = m.embeddings()[asked]
    found = image_delta(m.gan(m.CGAN), z, images, embedded)
    return b.delta_check(found, m.EXACT)


def label_grid_source(inputs: Inputs) -> Functions:
    """Return the functions shown in the code drawer."""
    from core.models.gan import networks

    del inputs
    return networks.Generator, networks.GAN.sampling
