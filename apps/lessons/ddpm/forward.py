"""Into the noise: one picture at every t, one of its pixels by hand, and schedules side by side."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.ddpm import models as m
from apps.lessons.vae import models as pictures
from apps.stage import board as b
from core.inputs import integer
from core.models.ddpm import check as check_ddpm

TIMES = (0, 1, 10, *range(50, 1001, 50))
CHAINS = 500  # single-step chains of the pixel that its mean is checked by
FAR = 5.0  # standard errors: a right mean is once in two million further off


# ---- one picture, one pixel


def forward(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a t: the picture's mean, its noise, their sum, and one pixel by hand."""
    from core.models.ddpm import forward as core

    inputs, merged = pictures.cleared(inputs)
    image, kind = pictures.picture(inputs), inputs.get("kind", "cosine")
    plan, seed = m.schedule(kind, inputs), m.seed(inputs)
    row, column = (integer(f, inputs.get(f, 14), 0, m.SIDE - 1) for f in ("row", "column"))
    moments = [core.forward(image, t, plan, seed) for t in TIMES]
    x0, noise = (float(moments[0][key][row, column]) for key in ("x0", "noise"))
    hands = [core.pixel_by_hand(x0, noise, t, plan) for t in TIMES]
    walks = walked(x0, plan, seed)
    pad = pictures.pad(image, b.word("your_digit"), 6) | {"flip": row * m.SIDE + column}
    frames = []
    for moment, hand in zip(moments, hands):
        above = b.row(
            b.part("pad"),
            b.text("→"),
            m.shown(b.word("mean_of"), moment["mean"], 150, "real"),
            b.text("+"),
            m.shown(b.word("noise_of"), moment["part"], 150, "hidden"),
            b.text("="),
            m.shown("xₜ", moment["x_t"], 168),
        )
        below = b.row(
            b.lines(b.word("pixel_by_hand", i=row, j=column), written(hand)),
            over_time(x0, noise, plan, walks, int(hand["t"])),
            gap="mid",
        )
        told = [b.fact("ᾱₜ", hand["alpha_bar"]), b.fact("SNR", ratio(moment["snr"]))]
        frames.append(b.frame(b.column(above, below, gap="swap"), f"t = {hand['t']}", told))
    last = hands[TIMES.index(500)]
    return {
        "frames": frames,
        "parts": {"pad": pad},
        "facts": [],
        "checks": forward_checks(moments, plan, x0, walks),
        "turn": {
            "ask": b.word("turn_forward", a=f"{last['alpha_bar']:.4f}"),
            "frame": TIMES.index(500),
            "blanks": [
                b.blank("√ᾱₜ", [last["signal"]], "real", "forward"),
                b.blank("√(1 − ᾱₜ)", [last["sigma"]], "hidden", "forward"),
                b.blank("xₜ", [last["x_t"]], "made", "forward"),
            ],
        },
        "values": {"pixel": [row, column]},
        "tables": {
            "pixel": [["t", *KEYS], *([h["t"], *(h[k] for k in KEYS)] for h in hands)],
            "x_500": moments[TIMES.index(500)]["x_t"],
        },
        **merged,
    }


KEYS = ("alpha_bar", "signal", "sigma", "mean", "part", "x_t")


def written(hand: dict[str, float]) -> list[list[Any]]:
    """Return the closed form of a pixel in four lines."""
    return [
        ["x₀ = ", b.num(hand["x0"], "real"), ",  ε = ", b.num(hand["noise"], "hidden")],
        [
            "√ᾱₜ = √",
            b.num(hand["alpha_bar"]),
            " = ",
            b.num(hand["signal"], "real"),
            ",  √(1 − ᾱₜ) = ",
            b.num(hand["sigma"], "hidden"),
        ],
        [
            "xₜ = ",
            b.num(hand["signal"], "real"),
            " · ",
            *b.signed(hand["x0"], "real"),
            " + ",
            b.num(hand["sigma"], "hidden"),
            " · ",
            *b.signed(hand["noise"], "hidden"),
        ],
        [
            "      = ",
            b.num(hand["mean"], "real"),
            " + ",
            *b.signed(hand["part"], "hidden"),
            " = ",
            b.num(hand["x_t"], "made"),
        ],
    ]


def over_time(x0: float, noise: float, plan: Any, walks: Walks, t: int) -> b.Widget:
    """Return the pixel over t: one chain of single steps in the closed form's mean ± 2σ."""
    from core.models.ddpm.schedule import curves

    seen = curves(plan, 101)
    mean, sigma = x0 * np.array(seen["signal"]), np.array(seen["sigma"])
    band = (mean - 2 * sigma, mean + 2 * sigma)
    now = [k for k in range(len(walks["t"])) if walks["t"][k] <= t]
    return b.chart(
        b.word("pixel_over_t"),
        [
            b.series(b.word("mean_band"), mean, "real", x=seen["t"], band=band),
            b.series(b.word("one_chain"), walks["one"][now], "made", x=walks["t"][now]),
        ],
        x="t",
        cursor=t,
        low=-3,
        high=3,
        x_range=(0, plan.steps),
        width=430,
        height=190,
    )


Walks = dict[str, np.ndarray]


def walked(x0: float, plan: Any, seed: int) -> Walks:
    """Return single-step chains of a pixel at every tenth t: one of them, and all their moments."""
    return _walked(float(x0), plan, seed)


@lru_cache(maxsize=16)
def _walked(x0: float, plan: Any, seed: int) -> Walks:
    import torch

    from core.models.ddpm.forward import walk

    start = torch.full((CHAINS, 1), x0, dtype=torch.float64)
    states = [
        (t, x[:, 0].numpy())
        for t, x in walk(start, plan, torch.Generator().manual_seed(seed))
        if t % 10 == 0
    ]
    every = np.stack([x for _, x in states])
    return {
        "t": np.array([t for t, _ in states]),
        "one": every[:, 0],
        "mean": every.mean(1),
        "sigma": every.std(1, ddof=1),
    }


def forward_checks(
    moments: list[dict[str, Any]], plan: Any, x0: float, walks: Walks
) -> list[dict[str, Any]]:
    """Return the checks: x_t at some t, and that single steps have the same mean."""
    t = walks["t"][1:].astype(int)
    signal, sigma = plan.alpha_bar[t].sqrt().numpy(), (1 - plan.alpha_bar[t]).sqrt().numpy()
    off = np.abs(walks["mean"][1:] - signal * x0) / (sigma / np.sqrt(CHAINS))
    found = [check_ddpm.forward_delta(one, plan) for one in moments[1::5]]
    return [
        b.check(max(one["delta"] for one in found), found[0]["against"], 1e-12),
        b.law(b.word("chains_agree", n=str(CHAINS)), int((off < FAR).sum()), len(t)),
    ]


def ratio(value: float) -> float | str:
    """Return a signal-to-noise ratio as a fact has it."""
    return m.said(value) if np.isfinite(value) else "∞"
