"""Train progan-mnist, which grows from 4x4 to 32x32, and progan-mnist-scratch, its twin that does
not; record the training of both.

Data: MNIST's 60 000, grey. Beside the weights a journal is written, <card>-training.safetensors:
the losses, and at moments of training 64 images of the same codes by the averaged generator at the
level and α that it has reached, the Fréchet distance of 3 000 such samples, and the minutes that
the processor has spent (of one thread with --threads 1; a run that was stopped and resumed counts
from its last moment on). The published classifier must be there.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from core.models.progan.growth import d_loss, g_loss, stage
from core.models.progan.networks import Config, ProGAN
from core.training.journal import Look
from core.training.loop import fit_pair
from core.training.plan import Duel
from weights.recipes.adversarial import WATCHED, observe
from weights.recipes.command import Data, Job, Metrics, load_shipped, run
from weights.recipes.figures import as_metrics
from weights.recipes.pictures import MADE, classes, likeness


def turns(model: nn.Module, started: bool):
    """Return the losses of a batch, D's and G's; trained weights have all levels behind them."""
    assert isinstance(model, ProGAN)
    before = model.shown = float("inf") if started else 0

    def discriminate(batch, generator: torch.Generator, step: int):
        images = batch[0] / 255
        model.shown = before + (step + 1) * len(images)  # what the journal's next look is after
        return d_loss(model, images, before + step * len(images), step, generator)

    def generate(batch, generator: torch.Generator, step: int):
        return g_loss(model, len(batch[0]), before + step * len(batch[0]), generator)

    return discriminate, generate


def looker(data: Data, folder: Path, quick: bool) -> Look:
    """Return a journal's observer, which also counts the minutes of processor spent on training."""
    observed = observe(watch, samples)(data, folder, quick)
    start, looking = time.process_time(), 0.0

    def look(model: nn.Module) -> dict[str, Tensor]:
        nonlocal looking
        begun = time.process_time()
        assert isinstance(model, ProGAN)
        minutes = (begun - start - looking) / 60
        level, alpha = stage(model.config, model.shown)
        found = {
            **observed(model),
            "minutes": torch.tensor(minutes),
            "level": torch.tensor(level, dtype=torch.uint8),
            "alpha": torch.tensor(alpha),
        }
        looking += time.process_time() - begun
        return found

    return look


def watch(model: ProGAN) -> Tensor:
    """Return the images that the journal keeps of a moment, (64, 1, 28, 28) in [0, 1]."""
    return samples_reached(model, WATCHED, 1)


def samples(model: ProGAN, count: int) -> tuple[Tensor, None]:
    """Return samples (count, 1, 28, 28); there are no labels."""
    return samples_reached(model, count, 0), None


def samples_reached(model: ProGAN, count: int, seed: int) -> Tensor:
    """Return samples (count, 1, 28, 28) of the level and α that the training has reached."""
    level, alpha = stage(model.config, model.shown)
    draw = torch.Generator().manual_seed(seed)
    return model.sample(count, generator=draw, level=level, alpha=alpha)


@torch.no_grad()
def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Measure the quality of samples at the last level."""
    assert isinstance(model, ProGAN)
    classifier = load_shipped("classifier-mnist", folder)
    model.shown = float("inf")
    made, _ = samples(model, 200 if quick else MADE)
    return as_metrics(likeness(made, data, classifier) | classes(made, data, classifier), command)


def job(config: Config, epochs: int) -> Job:
    """Return a card's job."""
    return Job(
        build=ProGAN,
        channels_last=True,
        config=config,
        plan=replace(PLAN, epochs=epochs),
        laptop={"epochs": 8},
        loss=turns,
        measure=measure,
        fit=fit_pair,
        look=looker,
        moments=24,
        even=True,
    )


PLAN = Duel(batch=64, rate=2e-3, judge_rate=2e-3, beta1=0.0, ema=0.998)
JOBS = {
    "progan-mnist": job(Config(), 18),
    "progan-mnist-scratch": job(Config(grown=False), 12),
}

if __name__ == "__main__":
    run("progan", JOBS)
