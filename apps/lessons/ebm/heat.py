"""View "heat": the same start without noise, with the chains' little noise, and with Langevin's."""

from __future__ import annotations

import math

import numpy as np

from apps.lessons.ebm import chains as c
from apps.lessons.ebm.inputs import Inputs
from apps.lessons.ebm.trace import energy_text
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Turn

COUNT = 5
STEPS = 300
KINDS = ("still", "usual", "warm")
ROLES = {"still": "real", "usual": "hidden", "warm": "grad"}
REACH = 0.1  # σ of a step at a temperature: a tenth of the way across [0, 1] at most
LARGEST = 2.5  # η at a low temperature, as the chains of the other scenes have it


def heat(inputs: Inputs) -> Board:
    """Show five chains three times, side by side, and the mean energies over their steps."""
    start = pictures.digits()[0][5::20] if inputs.start == "digit" else None
    runs, more = c.three_chains(COUNT, inputs, start, step_size(inputs.heat))
    chains, done = dict(zip(KINDS, runs)), more["done"]
    traces = {kind: c.traces(one, done).mean(1) for kind, one in chains.items()}
    frames = []
    for t in c.frame_steps(STEPS, done):
        seen = {kind: c.images(one, t) for kind, one in chains.items()}
        rows = [row(kind, inputs.heat, seen[kind], chains[kind].shown[t][0]) for kind in KINDS]
        view = b.row(b.column(*rows, gap="mid"), energy_chart(traces, t), gap="wide")
        apart = float(np.abs(seen["usual"] - seen["still"]).mean())
        warm = seen["warm"]
        facts = [
            b.fact(b.word("apart"), f"{apart:.3f}"),
            b.fact(b.word("warm_pixels"), f"{warm.mean():.2f} ± {warm.std():.2f}"),
        ]
        frames.append(b.frame(view, b.word("step_n", n=str(t)), facts))
    return {
        "frames": frames,
        "facts": [b.fact(b.word("uniform_pixels"), f"0.50 ± {1 / math.sqrt(12):.2f}")],
        "checks": [c.step_check(c.images(chains["still"], 0)[:2], c.USUAL["eta"])],
        "more": more,
        "limits": {"start": {"options": ["noise", "digit"]}},
        "turn": turn(),
        "tables": {
            "energy": [["step", *KINDS], *([t, *v] for t, v in enumerate(zip(*traces.values())))],
            "images": {
                kind: c.images(one, c.frame_steps(STEPS, done)[-1]) for kind, one in chains.items()
            },
        },
    }


def step_size(temperature: float) -> float:
    """Return η of a chain at a temperature: so that σ = √(2ηT) is small against [0, 1]."""
    return min(LARGEST, REACH**2 / (2 * temperature))


def row(kind: str, heat_now: float, images: np.ndarray, energies: np.ndarray) -> b.Widget:
    """Return five pictures with their energies under the row's name."""
    t = f"{heat_now:g}"
    label = b.word(f"row_{kind}", t=t) if kind == "warm" else b.word(f"row_{kind}")
    tiles = [
        b.column(
            b.grey("", image, size=78),
            b.text(f"E {energy_text(float(e))}", "grad", "small"),
            gap="tight",
        )
        for image, e in zip(images, energies)
    ]
    return b.column(b.text(label, ROLES[kind], "small"), b.row(*tiles, gap="mid"), gap="tight")


def energy_chart(traces: dict[str, np.ndarray], t: int) -> b.Widget:
    """Return the mean energies up to step t."""
    return b.chart(
        b.word("mean_trace"),
        [b.series(b.word(f"kind_{k}"), v[: t + 1], ROLES[k]) for k, v in traces.items()],
        x=b.word("steps"),
        low=0,
        high=3.5,
        x_range=(0, STEPS),
        width=400,
        height=330,
    )


def turn() -> Turn:
    """Return the exercise: how many times as dense exp(−E) is at digits as at noise."""
    from apps.lessons.ebm.anomaly import crowd_energies

    found = crowd_energies()
    low, high = (round(float(found[name].mean()), 2) for name in ("test", "noise"))
    ask = b.word("turn_ratio", low=f"{low:.2f}".replace("-", "−"), high=f"{high:.2f}")
    return {
        "ask": ask,
        "frame": 0,
        "blanks": [b.blank("exp(−E)", [round(math.exp(high - low))], "grad", "ratio")],
    }
