"""One step of the training loss: a picture, a noise, a guess, and four of the pixels by hand."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.ddpm import chains as c
from apps.lessons.ddpm import models as m
from apps.lessons.vae import models as pictures
from apps.stage import board as b
from core.inputs import integer

TIMES = (10, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950)
SOME = 10  # digits that the loss by t is measured on, where the card states none
PARTS = ("x0", "noise", "x_t", "guess", "difference", "loss")


def loss(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a part of the step: x_0, ε, x_t, ε̂, their difference, its mean square."""
    from core.models.ddpm.forward import forward, loss_by_hand

    inputs, merged = pictures.cleared(inputs)
    image, t = pictures.picture(inputs), integer("t", inputs.get("t", 300), 1, 1000)
    row, column = (
        min(integer(f, inputs.get(f, 13), 0, m.SIDE - 1), m.SIDE - 2) for f in ("row", "column")
    )
    plan = m.model().schedule
    now = forward(image, t, plan, m.seed(inputs))
    x_t, guess = now["x_t"], guessed(now["x_t"], t)
    four = (slice(row, row + 2), slice(column, column + 2))
    x0, noise, said = (np.ravel(v[four]).tolist() for v in (now["x0"], now["noise"], guess))
    hand = loss_by_hand(x0, noise, said, t, plan)
    whole = float(np.square(np.asarray(now["noise"]) - guess).mean())
    seen = {"x0": now["x0"], "noise": now["noise"], "x_t": x_t, "guess": guess}
    seen["difference"] = np.asarray(now["noise"]) - guess
    frames = []
    for n, part in enumerate(PARTS):
        above = b.row(*images(seen, image, n), gap="mid")
        below = b.row(b.column(columns(hand, n), sum_up(hand, whole, n), gap="tight"),
                      by_t(t, whole), gap="mid")  # fmt: skip
        frames.append(b.frame(b.column(above, below, gap="mid"), b.word(f"loss_part.{part}")))
    return {
        "frames": frames,
        "facts": [
            b.fact("t", str(t)),
            b.fact("ᾱₜ", hand["alpha_bar"]),
            b.fact(b.word("loss_here"), whole),
        ],
        "checks": [loss_check(hand, plan), c.net_check(batch(x_t), t, None, 1.0)],
        "turn": {
            "ask": b.word("turn_loss"),
            "frame": 3,
            "blanks": [
                b.blank("ε − ε̂", hand["difference"], "grad", "difference"),
                b.blank(b.word("mean_square"), [hand["loss"]], "grad", "loss"),
            ],
        },
        "tables": {"four_pixels": hand, "by_t": dict(measured())},
        **merged,
    }


def batch(x_t: Any) -> Any:
    """Return x_t (28, 28) as the net takes it, (1, 1, 28, 28) in float32."""
    import torch

    return torch.as_tensor(x_t, dtype=torch.float32).view(1, 1, m.SIDE, m.SIDE)


def guessed(x_t: Any, t: int) -> np.ndarray:
    """Return ε̂ (28, 28) of x_t, without label."""
    import torch

    with torch.no_grad():
        return m.model().predict(batch(x_t), m.kept(t), None)[0][0, 0].numpy().astype(float)


def loss_check(hand: dict[str, Any], plan: Any) -> dict[str, Any]:
    """Return the check of the four pixels' loss."""
    from core.models.ddpm.check import loss_delta

    found = loss_delta(hand, plan)
    return b.check(found["delta"], found["against"], 1e-12)


def images(seen: dict[str, Any], image: np.ndarray, n: int) -> list[b.Widget]:
    """Return the pictures of the step as far as part n has come."""
    roles = {"noise": "hidden", "x_t": "made", "guess": "hidden", "difference": "grad"}
    symbols = {"noise": "ε", "x_t": "xₜ", "guess": "ε̂(xₜ, t)", "difference": "(ε − ε̂)²"}
    out = [pictures.pad(image, b.word("your_digit"), 5)]
    empty = np.full((m.SIDE, m.SIDE), -1.0)
    for k, (name, role) in enumerate(roles.items(), 1):
        x = seen[name] if n >= k else empty
        if name == "difference" and n >= k:
            x = 2 * np.minimum(np.square(x), 1) - 1  # from 0, paper, to 1
        out.append(m.shown(symbols[name], x, 140, role))
    return out


def columns(hand: dict[str, Any], n: int) -> b.Widget:
    """Return the four pixels as column vectors, those of the parts so far."""
    made = [
        ("x₀", "x0", "real", 0, ""),
        ("ε", "noise", "hidden", 1, ""),
        ("xₜ", "x_t", "made", 2, ""),
        ("ε̂", "guess", "hidden", 3, ""),
        ("ε − ε̂", "difference", "grad", 4, "difference"),
        ("(ε − ε̂)²", "square", "grad", 5, "difference"),
    ]
    return b.row(
        *(b.matrix(name, hand[key], role, key=hide) for name, key, role, k, hide in made if n >= k)
    )


def sum_up(hand: dict[str, Any], whole: float, n: int) -> b.Widget:
    """Return the line of part n: how it is computed."""
    if n < 2:
        return b.text(b.word("four_pixels"), size="small")
    if n == 2:
        first = [*b.signed(hand["x0"][0], "real"), " + ", b.num(hand["sigma"], "ink"), " · "]
        return b.lines(
            "",
            [["xₜ = ", b.num(hand["signal"]), " · ", *first, *b.signed(hand["noise"][0], "hidden"),
              " = ", b.num(hand["x_t"][0], "made")]],
        )  # fmt: skip
    if n < 5:
        return b.text(b.word("net_says"), size="small")
    return b.lines(
        "",
        [
            [b.word("of_four"), " = ", b.num(hand["total"], "grad"), " / 4 = ",
             b.num(hand["loss"], "grad")],
            [b.word("of_all"), " = ", b.num(whole, "grad")],
        ],
        key="loss",
    )  # fmt: skip


def by_t(t: int, whole: float) -> b.Widget:
    """Return the mean squared errors of ε̂ and of x̂_0 over t, with this step's as a point."""
    found = measured()
    return b.chart(
        b.word("loss_by_t", n=str(SOME)),
        [
            b.series("ε − ε̂", found["eps"], "hidden", x=found["t"]),
            b.series("x₀ − x̂₀", found["x0"], "real", x=found["t"], dash=True),
        ],
        x="t",
        cursor=t,
        log=True,
        x_range=(0, 1000),
        width=360,
        height=200,
    )


@lru_cache(maxsize=2)
def _measured(net: int) -> dict[str, list[float]]:
    import torch

    from core.models.ddpm.loss import loss_by_t

    images = pictures.batch(pictures.digits()[0][:SOME])
    return loss_by_t(m.model(), images, None, TIMES, torch.Generator().manual_seed(0))


def measured() -> dict[str, list[float]]:
    """Return the errors at TIMES on SOME test digits: t, eps, x0, v."""
    return _measured(id(m.model()))
