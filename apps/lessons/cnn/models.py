"""The nets of the lesson: which there are, and what they make of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.cnn.inputs import Inputs
from apps.lessons.shared import nets, pictures

if TYPE_CHECKING:
    from torch import Tensor

    from core.models.classifier.cnn import Classifier
    from core.models.cnn.small import SmallNet

TINY, DENSE, LARGE = "cnn-tiny-mnist", "mlp-mnist", "classifier-mnist"


def net(name: str) -> SmallNet | Classifier:
    """Return a trained net, shared by all requests; a WeightError says that it is not here."""
    return nets.model(name)


def picture(inputs: Inputs) -> np.ndarray:
    """Return the picture (28, 28) of a scene: a drawing, else one of the digits."""
    return pictures.select(inputs.drawn, inputs.digit)


def walk_net(name: str, image: np.ndarray) -> list[tuple[str, Tensor]]:
    """Return what each layer of a net makes of a picture (28, 28), with the layers' names."""
    from core.models.cnn.walk import walk

    return walk(net(name), pictures.batch(image[None]))


def probabilities(logits: Any) -> np.ndarray:
    """Return the softmax of logits (10,)."""
    from scipy.special import softmax

    return softmax(np.asarray(logits, dtype=float))


def read(name: str, image: np.ndarray) -> tuple[int, float]:
    """Return the class that a net reads in a picture, and its probability."""
    odds = probabilities(walk_net(name, image)[-1][1][0])
    return int(odds.argmax()), float(odds.max())
