"""Flow matching with the exact velocity, against draws, scipy and the target's own density."""

import numpy as np
import pytest
import scipy.integrate
import torch

from core.data.densities import Mixture, density, from_points
from core.inputs import InputError
from core.models.flow.check import matching_delta
from core.models.flow.matching import at_time, follow, velocity

TARGETS = ["ring", "moons", "grid"]


def mixture(name: str) -> Mixture:
    found = density(name)
    assert isinstance(found, Mixture)
    return found


def draw(n: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 2, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("t", [0.1, 0.5, 0.9, 1.0])
def test_velocity_and_divergence_are_the_score_s(target, t):
    what = mixture(target)
    x = at_time(what, t).sample(6, torch.Generator().manual_seed(0))
    v, div = velocity(what, x, t)
    assert matching_delta(what, x, t, v, div)["delta"] < 1e-9
    assert matching_delta(what, x, t, v, div + 0.01 * div.abs())["delta"] > 1e-4


def test_the_velocity_is_the_mean_of_the_pairs_that_pass():
    what, t, at = from_points([[-1, 0], [1, 1], [0, -1]], 0.5), 0.6, torch.tensor([0.2, 0.1])
    x, z = what.sample(2_000_000, torch.Generator().manual_seed(1)), draw(2_000_000, 2)
    near = ((1 - t) * z + t * x - at).norm(dim=1) < 0.05
    pairs = (x - z)[near]
    error = pairs.std(0) / len(pairs) ** 0.5
    v, _ = velocity(what, at.double()[None], t)
    assert ((pairs.mean(0) - v[0]).abs() < 4 * error + 0.01).all() and len(pairs) > 2000


def test_at_the_start_all_go_to_the_mean_and_one_step_ends_there():
    what, z = mixture("moons"), draw(5, 0)
    mean = what.centres.mean(0)
    v, _ = velocity(what, z, 0)
    np.testing.assert_allclose(v, mean - z, atol=1e-12)
    ends = follow(what, z, 1).x[-1]
    np.testing.assert_allclose(ends, mean.expand(5, 2), atol=1e-12)


@pytest.mark.parametrize("target", TARGETS)
def test_the_density_is_the_data_s_at_the_end_and_that_of_x_t_on_the_way(target):
    what, z = mixture(target), draw(40, 3)
    path = follow(what, z, 200, order=4)
    normal = -0.5 * (z**2).sum(1) - np.log(2 * np.pi)
    for k in (0, 50, 100, 150, 200):
        theirs = at_time(what, path.t[k].item()).log_prob(path.x[k])
        np.testing.assert_allclose(normal - path.log_det[k], theirs, atol=2e-2)


def test_the_path_is_scipy_s():
    what, z = mixture("ring"), draw(1, 4)

    def slope(t: float, x: np.ndarray) -> np.ndarray:
        return velocity(what, torch.as_tensor(x)[None], min(t, 1.0))[0][0].numpy()

    theirs = scipy.integrate.solve_ivp(slope, (0, 1), z[0].numpy(), rtol=1e-9, atol=1e-10)
    ours = follow(what, z, 200, order=4).x[-1, 0]
    np.testing.assert_allclose(ours, theirs.y[:, -1], atol=1e-4)
    fine, coarse = (follow(what, z, n).x[-1, 0] for n in (800, 100))
    assert (fine - ours).norm() < 0.3 * (coarse - ours).norm()  # Euler's error falls with the step


@pytest.mark.parametrize("steps", [0, 1001, 2.5])
def test_bad_steps_are_refused(steps):
    with pytest.raises(InputError, match="steps"):
        follow(mixture("ring"), draw(1, 0), steps)
