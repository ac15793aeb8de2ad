"""Units taken apart, and whole nets, against torch and scipy."""

import numpy as np
import pytest
import torch

from core import weights
from core.data.mnist import digits_sample
from core.inputs import InputError
from core.models.cnn import check
from core.models.cnn.convolution import convolve, learn
from core.models.cnn.explain import gradient
from core.models.cnn.small import Config, SmallNet
from core.models.cnn.unit import take_apart, units
from core.models.cnn.walk import walk

RNG = np.random.default_rng(0)


def digit(row: int = 31) -> torch.Tensor:
    return digits_sample()[0][row : row + 1] / 255


def tiny() -> SmallNet:
    return weights.load("cnn-tiny-mnist")  # pyright: ignore


@pytest.mark.parametrize("name", ["cnn-tiny-mnist", "mlp-mnist", "classifier-mnist"])
def test_every_kind_of_unit_sums_to_the_net_s_own_value(name):
    model, x = weights.load(name), digit()
    found = dict(walk(model, x))  # pyright: ignore
    if "mean" in found:  # it reads means, not maps
        assert units(model)[-1] == "dense 1"  # pyright: ignore
    for layer in units(model)[: -1 if "mean" in found else None]:  # pyright: ignore
        values = found[layer][0]
        places = [
            (0, 0, 0),
            tuple(n - 1 for n in values.shape),
            tuple(n // 2 for n in values.shape),
        ]
        for place in places:
            at = (*place, 0, 0)[:3]
            if layer == "dense 2":
                continue  # reads the units before, which are no maps
            unit = take_apart(model, x, layer, *at)  # pyright: ignore
            value = values[place[: values.dim()]].item()
            assert check.unit_delta(unit, value)["delta"] < 1e-4, (layer, at)
            assert check.unit_delta(unit, value + 1e-2)["delta"] > 1e-3
            assert unit["products"].shape == unit["patch"].shape == unit["kernel"].shape
    if name == "cnn-tiny-mnist":
        assert [take_apart(tiny(), x, one, 0, 0, 0)["relu"] for one in units(tiny())] == [
            True, False, True, False, False
        ]  # fmt: skip
        assert take_apart(tiny(), x, "conv 2", 0, 0, 5)["corner"] == (-1, 4)


@pytest.mark.parametrize(
    "place", [("conv 3", 0, 0, 0), ("conv 1", 4, 0, 0), ("pool 1", 0, 14, 0), ("dense 1", 0, 0, 1)]
)
def test_a_unit_that_is_not_there_is_refused(place):
    with pytest.raises(InputError):
        take_apart(tiny(), digit(), *place)


def test_a_whole_net_equals_scipy_s():
    for model in (tiny(), SmallNet(Config(kind="mlp")).eval().requires_grad_(False)):
        found = walk(model, digit())
        assert check.net_delta(model, digit(), found)["delta"] < 1e-4
        found[0][1].view(-1)[3] += 1e-2
        assert check.net_delta(model, digit(), found)["delta"] > 1e-3


@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 0, 1), (2, 1, 1), (1, 2, 2)])
@pytest.mark.parametrize("flip", [False, True])
def test_convolutions_equal_scipy_s(stride, padding, dilation, flip):
    x, k = RNG.normal(size=(9, 8)), RNG.normal(size=(3, 2))
    trace = convolve(x, k, stride, padding, dilation, flip)
    sizes = (stride, padding, dilation, flip)
    assert check.correlate_delta(x, k, trace, *sizes)["delta"] < 1e-13
    trace["out"][0, 0] += 1e-6
    assert check.correlate_delta(x, k, trace, *sizes)["delta"] > 1e-9


def test_gradients_equal_differences():
    x, k = RNG.normal(size=(7, 7)), RNG.normal(size=(3, 3))
    target = RNG.normal(size=(5, 5))
    step = learn(x, k, target, 0.1)
    assert check.finite_delta(x, k, target, step["gradient"])["delta"] < 1e-6
    assert check.finite_delta(x, k, target, 1.01 * step["gradient"])["delta"] > 1e-4
    noise = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    image = digit() + 0.1 * noise  # no two of a patch alike
    found = gradient(tiny(), image, 3)
    right, wrong = (check.slope_delta(tiny(), image, 3, times * found) for times in (1, 1.1))
    assert right and wrong and right["delta"] < 1e-3 < wrong["delta"]
    assert check.slope_delta(tiny(), 0 * image, 3, found) is None  # no ink
