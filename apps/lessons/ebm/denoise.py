"""View "denoise": what the energy of the digits was taught, one step from a noisy picture back."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.ebm import chains as c
from apps.lessons.ebm.inputs import Inputs
from apps.lessons.shared.pictures import batch, digits
from apps.stage import board as b
from apps.stage.contract import Board, Check, Turn

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)  # deviations s of the noise, of a pixel
SHOWN = slice(1, None, 4)  # five of the digits, which stand in the rows
SIZE = 84  # pixels of a picture
ROLES = {"clean": "real", "noisy": "grad", "restored": "made"}
CHECKED = 2  # pictures of each level that are computed anew


def denoise(inputs: Inputs) -> Board:
    """Show digits, the same with noise, and one step of S² ∇E back, a frame a level of noise."""
    from core.models.ebm.energy import SPREAD

    clean = digits()[0][::5]  # (20, 28, 28), two of each class
    eps = np.random.default_rng(inputs.seed).standard_normal(clean.shape)
    noisy = {s: np.clip(clean + s * eps, 0, 1) for s in LEVELS}
    slopes = {s: c.model().slope(batch(x))[1][:, 0].numpy() for s, x in noisy.items()}
    restored = {s: np.clip(x - SPREAD**2 * slopes[s], 0, 1) for s, x in noisy.items()}
    errors = {
        name: [rms(rows[s] - clean) for s in LEVELS]
        for name, rows in (("noisy", noisy), ("restored", restored))
    }
    tops = [b.grey("", x, size=SIZE, role="real") for x in clean[SHOWN]]
    parts = {f"clean{k}": one for k, one in enumerate(tops)}
    frames = []
    for n, s in enumerate(LEVELS):
        rows = [row("clean", [b.part(name) for name in parts])]
        for name, images in (("noisy", noisy[s]), ("restored", restored[s])):
            rows.append(
                row(name, [b.grey("", x, size=SIZE, role=ROLES[name]) for x in images[SHOWN]])
            )
        view = b.row(b.column(*rows, gap="mid"), error_chart(errors, s), gap="mid")
        facts = [b.fact(b.word(f"rms_{name}"), f"{errors[name][n]:.3f}") for name in errors]
        frames.append(b.frame(view, b.word("noise_at", s=f"{s:g}"), facts))
    return {
        "frames": frames,
        "parts": parts,
        "facts": [b.fact("S²", f"{SPREAD**2:g}")],
        "checks": [denoising_check(noisy, slopes)],
        "turn": turn(noisy, slopes, SPREAD**2),
        "tables": {
            "rms": [["s", *errors], *([s, *v] for s, v in zip(LEVELS, zip(*errors.values())))],
            "restored": {f"s {s}": restored[s][0] for s in LEVELS},
        },
    }


def rms(error: np.ndarray) -> float:
    """Return the root of the mean square, a pixel."""
    return float(np.sqrt((error**2).mean()))


def row(name: str, pictures: list[b.Widget]) -> b.Widget:
    """Return a row of pictures under its name."""
    label = b.text(b.word(f"row_{name}"), ROLES[name], "small")
    return b.column(label, b.row(*pictures, gap="mid"), gap="tight")


def error_chart(errors: dict[str, list[float]], s: float) -> b.Widget:
    """Return the errors before and after over the noise, both in powers of ten."""
    return b.chart(
        b.word("rms_chart"),
        [
            b.series(b.word(f"row_{name}"), values, ROLES[name], x=LEVELS)
            for name, values in errors.items()
        ],
        x=b.word("noise_s"),
        log=True,
        xlog=True,
        cursor=s,
        width=330,
        height=300,
    )


def denoising_check(noisy: dict[float, Any], slopes: dict[float, Any]) -> Check:
    """Return the check of ∇E on some pictures of each level, in numpy."""
    from core.models.ebm.check import image_slope_delta

    weights = {name: one.numpy() for name, one in c.model().state_dict().items()}
    x = np.concatenate([one[:CHECKED] for one in noisy.values()])
    ours = np.concatenate([one[:CHECKED] for one in slopes.values()])
    return b.delta_check(image_slope_delta(weights, x, ours), 1e-6)


def turn(noisy: dict[float, Any], slopes: dict[float, Any], square: float) -> Turn:
    """Return the exercise: one pixel of the first picture restored, from numbers as printed."""
    s = LEVELS[3]
    first = range(len(noisy[s]))[SHOWN][0]
    image, slope = noisy[s][first], slopes[s][first]
    moved = np.abs(slope) * ((image > 0) & (image < 1))
    at = np.unravel_index(int(moved.argmax()), moved.shape)
    x, down = round(float(image[at]), 2), round(float(slope[at]), 3)
    ask = b.word("turn_pixel", x=f"{x:.2f}", g=f"{down:.3f}".replace("-", "−"))
    value = round(x - square * down, 6)
    return {
        "ask": ask,
        "frame": LEVELS.index(s),
        "blanks": [b.blank("x̃ − S² ∇E", [value], "made", "pixel")],
    }
