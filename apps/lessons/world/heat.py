"""View "heat": one controller in dreams of rising temperature, beside the paper's scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.lessons.world.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Turn

if TYPE_CHECKING:
    from core.measure.dreamers import Dreamers


def heat(inputs: Inputs) -> Board:
    """Show dream and real scores over the temperature, ours and the paper's."""
    from core.data import gap_values
    from core.measure.dreamers import PAPER, PAPER_RANDOM, read_dreamers

    del inputs  # the figures are measured ones
    found = read_dreamers()
    rows = [
        (r["temperature"], r["dream"], r["dream_error"], found["real"], found["real_error"])
        for r in found["rows"]
    ]
    optimum = {"y": gap_values.start_value("optimum"), "label": b.word("player_optimum")}
    random = {"y": PAPER_RANDOM[0], "label": b.word("player_random")}
    view = b.row(
        scores_chart(b.word("heat_ours"), rows, [optimum], 2.0),
        scores_chart(b.word("heat_paper"), PAPER, [random], 1.0),
        gap="mid",
    )
    facts = [
        b.fact(b.word("score_at", t=f"{t:g}"), f"{dream:.1f}")
        for t, dream, *_ in rows
        if t in (0.1, 1)
    ]
    facts.append(b.fact(b.word("score_real"), f"{found['real']:.1f}"))
    return {
        "frames": [b.frame(view)],
        "facts": facts,
        "checks": [bound_law(found)],
        "turn": turn(found),
        "tables": {
            "ours": [["temperature", "dream", "error", "real", "error"], *map(list, rows)],
            "paper": [["temperature", "dream", "spread", "real", "spread"], *map(list, PAPER)],
        },
    }


def scores_chart(label: b.Label, rows: Any, rules: Any, errors: float) -> b.Widget:
    """Return dream and real scores over the temperature, each with a band of so many errors."""
    t, dream, dream_e, real, real_e = (list(v) for v in zip(*rows))

    def band(mean: list[float], error: list[float]) -> tuple[list[float], list[float]]:
        low = [m - errors * e for m, e in zip(mean, error)]
        return low, [m + errors * e for m, e in zip(mean, error)]

    return b.chart(
        label,
        [
            b.series(b.word("curve_in_dream"), dream, "made", x=t, band=band(dream, dream_e)),
            b.series(b.word("curve_in_real"), real, "real", x=t, band=band(real, real_e)),
        ],
        x=b.word("temperature"),
        rules=rules,
        low=0,
        width=440,
        height=340,
    )


def bound_law(found: Dreamers) -> Any:
    """Return the law that the real score is not above the optimum, up to four standard errors."""
    from core.data import gap_values

    top = gap_values.start_value("optimum")
    return b.law(b.word("law_optimum"), found["real"] <= top + 4 * found["real_error"], 1)


def turn(found: Dreamers) -> Turn:
    """Return the exercise: how many points the coldest dream promises too much."""
    dream, real = round(found["rows"][0]["dream"], 1), round(found["real"], 1)
    ask = b.word("turn_heat", dream=f"{dream:.1f}", real=f"{real:.1f}")
    return {"ask": ask, "frame": 0, "blanks": [b.blank("Δ", [dream - real], "grad", "")]}
