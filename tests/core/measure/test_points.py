"""The plane's measures on points whose answer is known, and against scipy."""

import math
from itertools import permutations

import numpy as np
import pytest
import torch
from scipy.stats import wasserstein_distance_nd

from core.data import densities
from core.inputs import InputError
from core.measure import points as plane

torch.set_num_threads(1)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", densities.NAMES)
def test_cell_masses_are_the_shares_of_many_samples(name):
    target = densities.density(name)
    masses = plane.cell_masses(target, 12)
    assert masses.sum().item() == pytest.approx(1, abs=1e-9)
    assert (masses >= 0).all()
    n = 60_000
    shares = plane.histogram(target.sample(n, seeded()), target.bounds, 12) / n
    spread = (masses * (1 - masses) / n).sqrt()
    assert ((shares - masses).abs() <= 5 * spread + 2e-3).all()


def test_exact_masses_equal_the_midpoint_rule():
    target = densities.density("clusters")
    exact, summed = plane.cell_masses(target, 20)[:-1], plane._sums(target, 20, 9)
    assert torch.allclose(exact, summed, atol=2e-4)


def test_histogram_puts_known_points_in_known_cells():
    points = torch.tensor([[-0.9, 0.9], [0.9, 0.9], [-0.9, -0.9], [0.1, -0.1], [5.0, 0.0]])
    points = torch.cat([points, torch.tensor([[math.nan, 0.0]])])
    counts = plane.histogram(points, (-1.0, 1.0, -1.0, 1.0), 2)
    assert counts.tolist() == [1, 1, 1, 1, 2]  # rows from the top, then what is outside


def test_divergences_of_a_target_in_two_cells():
    """All points in one half of a target that has half its mass there: JS by hand."""
    far = torch.tensor([[-0.5, 0.0], [0.5, 0.0]], dtype=torch.float64)
    target = densities.Mixture(far, torch.tensor([0.5, 0.5]).double(), 0.001, (-1, 1, -1, 1))
    found = plane.divergences(far[:1].repeat(1000, 1) + torch.tensor([0.0, 0.3]), target, 1)
    assert found["js"] == pytest.approx(0, abs=1e-9)  # one cell holds it all
    off = torch.tensor([[-0.5, 0.5]]).repeat(1000, 1)
    moved = densities.Mixture(far + 0.25, target.weights, 0.001, (-1, 1, -1, 1))
    found = plane.divergences(off, moved, 2)  # p = ½ in the two upper cells, q = 1 in the left one
    js = 0.5 * (0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(2)) + 0.5 * math.log(1 / 0.75)
    assert found["js"] == pytest.approx(js, abs=1e-9)
    total = 1000 + plane.ALPHA * 5
    kl = 0.5 * math.log(0.5 * total / (1000 + plane.ALPHA))
    kl += 0.5 * math.log(0.5 * total / plane.ALPHA)
    assert found["kl"] == pytest.approx(kl, abs=1e-9)


def test_js_is_log_2_for_what_never_meets():
    target = densities.density("ring")
    found = plane.divergences(torch.zeros(500, 2), target)
    assert found["js"] == pytest.approx(math.log(2), abs=1e-6)
    assert found["kl"] > 3


def test_divergences_fall_as_samples_come_nearer():
    target = densities.density("moons")
    own = target.sample(4000, seeded())
    steps = [plane.divergences(own + shift, target) for shift in (0.0, 0.1, 0.3, 1.0)]
    for name in ("kl", "js"):
        values = [step[name] for step in steps]
        assert values == sorted(values)


def test_wasserstein_equals_scipys_linear_programme():
    first, second = (torch.randn(12, 2, generator=seeded(k)) for k in (1, 2))
    theirs = wasserstein_distance_nd(first.double().numpy(), second.double().numpy())
    assert plane.wasserstein(first, second) == pytest.approx(theirs, abs=1e-9)


