"""Compute −log p of every test digit by pixelcnn-mnist, and vae-mnist's bounds, for the histogram.

    python -m weights.recipes.likelihoods --data FOLDER

Writes weights/mnist-nats.safetensors (core.measure.nats says what it holds); in its metadata the
sha256 of both nets' weights. Run it after training either. Takes five minutes of one core.
"""

from __future__ import annotations

import argparse
from typing import cast

import torch
from torch import Tensor

from core import weights
from core.data.mnist import mnist, static_binarisation
from core.measure.nats import EVERY, FILE, NETS
from core.models.pixelcnn.gated import PixelCNN
from core.models.vae.autoencoder import VAE, elbo, importance_bound
from core.weights import shipped
from core.weights.files import tensor_bytes
from weights.recipes.pixelcnn import costs
from weights.recipes.vae import DRAWS


@torch.no_grad()
def main(arguments: list[str] | None = None) -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m weights.recipes.likelihoods")
    parser.add_argument("--data", required=True, help="folder of MNIST, downloaded if empty")
    pixels, labels = mnist(parser.parse_args(arguments).data, train=False)
    static = static_binarisation(pixels)  # (10000, 1, 28, 28) of 0 and 1
    model, vae = (weights.load(name) for name in NETS)
    exact, latent = cast(PixelCNN, model), cast(VAE, vae)
    found = {
        "exact": costs(exact, static, labels),
        "half": costs(exact, (pixels >= 128).float(), labels),
        **bounds(latent, static),
    }
    made_by = {name: weights.cards()[name].sha256 for name in NETS}
    tensors = {name: values.float() for name, values in found.items()}
    shipped.write(FILE, tensor_bytes(tensors, made_by))
    print(f"{FILE.name}: {', '.join(f'{k} {v.mean():.3f}' for k, v in tensors.items())}")


def bounds(model: VAE, images: Tensor) -> dict[str, Tensor]:
    """Return the VAE's two bounds of images (N, 1, 28, 28) of 0 and 1, in nats from above."""
    noise, latent = torch.Generator().manual_seed(0), model.config.latent
    some = images[::EVERY]
    one = torch.randn(len(images), latent, generator=noise)
    many = torch.randn(DRAWS, len(some), latent, generator=noise)
    return {
        "elbo": -elbo(model, images, one)["elbo"],
        "bound": -importance_bound(model, some, many),
    }


if __name__ == "__main__":
    main()
