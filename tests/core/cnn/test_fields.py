"""Receptive fields and transposed convolutions against autograd and torch."""

import numpy as np
import pytest
import torch

from core import weights
from core.inputs import InputError
from core.models.cnn import check
from core.models.cnn.receptive import first_pixel, receptive_field
from core.models.cnn.small import Config, SmallNet
from core.models.cnn.transposed import overlaps, spread
from core.models.cnn.walk import paddings, walk, windows

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "layers",
    [
        [(3, 1, 1)] * 4,
        [(5, 2, 1), (3, 1, 1), (2, 2, 1), (3, 1, 1), (3, 1, 1)],
        [(3, 1, 1), (3, 1, 2), (3, 1, 4)],
        [(1, 3, 1), (2, 1, 5), (4, 2, 1)],
    ],
)
def test_receptive_field_equals_autograd_s(layers):
    trace = receptive_field(layers)
    assert check.receptive_field_delta(layers, trace)["delta"] == 0
    trace[-1]["size"] += 1
    assert check.receptive_field_delta(layers, trace)["delta"] > 0


def test_receptive_field_of_the_shipped_classifier_is_27_pixels():
    model = weights.load("classifier-mnist")
    named = windows(model)  # pyright: ignore
    assert [name for name, _ in named] == ["conv 1", "conv 2", "pool 1", "conv 3", "conv 4"]
    last = receptive_field([window for _, window in named])[-1]
    assert last["size"] == 27 and last["jump"] == 4
    draw = torch.Generator().manual_seed(0)
    seen = np.zeros((28, 28), bool)
    for _ in range(20):  # a unit behind ReLU looks at a part of it on one picture
        x = torch.rand(1, 1, 28, 28, generator=draw).requires_grad_()
        (slope,) = torch.autograd.grad(_maps(model, x)[0, :, 3, 3].sum(), x)
        seen |= (slope[0, 0] != 0).numpy()
    rows, columns = np.nonzero(seen)
    assert np.ptp(rows) + 1 == np.ptp(columns) + 1 == 27
    layers = [window for _, window in named]
    assert first_pixel(layers, paddings(model), 3) == rows.min()  # pyright: ignore


def _maps(model, x):
    return [values for name, values in walk(model, x) if name == "relu 4"][0]


def test_walk_ends_in_the_logits_and_names_its_layers():
    x = torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    nets = {
        "classifier": weights.load("classifier-mnist"),
        "cnn": SmallNet(Config()).eval(),
        "mlp": SmallNet(Config(kind="mlp")).eval(),
    }
    for model in nets.values():
        found = walk(model, x)  # pyright: ignore
        assert torch.allclose(found[-1][1], model(x), atol=1e-6)
        assert len({name for name, _ in found}) == len(found)
    names = [name for name, _ in walk(nets["cnn"], x)]  # pyright: ignore
    wanted = "conv 1, relu 1, pool 1, conv 2, relu 2, pool 2, flatten, dense 1"
    assert ", ".join(names) == wanted
    assert windows(nets["mlp"]) == []  # pyright: ignore
    assert sum(p.numel() for p in nets["cnn"].parameters()) == 4266
    assert sum(p.numel() for p in nets["mlp"].parameters()) == 25450


@pytest.mark.parametrize(
    ("shape", "kernel", "stride", "padding"),
    [
        ((1, 1), (1, 1), 1, 0),
        ((4, 3), (3, 3), 2, 1),
        ((5, 5), (4, 4), 2, 1),
        ((3, 6), (2, 5), 3, 0),
    ],
)
def test_spread_equals_conv_transpose(shape, kernel, stride, padding):
    x, k = RNG.normal(size=shape), RNG.normal(size=kernel)
    trace = spread(x, k, stride, padding)
    assert check.spread_delta(x, k, trace, stride, padding)["delta"] < 1e-13
    assert trace["out"].shape == trace["shape"]
    assert trace["parts"].sum() == pytest.approx(x.sum() * k.sum(), abs=1e-12)
    trace["overlap"][0, 0] += 1
    assert check.spread_delta(x, k, trace, stride, padding)["delta"] > 0.1


def test_overlaps_are_even_just_if_the_stride_divides_the_kernel():
    for k in range(1, 9):
        for s in range(1, 6):
            for p in range(min(k, 3)):
                trace = overlaps(12, k, s, p)
                assert check.overlaps_delta(12, k, s, trace, p)["delta"] == 0
                inner = trace["inner"]
                assert trace["even"] == (len(set(inner.tolist())) == 1)
                assert len(inner) >= s and (inner[s:] == inner[:-s]).all()
                if trace["even"]:
                    assert (inner == k // s).all()
    assert overlaps(3, 3, 2)["counts"].tolist() == [1, 1, 2, 1, 2, 1, 1]


@pytest.mark.parametrize(
    "call",
    [
        lambda: receptive_field([(0, 1, 1)]),
        lambda: receptive_field([(3, 1)]),  # pyright: ignore
        lambda: receptive_field([(3, 1, 1)] * 33),
        lambda: receptive_field([(3, 17, 1)]),
        lambda: spread([[1]], [[1]], padding=1),
        lambda: spread([[1] * 15], [[1]]),
        lambda: spread([[1]], [[1]], stride=0),
        lambda: overlaps(1, 2, 1, 1),
        lambda: overlaps(0, 2, 1),
        lambda: overlaps(3, 17, 1),
    ],
)
def test_what_is_refused(call):
    with pytest.raises(InputError):
        call()
