"""ae-mnist, the 2-D VAEs at several β, and the 20-D vae-mnist.

Data: MNIST's 60 000, binarised anew each time for the VAEs and grey for the autoencoder. Measured
on the static binarisation of the test set. The KL's weight rises to β over the first steps: without
that some dimensions never come into use. Two cores: the 2-D nets about 5 minutes each, vae-mnist
40; the laptop preset of vae-mnist, 60 epochs in 12 minutes, ends a few nats above.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from core.data import STATIC_SEED, binarise, static_binarised
from core.metrics import (
    bits_per_dim,
    density_coverage,
    features_of,
    frechet,
    label_accuracy,
    mean_over,
)
from core.models.vae import PIXELS, VAE, Config, elbo, importance_bound, log_likelihood, loss
from core.training import Plan
from weights.recipes.command import Data, Job, Metrics, run, shipped

RISE = 1000  # steps over which the KL's weight rises to β
MADE = 10_000  # images that the Fréchet distance is taken of
NEAR = 2_000  # of them for density and coverage, which look at all pairs
BOUND = 500  # test images of the K-sample bound, and its K
DRAWS = 128


def lower(model: nn.Module, started: bool):
    """Return the loss of a batch: −log p(x|z) + β KL, β rising unless the weights are trained."""
    assert isinstance(model, VAE)
    config = model.config

    def value(net, batch, generator: torch.Generator, step: int):
        images = batch[0]
        x = images / 255 if config.kind == "ae" else binarise(images, generator)
        eps = torch.randn(len(x), config.latent, generator=generator, device=x.device)
        rise = 1.0 if started else min(1.0, 0.1 + step / RISE)
        return loss(net, config, x, eps, config.beta * rise)

    return value


@torch.no_grad()
def settle(model: nn.Module, images: Tensor) -> None:
    """Give an autoencoder the Gaussian of its training codes to sample from."""
    assert isinstance(model, VAE)
    if model.config.kind == "ae":
        codes = torch.cat([model.encode(part / 255)[0].cpu() for part in images.split(1000)])
        model.center.copy_(codes.mean(0))
        model.scale.copy_(codes.std(0))


@torch.no_grad()
def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Return bounds on the static test set, the pixel error, and what samples look like."""
    assert isinstance(model, VAE)
    noise = torch.Generator().manual_seed(0)
    x = static_binarised(data.test_images)
    found: Metrics = {}

    def note(name: str, value: float, how: str, digits: int = 3) -> None:
        found[name] = {"value": round(value, digits), "how": how, "command": command}

    def draw(part: Tensor, *k: int) -> Tensor:
        return torch.randn(*k, len(part), model.config.latent, generator=noise)

    binary = f"on the {len(x)} static binarised test images (seed {STATIC_SEED})"
    if model.config.kind == "vae":
        total, error = mean_over(x, lambda part: elbo(model, part, draw(part))["elbo"])
        note("-ELBO", -total, f"nats an image {binary}, one draw each, standard error {error:.2f}")
        cost, _ = mean_over(x, lambda part: elbo(model, part, draw(part))["kl"].sum(1))
        note("KL", cost, f"nats an image {binary}")
        note("bits/dim", bits_per_dim(-total, PIXELS), f"−ELBO / (784 log 2) {binary}", 5)
        few, draws = (x[:20], 5) if quick else (x[:BOUND], DRAWS)
        tight, _ = mean_over(
            few, lambda part: importance_bound(model, part, draw(part, draws)), 100
        )
        own, _ = mean_over(few, lambda part: elbo(model, part, draw(part))["elbo"], 100)
        how = f"nats an image, {draws} draws, first {len(few)} of them (their −ELBO: {-own:.2f})"
        note(f"-log p, {draws} draws", -tight, how)
    grey = data.test_images / 255
    fits = lambda part: log_likelihood(model.decoder(model.encode(part)[0]), part)  # noqa: E731
    note(
        "cross-entropy", -mean_over(grey, fits)[0], "nats a grey test image, decoded from its mean"
    )
    gap = lambda part: ((model.decode(model.encode(part)[0]) - part) ** 2).mean((1, 2, 3))  # noqa: E731
    note("pixel error", mean_over(grey, gap)[0], "mean squared, grey test images, from the mean", 5)
    found |= pictures(model, data, 200 if quick else MADE, folder, command)
    return found


@torch.no_grad()
def pictures(model: VAE, data: Data, count: int, folder: Path, command: str) -> Metrics:
    """Return the Fréchet distance of samples, its floor, and what reconstructions keep."""
    classifier = shipped("classifier-mnist", folder)
    generator = torch.Generator().manual_seed(0)
    made = features_of(classifier, model.sample(count, generator=generator))
    real = features_of(classifier, data.test_images / 255)
    near = real[:NEAR], made[:NEAR]
    density, coverage = density_coverage(*near)
    crowd = f"of {len(near[1])} samples around {len(near[0])} test images' features, k = 5"
    kept = [model.decode(model.encode(part / 255)[0]) for part in data.test_images.split(1000)]
    values = {
        "Fréchet": (frechet(made, real), f"of {count} samples' features to the test set's"),
        "Fréchet floor": (
            frechet(features_of(classifier, data.images[:count] / 255), real),
            f"of the first {count} training images' features to the test set's",
        ),
        "density": (density, crowd),
        "coverage": (coverage, crowd),
        "label accuracy": (
            label_accuracy(classifier, torch.cat(kept), data.test_labels),
            "share of test images that the classifier still reads from their reconstruction",
        ),
    }
    return {k: {"value": round(v, 5), "how": h, "command": command} for k, (v, h) in values.items()}


def two(kind: str = "vae", beta: float = 1.0) -> Job:
    """Return the job of a net whose codes are a plane, its decoder small enough for a page."""
    return Job(
        build=VAE,
        config=Config(latent=2, hidden=(512, 256), kind=kind, beta=beta),
        plan=Plan(epochs=30, batch=256, rate=2e-3, ema=0.999),
        laptop={},
        loss=lower,
        measure=measure,
        finish=settle,
    )


JOBS = {
    "ae-mnist": two("ae"),
    "vae2d-mnist": two(),
    "vae2d-b0.2-mnist": two(beta=0.2),
    "vae2d-b4-mnist": two(beta=4.0),
    "vae-mnist": Job(
        build=VAE,
        config=Config(latent=20, hidden=(1024, 512)),
        plan=Plan(epochs=200, batch=256, rate=1.5e-3, ema=0.9995),
        laptop={"epochs": 30},
        loss=lower,
        measure=measure,
        finish=settle,
    ),
}

if __name__ == "__main__":
    run("vae", JOBS)
