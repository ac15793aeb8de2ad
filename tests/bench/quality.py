"""Measure every model again, beside its card: `python -m tests.bench.quality --data DIR`."""

from __future__ import annotations

import argparse

import torch

from core.cards import FOLDER, cards
from weights.recipes import classifier, vae
from weights.recipes.command import load, shipped

JOBS = {**classifier.JOBS, **vae.JOBS}


def main() -> None:
    """Print a line a metric: what the card says and what is measured here and now."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quality")
    parser.add_argument(
        "--data", default="data", help="folder of MNIST; what is missing is fetched"
    )
    parser.add_argument("--card", action="append", choices=list(JOBS), help="only these")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    data = load(chosen.data)
    print(f"{'card':18} {'metric':20} {'card says':>10} {'measured':>10}")
    for name, card in cards().items():
        if name not in (chosen.card or JOBS):
            continue
        found = JOBS[name].measure(shipped(name, FOLDER), data, False, FOLDER, "")
        for metric, now in found.items():
            said = card.metrics[metric]["value"] if metric in card.metrics else float("nan")
            print(f"{name:18} {metric:20} {said:10.4f} {now['value']:10.4f}", flush=True)


if __name__ == "__main__":
    main()
