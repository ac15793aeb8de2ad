"""Two hand-size nets in turn, against torch.optim and what must hold whatever the numbers."""

import math

import numpy as np
import pytest
import torch

from core import check_turns
from core.inputs import InputError
from core.models import gan_step
from core.models.gan_turns import take_turns, verdicts

NETS = gan_step.generator_case()


def rounds(**changes):
    return list(take_turns(**{"x": 0.5, **NETS, "rate": 3.0, **changes}))


@pytest.mark.parametrize("loss", gan_step.LOSSES)
def test_rounds_equal_torch_s_optimizer_from_the_first_to_the_last(loss):
    def net(first, second, squash):
        layers = [torch.nn.Linear(1, len(first), bias=False, dtype=torch.float64), squash]
        layers.append(torch.nn.Linear(len(first), 1, bias=False, dtype=torch.float64))
        layers[0].weight.data = torch.tensor(first, dtype=torch.float64)
        layers[2].weight.data = torch.tensor(second, dtype=torch.float64).reshape(1, -1)
        return torch.nn.Sequential(*layers)

    G = net(NETS["v1"], NETS["v2"], torch.nn.Tanh())
    D = net(NETS["w1"], NETS["w2"], torch.nn.Sigmoid())
    u, x = (torch.tensor([[v]], dtype=torch.float64) for v in (NETS["u"], 0.5))
    for_g, for_d = (torch.optim.SGD(one.parameters(), lr=1.0) for one in (G, D))
    for ours in take_turns(0.5, **NETS, loss=loss, rate=1.0, rounds=20, d_steps=2):
        real, fake = torch.sigmoid(D(x)), torch.sigmoid(D(G(u)))
        assert ours["D_real"] == pytest.approx(real.item(), abs=1e-12)
        assert ours["D_fake"] == pytest.approx(fake.item(), abs=1e-12)
        assert ours["d_loss"] == pytest.approx(-(real.log() + (1 - fake).log()).item(), abs=1e-12)
        for _ in range(2):
            for_d.zero_grad()
            (-torch.sigmoid(D(x)).log() - (1 - torch.sigmoid(D(G(u)))).log()).sum().backward()
            for_d.step()
        for_g.zero_grad()
        fake = torch.sigmoid(D(G(u)))
        lost = (1 - fake).log() if loss == "minimax" else -fake.log()
        lost.sum().backward()
        for_g.step()


@pytest.mark.parametrize(
    "changes", [{}, {"g_steps": 0}, {"loss": "minimax"}, {"d_steps": 3}], ids=str
)
def test_the_check_agrees_round_by_round(changes):
    states = rounds(rounds=8, **changes)
    asked = {"x": 0.5, "u": NETS["u"], "loss": "non-saturating", "rate": 3.0, **changes}
    checked = check_turns.turns_delta(**{"d_steps": 1, "g_steps": 1, **asked}, states=states)
    assert checked["delta"] < 1e-12
    states[3]["D_fake"] += 1e-6
    asked = {"d_steps": 1, "g_steps": 1, **asked}
    assert check_turns.turns_delta(**asked, states=states)["delta"] > 1e-7


def test_factors_equal_autograd_from_end_to_end():
    D = np.linspace(0.001, 0.999, 60)
    right = {"minimax": -D, "non-saturating": D - 1}
    assert check_turns.factor_delta(D, right)["delta"] < 1e-12
    wrong = {**right, "minimax": D - 1}
    assert check_turns.factor_delta(D, wrong)["delta"] > 0.9


def test_the_generator_overshoots_and_comes_back_to_the_real_x():
    states = rounds(rounds=60)
    path = [float(s["x"][0]) for s in states]
    assert path[0] < -0.5 and max(path) > 0.9 and abs(path[-1] - 0.5) < 0.05
    last = states[-1]
    assert abs(last["D_real"] - 0.5) < 0.01 and abs(last["D_fake"] - 0.5) < 0.01
    assert last["d_loss"] == pytest.approx(2 * math.log(2), abs=1e-3)


def test_alone_the_discriminator_takes_minimax_its_gradient():
    states = rounds(rounds=160, g_steps=0)
    assert all(np.array_equal(s["x"], states[0]["x"]) for s in states)
    first, last = states[0], states[-1]
    assert last["D_fake"] < 0.01 < first["D_fake"]
    assert last["reach"]["minimax"] < first["reach"]["minimax"] < last["reach"]["non-saturating"]
    for s in states:
        ratio = s["reach"]["non-saturating"] / s["reach"]["minimax"]
        assert ratio == pytest.approx((1 - s["D_fake"]) / s["D_fake"], rel=1e-9)


def test_verdicts_are_the_step_s_d():
    xs = np.random.default_rng(0).normal(size=(5, 2))
    w1, w2 = np.random.default_rng(1).normal(size=(3, 2)), np.array([1.0, -2.0, 0.5])
    one_by_one = [gan_step.gan_backward(x, w1, w2, 1)["D"] for x in xs]
    np.testing.assert_allclose(verdicts(xs, w1, w2), one_by_one, rtol=1e-14)


def test_no_rounds_and_no_rate_change_nothing():
    assert [s["round"] for s in rounds(rounds=0)] == [0]
    before, after = rounds(rounds=1, rate=0)
    assert all(np.array_equal(before[n], after[n]) for n in ("v1", "v2", "w1", "w2", "x"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"x": math.nan}, "x"),
        ({"x": [0.5, 0.5]}, "w1"),
        ({"u": "a"}, "u"),
        ({"v2": [[1.0, 1.0]] * 2}, "v2"),
        ({"loss": "hinge"}, "loss"),
        ({"rate": -1}, "rate"),
        ({"rounds": 501}, "rounds"),
        ({"d_steps": 11}, "d_steps"),
        ({"g_steps": -1}, "g_steps"),
    ],
)
def test_bad_input_names_its_field_before_the_first_round(changes, field):
    with pytest.raises(InputError, match=rf"^{field}(\W|$)"):
        take_turns(**{"x": 0.5, **NETS, **changes})
