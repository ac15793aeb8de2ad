"""View "betas": the VAE's plane for each β, and β's trade-off of reconstruction against KL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.shared import nets, pictures
from apps.lessons.vae.autoencoders import (
    BETAS,
    code_plane,
    decode,
    encode,
    grid,
    noise,
    outside_fact,
    points,
)
from apps.lessons.vae.bound import EXACT, SINGLE, kl_of, nats_bars
from apps.lessons.vae.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Check, Turn
from core.measure.deltas import delta_of
from core.models.vae import check

if TYPE_CHECKING:
    from core.models.vae.autoencoder import Elbo

BETA = dict(zip(BETAS, (0.2, 1.0, 4.0)))  # of each net's training
DRAWN = (2, 3)  # rows and columns of pictures from the prior


def betas(inputs: Inputs) -> Board:
    """Show the same plane for each β, a frame each, with the mean cost of 100 digits."""
    there = [name for name in BETAS if nets.have(name)]
    nats = {name: mean_nats(name) for name in there}
    frames, parts = [], {}
    most = max((sum(v) for v in nats.values()), default=1.0)
    for name in sorted(BETAS, key=lambda one: one not in nats):  # what is absent comes last
        label = b.word("plane_beta", beta=f"{BETA[name]:g}")
        if name not in nats:
            frames.append(b.frame(nets.absent(name), label))
            continue
        nodes, middle = grid(name, inputs.grid, inputs.tiles), inputs.tiles // 2
        spot = [float(nodes.xs[middle]), float(nodes.ys[middle])]
        options = {"points": points(name), "start": spot, "size": 370, "key": "beta"}
        parts[name] = code_plane(label, name, inputs.grid, inputs.tiles, **options)
        bars = nats_bars(b.word("nats_mean"), *nats[name], float(np.ceil(most / 20) * 20))
        beside = b.column(bars, samples(name, inputs.seed), gap="mid")
        facts = [outside_fact(name, inputs.grid, inputs.tiles)]
        frames.append(b.frame(b.row(b.part(name), beside, gap="mid"), label, facts))
    rows = [[name, *costs] for name, costs in nats.items()]
    return {
        "frames": frames,
        "parts": parts,
        "facts": [],
        "checks": nats_checks(there) if there else [],
        "turn": turn(nats) if len(nats) == len(BETAS) else None,
        "tables": {"nats": [["model", "reconstruction", "kl"], *rows]},
    }


def samples(name: str, seed: int) -> b.Widget:
    """Return six pictures decoded from the prior."""
    z = noise(seed, DRAWN[0] * DRAWN[1], 2)
    return b.grey(b.word("from_prior"), pictures.sheet(decode(name, z), DRAWN[1]), size=210)


def digits_elbo(name: str) -> Elbo:
    """Return the ELBO of the 100 digits and its parts, at one draw of z each."""
    import torch

    from core.models.vae.autoencoder import elbo

    x = pictures.batch(pictures.digits()[0])
    eps = torch.as_tensor(noise(0, pictures.COUNT, 2), dtype=torch.float32)
    return elbo(nets.model(name), x, eps)


def mean_nats(name: str) -> tuple[float, float]:
    """Return the mean over the 100 digits of −log p(x|z) at one draw of z, and of the KL."""
    found = digits_elbo(name)
    return -float(found["reconstruction"].mean()), float(found["kl"].sum(1).mean())


def nats_checks(names: Sequence[str]) -> list[Check]:
    """Return the checks of both terms of the 100 digits under these nets."""
    kls, fits = [], []
    for name in names:
        found = digits_elbo(name)
        mu, logvar = encode(name, pictures.digits()[0])
        kls.append(check.kl_delta(mu, logvar, kl_of(mu, logvar)))
        logits = nets.model(name).decoder(found["z"])
        x = pictures.batch(pictures.digits()[0])
        fits.append(check.likelihood_delta(logits, x, found["reconstruction"]))
    return [
        b.delta_check(delta_of((one["delta"] for one in rows), rows[0]["against"]), tolerance)
        for rows, tolerance in ((kls, EXACT), (fits, SINGLE))
    ]


def turn(nats: dict[str, tuple[float, float]]) -> Turn:
    """Return the exercise: the loss that the last net was trained by, from the numbers shown."""
    (miss, cost), beta = nats[BETAS[-1]], BETA[BETAS[-1]]
    loss = round(miss, 2) + beta * round(cost, 2)  # the bars show two decimals
    return {
        "ask": b.word("turn_beta", beta=f"{beta:g}"),
        "frame": len(nats) - 1,
        "blanks": [b.blank(b.word("loss"), [loss], "grad", "")],
    }
