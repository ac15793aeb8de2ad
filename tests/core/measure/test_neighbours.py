"""Black-and-white neighbours against brute force, and the file against MNIST's counts."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from core.data.mnist import digits_sample, mnist
from core.inputs import InputError
from core.measure.neighbours import distances, nearest, pack, training_bits, unpack
from tests.core.data.test_mnist import write_digits
from weights.recipes.neighbours import main


def images(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, 28, 28))


def test_packing_and_back_is_a_threshold_at_half():
    x = images(5)
    x[0, 0, :3] = (0.5, 0.4999, 1.0)
    assert pack(x).shape == (5, 98) and pack(x).dtype == np.uint8
    assert np.array_equal(unpack(pack(x)), x >= 0.5)
    assert np.array_equal(pack(x), pack(x[:, None]))


def test_distances_equal_the_pixels_that_differ():
    x, y = images(40, 1), images(1, 2)[0]
    by_hand = ((x >= 0.5) != (y >= 0.5)).sum((1, 2))
    found = distances(pack(y[None])[0], pack(x))
    assert np.array_equal(found, by_hand)
    assert distances(pack(y[None])[0], pack(1 - y[None]))[0] == 784


@pytest.mark.parametrize("k", [1, 3, 40])
def test_nearest_equals_brute_force(k):
    x, y = images(40, 1), images(6, 2)
    x[7] = x[20] = y[3]  # a tie: the first row
    away = np.abs((y >= 0.5)[:, None].astype(int) - (x >= 0.5)).sum((2, 3))  # (6, 40)
    order = np.argsort(away, axis=1, kind="stable")[:, :k]
    gaps, rows = nearest(y, pack(x), k)
    assert np.array_equal(rows, order)
    assert np.array_equal(gaps, np.take_along_axis(away, order, 1))
    assert rows[3, 0] == 7 and gaps[3, 0] == 0


def test_an_image_with_a_few_flipped_pixels_finds_itself():
    bits, labels = training_bits()
    rows = np.arange(0, 60_000, 10_007)
    shown = unpack(bits[rows]).astype(float)
    shown[:, 0, :5] = 1 - shown[:, 0, :5]  # a corner that no digit reaches
    gaps, found = nearest(shown, bits)
    assert np.array_equal(found[:, 0], rows) and (gaps == 5).all()
    assert np.array_equal(labels[found[:, 0]], labels[rows])


def test_a_test_digit_s_neighbour_is_mostly_of_its_class():
    bits, labels = training_bits()
    shown, own = digits_sample()
    _, rows = nearest(shown.numpy()[::5] / 255, bits)
    assert (labels[rows[:, 0]] == own.numpy()[::5]).mean() >= 0.9


def test_the_file_holds_every_training_image():
    bits, labels = training_bits()
    assert bits.shape == (60_000, 98) and labels.shape == (60_000,)
    # LeCun's training set: how often each class occurs
    count = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(labels).tolist() == count


def test_the_recipe_packs_the_training_set(tmp_path):
    write_digits(tmp_path)
    main(["--data", str(tmp_path), "--out", str(tmp_path / "bits.safetensors")])
    kept = load_file(tmp_path / "bits.safetensors")
    x, y = mnist(tmp_path, train=True)
    assert np.array_equal(unpack(kept["bits"]), x[:, 0].numpy() >= 128)
    assert kept["labels"].tolist() == y.tolist()


def test_bad_images_are_refused():
    for wrong in (np.zeros((2, 27, 28)), np.zeros(784), np.full((1, 28, 28), np.nan)):
        with pytest.raises(InputError, match="images"):
            pack(wrong)
    with pytest.raises(InputError, match="k is"):
        nearest(images(1), pack(images(3)), 4)
