"""Train pix2pix-hangul, strokes into type in two faces, and seven smaller nets that lack something.

    pix2pix-hangul               λ = 100, 2000 syllables and 62 letters and digits, two faces
    …-half                       half the width, one face, 2000 syllables: what the rest differ from
    …-l1, …-adversarial          λ = ∞ and λ = 0
    …-blind                      λ = 0, and D is not shown the source
    …-114, …-256, …-1000         …-l1 on so many syllables, for as many steps

Data: core.data.hangul, whose pictures weights.recipes.hangul makes; each pair is moved and bent a
little, anew at every step, and the source alone sways as by a hand. `reader-hangul` must be there
(weights.recipes.reader): it reads what is made. To go on from the shipped weights: --resume
--epochs 10 --rates 0.5. --precision bf16 helps only a core that has avx512_bf16 or AMX.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from core.data.hangul import (
    FACES,
    LETTERS,
    LEVELS,
    draw_pairs,
    glyphs,
    hand,
    held_out_syllables,
    training,
)
from core.data.mnist import warp
from core.measure.ranks import auroc
from core.measure.ssim import ssim
from core.models.pix2pix.translator import Config, Pix2Pix, d_loss, g_loss
from core.training.loop import fit, fit_pair
from core.training.plan import Duel, Plan
from weights.recipes.command import Data, Dataset, Job, Metrics, load_shipped, run
from weights.recipes.figures import Found, as_metrics, figure
from weights.recipes.hangul import LICENCE, SOURCE

NAME = "pix2pix-hangul"
MOVES = {"turn": 0.04, "stretch": 0.08, "move": 1.2}  # of both pictures of a pair
QUICK = 20  # held-out syllables of a quick run
DATASET: Dataset = {"name": "Hangul of KS X 1001", "licence": LICENCE, "source": SOURCE}


def load(syllables: int, faces: int, letters: bool):
    """Return what reads the pairs: images (N, 2, 64, 64) of levels, and each one's face (N,)."""

    def read(root: str) -> Data:
        del root
        which = training(syllables) + (LETTERS if letters else "")

        def all_of(which: str) -> tuple[Tensor, Tensor]:
            each = [torch.cat(glyphs().pairs(which, face), 1) for face in FACES[:faces]]
            return (torch.cat(each) * LEVELS).round().to(torch.uint8), torch.arange(
                faces
            ).repeat_interleave(len(which))

        return Data(*all_of(which), *all_of(held_out_syllables()))

    return read


