"""View "fade": a new level faded in over the old one, step by step, and an α that is cut off."""

from __future__ import annotations

import numpy as np

from apps.lessons.progan.inputs import SIDES, Inputs
from apps.lessons.progan.reduced import reduce_digit
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.models.progan import by_hand, check
from core.models.progan.by_hand import FadeTrace

FRESH_MAPS = 16  # of a new level whose weights are still those of the draw
SIZE = 144  # pixels of a picture's side


def fade(inputs: Inputs) -> Board:
    """Show α step by step, the old picture doubled, the new one, and their mixture."""
    old, new = pictures_of(inputs)
    whole = inputs.counting == "whole"
    alphas = [by_hand.alpha_at(k, inputs.steps, whole) for k in range(inputs.steps + 1)]
    traces = [by_hand.fade(old, new, alpha) for alpha in alphas]
    deltas = [check.fade_delta(old, new, a, t) for a, t in zip(alphas, traces)]
    i, j = inputs.pixel
    parts: dict[str, b.Widget] = {
        "old": b.raster(
            b.word("old_name", side=str(SIDES[0])), old, role="made", span=1, size=SIZE, digits=2,
            outlines=[b.outline(i // 2, j // 2, role="grad")],
        ),
        "doubled": picture(b.word("doubled_name"), traces[0]["doubled"], inputs.pixel),
        "new": picture(b.word(f"new_{inputs.new}", side=str(SIDES[1])), new, inputs.pixel),
    }  # fmt: skip
    ends = (by_hand.fade(old, new, 0.0), by_hand.fade(old, new, 1.0))
    same = int(np.array_equal(ends[0]["out"], ends[0]["doubled"]))
    same += int(np.array_equal(ends[1]["out"], new))
    return {
        "frames": [frame(inputs, k, alphas, new, one) for k, one in enumerate(traces)],
        "parts": parts,
        "checks": [
            b.check(max(one["delta"] for one in deltas), deltas[0]["against"], 1e-12),
            b.law(b.word("law_ends"), same, 2),
        ],
        "turn": turn(inputs, alphas, traces[0]["doubled"], new),
        "tables": {
            "alpha": [["step", "alpha"], *map(list, enumerate(alphas))],
            "old": old, "new": new, "out": traces[inputs.steps // 2]["out"],
        },
    }  # fmt: skip


def pictures_of(inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
    """Return a digit at 4x4, and what the level of 8x8 draws: the digit, or noise while fresh."""
    small, large = (reduce_digit(pictures.digits()[0][inputs.digit], s) for s in SIDES[:2])
    return small, (fresh(inputs.digit) if inputs.new == "fresh" else large)


def fresh(seed: int) -> np.ndarray:
    """Return what a layer to pixels with newly drawn weights makes of drawn maps, (8, 8).

    On the scale of the page, where a net's −1 is 0 and its 1 is 1.
    """
    draw = np.random.default_rng(seed)
    maps = by_hand.pixel_norm(draw.standard_normal((FRESH_MAPS, SIDES[1], SIDES[1])))["out"]
    weights = draw.standard_normal(FRESH_MAPS) / np.sqrt(FRESH_MAPS)  # of gain 1
    return (np.tensordot(weights, maps, 1) + 1) / 2


def picture(label: b.Label, values: np.ndarray, at: tuple[int, int], press: bool = False):
    """Return a picture of 8x8 with one pixel outlined."""
    outlines = [b.outline(*at, role="grad")]
    pressed = b.press("pixel") if press else None
    return b.raster(label, values, role="made", span=1, size=SIZE, outlines=outlines, press=pressed)


def frame(inputs: Inputs, k: int, alphas: list[float], new: np.ndarray, now: FadeTrace) -> Frame:
    """Return one step: the pictures, one pixel written out, and the ramp of α."""
    alpha = alphas[k]
    i, j = inputs.pixel
    mixed = picture(b.word("mixed_name", alpha=f"{alpha:.2f}"), now["out"], inputs.pixel, True)
    above = b.row(
        b.part("old"), b.text("→"), b.part("doubled"), b.part("new"), b.text("→"), mixed, gap="mid"
    )
    first = [f"x[{i}, {j}] = (1 − α)·", b.num(now["doubled"][i, j]), " + α·",
             *b.paren(new[i, j], "ink")]  # fmt: skip
    second = ["= ", b.num(now["old"][i, j]), " + ", *b.paren(now["new"][i, j], "ink"), " = ",
              b.num(now["out"][i, j], "made")]  # fmt: skip
    below = b.row(b.lines(f"α = {alpha:.2f}", [first, second]), ramp(inputs, k, alphas), gap="mid")
    far = float(np.abs(now["out"] - now["doubled"]).max())
    facts = [b.fact("α", f"{alpha:.2f}"), b.fact(b.word("changed_by"), far)]
    return b.frame(
        b.column(above, below, gap="mid"), b.word("step_of", at=str(k), n=str(inputs.steps)), facts
    )


def ramp(inputs: Inputs, k: int, alphas: list[float]) -> b.Widget:
    """Return α over the steps, divided as fractions and as whole numbers."""
    steps = range(inputs.steps + 1)
    ways = {
        way: [by_hand.alpha_at(at, inputs.steps, way == "whole") for at in steps]
        for way in ("fraction", "whole")
    }
    roles = {"fraction": "ok", "whole": "grad"}
    drawn = [b.series(b.word(f"ramp_{way}"), y, roles[way]) for way, y in ways.items()]
    here = [{"x": k, "y": alphas[k], "label": "", "role": "made", "on": True}]
    return b.chart(
        "α", drawn, x=b.word("steps_name"), low=0, high=1, spots=here, width=360, height=200
    )


def turn(inputs: Inputs, alphas: list[float], doubled: np.ndarray, new: np.ndarray) -> Turn:
    """Return the exercise: one pixel at another α."""
    alpha = 0.25 if alphas[inputs.steps // 4] != 0.25 else 0.75
    i, j = inputs.pixel
    low, high = (round(float(x[i, j]), 2) for x in (doubled, new))
    ask = b.word("turn_fade", alpha=f"{alpha:.2f}", old=f"{low:.2f}", new=minus(f"{high:.2f}"))
    return {"ask": ask, "blanks": [b.blank("x", [(1 - alpha) * low + alpha * high], "made", "")]}


def minus(text: str) -> str:
    """Return a number's text with a real minus."""
    return text.replace("-", "−")
