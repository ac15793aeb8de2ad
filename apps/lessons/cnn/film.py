"""View "film": the small net at ten moments of its training; the pictures behind its confusions."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.cnn import models
from apps.lessons.cnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Check, Frame, Law, Turn
from core.inputs import integer

MOST = 8  # pictures of a cell
ACROSS = 4
TEST = 10_000  # digits of the test set


def film(inputs: Inputs) -> Board:
    """Show the confusion matrix at each moment, the curves, the kernels, and a cell's pictures."""
    pair = tuple(integer("pair", v, 0, 9) for v in inputs.pair)
    journal, kept = record(), answers()
    steps = journal["moments.step"].astype(int).tolist()
    frames = [frame(journal, kept, at, pair) for at in range(len(steps))]
    counts = journal["moments.confusion"]
    return {
        "frames": frames,
        "facts": [b.fact(b.word("test_digits"), f"{TEST:,}")],
        "checks": checks(),
        "turn": turn(counts[-1], len(frames) - 1),
        "tables": {
            "moments": [
                ["step", "accuracy", "loss"],
                *zip(steps, journal["moments.accuracy"].tolist(), journal["moments.loss"].tolist()),
            ],
            "confusion": {f"step {step}": one for step, one in zip(steps, counts)},
        },
    }


def read_file(name: str) -> dict[str, np.ndarray]:
    """Return the arrays of a file that ships; a WeightError says that it is not here."""
    from core.weights import shipped
    from core.weights.card import FOLDER

    return shipped.read_arrays(FOLDER / name)[0]


@lru_cache(maxsize=1)
def record() -> dict[str, np.ndarray]:
    """Return the journal of the small net's training."""
    return read_file(f"{models.TINY}-training.safetensors")


@lru_cache(maxsize=1)
def answers() -> dict[str, np.ndarray]:
    """Return the digits that the cells open, their labels, and the answers at each moment."""
    from core.models.cnn.film import ANSWERS

    return read_file(ANSWERS)


@lru_cache(maxsize=1)
def checks() -> list[Check | Law]:
    """Return the checks: the film's nets answer again, and its matrices count to its accuracy."""
    import torch

    from core.models.cnn.film import nets

    kept, journal = answers(), record()
    images = torch.from_numpy(kept["images"])[:, None] / 255
    film = {name: torch.from_numpy(value) for name, value in journal.items()}
    again = [net(images).argmax(1).numpy() for net in nets(film)]
    same = sum(int((one == row).sum()) for one, row in zip(again, kept["answers"]))
    shares = journal["moments.confusion"].trace(axis1=1, axis2=2) / TEST
    gap = float(np.abs(shares - journal["moments.accuracy"]).max())
    law = b.law(b.word("law_answers"), same, kept["answers"].size)
    return [law, b.check(gap, "Σ diagonal / 10,000", 1e-6)]


def frame(
    journal: dict[str, np.ndarray], kept: dict[str, np.ndarray], at: int, pair: tuple[int, ...]
) -> Frame:
    """Return one moment."""
    step = int(journal["moments.step"][at])
    matrix = b.column(confusion(journal["moments.confusion"][at], pair), kernels(journal, at))
    right = b.column(curves(journal, at), cell_pictures(journal, kept, at, pair), gap="tight")
    facts = [
        b.fact(b.word("accuracy"), f"{100 * float(journal['moments.accuracy'][at]):.2f} %"),
        b.fact(b.word("test_loss"), float(journal["moments.loss"][at])),
    ]
    return b.frame(b.row(matrix, right, gap="mid"), b.word("step_n", n=f"{step:,}"), facts)


def confusion(counts: np.ndarray, pair: tuple[int, ...]) -> b.Widget:
    """Return the confusion matrix, a label a row, an answer a column; shaded by the errors."""
    wrong = counts.sum() - counts.trace()
    off = counts[~np.eye(10, dtype=bool)]
    return b.raster(
        b.word("confusion", n=str(int(wrong))),
        counts,
        role="hidden",
        span=float(max(off.max(), 1)),
        digits=0,
        ticks=True,
        size=440,
        tall=0.84,
        outlines=[b.outline(pair[0], pair[1], role="made")],
        press=b.press("pair"),
    )


def kernels(journal: dict[str, np.ndarray], at: int) -> b.Widget:
    """Return the four kernels of the first layer."""
    found = journal["moments.weights.layers.0.weight"][at, :, 0].astype(float)
    span = float(np.abs(journal["moments.weights.layers.0.weight"]).max())
    drawn = [b.raster("", one, span=span, size=48) for one in found]
    return b.row(b.text(b.word("first_kernels"), size="small"), *drawn)


def curves(journal: dict[str, np.ndarray], at: int) -> b.Widget:
    """Return the accuracy and the loss on the test set up to this moment."""
    steps = journal["moments.step"][1:].astype(float)  # the first moment is step 0
    reach = (float(steps[0]), float(steps[-1]))

    def chart(name: str, key: str, role: str, high: float | None) -> b.Widget:
        values = journal[key][1 : at + 1].astype(float)
        return b.chart(
            b.word(name),
            [b.series("", values, role, x=steps[:at])],
            x=b.word("learn_steps"),
            xlog=True,
            x_range=reach,
            low=0,
            high=high,
            width=320,
            height=132,
        )

    return b.column(
        chart("accuracy", "moments.accuracy", "made", 1),
        chart("test_loss", "moments.loss", "grad", float(journal["moments.loss"].max())),
        gap="tight",
    )


def cell_pictures(
    journal: dict[str, np.ndarray], kept: dict[str, np.ndarray], at: int, pair: tuple[int, ...]
) -> b.Widget:
    """Return the pictures of a cell of the confusion matrix at this moment."""
    label, answer = pair
    there = (kept["labels"] == label) & (kept["answers"][at] == answer)
    images = kept["images"][there][:MOST] / 255
    count = int(journal["moments.confusion"][at, label, answer])
    words = b.word(
        "cell_of", n=str(label), m=str(answer), count=f"{count:,}", shown=str(len(images))
    )
    role = "ok" if label == answer else "grad"
    drawn = [b.grey("", image, size=70, role="real") for image in images]
    rows = [b.row(*drawn[k : k + ACROSS]) for k in range(0, len(drawn), ACROSS)]
    return b.column(b.text(words, role, "wide"), *rows, gap="tight")


def turn(counts: np.ndarray, last: int) -> Turn:
    """Return the exercise: the accuracy from the number of errors."""
    wrong = TEST - int(counts.trace())
    return {
        "ask": b.word("turn_film", n=str(wrong), of=f"{TEST:,}"),
        "frame": last,
        "blanks": [b.blank("%", [100 - 100 * wrong / TEST], "made", "")],
    }
