"""View "anomaly": a picture's −ELBO among those of the 100 digits."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.shared import nets, pictures
from apps.lessons.vae.autoencoders import decode, encode_one
from apps.lessons.vae.bound import SINGLE, estimate, kl_check, kl_of
from apps.lessons.vae.inputs import Inputs
from apps.lessons.vae.posterior import picture_label
from apps.stage import board as b
from apps.stage.contract import Board

BINS = 40
DRAWS = 16  # of z for each of the 100 digits
STRANGE = 99  # a picture that costs more than so many of the 100 digits is called strange


def anomaly(inputs: Inputs) -> Board:
    """Show where a picture's −ELBO falls among those of the 100 digits."""
    image = pictures.select(inputs.drawn, inputs.digit, inputs.letter)
    found = estimate(inputs.model, image, 0)
    mu, logvar = encode_one(inputs.model, image)
    lost = float(kl_of(mu, logvar).sum() - found.reconstruction)
    usual = digits_cost(inputs.model)
    above = int((usual < lost).sum())
    left = b.column(
        pictures.pad(image, picture_label(inputs)),
        b.grey(b.word("decoded_mu"), decode(inputs.model, mu[None])[0], size=165),
        gap="mid",
    )
    right = b.column(histogram(usual, lost), verdict(above), gap="mid")
    ratio = round(lost, 2) / round(float(usual.mean()), 2)  # as the facts print them
    return {
        "frames": [b.frame(b.row(left, right, gap="wide"))],
        "facts": [b.fact("−ELBO", f"{lost:.2f}"), b.fact(b.word("usual"), f"{usual.mean():.2f}")],
        "checks": [kl_check(mu, logvar), b.delta_check(found.found, SINGLE)],
        "turn": {
            "ask": b.word("turn_cost"),
            "blanks": [b.blank(b.word("ratio"), [ratio], "grad", "")],
        },
        "pins": {"drawn": {"letter": "none"}},
        "without": ["digit"] if inputs.letter != "none" else [],
        "tables": {"digits": usual, "this": [lost]},
    }


def verdict(above: int) -> b.Widget:
    """Return the sentence on a picture that costs more than so many of the 100 digits."""
    if above < STRANGE:
        return b.text(b.word("verdict_in", n=str(above)), "ink", "wide")
    word = b.word("verdict_all") if above == pictures.COUNT else b.word("verdict_out", n=str(above))
    return b.text(word, "grad", "wide")


def histogram(usual: np.ndarray, lost: float) -> b.Widget:
    """Return how often each cost occurs among the digits (100,), with this picture's marked."""
    edges = np.linspace(0, max(500.0, np.ceil(max(lost, usual.max()) / 50) * 50 + 50), BINS + 1)
    counts = np.histogram(usual, edges)[0]
    x, y = np.repeat(edges, 2)[1:-1], np.repeat(counts, 2)
    return b.chart(
        b.word("histogram"),
        [b.series(b.word("digits_100"), y, "real", x=x)],
        x=b.word("nats_axis"),
        y=b.word("how_many"),
        low=0,
        rules=[{"x": lost, "label": b.word("this_one")}],
        x_range=(float(edges[0]), float(edges[-1])),
        width=520,
        height=300,
    )


@lru_cache(maxsize=8)
def digits_cost(name: str) -> np.ndarray:
    """Return −ELBO of each of the 100 digits, its expectation over 16 draws, in nats (100,)."""
    import torch

    from core.models.vae.autoencoder import elbo

    net, x = nets.model(name), pictures.batch(pictures.digits()[0])
    eps = torch.randn(
        DRAWS, pictures.COUNT, net.config.latent, generator=torch.Generator().manual_seed(0)
    )
    rows = torch.stack([elbo(net, x, noise)["elbo"] for noise in eps])  # (16, 100)
    return -rows.mean(0).numpy().astype(float)
