"""The lesson's trained nets, its digits as tensors, and what pixels cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.pixelcnn.inputs import Inputs
from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from core.measure.comparison import PIXELS

if TYPE_CHECKING:
    from torch import Tensor

    from core.models.pixelcnn.gated import PixelCNN

NAME, TOLD, VAE, FLOW = "pixelcnn-mnist", "cpixelcnn-mnist", "vae-mnist", "flow-mnist"
SIDE = pictures.SIDE
SINGLE = 1e-5  # tolerance of nats: float32 against float64, relative
LN2 = math.log(2)


def model(name: str = NAME) -> PixelCNN:
    """Return a trained net, shared by all requests.

    Raises:
        WeightError: it cannot be had here; the error says why.
    """
    return nets.model(name)


def batch(images: np.ndarray) -> Tensor:
    """Return images (B, 28, 28), or one, of 0 and 1 as float32 (B, 1, 28, 28)."""
    return pictures.batch(images)


def bits_per_pixel(nats: float) -> float:
    """Return bits a pixel of nats an image."""
    return nats / (PIXELS * LN2)


def grid(label: b.Label, image: np.ndarray, size: int, role: str = "real", **more) -> b.Widget:
    """Return a picture (28, 28) of 0 and 1, or shades between, as cells."""
    return b.cells(label, image * 2 - 1, (SIDE, SIDE), size=size, role=role, **more)


def source_name(inputs: Inputs) -> b.Label:
    """Return what a scene's picture is: a drawing, or a digit and how it was made binary."""
    if inputs.drawn is not None:
        return b.word("drawing")
    label = str(int(pictures.digits()[1][inputs.digit]))
    return b.word(f"digit_{inputs.binary}", c=label)


def place(pixel: int) -> tuple[int, int]:
    """Return row and column of a pixel."""
    return divmod(pixel, SIDE)
