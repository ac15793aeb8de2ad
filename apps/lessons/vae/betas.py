"""View "betas": the VAE's plane for each β, and β's trade-off of reconstruction against KL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.lessons.shared import nets, pictures
from apps.lessons.vae.autoencoders import BETAS, code_plane, decode, encode, noise, points
from apps.lessons.vae.bound import EXACT, kl_of, nats_bars
from apps.lessons.vae.inputs import Inputs
from apps.lessons.vae.plane import blend_gaps
from apps.stage import board as b
from apps.stage.contract import Board, Check, Turn
from core.measure.deltas import delta_of
from core.models.vae import check

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
        spot = blend_gaps(name, inputs.grid, inputs.tiles)[0]
        options = {"points": points(name), "start": spot, "size": 370, "key": "beta"}
        parts[name] = code_plane(label, name, inputs.grid, inputs.tiles, **options)
        bars = nats_bars(b.word("nats_mean"), *nats[name], float(np.ceil(most / 20) * 20))
        beside = b.column(bars, samples(name, inputs.seed), gap="mid")
        frames.append(b.frame(b.row(b.part(name), beside, gap="mid"), label))
    rows = [[name, *costs] for name, costs in nats.items()]
    return {
        "frames": frames,
        "parts": parts,
        "facts": [],
        "checks": [digits_check(there)] if there else [],
        "turn": turn(nats) if len(nats) == len(BETAS) else None,
        "tables": {"nats": [["model", "reconstruction", "kl"], *rows]},
    }


def samples(name: str, seed: int) -> b.Widget:
    """Return six pictures decoded from the prior."""
    z = noise(seed, DRAWN[0] * DRAWN[1], 2)
    return b.grey(b.word("from_prior"), pictures.sheet(decode(name, z), DRAWN[1]), size=210)


def mean_nats(name: str) -> tuple[float, float]:
    """Return the mean over the 100 digits of −log p(x|z) at one draw of z, and of the KL."""
    import torch

    from core.models.vae.autoencoder import elbo

    x = pictures.batch(pictures.digits()[0])
    eps = torch.as_tensor(noise(0, pictures.COUNT, 2), dtype=torch.float32)
    found = elbo(nets.model(name), x, eps)
    return -float(found["reconstruction"].mean()), float(found["kl"].sum(1).mean())


def digits_check(names: Sequence[str]) -> Check:
    """Return the check of the KL of the 100 digits under these nets."""
    codes = [encode(name, pictures.digits()[0]) for name in names]
    found = [check.kl_delta(mu, logvar, kl_of(mu, logvar)) for mu, logvar in codes]
    return b.compared(delta_of((one["delta"] for one in found), found[0]["against"]), EXACT)


def turn(nats: dict[str, tuple[float, float]]) -> Turn:
    """Return the exercise: for which β is −ELBO smallest."""
    return {
        "ask": b.word("turn_beta"),
        "choices": [f"β = {BETA[name]:g}" for name in BETAS],
        "answer": int(np.argmin([sum(nats[name]) for name in BETAS])),
    }
