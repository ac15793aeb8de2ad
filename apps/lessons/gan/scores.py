"""The discriminator's scores s, before any sigmoid: of a drawn digit, of a sample, of many real and
generated digits.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.gan import nets as m
from apps.lessons.gan.codes import codes_of
from apps.lessons.gan.inputs import Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Functions, Turn
from core.measure import ranks

MANY = 500  # samples that the scores of are shown
BINS = 32


def scores(inputs: Inputs) -> Board:
    """Show where the scores of a drawing and of a sample fall among those of real digits and of
    samples.
    """
    name, z, pick = codes_of(inputs)
    drawn = pictures.drawing("drawn", inputs.drawn or None)
    drawing, sample = pictures.select(drawn, inputs.digit), m.decode(name, z[pick : pick + 1])[0]
    own = m.scores(name, np.stack([drawing, sample]))
    real, fake = reference_scores(name)
    from core.models.gan.check_digits import score_delta

    found = score_delta(m.gan(name), np.stack([drawing, sample]), own)
    won = ranks.auroc(real, fake)
    label = b.word("digits.drawing" if drawn else "digits.test_digit")
    left = b.column(
        pictures.pad(drawing, b.word("digits.scored", what=label, score=score_text(own[0]))),
        b.grey(
            b.word("digits.scored_sample", i=str(pick + 1), score=score_text(own[1])),
            sample,
            size=160,
        ),
        gap="mid",
    )
    facts = [b.fact(b.word("digits.won"), f"{100 * won:.1f} %")]
    if m.gan(name).config.loss == "non-saturating":
        sure = 1 / (1 + np.exp(-own))
        facts.append(b.fact("D(G(z)) = σ(s)", sure[1]))
    return {
        "frames": [b.frame(b.row(left, chart(name, real, fake, own, label), gap="wide"))],
        "facts": facts,
        "checks": [
            b.delta_check(found, m.EXACT),
            b.check(ranking_delta(real, fake, won), "scipy.stats.mannwhitneyu", 1e-12),
        ],
        "turn": logit_turn(own[0]),
        "tables": {"real": real.tolist(), "samples": fake.tolist(), "these": own.tolist()},
    }


@lru_cache(maxsize=4)
def reference_scores(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return D of the 100 test digits and of 500 samples."""
    made = m.decode(name, m.codes(name, MANY, 1))
    return m.scores(name, pictures.digits()[0]), m.scores(name, made)


def chart(
    name: str, real: np.ndarray, fake: np.ndarray, own: np.ndarray, label: b.Label
) -> b.Widget:
    """Return both kinds' scores as shares a bin, and where the two at hand lie."""
    every = np.concatenate([real, fake, own])
    edges = np.linspace(every.min(), every.max() + 1e-9, BINS + 1)
    x = np.repeat(edges, 2)[1:-1]
    kinds = [
        (b.word("digits.real_100"), real, "real"),
        (b.word("digits.made_n", n=str(MANY)), fake, "made"),
    ]
    shares = [np.histogram(values, edges)[0] / len(values) for _, values, _ in kinds]
    drawn = [
        b.series(word, np.repeat(100 * part, 2), role, x=x)
        for (word, _, role), part in zip(kinds, shares)
    ]
    top = 100 * max(part.max() for part in shares)
    here = [(label, "real"), (b.word("digits.this_sample"), "made")]
    drawn += [
        b.series(word, [0, 0.92 * top], role, x=[at, at]) for (word, role), at in zip(here, own)
    ]
    return b.chart(
        b.word("digits.score_of", net=m.NAMES[name]),
        drawn,
        x="s",
        y=b.word("digits.share"),
        low=0,
        width=560,
        height=330,
    )


def ranking_delta(real: np.ndarray, fake: np.ndarray, won: float) -> float:
    """Return the difference between the share of pairs and SciPy's U statistic."""
    from scipy.stats import mannwhitneyu

    return abs(mannwhitneyu(real, fake).statistic / (len(real) * len(fake)) - won)


def logit_turn(score: float) -> Turn:
    """Return the exercise: the probability that belongs to a score before the sigmoid."""
    s = round(float(score), 4)
    text = f"{s:.4f}".replace("-", "−")
    return {
        "ask": b.word("digits.turn_logit", s=text),
        "blanks": [b.blank("D", [1 / (1 + np.exp(-s))], "ink", "")],
    }


def score_text(value: float) -> str:
    """Return a score as it is printed."""
    return f"{value:.2f}".replace("-", "−")


def scores_source(inputs: Inputs) -> Functions:
    """Return the functions shown in the code drawer."""
    from core.models.gan import networks

    del inputs
    return networks.Discriminator, networks.GAN.score, ranks.auroc
