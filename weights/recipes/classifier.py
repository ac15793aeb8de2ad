"""Train classifier-mnist: the classifier whose features and labels measure the other models.

Data: MNIST's 60 000, warped anew each time. On two quiet cores about 10 minutes, 99.6 % of the test
set: the laptop preset changes nothing.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from core.data.mnist import warp
from core.models.classifier.cnn import Classifier, Config, loss
from core.training.plan import Plan
from weights.recipes.command import Data, Job, Metrics, run
from weights.recipes.figures import as_metrics, figure


def batch_loss(model: nn.Module, started: bool):
    """Return the loss of a batch: cross-entropy on warped digits."""
    del model, started

    def value(net, batch, generator: torch.Generator, step: int):
        del step
        images, labels = batch
        return loss(net, warp(images / 255, generator), labels, smoothing=0.05)

    return value


@torch.no_grad()
def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Return the accuracy on both sets."""
    del quick, folder

    def right(images: Tensor, labels: Tensor) -> float:
        found = [model(part / 255).argmax(1) for part in images.split(1000)]
        return (torch.cat(found) == labels).double().mean().item()

    how = "share of the {} images whose most probable class is their label"
    own, seen = right(data.test_images, data.test_labels), right(data.images, data.labels)
    n, of = len(data.test_images), len(data.images)
    found = {
        "accuracy": figure(own, how.format("10 000 test"), samples=n),
        "training accuracy": figure(
            seen, how.format("60 000 training"), quantity="accuracy", samples=of, of="training"
        ),
    }
    return as_metrics(found, command, 6)


JOBS = {
    "classifier-mnist": Job(
        build=Classifier,
        channels_last=True,
        config=Config(),
        plan=Plan(epochs=20, batch=128, rate=3e-3, decay=1e-2, ema=0.999),
        laptop={},
        loss=batch_loss,
        measure=measure,
    )
}

if __name__ == "__main__":
    run("classifier", JOBS)
