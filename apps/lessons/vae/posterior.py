"""View "posterior": one picture's Gaussian over codes, and z = μ + σ ε by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.shared import pictures
from apps.lessons.shared.pictures import SIDE
from apps.lessons.vae.autoencoders import (
    NAMES,
    code_plane,
    decode,
    encode_one,
    noise,
    tiles_url,
)
from apps.lessons.vae.bound import EXACT, kl_check
from apps.lessons.vae.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board
from core.models.vae import check, latent

DRAWS = 8  # samples of the posterior, a frame each
ZOOM = 4  # how many σ the close view reaches
CLOSE = 9  # tiles a side of the close view


def posterior(inputs: Inputs) -> Board:
    """Show μ, the one-sigma ellipse, samples of it decoded, and z = μ + σ ε by hand."""
    image = pictures.select(inputs.drawn, inputs.digit, inputs.letter)
    mu, logvar = encode_one(inputs.net, image)
    sigma = np.exp(logvar / 2)
    eps = noise(inputs.seed, DRAWS, 2)
    z = mu + sigma * eps  # (DRAWS, 2)
    decoded, again = decode(inputs.net, z), decode(inputs.net, mu[None])[0]
    xs, ys, url = close_grid(inputs.net, mu, sigma)
    whole = code_plane(
        b.word("plane_of_net", net=NAMES[inputs.net]),
        inputs.net,
        inputs.grid,
        inputs.tiles,
        marks=[mark(mu, "hidden", True, "μ")],
        size=200,
    )
    pad = pictures.pad(image, picture_label(inputs))
    frames = []
    for k in range(DRAWS):
        marks = [mark(p, "made", i == k) for i, p in enumerate(z[: k + 1])]
        marks.append(mark(mu, "hidden", False, "μ"))
        near = b.plane(
            b.word("near"), "near", xs, ys, ellipses=[[*mu, *sigma]], marks=marks, size=270
        )
        beside = b.column(
            b.grey(b.word("decoded_mu"), again, size=112),
            b.grey(b.word("decoded_z", n=str(k + 1)), decoded[k], size=112),
            gap="tight",
        )
        top = b.row(pad, b.part("whole"), near, beside, gap="mid")
        view = b.column(top, by_hand(k, mu, sigma, eps[k], z[k]), gap="mid")
        frames.append(b.frame(view, b.word("sample_n", n=str(k + 1))))
    found = check.sample_delta(mu, logvar, eps, z)
    return {
        "frames": frames,
        "parts": {"near": {"url": url}, "whole": whole},
        "facts": [b.fact("log σ²", ", ".join(f"{v:.3f}".replace("-", "−") for v in logvar))],
        "checks": [b.delta_check(found, EXACT), kl_check(mu, logvar)],
        "turn": {
            "ask": b.word("turn_z"),
            "frame": 0,
            "blanks": [b.blank("z", z[0], "made", "z0")],
        },
        "tables": {"mu": mu, "logvar": logvar, "eps": eps, "z": z},
    }


def picture_label(inputs: Inputs) -> b.Label:
    """Return the label of the picture that is encoded."""
    return b.word("input_x", name=pictures.name(inputs.drawn, inputs.digit, inputs.letter))


def by_hand(k: int, mu: np.ndarray, sigma: np.ndarray, eps: np.ndarray, z: np.ndarray) -> b.Widget:
    """Return z = μ + σ ⊙ ε of sample k with its numbers."""
    return b.row(
        b.text("z = μ + σ ⊙ ε ="),
        b.matrix("μ", mu, "hidden"),
        b.text("+"),
        b.matrix("σ", sigma, "hidden"),
        b.text("⊙"),
        b.matrix("ε", eps, "real"),
        b.text("="),
        b.matrix("z", z, "made", key=f"z{k}"),
    )


def close_grid(name: str, mu: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """Decode a grid over μ ± ZOOM σ and return its xs, its ys from the top, and its data URL."""
    steps = np.linspace(-ZOOM, ZOOM, CLOSE)
    xs, ys = mu[0] + sigma[0] * steps, mu[1] + sigma[1] * steps[::-1]
    tiles = decode(name, latent.mesh(xs, ys)).reshape(CLOSE, CLOSE, SIDE, SIDE)
    return xs, ys, tiles_url(tiles)


def mark(p: np.ndarray, role: str, on: bool, label: b.Label = "") -> dict[str, Any]:
    """Return a disc at a point (2,) of a plane."""
    return {"x": float(p[0]), "y": float(p[1]), "label": label, "role": role, "on": on}
