"""Out of the noise: one chain step by step, with what the net says at each."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.ddpm import chains as c
from apps.lessons.ddpm import models as m
from apps.stage import board as b

ACROSS = 10  # pictures in the film
SIZE = 160
SURE = 0.9  # p from which x̂_0 counts as read


def reverse(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a step from noise to image: x_t, ε̂ and x̂_0, and what x̂_0 is read as."""
    label, w, eta, steps = m.label(inputs), c.guidance(inputs), c.eta(inputs), c.steps(inputs)
    labels = None if label is None else [label]
    chain = c.free(1, m.seed(inputs), labels, w, steps, eta)
    more = c.run([chain], inputs, c.pair(labels, w))
    moments = chain.moments_so_far()
    guesses = np.stack([m.shades(one["x0_hat"][0]) for one in moments])
    read = m.reading(guesses)
    kept = film(c.shown(chain.length))
    numbers = [one["k"] for one in moments]
    parts = {
        f"film{k}": m.shown(f"{one['t']}", one["x0_hat"][0], 70, "real")
        for k, one in zip(numbers, moments)
        if k in kept
    }
    frames = []
    for i, one in enumerate(moments):
        pictures = b.row(
            m.shown(b.word("x_t_is"), one["x"][0], SIZE),
            b.text("→"),
            m.shown(b.word("eps_hat_is"), one["eps_hat"][0], SIZE, "hidden"),
            b.text("→"),
            m.shown(b.word("x0_hat_is"), one["x0_hat"][0], SIZE, "real"),
        )
        side = [] if read is None else [reading(read, numbers, label, i, steps)]
        so_far = [k for k in kept if k <= one["k"]]
        blank = b.grey("", np.zeros((m.SIDE, m.SIDE)), size=70)
        tiles = [b.part(f"film{k}") for k in so_far] + [blank] * (len(kept) - len(so_far))
        below = b.column(b.text(b.word("film_of_guesses"), size="small"), b.row(*tiles))
        told = [b.fact("ᾱₜ", round(m.kept(one["t"]), 4)), b.fact(b.word("net_calls"), calls(one))]
        view = b.column(b.row(pictures, *side, gap="mid"), below | {"gap": "tight"}, gap="mid")
        frames.append(b.frame(view, f"t = {one['t']}", told))
    return {
        "frames": frames,
        "parts": parts,
        "facts": [],
        "checks": [c.step_check(chain), c.net_check(*beginning(chain), label, w)],
        "more": more,
        "turn": turn(moments),
        "tables": tables(moments, read),
        "without": ["guidance"] if label is None else [],
    }


def beginning(chain: c.Chain) -> tuple[Any, int]:
    """Return x_t and t of the moment after the first step."""
    one = chain.head()[1]
    return one["x"], int(one["t"])


def film(every: list[int]) -> list[int]:
    """Return which moments stand in the film, evenly, the first and the last among them."""
    across = min(len(every), ACROSS)
    return sorted({every[round(k * (len(every) - 1) / max(1, across - 1))] for k in range(across)})


def calls(one: dict[str, Any]) -> str:
    """Return how many steps of the net led to a moment."""
    return str(one["k"])


def reading(
    read: np.ndarray, numbers: list[int], label: int | None, i: int, steps: int
) -> b.Widget:
    """Return the chart of what the classifier reads x̂_0 as: the class asked for, the best other."""
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


def turn(moments: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a visitor computes: x̂_0 of one pixel out of x_t and ε̂, half way."""
    i = len(moments) // 2
    one = moments[i]
    row, column = np.unravel_index(int(np.abs(one["x0_hat"][0]).argmin()), (m.SIDE, m.SIDE))
    told = {"a": m.kept(one["t"]), "x": one["x"][0, row, column]}
    told = {
        k: round(float(v), 3) for k, v in (told | {"e": one["eps_hat"][0, row, column]}).items()
    }
    guess = (told["x"] - np.sqrt(1 - told["a"]) * told["e"]) / np.sqrt(told["a"])
    said = {k: f"{v:.3f}".replace("-", "−") for k, v in told.items()}
    return {
        "ask": b.word("turn_guess", t=str(one["t"]), **said),
        "frame": i,
        "blanks": [b.blank("x̂₀", [float(guess)], "real", "guess")],
    }


def tables(moments: list[dict[str, Any]], read: np.ndarray | None) -> dict[str, Any]:
    """Return what is read at each shown t, and the image at the end."""
    rows = [] if read is None else [[one["t"], *p] for one, p in zip(moments, read.tolist())]
    last = m.shades(moments[-1]["x"][0])
    return {"read": [["t", *range(10)], *rows], "image": last}