def prepare(batch, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Return sources and targets in [−1, 1], moved alike, the sources swaying, and faces."""
    pairs, faces = batch
    pairs = warp(pairs / LEVELS, generator, **MOVES)  # (B, 2, 64, 64)
    x = hand(pairs[:, :1], generator)
    grey = torch.rand(len(x), 1, 1, 1, generator=generator) < 0.75
    x = torch.where(grey, x, (x > 0.4).float())  # every fourth as a pen on cells would draw it
    return 2 * x - 1, 2 * pairs[:, 1:] - 1, faces


def turns(model: nn.Module, started: bool):
    """Return the losses of a batch, D's and G's: both of the same images."""
    assert isinstance(model, Pix2Pix)
    del started
    shared: list[tuple[Tensor, ...]] = []

    def discriminate(batch, generator: torch.Generator, step: int):
        del step
        x, y, faces = prepare(batch, generator)
        made = model.generator(model.ask(x, faces))
        shared[:] = [(x, y, made, faces)]
        return d_loss(model, x, y, made, faces), {}

    def generate(batch, generator: torch.Generator, step: int):
        del batch, generator, step
        model.discriminator.requires_grad_(False)  # its gradients would be thrown away
        found = g_loss(model, *shared.pop())
        model.discriminator.requires_grad_(True)
        return found

    return discriminate, generate


def l1_alone(model: nn.Module, started: bool):
    """Return the loss of a batch under λ = ∞."""
    del started
    assert isinstance(model, Pix2Pix)

    def value(net, batch, generator: torch.Generator, step: int):
        del net, step
        x, y, faces = prepare(batch, generator)
        return g_loss(model, x, y, model.generator(model.ask(x, faces)), faces)

    return value


@torch.no_grad()
def measure(model: nn.Module, data: Data, quick: bool, folder: Path, command: str) -> Metrics:
    """Measure the translations of the held-out syllables, and what D makes of pairs."""
    del data
    assert isinstance(model, Pix2Pix)
    reader = load_shipped("reader-hangul", folder)
    found: Found = {}
    which = held_out_syllables()[:: 350 // QUICK] if quick else held_out_syllables()
    for f, face in enumerate(FACES[: model.config.faces]):
        x, y = draw_pairs(which, face)
        made = model.translate(x, torch.full((len(x),), f))
        found |= likeness(which, x, y, made, reader, face if f else "")
    x, y = draw_pairs(which)
    if model.config.adversarial:
        found |= ranking(model, x, y)
    return as_metrics(found, command)


def likeness(which: str, x: Tensor, y: Tensor, made: Tensor, reader: nn.Module, face: str) -> Found:
    """Return how near translations (n, 1, 64, 64) come to the true type, and how many are read."""
    from core.models.reader.net import Reader

    assert isinstance(reader, Reader)
    n, of = len(which), f", {face}" if face else ""
    about = {"samples": n} | ({"of": face} if face else {})
    error, start = (y - made).abs().mean((1, 2, 3)), (y - x).abs().mean()
    grey = ((made > 0.1) & (made < 0.9)).float().mean()
    unit = f"of grey levels from 0 to 1, {n} held-out syllables"
    right = sum(a == b for a, b in zip(reader.read(made), which)) / n
    true = sum(a == b for a, b in zip(reader.read(y), which)) / n
    values = {
        "L1": (error.mean(), f"mean {unit}", "L1"),
        "L1 of the source": (start, f"mean between source and target, {unit}", "L1 of the source"),
        "L1 ratio": (
            error.mean() / start,
            f"the two means' ratio, {n} held-out syllables",
            "ratio",
        ),
        "SSIM": (ssim(made, y).mean(), f"Gaussian window, {n} held-out syllables", "SSIM"),
        "grey pixels": (grey, f"share of pixels from 0.1 to 0.9, {n} held-out syllables", "grey"),
    }
    found = {
        f"{name}{of}": figure(float(value), how, **{**about, "quantity": what})
        for name, (value, how, what) in values.items()
    }
    how = f"share of {n} held-out syllables whose type reader-hangul reads right"
    how = f"{how}; of true type {true:.4f}"
    return found | {f"read{of}": figure(right, how, **{**about, "quantity": "read"})}


def ranking(model: Pix2Pix, x: Tensor, y: Tensor) -> Found:
    """Return how well D tells true pairs from made ones, and from true type of other strokes."""
    n = len(x)
    true = model.verdicts(x, y).mean((1, 2))
    made = model.verdicts(x, model.translate(x)).mean((1, 2))
    other = model.verdicts(x, y.roll(1, 0)).mean((1, 2))
    how = (
        f"share of pairs of {n} true pairs and {n} {{}} whose true pair D ranks higher; 0.5: blind"
    )
    about = {"quantity": "AUROC", "samples": n}
    return {
        "D's ranking": figure(auroc(true, made), how.format("translations"), **about, of="made"),
        "D's ranking of mismatches": figure(
            auroc(true, other), how.format("types beside another source"), **about, of="mismatched"
        ),
    }


def job(config: Config, epochs: int, syllables: int = 2000, letters: bool = False) -> Job:
    """Return a card's job."""
    alone = config.adversarial == 0
    plan = {"epochs": epochs, "batch": 16, "rate": 1e-3, "warm": 100, "ema": 0.995}
    return Job(
        build=Pix2Pix,
        channels_last=True,
        config=config,
        plan=Plan(**plan) if alone else Duel(**plan, judge_rate=4e-4, beta2=0.99),
        laptop={"epochs": max(epochs // 2, 1)},
        loss=l1_alone if alone else turns,
        measure=measure,
        fit=fit if alone else fit_pair,
        load=load(syllables, config.faces, letters),
        dataset=DATASET,
        smoke={"epochs": 1, "batch": 16, "warm": 2},
    )


HALF = Config(channels=8, patch_channels=8)
L1 = replace(HALF, adversarial=0.0, l1=1.0)
JOBS = {
    NAME: job(Config(channels=16, faces=len(FACES)), 11, letters=True),
    f"{NAME}-half": job(HALF, 6),
    f"{NAME}-l1": job(L1, 6),
    f"{NAME}-adversarial": job(replace(HALF, l1=0.0), 6),
    f"{NAME}-blind": job(replace(HALF, l1=0.0, sees=False), 6),
    **{f"{NAME}-{n}": job(L1, 12000 // n, n) for n in (114, 256, 1000)},
}

if __name__ == "__main__":
    run("pix2pix", JOBS)
