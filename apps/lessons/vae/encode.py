"""One picture encoded: its posterior, z by hand, and its ELBO in nats."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.vae import models as m
from apps.stage import board as b
from core.inputs import choice, integer
from core.models.vae import latent

DRAWS = 8  # samples from one posterior, a frame each
ZOOM = 4  # how many σ the close view reaches
MANY = 64  # draws that the ELBO's expectation is taken over


def posterior(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return μ, the one-sigma ellipse, samples of it decoded, and z = μ + σ ε by hand."""
    inputs, merged = m.cleared(inputs)
    name = choice("net", inputs.get("net", m.PLAIN), m.BETAS)
    image = m.picture(inputs)
    mu, logvar = (v[0] for v in m.encode(name, image[None]))
    sigma = np.exp(logvar / 2)
    eps = m.noise(inputs, DRAWS, 2)
    z = mu + sigma * eps  # (DRAWS, 2)
    decoded, again = m.decode(name, z), m.decode(name, mu[None])[0]
    xs, ys, url = around(name, mu, sigma)
    whole = m.plane(
        b.word("plane_of_net", net=m.NAMES[name]),
        name,
        inputs,
        marks=[spot(mu, "hidden", True) | {"label": "μ"}],
        size=200,
    )
    frames = []
    for k in range(DRAWS):
        marks = [spot(p, "made", i == k) for i, p in enumerate(z[: k + 1])]
        marks.append(spot(mu, "hidden", False) | {"label": "μ"})
        near = b.plane(
            b.word("near"), "near", xs, ys, ellipses=[[*mu, *sigma]], marks=marks, size=270
        )
        top = b.row(
            m.pad(image, b.word("input_x", name=m.label_of(inputs))),
            b.part("whole"),
            near,
            b.column(
                b.grey(b.word("decoded_mu"), again, size=112),
                b.grey(b.word("decoded_z", n=str(k + 1)), decoded[k], size=112),
                gap="tight",
            ),
            gap="mid",
        )
        row = b.row(
            b.text("z = μ + σ ⊙ ε ="),
            b.matrix("μ", mu, "hidden"),
            b.text("+"),
            b.matrix("σ", sigma, "hidden"),
            b.text("⊙"),
            b.matrix("ε", eps[k], "real"),
            b.text("="),
            b.matrix("z", z[k], "made", key=f"z{k}"),
        )
        frames.append(b.frame(b.column(top, row, gap="mid"), b.word("sample_n", n=str(k + 1))))
    found = latent.sample_delta(mu, logvar, eps, z)
    return {
        "frames": frames,
        "parts": {"near": {"url": url}, "whole": whole},
        "facts": [b.fact("log σ²", ", ".join(f"{v:.3f}".replace("-", "−") for v in logvar))],
        "checks": [b.check(found["delta"], found["against"], 1e-12), kl_check(mu, logvar)],
        "turn": {
            "ask": b.word("turn_z"),
            "frame": 0,
            "blanks": [b.blank("z", z[0], "made", "z0")],
        },
        "tables": {"mu": mu.tolist(), "logvar": logvar.tolist(), "eps": eps.tolist()}
        | {"z": z.tolist()},
        **merged,
    }


