"""Train ae-mnist, the 2-D VAEs at several β, and the 20-D vae-mnist.

Data: MNIST's 60 000, binarised anew each time for the VAEs and grey for the autoencoder. Measured
on the static binarisation of the test set. The KL's weight rises to β over the first steps: without
that some dimensions never come into use.

--preset laptop, on two quiet cores: vae-mnist, 60 epochs in about 10 minutes, −ELBO 90.0 nats;
vae2d-mnist, 30 epochs in 3, 140.9 nats. --precision bf16 is faster on a CPU with AMX and slower on
one without.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from core.data.mnist import STATIC_SEED, binarise, static_binarisation
from core.measure.comparison import nats_to_bits
from core.measure.metrics import label_accuracy, mean_over
from core.models.vae.autoencoder import (
    PIXELS,
    VAE,
    Config,
    elbo,
    importance_bound,
    log_likelihood,
    loss,
)
from core.training.plan import Plan
from weights.recipes.command import Data, Job, Metrics, load_shipped, run
from weights.recipes.figures import Found, as_metrics, figure
from weights.recipes.pictures import MADE, classes, likeness

RISE = 1000  # steps over which the KL's weight rises to β
EVERY = 20  # every 20th test image has its K-sample bound taken
DRAWS = 128  # K


def batch_loss(model: nn.Module, started: bool):
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
    """Measure bounds on the static test set, errors, and the quality of samples."""
    assert isinstance(model, VAE)
    found = bounds(model, data.test_images, quick) if model.config.kind == "vae" else {}
    found |= errors(model, data.test_images / 255)
    classifier = load_shipped("classifier-mnist", folder)
    made = model.sample(200 if quick else MADE, generator=torch.Generator().manual_seed(0))
    found |= likeness(made, data, classifier) | classes(made, data, classifier)
    found |= label_keeping(model, data, classifier)
    return as_metrics(found, command)


def bounds(model: VAE, images: Tensor, quick: bool) -> Found:
    """Return the ELBO on the static binarisation and, for some images, the K-sample bound."""
    noise = torch.Generator().manual_seed(0)
    x = static_binarisation(images)

    def draw(part: Tensor, *k: int) -> Tensor:
        return torch.randn(*k, len(part), model.config.latent, generator=noise)

    def low(part: Tensor) -> Tensor:
        return elbo(model, part, draw(part))["elbo"]  # (B,)

    def cost(part: Tensor) -> Tensor:
        return elbo(model, part, draw(part))["kl"].sum(1)  # (B,)

    total, error = mean_over(x, low)
    some, draws = (x[::10], 5) if quick else (x[::EVERY], DRAWS)
    tight, _ = mean_over(some, lambda part: importance_bound(model, part, draw(part, draws)), 100)
    own, _ = mean_over(some, low)
    binary = f"the {len(x)} static binarised test images (seed {STATIC_SEED})"
    n, k, bits = len(x), len(some), nats_to_bits(-total, PIXELS)
    each = f"nats an image, {binary}, a draw each; standard error {error:.2f}"
    bound = f"nats an image, K-sample bound on {k} of {binary}; the -ELBO of these {k} is"
    more = {"quantity": "-log p", "samples": k, "draws": draws}
    return {
        "-ELBO": figure(-total, each, samples=n, error=round(error, 5)),
        "KL": figure(mean_over(x, cost)[0], f"nats an image, {binary}", samples=n),
        "bits/dim": figure(bits, f"-ELBO / (784 log 2), {binary}", samples=n),
        f"-log p, {draws} draws": figure(-tight, f"{bound} {-own:.2f}", **more),
    }


def errors(model: VAE, grey: Tensor) -> Found:
    """Return the error of grey images (N, 1, 28, 28) against those decoded from their mean."""

    def fits(part: Tensor) -> Tensor:
        return log_likelihood(model.decoder(model.encode(part)[0]), part)  # (B,)

    def gap(part: Tensor) -> Tensor:
        return ((model.decode(model.encode(part)[0]) - part) ** 2).mean((1, 2, 3))  # (B,)

    n, how = len(grey), "grey test images against what is decoded from their mean"
    return {
        "cross-entropy": figure(-mean_over(grey, fits)[0], f"nats an image, {how}", samples=n),
        "pixel error": figure(mean_over(grey, gap)[0], f"mean square, {how}", samples=n),
    }


def label_keeping(model: VAE, data: Data, classifier: nn.Module) -> Found:
    """Return the share of test images whose reconstruction the classifier gives their label."""
    made = [model.decode(model.encode(part / 255)[0]) for part in data.test_images.split(1000)]
    share = label_accuracy(classifier, torch.cat(made), data.test_labels)
    how = "share of reconstructed test images that keep their label"
    about = {"samples": len(data.test_images), "of": "reconstructions"}
    return {"label accuracy": figure(share, how, **about)}


def plane_job(kind: str = "vae", beta: float = 1.0) -> Job:
    """Return the job of a net whose codes are a plane, its decoder small enough for a page."""
    return Job(
        build=VAE,
        config=Config(latent=2, hidden=(512, 256), kind=kind, beta=beta),
        plan=Plan(epochs=60, batch=256, rate=2e-3, ema=0.999),
        laptop={"epochs": 30},
        loss=batch_loss,
        measure=measure,
        finish=settle,
    )


JOBS = {
    "ae-mnist": plane_job("ae"),
    "vae2d-mnist": plane_job(),
    "vae2d-b0.2-mnist": plane_job(beta=0.2),
    "vae2d-b4-mnist": plane_job(beta=4.0),
    "vae-mnist": replace(
        plane_job(),
        config=Config(latent=20, hidden=(1024, 512)),
        plan=Plan(epochs=200, batch=256, rate=1.5e-3, ema=0.9995),
        laptop={"epochs": 60},
    ),
}

if __name__ == "__main__":
    run("vae", JOBS)
