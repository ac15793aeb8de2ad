"""View "table": all figures in one table that can be sorted."""

from __future__ import annotations

import math
from collections.abc import Mapping

from apps.lessons.compare import models as m
from apps.lessons.compare.inputs import SORTS, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Check, Fact, Law, Turn
from core.measure import check
from core.measure.comparison import MEASURES

UP = {measure.name: measure.up for measure in MEASURES}
PLACES = {"minutes": 1, "ms": 1, "frechet": 3, "coverage": 3, "entropy": 3}
UNITS = ("bytes", "minutes", "ms", "entropy")


def table(inputs: Inputs) -> Board:
    """Show the table of all figures with their sources and checks."""
    by, found = inputs.sort, m.rows(inputs.again, inputs.timed)
    ordered = found if by == "family" else sorted(found, key=lambda row: rank(row, by))
    top = {name: max((r.get(name) or 0 for r in found), default=0) or 1 for name in SORTS[1:]}
    count, floor = usual_count(found)
    lines = [line(row, top, count) for row in ordered] + [reference(floor)]
    faint = [i for i, row in enumerate(ordered) if not row["here"]] + [len(lines) - 1]
    shown = b.table("", heads(), lines, sort="sort", by=by, faint=faint)
    notes = [b.text(note, "ink", "small") for note in (*winners(found), *count_notes(found))]
    return {
        "frames": [b.frame(b.column(shown, *notes, gap="mid"))],
        "facts": facts(found),
        "checks": file_checks(),
        "turn": turn(found),
        "tables": {"families": figures(found)},
        "more": m.more_of(inputs.timed),
    }


def heads() -> list[b.Head]:
    """Return the table's headings."""
    made = [b.head(b.word("column.family"), "family")]
    for measure in MEASURES:
        arrow = "↑" if measure.up else "↓"
        label = b.word(f"column.{measure.name}")
        unit = b.word(f"unit.{measure.name}") if measure.name in UNITS else ""
        made.append(b.head(label, measure.name, arrow=arrow, unit=unit))
    return made


def usual_count(found: list[m.Row]) -> tuple[int | None, float | None]:
    """Return of how many samples most Fréchet distances are, and the floor of so many."""
    counts = [row["count"] for row in found if row["here"] and row["count"]]
    count = max(counts, key=counts.count, default=None)
    there = (row for row in found if row["here"])
    return count, next((row["floor"] for row in there if row["count"] == count), None)


def count_notes(found: list[m.Row]) -> list[b.Label]:
    """Return notes on families with a Fréchet distance of another count of samples, and its floor:
    fewer samples raise both.
    """
    count, _ = usual_count(found)
    odd = [row for row in found if row["here"] and row["count"] not in (None, count)]
    return [
        b.word(
            "fewer",
            name=row["family"].title,
            n=m.format_count(row["count"]),
            floor=f"{row['floor']:.3f}",
        )
        for row in odd
        if row["floor"] is not None
    ]


def line(row: m.Row, top: Mapping[str, float], count: int | None) -> list[b.Cell]:
    """Return a family's row, or its name and a note that its weights are missing."""
    title = b.cell(row["family"].title)
    if not row["here"]:
        return [title, b.cell(b.word("no_weights", name=row["family"].card))]
    cells = [entry(row, name, top[name]) for name in SORTS[1:]]
    at = SORTS.index("frechet") - 1
    if row["count"] not in (None, count):
        cells[at] = {**cells[at], "text": f"{cells[at]['text']}*"}
    return [title, *cells]


def entry(row: m.Row, name: str, top: float) -> b.Cell:
    """Return a figure's cell, with a bar of its share of the largest."""
    value = row[name]
    if value is None:
        return b.cell(b.word("waiting") if name == "ms" else "—")
    return b.cell(format_figure(name, value), bar=value / top, role="made")


def format_figure(name: str, value: float) -> str:
    """Format a figure for display."""
    if name == "parameters":
        return m.format_count(int(value))
    if name == "bytes":
        return f"{value / 1e6:.2f}"
    return f"{value:.{PLACES[name]}f}"


def reference(floor: float | None) -> list[b.Cell]:
    """Return the line of real images against other real images."""
    blank = b.cell("")
    cells = [
        b.cell("—" if floor is None else f"{floor:.3f}") if name == "frechet" else blank
        for name in SORTS[1:]
    ]
    return [b.cell(b.word("floor_row")), *cells]


def rank(row: m.Row, by: str) -> float:
    """Return a row's sort key: the best first, rows without a figure last."""
    value = row.get(by)
    return math.inf if value is None else (-value if UP[by] else value)


def best(found: list[m.Row], name: str) -> str | None:
    """Return the family with the best figure, None where none has one."""
    some = [row for row in found if row.get(name) is not None]
    return min(some, key=lambda row: rank(row, name))["family"].title if some else None


def winners(found: list[m.Row]) -> list[b.Label]:
    """Return a note that names the best family in quality, diversity, speed and size."""
    names = ("frechet", "coverage", "ms", "parameters")
    first = {name: best(found, name) for name in names}
    return [b.word("winners", **first)] if all(first.values()) else []


def facts(found: list[m.Row]) -> list[Fact]:
    """Return of how many samples the distances are, and which machines trained whom."""
    there = [row for row in found if row["here"]]
    count, _ = usual_count(found)
    made = [b.fact(b.word("sample_count"), m.format_count(count))] if count else []
    by: dict[str, list[str]] = {}
    for row in there:
        by.setdefault(str(row["machine"]), []).append(row["family"].title)
    most = max(by, key=lambda machine: len(by[machine]), default="")
    others = [f"{', '.join(titles)}: {name}" for name, titles in by.items() if name != most]
    return [*made, b.fact(b.word("machines"), "; ".join([most, *others]))] if by else made


def file_checks() -> list[Check | Law]:
    """Return the checks: files match their cards' digests and parameter counts."""
    there = m.present_families()
    right = sum(check.same_file(m.card(family.card)) for family in there)
    sizes = sum(
        sum(p.numel() for p in m.model(family.card).parameters()) == m.card(family.card).parameters
        for family in there
    )
    return [
        b.law(b.word("law_files"), right, len(there)),
        b.law(b.word("law_sizes"), sizes, len(there)),
    ]


def turn(found: list[m.Row]) -> Turn | None:
    """Return the exercise: how much larger one's file is than another's, by the table."""
    there = [row for row in found if row["here"]]
    if len(there) < 2:
        return None
    large = max(there, key=lambda row: row["parameters"])
    small = min(there, key=lambda row: row["parameters"])
    parts = {
        "large": large["family"].title,
        "small": small["family"].title,
        "minutes": format_figure("minutes", large["minutes"]),
        "a": m.format_count(large["parameters"]),
        "b": m.format_count(small["parameters"]),
    }
    ratio = large["parameters"] / small["parameters"]
    return {
        "ask": b.word("turn_ratio", **parts),
        "blanks": [b.blank(b.word("ratio"), [ratio], "ink", "ratio")],
    }


def figures(found: list[m.Row]) -> list[m.Row]:
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
