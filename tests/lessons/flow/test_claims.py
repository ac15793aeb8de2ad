"""What the flow lesson says, computed: by numpy and torch, apart from the views."""

import math
from functools import lru_cache

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
import scipy.spatial
import scipy.stats
import torch

from apps.lessons.flow import digits, levels, masks, matching, train
from apps.lessons.flow.inputs import NETS, Inputs
from apps.lessons.shared import pictures
from apps.stage.declare import controls, parse
from core import weights
from core.data.densities import density, from_points, grid
from core.models.flow import dequantise, flow2d, pair
from core.models.flow import matching as exact
from core.models.flow.flow2d import Settings
from core.models.flow.real_nvp import Flow
from tests.lessons.claims import SEEDS, claim
from tests.tab_case import TabCase

CASE = TabCase("flow")
torch.set_num_threads(1)


@lru_cache
def shipped(name: str) -> Flow:
    return weights.load(name)  # pyright: ignore[reportReturnType]


def noise(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# ---- 1 change


@claim("flow", 1)
def test_widths_shrink_to_a_slope_of_0_4_and_density_grows_2_5_times(said):
    preset = CASE.scene("change")["inputs"]
    a, b, x = (preset[name] for name in ("a", "b", "at"))
    assert preset["family"] == "cubic"
    said.named("N(0, 1)")
    said("x = 0", x)
    p_x, slope = scipy.stats.norm.pdf(x), a + 3 * b * x**2
    said("0.4", slope)
    said("2.5", 1 / slope)
    said("0.3989", p_x)
    said("0.997", p_x / slope)
    assert f"{0.3989 / 0.4:.3f}" == "0.997"  # from the numbers as they are printed
    gaps = [abs((a * w + b * w**3 / 4) / w - slope) for w in (2, 1, 0.5, 0.25, 0.1, 0.02)]
    assert gaps == sorted(gaps, reverse=True)  # of y(w/2) − y(−w/2) over w


@claim("flow", 1)
def test_the_area_of_the_image_is_that_of_the_interval(said):
    """By quadrature of p_y over the image, its inverse a root found by bisection."""
    a, b = (CASE.scene("change")["inputs"][name] for name in "ab")

    def f(x: float) -> float:
        return a * x + b * x**3

    def p_y(y: float) -> float:
        x = float(scipy.optimize.brentq(lambda v: f(v) - y, -9, 9))  # pyright: ignore
        return scipy.stats.norm.pdf(x) / (a + 3 * b * x**2)

    for low, high in ((-1, 1), (-0.5, 0.5), (0.2, 1.7)):
        area, _ = scipy.integrate.quad(p_y, f(low), f(high), epsabs=1e-10)
        assert area == pytest.approx(np.diff(scipy.stats.norm.cdf([low, high]))[0], abs=1e-8)


# ---- 2 coupling


@claim("flow", 2)
def test_only_s_remains_in_the_determinant_though_the_lower_left_is_not_0(said):
    preset = parse(Inputs, CASE.scene("coupling")["inputs"])
    (s1, s0), (t1, t0) = preset.s_line, preset.t_line

    def through(v: torch.Tensor) -> torch.Tensor:
        return torch.stack([v[0], v[1] * torch.exp(s1 * v[0] + s0) + t1 * v[0] + t0])

    x = torch.tensor(preset.x, dtype=torch.float64)
    J = torch.as_tensor(torch.autograd.functional.jacobian(through, x))
    said("0", J[0, 1].item())
    said("0", 0)
    assert abs(J[1, 0]) > 0.1 and J[0, 0] == 1
    said("1", J[0, 0].item())
    s = s1 * preset.x[0] + s0
    assert torch.linalg.det(J).item() == pytest.approx(math.exp(s))


# ---- 3 through


@claim("flow", 3)
def test_the_gap_between_the_moons_goes_to_the_edge_of_the_gaussian(said):
    assert CASE.scene("through")["inputs"]["net"] == "moons"
    model, moons = shipped("realnvp-moons"), density("moons")
    around = scipy.spatial.Delaunay(moons.centres.numpy())  # pyright: ignore
    x = grid(moons.bounds, 120)
    inside = torch.as_tensor(around.find_simplex(x.numpy()) >= 0)
    empty = x[inside & (moons.log_prob(x) < -8)].float()
    with torch.no_grad():
        z, log_det = model(empty)
        back, _ = model.inverse(z)
    far = z.norm(dim=1) > 3
    said("92", 100 * far.double().mean().item())
    said.named("|z| > 3")
    log_normal = -0.5 * (z**2).sum(1) - math.log(2 * math.pi)
    log_p = log_normal + log_det
    with torch.no_grad():
        usual = model.log_prob(moons.sample(2000, noise(0)).float()).median()
    assert log_normal[far].max() < -6 and log_p[far].median() < usual - 10
    assert (log_p[far] < usual - 4).double().mean() > 0.97
    assert (back - empty).abs().max() < 1e-2  # one to one: nothing vanishes


@claim("flow", 3)
def test_what_arrives_is_a_gaussian_as_far_as_its_first_four_moments(said):
    del said
    model, moons = shipped("realnvp-moons"), density("moons")
    for seed in SEEDS:
        with torch.no_grad():
            z, _ = model(moons.sample(4000, noise(seed)).float())
        spread = torch.cov(z.T) - torch.eye(2)
        fourth = ((z - z.mean(0)) / z.std(0)).pow(4).mean(0)
        assert z.mean(0).abs().max() < 0.06 and spread.abs().max() < 0.06
        assert (fourth - 3).abs().max() < 0.5


# ---- 4 densities


@claim("flow", 4)
def test_nll_less_entropy_is_kl_and_no_flow_is_clearly_below(said):
    said("4,000", 4000)
    for target, name in NETS.items():
        what, model = density(target), shipped(name)
        for seed in SEEDS:
            x = what.sample(4000, noise(seed))
            with torch.no_grad():
                nll = -model.log_prob(x.float()).double()
            own = -what.log_prob(x)
            error = nll.std().item() / math.sqrt(4000)
            lowest = entropy(target, 300)
            assert nll.mean() > lowest - 4 * error
            assert (nll - own).mean() > 0  # the estimate of KL
            assert abs(own.mean() - lowest) < 4 * own.std() / math.sqrt(4000) + 1e-3


@lru_cache
def entropy(target: str, side: int) -> float:
    """Return −∫ p log p by Simpson's rule, on another grid than the lesson's."""
    what = density(target)
    if target == "checkerboard":
        return math.log(8)  # uniform over eight unit squares
    x0, x1, y0, y1 = what.bounds
    xs, ys = np.linspace(x0, x1, side + 1), np.linspace(y0, y1, side + 1)
    at = torch.as_tensor(np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2))
    log_p = what.log_prob(at).numpy().reshape(side + 1, side + 1)
    inner = scipy.integrate.simpson(np.exp(log_p) * log_p, x=xs, axis=1)
    return -float(scipy.integrate.simpson(inner, x=ys))


