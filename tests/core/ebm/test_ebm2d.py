"""The plane's energy-based model against torch.nn, torch.optim, closed forms and itself."""

import math

import pytest
import torch
from torch import nn

from core.data.densities import density
from core.inputs import InputError
from core.models.ebm.ebm2d import (
    LARGEST,
    MOMENTUM,
    WALL,
    Settings,
    State,
    advance,
    begin,
    check,
    describe,
    energy,
    loss,
    net_energy,
    partition,
    weights,
)
from core.models.flat.packing import pack, unpack

SMALL = Settings(batch=32, width=8, depth=2, chain=3)


def points(n: int, seed: int = 0) -> torch.Tensor:
    return 2 * torch.randn(n, 2, generator=torch.Generator().manual_seed(seed))


def train_five_steps(settings: Settings) -> dict:
    """A state whose net is no constant."""
    return advance(begin(settings), settings, 5)


def test_the_net_equals_torch_nn():
    net = weights(train_five_steps(SMALL))
    layers = [nn.Linear(14, 8), nn.SiLU(), nn.Linear(8, 8), nn.SiLU(), nn.Linear(8, 1)]
    theirs = nn.Sequential(*layers)
    parts = dict(zip(theirs.state_dict(), (net[k] for k in ("w0", "b0", "w1", "b1", "w2", "b2"))))
    theirs.load_state_dict(parts)
    x = points(20)
    waves = [f(k * x) for f in (torch.sin, torch.cos) for k in (1, 2, 4)]
    assert torch.allclose(net_energy(net, x), theirs(torch.cat([x, *waves], 1))[:, 0], atol=1e-6)
    assert net_energy(net, x).std() > 1e-3
    wall = (x**2).sum(1) / (2 * WALL**2)
    assert torch.allclose(energy(net, x) - net_energy(net, x), wall, atol=1e-5)


def test_a_step_is_the_loss_s_gradient_through_torch_optim():
    """One step of training from the same data and particles, by an optimiser we did not write."""
    state = begin(SMALL)
    after = advance(state, SMALL)
    net: State = {k: nn.Parameter(v.clone()) for k, v in weights(state).items()}
    optimiser = torch.optim.Adam(net.values(), lr=SMALL.rate, betas=(MOMENTUM, 0.999))
    data = describe(state, SMALL, side=2, arrows=1)["data"]
    loss(net, data, after["particles"], SMALL.alpha).backward()
    optimiser.step()
    for name, weight in net.items():
        assert torch.allclose(weight, after[name], atol=1e-6), name


def test_advancing_is_pure_and_deterministic():
    state = begin(SMALL)
    kept = {k: v.clone() for k, v in state.items()}
    six = advance(state, SMALL, 6)
    assert all(torch.equal(state[k], v) for k, v in kept.items())
    parts = advance(advance(advance(state, SMALL, 1), SMALL, 3), SMALL, 2)
    assert state.keys() == six.keys() and all(torch.equal(parts[k], v) for k, v in six.items())
    other = advance(begin(Settings(**{**vars(SMALL), "seed": 1})), SMALL, 6)
    assert not torch.equal(other["particles"], six["particles"])
    assert six["step"].item() == 6


def test_a_state_survives_bytes():
    state = train_five_steps(SMALL)
    assert {v.dtype for v in state.values()} == {torch.float32}
    back = check(unpack(pack(state, None))[0], SMALL)
    assert back.keys() == state.keys() and all(torch.equal(v, back[k]) for k, v in state.items())
    on, way = advance(back, SMALL, 2), advance(state, SMALL, 2)
    assert all(torch.equal(on[k], v) for k, v in way.items())


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.pop("w0"),
        lambda s: s.update(w9=torch.zeros(1)),
        lambda s: s.update(b1=torch.zeros(7)),
        lambda s: s.update(b1=torch.zeros(8).double()),
        lambda s: s["w1"].view(-1)[3:4].fill_(math.nan),
        lambda s: s["w1.v"].fill_(-1),
        lambda s: s["step"].fill_(0.5),
        lambda s: s["particles"].fill_(math.inf),
    ],
)
def test_a_state_that_came_back_changed_is_refused(change):
    state = {k: v.clone() for k, v in train_five_steps(SMALL).items()}
    change(state)
    with pytest.raises(InputError, match="state"):
        check(unpack(pack(state, None))[0], SMALL)


def test_z_of_a_known_energy():
    """At the start f = 0 and exp(−E) is a Gaussian: Z = 2πS², less what lies outside [−8, 8]²."""
    share = math.erf(8 / WALL / math.sqrt(2)) ** 2
    want = math.log(2 * math.pi * WALL**2 * share)
    assert partition(weights(begin(SMALL))) == pytest.approx(want, abs=1e-4)


