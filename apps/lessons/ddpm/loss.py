"""View "loss": one step of the training loss, a picture, a noise, a guess, four pixels by hand."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.ddpm import chains as c
from apps.lessons.ddpm import models as m
from apps.lessons.ddpm.inputs import Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Check, Turn

if TYPE_CHECKING:
    from core.models.ddpm.forward import LossByHand
    from core.models.ddpm.loss import Errors
    from core.models.ddpm.schedule import Schedule

TIMES = (10, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950)
PARTS = ("x0", "noise", "x_t", "guess", "difference", "loss")
LAST = m.SIDE - 2  # row and column of the last 2 x 2 pixels


def loss(inputs: Inputs) -> Board:
    """Show a step of the loss part by part: x_0, ε, x_t, ε̂, their difference, its mean square."""
    from core.models.ddpm.forward import forward, loss_by_hand

    image, t, plan = inputs.picture, inputs.t, m.model().schedule
    row, column = (min(place, LAST) for place in (inputs.row, inputs.column))
    now = forward(image, t, plan, inputs.seed)
    x_t, guess = now["x_t"], noise_guess(now["x_t"], t)
    four = (slice(row, row + 2), slice(column, column + 2))
    x0, noise, eps_hat = (np.ravel(v[four]).tolist() for v in (now["x0"], now["noise"], guess))
    hand = loss_by_hand(x0, noise, eps_hat, t, plan)
    difference = np.asarray(now["noise"]) - guess
    whole = float(np.square(difference).mean())
    seen = {
        "noise": np.asarray(now["noise"]),
        "x_t": np.asarray(x_t),
        "guess": guess,
        "difference": difference,
    }
    frames = []
    for n, part in enumerate(PARTS):
        above = b.row(*images(seen, image, n), b.part("triangle"), gap="mid")
        sums = b.column(columns(hand, n), sum_up(hand, whole, n), gap="tight")
        below = b.row(sums, b.part("chart"), gap="mid")
        frames.append(b.frame(b.column(above, below, gap="mid"), b.word(f"loss_part.{part}")))
    return {
        "frames": frames,
        "parts": {"triangle": triangle(hand), "chart": loss_chart(t)},
        "facts": [
            b.fact("t", str(t)),
            b.fact("ᾱₜ", hand["alpha_bar"]),
            b.fact(b.word("loss_here"), whole / hand["alpha_bar"]),
        ],
        "checks": [loss_check(hand, plan), c.net_check(pictures.batch(x_t), t, None, 1.0)],
        "turn": turn(hand),
        "limits": {"row": {"max": LAST}, "column": {"max": LAST}},
        "tables": {"four_pixels": hand, "by_t": dict(errors_by_t())},
    }


def noise_guess(x_t: Any, t: int) -> np.ndarray:
    """Return ε̂ (28, 28) of x_t, without label."""
    import torch

    with torch.no_grad():
        eps_hat, _ = m.model().predict(pictures.batch(x_t), m.alpha_bar(t), None)
    return eps_hat[0, 0].numpy().astype(float)


def loss_check(hand: LossByHand, plan: Schedule) -> Check:
    """Check the four pixels' loss."""
    from core.models.ddpm.check import loss_delta

    return b.delta_check(loss_delta(hand, plan), 1e-12)


def images(seen: dict[str, np.ndarray], image: np.ndarray, n: int) -> list[b.Widget]:
    """Return the pictures of the step as far as part n has come."""
    roles = {"noise": "hidden", "x_t": "made", "guess": "hidden", "difference": "grad"}
    symbols = {"noise": "ε", "x_t": "xₜ", "guess": "ε̂(xₜ, t)", "difference": "(ε − ε̂)²"}
    out = [pictures.pad(image, b.word("your_digit"), 4)]
    empty = np.full((m.SIDE, m.SIDE), -1.0)
    for k, (name, role) in enumerate(roles.items(), 1):
        x = seen[name] if n >= k else empty
        if name == "difference" and n >= k:
            x = 2 * np.minimum(np.square(x), 1) - 1  # from 0, paper, to 1
        out.append(m.image(symbols[name], x, 110, role))
    return out


def columns(hand: LossByHand, n: int) -> b.Widget:
    """Return the four pixels as column vectors, those of the parts so far."""
    vectors = [
        ("x₀", "x0", "real", 0, ""),
        ("ε", "noise", "hidden", 1, ""),
        ("xₜ", "x_t", "made", 2, ""),
        ("ε̂", "guess", "hidden", 3, ""),
        ("ε − ε̂", "difference", "grad", 4, "difference"),
        ("(ε − ε̂)²", "square", "grad", 5, "difference"),
    ]
    shown = [one for one in vectors if n >= one[3]]
    return b.row(*(b.matrix(name, hand[key], role, key=hide) for name, key, role, _, hide in shown))