# ---- 5 masks


@claim("flow", 5)
def test_two_couplings_that_keep_x1_are_one(said):
    """And so is any number: along x₁ = c, x₂ goes to a straight line of itself."""
    for seed in SEEDS:
        own = Settings(target="ring", masks="fixed", couplings=6, seed=seed)
        state = flow2d.begin(own)
        state["w"] += 0.3 * torch.randn(state["w"].shape, generator=noise(seed))
        model = flow2d.flow(state, own).double()
        x2 = torch.linspace(-2, 2, 9, dtype=torch.float64)
        for c in (-1.0, 0.5):
            with torch.no_grad():
                z, _ = model(torch.stack([torch.full_like(x2, c), x2], 1))
            assert (z[:, 1].diff(n=2)).abs().max() < 1e-9
            assert (z[:, 0] - z[0, 0]).abs().max() < 1e-12


@claim("flow", 5)
def test_alternating_masks_break_the_limit_and_fixed_ones_cannot(said):
    preset = CASE.scene("masks")["inputs"]
    limit = limit_by_hand("ring")
    del said
    for seed in SEEDS:
        own = Settings(target=preset["target"], seed=seed)
        state, _ = pair.advance(pair.begin(own), own, preset["opening"][-1])
        found = masks.look(state, own)
        assert found.nll["fixed"] > limit > found.nll["alternate"] + 0.3, seed
        assert found.limit == pytest.approx(limit, abs=2e-3)


