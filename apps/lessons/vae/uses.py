"""What a VAE is used for: taking noise away, saving room, noticing what is foreign."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.vae import models as m
from apps.lessons.vae.encode import costs, estimate, kl_check
from apps.stage import board as b
from core.inputs import choice, integer
from core.models.vae import latent

SHOWN = (m.AE, m.PLAIN, m.LARGE)
ROLES: dict[str, str] = dict(zip(SHOWN, ("real", "made", "hidden")))
MOST_BITS = 8


def denoise(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a picture with noise on it, decoded again by each net."""
    inputs, merged = m.cleared(inputs)
    clean = m.picture(inputs)
    noisy = spoiled(clean, m.share("noise", inputs, 0.2), inputs)
    there = [name for name in SHOWN if m.have(name)]
    again = {name: m.decode(name, m.encode(name, noisy[None])[0])[0] for name in there}
    items = [
        b.column(
            b.grey(m.NAMES[name], again[name], size=165), missed(again[name], clean), gap="tight"
        )
        if name in again
        else m.absent(name)
        for name in SHOWN
    ]
    first = b.row(
        m.pad(clean, b.word("clean"), 4),
        b.text("→"),
        b.column(
            b.grey(b.word("noisy"), noisy, size=165, role="real"), missed(noisy, clean), gap="tight"
        ),
        b.text("→"),
        *items,
        gap="mid",
    )
    curve = by_noise(tuple(there), integer("seed", inputs.get("seed", 0), 0, m.MAX_SEED))
    lines = [b.series(m.NAMES[n], curve[n], ROLES[n], x=LEVELS) for n in there]
    lines.append(b.series(b.word("noisy"), curve[""], "grad", x=LEVELS))
    chart = b.chart(
        b.word("noise_curve"), lines, x=b.word("noise_axis"), low=0, width=640, height=200
    )
    return {
        "frames": [b.frame(b.column(first, chart, gap="mid"))],
        "facts": [],
        "checks": net_checks(there, noisy),
        "tables": {"error": [["noise", *curve], *zip(LEVELS, *curve.values())]},
        **merged,
    }


LEVELS = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]


def spoiled(images: np.ndarray, amount: float, inputs: dict[str, Any]) -> np.ndarray:
    """Return pictures of which each pixel is replaced by black or white with chance `amount`."""
    rng = np.random.default_rng(integer("seed", inputs.get("seed", 0), 0, m.MAX_SEED))
    hit, value = rng.random(images.shape) < amount, rng.random(images.shape) < 0.5
    return np.where(hit, value, images)


@lru_cache(maxsize=8)
def by_noise(names: tuple[str, ...], seed: int) -> dict[str, list[float]]:
    """Return the mean squared error against the clean digits at each level, of each net."""
    clean = m.digits()[0]
    out: dict[str, list[float]] = {name: [] for name in (*names, "")}
    for level in LEVELS:
        noisy = spoiled(clean, level, {"seed": seed})
        for name in names:
            again = m.decode(name, m.encode(name, noisy)[0])
            out[name].append(float(((again - clean) ** 2).mean()))
        out[""].append(float(((noisy - clean) ** 2).mean()))
    return out


def missed(image: np.ndarray, clean: np.ndarray) -> b.Widget:
    """Return the mean squared error under a picture."""
    return b.text(b.word("error_is", e=f"{((image - clean) ** 2).mean():.4f}"), size="small")


def net_checks(names: list[str], image: np.ndarray) -> list[dict[str, Any]]:
    """Return the check of the KL of this picture under the first VAE that is there."""
    name = next((n for n in names if n != m.AE), None)
    if name is None:
        return []
    return [kl_check(*(v[0] for v in m.encode(name, image[None])))]


