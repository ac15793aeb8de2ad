"""Encode MNIST's test set by every net of two dimensions: the cloud of dots on the latent plane.

    python -m weights.recipes.codes --data FOLDER

Writes weights/mnist-codes.safetensors: μ (10000, 2) in float16 by the card's name, the labels
(10000,), and in its metadata the sha256 of the weights that encoded. Run it after training.
"""

from __future__ import annotations

import argparse
from typing import cast

import torch

from core import weights
from core.data.latent_codes import CODES
from core.data.mnist import mnist
from core.models.vae.autoencoder import VAE
from core.weights import shipped
from core.weights.files import tensor_bytes


@torch.no_grad()
def main(arguments: list[str] | None = None) -> None:
    """Encode and write."""
    parser = argparse.ArgumentParser(prog="python -m weights.recipes.codes")
    parser.add_argument("--data", required=True, help="folder of MNIST, downloaded if empty")
    images, labels = mnist(parser.parse_args(arguments).data, train=False)
    x = images.reshape(-1, 1, 28, 28) / 255.0  # (10000, 1, 28, 28)
    known = weights.cards()
    names = [name for name, card in known.items() if card.config.get("latent") == 2]
    nets = {name: cast(VAE, weights.load(name)) for name in names}
    codes = {name: net.encode(x)[0].half() for name, net in nets.items()}
    sums = {name: known[name].sha256 for name in names}
    tensors = {**codes, "labels": labels.to(torch.uint8)}
    shipped.write(CODES, tensor_bytes(tensors, sums))
    print(f"{CODES.name}: {', '.join(names)}")


if __name__ == "__main__":
    main()
