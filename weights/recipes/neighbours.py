"""Pack MNIST's training images in black and white, to look up a sample's nearest neighbour.

    python -m weights.recipes.neighbours --data FOLDER

Writes weights/mnist-train-bits.safetensors: bits (60000, 98), as core.measure.neighbours packs
them, and labels (60000,), both uint8.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from core.data.mnist import LICENCE, SOURCE, mnist
from core.measure.neighbours import BITS, pack
from core.weights import shipped
from core.weights.files import tensor_bytes


def main(arguments: list[str] | None = None) -> None:
    """Pack and write."""
    parser = argparse.ArgumentParser(prog="python -m weights.recipes.neighbours")
    parser.add_argument("--data", required=True, help="folder of MNIST, downloaded if empty")
    parser.add_argument("--out", type=Path, default=BITS, help="file")
    chosen = parser.parse_args(arguments)
    images, labels = mnist(chosen.data, train=True)
    bits = torch.from_numpy(pack(images.numpy() / 255))
    tensors = {"bits": bits, "labels": labels.to(torch.uint8)}
    about = {"source": SOURCE, "licence": LICENCE}
    shipped.write(chosen.out, tensor_bytes(tensors, about))
    print(f"{chosen.out.name}: {len(labels)} images, {chosen.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
