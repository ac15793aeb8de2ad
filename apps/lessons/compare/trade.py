"""View "trade": quality, diversity and cost of all families in one chart."""

from __future__ import annotations

import math

from apps.lessons.compare import models as m
from apps.lessons.compare.inputs import Inputs
from apps.lessons.compare.table import distance_checks, figures
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Law
from core.measure import comparison

AXIS = {"ms": "axis_ms", "parameters": "axis_parameters"}
LINE = 0.1  # decades of the distance that the height of a name takes
UP = (False, False, True)  # of cost, distance, coverage: whether more is better

Measured = list[tuple[float, float, float]]  # cost, distance, coverage of each family


def trade(inputs: Inputs) -> Board:
    """Show quality over a cost with intervals, each family's disc filled as far as it covers; a
    front for families that are told labels and one for the others.
    """
    cost, found = inputs.cost, m.rows(inputs.again, inputs.timed)
    known = [row for row in found if row["here"] and all(row[one] for one in (cost, "frechet"))]
    groups = [[row for row in known if row["family"].labelled == told] for told in (False, True)]
    fronts = [comparison.front(measures_of(group, cost), UP) for group in groups]
    on = {
        row["family"].card: lit
        for group, front in zip(groups, fronts)
        for row, lit in zip(group, front)
    }
    xs = [row[cost]["value"] for row in known] or [1.0]
    span = (10 ** math.floor(math.log10(min(xs))), 10 ** math.ceil(math.log10(max(xs)) + 1e-9))
    floor = comparison.read_figures()["floor"].get("frechet")
    chart = b.chart(
        "",
        [whisker(row, cost) for row in known],
        x=b.word(AXIS[cost]),
        y=b.word("axis_frechet"),
        log=True,
        xlog=True,
        x_range=span,
        rules=[{"y": floor["value"], "label": b.word("floor_rule")}] if floor else [],
        spots=spots(known, cost, on, span),
        width=640,
        height=340,
    )
    out = [b.text(b.word("not_drawn", names=n), "ink", "small") for n in missing(found, known)]
    made: Board = {
        "frames": [b.frame(b.column(chart, *out, gap="tight"))],
        "facts": front_facts(groups, fronts),
        "checks": [*distance_checks(known), law_of_fronts(groups, fronts, cost)],
        "turn": {
            "ask": b.word("turn_front"),
            "choices": [b.word("front_one"), b.word("front_two"), b.word("front_three")],
            "answer": 1,
        },
        "tables": {"families": figures(found), "front": [on.get(f.card) for f in m.FAMILIES]},
    }
    more = m.more_of(inputs.again, inputs.timed)
    return {**made, "more": more} if more else made


def measures_of(group: list[m.Row], cost: str) -> Measured:
    """Return the cost's rank, distance and coverage of each; costs that overlap are tied."""
    ranks = comparison.ties([(row[cost]["low"], row[cost]["high"]) for row in group])
    return [
        (rank, row["frechet"]["value"], row["coverage"]["value"]) for rank, row in zip(ranks, group)
    ]


def whisker(row: m.Row, cost: str) -> b.Series:
    """Return the interval of a distance as an upright line."""
    x, said = row[cost]["value"], row["frechet"]
    return b.series("", [said["low"], said["high"]], "made", x=[x, x])


def spots(
    known: list[m.Row], cost: str, on: dict[str, bool], span: tuple[float, float]
) -> list[dict]:
    """Return the discs with their names."""
    made, places = [], [(row[cost]["value"], row["frechet"]["value"]) for row in known]
    for row, (x, y) in zip(known, places):
        family = row["family"]
        name = b.word("with_label", name=family.title) if family.labelled else family.title
        side = side_of((x, y), places, span)
        spot = {"x": x, "y": y, "role": "made", "side": side}
        spot |= {"share": row["coverage"]["value"], "label": name, "on": on[family.card]}
        made.append(spot)
    return made


def side_of(
    at: tuple[float, float], places: list[tuple[float, float]], span: tuple[float, float]
) -> str:
    """Return on which side of its disc a name stands: the right one, unless the chart's edge or
    another disc is there.
    """
    room = 0.25 * math.log10(span[1] / span[0])  # decades that a name takes
    beside = [math.log10(x / at[0]) for x, y in places if abs(math.log10(y / at[1])) < LINE]
    blocked = any(0 < far < room for far in (*beside, math.log10(span[1] / at[0])))
    return "left" if blocked and not any(-room < far < 0 for far in beside) else "right"


def missing(found: list[m.Row], known: list[m.Row]) -> list[str]:
    """Return the names of those that are not drawn, if any."""
    names = ", ".join(row["family"].title for row in found if row not in known)
    return [names] if names else []


def front_facts(groups: list[list[m.Row]], fronts: list[list[bool]]) -> list[Fact]:
    """Return the names on either front."""
    made = []
    for name, group, front in zip(("untold", "told"), groups, fronts):
        names = ", ".join(row["family"].title for row, lit in zip(group, front) if lit)
        made.append(b.fact(b.word(f"front_{name}"), names or "—"))
    return made


def law_of_fronts(groups: list[list[m.Row]], fronts: list[list[bool]], cost: str) -> Law:
    """Return the check of both fronts by their law."""
    held = [law_of_front(measures_of(group, cost), on) for group, on in zip(groups, fronts)]
    holds, of = (sum(one[part] for one in held) for part in ("holds", "of"))
    return b.law(b.word("law_front"), holds, of)


def law_of_front(measures: Measured, on: list[bool]) -> Law:
    """Return the check of a front by its law: whoever is off it is beaten by one on it, and nobody
    on it is.
    """

    def beats(a: tuple, c: tuple) -> bool:
        return a != c and a[0] <= c[0] and a[1] <= c[1] and a[2] >= c[2]

    inside = [one for one, front in zip(measures, on) if front]
    holds = sum(
        any(beats(other, one) for other in inside) != front for one, front in zip(measures, on)
    )
    return b.law(b.word("law_front"), holds, len(measures))
