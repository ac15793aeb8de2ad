"""Measure the accuracy that a classifier with few real labels gains from digits of cgan-mnist.

    python -m weights.recipes.augment --data FOLDER

For k = 1 … 100 real training images a class, and three draws of them and of the first weights, one
small classifier is trained in each of three ways, with the same number of steps:

    real         on the k images a class
    warped       on the k images a class under small random turns, stretches and moves
    generated    half of every batch real, half out of 1 000 generated images a class

and once without any real image ("alone"). What is written is its accuracy on the whole test set.

Read it with this in mind: cgan-mnist was trained with all 60 000 labels. What "generated" gains on
"real" is what the generator hands on of labels that the classifier is said not to have; it is no
proof that a GAN trained on k labels a class would help. "warped" needs no labels but those of
"real".
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from core.data.mnist import warp
from core.measure.augmentation import FILE, Accuracies, Curves, mean_and_spread
from core.measure.metrics import label_accuracy
from core.models.classifier.cnn import Classifier, Config, loss
from core.models.gan.networks import GAN
from core.training.loop import fit
from core.training.plan import Plan
from core.weights import shipped
from core.weights.card import FOLDER, cards
from weights.recipes.command import Data, keep_shipped, load, load_shipped, machine

CARD = "cgan-mnist"
PER_CLASS = (1, 3, 10, 30, 100)
SEEDS = (0, 1, 2)
WAYS = ("real", "warped", "generated")
MADE = 1_000  # generated images a class
STEPS, BATCH = 200, 64
CAVEAT = (
    "cgan-mnist was trained with all 60 000 labels: the gain is what it hands on of labels that the"
    " classifier does not have, not what a GAN trained on so few labels would give."
)


def main(arguments: list[str] | None = None) -> Curves:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m weights.recipes.augment")
    parser.add_argument("--data", required=True, help="folder of MNIST, downloaded if empty")
    parser.add_argument("--cards", type=Path, default=FOLDER, help="folder of cgan-mnist")
    parser.add_argument("--out", type=Path, default=FILE)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--smoke", action="store_true", help="seconds, for the test")
    chosen = parser.parse_args(arguments)
    keep_shipped(parser, chosen)
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    start, data = time.monotonic(), load(chosen.data)
    sizes, steps = ((1, 2), 3) if chosen.smoke else (PER_CLASS, STEPS)
    pool = generate(load_shipped(CARD, chosen.cards), 20 if chosen.smoke else MADE)
    found: Curves = {
        **measure(data, pool, sizes, steps),
        "per_class": list(sizes),
        "images": len(data.test_images),
        "card": CARD,
        "sha256": cards(chosen.cards)[CARD].sha256,
        "command": "python -m weights.recipes.augment --data FOLDER",
        "caveat": CAVEAT,
        "steps": steps,
        "batch": BATCH,
        "machine": machine(),
        "minutes": round((time.monotonic() - start) / 60, 2),
    }
    shipped.write(chosen.out, (json.dumps(found, indent=1) + "\n").encode())
    return found


def measure(
    data: Data, pool: tuple[Tensor, Tensor], sizes: Sequence[int], steps: int
) -> Accuracies:
    """Return every way's accuracies: curves[way][size][seed], and those without real images."""
    alone = [train_and_test(pool, None, False, steps, seed, data) for seed in SEEDS]
    curves: dict[str, list[list[float]]] = {way: [] for way in WAYS}
    for size in sizes:
        for way in WAYS:
            row = []
            for seed in SEEDS:
                few = draw_few(data, size, seed)
                more = pool if way == "generated" else None
                row.append(train_and_test(few, more, way == "warped", steps, seed, data))
            curves[way].append(row)
            mean, spread = mean_and_spread(row)
            print(f"{size:4d} a class  {way:10}  {mean:.4f} ± {spread:.4f}", flush=True)
    return {"curves": curves, "alone": alone, "seeds": list(SEEDS)}


def generate(model: torch.nn.Module, each: int) -> tuple[Tensor, Tensor]:
    """Return images uint8 (10 · each, 1, 28, 28) by a conditional GAN, and their labels."""
    assert isinstance(model, GAN)
    labels = torch.arange(10 * each) % 10
    made = model.sample(10 * each, labels=labels, generator=torch.Generator().manual_seed(2))
    return (made * 255).round().to(torch.uint8), labels


def draw_few(data: Data, each: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return `each` training images of every class and their labels, drawn by a seed."""
    order = torch.randperm(len(data.labels), generator=torch.Generator().manual_seed(seed))
    rows = torch.cat([order[data.labels[order] == c][:each] for c in range(10)])
    return data.images[rows], data.labels[rows]


def train_and_test(
    few: tuple[Tensor, Tensor],
    more: tuple[Tensor, Tensor] | None,
    warped: bool,
    steps: int,
    seed: int,
    data: Data,
) -> float:
    """Return the test accuracy of a classifier trained on `few`, and on `more` half of the time."""
    draw = torch.Generator().manual_seed(seed)
    half = steps * BATCH // 2
    parts = [few, more or few]
    rows = [torch.randint(len(part[1]), (half,), generator=draw) for part in parts]
    images = torch.cat([part[0][at] for part, at in zip(parts, rows)])
    labels = torch.cat([part[1][at] for part, at in zip(parts, rows)])
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # of the first weights: torch.nn takes no generator
        model = Classifier(Config(width=16, features=64))
    model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def lower(net, batch, generator: torch.Generator, step: int):
        del step
        x = batch[0] / 255
        return loss(net, warp(x, generator) if warped else x, batch[1])

    for _ in fit(model, lower, (images, labels), Plan(1, BATCH, 1e-2, warm=20, seed=seed)):
        pass
    with torch.no_grad():
        return label_accuracy(model, data.test_images / 255, data.test_labels)


if __name__ == "__main__":
    main()
