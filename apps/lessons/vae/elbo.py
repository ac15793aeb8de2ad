"""View "elbo": a picture's ELBO, its reconstruction and the KL of each dimension, in nats."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.shared import pictures
from apps.lessons.vae.autoencoders import decode, encode, encode_one
from apps.lessons.vae.bound import DRAWS, SINGLE, estimate, kl_check, kl_of, nats_bars
from apps.lessons.vae.inputs import Inputs
from apps.lessons.vae.posterior import picture_label
from apps.stage import board as b
from apps.stage.contract import Board

COLLAPSED = 1e-3  # nats: a dimension whose KL stays below tells nothing


def elbo(inputs: Inputs) -> Board:
    """Show the ELBO of a picture: reconstruction and KL of each dimension, in nats."""
    image = pictures.select(inputs.drawn, inputs.digit, inputs.letter)
    mu, logvar = encode_one(inputs.model, image)
    found = estimate(inputs.model, image, inputs.seed)
    kl, miss = kl_of(mu, logvar), -found.reconstruction
    cost = float(kl.sum())
    bars = nats_bars(b.word("nats"), miss, cost, float(np.ceil((miss + cost) / 50) * 50))
    again = decode(inputs.model, mu[None])[0]
    left = b.row(
        pictures.pad(image, picture_label(inputs)),
        b.grey(b.word("decoded_mu"), again, size=165),
        gap="mid",
    )
    right = b.column(bars, *by_dimension(kl, mu, logvar), gap="mid")
    view = b.column(b.row(left, right, gap="wide"), elbo_line(miss, cost), gap="mid")
    per_pixel = (miss + cost) / np.log(2) / pictures.PIXELS
    asked = {"mu": mu[0], "lv": logvar[0]}
    return {
        "frames": [b.frame(view)],
        "facts": [
            b.fact(b.word("tighter", n=str(DRAWS)), f"{-found.tight:.2f}"),
            b.fact(b.word("bits_dim"), f"{per_pixel:.3f}"),
            b.fact(b.word("collapsed"), f"{collapsed_dimensions(inputs.model).sum()} / {len(kl)}"),
        ],
        "checks": [kl_check(mu, logvar), b.delta_check(found.found, SINGLE)],
        "turn": {
            "ask": b.word("turn_kl", **{k: f"{v:.6f}".replace("-", "−") for k, v in asked.items()}),
            "blanks": [b.blank("KL₁", kl[:1], "hidden", "kl")],
        },
        "tables": {"kl": kl, "mu": mu, "logvar": logvar, "reconstruction": [found.reconstruction]},
    }


@lru_cache(maxsize=8)
def collapsed_dimensions(name: str) -> np.ndarray:
    """Return which dimensions of a net's code say nothing of any of the 100 digits, (latent,)."""
    return kl_of(*encode(name, pictures.digits()[0])).max(0) < COLLAPSED


def elbo_line(miss: float, cost: float) -> b.Widget:
    """Return −ELBO = reconstruction + KL as a line."""
    terms = ["−ELBO = ", b.num(round(miss, 3), "made"), " + ", b.num(round(cost, 3), "hidden")]
    return b.lines("", [[*terms, " = ", b.num(round(miss + cost, 3), "grad")]])


def by_dimension(kl: np.ndarray, mu: np.ndarray, logvar: np.ndarray) -> list[b.Widget]:
    """Return the KL of each dimension as bars; of two dimensions also μ and log σ²."""
    high = float(max(1.0, np.ceil(kl.max())))
    items = [
        {"label": b.sub("KL", j + 1), "v": float(v), "role": "hidden"} for j, v in enumerate(kl)
    ]
    if len(kl) == 2:
        rows = b.row(b.matrix("μ", mu, "hidden"), b.matrix("log σ²", logvar, "hidden"), gap="mid")
        # the bars show the numbers that "your turn" asks for: they stand under its key
        return [b.bars(b.word("kl_each"), items, 0, high, 4, key="kl"), rows]
    half = (len(items) + 1) // 2
    first = b.bars(b.word("kl_each"), items[:half], 0, high)
    return [b.row(first, b.bars(b.word("kl_rest"), items[half:], 0, high), gap="mid")]
