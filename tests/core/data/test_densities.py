"""Laws of the plane densities: exact log-density, mass 1, samples that follow it."""

import math

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from core.data import densities
from core.inputs import InputError

SIDE = 240


def masses(target, side=SIDE):
    """Return p times the cell's area on a grid."""
    x0, x1, y0, y1 = target.bounds
    at = densities.grid(target.bounds, side)
    return at, torch.cat([target.log_prob(p) for p in at.split(20_000)]).exp() * (
        (x1 - x0) * (y1 - y0) / side**2
    )


@pytest.mark.parametrize("name", densities.NAMES)
def test_a_density_has_mass_one(name):
    _, mass = masses(densities.density(name))
    assert mass.sum().item() == pytest.approx(1, abs=4e-3)


@pytest.mark.parametrize("name", densities.NAMES)
def test_samples_follow_the_density(name):
    """Mean, second moments and mean log-density of draws agree with integrals over the grid."""
    target = densities.density(name)
    x = target.sample(40_000, torch.Generator().manual_seed(0))
    at, mass = masses(target)
    for k in (0, 1):
        assert x[:, k].mean().item() == pytest.approx((mass * at[:, k]).sum().item(), abs=0.03)
        second = (mass * at[:, k] ** 2).sum().item()
        assert (x[:, k] ** 2).mean().item() == pytest.approx(second, abs=0.05)
    spread = target.log_prob(x).std().item() / math.sqrt(len(x))
    lowest = densities.entropy(target, SIDE)
    assert -target.log_prob(x).mean().item() == pytest.approx(lowest, abs=5 * spread + 5e-3)


@pytest.mark.parametrize("name", ["ring", "grid", "clusters", "moons"])
def test_mixtures_agree_with_torch_distributions(name):
    target = densities.density(name)
    assert isinstance(target, densities.Mixture)
    theirs = MixtureSameFamily(
        Categorical(target.weights),
        Independent(Normal(target.centres, torch.full_like(target.centres, target.sigma)), 1),
    )
    x = target.sample(500, torch.Generator().manual_seed(1))
    assert torch.allclose(target.log_prob(x), theirs.log_prob(x), atol=1e-10)


def test_the_entropy_of_moons_is_that_of_two_arcs():
    """Arcs of length 2π in all, a Gaussian across, and four ends that the noise softens:

    H = log 2π + ½ log(2π e σ²) + 4 σ/(2π) · c,  c = −∫ Φ log Φ, where arcs are far apart.
    """
    u = torch.linspace(-12, 12, 20_001, dtype=torch.float64)
    phi = torch.special.ndtr(u)
    c = -torch.trapezoid(torch.xlogy(phi, phi), u).item()
    sigma = 0.05
    across = 0.5 * math.log(2 * math.pi * math.e * sigma**2)
    known = math.log(2 * math.pi) + across + 4 * sigma / (2 * math.pi) * c
    assert densities.entropy(densities.density("moons")) == pytest.approx(known, abs=2e-3)


@pytest.mark.parametrize("name", ["moons", "line", "spiral", "rings"])
def test_a_curve_is_integrated_to_float_precision(name):
    """Twice as many nodes give the same density wherever samples fall."""
    target = densities.density(name)
    assert isinstance(target, densities.Mixture) and target.curve
    pieces = {"moons": 2, "line": 1, "spiral": 4, "rings": 4}[name]
    finer = densities._around(target.curve, target.sigma, target.bounds, pieces, nodes=320)
    x = target.sample(500, torch.Generator().manual_seed(2))
    assert torch.allclose(target.log_prob(x), finer.log_prob(x), atol=1e-8)


def test_moons_have_the_geometry_of_scikit_learn():
    """Its two half circles: (cos t, sin t) and (1 − cos t, ½ − sin t), t in [0, π]."""
    target = densities.density("moons")
    assert isinstance(target, densities.Mixture) and target.curve
    t = torch.linspace(0, 1, 9, dtype=torch.float64)[:-1]
    x = target.curve(t)
    angle = math.pi * 2 * t[:4]
    assert torch.allclose(x[:4], torch.stack([angle.cos(), angle.sin()], 1))
    assert torch.allclose(x[4:], torch.stack([1 - angle.cos(), 0.5 - angle.sin()], 1))


def test_the_pinwheel_keeps_area():
    """Its log-density is that of the straight arms at the point turned back, by autograd."""
    wheel = densities.Pinwheel()

    def turn(x):
        return wheel.scale * densities.rotate(x, wheel._angle(x, torch.tensor(2)))

    x = torch.tensor([1.1, -0.07], dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(turn, x)
    assert torch.linalg.slogdet(jacobian)[1].item() == pytest.approx(2 * math.log(wheel.scale))


def test_a_drawing_is_a_density():
    target = densities.from_points([[0, 0], [1, 0], [0, 1]], 0.1)
    assert masses(target)[1].sum().item() == pytest.approx(1, abs=1e-6)
    assert target.sample(7, torch.Generator().manual_seed(0)).shape == (7, 2)


@pytest.mark.parametrize(
    "points", [[], [[0, 0]], [[0, 0], [1, 1], [9, 0]], "x", [[0, 0, 0]] * 3, [[0, math.nan]] * 3]
)
def test_bad_drawings_are_refused(points):
    with pytest.raises(InputError, match="points"):
        densities.from_points(points)


def test_an_unknown_density_is_refused():
    with pytest.raises(InputError, match="density"):
        densities.density("donut")
