"""Live training of a flow in the plane: pure, alike however it is cut, and what it shows."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data import densities
from core.inputs import InputError
from core.models.flat.runs import draws
from core.models.flow import check as check_flow
from core.models.flow import flow2d as run
from core.models.flow.expectation import cells, limit_of_fixed_masks
from core.models.flow.flow2d import CLIP, Settings
from core.models.flow.flow2d_picture import densities as shades
from core.models.flow.flow2d_picture import describe, layers
from core.models.flow.real_nvp import loss
from tests.core.flat.run_case import BAD_TARGETS, copied, goes_on_alike, refuses, same

SMALL = Settings(couplings=3, width=8, batch=32, seed=3)


def test_a_run_does_not_depend_on_where_it_is_cut_and_changes_nothing():
    goes_on_alike(run, SMALL, replace(SMALL, seed=4))


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
    assert same(run.adapt(state, SMALL, new), run.begin(new))  # its steps counted from 0


def test_states_that_are_none_are_refused():
    refuses(run, SMALL, Settings())


@pytest.mark.parametrize(
    "change",
    [
        *BAD_TARGETS,
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
    seen = describe(run.begin(settings), settings, n=64, side=16)
    assert seen["data"].shape == seen["samples"].shape == (64, 2)
    assert seen["points"].shape == (4, 64, 2) and seen["log_det"].shape == (4, 64)
    assert seen["warp"].shape == (4, 22, 41, 2) and seen["names"][0] == "actnorm"
    assert seen["log_q"].shape == seen["log_p"].shape == (16, 16)
    assert seen["round_trip"] < 1e-5 and not seen["below"]
    x = run.target(settings).sample(20_000, draws(0, "x"))
    nll = -run.flow(run.begin(settings), settings).log_prob(x.float()).double()
    assert abs(nll.mean().item() - seen["nll"]) < 4 * nll.std().item() / math.sqrt(len(x))
    assert seen["kl"] == seen["nll"] - seen["entropy"]
    assert np.array_equal(seen["points"][0], seen["data"])
    again = describe(run.begin(settings), settings, n=64, side=16)
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


@pytest.mark.parametrize("sigma", [*run.SIGMAS, 0.2])
def test_the_entropy_of_drawn_points_far_apart_is_that_of_gaussians(sigma):
    """Of the narrowest too: what the least width is for."""
    points = ((-4, -4), (4, 4), (-4, 4), (4, -4))
    what = run.target(Settings(target="drawn", points=points, sigma=sigma))
    own = math.log(4) + math.log(2 * math.pi * math.e * sigma**2)
    assert cells(what).entropy == pytest.approx(own, abs=1e-4)


def test_the_floor_of_masks_that_never_alternate():
    """For an isotropic Gaussian it is its entropy; for two blobs side by side, by hand."""
    one = densities.from_points([[0.0, 0.0]] * 3, 0.5)
    entropy = math.log(2 * math.pi * math.e * 0.25)
    assert limit_of_fixed_masks(one) == pytest.approx(entropy, abs=1e-3)
    above = densities.from_points([[0.0, -1.0], [0.0, 1.0], [0.0, -1.0], [0.0, 1.0]], 0.3)
    variances = 0.09, 0.09 + 1.0  # of x₁, and of x₂ whatever x₁ is
    by_hand = 0.5 * sum(math.log(2 * math.pi * math.e * v) for v in variances)
    assert limit_of_fixed_masks(above) == pytest.approx(by_hand, abs=1e-3)


def test_the_floor_of_a_drawing_at_the_edge_counts_all_of_it():
    """Its picture ends at 3, the points do not; moving them all moves no floor."""
    middle = [[-0.4, 0.1], [0.3, 0.5], [0.2, -0.5]]
    edge = [[x + 3.0, y - 3.0] for x, y in middle]
    one, other = (densities.from_points(points, 0.4) for points in (middle, edge))
    assert limit_of_fixed_masks(one) == pytest.approx(limit_of_fixed_masks(other), abs=1e-6)
