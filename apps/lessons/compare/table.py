"""All figures in one table that can be sorted, and as one chart of quality, diversity and cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from apps.lessons.compare import models as m
from apps.stage import board as b
from core.inputs import choice
from core.measure import check, comparison
from core.measure.comparison import MEASURES

SORTS = ("family", *(measure.name for measure in MEASURES))
COSTS = ("ms", "parameters", "minutes")
UP = {measure.name: measure.up for measure in MEASURES}
PLACES = {"minutes": 1, "ms": 1, "frechet": 3, "coverage": 3, "entropy": 3}
UNITS = ("bytes", "minutes", "ms", "entropy")
AXIS = {"ms": "axis_ms", "parameters": "axis_parameters", "minutes": "axis_minutes"}


# ---- the table


def table(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the table of all figures with what vouches for them."""
    by = choice("sort", inputs.get("sort", "family"), SORTS)
    found = m.rows(inputs)
    ordered = found if by == "family" else sorted(found, key=lambda row: rank(row, by))
    top = {name: max((r.get(name) or 0 for r in found), default=0) or 1 for name in SORTS[1:]}
    count, floor = usual(found)
    lines = [line(row, top, count) for row in ordered] + [reference(floor)]
    faint = [i for i, row in enumerate(ordered) if not row["here"]] + [len(lines) - 1]
    shown = b.table("", heads(), lines, sort="sort", by=by, faint=faint)
    notes = [b.text(note, "ink", "small") for note in (*winners(found), *fewer(found))]
    return {
        "frames": [b.frame(b.column(shown, *notes, gap="mid"))],
        "facts": facts(found),
        "checks": vouched(),
        "turn": turn(found),
        "tables": {"families": told(found)},
        **m.more_of(inputs),
    }


def heads() -> list[dict[str, Any]]:
    """Return the table's headings."""
    made = [b.head(b.word("column.family"), "family")]
    for measure in MEASURES:
        arrow = "↑" if measure.up else "↓"
        label = b.word(f"column.{measure.name}")
        unit = b.word(f"unit.{measure.name}") if measure.name in UNITS else ""
        made.append(b.head(label, measure.name, arrow=arrow, unit=unit))
    return made


def usual(found: list[dict[str, Any]]) -> tuple[int | None, float | None]:
    """Return of how many samples most Fréchet distances are, and the floor of so many."""
    counts = [row["count"] for row in found if row["here"] and row["count"]]
    count = max(counts, key=counts.count, default=None)
    there = (row for row in found if row["here"])
    return count, next((row["floor"] for row in there if row["count"] == count), None)


def fewer(found: list[dict[str, Any]]) -> list[b.Label]:
    """Return whose Fréchet distance is of another count of samples than the others', and the floor
    of so many: fewer raise both.
    """
    count, _ = usual(found)
    odd = [row for row in found if row["here"] and row["count"] not in (None, count)]
    return [
        b.word(
            "fewer",
            name=row["family"].title,
            n=m.counted(row["count"]),
            floor=f"{row['floor']:.3f}",
        )
        for row in odd
        if row["floor"] is not None
    ]


def line(row: dict[str, Any], top: Mapping[str, float], count: int | None) -> list[dict[str, Any]]:
    """Return a family's line, or its name and that its weights are not here."""
    title = b.cell(row["family"].title)
    if not row["here"]:
        return [title, b.cell(b.word("no_weights", name=row["family"].card))]
    cells = [entry(row, name, top[name]) for name in SORTS[1:]]
    at = SORTS.index("frechet") - 1
    if row["count"] not in (None, count):
        cells[at] = {**cells[at], "text": f"{cells[at]['text']}*"}
    return [title, *cells]


def entry(row: dict[str, Any], name: str, top: float) -> dict[str, Any]:
    """Return a figure's cell, with a bar of its share of the largest."""
    value = row[name]
    if value is None:
        return b.cell(b.word("waiting") if name == "ms" else "—")
    return b.cell(said(name, value), bar=value / top, role="made")


def said(name: str, value: float) -> str:
    """Return a figure as it is told."""
    if name == "parameters":
        return m.counted(int(value))
    if name == "bytes":
        return f"{value / 1e6:.2f}"
    return f"{value:.{PLACES[name]}f}"


def reference(floor: float | None) -> list[dict[str, Any]]:
    """Return the line of real images against other real images."""
    blank = b.cell("")
    cells = [
        b.cell("—" if floor is None else f"{floor:.3f}") if name == "frechet" else blank
        for name in SORTS[1:]
    ]
    return [b.cell(b.word("floor_row")), *cells]


def rank(row: dict[str, Any], by: str) -> float:
    """Return what a row is sorted by: the best first, what has no figure last."""
    value = row.get(by)
    return math.inf if value is None else (-value if UP[by] else value)


