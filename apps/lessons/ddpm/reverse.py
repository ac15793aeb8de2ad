"""View "reverse": one chain out of the noise, step by step, one of its pixels by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from typing_extensions import TypedDict

from apps.lessons.ddpm import chains as c
from apps.lessons.ddpm import models as m
from apps.lessons.ddpm.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Tables, Turn

if TYPE_CHECKING:
    from core.models.ddpm.samplers import Weights

ACROSS = 10  # pictures in the film
SIZE = 160


GIVEN = {"xₜ": "x", "ε̂": "eps", "ᾱₜ": "alpha_bar_t", "ᾱₛ": "alpha_bar_s"}


class Hand(TypedDict):
    """A step from t to s of one pixel."""

    t: int
    s: int
    alpha_bar_t: float
    alpha_bar_s: float
    x: float  # x_t
    eps: float  # ε̂
    x0: float  # x̂_0
    sigma: float  # σ
    mean: float  # μ
    x_s: float | None  # None where that moment is not kept


def reverse(inputs: Inputs) -> Board:
    """Show x_t, ε̂ and x̂_0 at each step from noise to image, and the classifier's view of x̂_0."""
    from core.models.ddpm.schedule import respace

    label, w, eta, steps = inputs.asked_class, inputs.guidance, inputs.eta, inputs.steps
    labels = None if label is None else [label]
    way = c.free(1, inputs.seed, labels, w, steps, eta)
    more = c.go_on([way], inputs.points, c.per_image(labels, w))
    moments = way.moments()
    read = m.reading(np.stack([m.shades(one["x0_hat"][0]) for one in moments]))
    numbers = [one["k"] for one in moments]
    times = respace(m.model().schedule.steps, steps)
    film = {k: str(times[k]) for k in spread_out(c.film_of(way.length))}
    pixel = (inputs.row, inputs.column)
    hands = [by_hand(way, one, pixel, steps) for one in moments]
    frames = []
    for i, (one, hand) in enumerate(zip(moments, hands)):
        side = [] if read is None else [reading_chart(read, numbers, label, i, steps)]
        above = b.row(pictures_of(one), *side, gap="mid")
        frames.append(moment_frame(one, above, sums(hand, pixel), film))
    return {
        "frames": frames,
        "parts": {
            f"film{one['k']}": m.image(f"{one['t']}", one["x0_hat"][0], 62, "real")
            for one in moments
            if one["k"] in film
        },
        "facts": [],
        "checks": [c.step_check(way), c.said_check(way, label, w, k=1)],
        "more": more,
        "turn": turn(hands[len(hands) // 2], eta, len(hands) // 2),
        "tables": tables(moments, read),
        "without": ["guidance"] if label is None else [],
    }


def by_hand(way: c.Way, one: c.Moment, pixel: tuple[int, int], steps: int) -> Hand:
    """Compute the step from a moment for one pixel; at the end, t = 0, it stays where it is."""
    from core.models.ddpm.samplers import coefficients
    from core.models.ddpm.schedule import respace

    times, k = respace(m.model().schedule.steps, steps), one["k"]
    t, s = times[k], times[min(k + 1, way.length - 1)]
    x, eps, x0 = (float(one[key][0][pixel]) for key in ("x", "eps_hat", "x0_hat"))
    alpha_bar_t, alpha_bar_s = m.alpha_bar(t), m.alpha_bar(s)
    parts: Weights = {"x0": 1.0, "eps": 0.0, "sigma": 0.0}
    if t:
        parts = coefficients(alpha_bar_t, alpha_bar_s, way.eta)
    then = way.shown.get(k + 1)
    return {
        "t": t,
        "s": s,
        "alpha_bar_t": alpha_bar_t,
        "alpha_bar_s": alpha_bar_s,
        "x": x,
        "eps": eps,
        "x0": x0,
        "sigma": parts["sigma"],
        "mean": parts["x0"] * x0 + parts["eps"] * eps,
        "x_s": None if then is None else float(then["x"][0][pixel]),
    }


def sums(hand: Hand, pixel: tuple[int, int]) -> b.Widget:
    """Return the step of one pixel in lines: x̂_0, then mean and spread of x_s, then x_s."""
    row, column = map(str, pixel)
    label = b.word("step_by_hand", t=str(hand["t"]), s=str(hand["s"]), i=row, j=column)
    if not hand["t"]:
        return b.lines(b.word("step_end", i=row, j=column), [["x₀ = x̂₀ = ", num(hand, "x0")]])
    given = [(name, num(hand, key)) for name, key in GIVEN.items()]
    found = [
        ("x̂₀ = (xₜ − √(1 − ᾱₜ) ε̂) / √ᾱₜ", num(hand, "x0")),
        ("σ = η √((1 − ᾱₛ)/(1 − ᾱₜ) · (1 − ᾱₜ/ᾱₛ))", num(hand, "sigma")),
        ("μ = √ᾱₛ x̂₀ + √(1 − ᾱₛ − σ²) ε̂", num(hand, "mean")),
    ]
    if hand["x_s"] is not None:
        found.append(("xₛ = μ + σ ξ", b.num(hand["x_s"], "made")))
    told = b.row(*(equation(one, value) for one, value in given), gap="mid")
    pairs = [equation(one, value, "step") for one, value in found]
    halves = (b.column(*pairs[:2], gap="tight"), b.column(*pairs[2:], gap="tight"))
    head = b.text(label, size="small")
    return b.column(head, told, b.row(*halves, gap="wide"), gap="tight")


def equation(left: str, value: Any, key: str = "") -> b.Widget:
    """Return a formula and its number, which a "your turn" hides by the key."""
    return b.row(b.text(left), b.lines("", [["= ", value]], key=key))


def num(hand: Hand, key: str) -> Any:
    """Return a number of the step in its colour."""
    roles = {"x": "made", "eps": "hidden", "x0": "real", "mean": "made"}
    return b.num(hand[key], roles.get(key, "ink"))


def pictures_of(one: c.Moment) -> b.Widget:
    """Return the pictures of a moment: x_t, ε̂ and x̂_0."""
    return b.row(
        m.image(b.word("x_t_is"), one["x"][0], SIZE),
        b.text("→"),
        m.image(b.word("eps_hat_is"), one["eps_hat"][0], SIZE, "hidden"),
        b.text("→"),
        m.image(b.word("x0_hat_is"), one["x0_hat"][0], SIZE, "real"),
    )


def moment_frame(one: c.Moment, above: b.Widget, hand: b.Widget, film: dict[int, str]) -> Frame:
    """Return the frame of a moment: its pictures, a pixel's step, and the film (k -> t) so far."""
    blank = np.zeros((m.SIDE, m.SIDE))
    tiles = [
        b.part(f"film{k}") if k <= one["k"] else b.grey(t, blank, size=62) for k, t in film.items()
    ]
    head = b.text(b.word("film_of_guesses"), size="small")
    view = b.column(above, hand, b.column(head, b.row(*tiles), gap="tight"), gap="mid")
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


def turn(hand: Hand, eta: float, frame: int) -> Turn:
    """Return the exercise, half way: x̂_0 of one pixel out of x_t and ε̂, and the mean of x_s."""
    told = {"a": "alpha_bar_t", "b": "alpha_bar_s", "x": "x", "e": "eps", "d": "sigma"}
    a, later, x, e, d = (round(hand[key], 3) for key in told.values())
    guess = (x - np.sqrt(1 - a) * e) / np.sqrt(a)
    mean = np.sqrt(later) * guess + np.sqrt(max(1 - later - d**2, 0)) * e
    texts = m.decimals_text({name: hand[key] for name, key in told.items()})
    return {
        "ask": b.word("turn_guess", t=str(hand["t"]), s=str(hand["s"]), n=f"{eta:g}", **texts),
        "frame": frame,
        "blanks": [
            b.blank("x̂₀", [float(guess)], "real", "step"),
            b.blank("μ", [float(mean)], "made", "step"),
        ],
    }


def tables(moments: list[c.Moment], read: np.ndarray | None) -> Tables:
    """Return the classifier's probabilities at each shown t, and the final image."""
    rows = [] if read is None else [[one["t"], *p] for one, p in zip(moments, read.tolist())]
    last = m.shades(moments[-1]["x"][0])
    return {"read": [["t", *range(10)], *rows], "image": last}
