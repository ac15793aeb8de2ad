"""Train reader-hangul, which reads syllables: it measures how legible another model's type is.

Data: the true renderings of all 2350 syllables in both faces (core.data.hangul), moved, turned and
bent as by a hand, anew at every step; no picture that a model made. It knows the syllables that are
held out from the models it measures: it is the reader, not the one examined. Two minutes of one
core; the laptop preset changes nothing.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from core.data.hangul import FACES, LEVELS, glyphs, hand, jamo, syllables
from core.data.mnist import warp
from core.models.reader.net import Config, Reader, loss
from core.training.plan import Plan
from weights.recipes.command import Data, Dataset, Job, Metrics, run
from weights.recipes.figures import as_metrics, figure
from weights.recipes.hangul import LICENCE, SOURCE

DATASET: Dataset = {"name": "Hangul of KS X 1001", "licence": LICENCE, "source": SOURCE}
MOVES = {"turn": 0.06, "stretch": 0.1, "move": 1.5}
SWAY = 1.0  # of the renderings, in pixels: more than of the sources that models are given


def load(root: str) -> Data:
    """Return all renderings, uint8 levels (2 · 2350, 1, 64, 64), and the three parts of each."""
    del root
    which = syllables()
    images = torch.cat([glyphs().pairs(which, face)[1] for face in FACES])
    parts = torch.tensor([jamo(one) for one in which]).repeat(len(FACES), 1)  # (4700, 3)
    images = (images * LEVELS).round().to(torch.uint8)
    return Data(images, parts, images, parts)


def bend(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return renderings (B, 1, 64, 64) in [0, 1] moved, turned and bent, each its own way."""
    return hand(warp(images, generator, **MOVES), generator, SWAY)


def batch_loss(model: nn.Module, started: bool):
    """Return the loss of a batch: cross-entropies on moved renderings."""
    del model, started

    def value(net, batch, generator: torch.Generator, step: int):
        del step
        images, parts = batch
        return loss(net, bend(images / LEVELS, generator), parts)

    return value


@torch.no_grad()
def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Return the share read right, as rendered and under moves that training did not draw."""
    del folder
    assert isinstance(model, Reader)
    images, parts = (part[:: 50 if quick else 1] for part in (data.images / LEVELS, data.labels))

    def right(images: Tensor) -> float:
        each = zip(images.split(500), parts.split(500))
        found = [loss(model, *some)[1]["read"] * len(some[0]) for some in each]
        return float(sum(found)) / len(images)

    moved = bend(images, torch.Generator().manual_seed(1))
    n = len(images)
    how = f"share of {n} true renderings of syllables, {{}}, whose three parts are read right"
    found = {
        "read": figure(right(images), how.format("as they are"), samples=n),
        "read, moved": figure(
            right(moved), how.format("moved and bent anew"), quantity="read", samples=n, of="moved"
        ),
    }
    return as_metrics(found, command)


JOBS = {
    "reader-hangul": Job(
        build=Reader,
        config=Config(),
        plan=Plan(epochs=12, batch=64, rate=3e-3, warm=50, ema=0.99),
        laptop={},
        loss=batch_loss,
        measure=measure,
        load=load,
        dataset=DATASET,
        smoke={"epochs": 1, "batch": 64, "warm": 2},
    )
}

if __name__ == "__main__":
    run("reader", JOBS)
