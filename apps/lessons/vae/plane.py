"""View "plane": the latent plane of the autoencoder beside the VAE's."""

from __future__ import annotations

import numpy as np

from apps.lessons.shared import nets
from apps.lessons.vae.autoencoders import AE, NAMES, PLAIN, code_plane, codes, decode, grid, points
from apps.lessons.vae.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board
from core.models.vae import latent

LABELS = {AE: "plane_ae", PLAIN: "plane_vae"}
TOLERANCE = 0.5 / 255 + 1e-6  # a picture has 256 levels


def plane(inputs: Inputs) -> Board:
    """Show the planes of the autoencoder and of the VAE side by side."""
    widgets, facts, deltas = [], [], []
    there = [name for name in LABELS if nets.have(name)]
    for name, label in LABELS.items():
        if name not in there:
            widgets.append(nets.absent(name))
            continue
        spot, on_tile, between = blend_gaps(name, inputs.grid, inputs.tiles)
        dots = points(name) if inputs.dots else []
        options = {"points": dots, "start": spot, "size": 330, "key": name}
        widgets.append(code_plane(b.word(label), name, inputs.grid, inputs.tiles, **options))
        facts.append(b.fact(b.word("between", net=NAMES[name]), f"{between:.3f}"))
        deltas.append(on_tile)
    note = b.text(b.word("plane_note"), size="wide")
    board: Board = {
        "frames": [b.frame(b.column(b.row(*widgets, gap="mid"), note, gap="mid"), "", facts)],
        "facts": [],
        "checks": [b.check(max(deltas), "VAE.decode", TOLERANCE)] if deltas else [],
        "tables": {name: codes(name) for name in there},
    }
    if len(there) == len(LABELS):
        spread = {name: float(codes(name).std(0).max()) for name in there}
        board["turn"] = {
            "ask": b.word("turn_spread"),
            "choices": ["AE", "VAE"],
            "answer": int(spread[PLAIN] > spread[AE]),
        }
    return board


def blend_gaps(name: str, kind: str, n: int) -> tuple[list[float], float, float]:
    """Compare the pictures that the page blends from a grid's tiles with the decoder's.

    Returns:
        (the middle tile's code, where the pointer starts; the largest difference on that tile;
        the largest half a tile further, where the blend is worst).
    """
    there = grid(name, kind, n)
    xs, ys, stored = there.xs, there.ys, np.round(there.tiles * 255) / 255
    i = j = n // 2
    half = [(xs[j] + xs[j - 1]) / 2, (ys[i] + ys[i - 1]) / 2]
    on, off = decode(name, np.array([[xs[j], ys[i]], half]))
    on_tile = np.abs(latent.blend(stored, i, j) - on).max()
    between = np.abs(latent.blend(stored, i - 0.5, j - 0.5) - off).max()
    return [float(xs[j]), float(ys[i])], float(on_tile), float(between)
