"""The lesson's nets: translations, verdicts, the reader, and the checks of all by other sums."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.pix2pix.inputs import FACES, SIDE
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Check

if TYPE_CHECKING:
    from torch import Tensor

MAIN = "pix2pix-hangul"
HALF, L1, ADVERSARIAL, BLIND = (f"{MAIN}-{name}" for name in ("half", "l1", "adversarial", "blind"))
NETS = (MAIN, HALF, L1, ADVERSARIAL, BLIND)
READER = "reader-hangul"
TOLERANCE = 1e-4  # float32 against float64, of grey levels
SKIPS = (32, 16, 8, 4)  # pixels of the levels that are joined
SHOWN = "글보워퓨깨닭"  # held-out syllables in a row; the first five of held-out combinations


@lru_cache(maxsize=64)
def pairs(which: str, face: str = FACES[0]) -> tuple[np.ndarray, np.ndarray]:
    """Return strokes as by a hand, and true type, of characters, (n, 64, 64) each in [0, 1]."""
    from core.data.hangul import draw_pairs

    x, y = draw_pairs(which, face)
    return x[:, 0].numpy(), y[:, 0].numpy()


def check_character(syllable: str) -> str:
    """Return a character that has a picture; InputError names one that has none."""
    from core.data.hangul import index

    index(syllable)
    return syllable


def batch(images: np.ndarray) -> Tensor:
    """Return pictures (n, 64, 64) as a float32 tensor (n, 1, 64, 64)."""
    import torch

    return torch.as_tensor(images, dtype=torch.float32).reshape(-1, 1, SIDE, SIDE)


def places(face: str, n: int, name: str) -> Tensor | None:
    """Return the face as a net is told it, (n,); None to a net of one face."""
    import torch

    told = nets.model(name).config.told
    return torch.full((n,), FACES.index(face)) if told else None


def translate(
    name: str, images: np.ndarray, face: str = FACES[0], cut: Sequence[int] = ()
) -> np.ndarray:
    """Return what a net makes of pictures (n, 64, 64) in [0, 1], the same shape.

    Args:
        name: of the net.
        images: in [0, 1].
        face: what a net of two faces is told.
        cut: skip connections that are not joined, 0 at 32 pixels.
    """
    joined = tuple(i not in cut for i in range(len(SKIPS)))
    told = places(face, len(images), name)
    return nets.model(name).translate(batch(images), told, joined)[:, 0].numpy()


def verdicts(name: str, x: np.ndarray, y: np.ndarray, face: str = FACES[0]) -> np.ndarray:
    """Return D's logits (n, 14, 14) of pictures y beside strokes x, (n, 64, 64) each."""
    told = places(face, len(x), name)
    return nets.model(name).verdicts(batch(x), batch(y), told).numpy()


def read(images: np.ndarray) -> str:
    """Return the syllable that the reader sees in each picture (n, 64, 64)."""
    return nets.model(READER).read(batch(images))


def translation_check(
    name: str, x: np.ndarray, made: np.ndarray, face: str = FACES[0], cut: Sequence[int] = ()
) -> Check:
    """Return the check of translations by sums in float64 from the weights alone."""
    from core.models.pix2pix import check

    model = nets.model(name)
    asked = model.ask(2 * batch(x) - 1, places(face, len(x), name))
    found = check.generate(model.generator.state_dict(), asked, cut)
    delta = np.abs((found[:, 0].numpy() + 1) / 2 - made).max()
    return b.check(delta, "float64", TOLERANCE)


def verdict_check(
    name: str, x: np.ndarray, y: np.ndarray, logits: np.ndarray, face: str = FACES[0]
) -> Check:
    """Return the check of verdicts by sums in float64 from the weights alone."""
    import torch

    from core.models.pix2pix import check

    model = nets.model(name)
    told = model.ask(2 * batch(x) - 1, places(face, len(x), name))
    shown = told if model.config.sees else told[:, 1:]
    found = check.judge(model.discriminator.state_dict(), torch.cat([2 * batch(y) - 1, shown], 1))
    return b.check(np.abs(found[:, 0].numpy() - logits).max(), "float64", 1e-3)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + e^−logits) without overflow."""
    return 0.5 * (1 + np.tanh(logits / 2))


def l1(made: np.ndarray, target: np.ndarray) -> float:
    """Return the mean of |made − target| over all pixels."""
    return float(np.abs(made - target).mean())
