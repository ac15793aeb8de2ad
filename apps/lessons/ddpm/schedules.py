"""Three schedules side by side: what they keep of a picture at each t, as curves and as a film."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.ddpm import models as m
from apps.lessons.vae import models as pictures
from apps.stage import board as b

TIMES = tuple(range(0, 1001, 100))
ROLES = {"linear": "real", "cosine": "made", "bent": "hidden"}
LOST = 0.1  # below this ᾱ the film counts a picture as lost


def schedules(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a moment of the film: ᾱ_t and SNR of all three, and the same digit in each."""
    from core.models.ddpm.forward import strip

    inputs, merged = pictures.cleared(inputs)
    image, seed = pictures.picture(inputs), m.seed(inputs)
    plans = {kind: m.schedule(kind, inputs) for kind in ROLES}
    films = {kind: strip(image, TIMES, plan, seed) for kind, plan in plans.items()}
    tiles = {kind: np.stack([m.shades(one["x_t"]) for one in film]) for kind, film in films.items()}
    parts = {
        kind: b.grey(b.word(f"film_{kind}"), m.strip(some), size=600, role=ROLES[kind])
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
        above = b.row(b.part("pad"), kept(plans, t), signal(plans, t), gap="mid")
        told = [
            b.fact(b.word(f"kept_{kind}"), round(one[k]["alpha_bar"], 4))
            for kind, one in films.items()
        ]
        frames.append(b.frame(b.column(above, film, gap="swap"), f"t = {t}", told))
    return {
        "frames": frames,
        "parts": parts,
        "facts": [],
        "checks": checks(plans),
        "turn": turn(films),
        "tables": table(plans),
        **merged,
    }


def kept(plans: dict[str, Any], t: int) -> b.Widget:
    """Return ᾱ_t of each schedule over t."""
    return chart(plans, "alpha_bar", b.word("chart_kept"), t, low=0.0, high=1.0)


def signal(plans: dict[str, Any], t: int) -> b.Widget:
    """Return log SNR of each schedule over t; where they cross 0, picture and noise are even."""
    return chart(plans, "log_snr", b.word("chart_snr"), t, low=-10.0, high=10.0, rule=0.0)


def chart(
    plans: dict[str, Any], key: str, label: b.Label, t: int, low: float, high: float, rule: Any = ()
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
        rules=[{"y": rule, "label": b.word("even")}] if rule == 0.0 else [],
        width=340,
        height=185,
    )


def turn(films: dict[str, list[dict]]) -> dict[str, Any]:
    """Return what a visitor computes: the SNR of the cosine schedule in the middle."""
    one = films["cosine"][5]
    return {
        "ask": b.word("turn_snr", a=f"{one['alpha_bar']:.4f}", t="500"),
        "frame": 5,
        "blanks": [b.blank("SNR", [one["alpha_bar"] / (1 - one["alpha_bar"])], "made", "snr")],
    }


def lost_at(plan: Any) -> int:
    """Return the first t at which ᾱ is below `LOST`."""
    return int((plan.alpha_bar < LOST).nonzero()[0, 0])


def table(plans: dict[str, Any]) -> dict[str, Any]:
    """Return ᾱ of every schedule at every tenth t, and where each has lost the picture."""
    rows = [[t, *(float(plan.alpha_bar[t]) for plan in plans.values())] for t in range(0, 1001, 10)]
    return {
        "alpha_bar": [["t", *plans], *rows],
        "lost": {kind: lost_at(plan) for kind, plan in plans.items()},
    }


def checks(plans: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the checks: ᾱ against its closed form, and the law that it falls at every step."""
    from core.models.ddpm.check import schedule_delta

    falls = sum(int((plan.alpha_bar.diff() < 0).sum()) for plan in plans.values())
    found = [schedule_delta(plan) for plan in plans.values()]
    return [
        b.check(max(one["delta"] for one in found), found[0]["against"], 1e-12),
        b.law(b.word("law_falls"), falls, sum(plan.steps for plan in plans.values())),
    ]
