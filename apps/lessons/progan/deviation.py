"""View "deviation": how far the pictures of a batch differ, as one more map for D."""

from __future__ import annotations

import numpy as np

from apps.lessons.progan.inputs import BATCH, SIDES, Inputs
from apps.lessons.progan.reduced import reduce_digit
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.models.progan import by_hand, check
from core.models.progan.by_hand import DeviationTrace

DIGITS = (0, 3, 2, 1)  # numbers of the four digits among those that ship
SIZE, SMALL = 176, 92  # pixels of a map with numbers, and of one without
PARTS = ("batch", "mean", "deviations", "statistic", "map")


def deviation(inputs: Inputs) -> Board:
    """Show a batch of four digits at 4x4, of which some may be copies, up to D's extra map."""
    batch = batch_of(inputs.distinct)
    trace = by_hand.deviation(batch[:, None])
    statistics = [by_hand.deviation(batch_of(n)[:, None])["statistic"] for n in range(1, BATCH + 1)]
    parts: dict[str, b.Widget] = {
        f"x{n}": raster(b.sub("x", n + 1), one, "real", inputs.spot, numbers=False)
        for n, one in enumerate(batch)
    }
    parts["bars"] = b.bars(
        b.word("by_distinct"),
        [{"label": b.word("distinct_n", n=str(n + 1)), "v": v,
          "role": "grad" if n + 1 == inputs.distinct else "ink"}
         for n, v in enumerate(statistics)],
        low=0, high=max(statistics), digits=3, key="bars",
    )  # fmt: skip
    return {
        "frames": [frame(part, batch, trace, inputs.spot) for part in PARTS],
        "parts": parts,
        "facts": [b.fact("s", trace["statistic"]), b.fact("√ε", by_hand.EPSILON**0.5)],
        "checks": [b.delta_check(check.deviation_delta(batch[:, None], trace), 1e-12)],
        "turn": turn(batch, inputs.spot),
        "tables": {
            "batch": batch, "deviations": trace["deviations"][0],
            "statistics": [["distinct", "s"], *([n + 1, v] for n, v in enumerate(statistics))],
        },
    }  # fmt: skip


def batch_of(distinct: int) -> np.ndarray:
    """Return four digits at 4x4, (4, 4, 4), of which so many differ: the rest repeat the first."""
    small = [reduce_digit(pictures.digits()[0][at], SIDES[0]) for at in DIGITS]
    return np.array([small[n] if n < distinct else small[0] for n in range(BATCH)])


def raster(
    label: b.Label, values: np.ndarray, role: str, spot: tuple[int, int], numbers: bool = True
) -> b.Widget:
    """Return a map of 4x4 with one place outlined, which can be pressed."""
    outlines = [b.outline(*spot, role="grad")]
    size, digits = (SIZE, 2) if numbers else (SMALL, None)
    return b.raster(
        label, values, role=role, span=1, size=size, digits=digits, outlines=outlines,
        press=b.press("spot"),
    )  # fmt: skip


def frame(part: str, batch: np.ndarray, trace: DeviationTrace, spot: tuple[int, int]) -> Frame:
    """Return one line of the computation, what comes later left out."""
    done = PARTS.index(part)
    above = b.row(*(b.part(f"x{n}") for n in range(BATCH)), gap="mid")
    below: list[b.Widget] = []
    if done in (1, 2):
        below.append(raster(b.word("mean_name"), trace["mean"][0], "ink", spot))
    if done >= 2:
        below.append(raster(b.word("deviations_name"), trace["deviations"][0], "hidden", spot))
    if done >= 3:
        below += [b.text("→"), b.matrix("s", [trace["statistic"]], "grad", key="s")]
    if done >= 4:
        extra = np.full((SIDES[0], SIDES[0]), trace["statistic"])
        below += [b.text("→"), raster(b.word("map_name"), extra, "grad", spot)]
    else:
        below.append(b.part("bars"))
    view = b.column(
        above, b.row(*below, gap="mid"), write_sums(part, batch, trace, spot), gap="tight"
    )
    return b.frame(view, b.word(f"part_{part}"))


def write_sums(
    part: str, batch: np.ndarray, trace: DeviationTrace, spot: tuple[int, int]
) -> b.Widget:
    """Return the sums of one line at the place that is outlined."""
    i, j = spot
    at = f"[{i}, {j}]"
    values = batch[:, i, j]
    mean, found = float(trace["mean"][0, i, j]), float(trace["deviations"][0, i, j])
    listed: list = []
    for n, v in enumerate(values):
        listed += [" + " if n else "", b.num(v, "real")]
    if part == "batch":
        rows = [[f"x{at}:  ", *space_numbers(values)]]
    elif part == "mean":
        rows = [[f"m{at} = (", *listed, f") / {BATCH} = ", b.num(mean)]]
    elif part == "deviations":
        squares: list = []
        for n, v in enumerate(values):
            squares += [" + " if n else "", b.num((v - mean) ** 2)]
        rows = [[f"σ{at} = √((", *squares, f") / {BATCH} + ε) = ", b.num(found, "hidden")]]
    else:
        total = float(trace["deviations"].sum())
        rows = [["s = Σ σ / 16 = ", b.num(total, "hidden"), " / 16 = ",
                 b.num(trace["statistic"], "grad")]]  # fmt: skip
    return b.lines("", rows)


def space_numbers(values: np.ndarray) -> list:
    """Return numbers one after the other."""
    row: list = []
    for n, v in enumerate(values):
        row += [",  " if n else "", b.num(v, "real")]
    return row


def turn(batch: np.ndarray, spot: tuple[int, int]) -> Turn:
    """Return the exercise: mean and deviation of four numbers at the outlined place."""
    values = np.round(batch[:, spot[0], spot[1]], 2)
    listed = ", ".join(f"{v:.2f}" for v in values)
    blanks = [
        b.blank("m", [float(values.mean())], "ink", ""),
        b.blank("σ", [float(values.std())], "hidden", ""),
    ]
    return {"ask": b.word("turn_deviation", values=listed), "blanks": blanks, "frame": 0}
