"""Train biggan-mnist, and record its training.

Data: MNIST's 60 000, grey, with labels. Beside the weights a journal is written,
biggan-mnist-training.safetensors: the losses, and at moments of training 64 images of the same
codes by the averaged generator and the Fréchet distance of 3 000 samples. The card states the
quality at several ψ of the truncated normal. The published classifier must be there.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from core.models.biggan.networks import CLASSES, BigGAN, Config, d_loss, g_loss, settle
from core.training.loop import fit_pair
from core.training.plan import Duel
from weights.recipes.adversarial import WATCHED, observe
from weights.recipes.command import Data, Job, Metrics, load_shipped, run
from weights.recipes.figures import Found, add_details, as_metrics
from weights.recipes.pictures import MADE, classes, likeness, obedience

PSI = (0.25, 0.5, 1.0, 1.5, 2.0)  # of the figures beside those of the whole distribution


def turns(model: nn.Module, started: bool):
    """Return the losses of a batch, D's and G's."""
    assert isinstance(model, BigGAN)
    del started

    def discriminate(batch, generator: torch.Generator, step: int):
        del step
        images, labels = batch
        return d_loss(model, images / 255, labels, generator)

    def generate(batch, generator: torch.Generator, step: int):
        del step
        return g_loss(model, batch[1], generator)

    return discriminate, generate


def watch(model: BigGAN) -> Tensor:
    """Return the images that the journal keeps of a moment, (64, 1, 28, 28) in [0, 1]."""
    return samples(model, WATCHED)[0]


def samples(model: BigGAN, count: int, psi: float | None = None) -> tuple[Tensor, Tensor]:
    """Return samples (count, 1, 28, 28) and their labels (count,), all alike often."""
    labels = torch.arange(count) % CLASSES
    draw = torch.Generator().manual_seed(0)
    return model.sample(count, labels=labels, generator=draw, truncation=psi), labels


def finish(model: nn.Module, images: Tensor) -> None:
    """Give the averaged generator's batch norms the statistics of its own codes."""
    assert isinstance(model, BigGAN)
    settle(model, torch.Generator().manual_seed(1), min(len(images), 5_000))


@torch.no_grad()
def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Measure the quality of samples of the whole distribution and at each ψ."""
    assert isinstance(model, BigGAN)
    classifier = load_shipped("classifier-mnist", folder)

    def quality(psi: float | None) -> Found:
        made, labels = samples(model, 200 if quick else MADE, psi)
        found = likeness(made, data, classifier) | classes(made, data, classifier)
        return found | obedience(made, labels, classifier)

    found = quality(None)
    for psi in PSI:
        some = add_details(quality(psi), f"ψ = {psi:g}", truncation=psi)
        kept = ("Fréchet", "density", "coverage", "label accuracy")
        found |= {f"{name}, ψ = {psi:g}": some[name] for name in kept}
    return as_metrics(found, command)


JOBS = {
    "biggan-mnist": Job(
        build=BigGAN,
        channels_last=True,
        config=Config(),
        plan=Duel(
            epochs=15, batch=64, rate=4e-4, judge_rate=4e-4, beta1=0.0, beta2=0.999, ema=0.999
        ),
        laptop={"epochs": 5},
        loss=turns,
        measure=measure,
        finish=finish,
        fit=fit_pair,
        look=observe(watch, samples, finish),
    )
}

if __name__ == "__main__":
    run("biggan", JOBS)
