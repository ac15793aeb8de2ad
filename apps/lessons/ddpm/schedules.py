"""View "schedules": signal and noise of three schedules at each t, as curves and as a film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.ddpm import models as m
from apps.lessons.ddpm.inputs import Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Check, Law, Tables, Turn

if TYPE_CHECKING:
    from core.models.ddpm.schedule import Schedule

TIMES = tuple(range(0, 1001, 100))
ROLES = {"linear": "real", "cosine": "made", "bent": "hidden"}
LOST = 0.1  # below this ᾱ the film counts a picture as lost
Plans = dict[str, "Schedule"]  # kind -> schedule


def schedules(inputs: Inputs) -> Board:
    """Show ᾱ_t and SNR of all three schedules over t, and the same digit in each."""
    from core.models.ddpm.forward import strip

    image = inputs.picture
    plans = {kind: m.schedule(kind, inputs) for kind in ROLES}
    films = {kind: strip(image, TIMES, plan, inputs.seed) for kind, plan in plans.items()}
    tiles = {kind: np.stack([m.shades(one["x_t"]) for one in film]) for kind, film in films.items()}
    parts: dict[str, b.Widget] = {
        kind: b.grey(b.word(f"film_{kind}"), pictures.strip(some), size=600, role=ROLES[kind])
        for kind, some in tiles.items()
    }
    parts["pad"] = pictures.pad(image, b.word("your_digit"), 5)
    frames = []
    for k, t in enumerate(TIMES):
        film = b.column(
            *(
                b.row(b.part(kind), b.grey(f"t = {t}", tiles[kind][k], size=58, role=ROLES[kind]))
                for kind in ROLES
            ),
            gap="tight",
        )
        above = b.row(b.part("pad"), signal_chart(plans, t), snr_chart(plans, t), gap="mid")
        facts = [
            b.fact(b.word(f"kept_{kind}"), round(one[k]["alpha_bar"], 4))
            for kind, one in films.items()
        ]
        frames.append(b.frame(b.column(above, film, gap="swap"), f"t = {t}", facts))
    return {
        "frames": frames,
        "parts": parts,
        "facts": [],
        "checks": checks(plans),
        "turn": turn(films["cosine"][5]["alpha_bar"]),
        "tables": tables(plans),
    }


def signal_chart(plans: Plans, t: int) -> b.Widget:
    """Return ᾱ_t of each schedule over t."""
    return chart(plans, "alpha_bar", b.word("chart_kept"), t, 0.0, 1.0)


def snr_chart(plans: Plans, t: int) -> b.Widget:
    """Return log SNR of each schedule over t; where they cross 0, picture and noise are even."""
    even = [{"y": 0.0, "label": b.word("even")}]
    return chart(plans, "log_snr", b.word("chart_snr"), t, -10.0, 10.0, even)


def chart(
    plans: Plans,
    key: str,
    label: b.Label,
    t: int,
    low: float,
    high: float,
    rules: list[Any] | None = None,
) -> b.Widget:
    """Return one curve a schedule."""
    from core.models.ddpm.schedule import curves

    lines = []
    for kind, plan in plans.items():
        seen = curves(plan, 200)
        y = np.array(seen[key])
        y[(y < low) | (y > high)] = np.nan
        lines.append(b.series(b.word(f"option.{kind}"), y, ROLES[kind], x=seen["t"]))
    return b.chart(
        label,
        lines,
        x="t",
        cursor=t,
        low=low,
        high=high,
        x_range=(0, 1000),
        rules=rules or [],
        width=340,
        height=185,
    )


def turn(alpha_bar: float) -> Turn:
    """Return the exercise: the SNR of the cosine schedule in the middle."""
    alpha_bar = round(alpha_bar, 4)
    return {
        "ask": b.word("turn_snr", a=f"{alpha_bar:.4f}", t="500"),
        "frame": 5,
        "blanks": [b.blank("SNR", [alpha_bar / (1 - alpha_bar)], "made", "snr")],
    }


def lost_at(plan: Schedule) -> int:
    """Return the first t at which ᾱ is below `LOST`."""
    return int((plan.alpha_bar < LOST).nonzero()[0, 0])


def tables(plans: Plans) -> Tables:
    """Return ᾱ of every schedule at every tenth t, and where each has lost the picture."""
    rows = [[t, *(float(plan.alpha_bar[t]) for plan in plans.values())] for t in range(0, 1001, 10)]
    return {
        "alpha_bar": [["t", *plans], *rows],
        "lost": {kind: lost_at(plan) for kind, plan in plans.items()},
    }


def checks(plans: Plans) -> list[Check | Law]:
    """Check ᾱ against its closed form, and the law that it falls at every step."""
    from core.models.ddpm.check import schedule_delta

    falls = sum(int((plan.alpha_bar.diff() < 0).sum()) for plan in plans.values())
    found = [schedule_delta(plan) for plan in plans.values()]
    return [
        b.check(max(one["delta"] for one in found), found[0]["against"], 1e-12),
        b.law(b.word("law_falls"), falls, sum(plan.steps for plan in plans.values())),
    ]