def test_wasserstein_is_the_best_of_all_pairings():
    first, second = (torch.randn(5, 2, generator=seeded(k)).double() for k in (3, 4))
    costs = [(first - second[list(p)]).norm(dim=1).mean().item() for p in permutations(range(5))]
    assert plane.wasserstein(first, second) == pytest.approx(min(costs), abs=1e-12)


def test_wasserstein_of_a_shift_is_its_length():
    x = torch.randn(200, 2, generator=seeded())
    assert plane.wasserstein(x, x + torch.tensor([3.0, 4.0])) == pytest.approx(5, abs=1e-6)
    assert plane.wasserstein(x, x.flip(0)) == 0


def test_modes_on_known_samples():
    target = densities.density("ring")
    assert isinstance(target, densities.Mixture) and target.modes is not None
    centres = target.modes
    near = torch.cat([centres[:3].repeat(50, 1), centres[3:4] + 0.29, torch.zeros(49, 2)])
    found = plane.modes(near, target)
    # 150 points in three modes; one at 0.41 > 3 σ of the fourth; 49 in the middle of nowhere
    assert found == {
        "of": 8,
        "covered": 3,
        "touched": 3,
        "quality": 0.75,
        "counts": [50, 50, 50, 0, 0, 0, 0, 0],
    }


def test_a_stray_point_touches_a_mode_and_does_not_cover_it():
    target = densities.density("grid")
    assert isinstance(target, densities.Mixture) and target.modes is not None
    points = torch.cat([target.modes[:1].repeat(999, 1), target.modes[7:8]])
    found = plane.modes(points, target)
    assert found and (found["touched"], found["covered"], found["quality"]) == (2, 1, 1.0)
    points = torch.cat([target.modes[:1].repeat(996, 1), target.modes[7:8].repeat(4, 1)])
    found = plane.modes(points, target)
    assert found and found["covered"] == 2  # 4 of 1000 are a tenth of a fair 40


def test_the_targets_own_samples_cover_it():
    for name in ("ring", "grid", "clusters"):
        target = densities.density(name)
        found = plane.modes(target.sample(20_000, seeded()), target)
        assert found and found["covered"] == found["of"]
        assert found["quality"] == pytest.approx(1 - math.exp(-4.5), abs=5e-3)  # within 3 σ
    assert plane.modes(torch.zeros(3, 2), densities.density("spiral")) is None


def test_floor_is_low_and_not_zero():
    floor = plane.floor(densities.density("ring"), 2048, seeded())
    assert 0 < floor["js"] < 0.02
    assert 0 < floor["kl"] < 0.1
    assert 0.02 < floor["w1"] < 0.5
    assert floor == plane.floor(densities.density("ring"), 2048, seeded())


@pytest.mark.parametrize(
    "call",
    [
        lambda x: plane.divergences(x, densities.density("ring")),
        lambda x: plane.modes(x, densities.density("ring")),
        lambda x: plane.wasserstein(x, torch.zeros(3, 2)),
    ],
)
@pytest.mark.parametrize("shape", [(0, 2), (4,), (4, 3)])
def test_bad_points_are_refused(call, shape):
    with pytest.raises(InputError, match="^points"):
        call(torch.zeros(shape))


def test_sets_of_different_sizes_are_refused():
    with pytest.raises(InputError, match="^points"):
        plane.wasserstein(torch.zeros(3, 2), torch.zeros(4, 2))
    assert np.isfinite(plane.wasserstein(torch.zeros(1, 2), torch.ones(1, 2)))


@pytest.mark.parametrize("off", [math.nan, math.inf, 1e300])
def test_points_that_are_no_places_are_infinitely_far(off):
    there = torch.zeros(4, 2, dtype=torch.float64)
    away = there.clone()
    away[2, 1] = off
    assert plane.wasserstein(away, there) == math.inf
    away[2, 1] = 8.0
    assert plane.wasserstein(away, there) == 2.0
