"""Ship the comparison's images of every family, and find their nearest training images.

    python -m weights.recipes.samples [--card NAME …] [--anew] [--data FOLDER]

Writes weights/compare-samples.safetensors (core.measure.comparison): for each family whose file is
here its first 64 images, uint8 (64, 28, 28), its nearest training images by
core.measure.neighbours, and as metadata the sha256 of the weights that drew them; of the families
whose nets need hundreds of passes an image also "pool", the next 256, for blind tests. A family
whose weights are still those is not drawn again. As "real" 64 of the test digits that ship, for
what is usual between test and training digits; with --data also a pool of 512 other test digits,
else the pool that is there stays.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from core.data.mnist import digits_sample, mnist
from core.measure import comparison, neighbours
from core.measure.comparison import COUNT, Family
from core.weights import shipped
from core.weights.card import FOLDER, Card, cards
from core.weights.files import tensor_bytes
from weights.recipes.drawn import draw_with_resume

REAL = "real"
POOL = 256  # images of a slow family beside the 64
POOL_REAL = 512  # test digits


def real_digits() -> np.ndarray:
    """Return 64 of the 100 test digits that ship, (64, 28, 28) uint8: the classes in turn."""
    images, labels = digits_sample()
    order = np.concatenate([np.arange(len(labels)).reshape(10, -1).T.ravel()])
    assert (labels.numpy()[order[:10]] == np.arange(10)).all()
    return images[:, 0].numpy()[order[:COUNT]]


def more_digits(root: str) -> np.ndarray:
    """Return test digits spread over the whole test set, (512, 28, 28) uint8."""
    images, _ = mnist(root, train=False)
    return images[:: len(images) // POOL_REAL, 0].numpy()[:POOL_REAL]


def with_nearest(images: np.ndarray) -> dict[str, np.ndarray]:
    """Return images (N, 28, 28) uint8 with the pixels that differ from the nearest training image,
    and its row.
    """
    bits, _ = neighbours.training_bits()
    gap, row = neighbours.nearest(images / 255, bits)
    return {
        "images": images,
        "gap": gap[:, 0].astype(np.int32),
        "row": row[:, 0].astype(np.int32),
    }


def draw_part(card: Card, family: Family, drawn: Path, folder: Path) -> dict[str, np.ndarray]:
    """Return what ships of a family."""
    made = draw_with_resume(card, family, COUNT + POOL * family.slow, drawn, folder)
    part = with_nearest(made[:COUNT])
    return {**part, "pool": made[COUNT:]} if family.slow else part


def main(arguments: list[str] | None = None) -> list[str]:
    """Draw images that are missing or of other weights; return the cards that were drawn."""
    parser = argparse.ArgumentParser(prog="python -m weights.recipes.samples")
    parser.add_argument(
        "--card", action="append", choices=list(comparison.BY_NAME), help="only these"
    )
    parser.add_argument("--anew", action="store_true", help="also what is up to date")
    parser.add_argument("--data", help="folder of MNIST, for a pool of test digits")
    parser.add_argument("--drawn", type=Path, default=Path("build/compare"), help="drawn images")
    parser.add_argument("--cards", type=Path, default=FOLDER, help="folder of the cards")
    parser.add_argument("--out", type=Path, default=comparison.SAMPLES, help="file")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)  # as the hub draws: more would add up in another order
    known, drawn = cards(chosen.cards), []
    there = chosen.out.exists()
    pool = comparison.read_samples(REAL, chosen.out)[1].get("pool") if there else None
    pool = more_digits(chosen.data) if chosen.data else pool
    real = with_nearest(real_digits()) | ({} if pool is None else {"pool": pool})
    digests, parts = {"seed": str(comparison.SEED)}, {REAL: real}
    for family in comparison.FAMILIES:
        card = known.get(family.card)
        if card is None or not (chosen.cards / card.file).exists():
            continue
        old = comparison.shipped_samples(card, chosen.out) if there else None
        mine = family.card in (chosen.card or comparison.BY_NAME)
        if mine and (old is None or chosen.anew):
            old = draw_part(card, family, chosen.drawn, chosen.cards)
            drawn.append(card.name)
        if old is not None:
            parts[card.name], digests[card.name] = old, comparison.fingerprint(card)
    tensors = {
        f"{name}.{key}": torch.from_numpy(v)
        for name, part in parts.items()
        for key, v in part.items()
    }
    shipped.write(chosen.out, tensor_bytes(tensors, digests))
    print(f"{chosen.out.name}: {', '.join(parts)}, {chosen.out.stat().st_size} bytes")
    return drawn


if __name__ == "__main__":
    main()
