"""Langevin dynamics against closed forms, torch.distributions and finite differences."""

import math

import pytest
import torch
from torch.distributions import MultivariateNormal

from core.data.densities import density, grid
from core.inputs import InputError
from core.models.ebm.check import metropolis_delta
from core.models.ebm.langevin import (
    FAR,
    LANDSCAPES,
    langevin,
    langevin_step,
    log_acceptance,
    settled_variance,
    slope,
    surface,
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def gaussian(sigma: float, mean: float = 0.0):
    return lambda x: (((x - mean) / sigma) ** 2).sum(1) / 2


def run(energy, x, step, **options):
    """Return every moment of a run."""
    return list(langevin(energy, x, step, **options))


def start(n: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(n, 2, generator=generator(seed), dtype=torch.float64)


@pytest.mark.parametrize(("sigma", "step"), [(1.0, 0.2), (1.0, 2.0), (0.5, 0.3), (2.0, 4.0)])
def test_a_gaussian_energy_has_the_closed_forms_mean_and_variance(sigma, step):
    """The variance settles at σ²/(1 − ε/4σ²), the finite step's own, within 4 standard errors."""
    n, mean = 20_000, 1.5
    x = mean + sigma * start(n)
    *_, last = langevin(gaussian(sigma, mean), x, step, steps=60, generator=generator())
    want = sigma**2 / (1 - step / (4 * sigma**2))
    error = math.sqrt(want / (2 * n))
    assert abs(last["x"].mean() - mean) < 4 * error
    assert abs(last["x"].var() - want) < 4 * want * math.sqrt(2 / (2 * n))


@pytest.mark.parametrize(("temperature", "noise"), [(2.0, 1.0), (0.25, 1.0), (1.0, 0.5)])
def test_temperature_and_noise_scale_the_variance(temperature, noise):
    n, step = 20_000, 0.02
    x = math.sqrt(temperature) * noise * start(n)
    *_, last = langevin(
        gaussian(1.0),
        x,
        step,
        steps=100,
        temperature=temperature,
        noise=noise,
        generator=generator(),
    )
    want = temperature * noise**2 / (1 - step / (4 * temperature))
    assert abs(last["x"].var() - want) < 4 * want / math.sqrt(n)


def test_a_correlated_gaussian_of_torch_distributions():
    cov = torch.tensor([[1.0, 0.6], [0.6, 0.8]], dtype=torch.float64)
    target = MultivariateNormal(torch.zeros(2, dtype=torch.float64), cov)
    x = start(20_000)
    *_, last = langevin(lambda x: -target.log_prob(x), x, 0.02, steps=200, generator=generator())
    assert (torch.cov(last["x"].T) - cov).abs().max() < 0.04
    assert last["x"].mean(0).abs().max() < 0.04


def test_particles_that_start_in_p_stay_in_p():
    """Mean energy of the two clusters, whose entropy is known, before and after."""
    target = density("clusters")
    x = target.sample(8000, generator())
    *_, last = langevin(surface(target), x, 0.005, steps=60, generator=generator(1))
    before, after = -target.log_prob(x), last["energy"]
    assert abs(before.mean() - after.mean()) < 4 * before.std() / math.sqrt(4000) + 0.03
    assert not last["lost"].any()


def test_from_anywhere_the_energy_falls_to_that_of_samples():
    target = density("ring")
    x = 6 * torch.rand(1000, 2, generator=generator(), dtype=torch.float64) - 3
    moments = run(surface(target), x, 0.004, steps=150, generator=generator(1))
    first, last = moments[0]["energy"].mean(), moments[-1]["energy"].mean()
    own = -target.log_prob(target.sample(4000, generator(2))).mean()
    assert first > last + 10 and abs(last - own) < 0.4


def test_without_noise_every_particle_ends_in_a_minimum():
    target = density("ring")
    moments = run(surface(target), 2 * start(100), 0.01, steps=400, noise=0.0)
    falls = torch.stack([m["energy"] for m in moments]).diff(dim=0)
    assert (falls <= 1e-9).all()
    gap = torch.cdist(moments[-1]["x"], target.centres).min(1).values  # pyright: ignore
    assert gap.max() < 1e-6 and moments[-1]["gradient"].abs().max() < 1e-4


def test_too_large_a_step_is_told_and_raises_nothing():
    """ε = 4σ² is where |1 − ε/2σ²| reaches 1."""
    for step, diverges in ((3.9, False), (4.5, True)):
        moments = run(gaussian(1.0), start(50), step, steps=400, generator=generator())
        assert moments[-1]["lost"].all() == diverges
        assert all(m["x"].isfinite().all() for m in moments)
    held = [m["x"][m["lost"]] for m in moments[-2:]]
    assert torch.equal(*held) and (held[0].abs() > FAR).any(1).all()


def test_one_lost_particle_leaves_the_others_alone():
    good = start(5)
    wall = torch.cat([good, torch.full((1, 2), math.nan, dtype=torch.float64)])
    moments = run(gaussian(1.0), wall, 0.1, steps=10, generator=generator())
    assert moments[-1]["lost"].tolist() == [False] * 5 + [True]
    assert moments[-1]["x"][:5].isfinite().all()


def test_a_moment_and_its_terms_make_the_next():
    moments = run(
        surface("moons"), start(7), 0.003, steps=5, temperature=2.0, generator=generator()
    )
    assert len(moments) == 6
    for now, then in zip(moments, moments[1:]):
        assert torch.equal(now["x"] + now["drift"] + now["noise"], then["x"])
        assert torch.allclose(now["drift"], -0.003 / 4 * now["gradient"], rtol=1e-12)
    again = run(surface("moons"), start(7), 0.003, steps=5, temperature=2.0, generator=generator())
    assert torch.equal(moments[-1]["x"], again[-1]["x"])


@pytest.mark.parametrize("name", LANDSCAPES)
def test_the_gradient_of_a_surface_equals_finite_differences(name):
    energy, h = surface(name), 1e-5
    x = grid(density(name).bounds, 7)
    _, found = slope(energy, x)
    for axis in range(2):
        by = torch.zeros(1, 2, dtype=torch.float64)
        by[0, axis] = h
        theirs = (energy(x + by) - energy(x - by)) / (2 * h)
        scale = found.abs().max()
        assert (found[:, axis] - theirs).abs().max() < 1e-6 * scale


def test_one_step_by_hand():
    """x' = x − 0.08/2 ∇E + √0.08 ξ on E = ½ x², worked on paper."""
    found = langevin_step([1.0, -2.0], [1.0, -2.0], 0.08, [0.5, -1.0])
    root = 0.28284271247461906
    assert found["half_step"] == 0.04 and found["root_step"] == pytest.approx(root, rel=1e-15)
    assert found["drift"] == [-0.04, 0.08]
    assert found["noise_term"] == pytest.approx([0.5 * root, -root], rel=1e-15)
    assert found["x_next"] == pytest.approx([0.96 + 0.5 * root, -1.92 - root], rel=1e-15)


def test_by_hand_is_the_chain_s_step():
    x = start(1)
    first, second = run(gaussian(1.0), x, 0.1, steps=1, generator=generator(5))
    xi = torch.randn(1, 2, generator=generator(5), dtype=torch.float64)
    found = langevin_step(x[0].tolist(), first["gradient"][0].tolist(), 0.1, xi[0].tolist())
    assert found["x_next"] == pytest.approx(second["x"][0].tolist(), rel=1e-14)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (([], [], 0.1, []), "x"),
        (([1.0], [1.0, 2.0], 0.1, [0.0]), "grad"),
        (([1.0], [1.0], 0.1, [math.nan]), "noise"),
        (([1.0], [1.0], 0, [0.0]), "step"),
        (([1.0], [1.0], math.inf, [0.0]), "step"),
        (([1.0] * 9, [1.0] * 9, 0.1, [0.0] * 9), "x"),
        (("ab", [1.0], 0.1, [0.0]), "x"),
        (([1.0], [[1.0]], 0.1, [0.0]), "grad"),
    ],
)
def test_bad_input_by_hand_is_refused(given, field):
    with pytest.raises(InputError) as caught:
        langevin_step(*given)
    assert caught.value.parts["field"].startswith(field)


