"""View "decide": what each level decides: noise, or another code's right half, at one level."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.progan import models as m
from apps.lessons.progan.inputs import SIDES, Inputs
from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn

SHOWN = 8  # codes
CROWD = 100  # codes that the bars are of
COARSE = 4  # waves a side: what is slower counts as coarse
WINDOW = 3  # of the median filter
SIZE = 560
# what is measured of a change, and up to where its bars reach (None: the largest)
BARS: dict[str, dict[str, float | None]] = {
    "noise": {"other": 100, "filtered": 100, "coarse": 100},
    "half": {"leak": None, "seam": None},
}


def decide(inputs: Inputs) -> Board:
    """Show the same codes with one level's maps changed, level by level."""
    z = m.codes(2 * SHOWN, inputs.seed)
    first, second = z[:SHOWN], z[SHOWN:]
    kept = m.decode(first)
    added = [change(inputs, first, second, level) for level in m.LEVELS]
    made = [draw_changed(first, one, level) for level, one in enumerate(added)]
    found = [measure(inputs.change, inputs.noise, inputs.seed, level) for level in m.LEVELS]
    parts: dict[str, b.Widget] = {"kept": strip(b.word("row_kept"), kept, "made")}
    if inputs.change == "half":
        parts["other"] = strip(b.word("row_other"), m.decode(second), "made")
    rows = [[side, *one.values()] for side, one in zip(SIDES, found)]
    return {
        "frames": [frame(inputs, level, kept, made[level], found) for level in m.LEVELS],
        "parts": parts,
        "checks": [
            m.image_check(first[:2], made[at][:2], added=(at, added[at][:2])) for at in (0, m.TOP)
        ],
        "turn": turn(),
        "without": [] if inputs.change == "noise" else ["noise"],
        "tables": {"levels": [["side", *found[0]], *rows]},
    }


def change(inputs: Inputs, first: np.ndarray, second: np.ndarray, level: int) -> np.ndarray:
    """Return what is added to a level's maps of the first codes, (B, c, S, S) float32."""
    h = m.maps(first, level)
    if inputs.change == "noise":
        draw = np.random.default_rng(inputs.seed)
        return (inputs.noise * draw.standard_normal(h.shape)).astype(np.float32)
    right = np.arange(h.shape[-1]) >= h.shape[-1] // 2
    return np.where(right, m.maps(second, level) - h, 0).astype(np.float32)


def draw_changed(z: np.ndarray, added: np.ndarray, level: int) -> np.ndarray:
    """Return the images (B, 28, 28) of codes with something added to one level's maps."""
    return m.decode_maps(m.maps(z, level) + added, level)


@lru_cache(maxsize=64)
def measure(kind: str, noise: float, seed: int, level: int) -> dict[str, float]:
    """Measure what a change at one level does to 100 codes; BARS has the names."""
    z = m.codes(2 * CROWD, seed)
    first, second = z[:CROWD], z[CROWD:]
    added = change(Inputs(change=kind, noise=noise, seed=seed), first, second, level)
    before, after = m.decode(first), draw_changed(first, added, level)
    return measure_noise(before, after) if kind == "noise" else measure_half(before, after)


def measure_noise(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    """Return how many images in 100 are read as another digit, as they are and behind a median
    filter, which takes single dots away; and which share of the change's energy is coarse, in %.
    """
    from scipy.ndimage import median_filter

    calm = [median_filter(images, (1, WINDOW, WINDOW)) for images in (before, after)]
    return {
        "other": 100 * share_changed(before, after),
        "filtered": 100 * share_changed(*calm),
        "coarse": 100 * coarse_share(after - before),
    }


def measure_half(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    """Return by how much the left half has changed too, and the step from a pixel to the next
    across the seam, over that step before.
    """
    seam = before.shape[-1] // 2
    steps = [np.abs(x[:, :, seam] - x[:, :, seam - 1]).mean() for x in (before, after)]
    leak = np.abs(after - before)[:, :, :seam].mean()
    return {"leak": float(leak), "seam": float(steps[1] / steps[0])}


def share_changed(before: np.ndarray, after: np.ndarray) -> float:
    """Return the share of images that the classifier reads as another digit than before."""
    read = [nets.read_digits(images).argmax(1) for images in (before, after)]
    return float((read[0] != read[1]).mean())


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
    inputs: Inputs, level: int, kept: np.ndarray, made: np.ndarray, found: list[dict[str, float]]
) -> Frame:
    """Return the digits before and after the change at one level, and the bars of all levels."""
    side = str(SIDES[level])
    rows = [b.part("kept")]
    if inputs.change == "half":
        rows.append(b.part("other"))
    moved = np.abs(made - kept)
    rows += [
        strip(b.word(f"row_{inputs.change}", side=side), made, "made"),
        strip(b.word("row_moved"), moved, "grad"),
    ]
    charts = [
        bars(name, [one[name] for one in found], level, high)
        for name, high in BARS[inputs.change].items()
    ]
    view = b.row(b.column(*rows, gap="tight"), b.column(*charts, gap="tight"), gap="mid")
    facts = [b.fact(b.word("mean_change"), float(moved.mean()))]
    return b.frame(view, b.word("changed_at", side=side), facts)


def bars(name: str, values: list[float], level: int, high: float | None) -> b.Widget:
    """Return one figure of all levels, this one's in colour."""
    items = [
        {"label": f"{side}×{side}", "v": v, "role": "grad" if at == level else "ink"}
        for at, (side, v) in enumerate(zip(SIDES, values))
    ]
    label = b.word(f"bars_{name}", n=str(CROWD), window=f"{WINDOW}×{WINDOW}")
    return b.bars(label, items, low=0, high=high or max(values), digits=0 if high else 3)


def turn() -> Turn:
    """Return the exercise: how many pixels of a side one place stands for, at 4x4 and at 16x16."""
    places = {side: SIDES[-1] // side for side in (SIDES[0], SIDES[2])}
    blanks = [b.blank(f"{side}×{side}", [at], "made", "") for side, at in places.items()]
    return {"ask": b.word("turn_decide"), "blanks": blanks}
