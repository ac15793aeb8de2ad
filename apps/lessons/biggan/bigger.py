"""View "bigger": BigGANs of several batches and widths, each trained for equally many minutes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from apps.lessons.biggan.inputs import Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Check, Frame, Turn
from core.measure import ranks

FILE = "biggan-bigger.safetensors"
SHOWN = 20  # digits of a run
SIZE = 150
ROLES = ("hidden", "made")  # of the narrow and of the wide net
Runs = dict[str, np.ndarray]


def bigger(inputs: Inputs) -> Board:
    """Show what each run draws at its end, and the Fréchet distance of all, quarter by quarter."""
    del inputs
    found = runs()
    return {
        "frames": [frame(found, at) for at in range(found["minutes"].shape[1])],
        "checks": [check(found)],
        "turn": turn(found),
        "tables": {
            "runs": [["batch", "maps", "seed", "steps", "images", "minutes", "Fréchet", "read"],
                     *map(list, zip(*(found[k].tolist() for k in ("batch", "maps", "seed")),
                                    found["steps"][:, -1].tolist(), seen(found, -1).tolist(),
                                    *(found[k][:, -1].tolist()
                                      for k in ("minutes", "Fréchet", "read"))))],
        },
    }  # fmt: skip


def runs() -> Runs:
    """Return what the recipe recorded of each run.

    Raises:
        WeightError: its file is missing or damaged.
    """
    from core.weights.card import FOLDER

    return _runs(FOLDER / FILE)


@lru_cache(maxsize=2)
def _runs(file: Path) -> Runs:
    from core.weights import shipped

    return shipped.read_arrays(file)[0]


def seen(found: Runs, at: int) -> np.ndarray:
    """Return how many real images each run was shown by a moment, (R,)."""
    return found["batch"] * found["steps"][:, at]


def of(found: Runs, maps: int, seed: int = 0) -> np.ndarray:
    """Return the numbers of the runs of a width, by their batch."""
    rows = np.flatnonzero((found["maps"] == maps) & (found["seed"] == seed))
    return rows[np.argsort(found["batch"][rows])]


def widths(found: Runs) -> list[int]:
    """Return the widths, the narrow one first."""
    return sorted(set(found["maps"].tolist()))


def frame(found: Runs, at: int) -> Frame:
    """Return the digits of each run at its end, and the distances by a moment."""
    rows = [
        b.row(*(sheet(found, int(k), role) for k in of(found, maps)), gap="mid")
        for maps, role in zip(widths(found), ROLES)
    ]
    minute = float(found["minutes"][:, at].mean())
    best = int(np.argmin(found["Fréchet"][:, at]))
    facts = [
        b.fact(b.word("best_run"), f"{found['batch'][best]} × {found['maps'][best]}"),
        b.fact(b.word("frechet"), f"{found['Fréchet'][best, at]:.2f}"),
    ]
    view = b.row(b.column(*rows, gap="mid"), chart(found, at), gap="mid")
    return b.frame(view, b.word("minutes_n", n=f"{minute:.0f}"), facts)


def sheet(found: Runs, k: int, role: str) -> b.Widget:
    """Return twenty digits of a run under what it is and how many images it saw."""
    label = b.word("run_of", batch=str(found["batch"][k]), maps=str(found["maps"][k]),
                   images=f"{int(seen(found, -1)[k]):,}")  # fmt: skip
    images = found["images"][k, :SHOWN] / 255
    return b.grey(label, pictures.sheet(images, 5), size=SIZE, role=role)


def chart(found: Runs, at: int) -> b.Widget:
    """Return the distance by batch, a curve a width, and the run that was done twice."""
    curves = []
    for maps, role in zip(widths(found), ROLES):
        rows = of(found, maps)
        name = b.word("maps_n", n=str(maps))
        x, y = found["batch"][rows], found["Fréchet"][rows, at]
        curves.append(b.series(name, y, role, x=x))
    spots = [
        {"x": float(found["batch"][k]), "y": float(found["Fréchet"][k, at]),
         "label": b.word("again"), "role": "made", "on": True, "side": "right"}
        for k in np.flatnonzero(found["seed"])
    ]  # fmt: skip
    return b.chart(
        b.word("frechet_by_batch"), curves, x=b.word("batch"), xlog=True, log=True, spots=spots,
        width=400, height=340,
    )  # fmt: skip


def check(found: Runs) -> Check:
    """Return the check of the order of the runs, ours against scipy's."""
    from scipy.stats import spearmanr

    first, last = found["Fréchet"][:, 0], found["Fréchet"][:, -1]
    ours = ranks.spearman(first, last)
    return b.check(abs(float(np.asarray(spearmanr(first, last))[0]) - ours),
                   "scipy.stats.spearmanr", 1e-12)  # fmt: skip


def turn(found: Runs) -> Turn:
    """Return the exercise: how many images a run saw, from its steps."""
    k = int(of(found, widths(found)[-1])[-1])
    batch, steps = int(found["batch"][k]), int(found["steps"][k, -1])
    ask = b.word("turn_bigger", batch=str(batch), steps=f"{steps:,}")
    return {"ask": ask, "blanks": [b.blank(b.word("images_seen"), [batch * steps], "real", "")]}
