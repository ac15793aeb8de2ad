"""Digits out of an energy: ten chains side by side, and one chain step by step."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.ebm import chains as c
from apps.lessons.vae import models as pictures
from apps.stage import board as b
from core.inputs import choice

COUNT = 10
STARTS = ("noise", "digit", "drawing")
SNAPSHOTS = (0, 1, 3, 5, 10, 30, 50, 100, 300)  # of the seminar's report
FOOT = 0.15  # share of the first fall of E that the curve shows
ACROSS = 9  # pictures in its row


def ten(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return ten chains from noise, their images in a row, and the trace of each energy."""
    chain, done, steps = c.chain(COUNT, inputs)
    trace = np.array(chain.energies[: done + 1])  # (T, COUNT)
    at = c.shown(steps, done)
    frames = []
    for t in at:
        row = b.row(
            *(
                b.column(
                    b.grey("", image, size=70),
                    b.text(f"E {signed(trace[t, k])}", "grad", "small"),
                    gap="tight",
                )
                for k, image in enumerate(chain.images[t])
            ),
            gap="mid",
        )
        curves = [b.series("", trace[: t + 1, k], "made") for k in range(COUNT)]
        view = b.column(row, traced(curves, t, steps, trace, 780, 195), gap="mid")
        told = [b.fact(b.word("mean_e"), float(trace[t].mean()))]
        frames.append(b.frame(view, b.word("step_n", n=str(t)), told))
    read, sure = reading(chain.images[at[-1]]) if done == steps else None, c.stated("sure")
    told = [b.fact(b.word("read_as"), read)] if read else []
    told += [b.fact(b.word("sure"), f"{100 * sure:.0f} %")] if sure is not None else []
    return {
        "frames": frames,
        "facts": told,
        "checks": [c.step_check(chain.images[0][:2])],
        "more": c.more(done, steps),
        "tables": {
            "energies": [["step", *range(1, COUNT + 1)], *([t, *r] for t, r in enumerate(trace))],
            "images": chain.images[at[-1]],
        },
    }


def signed(value: float) -> str:
    """Return an energy with a real minus."""
    return f"{value:.3f}".replace("-", "−")


def reading(images: np.ndarray) -> str:
    """Return what the classifier takes images (n, 28, 28) for, "7 1 …"; "" where it is not here."""
    from core import weights
    from core.weights import WeightError

    try:
        found = weights.load("classifier-mnist")(c.batch(images)).argmax(1)
    except WeightError:
        return ""
    return " ".join(str(int(k)) for k in found)


def traced(
    curves: list[dict], t: int, steps: int, trace: np.ndarray, width: int, height: int
) -> b.Widget:
    """Return the energies so far, with the mean of test digits as a rule.

    The fall out of the noise is so deep that the rest would be a flat line: of it only the foot is
    drawn, and the caption says where it began.
    """
    usual, first = c.usual_energy(), float(trace[0].mean())
    top = max(usual + FOOT * (first - usual), float(trace[-1].max()))
    seen = [{**one, "y": [v if v <= top else None for v in one["y"]]} for one in curves]
    return b.chart(
        b.word("trace", e=signed(first)),
        seen,
        x=b.word("steps"),
        cursor=t,
        x_range=(0, steps),
        low=float(min(trace.min(), usual)),
        high=top,
        rules=[{"y": usual, "label": b.word("usual")}],
        width=width,
        height=height,
    )


def one(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return one chain as a film: snapshots so far, the image now, its energy beside it."""
    inputs, merged = pictures.cleared(inputs)
    start = choice("start", inputs.get("start", "noise"), STARTS)
    image = picture(inputs, start)
    chain, done, steps = c.chain(1, inputs, image)
    trace = np.array(chain.energies[: done + 1])  # (T, 1)
    at = c.shown(steps, done)
    kept = [t for t in SNAPSHOTS if t <= steps]
    if steps not in kept:
        kept = [*kept[: ACROSS - 1], steps] if steps in (*c.SHOWN, *range(0, 501, 50)) else kept
    parts = {
        f"at{t}": b.grey(str(t), chain.images[t][0], size=78) for t in kept if t in chain.images
    }
    empty = np.zeros((c.SIDE, c.SIDE))
    frames = []
    for t in at:
        film = b.row(
            *(
                b.part(f"at{k}") if k <= t else b.grey(str(k), empty, size=78)
                for k in kept
            ),
            gap="mid",
        )  # fmt: skip
        now = b.grey(b.word("now"), chain.images[t][0], size=196)
        chart = traced([b.series("", trace[: t + 1, 0], "grad")], t, steps, trace, 420, 230)
        pad = [pictures.pad(image, b.word("start_from"), 7)] if image is not None else []
        view = b.column(b.row(*pad, now, chart, gap="mid"), film, gap="mid")
        told = [b.fact("E", float(trace[t, 0]))]
        frames.append(b.frame(view, b.word("step_n", n=str(t)), told))
    return {
        "frames": frames,
        "parts": parts,
        "facts": [b.fact(b.word("usual"), c.usual_energy())],
        "checks": [c.step_check(chain.images[0])],
        "more": c.more(done, steps),
        "pins": {"drawn": {"start": "drawing"}},
        "without": {"noise": ["digit", "clear"], "digit": ["clear"], "drawing": ["digit"]}[start],
        "tables": {
            "energy": [["step", "E"], *([t, float(v)] for t, v in enumerate(trace[:, 0]))],
            "snapshots": {f"step {t}": chain.images[t][0] for t in kept if t in chain.images},
        },
        **merged,
    }


def picture(inputs: dict[str, Any], start: str) -> np.ndarray | None:
    """Return the picture (28, 28) that a chain starts from, None for noise."""
    if start == "noise":
        return None
    if start == "drawing":
        return pictures.bits("drawn", inputs.get("drawn", "0" * c.PIXELS))
    return pictures.picture({k: v for k, v in inputs.items() if k == "digit"})
