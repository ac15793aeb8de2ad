"""The two nets in turn, round after round; and the discriminator alone, trained too well."""

from __future__ import annotations

import numpy as np

from apps.stage import board as b
from apps.views.gan_generator import COLOURS, FACTOR, factor_chart
from core.models.gan_turns import verdicts

SIDE = 1.5  # the line of x that is drawn reaches from -SIDE to SIDE, or as far as an x goes
POINTS = 61  # of D's curve
WIDTH, HEIGHT = 250, 270  # of a chart, three in a row
STOPS = (0, 1, 2, 3, 5, 8, 10, 12, 14, 16, 18, 20, 25, 30, 40, 60, 80, 120, 160, 240, 320)


CURVES = (  # what a round leaves behind
    ("D_real", "D(x)", "real"),
    ("D_fake", "D(G(u))", "made"),
    ("d_loss", b.word("d_loss"), "hidden"),
    ("g_loss", b.word("g_loss"), "grad"),
)


def turn_frames(states: list[dict], x: float) -> list[dict]:
    """Return a frame a round: D over x with the real x and G(u), and all that was until now.

    Args:
        states: of `gan_turns.take_turns`, x of one number.
        x: the real one.
    """
    path = [float(s["x"][0]) for s in states]
    reach = max(SIDE, abs(x), *(abs(v) for v in path)) * 1.02
    line = np.linspace(-reach, reach, POINTS)
    shapes = [verdicts(line[:, None], s["w1"], s["w2"]) for s in states]
    span = float(min(c.min() for c in shapes)), float(max(c.max() for c in shapes))
    courses = {name: [round(float(s[name]), 6) for s in states] for name, _, _ in CURVES}
    rounds, last = [s["round"] for s in states], states[-1]["round"]
    low, high = min(map(min, courses.values())), max(map(max, courses.values()))
    far = {"x": b.word("rounds"), "x_range": (0, last), "height": HEIGHT}
    real = b.series(b.word("real_x"), [x, x], "real", x=[0, last])
    frames = []
    for k, s in enumerate(states):
        walked = b.series("G(u)", path[: k + 1], "made", x=rounds[: k + 1])
        walk = b.chart(
            b.word("path"), [real, walked], cursor=rounds[k], low=min(*path, x), high=max(*path, x),
            width=WIDTH, **far,
        )  # fmt: skip
        drawn = [
            b.series(name, courses[key][: k + 1], role, x=rounds[: k + 1])
            for key, name, role in CURVES
        ]
        course = b.chart(
            b.word("answers_and_losses"), drawn, cursor=rounds[k], low=low, high=high,
            width=WIDTH + 80, **far,
        )  # fmt: skip
        facts = [
            b.fact("G(u)", path[k]),
            b.fact("D(x)", s["D_real"]),
            b.fact("D(G(u))", s["D_fake"]),
        ]
        view = b.row(on_the_line(s, x, line, shapes[k], span), walk, course, gap="mid")
        frames.append(b.frame(view, b.word("round", n=str(k)), facts))
    return frames


def on_the_line(
    s: dict, x: float, line: np.ndarray, curve: np.ndarray, span: tuple[float, float]
) -> b.Widget:
    """Return D over x; the real x and G(u) stand under the curve as stems."""
    drawn = [b.series("D", curve, "hidden", x=line)]
    for name, at, height, role in (
        (b.word("real_x"), x, s["D_real"], "real"),
        ("G(u)", float(s["x"][0]), s["D_fake"], "made"),
    ):
        drawn.append(b.series(name, [span[0], height], role, x=[at, at]))
    return b.chart(
        b.word("D_over_x"), drawn, x="x", low=span[0], high=span[1],
        x_range=(float(line[0]), float(line[-1])), width=WIDTH, height=HEIGHT,
    )  # fmt: skip


def sure_frames(states: list[dict]) -> list[dict]:
    """Return a frame a stop of the discriminator's training: what reaches G under both losses."""
    last = states[-1]["round"]
    reaches = {n: np.array([s["reach"][n] for s in states]) for n in FACTOR}
    every = np.maximum(np.concatenate(list(reaches.values())), 1e-12)
    frames = []
    for k in [k for k in STOPS if k < last] + [last]:
        s = states[k]
        p = s["D_fake"]
        curves = [
            b.series(b.word(f"option.{n}"), np.maximum(reaches[n][: k + 1], 1e-12), COLOURS[n],
                     x=np.arange(k + 1))
            for n in FACTOR
        ]  # fmt: skip
        fall = b.chart(
            b.word("reach"), curves, x=b.word("d_updates"), log=True, cursor=k, x_range=(0, last),
            low=float(every.min()), high=float(every.max()), width=400, height=300,
        )  # fmt: skip
        facts = [b.fact("D(G(u))", p)]
        facts += [b.fact(b.word(f"option.{n}"), s["reach"][n]) for n in FACTOR]
        view = b.row(factor_chart(p, 380, 300), fall, gap="mid")
        frames.append(b.frame(view, b.word("after_updates", n=str(k)), facts))
    return frames
