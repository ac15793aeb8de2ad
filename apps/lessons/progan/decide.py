"""View "decide": what each level decides: noise, or another code's right half, at one level."""

from __future__ import annotations

from functools import lru_cache
from typing import TypedDict

import numpy as np

from apps.lessons.progan import models as m
from apps.lessons.progan.inputs import SIDES, Inputs
from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn

SHOWN = 8  # codes
CROWD = 200  # codes that the bars are of
COARSE = 4  # waves a side: what is slower counts as coarse
SIZE = 500


class Found(TypedDict):
    """What one level's change does to many images."""

    moved: float  # mean |Δ| of a pixel
    other: float  # share that the classifier reads as another digit
    coarse: float  # share of the change's energy in slow waves


def decide(inputs: Inputs) -> Board:
    """Show the same codes with one level's maps changed, level by level."""
    z = m.codes(2 * SHOWN, inputs.seed)
    first, second = z[:SHOWN], z[SHOWN:]
    kept, other = m.decode(first), m.decode(second)
    added = [change(inputs, first, second, level) for level in range(m.TOP + 1)]
    made = [m.decode_maps(m.maps(first, level) + one, level) for level, one in enumerate(added)]
    found = [measure(inputs.change, inputs.noise, inputs.seed, level) for level in range(m.TOP + 1)]
    parts: dict[str, b.Widget] = {"kept": strip(b.word("row_kept"), kept, "made")}
    if inputs.change == "half":
        parts["other"] = strip(b.word("row_other"), other, "made")
    frames = [frame(inputs, level, kept, made[level], found) for level in range(m.TOP + 1)]
    checks = [
        m.image_check(first[:2], made[at][:2], added=(at, added[at][:2])) for at in (0, m.TOP)
    ]
    return {
        "frames": frames,
        "parts": parts,
        "checks": checks,
        "turn": turn(),
        "without": [] if inputs.change == "noise" else ["noise"],
        "tables": {
            "levels": [["side", "moved", "other", "coarse"],
                       *([s, *one.values()] for s, one in zip(SIDES, found))],
        },
    }  # fmt: skip


def change(inputs: Inputs, first: np.ndarray, second: np.ndarray, level: int) -> np.ndarray:
    """Return what is added to a level's maps of the first codes, (B, c, S, S) float32."""
    h = m.maps(first, level)
    if inputs.change == "noise":
        draw = np.random.default_rng(inputs.seed)
        return (inputs.noise * draw.standard_normal(h.shape)).astype(np.float32)
    half = np.arange(h.shape[-1]) >= h.shape[-1] // 2
    return np.where(half, m.maps(second, level) - h, 0).astype(np.float32)


@lru_cache(maxsize=64)
def measure(kind: str, noise: float, seed: int, level: int) -> Found:
    """Return what a change at one level does to 200 codes."""
    z = m.codes(2 * CROWD, seed)
    first, second = z[:CROWD], z[CROWD:]
    before = m.decode(first)
    added = change(Inputs(change=kind, noise=noise, seed=seed), first, second, level)
    after = m.decode_maps(m.maps(first, level) + added, level)
    read = [nets.read_digits(images).argmax(1) for images in (before, after)]
    return {
        "moved": float(np.abs(after - before).mean()),
        "other": float((read[0] != read[1]).mean()),
        "coarse": coarse_share(after - before),
    }


def coarse_share(change: np.ndarray) -> float:
    """Return the share of the energy of changes (B, 28, 28) in waves of at most 4 a side."""
    power = np.abs(np.fft.fft2(change)) ** 2
    waves = np.abs(np.fft.fftfreq(change.shape[-1]) * change.shape[-1])
    slow = np.maximum(waves[:, None], waves) <= COARSE
    return float(power[:, slow].sum() / power.sum())


def strip(label: b.Label, images: np.ndarray, role: str) -> b.Widget:
    """Return a row of digits."""
    return b.grey(label, pictures.strip(images), size=SIZE, role=role)


def frame(
    inputs: Inputs, level: int, kept: np.ndarray, made: np.ndarray, found: list[Found]
) -> Frame:
    """Return the digits before and after the change at one level, and the bars of all levels."""
    side = str(SIDES[level])
    rows = [b.part("kept")]
    if inputs.change == "half":
        rows.append(b.part("other"))
    rows += [
        strip(b.word(f"row_{inputs.change}", side=side), made, "made"),
        strip(b.word("row_moved"), np.abs(made - kept), "grad"),
    ]
    charts = [
        b.bars(
            b.word(f"bars_{key}", n=str(CROWD)),
            [{"label": f"{s}×{s}", "v": one[key] * times,
              "role": "grad" if at == level else "ink"}
             for at, (s, one) in enumerate(zip(SIDES, found))],
            low=0, high=high, digits=digits,
        )
        for key, times, high, digits in (
            ("moved", 1, max(one["moved"] for one in found), 3),
            ("other", 100, 100, 0),
            ("coarse", 100, 100, 0),
        )
    ]  # fmt: skip
    view = b.row(b.column(*rows, gap="tight"), b.column(*charts, gap="tight"), gap="mid")
    return b.frame(view, b.word("changed_at", side=side))


def turn() -> Turn:
    """Return the exercise: how wide a pixel's influence is, from 4x4 and from 16x16."""
    places = [SIDES[-1] // SIDES[0], SIDES[-1] // SIDES[2]]
    blanks = [b.blank(f"{side}×{side}", [at], "made", "")
              for side, at in zip((SIDES[0], SIDES[2]), places)]  # fmt: skip
    return {"ask": b.word("turn_decide"), "blanks": blanks}
