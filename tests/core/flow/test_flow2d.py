"""Live training of a flow in the plane: pure, alike however it is cut, and what it shows."""

import math

import numpy as np
import pytest
import torch

from core.data import densities
from core.inputs import InputError
from core.models.flat.packing import pack, unpack
from core.models.flat.runs import draws
from core.models.flow import check as check_flow
from core.models.flow import flow2d as run
from core.models.flow.flow2d import CLIP, Settings
from core.models.flow.flow2d_picture import densities as shades
from core.models.flow.flow2d_picture import describe, entropy_of, layers
from core.models.flow.real_nvp import loss

SMALL = Settings(couplings=3, width=8, batch=32, seed=3)


def same(one, other):
    return all(torch.equal(one[k], other[k]) for k in one) and one.keys() == other.keys()


def copied(state):
    return {k: v.clone() for k, v in state.items()}


def test_a_run_does_not_depend_on_where_it_is_cut_and_changes_nothing():
    start = run.begin(SMALL)
    before = copied(start)
    whole, seen = run.advance(start, SMALL, 5)
    part, first = run.advance(start, SMALL, 2)
    held = copied(part)
    rest, second = run.advance(part, SMALL, 3)
    assert same(whole, rest) and seen == first + second and same(start, before)
    assert same(part, held) and whole["counts"].tolist() == [5, 5]
    assert [m["step"] for m in seen] == [1, 2, 3, 4, 5]
    other, _ = run.advance(start, Settings(couplings=3, width=8, batch=32, seed=4), 5)
    assert not torch.equal(other["w"], whole["w"])


def test_the_steps_are_torch_s_adam():
    state, _ = run.advance(run.begin(SMALL), SMALL, 6)
    model = run.flow(run.begin(SMALL), SMALL).requires_grad_(True)
    adam = torch.optim.Adam(model.parameters(), SMALL.rate)
    for k in range(6):
        x = run.target(SMALL).sample(SMALL.batch, draws(SMALL.seed, k + 1)).float()
        adam.zero_grad()
        loss(model, x).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        adam.step()
    theirs = torch.cat([p.detach().flatten() for p in model.parameters()])
    assert torch.allclose(state["w"], theirs, atol=1e-5)


def test_a_run_learns():
    settings = Settings(target="clusters", couplings=4, width=16)
    state, seen = run.advance(run.begin(settings), settings, 120)
    assert sum(m["nll"] for m in seen[-10:]) < sum(m["nll"] for m in seen[:10]) - 3
    assert len(state["w"]) == settings.size()


def test_what_stops_being_finite_stops_the_run():
    state = run.begin(SMALL)
    state["w"] = state["w"] * 1e20
    after, seen = run.advance(state, SMALL, 3)
    assert seen == [] and same(after, state)


def test_a_flow_made_of_a_state_is_its_own_and_its_log_det_autograd_s():
    state, _ = run.advance(run.begin(SMALL), SMALL, 20)
    model, held = run.flow(state, SMALL), copied(state)
    x = run.target(SMALL).sample(5, draws(0, "x"))
    assert check_flow.flow_delta(model, x)["delta"] < 1e-10
    for parameter in model.parameters():
        parameter.add_(1)
    assert same(state, held)


def test_other_settings_keep_what_still_fits():
    state, _ = run.advance(run.begin(SMALL), SMALL, 3)
    kept = run.adapt(state, SMALL, Settings(target="rings", couplings=3, width=8, batch=64, seed=3))
    assert same(kept, state)
    new = Settings(couplings=4, width=8, batch=32, seed=3)
    made = run.adapt(state, SMALL, new)
    assert made["counts"].tolist() == [3, 0] and len(made["w"]) == new.size()
    on, seen = run.advance(made, new, 1)
    assert seen[0]["step"] == 4 and on["counts"].tolist() == [4, 1]


def test_states_travel_and_others_are_refused():
    state, _ = run.advance(run.begin(SMALL), SMALL, 2)
    assert same(run.check(unpack(pack(state, None))[0], SMALL), state)
    bad = [
        {k: v for k, v in state.items() if k != "m"},
        {**state, "more": state["m"]},
        {**state, "w": state["w"][:-1]},
        {**state, "w": state["w"].double()},
        {**state, "w": state["w"].clone().fill_(math.nan)},
        {**state, "v": state["v"] - 1},
        {**state, "counts": state["counts"] - 100},
        [],
    ]
    for one in bad:
        with pytest.raises(InputError):
            run.check(one, SMALL)
    with pytest.raises(InputError):
        run.check(state, Settings())


@pytest.mark.parametrize(
    "change",
    [
        {"target": "cat"},
        {"target": "drawn", "points": ((0, 0),)},
        {"target": "drawn", "points": ((0, 0), (1, 1), (9, 9))},
        {"couplings": 1},
        {"width": 65},
        {"masks": "both"},
        {"batch": 8},
        {"rate": math.nan},
        {"sigma": 0.001},
        {"seed": -1},
    ],
    ids=str,
)
def test_bad_settings_are_refused(change):
    with pytest.raises(InputError):
        Settings(**change)


def test_a_moment_says_what_it_is():
    settings = Settings(target="drawn", points=((3.5, 0), (-3.5, 1), (0, -2)), couplings=2, width=8)
    seen = describe(run.begin(settings), settings, n=64, side=16, fresh=500)
    assert seen["data"].shape == seen["samples"].shape == (64, 2)
    assert seen["points"].shape == (4, 64, 2) and seen["log_det"].shape == (4, 64)
    assert seen["warp"].shape == (4, 22, 41, 2) and seen["names"][0] == "actnorm"
    assert seen["log_q"].shape == seen["log_p"].shape == (16, 16)
    assert seen["round_trip"] < 1e-5 and not seen["below"]
    draw = 5 * (seen["error"] + 1 / math.sqrt(500))  # a Gaussian's −log p has variance 1
    assert seen["nll"] - seen["entropy"] == pytest.approx(seen["kl"], abs=draw)
    assert np.array_equal(seen["points"][0], seen["data"])
    again = describe(run.begin(settings), settings, n=64, side=16, fresh=500)
    assert all(np.array_equal(seen[k], again[k]) for k in seen)


def test_the_layers_backward_end_where_the_inverse_does():
    model = run.flow(run.advance(run.begin(SMALL), SMALL, 10)[0], SMALL)
    z = torch.randn(20, 2, generator=draws(0, "z"))
    seen = layers(model, z, backward=True)
    x, log_det = model.inverse(z)
    assert np.allclose(seen["points"][-1], x, atol=1e-6)
    assert np.allclose(seen["log_det"][-1], log_det, atol=1e-5)
    assert seen["names"] == ["coupling", "coupling", "coupling", "actnorm"]
    corners = seen["warp"][0].reshape(-1, 2)
    assert corners.min() == -3 and corners.max() == 3


def test_the_shades_are_the_densities():
    model, target = run.flow(run.begin(SMALL), SMALL), densities.density("ring")
    seen = shades(model, target, 8)
    at = densities.grid(target.bounds, 8)
    assert np.allclose(seen["log_p"].ravel(), target.log_prob(at))
    assert np.allclose(seen["log_q"].ravel(), model.log_prob(at.float()), atol=1e-5)


def test_the_entropy_of_drawn_points_far_apart_is_that_of_gaussians():
    points = ((-4, -4), (4, 4), (-4, 4), (4, -4))
    what = run.target(Settings(target="drawn", points=points, sigma=0.2))
    own = math.log(4) + math.log(2 * math.pi * math.e * 0.2**2)
    assert entropy_of(what) == pytest.approx(own, abs=1e-4)
