"""View "trade": quality, diversity and cost of all families in one chart."""

from __future__ import annotations

import math

from apps.lessons.compare import models as m
from apps.lessons.compare.inputs import Inputs
from apps.lessons.compare.table import count_notes, figures, file_checks, usual_count
from apps.stage import board as b
from apps.stage.contract import Board, Law
from core.measure import comparison

AXIS = {"ms": "axis_ms", "parameters": "axis_parameters", "minutes": "axis_minutes"}


def trade(inputs: Inputs) -> Board:
    """Show quality over a cost, each family's disc filled as far as its samples cover."""
    cost, found = inputs.cost, m.rows(inputs.again, inputs.timed)
    known = [row for row in found if row["here"] and row[cost] and row["frechet"]]
    measures = [(row[cost], row["frechet"], row["coverage"]) for row in known]
    on = comparison.front(measures, (False, False, True))
    xs = [row[cost] for row in known] or [1.0]
    span = (10 ** math.floor(math.log10(min(xs))), 10 ** math.ceil(math.log10(max(xs)) + 1e-9))
    _, floor = usual_count(known)
    chart = b.chart(
        "",
        [b.series("", [row["frechet"]], "made", x=[row[cost]]) for row in known],
        x=b.word(AXIS[cost]),
        y=b.word("axis_frechet"),
        log=True,
        xlog=True,
        x_range=span,
        rules=[{"y": floor, "label": b.word("floor_rule")}] if floor else [],
        spots=spots(known, cost, on, span),
        width=640,
        height=340,
    )
    missing = [b.word("not_drawn", names=names) for names in missing_names(found, known)]
    out = [b.text(note, "ink", "small") for note in (*missing, *count_notes(known))]
    return {
        "frames": [b.frame(b.column(chart, *out, gap="tight"))],
        "facts": [b.fact(b.word("front_fact"), winners_of(known, on))],
        "checks": [law_of_front(measures, on), *file_checks()[:1]],
        "turn": {
            "ask": b.word("turn_front"),
            "choices": [b.word("front_one"), b.word("front_two"), b.word("front_three")],
            "answer": 1,
        },
        "tables": {"families": figures(found), "front": [bool(v) for v in on]},
        "more": m.more_of(inputs.timed),
    }


def spots(known: list[m.Row], cost: str, on: list[bool], span: tuple[float, float]) -> list[dict]:
    """Return the discs, each name on the side where it has room."""
    made, width = [], math.log10(span[1] / span[0])
    for row, front in zip(known, on):
        spot = {"x": row[cost], "y": row["frechet"], "role": "made", "share": row["coverage"]}
        side = "left" if math.log10(span[1] / row[cost]) < 0.2 * width else "right"
        made.append({**spot, "label": row["family"].title, "on": front, "side": side})
    for i, one in enumerate(made):
        for other in made[:i]:
            wide = abs(math.log10(one["x"] / other["x"])) < 0.6
            flat = abs(math.log10(one["y"] / other["y"])) < 0.16
            if wide and flat:
                sides = ("above", "below") if one["y"] >= other["y"] else ("below", "above")
                one["side"], other["side"] = sides
    return made


def missing_names(found: list[m.Row], known: list[m.Row]) -> list[str]:
    """Return the names of those that are not drawn, if any."""
    names = ", ".join(row["family"].title for row in found if row not in known)
    return [names] if names else []


def winners_of(known: list[m.Row], on: list[bool]) -> str:
    """Return the names on the front."""
    return ", ".join(row["family"].title for row, front in zip(known, on) if front) or "—"


def law_of_front(measures: list[tuple], on: list[bool]) -> Law:
    """Return the check of the front by its law: whoever is off it is beaten by one on it, and
    nobody on it is.
    """

    def beats(a: tuple, c: tuple) -> bool:
        return a != c and a[0] <= c[0] and a[1] <= c[1] and a[2] >= c[2]

    inside = [one for one, front in zip(measures, on) if front]
    holds = sum(
        any(beats(other, one) for other in inside) != front for one, front in zip(measures, on)
    )
    return b.law(b.word("law_front"), holds, len(measures))
