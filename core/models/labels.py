"""Draw and check the labels that nets with classes are given."""

from __future__ import annotations

import torch
from torch import Tensor

from core.inputs import InputError


def draw_labels(
    n: int, classes: int, like: Tensor, generator: torch.Generator | None = None
) -> Tensor:
    """Draw the labels of n images, (n,), all classes alike, on the device of `like`.

    They are drawn where the generator is: the same seed gives the same labels on every device.
    """
    device = like.device if generator is None else generator.device
    return torch.randint(classes, (n,), generator=generator, device=device).to(like.device)


def check_labels(labels: Tensor, n: int, classes: int) -> Tensor:
    """Return the labels of n images, (n,) whole numbers from 0 to classes − 1.

    Raises:
        InputError: another shape, fractions, or a label outside.
    """
    if labels.shape != (n,) or labels.is_floating_point():
        got = f"{tuple(labels.shape)} of {labels.dtype}"
        raise InputError("shape", field="labels", got=got, allowed=f"({n},), whole numbers")
    if n and not 0 <= labels.min() <= labels.max() < classes:
        got = f"{labels.min().item()} to {labels.max().item()}"
        raise InputError("integer", field="labels", got=got, low=0, high=classes - 1)
    return labels


def check_given(labels: Tensor | None, n: int, classes: int) -> Tensor | None:
    """Return the labels of n images of a net with classes, and None of a net without any.

    Raises:
        InputError: labels for a net without classes, none for one with, or as of `check_labels`.
    """
    if not classes:
        if labels is not None:
            raise InputError("unknown", field="labels", allowed="images and codes")
        return None
    if labels is None:
        raise InputError("missing", field="labels", allowed="labels of every image")
    return check_labels(labels, n, classes)
