"""Draw shapes of clothes by a procedure: images that a model of digits should find strange.

    outline   a polygon per piece (trousers, shirt, shoe, bag), its corners moved by a draw
    image     the share of each pixel that lies inside (3 x 3 points a pixel), times a grey level
              that falls or rises from left to right, times a little grain

They stand in for the photographs of clothes that out-of-distribution tests use and that do not ship
here: the same size, the same centred object on black, far more ink than a digit. They are drawings
of ours, so a number measured on them compares with no paper's. Inside or outside is decided by the
even-odd rule: a point is inside if a ray from it crosses an odd number of edges.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.inputs import integer

SIDE = 28
FINE = 3  # points a pixel, each way
JITTER = 0.045  # how far a corner moves, in parts of the side
Corners = tuple[tuple[float, float], ...]

KINDS: dict[str, Corners] = {  # x to the right, y downwards, both 0 to 1
    "trousers": (
        *((0.3, 0.06), (0.7, 0.06), (0.74, 0.5), (0.78, 0.94), (0.58, 0.94)),
        *((0.5, 0.36), (0.42, 0.94), (0.22, 0.94), (0.26, 0.5)),
    ),
    "shirt": (
        *((0.36, 0.12), (0.44, 0.18), (0.56, 0.18), (0.64, 0.12), (0.96, 0.34), (0.88, 0.52)),
        *((0.72, 0.42), (0.73, 0.92), (0.27, 0.92), (0.28, 0.42), (0.12, 0.52), (0.04, 0.34)),
    ),
    "shoe": (
        *((0.06, 0.36), (0.16, 0.4), (0.34, 0.36), (0.52, 0.5), (0.8, 0.58), (0.95, 0.68)),
        *((0.95, 0.8), (0.5, 0.8), (0.06, 0.8)),
    ),
    "bag": (
        *((0.1, 0.42), (0.28, 0.4), (0.32, 0.18), (0.68, 0.18), (0.72, 0.4), (0.9, 0.42)),
        *((0.92, 0.88), (0.08, 0.88), (0.1, 0.42), (0.36, 0.4), (0.64, 0.4), (0.62, 0.26)),
        *((0.38, 0.26), (0.36, 0.4)),
    ),
}


def silhouettes(n: int, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
    """Return n images (n, 1, 28, 28) in [0, 1] and which of `KINDS` each is (n,), in turn.

    Args:
        n: 1 to 100000.
        generator: of corners, grey levels and grain.
    """
    integer("n", n, 1, 100_000)
    images = torch.empty(n, 1, SIDE, SIDE)
    kinds = torch.arange(n) % len(KINDS)
    for k, corners in enumerate(KINDS.values()):
        rows = torch.nonzero(kinds == k)[:, 0]
        for part in rows.split(200):  # every point against every edge: not all images at once
            images[part] = _draw(corners, len(part), generator)
    return images, kinds


def _draw(corners: Corners, n: int, generator: torch.Generator | None) -> Tensor:
    """Return n drawings of one outline, (n, 1, 28, 28)."""
    base = torch.tensor(corners)  # (C, 2)
    moved = base + JITTER * (2 * torch.rand(n, *base.shape, generator=generator) - 1)
    size = 0.8 + 0.25 * torch.rand(n, 1, 2, generator=generator)  # wide and high apart
    outline = 0.5 + (moved - 0.5) * size  # (n, C, 2)
    cover = inside(outline, _points()).float()  # (n, points)
    cover = cover.view(n, SIDE, FINE, SIDE, FINE).mean((2, 4))  # (n, 28, 28)
    level, tilt, grain = torch.rand(3, n, 1, 1, generator=generator)
    across = torch.linspace(-1, 1, SIDE)
    shade = 0.45 + 0.5 * level + 0.3 * (tilt - 0.5) * across  # (n, 1, 28)
    rough = 1 - 0.3 * grain * torch.rand(n, SIDE, SIDE, generator=generator)
    return (cover * shade * rough).clamp(0, 1)[:, None]


def inside(outline: Tensor, points: Tensor) -> Tensor:
    """Return whether points (P, 2) lie inside polygons (n, C, 2) by the even-odd rule, (n, P)."""
    x, y = points[:, 0], points[:, 1]  # (P,)
    a, b = outline, outline.roll(-1, 1)  # an edge from each corner to the next
    odd = torch.zeros(len(outline), len(points), dtype=torch.bool)
    for c in range(outline.shape[1]):
        x0, y0 = a[:, c, 0:1], a[:, c, 1:2]  # (n, 1)
        x1, y1 = b[:, c, 0:1], b[:, c, 1:2]
        spans = (y0 > y) != (y1 > y)  # a level edge spans no y: its 0 / 0 is not used
        odd ^= spans & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return odd


def _points() -> Tensor:
    """Return the points that pixels are judged by, row by row, (84², 2) in [0, 1]."""
    at = (torch.arange(SIDE * FINE) + 0.5) / (SIDE * FINE)
    rows, columns = torch.meshgrid(at, at, indexing="ij")
    return torch.stack([columns.reshape(-1), rows.reshape(-1)], 1)
