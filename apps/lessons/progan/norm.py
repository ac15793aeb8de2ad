"""View "norm": pixel norm, place by place: however loud a map is, the mean square is 1."""

from __future__ import annotations

import numpy as np

from apps.lessons.progan.inputs import MAPS, PLACES, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.models.progan import by_hand, check
from core.models.progan.by_hand import PixelNormTrace

PARTS = ("maps", "squares", "mean", "root", "out")
SIZE = 156


def norm(inputs: Inputs) -> Board:
    """Show maps, their squares, the mean over the maps, its root and what is left of them."""
    maps = maps_of(inputs)
    trace = by_hand.pixel_norm(maps)
    near = np.abs((trace["out"] ** 2).mean(0) - 1) < 1e-6
    least = float((trace["out"] ** 2).mean(0).min())
    return {
        "frames": [frame(part, maps, trace, inputs.place) for part in PARTS],
        "facts": [
            b.fact(b.word("largest_in"), float(np.abs(maps).max())),
            b.fact(b.word("largest_out"), float(np.abs(trace["out"]).max())),
            b.fact(b.word("least_square"), f"{least:.8f}"),
        ],
        "checks": [
            b.delta_check(check.pixel_norm_delta(maps, trace), 1e-12),
            b.law(b.word("law_norm"), int(near.sum()), PLACES**2),
        ],
        "turn": turn(maps, inputs.place),
        "tables": {"maps": maps, "out": trace["out"]},
    }


def maps_of(inputs: Inputs) -> np.ndarray:
    """Return four maps of 3x3 with one decimal, the first as many times louder."""
    maps = np.random.default_rng(inputs.seed).normal(0, 1.5, (MAPS, PLACES, PLACES)).round(1)
    maps[0] *= inputs.louder
    return maps


def frame(part: str, maps: np.ndarray, trace: PixelNormTrace, place: tuple[int, int]) -> Frame:
    """Return one line of the computation."""
    done = PARTS.index(part)
    rows = [row("a", maps, "real", place)]
    if done == 1:
        rows.append(row("a²", trace["squares"], "hidden", place))
    if done in (2, 3):
        beside = [raster(b.word("mean_square"), trace["mean"], "hidden", place)]
        if done == 3:
            beside += [b.text("→"), raster(b.word("root_name"), trace["root"], "grad", place)]
        rows.append(b.row(*beside, gap="mid"))
    if done == 4:
        rows.append(row("b", trace["out"], "made", place))
    view = b.column(*rows, write_sums(part, maps, trace, place), gap="mid")
    return b.frame(view, b.word(f"norm_{part}"))


def row(name: str, maps: np.ndarray, role: str, place: tuple[int, int]) -> b.Widget:
    """Return four maps side by side."""
    return b.row(*(raster(b.sub(name, c + 1), one, role, place) for c, one in enumerate(maps)),
                 gap="mid")  # fmt: skip


def raster(label: b.Label, values: np.ndarray, role: str, place: tuple[int, int]) -> b.Widget:
    """Return a map of 3x3 with its numbers, one place outlined."""
    signed = role in ("real", "made")
    return b.raster(
        label, values, role="" if signed else role, size=SIZE, digits=2,
        outlines=[b.outline(*place, role="grad")], press=b.press("place"),
    )  # fmt: skip


def write_sums(
    part: str, maps: np.ndarray, trace: PixelNormTrace, place: tuple[int, int]
) -> b.Widget:
    """Return the sums of one line at the place that is outlined."""
    i, j = place
    at = f"[{i}, {j}]"
    values, squares = maps[:, i, j], trace["squares"][:, i, j]
    mean, root = float(trace["mean"][i, j]), float(trace["root"][i, j])
    if part == "maps":
        line: list = [f"a{at}:  "]
        for c, v in enumerate(values):
            line += [",  " if c else "", b.num(v, "real")]
        rows = [line]
    elif part == "squares":
        rows = [[f"a²{at}:  ", *join_numbers(squares, ",  ")]]
    elif part == "mean":
        rows = [["(", *join_numbers(squares, " + "), f") / {MAPS} = ", b.num(mean, "hidden")]]
    elif part == "root":
        rows = [["√(", b.num(mean, "hidden"), " + ε) = ", b.num(root, "grad")]]
    else:
        rows = [
            [f"{b.sub('b', c + 1)}{at} = ", *b.paren(v, "real"), " / ", b.num(root, "grad"),
             " = ", b.num(trace["out"][c, i, j], "made")]
            for c, v in enumerate(values)
        ]  # fmt: skip
    return b.lines(b.word(f"norm_{part}"), rows)


def join_numbers(values: np.ndarray, between: str) -> list:
    """Return numbers with the same text between them."""
    out: list = []
    for c, v in enumerate(values):
        out += [between if c else "", b.num(v, "hidden")]
    return out


def turn(maps: np.ndarray, place: tuple[int, int]) -> Turn:
    """Return the exercise: the root and the first map's number at the outlined place."""
    values = maps[:, place[0], place[1]]
    root = float(np.sqrt((values**2).mean() + by_hand.EPSILON))
    listed = ", ".join(f"{v:g}" for v in values).replace("-", "−")
    blanks = [
        b.blank(b.word("root_name"), [root], "grad", ""),
        b.blank("b₁", [float(values[0] / root)], "made", ""),
    ]
    return {"ask": b.word("turn_norm", values=listed), "blanks": blanks, "frame": 0}
