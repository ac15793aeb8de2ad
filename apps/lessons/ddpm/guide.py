"""View "guide": one noise under rising weights of the label, and one guess taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.ddpm import chains as c
from apps.lessons.ddpm import models as m
from apps.lessons.ddpm.inputs import DIGITS, Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Tables, Turn
from core.inputs import choice

if TYPE_CHECKING:
    from torch import Tensor

COUNT = 8  # images a row
WEIGHTS = (0.0, 1.0, 2.0, 4.0, 8.0)
STEPS = 15
MIDDLE = STEPS // 2  # the moment of the conditional chain at which a guess is taken apart


@dataclass(frozen=True)
class Guess:
    """The net's answer at one x_t."""

    eps: np.ndarray  # ε̂, (28, 28)
    x0: np.ndarray  # x̂_0, (28, 28)


@dataclass(frozen=True)
class Pair:
    """The net's answers at one x_t, with and without the label."""

    x: Tensor  # x_t, (1, 1, 28, 28)
    t: int
    label: int
    alpha_bar: float
    without: Guess
    labelled: Guess

    @property
    def at(self) -> tuple[int, int]:
        """The pixel that the label changes most."""
        gap = np.abs(self.labelled.eps - self.without.eps)
        row, column = np.unravel_index(int(gap.argmax()), gap.shape)
        return int(row), int(column)


def guide(inputs: Inputs) -> Board:
    """Show the images under each weight w, how they obey the label and how alike they are."""
    label = int(choice("label", inputs.label, DIGITS))
    labels = [label] * COUNT
    ways = [c.free(COUNT, inputs.seed, labels, w, STEPS, 0.0, film=False) for w in WEIGHTS]
    more = c.go_on(ways, inputs.points, COUNT)  # the first row at once
    ends = [one.end for one in ways if one.end is not None]
    scores = [label_probability(end, label) for end in ends]
    spreads = [m.spread(end) for end in ends]
    pair = guesses(inputs.seed, label)
    frames = []
    for k in range(max(1, len(ends))):
        rows = [line(ends, j, k) for j in range(len(WEIGHTS))]
        right = charts(scores[: k + 1], spreads[: k + 1], k)
        above = b.row(b.column(*rows, gap="tight"), right, gap="mid")
        facts = []
        if ends:
            facts = [b.fact(b.word("spread"), spreads[k])]
            facts += [b.fact(b.word("mean_p"), scores[k])] if np.isfinite(scores[k]) else []
        view = b.column(above, apart(pair, WEIGHTS[k]), gap="swap")
        frames.append(b.frame(view, f"w = {WEIGHTS[k]:g}", facts))
    return {
        "frames": frames,
        "facts": [],
        "checks": [c.net_check(pair.x, pair.t, label, 2.0)],
        "more": more,
        "turn": turn(pair),
        "limits": {"label": {"options": list(DIGITS), "labels": list(DIGITS)}},
        "tables": tables(ends, scores, spreads),
    }


def line(ends: list[np.ndarray], j: int, k: int) -> b.Widget:
    """Return the images of weight j, blank until they are there and this frame shows them."""
    empty = np.zeros((COUNT, m.SIDE, m.SIDE))
    there = j <= k and j < len(ends)
    sheet = pictures.strip(ends[j] if there else empty)
    now = "made" if j == k else "ink"
    return b.row(b.text(f"w = {WEIGHTS[j]:g}", now, "small"), b.grey("", sheet, size=430, role=now))


def label_probability(images: np.ndarray, label: int) -> float:
    """Return the classifier's mean probability of the label; not a number without classifier."""
    read = m.reading(images)
    return float("nan") if read is None else float(read[:, label].mean())


def charts(scores: list[float], spreads: list[float], k: int) -> b.Widget:
    """Return both measures over w."""
    both = (("mean_p", scores, "ok", 1.0), ("spread", spreads, "hidden", None))
    return b.column(
        *(
            b.chart(
                b.word(name),
                [b.series("", values, role, x=WEIGHTS[: len(values)])],
                x="w",
                cursor=WEIGHTS[k],
                low=0.0,
                high=top,
                x_range=(0, WEIGHTS[-1]),
                width=290,
                height=130,
            )
            for name, values, role, top in both
        ),
        gap="tight",
    )


def tables(ends: list[np.ndarray], scores: list[float], spreads: list[float]) -> Tables:
    """Return both measures by weight, and the images."""
    rows = [["w", "p", "spread"], *map(list, zip(WEIGHTS, scores, spreads))]
    if not np.isfinite(scores).all():
        rows = [["w", "spread"], *map(list, zip(WEIGHTS, spreads))]
    return {"by_weight": rows, "images": {f"w = {w:g}": end for w, end in zip(WEIGHTS, ends)}}


# ---- one guess taken apart


def guesses(seed: int, label: int) -> Pair:
    """Ask the net for ε̂ and x̂_0 of one x_t, with and without the label."""
    import torch

    way = c.free(1, seed, [label], 1.0, STEPS, 0.0)
    way.up_to(MIDDLE + 1)
    one = way.shown[MIDDLE]
    x, alpha_bar = torch.as_tensor(one["x"])[:, None], m.alpha_bar(one["t"])

    def guess(w: float) -> Guess:
        eps, x0 = m.model().predict(x, alpha_bar, torch.tensor([label]), w)
        return Guess(eps[0, 0].numpy(), x0[0, 0].numpy())

    return Pair(x, one["t"], label, alpha_bar, guess(0.0), guess(1.0))


def under_weight(pair: Pair, w: float) -> Guess:
    """Return ε̂ and x̂_0 under a weight, by the formula."""
    import torch

    from core.models.ddpm.samplers import guide as formula

    def mix(with_label: np.ndarray, without: np.ndarray) -> np.ndarray:
        return formula(torch.as_tensor(with_label), torch.as_tensor(without), w).numpy()

    label, none = pair.labelled, pair.without
    return Guess(mix(label.eps, none.eps), mix(label.x0, none.x0))


def apart(pair: Pair, w: float) -> b.Widget:
    """Return x̂_0 without label, with it, and under w; beside them ε̂ of one pixel by hand."""
    i, j = pair.at
    both = under_weight(pair, w)
    none, label, mixed = (float(v.eps[i, j]) for v in (pair.without, pair.labelled, both))
    written = [
        *b.paren(none, "hidden"),
        f" + {w:g} · (",
        *b.paren(label, "hidden"),
        " − ",
        *b.paren(none, "hidden"),
        ") = ",
        b.num(mixed, "made"),
    ]
    return b.row(
        m.image("x̂₀ (∅)", pair.without.x0, 84, "real"),
        m.image(f"x̂₀ ({pair.label})", pair.labelled.x0, 84, "real"),
        m.image(f"x̂₀ (w = {w:g})", both.x0, 84, "made"),
        b.column(
            b.text(b.word("pixel_guided", i=str(i), j=str(j), t=str(pair.t)), size="small"),
            b.text("ε̂(∅) + w (ε̂(y) − ε̂(∅))"),
            b.lines("", [written], key="guided"),
            gap="tight",
        ),
        gap="mid",
    )


def turn(pair: Pair) -> Turn:
    """Return the exercise: ε̂ under w = 2."""
    i, j = pair.at
    none, label = (round(float(one.eps[i, j]), 3) for one in (pair.without, pair.labelled))
    return {
        "ask": b.word("turn_guided", **m.decimals_text({"n": none, "y": label})),
        "blanks": [b.blank("ε̂", [none + 2 * (label - none)], "made", "guided")],
    }
