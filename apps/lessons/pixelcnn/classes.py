"""View "classes": the net that is told the class draws each digit, and by Bayes it reads them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.pixelcnn import models as m
from apps.lessons.pixelcnn import ways
from apps.lessons.pixelcnn.inputs import Inputs
from apps.lessons.pixelcnn.pixel import bits_text
from apps.lessons.shared import chains, nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Frame, Turn
from core.models.pixelcnn import check

CLASSES = 10
SAMPLED = (-50.0, -51.0)  # log p(x | c) of the exercise's two classes


def classes(inputs: Inputs) -> Board:
    """Show a digit's cost under each class, the posterior by Bayes, and a sample of each class."""
    image = inputs.picture
    costs = class_costs(image.astype(np.float32).tobytes())
    odds = posterior(costs)
    one = class_way(inputs)
    more = chains.go_on([one], inputs.points, ways.PIECE)
    best = int(odds.argmax())
    return {
        "frames": [row_frame(inputs, image, costs, odds, now) for now in ways.rows(one)],
        "facts": facts(image, costs, best),
        "checks": checks(image, costs, odds, best),
        "values": {"drawn": bits_text(image)},
        "more": more,
        "turn": turn(),
        "tables": {
            "image": image,
            "nats": costs,
            "posterior": odds,
            "images": ways.rows(one)[-1]["x"],
        },
    }


@lru_cache(maxsize=64)
def class_costs(image: bytes) -> np.ndarray:
    """Return −log p(x | c) in nats of a picture's float32 bytes under each class, (10,)."""
    import torch

    x = m.batch(np.frombuffer(image, np.float32).reshape(1, m.SIDE, m.SIDE).copy())
    with torch.no_grad():
        log_p = m.model(m.TOLD).log_prob(x.expand(CLASSES, -1, -1, -1), torch.arange(CLASSES))
    return -log_p.double().numpy()


def posterior(costs: np.ndarray) -> np.ndarray:
    """Return P(c | x) of classes that are alike beforehand, by Bayes, from their nats."""
    weights = np.exp(costs.min() - costs)
    return weights / weights.sum()


def class_way(inputs: Inputs) -> ways.Way:
    """Return the chain of one sample a class, all from the same noise."""
    import torch

    u = ways.noise(inputs.seed, 1).expand(CLASSES, -1, -1, -1).contiguous()
    labels = torch.arange(CLASSES)
    key = ("classes", inputs.seed)
    return ways.way(m.TOLD, u, key, labels=labels, temperature=inputs.temperature)


def row_frame(
    inputs: Inputs, image: np.ndarray, costs: np.ndarray, odds: np.ndarray, now: ways.Row
) -> Frame:
    """Return a moment: the digit, bars of its costs and posterior, the samples so far."""
    pad = m.grid(m.source_name(inputs), image, 6, edit="drawn")
    high = float(np.ceil(costs.max() / 20 + 0.2) * 20)
    best = int(odds.argmax())
    nats = b.bars(
        b.word("class_nats"),
        [
            {"label": str(c), "v": float(v), "role": "grad" if c == best else "ink-2"}
            for c, v in enumerate(costs)
        ],
        0,
        high,
        digits=1,
    )
    shares = b.bars(
        b.word("class_odds"),
        [{"label": str(c), "v": float(v), "role": "made"} for c, v in enumerate(odds)],
        0,
        1,
        digits=3,
    )
    rows = now["x"].reshape(2, 5, m.SIDE, m.SIDE)
    drawn = np.concatenate([np.pad(pictures.strip(r), ((0, 1), (0, 0))) for r in rows])[:-1]
    samples = b.grey(b.word("class_samples"), drawn, size=430)
    left = b.row(pad, nats, shares, gap="mid")
    view = b.column(left, samples, gap="mid")
    return b.frame(view, b.word("row_n", n=str(now["row"] + 1)))


def facts(image: np.ndarray, costs: np.ndarray, best: int) -> list[Fact]:
    """Return what the digit costs untold, told its likeliest class, and how good Bayes is."""
    found = [b.fact(b.word("cost_told", c=str(best)), f"{costs[best]:.2f} nat")]
    if nets.have(m.NAME):
        untold = -float(m.model().log_prob(m.batch(image))[0])
        found.append(b.fact(b.word("cost_untold"), f"{untold:.2f} nat"))
    right = nets.card_value(m.TOLD, "accuracy by Bayes")
    if right is not None:
        found.append(b.fact(b.word("bayes_right"), f"{100 * right:.1f} %"))
    return found


def checks(image: np.ndarray, costs: np.ndarray, odds: np.ndarray, best: int) -> list:
    """Return the checks: the likeliest class's nats by other kernels, Bayes by SciPy."""
    import torch
    from scipy.special import softmax

    net, x = m.model(m.TOLD), m.batch(image).numpy()
    nats = check.log_prob_delta(net, x, [-costs[best]], torch.tensor([best]))
    gap = float(np.abs(softmax(-costs) - odds).max())
    return [b.delta_check(nats, m.SINGLE), b.check(gap, "scipy.special.softmax", 1e-12)]


def turn() -> Turn:
    """Return the exercise: a posterior of two classes from their log-likelihoods."""
    first, second = SAMPLED
    share = 1 / (1 + np.exp(second - first))
    asked = {"a": f"−{-first:.0f}", "b": f"−{-second:.0f}"}
    return {
        "ask": b.word("turn_bayes", **asked),
        "blanks": [b.blank("P(3 | x)", [float(share)], "made", "")],
    }
