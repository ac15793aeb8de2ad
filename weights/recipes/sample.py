"""Write the labelled sample of MNIST that ships: the first ten test digits of each class.

    python -m weights.recipes.sample --data FOLDER

Writes weights/mnist-sample.safetensors: images uint8 (100, 1, 28, 28) in class order, and their
labels int64 (100,). Nothing is drawn: the same data give the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from core.data.mnist import LICENCE, SAMPLE, SOURCE, first_of_each_class, mnist
from core.weights import shipped
from core.weights.files import tensor_bytes


def main(arguments: list[str] | None = None) -> None:
    """Pick and write."""
    parser = argparse.ArgumentParser(prog="python -m weights.recipes.sample")
    parser.add_argument("--data", required=True, help="folder of MNIST, downloaded if empty")
    parser.add_argument("--out", type=Path, default=SAMPLE, help="file")
    chosen = parser.parse_args(arguments)
    images, labels = first_of_each_class(*mnist(chosen.data, train=False))
    source = f"{SOURCE}, test set: the first ten of each class"
    about = {"source": source, "licence": LICENCE}
    shipped.write(chosen.out, tensor_bytes({"images": images, "labels": labels}, about))
    print(f"{chosen.out.name}: {len(labels)} images, {chosen.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
