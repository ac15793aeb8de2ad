"""View "anomaly": the energy as a measure of strangeness, histograms and where a drawing falls."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.ebm import chains as c
from apps.lessons.ebm.inputs import CROWDS, Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Check, Turn

BINS = 48
FAR = 25  # deviations of the test digits' energies that the histogram reaches over their mean
SURE = 0.95  # share of test digits that a picture has to exceed to be called strange
FLIPPED = ("upside-down", "mirrored")  # crowds of the same digits in the same order
CHOICES = (0, 1, 6, 8)  # digits among which the exercise asks for the one told apart worst
TELLS, FAILS = 0.9, 0.6  # AUROC from which a crowd is told apart, and below which it is not


def anomaly(inputs: Inputs) -> Board:
    """Show where the picture's energy falls among those of digits, samples and a crowd."""
    crowd, drawn = inputs.crowd, inputs.drawn if isinstance(inputs.drawn, str) else None
    shown = (drawn, inputs.digit, inputs.letter)
    image = pictures.select(*shown)
    mine = float(c.energies(image[None])[0])
    found = crowd_energies()
    share = float((found["test"] < mine).mean())
    edges = bins(found, crowd, mine)
    strange = share >= SURE
    verdict = b.word("verdict_out" if strange else "verdict_in", p=f"{100 * share:.1f}")
    left = b.column(
        pictures.pad(image, b.word("input_x", name=pictures.name(*shown)), 6),
        b.text(f"E = {mine:.3f}".replace("-", "−"), "grad"),
        b.text(verdict, "grad" if strange else "ok", "note"),
        gap="mid",
    )
    auroc = auroc_by_crowd()
    failed = [name for name in CROWDS if auroc[name] < TELLS]
    right = b.column(histogram_chart(found, crowd, mine), auroc_bars(auroc), gap="mid swap")
    return {
        "frames": [b.frame(b.row(left, right, gap="wide"))],
        "facts": [
            b.fact(b.word("usual"), float(found["test"].mean())),
            b.fact(b.word("fails"), f"{len(failed)} / {len(CROWDS)}"),
            *(
                [b.fact(b.word("pairs_above"), f"{100 * share_above(crowd):.0f} %")]
                if crowd in FLIPPED
                else []
            ),
        ],
        "turn": turn(crowd if crowd in FLIPPED else FLIPPED[0]),
        "checks": [auroc_check(crowd)],
        "pins": {"drawn": {"letter": "none"}},
        "without": ["digit"] if inputs.letter != "none" else [],
        "tables": {
            "auroc": auroc,
            "auroc_of_a_digit": {name: auroc_by_digit(name) for name in FLIPPED},
            "energy": [mine],
            "histogram": [["from", "to", "test", "samples", crowd], *bin_rows(found, crowd, edges)],
        },
    }


def histogram_chart(found: dict[str, np.ndarray], crowd: str, mine: float) -> b.Widget:
    """Return the histograms of digits, samples and a crowd, with the picture's energy as a rule."""
    edges = bins(found, crowd, mine)
    curves = [
        histogram(b.word("crowd.test"), found["test"], edges, "real"),
        histogram(b.word("crowd.samples"), found["samples"], edges, "made"),
        histogram(b.word(f"crowd.{crowd}"), found[crowd], edges, "grad"),
    ]
    return b.chart(
        b.word("histogram"),
        curves,
        x="E",
        y=b.word("share_of"),
        low=0,
        rules=[{"x": mine, "label": b.word("this_one")}],
        x_range=(float(edges[0]), float(edges[-1])),
        width=560,
        height=270,
    )


def auroc_bars(auroc: dict[str, float]) -> b.Widget:
    """Return the AUROC of each crowd, a bar each."""
    return b.bars(
        b.word("auroc"),
        [
            {"label": b.word(f"crowd.{name}"), "v": value, "role": role_of(name, value)}
            for name, value in auroc.items()
        ],
        low=0.0,
        high=1.0,
        digits=3,
    )


def role_of(name: str, value: float) -> str:
    """Return the colour of an AUROC: told apart, half, or not; samples are not to be told apart."""
    if name == "samples":
        return "made"
    return "ok" if value >= TELLS else "hidden" if value >= FAILS else "grad"


@lru_cache(maxsize=1)
def crowd_energies() -> dict[str, np.ndarray]:
    """Return the shipped energies by crowd; a WeightError says that they are not here."""
    from core.measure import anomaly

    return {
        name: values.numpy().astype(float)
        for name, values in anomaly.shipped_energies(anomaly.FILE)[0].items()
    }


@lru_cache(maxsize=1)
def auroc_by_crowd() -> dict[str, float]:
    """Return the AUROC of telling each crowd, and the samples, from test digits."""
    from core.measure.ranks import auroc

    found = crowd_energies()
    return {name: auroc(found[name], found["test"]) for name in (*CROWDS, "samples")}


@lru_cache(maxsize=2)
def auroc_by_digit(crowd: str) -> list[float]:
    """Return the AUROC of telling a flipped crowd from digits within each class, (10,)."""
    from core.measure.ranks import auroc

    found = crowd_energies()
    classes = [found["labels"] == k for k in range(10)]
    return [auroc(found[crowd][of], found["test"][of]) for of in classes]


def share_above(crowd: str) -> float:
    """Return the share of digits whose flipped picture has the higher energy."""
    found = crowd_energies()
    return float((found[crowd] > found["test"]).mean())


def turn(crowd: str) -> Turn:
    """Return the exercise: which digit is hardest to tell from its flipped self."""
    by = auroc_by_digit(crowd)
    return {
        "ask": b.word("turn_digit", crowd=b.word(f"crowd.{crowd}")),
        "choices": [str(k) for k in CHOICES],
        "answer": int(np.argmin([by[k] for k in CHOICES])),
    }


@lru_cache(maxsize=8)
def auroc_check(crowd: str) -> Check:
    """Return the check of an AUROC: every pair of 500 and 500, counted one by one."""
    from core.measure.ranks import auroc

    test, other = crowd_energies()["test"][:500], crowd_energies()[crowd][:500]
    pairs = (other[:, None] > test).mean() + (other[:, None] == test).mean() / 2
    ours = auroc(other, test)
    return b.check(abs(ours - float(pairs)), "AUROC, 500 × 500 pairs", 1e-12)


def bins(found: dict[str, np.ndarray], crowd: str, mine: float) -> np.ndarray:
    """Return the edges of the bins; energies far above the test digits' fall into the last."""
    every = np.concatenate([found["test"], found["samples"], found[crowd], [mine]])
    low, high = float(every.min()), float(every.max())
    far = float(found["test"].mean() + FAR * found["test"].std())
    return np.linspace(low, max(min(high, far), mine, low + 1e-3), BINS + 1)


def histogram(name: b.Label, values: np.ndarray, edges: np.ndarray, role: str) -> b.Series:
    """Return a crowd's share a bin, as steps."""
    share = np.histogram(np.minimum(values, edges[-1]), edges)[0] / len(values)
    return b.series(name, np.repeat(share, 2), role, x=np.repeat(edges, 2)[1:-1])


def bin_rows(found: dict[str, np.ndarray], crowd: str, edges: np.ndarray) -> list[list[float]]:
    """Return the histogram's numbers, a row a bin."""
    counts = [
        np.histogram(np.minimum(found[name], edges[-1]), edges)[0]
        for name in ("test", "samples", crowd)
    ]
    return [[*map(float, pair), *map(int, n)] for *pair, n in zip(edges, edges[1:], zip(*counts))]
