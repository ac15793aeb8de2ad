"""Measure all families for the comparison: one sampler a family, one count of samples, intervals.

    python -m weights.recipes.families --data FOLDER [--card NAME …] [--drawn FOLDER]

Draws the first 2,000 images of seed 0 of every family by the sampler that
`core.measure.comparison.FAMILIES` states, goes on from what <drawn> holds, and writes

    weights/compare-figures.json           each family's figures with bootstrap intervals, the same
                                           of 2,000 training images (the floor), the times of single
                                           images in processor seconds, the parameters that sample
    weights/compare-moments.safetensors    mean and covariance of the features, float32: a page
                                           computes the Fréchet distance from them by other code
    weights/compare-samples.safetensors    images to show (weights.recipes.samples)

A figure: Fréchet distance of the 2,000 to the 10,000 test digits; coverage of the first 2,000 test
digits, k = 5; entropy of the classes that the classifier sees; where labels are told, the share of
images with their label (Wilson's interval); the median of the pixels that differ from the nearest
training image ("gap", its least, and how many images are identical with one; "real": of 2,000 test
digits). The floor is the mean over 30 disjoint groups of 2,000 training images, its interval the
groups' own; "binary" is the same of 5 groups whose grey levels were tossed into black and white,
for the family that draws such images.

With --card, the named families are measured and timed alone; all else stays as it was written.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from core.data.mnist import binarise
from core.measure import bootstrap, comparison, drawing, neighbours
from core.measure.bootstrap import Spread
from core.measure.comparison import FAMILIES, MEASURED, Family
from core.measure.intervals import wilson
from core.measure.metrics import features_of, moments
from core.weights import shipped
from core.weights.card import FOLDER, cards
from core.weights.files import tensor_bytes
from weights.recipes import samples
from weights.recipes.command import Data, load, load_shipped
from weights.recipes.drawn import draw_with_resume

GROUPS = 30  # of training images: 60,000 / 2,000
BINARY_GROUPS = 5  # of those in black and white
ROUNDS = 25  # times that every family is timed, one after the other
MACHINE = "2 CPU cores, one thread"


class Judge:
    """The classifier's view of images, beside what it sees in the test digits.

    Args:
        data: MNIST.
        count: images of a set.
        folder: of the classifier's card.
    """

    def __init__(self, data: Data, count: int, folder: Path):
        self.net, self.count = load_shipped("classifier-mnist", folder), count
        self.real = features_of(self.net, data.test_images / 255)
        self.near = self.real[:count]

    @torch.no_grad()
    def see(self, images: Tensor) -> tuple[Tensor, np.ndarray]:
        """Return features (N, F) and classes (N,) of images (N, 1, 28, 28) uint8."""
        features = features_of(self.net, images / 255)
        head: Any = self.net.head
        return features, head(features).argmax(1).numpy()

    def measure(self, images: Tensor, labels: np.ndarray | None) -> dict[str, Spread]:
        """Return the figures of images (N, 1, 28, 28) uint8, asked for as labels (N,) or not."""
        features, seen = self.see(images)
        statistics = {
            "frechet": bootstrap.frechet_of(features, self.real),
            "coverage": bootstrap.coverage_of(features, self.near),
            "entropy": bootstrap.entropy_of(seen),
        }
        found = {name: bootstrap.bootstrap(len(images), f) for name, f in statistics.items()}
        if labels is not None:  # near 1 resamples hardly move, Wilson's interval still does
            right = int((seen == labels).sum())
            ends = wilson(right, len(labels), bootstrap.LEVEL)
            found["accuracy"] = Spread(right / len(labels), *ends)
        return found

    def floor(self, images: Tensor, labels: Tensor, groups: int) -> dict[str, Spread]:
        """Return the same figures of groups of training images: mean and the groups' own spread."""
        found: dict[str, list[float]] = {}
        for at in range(min(groups, len(images) // self.count)):
            part = slice(at * self.count, (at + 1) * self.count)
            features, seen = self.see(images[part])
            ones = np.ones(self.count, int)
            for name, statistic in {
                "frechet": bootstrap.frechet_of(features, self.real),
                "coverage": bootstrap.coverage_of(features, self.near),
                "entropy": bootstrap.entropy_of(seen),
            }.items():
                found.setdefault(name, []).append(statistic(ones))
            right = seen == labels[part].numpy()
            found.setdefault("accuracy", []).append(float(right.mean()))
        tails = [0.5 - bootstrap.LEVEL / 2, 0.5 + bootstrap.LEVEL / 2]
        return {
            name: Spread(float(np.mean(v)), *(float(q) for q in np.quantile(v, tails)))
            for name, v in found.items()
        }


def nearest_figures(images: np.ndarray) -> dict[str, Any]:
    """Return how far images (N, 28, 28) uint8 are from their nearest training images."""
    bits, _ = neighbours.training_bits()
    gap = neighbours.nearest(images / 255, bits)[0][:, 0]
    median = bootstrap.bootstrap(len(gap), bootstrap.median_of(gap))
    return {
        **round_figures({"gap": median}),
        "least": int(gap.min()),
        "identical": int((gap == 0).sum()),
    }


def time_all(models: Mapping[str, nn.Module], rounds: int) -> dict[str, Spread]:
    """Return the median processor seconds of a single image and its quartiles, in turn."""
    spent: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(rounds):
        for family in (one for one in FAMILIES if one.card in models):
            spent[family.card] += drawing.pace(models[family.card], family)
    quartiles = (0.5, 0.25, 0.75)
    return {
        name: Spread(*(float(np.quantile(v, q)) for q in quartiles)) for name, v in spent.items()
    }


def round_figures(found: Mapping[str, Spread], places: int = 6) -> dict[str, dict[str, float]]:
    """Return figures as JSON writes them."""
    return {
        name: {part: round(v, places) for part, v in asdict(one).items()}
        for name, one in found.items()
    }


def measure_family(family: Family, judge: Judge, drawn: Path, folder: Path) -> dict[str, Any]:
    """Return a family's figures, and its features' moments as "mean" and "cov"."""
    card = cards(folder)[family.card]
    made = draw_with_resume(card, family, judge.count, drawn, folder)
    images = torch.from_numpy(made)[:, None]
    labels = np.arange(len(made)) % comparison.CLASSES if family.labelled else None
    mean, cov = moments(judge.see(images)[0])
    found = round_figures(judge.measure(images, labels)) | nearest_figures(made)
    print(family.card, found, flush=True)
    about = {"of": comparison.fingerprint(card)}
    return {"about": {**about, **found}, "mean": mean, "cov": cov}


def write_moments(found: Mapping[str, dict[str, Any]], judge: Judge, folder: Path) -> None:
    """Write mean and covariance of the features; those of other families stay."""
    file = folder / comparison.MOMENTS.name
    kept = load_file(file) if file.exists() else {}
    mean, cov = moments(judge.real)
    real = {"real.mean": mean.float(), "real.cov": cov.float()}
    made = {
        f"{n}.{part}": one[part].float() for n, one in found.items() for part in ("mean", "cov")
    }
    shipped.write(file, tensor_bytes({**kept, **made, **real}, {}))


def frame(judge: Judge, data: Data, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of real digits that stand around the families', where `before` has none.

    Returns:
        "floor" and "binary", of groups of training images, grey and in black and white; "real".
    """
    found = {name: before[name] for name in ("floor", "binary", "real") if before.get(name)}
    if "floor" not in found:
        found["floor"] = round_figures(judge.floor(data.images, data.labels, GROUPS))
    if "binary" not in found:
        tossed = binarise(data.images, torch.Generator().manual_seed(0)) * 255
        found["binary"] = round_figures(judge.floor(tossed, data.labels, BINARY_GROUPS))
    if "real" not in found:
        found["real"] = nearest_figures(data.test_images[: judge.count, 0].numpy())
    return found


def measure_all(
    families: Sequence[Family], judge: Judge, drawn: Path, folder: Path, rounds: int
) -> dict[str, dict[str, Any]]:
    """Return each family's figures with its times and parameters, and its features' moments."""
    found = {f.card: measure_family(f, judge, drawn, folder) for f in families}
    models = {f.card: load_shipped(f.card, folder) for f in families}
    for name, spread in round_figures(time_all(models, rounds), 7).items():
        count = comparison.sampling_parameters(models[name], comparison.BY_NAME[name])
        found[name]["about"] |= {"seconds": spread, "parameters": count}
    return found


def main(arguments: list[str] | None = None) -> None:
    """Draw, measure, time and write."""
    parser = argparse.ArgumentParser(prog="python -m weights.recipes.families")
    parser.add_argument(
        "--data", default="data", help="folder of MNIST; what is missing is fetched"
    )
    parser.add_argument("--card", action="append", choices=list(comparison.BY_NAME), help="only")
    parser.add_argument("--count", type=int, default=MEASURED, help="images of a family")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of timing")
    parser.add_argument("--drawn", type=Path, default=Path("build/compare"), help="drawn images")
    parser.add_argument("--cards", type=Path, default=FOLDER, help="folder of the cards")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the files")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    data, there = load(chosen.data), cards(chosen.cards)
    judge = Judge(data, chosen.count, chosen.cards)
    wanted = chosen.card or list(comparison.BY_NAME)
    have = [n for n, card in there.items() if (chosen.cards / card.file).exists()]
    families = [f for f in FAMILIES if f.card in wanted and f.card in have]
    found = measure_all(families, judge, chosen.drawn, chosen.cards, chosen.rounds)
    file = chosen.out / comparison.FIGURES.name
    before = comparison.read_figures(file) if chosen.card and file.exists() else {}
    every = {**before.get("families", {}), **{name: one["about"] for name, one in found.items()}}
    figures = {
        "samples": chosen.count,
        "seed": comparison.SEED,
        "machine": MACHINE,
        "level": bootstrap.LEVEL,
        "draws": bootstrap.DRAWS,
        **frame(judge, data, before),
        "families": {name: every[name] for name in comparison.BY_NAME if name in every},
    }
    shipped.write(file, (json.dumps(figures, indent=1, ensure_ascii=False) + "\n").encode())
    write_moments(found, judge, chosen.out)
    places = {"--data": chosen.data, "--cards": chosen.cards, "--drawn": chosen.drawn}
    places["--out"] = chosen.out / comparison.SAMPLES.name
    only = [text for name in chosen.card or () for text in ("--card", name)]
    samples.main(["--anew", *only, *(str(one) for pair in places.items() for one in pair)])


if __name__ == "__main__":
    main()
