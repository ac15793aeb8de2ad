"""The latent plane: AE beside VAE, and the VAE over its checkpoints of β."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.vae import models as m
from apps.stage import board as b
from core.inputs import boolean, integer, number
from core.models.vae import latent

SPOT = (0.0, 0.0)  # where the pointer starts, in scales


def beside(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the planes of the autoencoder and of the VAE side by side."""
    shown, facts, deltas = [], [], []
    for name in (m.AE, m.PLAIN):
        if not m.have(name):
            shown.append(m.absent(name))
            continue
        spot, node_gap, between = blended(name, inputs)
        dots = m.points(name) if boolean("dots", inputs.get("dots", True)) else []
        label = b.word("plane_ae" if name == m.AE else "plane_vae")
        shown.append(m.plane(label, name, inputs, points=dots, start=spot, size=330, key=name))
        deltas.append(node_gap)
        facts.append(b.fact(b.word("between", net=m.NAMES[name]), f"{between:.3f}"))
    note = b.text(b.word("plane_note"), size="wide")
    board = {
        "frames": [b.frame(b.column(b.row(*shown, gap="mid"), note, gap="mid"), "", facts)],
        "facts": [],
        "checks": [b.check(max(deltas), "VAE.decode", 0.5 / 255 + 1e-6)] if deltas else [],
        "tables": {n: m.codes(n).tolist() for n in (m.AE, m.PLAIN) if m.have(n)},
    }
    if m.have(m.AE) and m.have(m.PLAIN):
        spread = {n: float(m.codes(n).std(0).max()) for n in (m.AE, m.PLAIN)}
        board["turn"] = {
            "ask": b.word("turn_spread"),
            "choices": ["AE", "VAE"],
            "answer": int(spread[m.PLAIN] > spread[m.AE]),
        }
    return board


def blended(name: str, inputs: dict[str, Any]) -> tuple[list[float], float, float]:
    """Return where the pointer starts, and how far the page's blend is from the decoder: there, on
    a tile, and half a tile further, where it is worst.
    """
    kind, n = inputs.get("grid", "quantile"), integer("tiles", inputs.get("tiles", 16), 8, 24)
    m.plane("", name, inputs)  # refuses what is no grid
    xs, ys, tiles, _ = m.grid(name, kind, n)
    stored = np.round(tiles * 255) / 255
    i = j = n // 2
    half = [(xs[j] + xs[j - 1]) / 2, (ys[i] + ys[i - 1]) / 2]
    on, off = m.decode(name, np.array([[xs[j], ys[i]], half]))
    on_tile = np.abs(latent.blend(stored, i, j) - on).max()
    between = np.abs(latent.blend(stored, i - 0.5, j - 0.5) - off).max()
    return [float(xs[j]), float(ys[i])], float(on_tile), float(between)


def betas(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the same plane for each β, and what β trades: fit against KL."""
    there = [name for name in m.BETAS if m.have(name)]
    rows = {name: split(name) for name in there}
    frames, parts = [], {}
    most = max((sum(v) for v in rows.values()), default=1.0)
    for name in sorted(m.BETAS, key=lambda n: n not in rows):  # what is absent comes last
        label = b.word("plane_beta", beta=f"{beta_of(name):g}")
        if name not in rows:
            frames.append(b.frame(m.absent(name), label))
            continue
        miss, cost = rows[name]
        spot = blended(name, inputs)[0]
        parts[name] = m.plane(
            label, name, inputs, points=m.points(name), start=spot, size=370, key="beta"
        )
        bars = b.bars(
            b.word("nats_mean"),
            [
                {"label": b.word("reconstruction"), "v": miss, "role": "made"},
                {"label": "KL", "v": cost, "role": "hidden"},
                {"label": "−ELBO", "v": miss + cost, "role": "grad"},
            ],
            low=0,
            high=float(np.ceil(most / 20) * 20),
        )
        view = b.row(b.part(name), b.column(bars, samples(name, inputs), gap="mid"), gap="mid")
        frames.append(b.frame(view, label))
    return {
        "frames": frames,
        "parts": parts,
        "facts": [],
        "checks": [checked(there)] if there else [],
        "turn": trade(rows) if len(rows) == len(m.BETAS) else None,
        "tables": {
            "nats": [["model", "reconstruction", "kl"], *([k, *v] for k, v in rows.items())]
        },
    }


def samples(name: str, inputs: dict[str, Any]) -> b.Widget:
    """Return six pictures decoded from the prior, from the seed."""
    z = m.noise(inputs, 6, 2)
    tiles = m.decode(name, z).reshape(2, 3, m.SIDE, m.SIDE)
    return b.grey(b.word("from_prior"), latent.sheet(tiles), size=210)


def split(name: str) -> tuple[float, float]:
    """Return the mean over the 100 digits of −log p(x|z) at one draw of z, and of the KL."""
    import torch

    from core.models.vae.autoencoder import elbo

    x = m.batch(m.digits()[0])
    eps = torch.as_tensor(m.noise({"seed": 0}, m.COUNT, 2), dtype=torch.float32)
    parts = elbo(m.model(name), x, eps)
    return -float(parts["reconstruction"].mean()), float(parts["kl"].sum(1).mean())


def checked(names: list[str]) -> dict[str, Any]:
    """Return the check of the KL of all digits under all these nets."""
    import torch

    from core.models.vae.autoencoder import kl

    deltas = []
    for name in names:
        mu, logvar = m.encode(name, m.digits()[0])
        ours = kl(torch.as_tensor(mu), torch.as_tensor(logvar)).numpy()
        deltas.append(latent.kl_delta(mu, logvar, ours))
    return b.check(max(d["delta"] for d in deltas), deltas[0]["against"], 1e-12)


def trade(rows: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """Return the exercise: for which β is −ELBO smallest."""
    totals = [sum(rows[name]) for name in m.BETAS]
    return {
        "ask": b.word("turn_beta"),
        "choices": [f"β = {beta_of(name):g}" for name in m.BETAS],
        "answer": int(np.argmin(totals)),
    }


def beta_of(name: str) -> float:
    """Return the β that a checkpoint's name carries."""
    return number("beta", float(name.split("-b")[1].split("-")[0]) if "-b" in name else 1.0, 0, 1e3)