def test_the_nll_at_the_start_is_the_gaussians():
    found = describe(begin(SMALL), SMALL)
    x = density("moons").sample(200_000, torch.Generator().manual_seed(0))
    want = (x**2).sum(1).mean().item() / (2 * WALL**2) + found["log_z"]
    assert found["nll"] == pytest.approx(want, abs=0.01)
    assert found["nll"] > found["entropy"]


def test_the_gradients_equal_finite_differences():
    state = train_five_steps(SMALL)
    net = {k: v.double() for k, v in weights(state).items()}
    found = describe(state, SMALL, arrows=4)
    at, h = found["arrows_at"].double(), 1e-5
    for axis in range(2):
        by = torch.zeros(1, 2, dtype=torch.float64)
        by[0, axis] = h
        theirs = (energy(net, at + by) - energy(net, at - by)) / (2 * h)
        assert (found["arrows"][:, axis] - theirs).abs().max() < 1e-4


def test_a_description_says_what_the_state_is():
    state = train_five_steps(SMALL)
    found = describe(state, SMALL, side=6, arrows=3)
    assert found["surface"].shape == found["exact"].shape == (6, 6)
    assert found["arrows"].shape == found["arrows_at"].shape == (9, 2)
    assert found["particles"].shape == found["data"].shape == (32, 2)
    assert found["step"] == 5 and found["finite"] is True
    x0, x1, y0, y1 = found["bounds"]
    top_left = torch.tensor([[x0 + (x1 - x0) / 12, y1 - (y1 - y0) / 12]])
    assert found["surface"][0, 0].item() == pytest.approx(
        energy(weights(state), top_left).item(), rel=1e-5
    )
    exact = -density("moons").log_prob(top_left).item() - found["log_z"]
    assert found["exact"][0, 0].item() == pytest.approx(exact, rel=1e-5)


def test_training_lowers_the_nll_and_pushes_energy_down_at_data():
    settings = Settings(target="clusters", batch=128, width=16, depth=2, chain=5)
    first, last = (describe(advance(begin(settings), settings, n), settings) for n in (0, 60))
    assert last["nll"] < first["nll"] - 0.5


def test_without_noise_particles_gather_and_too_large_a_step_is_told():
    still = Settings(**{**vars(SMALL), "noise": 0.0, "restart": 0.0, "rate": 0.0, "step_size": 4.0})
    state = begin(still)
    after = advance(state, still, 30)
    assert after["particles"].std() < 0.1 * state["particles"].std()  # all at the wall's minimum
    wild = Settings(**{**vars(SMALL), "step_size": 100.0})
    found = describe(advance(begin(wild), wild, 8), wild)
    assert found["finite"] is False and found["particles"].abs().max() <= LARGEST


def test_a_drawing_is_learned_as_well():
    drawn = Settings(**{**vars(SMALL), "points": [[0.0, 0.0], [1.0, 1.0], [1.0, -1.0]]})
    found = describe(train_five_steps(drawn), drawn, side=4, arrows=2)
    assert found["data"].abs().max() < 2 and math.isfinite(found["nll"])


@pytest.mark.parametrize(
    "change",
    [
        {"target": "pear"},
        {"batch": 1},
        {"width": 1000},
        {"depth": 0},
        {"step_size": math.nan},
        {"noise": -1},
        {"chain": 0},
        {"restart": 2},
        {"rate": "fast"},
        {"alpha": -1},
        {"seed": 1.5},
        {"points": [[0, 0]]},
        {"points": [[0, 0], [1, 1], [1, math.inf]]},
    ],
    ids=str,
)
def test_bad_settings_are_refused(change):
    with pytest.raises(InputError):
        Settings(**change)


def test_too_many_steps_are_refused():
    with pytest.raises(InputError, match="steps"):
        advance(begin(SMALL), SMALL, 100_000)
    with pytest.raises(InputError, match="side"):
        describe(begin(SMALL), SMALL, side=1)


@pytest.mark.parametrize(("act", "low", "high"), [("down", 1, 0), ("up", 0, 1)])
def test_one_side_of_the_loss_alone(act, low, high):
    net, data, made = weights(train_five_steps(SMALL)), points(20), points(20, 1)
    want = low * energy(net, data).mean() - high * energy(net, made).mean()
    assert torch.allclose(loss(net, data, made, 0.0, act), want, atol=1e-6)
    state = train_five_steps(SMALL)
    after = advance(state, SMALL, 3, act)
    fell = energy(weights(after), data).mean() < energy(net, data).mean()
    assert fell if act == "down" else not torch.equal(after["w2"], state["w2"])
    with pytest.raises(InputError, match="act"):
        advance(state, SMALL, 1, "sideways")
