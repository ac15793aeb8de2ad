"""Convolutions by hand against torch, scipy and finite differences."""

from typing import Any

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from core.inputs import InputError
from core.models.cnn import check
from core.models.cnn.convolution import convolve, gradients, learn, output_size

RNG = np.random.default_rng(0)
SOBEL = [[1, 0, -1], [2, 0, -2], [1, 0, -1]]
CASES = [  # image, kernel, stride, padding, dilation
    ((1, 1), (1, 1), 1, 0, 1),
    ((5, 5), (3, 3), 1, 1, 1),
    ((28, 28), (7, 7), 1, 3, 1),
    ((28, 28), (5, 5), 2, 2, 1),
    ((9, 6), (2, 3), 2, 1, 2),
    ((7, 7), (3, 3), 7, 14, 3),
    ((28, 13), (7, 1), 3, 0, 4),
    ((2, 2), (5, 5), 1, 2, 1),
]


def pair(shape, kernel):
    return RNG.normal(size=shape), RNG.normal(size=kernel)


@pytest.mark.parametrize(("shape", "kernel", "stride", "padding", "dilation"), CASES)
def test_convolve_and_its_gradients_equal_torch_s(shape, kernel, stride, padding, dilation):
    x, k = pair(shape, kernel)
    sizes = {"stride": stride, "padding": padding, "dilation": dilation}
    trace = convolve(x, k, **sizes)
    assert check.convolve_delta(x, k, trace, **sizes)["delta"] < 1e-13
    assert trace["shape"] == trace["out"].shape
    grad = RNG.normal(size=trace["shape"])
    back = gradients(x, k, grad, **sizes)
    assert check.gradients_delta(x, k, grad, back, **sizes)["delta"] < 1e-13
    assert np.allclose(back["products"].sum((2, 3)), back["kernel"])
    trace["out"][0, 0] += 1e-6
    assert check.convolve_delta(x, k, trace, **sizes)["delta"] > 1e-9
    back["kernel"][0, 0] += 1e-6
    assert check.gradients_delta(x, k, grad, back, **sizes)["delta"] > 1e-9


def test_cross_correlation_and_convolution_equal_scipy_s():
    x, k = pair((12, 9), (4, 3))
    assert np.allclose(convolve(x, k)["out"], correlate2d(x, k, "valid"), atol=1e-13)
    assert np.allclose(convolve(x, k, flip=True)["out"], convolve2d(x, k, "valid"), atol=1e-13)
    odd = RNG.normal(size=(5, 5))
    assert np.allclose(convolve(x, odd, padding=2)["out"], correlate2d(x, odd, "same"), atol=1e-13)
    assert not np.allclose(convolve(x, k)["out"], convolve(x, k, flip=True)["out"])


def test_an_edge_by_hand():
    image = [[0, 0, 9, 9]] * 3
    trace = convolve(image, SOBEL)
    assert trace["out"].tolist() == [[-36, -36]]
    assert trace["windows"][0, 1].tolist() == [[0, 9, 9]] * 3
    assert trace["products"][0, 0].tolist() == [[0, 0, -9], [0, 0, -18], [0, 0, -9]]
    assert convolve(image, SOBEL, padding=1)["padded"].shape == (5, 6)


def test_size_law_counts_places():
    for n in range(1, 13):
        for k in range(1, 5):
            for s in range(1, 4):
                for p in range(3):
                    for d in range(1, 4):
                        last = n + 2 * p - 1 - d * (k - 1)  # of the first cell under the kernel
                        assert max(output_size(n, k, s, p, d), 0) == len(range(0, last + 1, s))


def test_kernel_gradient_by_finite_differences():
    x, k = pair((6, 7), (3, 2))
    sizes: dict[str, Any] = {"stride": 2, "padding": 1, "dilation": 2}
    weight = RNG.normal(size=convolve(x, k, **sizes)["shape"])
    found = gradients(x, k, weight, **sizes)["kernel"]
    for at in np.ndindex(*k.shape):
        step = np.zeros(k.shape)
        step[at] = 1e-5
        up, down = (convolve(x, k + way * step, **sizes)["out"] for way in (1, -1))
        assert ((up - down) * weight).sum() / 2e-5 == pytest.approx(found[at], abs=1e-8)


def test_a_kernel_learns_the_one_that_made_the_target():
    x, wanted = RNG.normal(size=(12, 12)), np.array(SOBEL) / 4
    target, kernel = convolve(x, wanted)["out"], np.zeros((3, 3))
    losses = []
    for _ in range(200):
        step = learn(x, kernel, target, 0.005)
        losses.append(step["loss"])
        again = convolve(x, step["kernel"])["out"]
        assert step["loss_after"] == pytest.approx(0.5 * ((again - target) ** 2).sum(), abs=1e-9)
        kernel = step["kernel"]
    assert losses[-1] < 1e-3 * losses[0] and np.abs(kernel - wanted).max() < 0.05
    assert learn(x, kernel, target, 0)["kernel"].tolist() == kernel.tolist()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"image": [[1, 2], [3]]}, "ragged|different lengths"),
        ({"image": np.zeros((29, 3)).tolist()}, "image"),
        ({"image": [[float("nan")]], "kernel": [[1]]}, "image"),
        ({"kernel": np.zeros((8, 8)).tolist()}, "kernel"),
        ({"kernel": [[1e5]]}, "kernel"),
        ({"kernel": "x"}, "kernel"),
        ({"stride": 0}, "stride is 0"),
        ({"padding": -1}, "padding is -1"),
        ({"dilation": 1.5}, "dilation is 1.5"),
        ({"dilation": 3}, "image has shape 5 x 5; it must be at least 7 x 7"),
    ],
)
def test_what_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        convolve(**{"image": np.ones((5, 5)).tolist(), "kernel": SOBEL} | given)


def test_gradients_and_targets_of_another_shape_are_refused():
    image = np.ones((5, 5)).tolist()
    with pytest.raises(InputError, match="grad has shape"):
        gradients(image, SOBEL, [[1.0]])
    with pytest.raises(InputError, match="target has shape"):
        learn(image, SOBEL, [[1.0]], 0.1)
    with pytest.raises(InputError, match="rate is -1"):
        learn(image, SOBEL, np.ones((3, 3)).tolist(), -1)
