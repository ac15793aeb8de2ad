"""View "table": all figures in one table that can be sorted, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping

from apps.lessons.compare import models as m
from apps.lessons.compare.inputs import SORTS, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Check, Fact, Law, Turn
from core.measure import check, comparison
from core.measure.comparison import MEASURES

UP = {measure.name: measure.up for measure in MEASURES} | {"classes": True}
UNITS = ("ms", "classes")  # columns with a second line in their heading
TOLERANCE = 5e-4  # of a distance: half of its last printed digit


def table(inputs: Inputs) -> Board:
    """Show the table of all figures, families that are told labels apart from the others."""
    by, found = inputs.sort, m.rows(inputs.again, inputs.timed)
    groups = [[row for row in found if row["family"].labelled == told] for told in (False, True)]
    lines, faint = [], []
    for name, group in zip(("untold", "told"), groups):
        faint.append(len(lines))
        lines.append([b.cell(b.word(name)), b.cell(b.word(f"{name}_note"))])
        ordered = group if by == "family" else sorted(group, key=lambda row: rank(row, by))
        faint += [len(lines) + i for i, row in enumerate(ordered) if not row["here"]]
        lines += [line(row) for row in ordered]
    faint += [len(lines), len(lines) + 1]
    lines += [floor_line("binary"), floor_line()]
    shown = b.table("", heads(inputs.again), lines, sort="sort", by=by, faint=faint)
    made: Board = {
        "frames": [b.frame(shown)],
        "facts": facts(inputs.again),
        "checks": checks(found),
        "turn": turn(found),
        "tables": {"families": figures(found), **floors()},
    }
    more = m.more_of(inputs.again, inputs.timed)
    return {**made, "more": more} if more else made


def floors() -> dict[str, object]:
    """Return the figures of training digits, grey and in black and white."""
    said = comparison.read_figures()
    return {name: said[name] for name in ("floor", "binary")}


def heads(again: int) -> list[b.Head]:
    """Return the table's headings."""
    made = [b.head(b.word("column.family"), "family"), b.head(b.word("column.sampler"))]
    for name in SORTS[1:]:
        here = "_here" if again and name == "ms" else ""
        unit = b.word(f"unit.{name}{here}") if name in UNITS else ""
        made.append(
            b.head(b.word(f"column.{name}"), name, arrow="↑" if UP[name] else "↓", unit=unit)
        )
    return made


def line(row: m.Row) -> list[b.Cell]:
    """Return a family's row, or its name and a note that its weights are missing."""
    family = row["family"]
    if not row["here"]:
        return [b.cell(family.title), b.cell(b.word("no_weights", name=family.card))]
    sampler = b.cell(b.word(f"sampler.{family.card}"))
    return [b.cell(family.title), sampler, *(entry(row, name) for name in SORTS[1:])]


def entry(row: m.Row, name: str) -> b.Cell:
    """Return a figure's cell."""
    said = m.classes_of(row) if name == "classes" else row[name]
    if said is None:
        return b.cell(b.word("waiting_time") if name == "ms" else "—")
    return b.cell(format_figure(name, said))


def format_figure(name: str, said: Mapping[str, float]) -> str:
    """Format a figure with its interval for display."""
    if name == "parameters":
        return m.format_count(int(said["value"]))
    if name == "ms":
        places = next(p for p, top in ((2, 0.995), (1, 9.95), (0, math.inf)) if said["value"] < top)
        return f"{said['value']:.{places}f}"
    return m.format_range(said, 2 if said["value"] >= 9.995 else 3)


def floor_line(name: str = "floor") -> list[b.Cell]:
    """Return the line of as many training digits: the "floor", or the same in "binary"."""
    said = comparison.read_figures()[name]
    cells = []
    for column in SORTS[1:]:
        one = said.get("entropy" if column == "classes" else column)
        cells.append(b.cell(format_figure(column, one) if one else ""))
    return [b.cell(b.word(f"{name}_row")), b.cell(b.word("sampler.real")), *cells]


def rank(row: m.Row, by: str) -> float:
    """Return a row's sort key: the best first, rows without a figure last."""
    value = m.value_of(row, by)
    return math.inf if value is None else (-value if UP[by] else value)


def facts(again: int) -> list[Fact]:
    """Return of how many samples the figures are, what the intervals are, where times are of."""
    said = comparison.read_figures()
    if not said["samples"]:
        return []
    made = [
        b.fact(b.word("sample_count"), m.format_count(said["samples"])),
        b.fact(b.word("interval_fact"), b.word("interval_how")),
        b.fact(b.word("one_training"), "1"),
    ]
    return [*made, b.fact(b.word("times_fact"), b.word("times_here" if again else "times_apart"))]


def checks(found: list[m.Row]) -> list[Check | Law]:
    """Return the checks: distances by SciPy, and parameters that sample by erasing the rest."""
    return [*distance_checks(found), spare_law()]


def distance_checks(found: list[m.Row]) -> list[Check | Law]:
    """Return the check of the Fréchet distances that are shown."""
    real = comparison.read_moments("real")
    sets = [
        (row["frechet"]["value"], comparison.read_moments(row["family"].card))
        for row in found
        if row["here"] and row["frechet"]
    ]
    some = [(value, made) for value, made in sets if made is not None]
    if real is None or not some:
        return []
    return [b.delta_check(check.frechet_delta(some, real), TOLERANCE)]


def spare_law() -> Law:
    """Return the law of parameters that sample: with the others erased a picture is the same."""
    there = [family for family in m.present_families() if family.part]
    same = sum(check.is_spared(m.model(family.card), family) for family in there)
    return b.law(b.word("law_spare"), same, len(there))


def turn(found: list[m.Row]) -> Turn | None:
    """Return the exercise: how many times as many parameters one has as another, by the table."""
    there = [row for row in found if row["here"] and row["parameters"]]
    if len(there) < 2:
        return None
    large = max(there, key=lambda row: row["parameters"]["value"])
    small = min(there, key=lambda row: row["parameters"]["value"])
    a, c = (int(row["parameters"]["value"]) for row in (large, small))
    parts = {"large": large["family"].title, "small": small["family"].title}
    parts |= {"a": m.format_count(a), "b": m.format_count(c)}
    return {
        "ask": b.word("turn_ratio", **parts),
        "blanks": [b.blank(b.word("ratio"), [a / c], "ink", "ratio")],
    }


def figures(found: list[m.Row]) -> list[m.Row]:
    """Return the figures as rows to take away."""
    made = []
    for row in found:
        one = {"card": row["family"].card, "here": row["here"]}
        for name in (measure.name for measure in MEASURES):
            said = row.get(name) or {}
            one |= {
                f"{name}{tail}": said.get(part)
                for part, tail in (("value", ""), ("low", "_low"), ("high", "_high"))
            }
        made.append(one)
    return made
