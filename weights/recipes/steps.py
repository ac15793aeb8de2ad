"""Measure ddpm-mnist over the sampler's steps: DDIM beside DDPM, with and without guidance.

    python -m weights.recipes.steps --data FOLDER        writes weights/ddpm-steps.json
    … --resume        keep the points that the file has already, if they are of the same weights

Nothing is trained. A point is 2 000 samples, all classes alike, all from the same first noise, by
bfloat16 autocast as in weights.recipes.ddpm; what is taken of them is the squared Fréchet distance
of the classifier's features to those of the 10 000 test digits. Two things go with it:

    error   the standard deviation of the distance over 200 draws, with replacement, of the samples
    floor   the distance of 2 000 training digits, over 30 sets that have no digit in common: what
            a perfect model would be measured at

The distance of finitely many samples is too large on average, the more the fewer they are: points
and floor are of equally many.
"""

from __future__ import annotations

import json
import time
from itertools import product
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.measure.metrics import features_of, frechet, label_accuracy
from core.measure.steps import Floor, Point, StepCurves, read_steps
from core.models.ddpm.diffusion import DDPM
from core.weights import shipped
from core.weights.card import cards
from weights.recipes.command import choices, load, load_shipped, machine, study_parser
from weights.recipes.ddpm import draw

CARD, CLASSIFIER = "ddpm-mnist", "classifier-mnist"
STEPS = (2, 5, 10, 20, 50)
GUIDANCE, ETAS = (2.0, 1.0), (0.0, 1.0)
SAMPLES, DRAWS = 2_000, 200


def main(given: list[str] | None = None) -> StepCurves:
    """Measure every point, and write the file after each."""
    chosen = choices(study_parser("steps"), given)
    data, classifier = load(chosen.data), load_shipped(CLASSIFIER, chosen.out)
    file, count = chosen.out / "ddpm-steps.json", 20 if chosen.smoke else SAMPLES
    real = features_of(classifier, data.test_images / 255)
    found = begin(chosen.out, file if chosen.resume else None, count, real)
    if not found["floor"]:
        found["floor"] = floor(features_of(classifier, data.images / 255), real, count)
    net: Any = load_shipped(CARD, chosen.out).to(memory_format=torch.channels_last)  # pyright: ignore
    steps = STEPS[:2] if chosen.smoke else STEPS
    for guidance, many, eta in product(GUIDANCE, steps, ETAS):
        if any(same(one, many, eta, guidance) for one in found["points"]):
            continue
        start = time.process_time()
        one = point(net, classifier, real, count, many, eta, guidance)
        found["points"].append(one)
        spent = (time.process_time() - start) / 60
        found["minutes"] = round(found["minutes"] + spent, 2)
        shipped.write(file, (json.dumps(found, indent=1, ensure_ascii=False) + "\n").encode())
        print(one, f"{spent:.2f} min", flush=True)
    return found


def begin(folder: Path, before: Path | None, count: int, real: Tensor) -> Any:
    """Return what the file has of these weights already, else an empty one."""
    sha256 = cards(folder)[CARD].sha256
    if before and before.exists():
        found = read_steps(before)
        if (found["sha256"], found["samples"]) == (sha256, count):
            return found
    return {
        "card": CARD,
        "sha256": sha256,
        "samples": count,
        "test_images": len(real),
        "floor": {},
        "points": [],
        "how": "squared Fréchet distance of the classifier's features to the test set's; error: its"
        f" standard deviation over {DRAWS} bootstrap draws of the samples; floor: of as many"
        " training digits, over sets without a digit in common",
        "command": "python -m weights.recipes.steps --data FOLDER",
        "machine": machine(),
        "minutes": 0.0,
    }


def same(one: Point, steps: int, eta: float, guidance: float) -> bool:
    """Return whether a point is of this way of sampling."""
    return (one["steps"], one["eta"], one["guidance"]) == (steps, eta, guidance)


@torch.no_grad()
def point(
    net: DDPM,
    classifier: nn.Module,
    real: Tensor,
    count: int,
    steps: int,
    eta: float,
    guidance: float,
) -> Point:
    """Draw samples in one way and measure them against the test set's features (N, F)."""
    made, labels = draw(net, count, steps, eta, guidance)
    seen = features_of(classifier, made)
    return {
        "steps": steps,
        "eta": eta,
        "guidance": guidance,
        "frechet": round(frechet(seen, real), 5),
        "error": round(bootstrap_error(seen, real), 5),
        "label_accuracy": round(label_accuracy(classifier, made, labels), 5),
    }


def bootstrap_error(seen: Tensor, real: Tensor, draws: int = DRAWS) -> float:
    """Return the standard deviation of the distance over draws of the samples (N, F).

    The test set stays as it is: it is the same for every point.
    """
    noise, n = torch.Generator().manual_seed(0), len(seen)
    rows = (torch.randint(n, (n,), generator=noise) for _ in range(draws))
    return torch.tensor([frechet(seen[some], real) for some in rows]).std().item()


def floor(training: Tensor, real: Tensor, count: int) -> Floor:
    """Return the distance of training features (N, F) to the test set's, set by set of `count`."""
    sets = training.split(count)[: min(len(training) // count, 30)]
    found = torch.tensor([frechet(some, real) for some in sets])
    mean, spread = found.mean().item(), found.std().item()
    return {"frechet": round(mean, 5), "spread": round(spread, 5), "sets": len(sets)}


if __name__ == "__main__":
    main()
