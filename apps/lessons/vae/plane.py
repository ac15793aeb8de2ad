"""View "plane": the latent plane of the autoencoder beside the VAE's."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.shared import nets
from apps.lessons.vae.autoencoders import (
    AE,
    NAMES,
    PLAIN,
    SINGLE,
    Grid,
    all_codes,
    code_plane,
    codes,
    grid,
    outside_fact,
    points,
)
from apps.lessons.vae.inputs import Inputs
from apps.lessons.vae.reading import SURE, read
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Turn
from core.measure.deltas import delta_of
from core.models.vae import check, latent

LABELS = {AE: "plane_ae", PLAIN: "plane_vae"}
LEVEL = 0.5 / 255 + SINGLE  # a picture of the plane has 256 levels
FAR = 0.5  # standard deviations of a net's plane from the nearest code: nothing is near


def plane(inputs: Inputs) -> Board:
    """Show the planes of the autoencoder and of the VAE side by side."""
    kind, n = inputs.grid, inputs.tiles
    there = [name for name in LABELS if nets.have(name)]
    widgets, facts, deltas = [], [], []
    for name, label in LABELS.items():
        if name not in there:
            widgets.append(nets.absent(name))
            continue
        dots = points(name) if inputs.dots else []
        options = {"points": dots, "start": emptiest(name, kind, n), "size": 330, "key": name}
        said = b.word(label, **reaches(grid(name, kind, n)))
        widgets.append(code_plane(said, name, kind, n, **options))
        facts += [*far_fact(name, kind, n), outside_fact(name, kind, n)]
        deltas.append(tiles_delta(name, kind, n))
    note = b.text(b.word("plane_note"), size="wide")
    board: Board = {
        "frames": [b.frame(b.column(b.row(*widgets, gap="mid"), note, gap="mid"), "", facts)],
        "facts": [],
        "checks": [b.delta_check(delta_of(deltas, "decoder: numpy, float64"), LEVEL)]
        if there
        else [],
        "tables": {name: codes(name) for name in there},
    }
    if len(there) == len(LABELS):
        board["turn"] = turn(kind, n)
    return board


def ends(values: np.ndarray) -> tuple[float, float]:
    """Return the least and the largest of a grid's nodes, as they are printed."""
    return round(float(values.min()), 1), round(float(values.max()), 1)


def reaches(there: Grid) -> dict[str, str]:
    """Return how far a grid reaches in both coordinates, as text."""
    text = {
        name: "{:.1f} … {:.1f}".format(*ends(values)).replace("-", "−")
        for name, values in (("x", there.xs), ("y", there.ys))
    }
    return text


def turn(kind: str, n: int) -> Turn:
    """Return the exercise: how many times as wide the autoencoder's plane is, from its ends."""
    low, high = ends(grid(AE, kind, n).xs)
    left, right = ends(grid(PLAIN, kind, n).xs)
    ratio = round(high - low, 1) / round(right - left, 1)
    return {
        "ask": b.word("turn_spread"),
        "blanks": [b.blank(b.word("ratio"), [ratio], "hidden", "")],
    }


def tiles_delta(name: str, kind: str, n: int) -> float:
    """Return how far the plane's pictures, as the page gets them, are from the decoder's."""
    there = grid(name, kind, n)
    z, levels = latent.mesh(there.xs, there.ys), np.round(there.tiles * 255) / 255
    return check.picture_delta(nets.model(name), z, levels.reshape(n * n, 28, 28))["delta"]


# ---- places without codes


@lru_cache(maxsize=24)
def nearest_code(name: str, kind: str, n: int) -> np.ndarray:
    """Return each node's distance to the nearest code of the test set, row by row, (n²,).

    In standard deviations of the net's plane, a coordinate's own each.
    """
    from scipy.spatial import KDTree

    there, scale = grid(name, kind, n), nets.model(name).scale.numpy().astype(float)
    tree = KDTree(all_codes(name) / scale)
    return tree.query(latent.mesh(there.xs, there.ys) / scale)[0]


def emptiest(name: str, kind: str, n: int) -> list[float]:
    """Return the node that is farthest from every code."""
    there, at = grid(name, kind, n), int(nearest_code(name, kind, n).argmax())
    return [float(there.xs[at % n]), float(there.ys[at // n])]


def far_fact(name: str, kind: str, n: int) -> list[Fact]:
    """Return how many nodes no code is near, and how many of their pictures are not read."""
    if not nets.have(nets.CLASSIFIER):
        return []
    far = nearest_code(name, kind, n) > FAR
    images = grid(name, kind, n).tiles.reshape(-1, 28, 28)[far]
    unread = int((read(images)[1] < SURE).sum()) if far.any() else 0
    said = b.word("far_of", n=str(int(far.sum())), unread=str(unread))
    return [b.fact(b.word("far", net=NAMES[name]), said)]
