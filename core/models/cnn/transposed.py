"""A transposed convolution by hand, and why it paints checkerboards: numpy float64.

    spread   Y_(i s + a, j s + b) += X_ij K_ab over all i, j, a, b;  then p rows and columns are cut
             off each side
    size     (n − 1) s + k − 2p
    overlap  how many pairs (i, a) fall on an output. Away from the edges it is the same everywhere
             just if s divides k; else it repeats with period s: a checkerboard

It is the gradient of a cross-correlation by its image. Source: Dumoulin & Visin 2016, arXiv
1603.07285; Odena, Dumoulin, Olah 2016, distill.pub (checkerboards).
"""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np

from core.inputs import InputError, array, integer

MOST_INPUTS, MOST_KERNEL, MOST_STRIDE = 14, 7, 7


class Spread(TypedDict):
    """A transposed convolution of an image (H, W) by a kernel (k, l)."""

    out: np.ndarray  # (h, w)
    shape: tuple[int, int]  # h, w, by the formula
    parts: np.ndarray  # (H, W, k, l), X_ij K
    overlap: np.ndarray  # (h, w), how many parts fall on each output


class Overlap(TypedDict):
    """The overlaps along one side, of n inputs."""

    counts: np.ndarray  # (m,), m = (n − 1) s + k − 2p
    inner: np.ndarray  # the counts away from the edges; empty where the edges reach everywhere
    even: bool  # whether s divides k: then the inner ones are all k / s


def spread(image: Any, kernel: Any, stride: Any = 1, padding: Any = 0) -> Spread:
    """Compute a transposed convolution, part by part.

    Args:
        image: 1x1 to 14x14 numbers.
        kernel: 1x1 to 7x7 numbers.
        stride: 1 to 7.
        padding: what is cut off each side, 0 to 6.

    Raises:
        InputError: an input that is not that, or nothing is left.
    """
    x = array("image", image, ((1, MOST_INPUTS), (1, MOST_INPUTS)))
    k = array("kernel", kernel, ((1, MOST_KERNEL), (1, MOST_KERNEL)))
    s, p = integer("stride", stride, 1, MOST_STRIDE), integer("padding", padding, 0, 6)
    height, width = (_size(n, m, s, p) for n, m in zip(x.shape, k.shape))
    parts = x[:, :, None, None] * k
    out = np.zeros((height + 2 * p, width + 2 * p))
    overlap = np.zeros(out.shape, int)
    for i, j in np.ndindex(*x.shape):
        at = slice(i * s, i * s + k.shape[0]), slice(j * s, j * s + k.shape[1])
        out[at] += parts[i, j]
        overlap[at] += 1
    inner = slice(p, p + height), slice(p, p + width)
    return {"out": out[inner], "shape": (height, width), "parts": parts, "overlap": overlap[inner]}


def overlaps(inputs: Any, kernel: Any, stride: Any, padding: Any = 0) -> Overlap:
    """Count how many inputs reach each output along one side.

    Args:
        inputs: n, 1 to 28.
        kernel: k, 1 to 16.
        stride: s, 1 to 16.
        padding: p, 0 to 8.

    Raises:
        InputError: an input that is not that, or nothing is left.
    """
    n, k = integer("inputs", inputs, 1, 28), integer("kernel", kernel, 1, 16)
    s, p = integer("stride", stride, 1, 16), integer("padding", padding, 0, 8)
    size = _size(n, k, s, p)
    whole = np.zeros(size + 2 * p, int)
    for i in range(n):
        whole[i * s : i * s + k] += 1
    full = np.arange(len(whole))
    away = (full >= k - 1) & (full < len(whole) - k + 1)  # where no input beyond the edge is missed
    kept = slice(p, p + size)
    return {"counts": whole[kept], "inner": whole[kept][away[kept]], "even": k % s == 0}


def _size(n: int, k: int, s: int, p: int) -> int:
    """Return (n − 1) s + k − 2p; refuse a padding that leaves nothing."""
    size = (n - 1) * s + k - 2 * p
    if size < 1:
        most = ((n - 1) * s + k - 1) // 2
        raise InputError("integer", field="padding", got=p, low=0, high=most)
    return size
