"""View "reverse": one chain out of the noise, step by step, with the net's predictions."""

from __future__ import annotations

import numpy as np

from apps.lessons.ddpm import chains as c
from apps.lessons.ddpm import models as m
from apps.lessons.ddpm.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Tables, Turn

ACROSS = 10  # pictures in the film
SIZE = 160


def reverse(inputs: Inputs) -> Board:
    """Show x_t, ε̂ and x̂_0 at each step from noise to image, and the classifier's view of x̂_0."""
    label, w, eta, steps = inputs.asked_class, inputs.guidance, inputs.eta, inputs.steps
    labels = None if label is None else [label]
    way = c.free(1, inputs.seed, labels, w, steps, eta)
    more = c.go_on([way], inputs.points, c.per_image(labels, w))
    moments = way.moments()
    read = m.reading(np.stack([m.shades(one["x0_hat"][0]) for one in moments]))
    numbers = [one["k"] for one in moments]
    film = spread_out(c.film_of(way.length))
    frames = []
    for i, one in enumerate(moments):
        side = [] if read is None else [reading_chart(read, numbers, label, i, steps)]
        above = b.row(pictures_of(one), *side, gap="mid")
        frames.append(moment_frame(one, above, film))
    return {
        "frames": frames,
        "parts": {
            f"film{one['k']}": m.image(f"{one['t']}", one["x0_hat"][0], 70, "real")
            for one in moments
            if one["k"] in film
        },
        "facts": [],
        "checks": [c.step_check(way), c.said_check(way, label, w, k=1)],
        "more": more,
        "turn": turn(moments),
        "tables": tables(moments, read),
        "without": ["guidance"] if label is None else [],
    }


def pictures_of(one: c.Moment) -> b.Widget:
    """Return the pictures of a moment: x_t, ε̂ and x̂_0."""
    return b.row(
        m.image(b.word("x_t_is"), one["x"][0], SIZE),
        b.text("→"),
        m.image(b.word("eps_hat_is"), one["eps_hat"][0], SIZE, "hidden"),
        b.text("→"),
        m.image(b.word("x0_hat_is"), one["x0_hat"][0], SIZE, "real"),
    )


def moment_frame(one: c.Moment, above: b.Widget, film: list[int]) -> Frame:
    """Return the frame of a moment: its pictures, and below them the film so far."""
    so_far = [k for k in film if k <= one["k"]]
    blank = b.grey("", np.zeros((m.SIDE, m.SIDE)), size=70)
    tiles = [b.part(f"film{k}") for k in so_far] + [blank] * (len(film) - len(so_far))
    head = b.text(b.word("film_of_guesses"), size="small")
    view = b.column(above, b.column(head, b.row(*tiles), gap="tight"), gap="mid")
    facts = [
        b.fact("ᾱₜ", round(m.alpha_bar(one["t"]), 4)),
        b.fact(b.word("net_calls"), str(one["k"])),
    ]
    return b.frame(view, f"t = {one['t']}", facts)


def spread_out(every: list[int]) -> list[int]:
    """Return which moments stand in the film, evenly, the first and the last among them."""
    across = min(len(every), ACROSS)
    return sorted({every[round(k * (len(every) - 1) / max(1, across - 1))] for k in range(across)})


def reading_chart(
    read: np.ndarray, numbers: list[int], label: int | None, i: int, steps: int
) -> b.Widget:
    """Return the chart of the classifier's probabilities on x̂_0: class asked for, best other."""
    mine = int(read[-1].argmax()) if label is None else label
    others = np.delete(read, mine, axis=1).max(1)
    return b.chart(
        b.word("read_over_steps"),
        [
            b.series(f"p({mine})", read[: i + 1, mine], "ok", x=numbers[: i + 1]),
            b.series(b.word("best_other"), others[: i + 1], "grad", x=numbers[: i + 1], dash=True),
        ],
        x=b.word("steps_done"),
        cursor=numbers[i],
        low=0.0,
        high=1.0,
        x_range=(0, steps),
        width=290,
        height=185,
    )


def turn(moments: list[c.Moment]) -> Turn:
    """Return the exercise: x̂_0 of one pixel out of x_t and ε̂, half way."""
    i = len(moments) // 2
    one = moments[i]
    row, column = np.unravel_index(int(np.abs(one["x0_hat"][0]).argmin()), (m.SIDE, m.SIDE))
    x, eps = (one[key][0, row, column] for key in ("x", "eps_hat"))
    a, x, e = (round(float(value), 3) for value in (m.alpha_bar(one["t"]), x, eps))
    guess = (x - np.sqrt(1 - a) * e) / np.sqrt(a)
    return {
        "ask": b.word("turn_guess", t=str(one["t"]), **m.decimals_text({"a": a, "x": x, "e": e})),
        "frame": i,
        "blanks": [b.blank("x̂₀", [float(guess)], "real", "guess")],
    }


def tables(moments: list[c.Moment], read: np.ndarray | None) -> Tables:
    """Return the classifier's probabilities at each shown t, and the final image."""
    rows = [] if read is None else [[one["t"], *p] for one, p in zip(moments, read.tolist())]
    last = m.shades(moments[-1]["x"][0])
    return {"read": [["t", *range(10)], *rows], "image": last}
