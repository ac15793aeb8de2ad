"""The PixelCNN's numbers once more in plain Python, for what claims are held against."""

import itertools
import math
from typing import cast

import torch

from core import weights
from core.models.pixelcnn.gated import PixelCNN
from core.weights.card import cards
from tests.tab_case import TabCase

CASE = TabCase("pixelcnn")
EARLIER = 4  # cells of a 3x3 window before its middle, in reading order


def net(name: str) -> PixelCNN:
    """Return a shipped net."""
    return cast(PixelCNN, weights.load(name))


def figure(name: str, metric: str) -> float:
    """Return a figure of a card."""
    return cards()[name].metrics[metric]["value"]


def probability(x, kernel, bias, kept):
    """Return q of a 3x3 image, nine of 0 and 1, whose window keeps its first `kept` cells."""
    q = 1.0
    for i, j in itertools.product(range(3), repeat=2):
        logit = bias
        for k in range(kept):
            u, v = divmod(k, 3)
            r, c = i + u - 1, j + v - 1
            if 0 <= r < 3 and 0 <= c < 3:
                logit += kernel[u][v] * x[3 * r + c]
        p = 1 / (1 + math.exp(-logit))
        q *= p if x[3 * i + j] else 1 - p
    return q


def entropy_and_loss(kernel, bias, kept):
    """Return the entropy of the honest model, the loss on it under a window of the first `kept`
    cells, and what that window's numbers add up to.
    """
    images = list(itertools.product((0, 1), repeat=9))
    p = [probability(x, kernel, bias, EARLIER) for x in images]
    q = [probability(x, kernel, bias, kept) for x in images]
    entropy = -sum(a * math.log(a) for a in p)
    return entropy, -sum(a * math.log(b) for a, b in zip(p, q)), sum(q)


def seen_through(layers):
    """Return what the middle sees, (row, column) from it, through layers of masked 3x3 windows: in
    one stack, and of two stacks the vertical and the horizontal one.
    """

    def walk(first, later):
        seen = {(0, 0)}
        for k in reversed(range(layers)):  # the last layer looks first, k = 0 at the image
            seen = {(i + a, j + b) for i, j in seen for a, b in (later if k else first)}
        return seen

    row = [(-1, -1), (-1, 0), (-1, 1)]
    one = walk([*row, (0, -1)], [*row, (0, -1), (0, 0)])
    vertical = walk(row, [*row, (0, -1), (0, 0), (0, 1)])
    horizontal = walk([(0, -1)], [(0, -1), (0, 0)])
    return one, vertical, horizontal


def free_images(n):
    """Return n samples (n, 1, 28, 28) of the shipped net."""
    return net("pixelcnn-mnist").sample(n, generator=torch.Generator().manual_seed(1))