def compress(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a picture kept in few bits, and the error of the 100 digits against the bits."""
    inputs, merged = m.cleared(inputs)
    image = m.picture(inputs)
    bits = integer("bits", inputs.get("bits", 4), 1, MOST_BITS)
    there = [name for name in SHOWN if m.have(name)]
    items = []
    for name in SHOWN:
        if name not in there:
            items.append(m.absent(name))
            continue
        z = latent.quantised(m.encode(name, image[None])[0], bits, *reach(name))
        size = b.text(b.word("bits_are", n=str(z.size * bits), d=str(z.size)), size="small")
        again = m.decode(name, z)[0]
        items.append(
            b.column(
                b.grey(m.NAMES[name], again, size=165), size, missed(again, image), gap="tight"
            )
        )
    first = b.row(m.pad(image, b.word("original"), 5), b.text("→"), *items, gap="mid")
    curve = {name: by_bits(name) for name in there}
    lines = [
        b.series(m.NAMES[n], [e for _, e in curve[n]], ROLES[n], x=[s for s, _ in curve[n]])
        for n in there
    ]
    chart = b.chart(
        b.word("bits_curve"), lines, x=b.word("bits_axis"), low=0, width=640, height=200
    )
    return {
        "frames": [b.frame(b.column(first, chart, gap="mid"))],
        "facts": [b.fact(b.word("original_bits"), f"{m.PIXELS} × 8 = {m.PIXELS * 8}")],
        "checks": net_checks(there, image),
        "turn": {
            "ask": b.word("turn_bits"),
            "blanks": [b.blank(b.word("ratio"), [m.PIXELS * 8 / (20 * 4)], "made", "ratio")],
        },
        "tables": {n: [["bits", "error"], *map(list, rows)] for n, rows in curve.items()},
        **merged,
    }


@lru_cache(maxsize=8)
def reach(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest and largest code of the 100 digits, each (latent,)."""
    return m.codes(name).min(0), m.codes(name).max(0)


@lru_cache(maxsize=8)
def by_bits(name: str) -> tuple[tuple[int, float], ...]:
    """Return (bits a picture, mean squared error over the 100 digits) for 1 to 8 bits a number."""
    z, clean = m.codes(name), m.digits()[0]
    out = []
    for bits in range(1, MOST_BITS + 1):
        again = m.decode(name, latent.quantised(z, bits, *reach(name)))
        out.append((bits * z.shape[1], float(((again - clean) ** 2).mean())))
    return tuple(out)


def anomaly(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return where the picture's −ELBO falls among those of the 100 digits."""
    inputs, merged = m.cleared(inputs)
    name = choice("model", inputs.get("model", m.PLAIN), m.VAES)
    image = m.picture(inputs)
    found = estimate(name, image, 0)
    mu, logvar = (v[0] for v in m.encode(name, image[None]))
    lost = float(costs(mu, logvar).sum() - found["reconstruction"])
    usual = typical(name)
    edges = np.linspace(0, max(500.0, np.ceil(max(lost, usual.max()) / 50) * 50 + 50), 41)
    counts = np.histogram(usual, edges)[0]
    x, y = np.repeat(edges, 2)[1:-1], np.repeat(counts, 2)
    above = int((usual < lost).sum())
    chart = b.chart(
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
    left = b.column(
        m.pad(image, b.word("input_x", name=m.label_of(inputs))),
        b.grey(b.word("decoded_mu"), m.decode(name, mu[None])[0], size=165),
        gap="mid",
    )
    verdict = b.word("verdict_out" if above >= 99 else "verdict_in", n=str(above))
    told = b.text(verdict, "grad" if above >= 99 else "ok", "wide")
    return {
        "frames": [b.frame(b.row(left, b.column(chart, told, gap="mid"), gap="wide"))],
        "facts": [b.fact("−ELBO", f"{lost:.2f}"), b.fact(b.word("usual"), f"{usual.mean():.2f}")],
        "checks": [kl_check(mu, logvar), b.check(found["delta"], found["against"], 1e-5)],
        "pins": {"drawn": {"letter": "none"}},
        "without": ["digit"] if inputs.get("letter", "none") != "none" else [],
        "tables": {"digits": usual.tolist(), "this": [lost]},
        **merged,
    }


@lru_cache(maxsize=8)
def typical(name: str) -> np.ndarray:
    """Return −ELBO of each of the 100 digits, its expectation over 16 draws, in nats."""
    import torch

    from core.models.vae.autoencoder import elbo

    net, x = m.model(name), m.batch(m.digits()[0])
    eps = torch.randn(16, m.COUNT, net.config.latent, generator=torch.Generator().manual_seed(0))
    rows = torch.stack([elbo(net, x, noise)["elbo"] for noise in eps])  # (16, 100)
    return -rows.mean(0).numpy().astype(float)
