"""The bound on log P of an image, by torch.distributions and by the density itself."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from core.inputs import InputError
from core.models.flow.bound import bound
from core.models.flow.real_nvp import Config, Flow, dequantise, log_likelihood
from tests.core.flow.cases import SMALL, flow, generator, shake


def image(seed: int = 0) -> torch.Tensor:
    return torch.randint(0, 256, (28, 28), generator=generator(seed)) / 255


def test_a_flow_of_curves_alone_costs_what_the_counts_of_its_levels_cost():
    """Without couplings log P is known: the sum of each pixel's log-probability of its level."""
    model = shake(Flow(Config(kind="image", couplings=(0,), width=(1,)))).double()
    logits = model.layers[0].logits.log_softmax(1)  # pyright: ignore
    levels = (image() * 255).round().long().flatten()
    exact = logits.gather(1, levels[:, None]).sum().item()
    found = bound(model, image().double(), 3)
    assert found.log_P == pytest.approx(exact, abs=1e-6)
    assert found.error == pytest.approx(0, abs=1e-6)  # within a cell the density is level
    assert found.bits == pytest.approx(-exact / (784 * math.log(2)))


def test_the_terms_are_means_over_the_draws():
    model = shake(Flow(SMALL)).double()
    found, x = bound(model, image().double(), 5, 3), image().double().expand(5, 1, 28, 28)
    z, _ = model(dequantise(x, generator(3)))
    theirs = Normal(0.0, 1.0).log_prob(z).flatten(1).sum(1).mean().item()
    assert found.log_normal == pytest.approx(theirs)
    assert found.log_p == pytest.approx(found.log_normal + found.log_det)
    assert found.log_P == pytest.approx(found.log_p - 784 * math.log(256))


def test_one_draw_estimates_the_same_and_the_log_of_a_mean_more():
    model, x = shake(Flow(SMALL)), image()[None, None]
    one = [bound(model, x, 1, seed).log_P for seed in range(100)]
    many = bound(model, x, 100)
    assert abs(np.mean(one) - many.log_P) < 4 * math.hypot(many.error, np.std(one) / 10)
    assert math.isnan(bound(model, x, 1).error)
    with torch.no_grad():
        assert log_likelihood(model, x, 100, generator()).item() > many.log_P


def test_a_shipped_flow_gives_an_image_the_same_bound_each_time():
    model = flow("flow-mnist")
    assert bound(model, image()) == bound(model, image()[None, None])
    assert bound(model, image()).draws == 64


@pytest.mark.parametrize(
    ("shape", "draws"), [((28, 27), 1), ((2, 1, 28, 28), 1), ((28, 28), 0), ((28, 28), 0.5)]
)
def test_bad_input_is_refused(shape, draws):
    with pytest.raises(InputError):
        bound(Flow(SMALL), torch.zeros(shape), draws)
