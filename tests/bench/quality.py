"""Measure every model again and write what is found onto its card.

    python -m tests.bench.quality --data DIR [--card NAME …] [--out FOLDER]

Each card goes through its own recipe's --measure, the one way by which figures get onto cards; here
what the card said before stands beside what it says now. Then the comparison's 64 images of a
family are drawn again where they are of other weights (weights.recipes.samples). A family whose
recipe or weights are not here is named and passed over.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from pathlib import Path

import torch

from core.measure import comparison
from core.weights.card import FOLDER, Card, cards
from weights.recipes import samples
from weights.recipes.command import Job, run

RECIPES = ("classifier", "vae", "pixelcnn", "gan", "progan", "biggan", "flow", "ebm", "ddpm")


def jobs() -> dict[str, tuple[str, dict[str, Job]]]:
    """Return for each card its recipe's name and jobs, of the recipes that are here."""
    found = {}
    for name in RECIPES:
        place = f"weights.recipes.{name}"
        if importlib.util.find_spec(place) is None:
            print(f"no recipe {place} here", flush=True)
            continue
        recipe = importlib.import_module(place)
        found |= {card: (name, recipe.JOBS) for card in recipe.JOBS}
    return found


def lines_of(before: Card, now: Card) -> list[str]:
    """Return a line a metric: what the card said and says."""
    lines = []
    for name, metric in now.metrics.items():
        old = before.value(name)
        said = "—" if old is None else f"{old:.4f}"
        lines.append(f"{now.name:20} {name:20} {said:>10} {metric['value']:10.4f}")
    return lines


def main(arguments: list[str] | None = None) -> None:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quality")
    parser.add_argument(
        "--data", default="data", help="folder of MNIST; what is missing is fetched"
    )
    known = jobs()
    parser.add_argument("--card", action="append", choices=list(known), help="only these")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the cards")
    parser.add_argument("--smoke", action="store_true", help="few samples, for the test")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    asked, lines = chosen.card or list(known), []
    for name in asked:
        before = cards(chosen.out).get(name)
        if before is None or not (chosen.out / before.file).exists():
            print(f"{name}: no weights here", flush=True)
            continue
        family, recipe = known[name]
        given = ["--card", name, "--measure", "--data", chosen.data, "--out", str(chosen.out)]
        now = run(family, recipe, given + (["--smoke"] if chosen.smoke else []))
        assert now is not None
        lines += lines_of(before, now)
    print(f"\n{'card':20} {'metric':20} {'card said':>10} {'measured':>10}", *lines, sep="\n")
    out = comparison.SAMPLES if chosen.out == FOLDER else chosen.out / comparison.SAMPLES.name
    shown = [arg for name in asked if name in comparison.BY_NAME for arg in ("--card", name)]
    samples.main([*shown, "--cards", str(chosen.out), "--out", str(out)])


if __name__ == "__main__":
    main()
