"""Data: MNIST through torchvision, its binarisation, a small labelled sample that ships; dates.

    dynamic binarisation   x = 1[u < p],  u ~ U(0, 1) drawn anew each time,  p = grey level / 255
    static binarisation    the same with one fixed u for each pixel of the set, drawn from a seed
    date pairs             letters of a date as people write it, symbols of ISO 8601:
    core.data.dates

Binarising makes a pixel Bernoulli(p), as Salakhutdinov & Murray 2008 did. The static set is ours:
the seed fixes it, and it is not the file that Larochelle published; numbers on the two agree to the
noise of the draw.
MNIST (LeCun, Cortes, Burges) is under CC BY-SA 3.0; so is the sample in weights/.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from random import Random

import torch
from torch import Tensor

from core.data import dates
from core.inputs import integer

LICENCE = "CC BY-SA 3.0"
SOURCE = "MNIST (LeCun, Cortes, Burges), through torchvision.datasets.MNIST"
SAMPLE = Path(__file__).parents[2] / "weights" / "mnist-sample.safetensors"
CODES = Path(__file__).parents[2] / "weights" / "mnist-codes.safetensors"
STATIC_SEED = 2008  # of the one fixed u
BARE = ("nms", "qnms")  # the operators that torchvision names before it has loaded them


def mnist(root: str | Path, train: bool, download: bool = True) -> tuple[Tensor, Tensor]:
    """Return MNIST's images, uint8 (N, 1, 28, 28), and labels, int64 (N,).

    Args:
        root: the folder that holds (or will hold) MNIST/raw.
        train: the 60 000 images of the training set, else the 10 000 of the test set.
        download: fetch what is missing.
    """
    _declare_bare_operators()
    from torchvision.datasets import MNIST

    data = MNIST(str(root), train=train, download=download)
    return data.data[:, None], data.targets.long()  # (N, 1, 28, 28), (N,)


def binarise(images: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Return a Bernoulli draw of each pixel: uint8 images of any shape to float 0 or 1."""
    u = torch.rand(images.shape, generator=generator, device=images.device)
    return (u * 255 < images).float()


def static_binarised(images: Tensor, seed: int = STATIC_SEED) -> Tensor:
    """Return the static binarisation of a whole set: (N, 1, 28, 28) uint8 to float 0 or 1.

    The draw depends on the seed and on an image's place in the set: pass the set in its own order.
    """
    return binarise(images.cpu(), torch.Generator().manual_seed(seed)).to(images.device)


def shift(images: Tensor, most: int, generator: torch.Generator | None = None) -> Tensor:
    """Return images moved by up to `most` pixels each way, each by its own draw, zeros moving in.

    (B, 1, H, W) of any dtype; same shape back.
    """
    B, _, H, W = images.shape
    padded = torch.nn.functional.pad(images, [most] * 4)
    by = torch.randint(
        0, 2 * most + 1, (2, B, 1, 1), generator=generator, device=images.device
    )  # (2, B, 1, 1): rows, columns
    rows = by[0] + torch.arange(H, device=images.device).view(1, H, 1)  # (B, H, 1)
    columns = by[1] + torch.arange(W, device=images.device).view(1, 1, W)  # (B, 1, W)
    each = torch.arange(B, device=images.device).view(B, 1, 1)
    return padded[each, 0, rows, columns][:, None]  # (B, 1, H, W)