@lru_cache
def limit_by_hand(target: str) -> float:
    """Return the limit from moments of a mixture of Gaussians, p(x₁) by its own formula."""
    what = density(target)
    c, sigma = what.centres.numpy(), what.sigma  # pyright: ignore
    x = np.linspace(-3, 3, 2001)
    weight = np.exp(-0.5 * ((x[:, None] - c[:, 0]) / sigma) ** 2)  # (x, K)
    p = weight.sum(1) / len(c) / (sigma * math.sqrt(2 * math.pi))
    share = weight / weight.sum(1, keepdims=True)
    mean = share @ c[:, 1]
    inner = sigma**2 + share @ c[:, 1] ** 2 - mean**2
    outer = sigma**2 + c[:, 0].var()
    within = float(scipy.integrate.simpson(p * np.log(inner), x=x))
    return 0.5 * (2 * math.log(2 * math.pi * math.e) + math.log(outer) + within)


# ---- 6 train


@claim("flow", 6)
def test_a_thread_of_density_is_left_between_blobs(said):
    """Between the eyes of the face q is far above p and never 0, while the NLL falls."""
    inputs = parse(Inputs, CASE.scene("train")["inputs"])
    points = train.points_of(inputs)
    what = from_points(points, inputs.sigma)
    between = torch.stack([torch.linspace(-0.8, 0.8, 33), torch.full((33,), 1.1)], 1)
    middle = what.log_prob(between).min().item()
    fresh = what.sample(4000, noise(1))
    said("0", math.exp(middle))
    for seed in SEEDS:
        own = Settings(target="drawn", points=points, sigma=inputs.sigma, seed=seed)
        state, nll = flow2d.begin(own), []
        for steps in np.diff([0, *inputs.opening]).tolist():
            state = flow2d.advance(state, own, steps)[0] if steps else state
            model = flow2d.flow(state, own)
            nll.append(-model.log_prob(fresh.float()).mean().item())
        assert nll[-1] < nll[0] - 0.2, seed
        thread = model.log_prob(between).min().item()  # pyright: ignore
        assert middle + 3 < thread < math.inf, seed


@claim("flow", 6)
def test_each_point_carries_a_gaussian_of_the_width_that_is_set(said):
    inputs = CASE.scene("train")["inputs"]
    what = from_points(inputs["drawn"], inputs["sigma"])
    x = torch.tensor([[0.3, -1.2]], dtype=torch.float64)
    theirs = np.mean(
        [scipy.stats.multivariate_normal.pdf(x[0], c, inputs["sigma"] ** 2) for c in what.centres]
    )
    assert what.log_prob(x).exp().item() == pytest.approx(theirs)


# ---- 7 matching


@claim("flow", 7)
def test_the_flow_is_distributed_as_the_pairs_at_every_t(said):
    """By −log p_t of both at each t, and by the flow's density along its own way."""
    name = CASE.scene("matching")["inputs"].get("mixture", "ring")
    what = matching.target(name)
    said.named("(1 − t)")
    for seed in SEEDS:
        z = torch.randn(400, 2, generator=noise(seed), dtype=torch.float64)
        x = what.sample(400, noise(seed + 100))
        path = exact.follow(what, z, 60, order=4)
        normal = -0.5 * (z**2).sum(1) - math.log(2 * math.pi)
        for k in (0, 20, 40, 60):
            t = path.t[k].item()
            p_t = exact.at_time(what, t)
            left, right = (-p_t.log_prob(v) for v in ((1 - t) * z + t * x, path.x[k]))
            error = math.hypot(left.std().item(), right.std().item()) / 20
            assert abs((left - right).mean().item()) < 4 * error, (seed, t)
            assert (normal - path.log_det[k] + right).abs().median() < 0.05
    ends = said.of["en"]["say"]
    assert "from 0 to 1" in ends
    said("0", path.t[0].item())  # pyright: ignore


