"""The blind spot of one stack of masked layers, counted pixel by pixel, and two stacks without it.

    one stack    a 3x3 layer under mask A, then R − 1 under mask B: of the 2R(R + 1) earlier pixels
                 within R it does not see R(R − 1)/2, to the upper right
    two stacks   a vertical one that looks at whole rows above, 3 wide, and a horizontal one that
                 looks left: together they see all

Paper: van den Oord et al. 2016, arXiv 1606.05328.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

import numpy as np

from core.inputs import integer
from core.models.pixelcnn.by_hand import mask_of

FARTHEST = 14  # R


class BlindSpot(TypedDict):
    """What one pixel sees of the earlier pixels within reach R; it stands in the middle."""

    earlier: np.ndarray  # (2R + 1, 2R + 1), true for the pixels before it
    one_stack: np.ndarray  # the same shape, true where R masked 3x3 layers look
    vertical: np.ndarray  # likewise, of two stacks the one that looks at whole rows above
    horizontal: np.ndarray  # and the one that looks to the left
    count: int  # 2R(R + 1)
    seen: int  # by one stack, counted
    formula: int  # 2R(R + 1) − R(R − 1)/2
    seen_by_two: int


def blind_spot(reach: Any) -> BlindSpot:
    """Count what a pixel sees of the earlier ones within reach, by one stack and by two.

    One stack: a 3x3 layer under mask A, then reach − 1 under mask B. Two: a vertical stack that
    looks at whole rows above, 3 wide, and a horizontal one that looks left, as many layers.

    Args:
        reach: R, layers of either, 1 to 14.

    Raises:
        InputError: it is not that.
    """
    R = integer("reach", reach, 1, FARTHEST)
    side = 2 * R + 1
    earlier = mask_of("A", side) == 1
    one = _grow(R, lambda k: mask_of("B" if k else "A") == 1)
    above = np.zeros((3, 3), bool)
    above[0] = True  # the first vertical layer; the others see their own row too
    stack = np.array([[1, 1, 1], [1, 1, 1], [0, 0, 0]]) == 1
    left = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 0]]) == 1
    here = np.array([[0, 0, 0], [1, 1, 0], [0, 0, 0]]) == 1
    vertical = _grow(R, lambda k: stack if k else above)
    horizontal = _grow(R, lambda k: here if k else left)
    count = 2 * R * (R + 1)
    return {
        "earlier": earlier,
        "one_stack": one,
        "vertical": vertical,
        "horizontal": horizontal,
        "count": count,
        "seen": int(one.sum()),
        "formula": count - R * (R - 1) // 2,
        "seen_by_two": int((vertical | horizontal).sum()),
    }


def _grow(layers: int, window: Callable[[int], np.ndarray]) -> np.ndarray:
    """Return what the middle of a square sees through layers whose k-th looks through window(k).

    Walks from the last layer, which looks first, to the layer on the image, k = 0.
    """
    side = 2 * layers + 1
    seen = np.zeros((side, side), bool)
    seen[layers, layers] = True
    for k in reversed(range(layers)):
        looked = np.zeros((side + 2, side + 2), bool)
        for i, j in np.argwhere(seen):
            looked[i : i + 3, j : j + 3] |= window(k)
        seen = looked[1:-1, 1:-1]
    return seen
