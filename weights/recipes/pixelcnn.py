"""Train pixelcnn-mnist, an exact probability of binary digits, and cpixelcnn-mnist, told the class.

Data: MNIST's 60 000, binarised anew at every step. Measured on the static binarisation of the test
set and on another draw of it. --preset laptop takes a quarter of the time.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from core.data.mnist import binarise, static_binarisation
from core.measure.metrics import mean_over
from core.models.pixelcnn.gated import Config, PixelCNN, loss
from core.training.plan import Plan
from weights.recipes.command import Data, Job, Metrics, run
from weights.recipes.figures import as_metrics, figure


def build(config: Config) -> PixelCNN:
    """Return the untrained model, its maps innermost in memory: faster on a CPU."""
    return PixelCNN(config).to(memory_format=torch.channels_last)  # pyright: ignore


def batch_loss(model: nn.Module, started: bool):
    """Return the loss of a batch: −log p of images binarised anew, in nats."""
    del started
    assert isinstance(model, PixelCNN)
    told = model.config.n_classes > 0

    def value(net, batch, generator: torch.Generator, step: int):
        images, labels = batch
        return loss(net, binarise(images, generator), labels if told else None), {}

    return value


@torch.no_grad()
def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Measure the nats of the static test set."""
    assert isinstance(model, PixelCNN)
    x = static_binarisation(data.test_images)
    told = model.config.n_classes > 0
    labels = iter(data.test_labels.split(500))

    def nats(part):
        return -model.log_prob(part, next(labels) if told else None)

    total, error = mean_over(x, nats, 500)
    return as_metrics({"-log p": figure(total, f"nats; {error}")}, command)


PLAIN = Job(
    build=build,
    config=Config(dilations=(1, 2, 4, 1, 2, 4, 1)),
    plan=Plan(epochs=8, batch=32, rate=1e-3, muon=0.02, warm=100, ema=0.999, precision="bf16"),
    laptop={"epochs": 2},
    loss=batch_loss,
    measure=measure,
)

JOBS = {
    "pixelcnn-mnist": PLAIN,
    "cpixelcnn-mnist": replace(PLAIN, config=replace(PLAIN.config, n_classes=10)),
}

if __name__ == "__main__":
    run("pixelcnn", JOBS)
