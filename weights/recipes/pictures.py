"""Measure generated digits, the same way for every family."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from core.measure.metrics import density_coverage, features_of, frechet, label_accuracy
from weights.recipes.command import Data
from weights.recipes.figures import Found, figure

MADE = 10_000  # images that the Fréchet distance is taken of
NEAR = 2_000  # of them for density and coverage, which look at all pairs
SURE = 0.8  # the classifier was trained to give the right class 0.955, not 1


def likeness(made: Tensor, data: Data, classifier: nn.Module) -> Found:
    """Return how near samples (N, 1, 28, 28) in [0, 1] come to the test set, and real ones do."""
    count = len(made)
    made = features_of(classifier, made)
    real = features_of(classifier, data.test_images / 255)
    seen = features_of(classifier, data.images[:count] / 255)
    density, coverage = density_coverage(real[:NEAR], made[:NEAR])
    near = len(made[:NEAR])
    crowd = f"of {near} samples around {len(real[:NEAR])} test images, k = 5"
    way, floor = f"features of {count} samples", f"of {count} training images"
    return {
        "Fréchet": figure(frechet(made, real), f"{way} to the test set's", samples=count),
        "Fréchet floor": figure(frechet(seen, real), f"{floor} to the test set's", samples=count),
        "density": figure(density, crowd, samples=near),
        "coverage": figure(coverage, crowd, samples=near),
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
    n, how = len(made), f"of the classes that the classifier gives {len(made)} samples"
    least, most = share.min().item(), share.max().item()
    alike = f"ten alike: {math.log(10):.4f}"
    above = f"share of {n} samples with a class of probability > {SURE}"
    return {
        "class entropy": figure(entropy, f"nats, {how}; {alike}", samples=n),
        "rarest class": figure(least, f"share of the rarest {how}", samples=n),
        "commonest class": figure(most, f"share of the commonest {how}", samples=n),
        "sure": figure(sure, f"{above}; of the test images {real:.4f}", samples=n),
    }


def obedience(made: Tensor, labels: Tensor, classifier: nn.Module) -> Found:
    """Return the share of samples (N, 1, 28, 28) that look like the labels (N,) asked for."""
    share = label_accuracy(classifier, made, labels)
    how = f"share of {len(made)} samples, classes alike, that the classifier gives their label"
    return {"label accuracy": figure(share, how, samples=len(made))}
