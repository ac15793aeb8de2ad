"""Train cnn-tiny-mnist, a convolutional net of 4266 weights, and mlp-mnist, a dense one of 25 450.

Data: MNIST's 60 000 as they are, neither warped nor moved: what a net can do with moved digits it
owes to its build. The journal of cnn-tiny-mnist keeps the weights at ten moments. A minute or two
of one core each; the laptop preset changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models.classifier.cnn import loss
from core.models.cnn.small import Config, SmallNet
from core.training.plan import Plan
from weights.recipes.command import Data, Job, Metrics, run
from weights.recipes.figures import Found, as_metrics, figure

MOVES = (1, 2, 3, 4, 6)  # pixels
FEW = 500  # test images of a quick run
MOMENTS = 10


def batch_loss(model: nn.Module, started: bool):
    """Return the loss of a batch: cross-entropy in nats."""
    del model, started

    def value(net, batch, generator: torch.Generator, step: int):
        del generator, step
        images, labels = batch
        return loss(net, images / 255, labels)

    return value


@torch.no_grad()
def logits_of(model: nn.Module, images: Tensor) -> Tensor:
    """Return the logits (N, 10) of uint8 images (N, 1, 28, 28)."""
    return torch.cat([model(part / 255) for part in images.split(1000)])


def look(data: Data, folder: Path, quick: bool):
    """Return what the journal keeps: the weights, and what they make of the test set."""
    del folder
    images, labels = data.test_images[: FEW if quick else None], data.test_labels
    labels = labels[: len(images)]

    def see(model: nn.Module) -> Mapping[str, Tensor]:
        logits = logits_of(model, images)
        cells = labels * 10 + logits.argmax(1)
        return {
            "loss": F.cross_entropy(logits, labels),
            "accuracy": (logits.argmax(1) == labels).float().mean(),
            "confusion": torch.bincount(cells, minlength=100).view(10, 10),  # label by answer
            **{f"weights.{name}": value.clone() for name, value in model.state_dict().items()},
        }

    return see


def shift_images(images: Tensor, down: int, right: int) -> Tensor:
    """Return images (N, 1, H, W) moved by whole pixels; 0 comes in, what leaves is lost."""
    out = torch.zeros_like(images)
    height, width = images.shape[2:]
    rows, columns = height - abs(down), width - abs(right)
    to = slice(max(down, 0), max(down, 0) + rows), slice(max(right, 0), max(right, 0) + columns)
    of = slice(max(-down, 0), max(-down, 0) + rows), slice(max(-right, 0), max(-right, 0) + columns)
    out[:, :, to[0], to[1]] = images[:, :, of[0], of[1]]
    return out


def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Return the accuracy on both sets, and on test digits moved up, down, left and right."""
    del folder
    end = FEW if quick else None
    test, labels = data.test_images[:end], data.test_labels[:end]

    def right(images: Tensor, wanted: Tensor) -> float:
        return (logits_of(model, images).argmax(1) == wanted).double().mean().item()

    share = "share of the {} images whose most probable class is their label"
    about = {"quantity": "accuracy"}
    n, of = len(test), len(data.images)
    found: Found = {
        "accuracy": figure(right(test, labels), share.format(f"{n} test"), samples=n),
        "training accuracy": figure(
            right(data.images, data.labels),
            share.format(f"{of} training"),
            **about,
            samples=of,
            of="training",
        ),
    }
    for k in MOVES:
        ways = [(k, 0), (-k, 0), (0, k), (0, -k)]
        mean = sum(right(shift_images(test, *way), labels) for way in ways) / len(ways)
        how = f"mean over the {n} test images moved {k} pixels up, down, left and right"
        found[f"accuracy, moved {k}"] = figure(mean, how, **about, samples=4 * n, of=f"moved {k}")
    return as_metrics(found, command, 6)


TINY = Job(
    build=SmallNet,
    config=Config(),
    plan=Plan(epochs=12, batch=64, rate=6e-3, ema=0.999),
    laptop={},
    loss=batch_loss,
    measure=measure,
    dtype="float32",
    look=look,
    moments=MOMENTS,
)

JOBS = {
    "cnn-tiny-mnist": TINY,
    "mlp-mnist": replace(
        TINY,
        config=Config(kind="mlp"),
        plan=Plan(epochs=12, batch=64, rate=2e-3, ema=0.999),
        look=None,
    ),
}

if __name__ == "__main__":
    run("cnn", JOBS)
