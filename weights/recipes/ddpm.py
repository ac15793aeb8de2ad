"""Train ddpm-mnist: a conditional diffusion of digits, its weights averaged over training.

Data: MNIST's 60 000, grey. The published classifier must be there: it judges the samples. Samples
are of all classes alike, by DDIM (η = 0); under bfloat16 autocast, which is no better than float32
and takes half as long on a CPU that has it. weights.recipes.steps compares numbers of steps.

--precision bf16 is 1.5 times as fast on a CPU that has it (avx512_bf16, AMX).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from core.models.ddpm.diffusion import DDPM, Config
from core.models.ddpm.forward import to_process
from core.models.ddpm.loss import loss, loss_by_t
from core.training.plan import Plan
from weights.recipes.command import Data, Job, Metrics, load_shipped, run
from weights.recipes.figures import Found, add_details, as_metrics, figure
from weights.recipes.pictures import classes, likeness, obedience

GUIDED = 2.0  # w that the figures are taken at, where nothing else is said
COUNTS = {50: 2_000, 20: 2_000, 250: 200}  # samples by steps
KEPT = ("Fréchet", "Fréchet floor", "coverage", "label accuracy")


def batch_loss(model: nn.Module, started: bool):
    """Return the loss of a batch, and its parts at little noise, in the middle, at much."""
    del started
    assert isinstance(model, DDPM)
    plan = model.schedule

    def value(net, batch, generator: torch.Generator, step: int):
        del step
        images, labels = batch
        total, t, each = loss(net, to_process(images / 255), labels, plan, generator)
        third = len(t) // 3 or 1
        names = ("little", "middle", "much")
        each = each.detach()
        return total, {k: part.mean() for k, part in zip(names, each.split(third))}

    return value


@torch.no_grad()
def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Measure the quality of samples at 20, 50 and 250 steps, and the errors of ε̂."""
    assert isinstance(model, DDPM)
    model.to(memory_format=torch.channels_last)  # pyright: ignore
    classifier = load_shipped("classifier-mnist", folder)
    found: Found = {}
    for steps, count in COUNTS.items():
        made, labels = draw(model, 20 if quick else count, 2 if quick else steps)
        some = likeness(made, data, classifier) | obedience(made, labels, classifier)
        some |= classes(made, data, classifier)
        how = f"DDIM, {steps} steps, guidance {GUIDED:g}"
        some = add_details(some, how, sampler="DDIM", eta=0.0, steps=steps, guidance=GUIDED)
        found |= some if steps == 50 else {}  # what stands without steps is of 50
        for name in KEPT:
            about = {"quantity": name, **some[name].about}
            found[f"{name}, {steps} steps"] = replace(some[name], about=about)
        print(how, {name: round(some[name].value, 4) for name in KEPT}, flush=True)
    return as_metrics(found | errors(model, data), command)


def draw(
    model: DDPM, n: int, steps: int, eta: float = 0.0, guidance: float = GUIDED
) -> tuple[Tensor, Tensor]:
    """Return n samples (n, 1, 28, 28), and the labels, all alike often, that they were made for."""
    labels, noise = torch.arange(n) % 10, torch.Generator().manual_seed(0)
    options = {"steps": steps, "eta": eta, "guidance": guidance, "generator": noise}
    with torch.autocast("cpu", torch.bfloat16):
        made = [model.sample(len(part), labels=part, **options) for part in labels.split(500)]
    return torch.cat(made), labels


def errors(model: DDPM, data: Data) -> Found:
    """Return the mean squared error of ε̂ on test images at some t."""
    images, labels = data.test_images[:500] / 255, data.test_labels[:500]
    times = [max(1, round(u * model.schedule.steps)) for u in (0.02, 0.1, 0.25, 0.5, 0.75, 0.95)]
    found = loss_by_t(model, images, labels, times, torch.Generator().manual_seed(0))
    how = "mean (ε - ε̂)² of 500 test images, with their labels"
    about = {"quantity": "loss", "samples": len(images)}
    return {
        f"loss, t = {t}": figure(error, how, **about, t=int(t))
        for t, error in zip(found["t"], found["eps"])
    }


JOBS = {
    "ddpm-mnist": Job(
        build=DDPM,
        channels_last=True,
        config=Config(),
        plan=Plan(epochs=10, batch=64, rate=2e-3, muon=0.02, warm=50, ema=0.999),
        laptop={"epochs": 3},
        loss=batch_loss,
        measure=measure,
    )
}

if __name__ == "__main__":
    run("ddpm", JOBS)
