"""Train dcgan-mnist, wgan-gp-mnist and cgan-mnist, and record each one's training.

Data: MNIST's 60 000, grey. Beside the weights a journal is written, <card>-training.safetensors:
the losses, and at moments of training 64 images of the same codes by the averaged generator and
the Fréchet distance of 3 000 samples. The published classifier must be there.

--precision bf16 is about twice as fast on a CPU with AMX and slower on one without.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from core.measure.ranks import auroc
from core.models.gan.networks import GAN, Config, d_loss, g_loss, settle, watched_codes
from core.training.loop import fit_pair
from core.training.plan import Duel
from weights.recipes.adversarial import observe
from weights.recipes.command import Data, Job, Metrics, load_shipped, run
from weights.recipes.figures import as_metrics, figure
from weights.recipes.pictures import MADE, classes, likeness, obedience


def turns(model: nn.Module, started: bool):
    """Return the losses of a batch, D's and G's."""
    assert isinstance(model, GAN)
    del started

    def discriminate(batch, generator: torch.Generator, step: int):
        images, labels = batch
        return d_loss(model, images / 255, labels, step, generator)

    def generate(batch, generator: torch.Generator, step: int):
        del step
        return g_loss(model, len(batch[0]), batch[1], generator)

    return discriminate, generate


def watch(model: GAN) -> Tensor:
    """Return the images that the journal keeps of a moment, (64, 1, 28, 28) in [0, 1]."""
    return model.decode(*watched_codes(model))


def samples(model: GAN, count: int) -> tuple[Tensor, Tensor | None]:
    """Return samples (count, 1, 28, 28) and, of a net with classes, the labels, all alike often."""
    labels = torch.arange(count) % 10 if model.config.classes else None
    return model.sample(count, labels=labels, generator=torch.Generator().manual_seed(0)), labels


def finish(model: nn.Module, images: Tensor) -> None:
    """Give the averaged generator's batch norms the statistics of its own codes."""
    assert isinstance(model, GAN)
    settle(model, torch.Generator().manual_seed(1), min(len(images), 5_000))


@torch.no_grad()
def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Measure the quality of samples, and how well D separates them from real digits."""
    assert isinstance(model, GAN)
    classifier = load_shipped("classifier-mnist", folder)
    made, labels = samples(model, 200 if quick else MADE)
    found = likeness(made, data, classifier) | classes(made, data, classifier)
    if labels is not None:
        found |= obedience(made, labels, classifier)
    held = data.test_labels if model.config.classes else None
    real, fake = model.score(data.test_images / 255, held), model.score(made, labels)
    won = auroc(real.cpu(), fake.cpu())
    how = f"share of pairs of {len(real)} test images and {len(made)} samples whose image"
    how = f"{how} has the higher score; 0.5: D cannot tell them apart"
    found |= {"D's ranking": figure(won, how, quantity="AUROC", samples=len(made))}
    return as_metrics(found, command)


def job(config: Config, plan: Duel) -> Job:
    """Return a card's job."""
    return Job(
        build=GAN,
        channels_last=True,
        config=config,
        plan=plan,
        laptop={"epochs": 5},
        loss=turns,
        measure=measure,
        finish=finish,
        fit=fit_pair,
        look=observe(watch, samples, finish),
    )


PLAN = Duel(epochs=8, batch=64, rate=1e-3, judge_rate=3e-4, ema=0.999)
CRITIC = replace(PLAN, judge_rate=1e-3, beta1=0.0)  # as Karras et al. 2018
WASSERSTEIN = Config(channels=32, loss="wgan-gp", norm="layer", lazy=2)
JOBS = {
    "dcgan-mnist": job(Config(channels=32), PLAN),
    "wgan-gp-mnist": job(WASSERSTEIN, CRITIC),
    "cgan-mnist": job(replace(WASSERSTEIN, classes=10), CRITIC),
}

if __name__ == "__main__":
    run("gan", JOBS)