def around(name: str, mu: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """Return a decoded grid of μ ± ZOOM σ: xs, ys from the top, its data URL."""
    steps = np.linspace(-ZOOM, ZOOM, 9)
    xs, ys = mu[0] + sigma[0] * steps, mu[1] + sigma[1] * steps[::-1]
    tiles = m.decode(name, latent.mesh(xs, ys)).reshape(9, 9, m.SIDE, m.SIDE)
    shades = np.round(latent.sheet(tiles) * 255).astype(np.uint8)
    return xs, ys, latent.png_url(shades)


def spot(p: np.ndarray, role: str, on: bool) -> dict[str, Any]:
    """Return a mark of a plane."""
    return {"x": float(p[0]), "y": float(p[1]), "label": "", "role": role, "on": on}


def kl_check(mu: np.ndarray, logvar: np.ndarray) -> dict[str, Any]:
    """Return the check of the KL per dimension, in float64."""
    found = latent.kl_delta(mu, logvar, costs(mu, logvar))
    return b.check(found["delta"], found["against"], 1e-12)


def costs(mu: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    """Return the KL of each dimension in nats, float64."""
    import torch

    from core.models.vae.autoencoder import kl

    return kl(torch.as_tensor(mu), torch.as_tensor(logvar)).numpy()


def bound(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the picture's ELBO: reconstruction and KL per dimension, in nats."""
    inputs, merged = m.cleared(inputs)
    name = choice("model", inputs.get("model", m.PLAIN), m.VAES)
    image = m.picture(inputs)
    mu, logvar = (v[0] for v in m.encode(name, image[None]))
    found = estimate(name, image, integer("seed", inputs.get("seed", 0), 0, m.MAX_SEED))
    cost, miss = costs(mu, logvar), -found["reconstruction"]
    lost = miss + cost.sum()
    reach = float(np.ceil(lost / 50) * 50)
    total = b.bars(
        b.word("nats"),
        [
            {"label": b.word("reconstruction"), "v": miss, "role": "made"},
            {"label": "KL", "v": float(cost.sum()), "role": "hidden"},
            {"label": "−ELBO", "v": float(lost), "role": "grad"},
        ],
        low=0,
        high=reach,
    )
    again = m.decode(name, mu[None])[0]
    left = b.row(
        m.pad(image, b.word("input_x", name=m.label_of(inputs))),
        b.grey(b.word("decoded_mu"), again, size=165),
        gap="mid",
    )
    written = b.lines(
        "",
        [
            ["−ELBO = ", b.num(round(miss, 3), "made"), " + "]
            + [b.num(round(float(cost.sum()), 3), "hidden"), " = "]
            + [b.num(round(float(lost), 3), "grad")]
        ],
    )
    right = b.column(total, *by_dimension(cost, mu, logvar), gap="mid")
    view = b.column(b.row(left, right, gap="wide"), written, gap="mid")
    checks = [kl_check(mu, logvar), b.check(found["delta"], found["against"], 1e-5)]
    return {
        "frames": [b.frame(view)],
        "facts": [
            b.fact(b.word("tighter", n=str(MANY)), f"{-found['tight']:.2f}"),
            b.fact(b.word("bits_dim"), f"{lost / np.log(2) / m.PIXELS:.3f}"),
        ],
        "checks": checks,
        "turn": {
            "ask": b.word(
                "turn_kl",
                mu=f"{mu[0]:.4f}".replace("-", "−"),
                lv=f"{logvar[0]:.4f}".replace("-", "−"),
            ),
            "blanks": [b.blank("KL₁", cost[:1], "hidden", "kl")],
        },
        "tables": {"kl": cost.tolist(), "mu": mu.tolist(), "logvar": logvar.tolist()}
        | {"reconstruction": [found["reconstruction"]]},
        **merged,
    }


def by_dimension(cost: np.ndarray, mu: np.ndarray, logvar: np.ndarray) -> list[b.Widget]:
    """Return the KL of each dimension as bars; of two dimensions also μ and log σ²."""
    high = float(max(1.0, np.ceil(cost.max())))
    items = [
        {"label": b.sub("KL", j + 1), "v": float(v), "role": "hidden"} for j, v in enumerate(cost)
    ]
    if len(cost) == 2:
        rows = b.row(b.matrix("μ", mu, "hidden"), b.matrix("log σ²", logvar, "hidden"), gap="mid")
        # the bars show the numbers that "your turn" asks for: they stand under its key
        return [b.bars(b.word("kl_each"), items, 0, high, 4, key="kl"), rows]
    half = (len(items) + 1) // 2
    return [
        b.row(
            b.bars(b.word("kl_each"), items[:half], 0, high),
            b.bars(b.word("kl_rest"), items[half:], 0, high),
            gap="mid",
        )
    ]


def estimate(name: str, image: np.ndarray, seed: int) -> dict[str, Any]:
    """Return E_q[log p(x|z)] over MANY draws, the K-sample bound of as many, and a check."""
    import torch

    from core.models.vae.autoencoder import importance_bound, log_likelihood, reparameterise

    net, x = m.model(name), m.batch(image)
    eps = torch.randn(
        MANY, 1, net.config.latent, generator=torch.Generator().manual_seed(seed)
    )  # (K, 1, latent)
    mu, logvar = net.encode(x)
    logits = net.decoder(reparameterise(mu, logvar, eps[:, 0]))  # (K, 1, 28, 28)
    many = x.expand(MANY, -1, -1, -1)
    fits = log_likelihood(logits, many)  # (K,)
    check = latent.likelihood_delta(logits, many, fits)
    tight = float(importance_bound(net, x, eps))
    return {"reconstruction": float(fits.mean()), "tight": tight, **check}
