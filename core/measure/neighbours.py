"""Find the nearest training image, among all of them, in a file small enough to ship.

    black and white   b_i = 1[x_i ≥ ½],  784 bits, packed into 98 bytes
    distance          Σ_i |b_i − b'_i|,  in pixels that differ                    (Hamming)

On black and white images it is the square of the Euclidean distance, so nobody is nearer by one and
farther by the other. On the grey images behind them another one may be nearer.
"""

from __future__ import annotations

import numpy as np

from core.inputs import InputError, integer
from core.weights import shipped
from core.weights.card import FOLDER

BITS = FOLDER / "mnist-train-bits.safetensors"
SIDE = 28


def pack(images: np.ndarray) -> np.ndarray:
    """Return images as bits: (N, 28, 28) or (N, 1, 28, 28) in [0, 1] to uint8 (N, 98).

    Raises:
        InputError: they have another shape, or values that are no numbers.
    """
    images = np.asarray(images)
    if images.shape[1:] not in ((SIDE, SIDE), (1, SIDE, SIDE)):
        allowed = "N x 28 x 28 or N x 1 x 28 x 28"
        raise InputError("shape", field="images", got=images.shape, allowed=allowed)
    if images.dtype.kind == "f" and not np.isfinite(images).all():
        raise InputError("number", field="images", got="nan", low=0, high=1)
    return np.packbits(images.reshape(len(images), -1) >= 0.5, axis=1)


def unpack(bits: np.ndarray) -> np.ndarray:
    """Return bits (N, 98) as images (N, 28, 28) of 0 and 1."""
    return np.unpackbits(bits, axis=1).reshape(-1, SIDE, SIDE)


def distances(query: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """Return in how many pixels each of bits (N, 98) differs from the query (98,): (N,)."""
    wide = np.uint16  # 49 words of two bytes
    apart = np.ascontiguousarray(bits).view(wide) ^ np.ascontiguousarray(query).view(wide)
    return COUNT[apart].sum(1, dtype=np.int64)


def nearest(images: np.ndarray, bits: np.ndarray, k: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return the k nearest of bits (N, 98) to each image: pixels that differ, and rows, (B, k).

    Args:
        images: as `pack` takes them.
        bits: packed images to look among.
        k: how many; of equally near ones the first rows.
    """
    k = integer("k", k, 1, len(bits))
    gaps, rows = [], []
    for query in pack(images):
        apart = distances(query, bits)  # (N,)
        # the row breaks ties: one number orders by distance, then row
        order = np.sort(np.partition(apart * len(bits) + np.arange(len(bits)), k - 1)[:k])
        gaps.append(order // len(bits))
        rows.append(order % len(bits))
    return np.stack(gaps), np.stack(rows)


def training_bits() -> tuple[np.ndarray, np.ndarray]:
    """Return MNIST's 60 000 training images as bits (60000, 98) and their labels (60000,).

    Raises:
        WeightError: the file is missing or damaged.
    """
    found, _ = shipped.read_arrays(BITS)
    return found["bits"], found["labels"]


COUNT = np.unpackbits(np.arange(2**16, dtype=np.uint16).view(np.uint8).reshape(-1, 2), axis=1).sum(
    1, dtype=np.uint8
)  # (65536,): bits that are set
