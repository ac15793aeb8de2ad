"""Pick the test digits that the cells of cnn-tiny-mnist's confusion matrices open.

    python -m weights.recipes.confusion --data FOLDER

Writes weights/cnn-tiny-mnist-answers.safetensors: images uint8 (K, 28, 28), labels uint8 (K,), the
ten moments' answers to them uint8 (10, K), and their places in the test set int16 (K,); in its
metadata the sha256 of the weights. In it are all digits that the trained net takes for another one,
and of every moment up to `MOST` a cell, the first ones of the test set. Run it after training.
"""

from __future__ import annotations

import argparse

import torch
from torch import Tensor

from core import weights
from core.data.mnist import LICENCE, SOURCE, mnist
from core.models.cnn.film import ANSWERS, nets
from core.training.journal import read_journal
from core.weights import shipped
from core.weights.card import FOLDER
from core.weights.files import tensor_bytes

CARD, MOST = "cnn-tiny-mnist", 5


def answers_of(images: Tensor) -> Tensor:
    """Return the answers (T, N) of the net's moments to uint8 images (N, 1, 28, 28)."""
    film = read_journal(FOLDER / f"{CARD}-training.safetensors")
    return torch.stack(
        [
            torch.cat([net(part / 255).argmax(1) for part in images.split(1000)])
            for net in nets(film)
        ]
    )


def pick(answers: Tensor, labels: Tensor, most: int = MOST) -> Tensor:
    """Return the places (K,) of the digits to keep, rising: see above."""
    chosen = answers[-1] != labels  # (N,)
    for row in answers.flip(0):
        for cell in range(100):
            there = (labels * 10 + row == cell).nonzero()[:, 0]
            missing = min(most, len(there)) - int(chosen[there].sum())
            fresh = there[~chosen[there]]
            chosen[fresh[: max(0, missing)]] = True
    return chosen.nonzero()[:, 0]


@torch.no_grad()
def main(arguments: list[str] | None = None) -> None:
    """Answer, pick and write."""
    parser = argparse.ArgumentParser(prog="python -m weights.recipes.confusion")
    parser.add_argument("--data", required=True, help="folder of MNIST, downloaded if empty")
    images, labels = mnist(parser.parse_args(arguments).data, train=False)
    answers = answers_of(images)
    places = pick(answers, labels)
    found = {
        "images": images[places, 0],
        "labels": labels[places].to(torch.uint8),
        "answers": answers[:, places].to(torch.uint8),
        "places": places.to(torch.int16),
    }
    made_by = weights.cards()[CARD].sha256
    said = {CARD: made_by, "source": f"{SOURCE}, test set", "licence": LICENCE}
    shipped.write(FOLDER / ANSWERS, tensor_bytes(found, said))
    print(f"{ANSWERS}: {len(places)} images, {(FOLDER / ANSWERS).stat().st_size} bytes")


if __name__ == "__main__":
    main()
