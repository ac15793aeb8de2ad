"""View "optimal": the best discriminator between two densities on the line while one slides."""

from __future__ import annotations

import numpy as np

from apps.lessons.gan.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board
from core.models.gan import check, density_ratio

FAR, STEPS = 4.0, 16  # where q begins; frames until it lies on p
DRAWN = (-2.0, 6.0)  # of x in the chart of densities
AT = 0.25  # the place that "your turn" asks about
EXACT = 1e-8  # a sum over a grid against adaptive quadrature
ROUNDED = 4  # decimals of p and q in the exercise


def optimal(inputs: Inputs) -> Board:
    """Show p, q and D* while q slides onto p, and JS and W₁ by how far they are apart."""
    sigma = inputs.spread
    shifts = np.linspace(FAR, 0, STEPS + 1)
    js = np.array([density_ratio.jensen_shannon(shift, sigma) for shift in shifts])
    frames = []
    for shift, now in zip(shifts, js):
        left = b.column(densities(shift, sigma), verdict(shift, sigma), gap="tight")
        right = b.column(*distances(shifts, js, shift), gap="tight")
        facts = [
            b.fact("JS", now),
            b.fact("W₁", float(shift)),
            b.fact(b.word("least_loss"), 2 * np.log(2) - 2 * now),
        ]
        frames.append(b.frame(b.row(left, right, gap="mid"), f"μ = {shift:.2f}", facts))
    D = density_ratio.best_discriminator(np.full(len(shifts), AT), shifts, sigma)
    found = check.optimal_delta(shifts[::4], sigma, js[::4], D[::4], AT)
    asked = int(np.argmin(np.abs(shifts - 1)))
    p, q = (
        round(float(density_ratio.normal(np.array(AT), m, sigma)), ROUNDED)
        for m in (0, shifts[asked])
    )
    return {
        "frames": frames,
        "facts": [],
        "checks": [b.delta_check(found, EXACT)],
        "turn": {
            "ask": b.word("turn_best", x=f"{AT:g}", p=f"{p:.4f}", q=f"{q:.4f}"),
            "frame": asked,
            "blanks": [b.blank("D*", [p / (p + q) if p + q else 0.5], "hidden", "")],
        },
        "tables": {"distances": [["shift", "JS"], *zip(shifts.tolist(), js.tolist())]},
    }


def densities(shift: float, sigma: float) -> b.Widget:
    """Return the chart of both densities."""
    x = np.linspace(*DRAWN, 161)
    curves = [
        b.series(b.word("density_p"), density_ratio.normal(x, 0, sigma), "real", x=x),
        b.series(b.word("density_q"), density_ratio.normal(x, shift, sigma), "made", x=x),
    ]
    return b.chart(b.word("densities"), curves, x="x", low=0, x_range=DRAWN, width=430, height=200)


def verdict(shift: float, sigma: float) -> b.Widget:
    """Return the chart of D*, with the line of 1/2."""
    x = np.linspace(*DRAWN, 161)
    curve = b.series("D*(x)", density_ratio.best_discriminator(x, shift, sigma), "hidden", x=x)
    half = [{"y": 0.5, "label": "1/2"}]
    return b.chart(
        b.word("best"), [curve], x="x", low=0, high=1, rules=half, x_range=DRAWN, width=430,
        height=180,
    )  # fmt: skip


def distances(shifts: np.ndarray, js: np.ndarray, now: float) -> list[b.Widget]:
    """Return the charts of JS and of W₁ over the distance, with where q is now."""
    rules = [{"y": float(np.log(2)), "label": "log 2"}]
    common = {"x": b.word("apart"), "cursor": float(now), "low": 0, "width": 400, "height": 190}
    return [
        b.chart("JS (nat)", [b.series("", js, "grad", x=shifts)], rules=rules, high=0.75, **common),
        b.chart("W₁", [b.series("", shifts, "hidden", x=shifts)], **common),
    ]
