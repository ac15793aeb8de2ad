"""What the VAE tab draws from: the trained nets, the digits that ship, decoded grids (cached)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.stage import board as b
from core.inputs import InputError, array, choice, describe, integer, number
from core.models.vae import latent

if TYPE_CHECKING:
    from core.models.vae.autoencoder import VAE

AE, PLAIN, LARGE = "ae-mnist", "vae2d-mnist", "vae-mnist"
BETAS = ("vae2d-b0.2-mnist", PLAIN, "vae2d-b4-mnist")
VAES = (*BETAS, LARGE)
NETS = (AE, *VAES)
NAMES = {AE: "AE", PLAIN: "VAE β = 1", LARGE: "VAE 20-D"} | {
    BETAS[0]: "VAE β = 0.2",
    BETAS[2]: "VAE β = 4",
}
SIDE, PIXELS, COUNT = 28, 784, 100
# the colours of the classes, as in plane.js
HEX = "0072b2 d55e00 009e73 b5418f 8a6d00 2f9fd8 7a4fbf 7f3b08 5b6770 c2185b".split()
CLASSES = np.array([list(bytes.fromhex(c)) for c in HEX], np.uint8)  # (10, 3)
MAX_SEED = 2**31 - 1
LETTERS = ("none", "latin", "jamo")


def model(name: str) -> VAE:
    """Return a trained net, shared by all; a WeightError says why it cannot be had."""
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


def absent(name: str) -> b.Widget:
    """Return the sentence that stands where a net would."""
    return b.text(b.word("absent", name=name), "grad", "note")


@lru_cache(maxsize=1)
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the 100 test digits that ship, (100, 28, 28) in [0, 1], and their labels (100,)."""
    from core.data.mnist import digits_sample

    images, labels = digits_sample()
    return images[:, 0].numpy() / 255.0, labels.numpy()


def batch(images: np.ndarray) -> Any:
    """Return pictures (B, 28, 28) as a float32 tensor (B, 1, 28, 28)."""
    import torch

    return torch.as_tensor(images, dtype=torch.float32).reshape(-1, 1, SIDE, SIDE)


def encode(name: str, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return μ and log σ² of pictures (B, 28, 28), each (B, latent) in float64."""
    mu, logvar = model(name).encode(batch(images))
    return mu.numpy().astype(float), logvar.numpy().astype(float)


def decode(name: str, z: np.ndarray) -> np.ndarray:
    """Return the pixel probabilities (B, 28, 28) of codes (B, latent)."""
    import torch

    return model(name).decode(torch.as_tensor(z, dtype=torch.float32))[:, 0].numpy()


@lru_cache(maxsize=8)
def codes(name: str) -> np.ndarray:
    """Return μ of the 100 digits, (100, latent)."""
    return encode(name, digits()[0])[0]


def points(name: str) -> list[list[float]]:
    """Return the 100 digits as points of a plane with their class."""
    return [[*mu, int(c)] for mu, c in zip(codes(name).tolist(), digits()[1])]


@lru_cache(maxsize=24)
def cloud(name: str, kind: str, n: int) -> str:
    """Return the whole test set's codes, a dot each in its class's colour, over a decoded grid."""
    from core.data.latent_codes import read_codes

    codes, labels = (v.numpy() for v in read_codes(name))
    xs, ys, _, _ = grid(name, kind, n)
    return latent.cloud(codes.astype(float), CLASSES[labels], xs, ys)


@lru_cache(maxsize=24)
def grid(name: str, kind: str, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """Return a decoded grid: xs (n,), ys (n,) from the top, tiles (n, n, 28, 28), its data URL."""
    net = model(name)
    (cx, cy), (sx, sy) = net.center.tolist(), net.scale.tolist()
    xs, ys = latent.nodes(kind, n, cx, sx), latent.nodes(kind, n, cy, sy)[::-1]
    tiles = decode(name, latent.mesh(xs, ys)).reshape(n, n, SIDE, SIDE)
    shades = np.round(latent.sheet(tiles) * 255).astype(np.uint8)
    return xs, ys, tiles, latent.png_url(shades)


def plane(label: b.Label, name: str, inputs: dict[str, Any], **options: Any) -> b.Widget:
    """Return a net's plane of codes over its decoded grid."""
    kind = choice("grid", inputs.get("grid", "quantile"), latent.GRIDS)
    n = integer("tiles", inputs.get("tiles", 16), 8, 24)
    xs, ys, _, url = grid(name, kind, n)
    dots = cloud(name, kind, n) if options.get("points") else ""
    return b.plane(label, url, xs, ys, cloud=dots, **options)


# ---- the picture that a scene is about


def picture(inputs: dict[str, Any], which: str = "digit") -> np.ndarray:
    """Return the picture (28, 28): drawn by hand, else a letter, else one of the 100 digits."""
    drawn = inputs.get("drawn") if which == "digit" else None
    if drawn is not None:
        return bits("drawn", drawn)
    if which == "digit" and inputs.get("letter", "none") != "none":
        return letter(choice("letter", inputs["letter"], LETTERS))
    return digits()[0][integer(which, inputs.get(which, 0), 0, COUNT - 1)]


def grey(image: Any) -> np.ndarray:
    """Return an image (28, 28) if all its numbers are in [0, 1]."""
    x = array("image", image, (SIDE, SIDE), 1.0)
    if x.min() < 0:
        at = [int(i) for i in np.argwhere(x < 0)[0]]
        raise InputError("entry", field="image", got=float(x[tuple(at)]), where=at, low=0, high=1)
    return x


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


def letter(kind: str) -> np.ndarray:
    """Return a letter as the digits are drawn: 20 pixels in the middle of 28."""
    from core.models.hopfield import letters

    key = {"latin": "A", "jamo": "ㅎ"}[kind]
    small = (letters.patterns(kind, 10, 10, key)[0].reshape(10, 10) + 1) / 2
    return np.pad(np.kron(small, np.ones((2, 2))), 4)


def pad(image: np.ndarray, label: b.Label, size: int = 5) -> b.Widget:
    """Return the picture as a grid that a person draws on."""
    return b.cells(
        label, image * 2 - 1, (SIDE, SIDE), size=size, edit="drawn", role="real", brush=2
    )


def cleared(inputs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the inputs after the action "clear", and what the page is to merge."""
    if not inputs.get("clear"):
        return inputs, {}
    blank = {"drawn": "0" * PIXELS} | ({"letter": "none"} if "letter" in inputs else {})
    return {**inputs, **blank}, {"inputs": {**blank, "clear": None}}


def label_of(inputs: dict[str, Any], which: str = "digit") -> b.Label:
    """Return what the picture is called: its class, or that it was drawn."""
    if which == "digit" and inputs.get("drawn") is not None:
        return b.word("drawing")
    if which == "digit" and inputs.get("letter", "none") != "none":
        return b.word("letter_name")
    at = integer(which, inputs.get(which, 0), 0, COUNT - 1)
    return b.word("digit_name", c=str(int(digits()[1][at])))


def noise(inputs: dict[str, Any], *shape: int) -> np.ndarray:
    """Return standard normal numbers from the scene's seed."""
    seed = integer("seed", inputs.get("seed", 0), 0, MAX_SEED)
    return np.random.default_rng(seed).standard_normal(shape)


def share(field: str, inputs: dict[str, Any], usual: float) -> float:
    """Return a share from 0 to 1."""
    return number(field, inputs.get(field, usual), 0, 1)
