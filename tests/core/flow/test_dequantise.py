"""Grey levels with and without dequantisation, against torch.distributions and closed forms."""

import math

import pytest
import torch
from torch.distributions import (
    AffineTransform,
    Categorical,
    MixtureSameFamily,
    SigmoidTransform,
    TransformedDistribution,
    Uniform,
)

from core.inputs import InputError
from core.models.flow import dequantise as run
from core.models.flow.dequantise import Settings


def train(steps: int = 150, **settings):
    chosen = Settings(**settings)
    return chosen, *run.advance(run.begin(chosen), chosen, steps)


def test_the_density_is_torch_s_mixture_of_logistics():
    _, state, _ = train(20)
    log_s, m, logits = state["w"].chunk(3)
    base = Uniform(torch.zeros(8).double(), torch.ones(8).double())
    parts = [SigmoidTransform().inv, AffineTransform(m, log_s.exp())]
    theirs = MixtureSameFamily(Categorical(logits=logits), TransformedDistribution(base, parts))
    x = torch.linspace(0.01, 0.99, 30, dtype=torch.float64)
    near = (torch.sigmoid((x[:, None] - m) / log_s.exp()) - 0.5).abs() < 0.499999
    held = near.all(1)  # where their sigmoid still can be undone
    assert held.sum() > 5
    assert torch.allclose(run.log_prob(state, x)[held], theirs.log_prob(x)[held], atol=1e-6)


def test_the_density_is_the_slope_of_the_flow():
    _, state, _ = train(50, noise=True)
    x = torch.linspace(0, 1, 40, dtype=torch.float64, requires_grad=True)
    y = run.forward(state, x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    assert torch.allclose(slope.log(), run.log_prob(state, x.detach()), atol=1e-9)
    assert (y.diff() > 0).all() and y.min() > 0 and y.max() < 1


def test_the_floor_is_the_entropy_of_the_steps():
    even = Settings(levels=(0.25,) * 4)
    assert run.floor(even) == pytest.approx(0, abs=1e-12)  # uniform on [0, 1)
    uneven = Settings(levels=(0.5, 0.25, 0.25))
    own = 0.5 * math.log(1.5) + 0.5 * math.log(0.75)  # E log p of the density 3 P_k
    assert run.floor(uneven) == pytest.approx(-own, abs=1e-12)


def test_with_noise_the_loss_settles_above_the_floor_and_without_it_falls_for_ever():
    chosen, state, seen = train(400, noise=True)
    assert run.floor(chosen) < run.nll(state, chosen) < run.floor(chosen) + 0.15
    bare, fallen, told = train(400, noise=False)
    assert run.nll(fallen, bare) < -6 < run.floor(bare)
    again, more = run.advance(fallen, bare, 200)
    assert run.nll(again, bare) < run.nll(fallen, bare) - 2  # and on
    end, rest = run.advance(again, bare, 2000)
    assert len(rest) < 2000 and rest[-1]["tallest"] <= run.TALLEST  # until digits end
    assert end["w"].isfinite().all()
    with_noise = Settings(noise=True)
    assert run.nll(fallen, with_noise) > run.nll(state, with_noise) + 1  # it has learned nothing


def test_a_run_does_not_depend_on_where_it_is_cut_and_changes_nothing():
    chosen = Settings(noise=True)
    start = run.begin(chosen)
    held = {k: v.clone() for k, v in start.items()}
    whole, seen = run.advance(start, chosen, 5)
    part, first = run.advance(start, chosen, 3)
    rest, second = run.advance(part, chosen, 2)
    assert all(torch.equal(whole[k], rest[k]) for k in whole) and seen == first + second
    assert all(torch.equal(start[k], held[k]) for k in start)


@pytest.mark.parametrize(
    "change",
    [
        {"levels": (1.0,)},
        {"levels": (0.5, 0.4)},
        {"levels": (1.0, 0.0)},
        {"noise": 1},
        {"parts": 0},
        {"batch": 8},
        {"rate": math.inf},
        {"seed": -1},
    ],
    ids=str,
)
def test_bad_settings_are_refused(change):
    with pytest.raises(InputError):
        Settings(**change)
