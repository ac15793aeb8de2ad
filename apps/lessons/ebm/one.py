"""View "one": one chain out of the trained energy, step by step."""

from __future__ import annotations

import numpy as np

from apps.lessons.ebm import chains as c
from apps.lessons.ebm.inputs import Inputs
from apps.lessons.ebm.trace import energy_chart, energy_text
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Turn

SNAPSHOTS = (0, 1, 3, 5, 10, 30, 50, 100, 300)  # of the seminar's report
EARLY, LATER = 5, 20  # steps whose energies the exercise compares
ACROSS = 9  # pictures in its row


def one(inputs: Inputs) -> Board:
    """Show one chain as a film: snapshots so far, the image now, its energy beside it."""
    image = start_picture(inputs)
    chain, more = c.chain(1, inputs, None if image is None else image[None])
    steps, done = inputs.steps, more["done"]
    trace = c.traces(chain, done)  # (T, 1)
    at = c.frame_steps(steps, done)
    kept = snapshots(steps)
    there = [t for t in kept if t <= done]
    parts = {f"at{t}": b.grey(str(t), c.images(chain, t)[0], size=78) for t in there}
    empty = np.zeros((pictures.SIDE, pictures.SIDE))
    frames = []
    for t in at:
        film = b.row(
            *(
                b.part(f"at{k}") if k <= t else b.grey(str(k), empty, size=78)
                for k in kept
            ),
            gap="mid",
        )  # fmt: skip
        now = b.grey(b.word("now"), c.images(chain, t)[0], size=196)
        chart = energy_chart([b.series("", trace[: t + 1, 0], "grad")], t, steps, trace, 420, 230)
        pad = [pictures.pad(image, b.word("start_from"), 7)] if image is not None else []
        view = b.column(b.row(*pad, now, chart, gap="mid"), film, gap="mid")
        facts = [b.fact("E", float(trace[t, 0]))]
        frames.append(b.frame(view, b.word("step_n", n=str(t)), facts))
    return {
        "frames": frames,
        "parts": parts,
        "facts": [b.fact(b.word("usual"), c.usual_energy())],
        "checks": [c.step_check(c.images(chain, at[-1]), inputs.eta)],
        "more": more,
        "turn": turn(trace[:, 0]),
        "pins": {"drawn": {"start": "drawing"}},
        "without": {"noise": ["digit", "clear"], "digit": ["clear"], "drawing": ["digit"]}[
            inputs.start
        ],
        "tables": {
            "energy": [["step", "E"], *([t, float(v)] for t, v in enumerate(trace[:, 0]))],
            "snapshots": {f"step {t}": c.images(chain, t)[0] for t in there},
        },
    }


def turn(trace: np.ndarray) -> Turn | None:
    """Return the exercise, once the chain is there and falls: how much of it is early."""
    if len(trace) <= LATER:
        return None
    first, early, later = (round(float(trace[t]), 3) for t in (0, EARLY, LATER))
    if first - later < 0.1:
        return None
    printed = {k: energy_text(v) for k, v in (("a", first), ("c", early), ("d", later))}
    share = round(100 * (first - early) / (first - later))
    ask = b.word("turn_early", n=str(EARLY), m=str(LATER), **printed)
    return {"ask": ask, "frame": 0, "blanks": [b.blank("%", [share], "grad", "share")]}


def snapshots(steps: int) -> list[int]:
    """Return the steps whose pictures stand in the row, the last step among them."""
    kept = [t for t in SNAPSHOTS if t <= steps]
    if steps not in kept and steps in (*c.SHOWN, *range(0, 501, 50)):
        return [*kept[: ACROSS - 1], steps]
    return kept


def start_picture(inputs: Inputs) -> np.ndarray | None:
    """Return the picture (28, 28) that a chain starts from, None for noise."""
    if inputs.start == "noise":
        return None
    drawn = inputs.drawn if isinstance(inputs.drawn, str) else pictures.EMPTY
    return pictures.select(drawn if inputs.start == "drawing" else None, inputs.digit)
