"""The flow tab's API says what core and torch.distributions say."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import AffineTransform, Independent, Normal, TransformedDistribution

from apps import flow as tab
from apps.lessons.flow.flows import ALL
from apps.lessons.shared import nets, pictures
from core.models.flow.layers import ActNorm
from core.models.flow.real_nvp import Config, Flow
from core.weights import WeightError
from core.weights.card import FOLDER, cards
from tests.tab_case import refuse


def test_the_api_s_coupling_is_a_conditional_affine_transform():
    x, s, t = [0.3, -1.0, 2.0, 0.5], [0.5, -1.0], [1.0, 0.25]
    found = tab.flow_coupling(x, s, t)
    theirs = AffineTransform(torch.tensor(t).double(), torch.tensor(s).double().exp())
    changed = torch.as_tensor(theirs(torch.tensor(x[2:]).double()))
    np.testing.assert_allclose(found["y"], [*x[:2], *changed.tolist()], atol=1e-12)
    assert found["log_det"] == pytest.approx(-0.5)
    np.testing.assert_allclose(found["x_back"], x, atol=1e-12)


def test_log_prob_of_a_flow_of_one_layer_is_torch_s(monkeypatch):
    model = Flow(Config(couplings=(1,), width=(2,))).eval().requires_grad_(False)
    first = model.layers[0]
    assert isinstance(first, ActNorm)
    first.shift.copy_(torch.tensor([0.5, -1.0]))
    first.scale.copy_(torch.tensor([0.3, -0.2]))
    monkeypatch.setattr(nets, "model", lambda name: model)
    x = [[0.1, 0.2], [-2.0, 1.0]]
    scale = (-first.scale).exp()
    theirs = TransformedDistribution(
        Independent(Normal(torch.zeros(2), torch.ones(2)), 1),
        AffineTransform(-first.shift, scale, event_dim=1),
    )
    found = tab.flow_log_prob("realnvp-moons", x)["log_prob"]
    np.testing.assert_allclose(found, theirs.log_prob(torch.tensor(x)), atol=1e-5)
    cold = tab.flow_sample("realnvp-moons", 3, 0, 0.0)["x"]
    np.testing.assert_allclose(cold, (-first.shift).expand(3, 2), atol=1e-6)


def test_the_api_of_images(flows):
    image = pictures.digits()[0][5]
    found = tab.flow_log_prob("flow-mnist", image.tolist())
    assert found["bits_per_dim"] == pytest.approx(-found["log_prob"] / (784 * math.log(2)))
    made = tab.flow_sample("flow-mnist", 2, 1)["x"]
    assert made.shape == (2, 28, 28) and 0 <= made.min() and made.max() <= 1
    again = tab.flow_sample("flow-mnist", 2, 1)["x"]
    np.testing.assert_array_equal(made, again)


def test_a_model_that_is_not_here_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(nets, "model", refuse)
    with pytest.raises(WeightError, match="realnvp-moons"):
        tab.flow_sample("realnvp-moons")


def test_the_names_that_the_tab_knows_are_the_recipe_s():
    from weights.recipes.flow import JOBS

    assert set(ALL) == set(JOBS)


def test_flows_that_ship_can_be_loaded():
    for name in set(ALL) & set(cards()):
        assert (FOLDER / cards()[name].file).exists() and nets.have(name)
