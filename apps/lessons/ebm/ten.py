"""View "ten": ten chains out of the trained energy side by side."""

from __future__ import annotations

import numpy as np

from apps.lessons.ebm import chains as c
from apps.lessons.ebm.inputs import Inputs
from apps.lessons.ebm.trace import energy_chart, energy_text
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board, Turn

COUNT = 10


def ten(inputs: Inputs) -> Board:
    """Show ten chains from noise, their images in a row, and the trace of each energy."""
    chain, more = c.chain(COUNT, inputs)
    steps, done = inputs.steps, more["done"]
    trace = c.traces(chain, done)  # (T, COUNT)
    at = c.frame_steps(steps, done)
    frames = []
    for t in at:
        row = b.row(
            *(
                b.column(
                    b.grey("", image, size=70),
                    b.text(f"E {energy_text(trace[t, k])}", "grad", "small"),
                    gap="tight",
                )
                for k, image in enumerate(c.images(chain, t))
            ),
            gap="mid",
        )
        curves = [b.series("", trace[: t + 1, k], "made") for k in range(COUNT)]
        view = b.column(row, energy_chart(curves, t, steps, trace, 780, 195), gap="mid")
        facts = [b.fact(b.word("mean_e"), float(trace[t].mean()))]
        frames.append(b.frame(view, b.word("step_n", n=str(t)), facts))
    read = read_digits(c.images(chain, at[-1])) if done == steps else ""
    sure = nets.card_value(c.NAME, "sure")
    facts = [b.fact(b.word("read_as"), read)] if read else []
    facts += [b.fact(b.word("sure"), f"{100 * sure:.0f} %")] if sure is not None else []
    return {
        "frames": frames,
        "facts": facts,
        "checks": [c.step_check(c.images(chain, at[-1])[:2], inputs.eta)],
        "more": more,
        "turn": turn(inputs),
        "tables": {
            "energies": [["step", *range(1, COUNT + 1)], *([t, *r] for t, r in enumerate(trace))],
            "images": c.images(chain, at[-1]),
        },
    }


def turn(inputs: Inputs) -> Turn:
    """Return the exercise: the temperature at which the chains walk."""
    t = inputs.sigma**2 / (2 * inputs.eta) * 1e6 if inputs.eta else 0.0
    ask = b.word("turn_temperature", s=f"{inputs.sigma:g}", e=f"{inputs.eta:g}")
    return {"ask": ask, "frame": 0, "blanks": [b.blank("T · 10⁶", [t], "grad", "t")]}


def read_digits(images: np.ndarray) -> str:
    """Read images (n, 28, 28) with the classifier, "7 1 …"; "" where it is not here."""
    if not nets.have(nets.CLASSIFIER):
        return ""
    return " ".join(map(str, nets.read_digits(images).argmax(1)))
