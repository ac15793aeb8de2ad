"""Signs beside their names, in rows that are no wider than a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apps.stage.look import number, numbers
from apps.stage.paper.pen import LINE, Box, Pen, width_of

SIZE, GAP, BESIDE = (
    number("legend", "size"),
    numbers("legend", "gap"),
    number("legend", "sign", "gap"),
)
HIGH = int(SIZE * LINE)  # of a row, in whole points as the browser has it

Sign = Callable[[Pen, float, float], None]


def legend(entries: Sequence[tuple[str, Sign]], sign: float, most: float) -> Box:
    """Return names beside their signs, centred, in rows of at most a width.

    Args:
        entries: (name, how to paint its sign from its left end at the middle of its height) each.
        sign: width of a sign, in points.
        most: width of a row, in points.

    Returns:
        A box, of no size without entries.
    """
    if not entries:
        return Box(0.0, 0.0, lambda pen, x, y: None)
    rows: list[list[tuple[float, str, Sign]]] = [[]]
    ends: list[float] = [0.0]
    left = 0.0
    for said, paint_sign in entries:
        room = sign + BESIDE + width_of(said, SIZE)
        if rows[-1] and left + room > most:
            rows, ends, left = [*rows, []], [*ends, 0.0], 0.0
        rows[-1].append((left, said, paint_sign))
        ends[-1] = left + room
        left += room + GAP["x"]

    def paint(pen: Pen, x: float, y: float) -> None:
        for i, (row, wide) in enumerate(zip(rows, ends)):
            start, middle = x + (max(ends) - wide) / 2, y + (HIGH + GAP["y"]) * i + (HIGH + 1) / 2
            for left, said, paint_sign in row:
                paint_sign(pen, start + left, middle)
                pen.text(start + left + sign + BESIDE, middle, said, SIZE, "ink")

    return Box(max(ends), (HIGH + GAP["y"]) * len(rows), paint)
