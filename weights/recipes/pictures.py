"""How generated digits are measured, the same for every family: a value and how it was taken."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from core.measure.metrics import density_coverage, features_of, frechet, label_accuracy
from weights.recipes.command import Data, Metrics

MADE = 10_000  # images that the Fréchet distance is taken of
NEAR = 2_000  # of them for density and coverage, which look at all pairs
SURE = 0.8  # the classifier was trained to give the right class 0.955, not 1

Found = dict[str, tuple[float, str]]


def likeness(made: Tensor, data: Data, classifier: nn.Module) -> Found:
    """Return how near samples (N, 1, 28, 28) in [0, 1] come to the test set, and real ones do."""
    count = len(made)
    made = features_of(classifier, made)
    real = features_of(classifier, data.test_images / 255)
    seen = features_of(classifier, data.images[:count] / 255)
    density, coverage = density_coverage(real[:NEAR], made[:NEAR])
    crowd = f"of {len(made[:NEAR])} samples around {len(real[:NEAR])} test images, k = 5"
    return {
        "Fréchet": (frechet(made, real), f"features of {count} samples to the test set's"),
        "Fréchet floor": (frechet(seen, real), f"of {count} training images to the test set's"),
        "density": (density, crowd),
        "coverage": (coverage, crowd),
    }


@torch.no_grad()
def classes(made: Tensor, data: Data, classifier: nn.Module) -> Found:
    """Return which classes the classifier sees in samples (N, 1, 28, 28), and how surely."""

    def odds(images: Tensor) -> Tensor:
        return torch.cat([classifier(part).softmax(1) for part in images.split(1000)])  # (N, 10)

    seen = odds(made)
    share = torch.bincount(seen.argmax(1), minlength=10).double() / len(made)
    entropy = -(share * share.clamp_min(1e-300).log()).sum().item()
    sure, real = (
        (each.amax(1) > SURE).double().mean().item()
        for each in (seen, odds(data.test_images / 255))
    )
    how = f"of the classes that the classifier gives {len(made)} samples"
    return {
        "class entropy": (entropy, f"nats, {how}; ten alike: {math.log(10):.4f}"),
        "rarest class": (share.min().item(), f"share of the rarest {how}"),
        "commonest class": (share.max().item(), f"share of the commonest {how}"),
        "sure": (
            sure,
            f"share of {len(made)} samples with a class of probability > {SURE};"
            f" of the test images {real:.4f}",
        ),
    }


def obedience(made: Tensor, labels: Tensor, classifier: nn.Module) -> Found:
    """Return the share of samples (N, 1, 28, 28) that look like the labels (N,) asked for."""
    share = label_accuracy(classifier, made, labels)
    how = f"share of {len(made)} samples, classes alike, that the classifier gives their label"
    return {"label accuracy": (share, how)}


def said(found: Found, command: str) -> Metrics:
    """Return a card's metrics."""
    return {
        name: {"value": round(value, 5), "how": how, "command": command}
        for name, (value, how) in found.items()
    }
