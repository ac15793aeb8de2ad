"""Three nets' reconstructions of a picture side by side, each with its mean squared error."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from apps.lessons.shared import nets
from apps.lessons.vae.autoencoders import (
    AE,
    LARGE,
    NAMES,
    PLAIN,
    decoded_check,
    encoded_check,
)
from apps.stage import board as b
from apps.stage.contract import Check

COMPARED = (AE, PLAIN, LARGE)
ROLES: dict[str, str] = dict(zip(COMPARED, ("real", "made", "hidden")))


def present_nets() -> tuple[str, ...]:
    """Return the nets of the comparison whose weights are available."""
    return tuple(name for name in COMPARED if nets.have(name))


def side_by_side(
    again: dict[str, np.ndarray], clean: np.ndarray, notes: Mapping[str, b.Widget] | None = None
) -> list[b.Widget]:
    """Return each net's reconstruction with its error; for a net that is missing, its sentence.

    Args:
        again: net -> picture (28, 28), of the nets that are here.
        clean: the picture that they are held against, (28, 28).
        notes: net -> a line between the picture and its error.
    """
    items = []
    for name in COMPARED:
        if name not in again:
            items.append(nets.absent(name))
            continue
        between = [notes[name]] if notes else []
        drawn = b.grey(NAMES[name], again[name], size=165)
        items.append(b.column(drawn, *between, error_line(again[name], clean), gap="tight"))
    return items


def error_line(image: np.ndarray, clean: np.ndarray) -> b.Widget:
    """Return the line under a picture that says its mean squared error."""
    return b.text(b.word("error_is", e=f"{squared_error(image, clean):.4f}"), size="small")


def squared_error(images: np.ndarray, clean: np.ndarray) -> float:
    """Return the mean squared error of pictures against others of the same shape."""
    return float(((images - clean) ** 2).mean())


def net_checks(
    x: np.ndarray,
    codes: Mapping[str, np.ndarray],
    sent: Mapping[str, np.ndarray],
    again: Mapping[str, np.ndarray],
) -> list[Check]:
    """Return the checks of the codes of a picture x (28, 28) and of what was decoded.

    Args:
        x: what the nets were given.
        codes: net -> its μ, (1, latent).
        sent: net -> the code that was decoded, (1, latent).
        again: net -> its picture, (28, 28).
    """
    if not codes:
        return []
    encoded = encoded_check({name: (x[None], mu) for name, mu in codes.items()})
    decoded = decoded_check({name: (z, again[name][None]) for name, z in sent.items()})
    return [encoded, decoded]