def best(found: list[dict[str, Any]], name: str) -> str | None:
    """Return the family with the best figure, None where nobody has one."""
    some = [row for row in found if row.get(name) is not None]
    return min(some, key=lambda row: rank(row, name))["family"].title if some else None


def winners(found: list[dict[str, Any]]) -> list[b.Label]:
    """Return who is first in quality, diversity, speed and size."""
    names = ("frechet", "coverage", "ms", "parameters")
    first = {name: best(found, name) for name in names}
    return [b.word("winners", **first)] if all(first.values()) else []


def facts(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return of how many samples the distances are, and which machines trained whom."""
    there = [row for row in found if row["here"]]
    count, _ = usual(found)
    made = [b.fact(b.word("sample_count"), m.counted(count))] if count else []
    by: dict[str, list[str]] = {}
    for row in there:
        by.setdefault(str(row["machine"]), []).append(row["family"].title)
    most = max(by, key=lambda machine: len(by[machine]), default="")
    others = [f"{', '.join(titles)}: {name}" for name, titles in by.items() if name != most]
    return [*made, b.fact(b.word("machines"), "; ".join([most, *others]))] if by else made


def vouched() -> list[dict[str, Any]]:
    """Return the checks: files are what their cards say, and hold as many numbers."""
    there = m.present()
    right = sum(check.same_file(m.card(family.card)) for family in there)
    sizes = sum(
        sum(p.numel() for p in m.model(family.card).parameters()) == m.card(family.card).parameters
        for family in there
    )
    return [
        b.law(b.word("law_files"), right, len(there)),
        b.law(b.word("law_sizes"), sizes, len(there)),
    ]


def turn(found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the exercise: how much larger one's file is than another's, by the table."""
    there = [row for row in found if row["here"]]
    if len(there) < 2:
        return None
    large = max(there, key=lambda row: row["parameters"])
    small = min(there, key=lambda row: row["parameters"])
    parts = {
        "large": large["family"].title,
        "small": small["family"].title,
        "minutes": said("minutes", large["minutes"]),
        "a": m.counted(large["parameters"]),
        "b": m.counted(small["parameters"]),
    }
    ratio = large["parameters"] / small["parameters"]
    return {
        "ask": b.word("turn_ratio", **parts),
        "blanks": [b.blank(b.word("ratio"), [ratio], "ink", "ratio")],
    }


def told(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the figures as rows to take away."""
    names = (
        "parameters",
        "bytes",
        "minutes",
        "machine",
        "ms",
        "timings",
        "frechet",
        "floor",
        "count",
    )
    return [
        {"card": row["family"].card, "here": row["here"]}
        | {name: row.get(name) for name in (*names, "coverage", "entropy")}
        for row in found
    ]


# ---- the chart


def trade(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return quality over a cost, each family's disc filled as far as its samples cover."""
    cost = choice("cost", inputs.get("cost", "ms"), COSTS)
    found = m.rows(inputs)
    known = [row for row in found if row["here"] and row[cost] and row["frechet"]]
    measures = [(row[cost], row["frechet"], row["coverage"]) for row in known]
    on = comparison.front(measures, (False, False, True))
    xs = [row[cost] for row in known] or [1.0]
    span = (10 ** math.floor(math.log10(min(xs))), 10 ** math.ceil(math.log10(max(xs)) + 1e-9))
    _, floor = usual(known)
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
    missing = [b.word("not_drawn", names=names) for names in left(found, known)]
    out = [b.text(note, "ink", "small") for note in (*missing, *fewer(known))]
    return {
        "frames": [b.frame(b.column(chart, *out, gap="tight"))],
        "facts": [b.fact(b.word("front_fact"), winners_of(known, on))],
        "checks": [law_of_front(measures, on), *vouched()[:1]],
        "turn": {
            "ask": b.word("turn_front"),
            "choices": [b.word("front_one"), b.word("front_two"), b.word("front_three")],
            "answer": 1,
        },
        "tables": {"families": told(found), "front": [bool(v) for v in on]},
        **m.more_of(inputs),
    }


def spots(
    known: list[dict[str, Any]], cost: str, on: list[bool], span: tuple[float, float]
) -> list[dict[str, Any]]:
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


def left(found: list[dict[str, Any]], known: list[dict[str, Any]]) -> list[str]:
    """Return the names of those that are not drawn, if any."""
    names = ", ".join(row["family"].title for row in found if row not in known)
    return [names] if names else []


def winners_of(known: list[dict[str, Any]], on: list[bool]) -> str:
    """Return the names on the front."""
    return ", ".join(row["family"].title for row, front in zip(known, on) if front) or "—"


def law_of_front(measures: list[tuple], on: list[bool]) -> dict[str, Any]:
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
