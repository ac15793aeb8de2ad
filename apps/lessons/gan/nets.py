"""What the GAN tab's digit scenes draw from: the trained nets, their journals, sheets of digits."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.stage import board as b
from core.inputs import InputError, choice, describe, integer
from core.models.vae import latent

if TYPE_CHECKING:
    from core.models.gan.networks import GAN

DCGAN, WGAN, CGAN = "dcgan-mnist", "wgan-gp-mnist", "cgan-mnist"
FREE = (DCGAN, WGAN)  # of labels
NETS = (DCGAN, WGAN, CGAN)
NAMES = {DCGAN: "DCGAN", WGAN: "WGAN-GP", CGAN: "CGAN"}
SIDE, PIXELS, COUNT = 28, 784, 100
SHEET = 64  # digits on a sheet of 8 x 8
MAX_SEED = 2**31 - 1


def model(name: str) -> GAN:
    """Return a trained GAN, shared by all; a WeightError says why it cannot be had."""
    from core import weights

    return weights.load(name)  # type: ignore[return-value]


def have(name: str) -> bool:
    """Return whether a net can be had."""
    from core.weights import WeightError

    try:
        model(name)
    except WeightError:
        return False
    return True


def usable(name: Any, known: tuple[str, ...] = NETS) -> str:
    """Return the name of a net if it is one and can be had here."""
    name = choice("model", name, known)
    if not have(name):
        there = ", ".join(n for n in known if have(n)) or "none yet"
        raise InputError("choice", field="model", got=f'"{name}"', allowed=there)
    return name


# ---- the API


def gan_sample(model: str = DCGAN, n: int = 16, seed: int = 0, label: int | None = None) -> dict:
    """Return digits that a trained GAN draws from a seed, with its discriminator's scores.

    Args:
        model: "dcgan-mnist", "wgan-gp-mnist" or "cgan-mnist".
        n: how many, 1 to 64.
        seed: of the codes z, 0 to 2147483647.
        label: 0 to 9, the digit that "cgan-mnist" is asked for; null: 0, 1, … 9, 0, … in turn.
            The other two take no label.

    Returns:
        "images" n x 28 x 28 in [0, 1]; "labels" n, or null of a net without; "scores" n, D before
        any sigmoid: larger, taken for real.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also a model that is not here.
    """
    name, count = usable(model), integer("n", n, 1, SHEET)
    asked = None
    if name == CGAN:
        one = None if label is None else integer("label", label, 0, 9)
        asked = np.arange(count) % 10 if one is None else np.full(count, one)
    elif label is not None:
        raise InputError("choice", field="label", got=describe(label), allowed=f"null ({name})")
    images = decode(name, codes(name, count, integer("seed", seed, 0, MAX_SEED)), asked)
    return {"images": images, "labels": asked, "scores": scores(name, images, asked)}


# ---- nets


def codes(name: str, n: int, seed: int) -> np.ndarray:
    """Return the first n codes of a seed, (n, latent) float64 that float32 holds exactly."""
    import torch

    z = model(name).prior(n, torch.Generator().manual_seed(seed))
    return z.numpy().astype(float)


def seed_of(inputs: dict[str, Any], field: str = "seed") -> int:
    """Return a seed of the scene."""
    return integer(field, inputs.get(field, 0), 0, MAX_SEED)


def decode(name: str, z: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
    """Return the images (B, 28, 28) in [0, 1] of codes (B, latent), and labels (B,) of a CGAN."""
    import torch

    given = None if labels is None else torch.as_tensor(labels)
    with torch.no_grad():
        images = model(name).decode(torch.as_tensor(z, dtype=torch.float32), given)
    return images[:, 0].numpy()


def scores(name: str, images: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
    """Return D of images (B, 28, 28), (B,) in float64."""
    import torch

    given = None if labels is None else torch.as_tensor(labels)
    with torch.no_grad():
        return model(name).score(batch(images), given).numpy().astype(float)


def batch(images: np.ndarray) -> Any:
    """Return pictures (B, 28, 28) as a float32 tensor (B, 1, 28, 28)."""
    import torch

    return torch.as_tensor(np.asarray(images), dtype=torch.float32).reshape(-1, 1, SIDE, SIDE)


def verdicts(images: np.ndarray) -> np.ndarray:
    """Return the classifier's p(class | image) of images (B, 28, 28): (B, 10)."""
    import torch

    from core import weights

    with torch.no_grad():
        logits = [weights.load("classifier-mnist")(part) for part in batch(images).split(500)]
        return torch.cat(logits).softmax(1).numpy().astype(float)


@lru_cache(maxsize=1)
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the 100 test digits that ship, (100, 28, 28) in [0, 1], and their labels (100,)."""
    from core.data.mnist import digits_sample

    images, labels = digits_sample()
    return images[:, 0].numpy() / 255.0, labels.numpy()


@lru_cache(maxsize=4)
def journal(name: str) -> dict[str, np.ndarray]:
    """Return what was written down while a net trained; {} where its file is not here.

    Read in numpy: the home page's picture comes out of it, before torch is there.
    """
    from safetensors.numpy import load_file

    from core.weights.card import FOLDER

    file = FOLDER / f"{name}-training.safetensors"
    return load_file(file) if file.exists() else {}


# ---- pictures


def sheet(images: np.ndarray, columns: int, framed: int | None = None) -> np.ndarray:
    """Return images (N, 28, 28), N in full rows, as one picture; one of them may be framed."""
    tiles = np.array(images, dtype=float).reshape(-1, columns, SIDE, SIDE)
    if framed is not None:
        tile = tiles[divmod(framed, columns)]
        for edge in (tile[:2], tile[-2:], tile[:, :2], tile[:, -2:]):
            edge[...] = 1.0
    return latent.sheet(tiles)


def pad(image: np.ndarray, label: b.Label, size: int = 5) -> b.Widget:
    """Return a picture as a grid that a person draws on."""
    return b.cells(
        label, image * 2 - 1, (SIDE, SIDE), size=size, edit="drawn", role="real", brush=2
    )


def picture(inputs: dict[str, Any]) -> np.ndarray:
    """Return the picture (28, 28) that D judges: drawn by hand, else one of the test digits."""
    if inputs.get("drawn") is not None:
        return bits("drawn", inputs["drawn"])
    return digits()[0][integer("digit", inputs.get("digit", 0), 0, COUNT - 1)]


def bits(field: str, value: Any) -> np.ndarray:
    """Return a drawing (28, 28) of 0 and 1 out of its 784 characters."""
    if not isinstance(value, str):
        raise InputError("list", field=field, got=describe(value), allowed=str(PIXELS))
    if len(value) != PIXELS:
        raise InputError("shape", field=field, got=len(value), allowed=PIXELS)
    wrong = next((i for i, c in enumerate(value) if c not in "01"), None)
    if wrong is not None:
        raise InputError("entry", field=field, got=value[wrong], where=[wrong], low=0, high=1)
    return np.array([float(c) for c in value]).reshape(SIDE, SIDE)