@pytest.mark.parametrize(
    "change", [{"step": -1}, {"temperature": 0}, {"noise": -1}, {"steps": -1}, {"x": torch.ones(3)}]
)
def test_bad_settings_are_refused(change):
    settings = {"x": start(2), "step": 0.1, "steps": 2} | change
    with pytest.raises(InputError):
        langevin(gaussian(1.0), **settings)
    with pytest.raises(InputError):
        surface("checkerboard")


# Metropolis


@pytest.mark.parametrize("step", [0.2, 2.0, 4.8])
def test_metropolis_keeps_the_variance_where_every_step_does_not(step):
    n = 20_000
    *_, kept = langevin(
        gaussian(1.0), start(n), step, steps=60, metropolis=True, generator=generator()
    )
    assert abs(kept["x"].var() - 1) < 4 * math.sqrt(2 / (2 * n)) + 0.005
    *_, free = langevin(gaussian(1.0), start(n), step, steps=60, generator=generator())
    assert free["x"].var() > 1.04 and free["taken"].sum() == n - free["lost"].sum()


def test_metropolis_comes_to_a_mixture_s_mean_energy_and_a_temperature_s():
    target = density("ring")
    for temperature in (1.0, 2.0):
        *_, last = langevin(
            surface(target), target.sample(4000, generator()), 0.02, steps=150,
            temperature=temperature, metropolis=True, generator=generator(1),
        )  # fmt: skip
        cells = -target.log_prob(grid(target.bounds, 300))
        weight = (-cells / temperature).softmax(0)
        error = last["energy"].std() / math.sqrt(4000)
        assert abs(last["energy"].mean() - (weight * cells).sum()) < 4 * error + 0.01


def test_log_a_equals_torch_distributions_and_a_wrong_one_is_noticed():
    x, proposed = start(50)[:, :1], start(50, seed=2)[:, :1]
    log = log_acceptance(gaussian(0.5), x, proposed, 0.7)
    assert metropolis_delta(0.5, 0.7, x, proposed, log)["delta"] < 1e-12
    assert metropolis_delta(0.5, 0.7, x, proposed, log + 1e-6)["delta"] > 1e-8
    assert (log_acceptance(gaussian(1.0), x, x + math.inf, 0.7) == -math.inf).all()


def test_a_step_that_is_refused_stays():
    states = run(gaussian(0.1), 10 * start(200), 0.3, steps=3, metropolis=True)
    for before, after in zip(states, states[1:]):
        refused = ~before["taken"]
        assert refused.any() and torch.equal(before["x"][refused], after["x"][refused])
        assert (before["drift"][refused] == 0).all() and (before["noise"][refused] == 0).all()


def test_metropolis_needs_noise():
    for field, step, noise in (("step", 0.0, 1.0), ("noise", 0.1, 0.0)):
        with pytest.raises(InputError, match=field):
            langevin(gaussian(1.0), start(2), step, steps=1, metropolis=True, noise=noise)


def test_the_variance_in_which_steps_settle():
    assert settled_variance(0.5, 0.5, 2.0, 0.5) == pytest.approx(0.25 * 0.5 / (1 - 0.25))
    assert settled_variance(1.0, 4.0) == math.inf
