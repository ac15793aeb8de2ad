"""Read MNIST through torchvision, binarise and warp it; read the small sample that ships.

    dynamic binarisation   x = 1[u < p],  u ~ U(0, 1) drawn anew each time,  p = grey level / 255
    static binarisation    the same with one fixed u for each pixel of the set, drawn from a seed

Binarising makes a pixel Bernoulli(p), as Salakhutdinov & Murray 2008 did. The static set is ours:
the seed fixes it, and it is not the file that Larochelle published; numbers on the two agree to the
noise of the draw.
MNIST (LeCun, Cortes, Burges) is under CC BY-SA 3.0; so is the sample in weights/.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from torch import Tensor

from core.weights import shipped
from core.weights.card import FOLDER

LICENCE = "CC BY-SA 3.0"
SOURCE = "MNIST (LeCun, Cortes, Burges), through torchvision.datasets.MNIST"
SAMPLE = FOLDER / "mnist-sample.safetensors"
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


def static_binarisation(images: Tensor, seed: int = STATIC_SEED) -> Tensor:
    """Return the static binarisation of a whole set: (N, 1, 28, 28) uint8 to float 0 or 1.

    The draw depends on the seed and on an image's place in the set: pass the set in its own order.
    """
    return binarise(images.cpu(), torch.Generator().manual_seed(seed)).to(images.device)


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

    Ten of each class in class order, the first ten of the test set; `weights.recipes.sample` writes
    the file.

    Raises:
        WeightError: the file is missing or damaged.
    """
    found, _ = shipped.read_arrays(SAMPLE)
    return torch.from_numpy(found["images"]), torch.from_numpy(found["labels"])


def first_of_each_class(images: Tensor, labels: Tensor, each: int = 10) -> tuple[Tensor, Tensor]:
    """Return the first `each` images of every class, in class order, and their labels.

    Args:
        images: (N, …).
        labels: (N,), 0 to 9.
        each: how many of a class; fewer where there are not as many.
    """
    rows = torch.cat([torch.nonzero(labels == c)[:each, 0] for c in range(10)])
    return images[rows].contiguous(), labels[rows].contiguous()


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