def warp(
    images: Tensor,
    generator: torch.Generator | None = None,
    turn: float = 0.2,
    stretch: float = 0.12,
    move: float = 2.0,
) -> Tensor:
    """Return images under small random affine maps, each its own: float (B, 1, H, W), same back.

    Args:
        images: grey levels.
        generator: of the draw.
        turn: largest rotation, radians.
        stretch: largest relative change of scale and largest shear.
        move: largest move, in pixels of 28.
    """
    B = len(images)
    u = torch.rand(B, 6, generator=generator, device=images.device) * 2 - 1  # (B, 6)
    angle = u[:, 0] * turn
    cos, sin = torch.cos(angle), torch.sin(angle)
    wide, high = 1 + u[:, 1] * stretch, 1 + u[:, 2] * stretch
    slant, by = u[:, 3] * stretch, u[:, 4:] * (move / 14)  # the grid's side is 2
    theta = torch.stack(
        [cos * wide, slant - sin * high, by[:, 0], sin * wide, cos * high, by[:, 1]], 1
    ).view(B, 2, 3)
    grid = torch.nn.functional.affine_grid(theta, list(images.shape), align_corners=False)
    return torch.nn.functional.grid_sample(images, grid, align_corners=False)  # (B, 1, H, W)


def digits_sample() -> tuple[Tensor, Tensor]:
    """Return the labelled sample of MNIST's test set that ships: uint8 (100, 1, 28, 28), (100,).

    Ten of each class in class order, the first ten of the test set.
    """
    from safetensors.torch import load_file

    found = load_file(SAMPLE)
    return found["images"], found["labels"]


def encoded_test_set(name: str) -> tuple[Tensor, Tensor]:
    """Return MNIST's whole test set as a card's net encodes it: μ (10000, 2) and labels (10000,).

    Made by `weights.recipes.codes`; nothing of a card that it does not hold, (0, 2) and (0,).
    """
    from safetensors.torch import load_file

    found = load_file(CODES)
    if name not in found:
        return torch.zeros(0, 2), torch.zeros(0, dtype=torch.uint8)
    return found[name].float(), found["labels"]


def pick_sample(images: Tensor, labels: Tensor, each: int = 10) -> tuple[Tensor, Tensor]:
    """Return the first `each` images of every class, in class order, and their labels."""
    rows = torch.cat([torch.nonzero(labels == c)[:each, 0] for c in range(10)])
    return images[rows].contiguous(), labels[rows].contiguous()


def date_pairs(
    count: int, generator: torch.Generator | None = None, part: str = "train", noise: bool = True
) -> tuple[Tensor, Tensor, list[dates.Pair]]:
    """Return drawn dates: letters uint8 (N, 49), symbols uint8 (N, 12), and the pairs themselves.

    Args:
        count: N.
        generator: gives the seed of the draw.
        part: "train", "held", "unseen" or "other", as `core.data.dates` says.
        noise: whether a part of them has typos and odd spaces.

    Raises:
        InputError: an argument that is not that.
    """
    seed = int(torch.randint(2**62, (), generator=generator))
    r = Random(seed)
    pairs = [dates.draw(r, part, noise) for _ in range(integer("count", count, 1, 10_000_000))]
    return (*dated(pairs), pairs)


def dated(pairs: Sequence[dates.Pair]) -> tuple[Tensor, Tensor]:
    """Return pairs as indices: letters uint8 (N, 49) and symbols uint8 (N, 12), 0 at the end."""
    letters = [dates.encode(pair.text) for pair in pairs]
    symbols = [dates.encode_answer(pair.iso) for pair in pairs]
    return _padded(letters, dates.LONGEST + 1), _padded(symbols, dates.WRITTEN + 1)


def _padded(rows: list[list[int]], width: int) -> Tensor:
    filled = [bytes(row).ljust(width, b"\0") for row in rows]
    return torch.frombuffer(bytearray(b"".join(filled)), dtype=torch.uint8).view(-1, width)


def _declare_bare_operators() -> None:
    """Let torchvision's Python part load beside a torch for which its compiled part was not built.

    PyPI's torchvision wheel is compiled for PyPI's torch. Beside a CPU-only torch its library does
    not load, and the import stops at operators that it names all the same. Declared, they suffice:
    the datasets use none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import torchvision  # noqa: F401
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        library = torch.library.Library("torchvision", "FRAGMENT")  # noqa: TOR901
        for name in BARE:
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(library)


_KEPT: list[torch.library.Library] = []  # a library's declarations last as long as it does
