"""MNIST: its layout, the binarisations, the warp, and the sample that ships."""

import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.data.mnist import (
    SAMPLE,
    binarise,
    digits_sample,
    first_of_each_class,
    mnist,
    static_binarisation,
    warp,
)
from weights.recipes import sample


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def write_digits(root: Path, n_train: int = 96, n_test: int = 40, seed: int = 0) -> None:
    """Write made-up digits in torchvision's own layout: MNIST/raw with four idx files."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, n in (("train", n_train), ("t10k", n_test)):
        labels = torch.arange(n) % 10
        images = torch.zeros(n, 28, 28)
        for i, label in enumerate(labels.tolist()):  # a bar whose place tells the class
            images[i, 4 + 2 * label : 7 + 2 * label, 6:22] = 200
        images += torch.rand(images.shape, generator=generator(seed + n)) * 50
        pixels = images.to(torch.uint8).numpy().tobytes()
        head = struct.pack(">IIII", 2051, n, 28, 28)
        (raw / f"{name}-images-idx3-ubyte").write_bytes(head + pixels)
        head = struct.pack(">II", 2049, n)
        (raw / f"{name}-labels-idx1-ubyte").write_bytes(head + bytes(labels.tolist()))


def test_mnist_reads_torchvisions_layout(tmp_path):
    write_digits(tmp_path)
    for train, n in ((True, 96), (False, 40)):
        images, labels = mnist(tmp_path, train=train, download=False)
        assert images.shape == (n, 1, 28, 28) and images.dtype == torch.uint8
        assert labels.tolist() == [i % 10 for i in range(n)] and labels.dtype == torch.int64
    with pytest.raises(RuntimeError, match="not found"):
        mnist(tmp_path / "nowhere", train=True, download=False)


def test_binarise_is_a_bernoulli_draw_of_the_grey_level():
    grey = torch.arange(256, dtype=torch.uint8).repeat(4000, 1)  # (4000, 256)
    x = binarise(grey, generator())
    assert set(x.unique().tolist()) == {0.0, 1.0} and x.dtype == torch.float32
    p = torch.arange(256) / 255
    sigma = (p * (1 - p) / 4000).sqrt()
    assert ((x.mean(0) - p).abs() <= 5 * sigma + 1e-7).all()
    assert x[:, 0].max() == 0 and x[:, 255].min() == 1  # what is certain is never drawn otherwise


def test_draws_follow_their_generator():
    grey = torch.randint(0, 256, (5, 1, 28, 28), generator=generator(1), dtype=torch.uint8)
    assert torch.equal(binarise(grey, generator(2)), binarise(grey, generator(2)))
    assert not torch.equal(binarise(grey, generator(2)), binarise(grey, generator(3)))
    assert torch.equal(static_binarisation(grey), static_binarisation(grey))
    assert not torch.equal(static_binarisation(grey), static_binarisation(grey, seed=1))


def test_warp_without_movement_is_the_identity_and_keeps_the_range():
    images = torch.rand(4, 1, 28, 28, generator=generator())
    out = warp(images, generator())
    assert out.shape == images.shape and 0 <= out.min() and out.max() <= 1 + 1e-6
    assert not torch.allclose(out, images, atol=0.1)
    assert torch.equal(out, warp(images, generator()))
    still = warp(images, generator(), turn=0, stretch=0, move=0)
    assert torch.allclose(still, images, atol=1e-5)


def test_the_sample_that_ships():
    images, labels = digits_sample()
    assert images.shape == (100, 1, 28, 28) and images.dtype == torch.uint8
    assert labels.tolist() == [c for c in range(10) for _ in range(10)]
    assert SAMPLE.stat().st_size < 100_000
    ink = images.float().mean((1, 2, 3)) / 255
    assert ink.min() > 0.02 and ink.max() < 0.4  # white digits on black


def test_the_first_of_each_class_are_taken_in_class_order():
    images = torch.arange(60).view(60, 1, 1, 1)
    labels = torch.arange(60) % 10
    found, classes = first_of_each_class(images, labels, each=2)
    assert found.flatten().tolist() == [v for c in range(10) for v in (c, c + 10)]
    assert classes.tolist() == [c for c in range(10) for _ in range(2)]


def test_the_recipe_of_the_sample_writes_the_same_bytes_each_time(tmp_path):
    write_digits(tmp_path, n_test=120)
    for name in ("one", "two"):
        sample.main(["--data", str(tmp_path), "--out", str(tmp_path / name)])
    found, (images, _) = load_file(tmp_path / "one"), mnist(tmp_path, train=False)
    rows = [10 * i + c for c in range(10) for i in range(10)]  # the made-up classes come in turn
    assert torch.equal(found["images"], images[rows])
    assert found["labels"].tolist() == [c for c in range(10) for _ in range(10)]
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
