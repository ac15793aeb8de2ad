"""The diffusion in the plane: a run is a value; its score and both ways back, in closed form."""

import math
from typing import Any

import pytest
import torch

from core.data import densities
from core.inputs import InputError
from core.models.ddpm import check
from core.models.ddpm import ddpm2d as run
from core.models.ddpm import ddpm2d_picture as picture
from core.models.ddpm.ddpm2d import Settings
from core.models.flat.nets import size, unfold
from core.models.flat.packing import pack, unpack
from core.models.flat.runs import draws

SMALL = Settings(width=12, depth=2, batch=32, seed=3)
MOONS = densities.density("moons")


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
    other, _ = run.advance(start, Settings(width=12, depth=2, batch=32, seed=4), 5)
    assert not torch.equal(other["w"], whole["w"])


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
    x, kept = MOONS.sample(20, draws(0, "x")).float(), SMALL.plan().alpha_bar[t].item()
    for name in ("w", "average"):
        eps, x0 = run.predictor(state, SMALL, name == "average")(x, t)
        more = (SMALL.sizes(), run.WAVES, run.TURNS, x, kept)
        assert check.plane_net_delta(state[name], *more, eps)["delta"] < 1e-5
        assert check.plane_net_delta(state[name], *more, eps + 0.01)["delta"] > 1e-3
        back = math.sqrt(kept) * x0 + math.sqrt(1 - kept) * eps
        assert torch.allclose(back, x, atol=1e-5)


@pytest.mark.parametrize("name", ["moons", "ring", "clusters"])
def test_the_exact_score_is_autograd_s(name):
    target, plan = densities.density(name), SMALL.plan()
    for t in (1, 200, 700, 1000):
        kept = plan.alpha_bar[t].item()
        x = picture.blurred(target, kept).sample(10, draws(1, t))
        found = picture.exact_score(target, x, kept)
        assert check.score_delta(target, kept, x, found)["delta"] < 1e-10
        mass = picture.shade(target, kept, 60, (-8, 8, -8, 8)).sum() * (16 / 60) ** 2
        if t >= 200:
            assert mass.item() == pytest.approx(1, abs=1e-3)
    with pytest.raises(InputError):
        picture.exact_score(densities.density("pinwheel"), x, 0.5)  # pyright: ignore


def test_noised_points_are_the_blurred_density_s():
    settings = Settings(target="clusters", seed=1)
    found = picture.noising(settings, 5000, [0, 400, 1000])
    assert found.shape == (3, 5000, 2)
    for x, t in zip(found, (0, 400, 1000)):
        kept = settings.plan().alpha_bar[t].item()
        p = picture.blurred(run.target(settings), kept)
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
    own = picture.divergences(target.sample(1500, draws(0, "own")), target)
    assert picture.divergences(moments[-1]["x"], target)["js"] < own["js"] + 0.02
    assert len(moments) == 81 and moments[0]["x"].shape == (1500, 2)
    assert check.guess_delta(moments, plan)["delta"] < 1e-4


def test_the_ode_goes_in_and_comes_back_and_the_sde_does_not():
    settings = Settings(target="clusters")
    target, plan = run.target(settings), settings.plan()
    predict, x = picture.exact_predictor(target, plan), target.sample(40, draws(0, "x")).float()
    *_, noise = picture.ode_in(predict, plan, x, 200)
    *_, back = picture.reverse(predict, plan, 40, 200, 0.0, start=noise["x"])
    assert (back["x"] - x).abs().max() < 0.02
    *_, other = picture.reverse(predict, plan, 40, 200, 1.0, start=noise["x"])
    assert (other["x"] - x).abs().max() > 0.1
    first = [next(iter(picture.reverse(predict, plan, 5, 10, eta, 7)))["x"] for eta in (0.0, 1.0)]
    assert torch.equal(*first)


def test_a_picture_says_what_is_learned_beside_what_is_exact():
    state, _ = run.advance(run.begin(SMALL), SMALL, 3)
    found = picture.field(state, SMALL, 300, side=5)
    assert found["learned"].shape == found["exact"].shape == found["at"].shape == (25, 2)
    assert found["far"] > 0 and 0 < found["alpha_bar"] < 1
    wheel = Settings(target="pinwheel", width=12, depth=2, batch=32)
    other = picture.field(run.begin(wheel), wheel, 300, side=5)
    assert other["exact"] is None and other["far"] is None
    numbers = picture.quality(state, SMALL, 300, 5)
    assert set(numbers) == {"sde", "ode", "own", "errors"}
    assert numbers["own"]["w1"] < numbers["ode"]["w1"]


def test_other_settings_keep_what_still_fits():
    state, _ = run.advance(run.begin(SMALL), SMALL, 3)
    kept = run.adapt(state, SMALL, Settings(target="rings", width=12, depth=2, schedule="linear"))
    assert same(kept, state)
    new = Settings(width=16, depth=2, batch=32, seed=3)
    made = run.adapt(state, SMALL, new)
    assert made["counts"].tolist() == [3, 0] and len(made["w"]) == size(new.sizes())
    on, seen = run.advance(made, new, 1)
    assert seen[0]["step"] == 4 and on["counts"].tolist() == [4, 1]


def test_states_travel_and_others_are_refused():
    state, _ = run.advance(run.begin(SMALL), SMALL, 2)
    assert same(run.check(unpack(pack(state, None))[0], SMALL), state)
    bad = [
        {k: v for k, v in state.items() if k != "average"},
        {**state, "more": state["m"]},
        {**state, "w": state["w"][:-1]},
        {**state, "w": state["w"].double()},
        {**state, "average": state["w"].clone().fill_(math.nan)},
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
