"""View "forward": one picture at every t, and one of its pixels by hand."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from typing_extensions import TypedDict

from apps.lessons.ddpm import models as m
from apps.lessons.ddpm.inputs import Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Check, Frame, Law, Tables, Turn

if TYPE_CHECKING:
    from core.models.ddpm.forward import Noised, Pixel
    from core.models.ddpm.schedule import Schedule

TIMES = (0, 1, 10, *range(50, 1001, 50))
ASKED = TIMES.index(500)  # the frame that the exercise is about
CHAINS = 500  # single-step chains of the pixel that its mean is checked by
FAR = 5.0  # standard errors: a right mean is once in two million further off
KEYS = ("alpha_bar", "signal", "sigma", "mean", "part", "x_t")


class Walks(TypedDict):
    """Single-step chains of one pixel at every tenth t."""

    t: np.ndarray  # (101,)
    one: np.ndarray  # x_t of one of them, (101,)
    mean: np.ndarray  # of all, (101,)


def forward(inputs: Inputs) -> Board:
    """Show a picture's mean, its noise and their sum at every t, and one pixel by hand."""
    from core.models.ddpm import forward as core

    image, plan = inputs.picture, m.schedule(inputs.kind, inputs)
    row, column = inputs.row, inputs.column
    moments = [core.forward(image, t, plan, inputs.seed) for t in TIMES]
    x0, noise = (float(moments[0][key][row, column]) for key in ("x0", "noise"))
    hands = [core.pixel_by_hand(x0, noise, t, plan) for t in TIMES]
    walks = single_steps(x0, plan, inputs.seed)
    pad = pictures.pad(image, b.word("your_digit"), 6) | {"flip": row * m.SIDE + column}
    frames = []
    for moment, hand in zip(moments, hands):
        by_hand = b.word("pixel_by_hand", i=row, j=column)
        below = b.row(
            b.column(
                b.lines(by_hand, [given_line(hand)]),
                b.lines("", closed_form(hand), key="forward"),
                gap="tight",
            ),
            over_time(x0, noise, plan, walks, hand["t"]),
            gap="mid",
        )
        frames.append(moment_frame(moment, hand, below))
    return {
        "frames": frames,
        "parts": {"pad": pad},
        "facts": [],
        "checks": checks(moments, plan, x0, walks),
        "turn": turn(hands[ASKED]),
        "values": {"pixel": [row, column]},
        "tables": tables(hands, moments[ASKED]),
    }


def moment_frame(moment: Noised, hand: Pixel, below: b.Widget) -> Frame:
    """Return the frame of one t: the sum of pictures, and below it one pixel's."""
    above = b.row(
        b.part("pad"),
        b.text("→"),
        m.image(b.word("mean_of"), moment["mean"], 150, "real"),
        b.text("+"),
        m.image(b.word("noise_of"), moment["part"], 150, "hidden"),
        b.text("="),
        m.image("xₜ", moment["x_t"], 168),
    )
    facts = [b.fact("ᾱₜ", hand["alpha_bar"]), b.fact("SNR", ratio(moment["snr"]))]
    return b.frame(b.column(above, below, gap="swap"), f"t = {hand['t']}", facts)


def given_line(hand: Pixel) -> list[Any]:
    """Return the line of what a pixel's sum starts from."""
    return [
        "x₀ = ",
        b.num(hand["x0"], "real"),
        ",  ε = ",
        b.num(hand["noise"], "hidden"),
        ",  ᾱₜ = ",
        b.num(hand["alpha_bar"]),
    ]


def closed_form(hand: Pixel) -> list[list[Any]]:
    """Return the closed form of a pixel, a result a line."""
    return [
        ["√ᾱₜ = ", b.num(hand["signal"], "real")],
        ["√(1 − ᾱₜ) = ", b.num(hand["sigma"], "hidden")],
        ["√ᾱₜ x₀ = ", b.num(hand["mean"], "real")],
        ["√(1 − ᾱₜ) ε = ", b.num(hand["part"], "hidden")],
        ["xₜ = √ᾱₜ x₀ + √(1 − ᾱₜ) ε = ", b.num(hand["x_t"], "made")],
    ]


def over_time(x0: float, noise: float, plan: Schedule, walks: Walks, t: int) -> b.Widget:
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


@lru_cache(maxsize=16)
def single_steps(x0: float, plan: Schedule, seed: int) -> Walks:
    """Return single-step chains of a pixel: one of them, and the mean of all."""
    import torch

    from core.models.ddpm.forward import walk

    start = torch.full((CHAINS, 1), x0, dtype=torch.float64)
    draw = torch.Generator().manual_seed(seed)
    states = [(t, x[:, 0].numpy()) for t, x in walk(start, plan, draw) if t % 10 == 0]
    every = np.stack([x for _, x in states])  # (101, CHAINS)
    times = np.array([t for t, _ in states])
    return {"t": times, "one": every[:, 0], "mean": every.mean(1)}


def checks(moments: list[Noised], plan: Schedule, x0: float, walks: Walks) -> list[Check | Law]:
    """Check x_t at some t, and that single steps have the same mean."""
    from core.models.ddpm.check import forward_delta

    t = walks["t"][1:].astype(int)
    signal, sigma = plan.alpha_bar[t].sqrt().numpy(), (1 - plan.alpha_bar[t]).sqrt().numpy()
    off = np.abs(walks["mean"][1:] - signal * x0) / (sigma / np.sqrt(CHAINS))
    found = [forward_delta(one, plan) for one in moments[1::5]]
    return [
        b.check(max(one["delta"] for one in found), found[0]["against"], 1e-12),
        b.law(b.word("chains_agree", n=str(CHAINS)), int((off < FAR).sum()), len(t)),
    ]


def turn(hand: Pixel) -> Turn:
    """Return the exercise: x_t of the chosen pixel and the factors of its two terms."""
    a, x0, noise = (round(hand[key], 4) for key in ("alpha_bar", "x0", "noise"))
    signal, sigma = np.sqrt(a), np.sqrt(1 - a)
    return {
        "ask": b.word("turn_forward", **m.decimals_text({"a": a, "x": x0, "e": noise}, 4)),
        "frame": ASKED,
        "blanks": [
            b.blank("√ᾱₜ", [signal], "real", "forward"),
            b.blank("√(1 − ᾱₜ)", [sigma], "hidden", "forward"),
            b.blank("xₜ", [signal * x0 + sigma * noise], "made", "forward"),
        ],
    }


def tables(hands: list[Pixel], middle: Noised) -> Tables:
    """Return the pixel at each t, and the whole picture at t = 500."""
    rows = [[hand["t"], *(hand[key] for key in KEYS)] for hand in hands]
    return {"pixel": [["t", *KEYS], *rows], "x_500": middle["x_t"]}


def ratio(value: float) -> str:
    """Return a signal-to-noise ratio as a fact has it."""
    return m.number_text(value) if np.isfinite(value) else "∞"
