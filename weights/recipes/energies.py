"""Compute ebm-mnist's energies of digits and of other images, for the histograms of the page.

    python -m weights.recipes.energies --data FOLDER

Writes weights/ebm-energies.safetensors: E in float16, (10000,) of the test set, upside down and
mirrored, (2000,) of samples, noise and clothes, and the test set's labels, uint8 (10000,); in its
metadata the sha256 of the weights. Run it after training. The samples are the 2000 that the card
measures.
"""

from __future__ import annotations

import argparse
from typing import cast

import torch

from core import weights
from core.data.mnist import mnist
from core.measure.anomaly import FILE, crowds
from core.models.ebm.energy import EBM
from core.weights import shipped
from core.weights.files import tensor_bytes
from weights.recipes.ebm import draw_samples
from weights.recipes.pictures import NEAR


@torch.no_grad()
def main(arguments: list[str] | None = None) -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m weights.recipes.energies")
    parser.add_argument("--data", required=True, help="folder of MNIST, downloaded if empty")
    pixels, labels = mnist(parser.parse_args(arguments).data, train=False)
    digits = pixels / 255  # (10000, 1, 28, 28)
    model = cast(EBM, weights.load("ebm-mnist"))
    images = {"test": digits, "samples": draw_samples(model, NEAR)}
    images |= crowds(digits, NEAR, torch.Generator().manual_seed(0))
    energies = {name: model.energy(part).half() for name, part in images.items()}
    made_by = {"ebm-mnist": weights.cards()["ebm-mnist"].sha256}
    shipped.write(FILE, tensor_bytes(energies | {"labels": labels.to(torch.uint8)}, made_by))
    print(f"{FILE.name}: {', '.join(f'{k} {v.mean():.3f}' for k, v in energies.items())}")


if __name__ == "__main__":
    main()
