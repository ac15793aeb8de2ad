"""The diffusion in the plane: a run is a value; its score and both ways back, in closed form."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from core.data import densities
from core.inputs import InputError
from core.measure.points import divergences
from core.models.ddpm import check
from core.models.ddpm import ddpm2d as run
from core.models.ddpm import ddpm2d_picture as picture
from core.models.ddpm.ddpm2d import Settings
from core.models.ddpm.forward import add_noise
from core.models.ddpm.samplers import inversion
from core.models.ddpm.schedule import respace
from core.models.flat.nets import size, unfold
from core.models.flat.runs import draws
from tests.core.ddpm.test_diffusion import misfit
from tests.core.flat.run_case import BAD_TARGETS, goes_on_alike, refuses, same, starts_anew

SMALL = Settings(width=12, depth=2, batch=32, seed=3)
MOONS = densities.density("moons")


def test_a_run_does_not_depend_on_where_it_is_cut_and_changes_nothing():
    goes_on_alike(run, SMALL, replace(SMALL, seed=4))


def test_the_steps_are_torch_s_adam_and_the_average_its_mean():
    state, _ = run.advance(run.begin(SMALL), SMALL, 6)
    flat = run.begin(SMALL)["w"].requires_grad_(True)
    average, adam = flat.detach().clone(), torch.optim.Adam([flat], SMALL.rate)
    for k in range(6):
        adam.zero_grad()
        run.loss(unfold(flat, SMALL.sizes()), SMALL, draws(SMALL.seed, k + 1)).backward()
        adam.step()
        d = min(0.995, (1 + k) / (10 + k))
        average = d * average + (1 - d) * flat.detach()
    assert torch.allclose(state["w"], flat.detach(), atol=1e-5)
    assert torch.allclose(state["average"], average, atol=1e-5)


def test_a_run_learns_the_score_of_its_target():
    settings = Settings(target="clusters", width=32, depth=2, batch=128)
    begun = run.begin(settings)
    state, seen = run.advance(begun, settings, 300)
    before, after = (picture.score_error(s, settings, 500) for s in (begun, state))
    assert before is not None and after is not None and after < before / 3
    assert sum(m["loss"] for m in seen[-20:]) < sum(m["loss"] for m in seen[:20])
    assert len(state["w"]) == size(settings.sizes())


def test_what_stops_being_finite_stops_the_run():
    state = run.begin(SMALL)
    state["w"] = state["w"] * 1e25 + 1e25
    after, seen = run.advance(state, SMALL, 3)
    assert seen == [] and same(after, state)


@pytest.mark.parametrize("t", [1, 300, 1000])
def test_the_net_is_torch_s(t):
    state, _ = run.advance(run.begin(SMALL), SMALL, 10)
    x, alpha_bar = MOONS.sample(20, draws(0, "x")).float(), SMALL.plan().alpha_bar[t].item()
    for name in ("w", "average"):
        eps, x0 = run.predictor(state, SMALL, name == "average")(x, t)
        more = (SMALL.sizes(), run.WAVES, run.TURNS, x, alpha_bar)
        assert check.plane_net_delta(state[name], *more, eps)["delta"] < 1e-5
        assert check.plane_net_delta(state[name], *more, eps + 0.01)["delta"] > 1e-3
        back = math.sqrt(alpha_bar) * x0 + math.sqrt(1 - alpha_bar) * eps
        assert torch.allclose(back, x, atol=1e-5)


@pytest.mark.parametrize("name", ["moons", "ring", "clusters"])
def test_the_exact_score_is_autograd_s(name):
    target, plan = densities.density(name), SMALL.plan()
    assert isinstance(target, densities.Mixture)
    for t in (1, 200, 700, 1000):
        alpha_bar = plan.alpha_bar[t].item()
        x = picture.noisy_target(target, alpha_bar).sample(10, draws(1, t))
        found = picture.exact_score(target, x, alpha_bar)
        assert check.score_delta(target, alpha_bar, x, found)["delta"] < 1e-10
        mass = picture.density_on_grid(target, alpha_bar, 60, (-8, 8, -8, 8)).sum() * (16 / 60) ** 2
        if t >= 200:
            assert mass.item() == pytest.approx(1, abs=1e-3)
    with pytest.raises(InputError):
        picture.exact_score(densities.density("pinwheel"), x, 0.5)  # pyright: ignore


def test_noised_points_are_the_blurred_density_s():
    settings, draw = Settings(target="clusters", seed=1), draws(1, "noise")
    x0 = run.target(settings).sample(5000, draw).float()
    for t in (0, 400, 1000):
        alpha_bar = settings.plan().alpha_bar[t].item()
        x = add_noise(x0, alpha_bar, torch.randn(5000, 2, generator=draw))
        p = picture.noisy_target(run.target(settings), alpha_bar)
        wanted = (p.weights[:, None] * p.centres).sum(0)
        spread = p.sigma**2 + (p.weights[:, None] * (p.centres - wanted) ** 2).sum(0)
        assert (x.double().mean(0) - wanted).abs().max() < 0.08
        assert (x.double().var(0) / spread - 1).abs().max() < 0.08


@pytest.mark.parametrize("eta", [0.0, 1.0])
@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_both_ways_back_with_the_exact_score_reach_the_data(eta, schedule):
    settings = Settings(target="clusters", schedule=schedule)
    target, plan = run.target(settings), settings.plan()
    predict = picture.exact_predictor(target, plan)
    moments = list(picture.reverse(predict, plan, 1500, 80, eta, seed=2))
    own = divergences(target.sample(1500, draws(0, "own")), target)
    assert divergences(moments[-1]["x"], target)["js"] < own["js"] + 0.02
    assert len(moments) == 81 and moments[0]["x"].shape == (1500, 2)
    assert misfit(moments, plan) < 1e-4


def test_the_ode_goes_in_and_comes_back_and_the_sde_does_not():
    settings = Settings(target="clusters")
    target, plan = run.target(settings), settings.plan()
    predict, x = picture.exact_predictor(target, plan), target.sample(40, draws(0, "x")).float()
    *_, noise = inversion(predict, x, respace(1000, 200)[::-1], plan.alpha_bar)
    *_, back = picture.reverse(predict, plan, 40, 200, 0.0, start=noise["x"])
    assert (back["x"] - x).abs().max() < 0.02
    *_, other = picture.reverse(predict, plan, 40, 200, 1.0, start=noise["x"])
    assert (other["x"] - x).abs().max() > 0.1
    first = [next(iter(picture.reverse(predict, plan, 5, 10, eta, 7)))["x"] for eta in (0.0, 1.0)]
    assert torch.equal(*first)


def test_a_picture_says_what_is_learned_beside_what_is_exact():
    state, _ = run.advance(run.begin(SMALL), SMALL, 3)
    found = picture.field(state, SMALL, 300, side=5)
    assert found["exact"] is not None and found["far"] is not None
    assert found["learned"].shape == found["exact"].shape == found["at"].shape == (25, 2)
    assert found["far"] > 0 and 0 < found["alpha_bar"] < 1
    wheel = Settings(target="pinwheel", width=12, depth=2, batch=32)
    other = picture.field(run.begin(wheel), wheel, 300, side=5)
    assert other["exact"] is None and other["far"] is None


def test_other_settings_keep_what_still_fits():
    state, _ = run.advance(run.begin(SMALL), SMALL, 3)
    fitted = run.adapt(state, SMALL, Settings(target="rings", width=12, depth=2, schedule="linear"))
    assert same(fitted, state)
    new = Settings(width=16, depth=2, batch=32, seed=3)
    starts_anew(run, SMALL, new, size(new.sizes()))


def test_states_travel_and_others_are_refused():
    refuses(run, SMALL, Settings())


@pytest.mark.parametrize(
    "change",
    [
        *BAD_TARGETS,
        {"schedule": "sine"},
        {"schedule": "bent"},
        {"schedule": "bent", "bends": ((0.5, 0.5), (0.4, 0.4))},
        {"sigma": 0},
        {"width": 4},
        {"depth": 9},
        {"batch": 8},
        {"batch": 5000},
        {"rate": -1},
        {"rate": math.nan},
        {"seed": -1},
    ],
)
def test_other_settings_are_refused(change: dict[str, Any]):
    with pytest.raises(InputError):
        Settings(**change)


def test_a_drawing_and_a_bent_schedule_can_be_learned():
    bends = [[0.4, 0.7]]
    points = [[-1, 0], [1, 0], [0, 1.5]]
    settings = Settings(target="drawn", points=points, schedule="bent", bends=bends, batch=32)  # pyright: ignore
    assert settings.points[2] == (0, 1.5) and settings.bends == ((0.4, 0.7),)
    state, seen = run.advance(run.begin(settings), settings, 2)
    assert len(seen) == 2 and picture.field(state, settings, 10, side=4)["exact"] is not None
    for steps in (0, 501, 1.5):
        with pytest.raises(InputError):
            run.advance(state, settings, steps)  # pyright: ignore