@claim("flow", 7)
def test_regression_on_the_pairs_velocities_finds_their_mean_and_no_line_s_own(said):
    """The mean velocity has the least squared error of all fields; lines that meet differ."""
    del said
    what, t = matching.target("ring"), 0.5
    for seed in SEEDS:
        z = torch.randn(4000, 2, generator=noise(seed), dtype=torch.float64)
        x = what.sample(4000, noise(seed + 100))
        v, _ = exact.velocity(what, (1 - t) * z + t * x, t)
        least = ((x - z - v) ** 2).sum(1).mean()
        for other in (1.1 * v, 0.9 * v, v + 0.1):
            assert ((x - z - other) ** 2).sum(1).mean() > least
        assert least > 0.1  # pairs that pass a point have velocities of their own


@claim("flow", 7)
def test_one_step_goes_to_the_mean(said):
    for name in ("ring", "moons", "rings", "spiral", "grid"):
        course = matching.compute(name, 1, 0)
        mean = matching.target(name).sample(200_000, noise(0)).mean(0)
        assert np.abs(course.flow[-1] - mean.numpy()).max() < 0.02
        assert course.flow[0].std(0).min() > 0.7
        said("1", len(course.t) - 1)
        asked = matching.turn(name)
        v = np.array(asked.get("blanks", [])[0]["rows"], dtype=float).ravel()
        assert v == pytest.approx(mean.numpy() - matching.EXERCISE, abs=0.02)


# ---- 8 levels


@claim("flow", 8)
def test_without_noise_the_nll_falls_through_every_floor_and_with_it_not(said):
    preset = Inputs(rate=CASE.scene("levels")["inputs"]["rate"])
    own = levels.settings(preset, "with")
    P = np.array(own.levels)
    said("8", len(P))
    floor = scipy.stats.entropy(P) - math.log(8)
    said("−0.443", floor)
    said.named("0")
    said.named("U[0, 1)")
    runs = {side: levels.train(levels.settings(preset, side)) for side in levels.ROLES}
    assert runs["without"][-1].nll < runs["with"][-1].nll - 5  # far lower, where the scene opens
    assert all(one.nll >= floor for one in runs["with"])
    falls = [one.nll for one in runs["without"]]
    assert falls == sorted(falls, reverse=True)
    last = runs["without"][-1]
    width = last.state["w"].chunk(3)[0].exp().min().item()
    assert width < 1e-3 and last.p.max() > 1000


@claim("flow", 8)
def test_it_does_so_for_every_number_of_peaks_and_every_seed(said):
    del said
    offered = controls(Inputs)["parts"].get("options", [])
    for parts, seed in [*((parts, 0) for parts in offered), *((8, seed) for seed in SEEDS)]:
        own = levels.settings(Inputs(rate=0.02, parts=parts, seed=seed), "without")
        state, _ = dequantise.advance(dequantise.begin(own), own, 400)
        assert dequantise.nll(state, own) < dequantise.floor(own) - 1.5, (parts, seed)


# ---- 9 digits


@claim("flow", 9)
def test_at_temperature_0_all_pictures_are_one_and_at_1_they_are_the_model_s(said):
    model = shipped("flow-mnist")
    said("T를 0", 0)
    for seed in SEEDS:
        spread = [
            model.sample(12, generator=noise(seed), temperature=t).std(0).mean().item()
            for t in (0, 0.4, 0.7, 1)
        ]
        assert spread[0] == 0 and spread == sorted(spread)
    said.named("T = 1")
    with torch.no_grad():
        (image,), _ = model.inverse(torch.zeros(1, 16, 7, 7))
    assert (digits.sample_sheets(0, 0)[-1][1][0, 0] == digits.shades(image[None])[0]).all()


@claim("flow", 9)
def test_couplings_are_undone_two_by_two(said):
    names = [name for name, _ in digits.sample_sheets(0, 0.7)]
    assert [int(name["n"]) for name in names] == list(range(0, 17, 2))  # pyright: ignore
    said.named("0")


@claim("flow", 9)
def test_the_bound_of_a_drawn_picture_comes_with_it(said):
    del said
    image = pictures.digits()[0][42]
    told = digits.likelihood(image)
    assert told.bound.log_P < 0 < told.bound.bits
    assert told.levels == 784
