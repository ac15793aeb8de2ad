"""Train ebm-mnist: an energy of digits, against chains that are kept from step to step.

Data: MNIST's 60 000, grey levels with a little noise. For the first `ALONE` steps E only learns to
denoise, which is cheap. From then on `BATCH` chains are taken out of a buffer at a step, one in ten
begins anew from noise, all go `CHAIN` steps of Langevin dynamics, and the energy is pushed down at
data and up where they have come to, with denoising beside it; then they are put back. So a chain
has gone 300 steps on average when it ends, and chains from noise of a few hundred steps, as the
film shows, are what the net was trained on.

The buffer holds 8 bits a pixel and is part of the checkpoint: a run that is stopped and goes on
takes up its own chains. Going on from the shipped file (--resume without a checkpoint) begins with
a buffer of noise. Of several processes under Accelerate all go on with the first one's buffer.

The card is measured on 2 000 samples, a chain of 300 steps each, where other families take 10 000:
a Fréchet distance of fewer lies higher, and so does the floor that stands beside it.

The card's energies of crowds and the AUROC: the score is E, the usual ones are the 10 000 test
images. `python -m weights.recipes.energies` writes what the page draws as histograms.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from core.measure.anomaly import crowds
from core.measure.ranks import auroc
from core.models.ebm.energy import EBM, Config, advance, denoising_loss, loss
from core.training.plan import Plan
from weights.recipes.command import Data, Job, Metrics, load_shipped, run
from weights.recipes.figures import Found, as_metrics, figure
from weights.recipes.pictures import NEAR, classes, likeness

BATCH = 64
ALONE = 1600  # steps of denoising before the first chain goes
BUFFER = 2048  # chains kept
CHAIN = 30  # steps that a chain goes in a step of training
ANEW = 0.1  # share of chains that begin from noise
ALPHA = 0.1  # weight of the squared energies
BETA = 0.6  # weight of the denoising

PLAN = Plan(
    epochs=4, batch=BATCH, rate=6e-4, warm=100, clip=0.3, beta1=0.0, ema=0.995, precision="bf16"
)


def contrastive_loss(model: nn.Module, started: bool):
    """Return the loss of a batch: denoising, and then E at data less E at chains, and α's part."""
    assert isinstance(model, EBM)
    config = model.config
    first = torch.Generator().manual_seed(0)
    noise = torch.randint(0, 256, (BUFFER, 1, 28, 28), generator=first, dtype=torch.uint8)
    model.register_buffer("chains", noise)  # so that the checkpoint holds it; `settle` removes it

    def value(net, batch, generator: torch.Generator, step: int):
        images, chains = batch[0], model.chains
        assert isinstance(chains, Tensor)
        noise = denoising_loss(net, images / 255, generator)
        told = {"denoising": noise.detach()}
        if not started and step < ALONE:
            return noise, told
        blur = torch.randn(images.shape, generator=generator, device=images.device)
        real = (images / 255 + config.noise * blur).clamp(0, 1)  # as noisy as a chain's step
        made, rows = take_chains(chains, len(images), generator)
        for _ in range(CHAIN):  # the net itself: a wrapper would wait for a backward pass each time
            made = advance(model, made, generator)[0]
        chains[rows] = (255 * made).round().to(torch.uint8)
        contrast, parts = loss(net, real, made, ALPHA)
        return contrast + BETA * noise, parts | told

    return value


def take_chains(chains: Tensor, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return n chains of the buffer (n, 1, 28, 28) in [0, 1], some begun anew, and their rows."""
    device = chains.device
    rows = torch.randperm(len(chains), generator=generator, device=device)[:n]
    noise = torch.rand(n, *chains.shape[1:], generator=generator, device=device)
    anew = torch.rand(n, 1, 1, 1, generator=generator, device=device) < ANEW
    return torch.where(anew, noise, chains[rows] / 255), rows


def settle(model: nn.Module, images: Tensor) -> None:
    """Drop the buffer: the file holds the net alone."""
    del model.chains


@torch.no_grad()
def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Measure the quality of samples, and how well energies separate digits from other images."""
    assert isinstance(model, EBM)
    made = draw_samples(model, *((200, 20) if quick else (NEAR, None)))
    classifier = load_shipped("classifier-mnist", folder)
    found = likeness(made, data, classifier) | classes(made, data, classifier)
    return as_metrics(found | strangers(model, made, data.test_images / 255), command)


def draw_samples(model: EBM, count: int, steps: int | None = None) -> Tensor:
    """Return where `count` chains from noise end, (count, 1, 28, 28), all from one seed.

    In bfloat16, as in training: half the time, and its rounding is far below a step's noise.
    """
    generator = torch.Generator().manual_seed(0)
    parts = [min(500, count - at) for at in range(0, count, 500)]  # a part stays in the cache
    with torch.autocast(model.device.type, torch.bfloat16):
        return torch.cat([model.sample(n, generator=generator, steps=steps) for n in parts])


def strangers(model: EBM, made: Tensor, digits: Tensor) -> Found:
    """Return mean energies and, for each crowd, the AUROC of telling it from test digits."""
    usual, noise = model.energy(digits), torch.Generator().manual_seed(0)
    others = {"samples": made, **crowds(digits, len(made), noise)}
    energies = {name: model.energy(images) for name, images in others.items()}
    found: Found = {}
    for name, energy in {"test digits": usual, **energies}.items():
        about = {"samples": len(energy), "of": name}
        how = f"mean over {len(energy)}; deviation {energy.std().item():.4f}"
        found[f"E of {name}"] = figure(energy.mean().item(), how, quantity="E", **about)
        if name in others:
            how = f"share of pairs in which one of {len(energy)} has more energy than a test digit"
            value = auroc(energy, usual)
            found[f"AUROC {name}"] = figure(value, how, quantity="AUROC", **about)
    return found


JOBS = {
    "ebm-mnist": Job(
        build=EBM,
        config=Config(),
        plan=PLAN,
        laptop={"epochs": 3},
        loss=contrastive_loss,
        measure=measure,
        finish=settle,
    ),
}

if __name__ == "__main__":
    run("ebm", JOBS)
