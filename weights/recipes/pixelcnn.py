"""Train pixelcnn-mnist, an exact probability of binary digits, and cpixelcnn-mnist, told the class.

Data: MNIST's 60 000, binarised anew at every step. Nats are measured on the static binarisation of
the test set, the one of the VAEs' cards, and on another draw of it; samples are compared with
binarised digits. The one epoch takes 4 to 6 minutes of one core that has avx512_bf16 or AMX, and
twice as long with --precision fp32, which is faster on a core without; measuring 3 more. To go on
from the shipped weights: --resume --epochs 1 --rates 0.3. The laptop preset changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from core.data.mnist import STATIC_SEED, binarise, static_binarisation
from core.measure.comparison import nats_to_bits
from core.models.pixelcnn.gated import Config, PixelCNN, class_odds, loss
from core.training.plan import Plan
from weights.recipes.command import Data, Job, Metrics, load_shipped, run
from weights.recipes.figures import Found, add_details, as_metrics, figure
from weights.recipes.pictures import classes, likeness, obedience

OTHER_SEED = 1  # of another draw of the test set
EVERY = 20  # every 20th test image is one that the VAEs' tighter bound is taken of
SEEN = 2000  # training images
MADE = 2000  # samples
AT_ONCE = 250  # images


def batch_loss(model: nn.Module, started: bool):
    """Return the loss of a batch: −log p of images binarised anew, in nats."""
    del started
    assert isinstance(model, PixelCNN)
    told = model.config.n_classes > 0

    def value(net, batch, generator: torch.Generator, step: int):
        del step
        images, labels = batch
        return loss(net, binarise(images, generator), labels if told else None), {}

    return value


@torch.no_grad()
def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Measure nats of test and training images, and the quality of samples."""
    assert isinstance(model, PixelCNN)
    binary = replace(
        data,
        images=binarise(data.images, torch.Generator().manual_seed(0)) * 255,
        test_images=static_binarisation(data.test_images) * 255,
    )
    found = nats(model, data, binary)
    print({name: round(one.value, 3) for name, one in found.items()}, flush=True)
    made, labels = draw(model, 60 if quick else MADE)
    classifier = load_shipped("classifier-mnist", folder)
    alike = likeness(made, binary, classifier) | classes(made, binary, classifier)
    if labels is not None:
        alike |= obedience(made, labels, classifier)
        found |= by_bayes(model, binary, 50 if quick else 500)
    return as_metrics(found | add_details(alike, "digits binarised"), command)


def costs(model: PixelCNN, images: Tensor, labels: Tensor) -> Tensor:
    """Return −log p in nats, (N,) in float64, of images (N, 1, 28, 28) of 0 and 1."""
    told = model.config.n_classes > 0
    parts = zip(images.split(AT_ONCE), labels.split(AT_ONCE))
    return -torch.cat([model.log_prob(x, c if told else None) for x, c in parts]).double()


def nats(model: PixelCNN, data: Data, binary: Data) -> Found:
    """Return −log p, exact, of the static test set, of another draw, and of training images."""
    labels, n, m = data.test_labels, len(data.test_images), min(SEEN, len(data.images))
    static = costs(model, binary.test_images / 255, labels)
    drawn = costs(model, static_binarisation(data.test_images, OTHER_SEED), labels)
    trained = costs(model, binary.images[:m] / 255, data.labels[:m])
    unit = "nats an image, exact" + (", told the label" if model.config.n_classes else "")
    test = f"static binarised test images (seed {STATIC_SEED})"
    again = f"the {n} test images binarised by another draw (seed {OTHER_SEED})"
    found = {}
    for name, values, of, what in (
        ("-log p", static, None, f"the {n} {test}; trained on images binarised anew"),
        ("-log p, another draw", drawn, "another draw", again),
        ("-log p, every 20th", static[::EVERY], "every 20th", f"every {EVERY}th of the {n} {test}"),
        ("-log p of training", trained, "training", f"{m} training images, a draw each"),
    ):
        error = values.std().item() / len(values) ** 0.5
        about = {"quantity": "-log p", "samples": len(values), "error": round(error, 5)}
        about |= {"of": of} if of else {}
        how = f"{unit}, {what}; standard error {error:.2f}"
        found[name] = figure(values.mean().item(), how, **about)
    bits = nats_to_bits(static.mean().item(), data.images[0].numel())
    return found | {"bits/dim": figure(bits, f"-log p / (784 log 2), the {n} {test}", samples=n)}


def draw(model: PixelCNN, n: int) -> tuple[Tensor, Tensor | None]:
    """Return n samples (n, 1, 28, 28), and the labels, all alike often, that they were made for."""
    noise = torch.Generator().manual_seed(0)
    labels = torch.arange(n) % model.config.n_classes if model.config.n_classes else None
    made = []
    for first in range(0, n, AT_ONCE):
        given = None if labels is None else labels[first : first + AT_ONCE]
        made.append(model.sample(min(AT_ONCE, n - first), labels=given, generator=noise))
    return torch.cat(made), labels


def by_bayes(model: PixelCNN, binary: Data, count: int) -> Found:
    """Return how often the likeliest class by Bayes is the label."""
    every = max(len(binary.test_images) // count, 1)
    x, labels = binary.test_images[::every] / 255, binary.test_labels[::every]
    right = torch.cat([class_odds(model, part).argmax(1) for part in x.split(250)]) == labels
    k = len(x)
    how = f"share of {k} static binarised test images whose likeliest class by Bayes is the label"
    about = {"quantity": "accuracy", "samples": k, "of": "Bayes"}
    return {"accuracy by Bayes": figure(right.double().mean().item(), how, **about)}


PLAIN = Job(
    build=PixelCNN,
    channels_last=True,
    config=Config(dilations=(1, 2, 4, 1, 2, 4, 1)),
    plan=Plan(epochs=1, batch=32, rate=1e-3, muon=0.005, warm=100, ema=0.995, precision="bf16"),
    laptop={},
    loss=batch_loss,
    measure=measure,
)

JOBS = {
    "pixelcnn-mnist": PLAIN,
    "cpixelcnn-mnist": replace(PLAIN, config=replace(PLAIN.config, n_classes=10)),
}

if __name__ == "__main__":
    run("pixelcnn", JOBS)