def sum_up(hand: LossByHand, whole: float, n: int) -> b.Widget:
    """Return the lines of part n: how it is computed."""
    if n < 2:
        return b.text(b.word("four_pixels"), size="small")
    if n == 2:
        first = [*b.paren(hand["x0"][0], "real"), " + ", b.num(hand["sigma"], "ink"), " · "]
        second = [
            *b.paren(hand["noise"][0], "hidden"),
            " = ",
            b.num(hand["x_t"][0], "made"),
        ]
        return b.lines("", [["xₜ = ", b.num(hand["signal"]), " · ", *first, *second]])
    if n < 5:
        return b.lines(b.word("net_says"), answer(hand))
    total, mean = b.num(hand["total"], "grad"), b.num(hand["loss"], "grad")
    alpha_bar, weighted = b.num(hand["alpha_bar"]), b.num(whole / hand["alpha_bar"], "grad")
    return b.column(
        b.lines("", [[b.word("of_four"), " = ", total, " / 4 = ", mean]], key="loss"),
        b.lines(
            "",
            [
                [b.word("of_all"), " = ", b.num(whole, "grad")],
                [b.word("of_v"), " = ", b.num(whole, "grad"), " / ", alpha_bar, " = ", weighted],
            ],
        ),
        gap="tight",
    )


def answer(hand: LossByHand) -> list[list[Any]]:
    """Return how ε̂ of the first pixel follows from the net's v̂ and x_t."""
    x, eps, sigma = hand["x_t"][0], hand["guess"][0], hand["sigma"]
    v = (eps - sigma * x) / hand["signal"]
    return [
        ["v̂ = ", b.num(v, "ok")],
        [
            "√ᾱₜ v̂ + √(1 − ᾱₜ) xₜ = ",
            b.num(hand["signal"]),
            " · ",
            *b.paren(v, "ok"),
            " + ",
            b.num(sigma),
            " · ",
            *b.paren(x, "made"),
            " = ",
            b.num(eps, "hidden"),
        ],
    ]


def triangle(hand: LossByHand) -> b.Widget:
    """Return x_t and v as x_0 and ε turned by φ: cos φ = √ᾱ_t, sin φ = √(1 − ᾱ_t)."""
    cos, sin = hand["signal"], hand["sigma"]
    vectors = {  # a shape each: colours alone do not tell them apart
        "x₀": ((1.0, 0.0), "real", "disc"),
        "ε": ((0.0, 1.0), "hidden", "ring"),
        "xₜ": ((cos, sin), "made", "square"),
        "v": ((-sin, cos), "ok", "cross"),
    }
    return b.field(
        b.word("triangle"),
        (-1.1, 1.15, -0.1, 1.1),
        [
            b.curves([[(0, 0), (cos, 0), (cos, sin)]], "ink", dashed=True),
            *(b.arrows([(0.0, 0.0)], [to], role) for to, role, _ in vectors.values()),
            *(
                b.dots([to], role, name, shape=shape, radius=5)
                for name, (to, role, shape) in vectors.items()
            ),
        ],
        size=230,
        note=b.word("triangle_note"),
        key="triangle",
    )


def turn(hand: LossByHand) -> Turn:
    """Return the exercise: the four differences, and the mean of their squares."""
    noise, guess = (np.round(hand[key], 3) for key in ("noise", "guess"))
    told = {"e": noise, "g": guess}
    return {
        "ask": b.word("turn_loss", **{name: list_numbers(values) for name, values in told.items()}),
        "frame": 3,
        "blanks": [
            b.blank("ε − ε̂", (noise - guess).tolist(), "grad", "difference"),
            b.blank(b.word("mean_square"), [np.square(noise - guess).mean()], "grad", "loss"),
        ],
    }


def list_numbers(values: np.ndarray) -> str:
    """Return numbers to three decimals, one after the other."""
    return ", ".join(f"{value:.3f}".replace("-", "−") for value in values)


def loss_chart(t: int) -> b.Widget:
    """Return the mean squared errors of ε̂, of x̂_0 and of v̂ over t."""
    found = errors_by_t()
    return b.chart(
        b.word("loss_by_t", n=str(len(each_class()))),
        [
            b.series("ε − ε̂", found["eps"], "hidden", x=found["t"]),
            b.series("x₀ − x̂₀", found["x0"], "real", x=found["t"], dash=True),
            b.series("v − v̂", found["v"], "ok", x=found["t"]),
        ],
        x="t",
        cursor=t,
        log=True,
        x_range=(0, 1000),
        width=340,
        height=200,
    )


def each_class() -> np.ndarray:
    """Return the first of the digits that ship of each class, (10, 28, 28)."""
    images, labels = pictures.digits()
    return images[np.unique(labels, return_index=True)[1]]


def errors_by_t() -> Errors:
    """Return the errors at TIMES on a test digit of each class: t, eps, x0, v."""
    return _errors(id(m.model()))


@lru_cache(maxsize=2)
def _errors(net: int) -> Errors:
    import torch

    from core.models.ddpm.loss import loss_by_t

    digits = pictures.batch(each_class())
    return loss_by_t(m.model(), digits, None, TIMES, torch.Generator().manual_seed(0))
