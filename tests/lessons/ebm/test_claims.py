"""What the energy lesson says, computed."""

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from apps.lessons.ebm import denoise, heat, metropolis, particles, train
from apps.lessons.ebm.inputs import FITTING, HEATS, MIXTURES, Inputs
from apps.lessons.shared.pictures import batch, digits
from core.data.densities import Mixture, density, grid
from core.measure.anomaly import shipped_energies
from core.models.ebm import ebm2d
from core.models.ebm.check import image_slope
from core.weights import cards, load
from tests.lessons.claims import SEEDS, claim
from tests.tab_case import TabCase

torch.set_num_threads(1)
CASE = TabCase("ebm")


def settle(shrink: float, added: float, start: float = 0.0) -> float:
    """Return where v′ = shrink² v + added comes to, by going there."""
    v = start
    for _ in range(10_000):
        v = shrink**2 * v + added
    return v


# 1: one step by hand


@claim("ebm", 1)
def test_a_step_by_hand_may_rise(said):
    inputs = Inputs()
    x, k, xi = (np.array(v) for v in (inputs.x, inputs.ks, inputs.xi))
    step = inputs.step_hand
    still = x - step / 2 * k * x
    after = still + np.sqrt(step) * xi
    before, up, down = ((k * v**2).sum() / 2 for v in (x, after, still))
    said("1.760에서 2.055", before, up)
    said("1.055", down)
    said("ε = 0.25", step)
    said.named("ε/2")


@claim("ebm", 1)
def test_the_variance_of_a_finite_step(said):
    k, step = Inputs().ks[0], Inputs().step_hand
    said("0.571", settle(1 - step * k / 2, step))
    said("0.5", 1 / k)
    for small, near in ((0.1, 0.06), (0.01, 0.006)):  # the smaller the step, the closer
        assert 0 < settle(1 - small * k / 2, small) * k - 1 < near
    x, rng, seen = 0.0, np.random.default_rng(0), []
    for _ in range(20_000):  # one particle, as the sentence has it: more time where E is low
        x += -step / 2 * k * x + math.sqrt(step) * rng.standard_normal()
        seen.append(x)
    share = np.histogram(np.abs(seen), [0, 0.5, 1.0, 1.5, 2.0])[0]
    assert (np.diff(share) < 0).all()


# 2: particles in the plane


def unadjusted(name: str, step: float, steps: int, seed: int, t: float = 1.0, n: int = 2000):
    """Return the energies of particles of p after steps that are all taken, in numpy."""
    target, rng = density(name), np.random.default_rng(seed)
    assert isinstance(target, Mixture)
    centres = target.centres.numpy()
    x = centres[rng.integers(len(centres), size=n)]
    x = x + math.sqrt(t) * target.sigma * rng.standard_normal(x.shape)
    for _ in range(steps):
        x = (
            x
            - step / 2 * mixture(target, x)[1] / t
            + math.sqrt(step) * rng.standard_normal(x.shape)
        )
    return mixture(target, x)[0]


def mixture(target: Mixture, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return E and ∇E of a mixture's −log p, in numpy."""
    apart = x[:, None] - target.centres.numpy()  # (n, K, 2)
    log = -(apart**2).sum(2) / (2 * target.sigma**2)
    log = log - math.log(log.shape[1] * 2 * math.pi * target.sigma**2)
    most = log.max(1, keepdims=True)
    weight = np.exp(log - most)
    energy = -most[:, 0] - np.log(weight.sum(1))
    share = weight / weight.sum(1, keepdims=True)
    return energy, (share[..., None] * apart).sum(1) / target.sigma**2


def exact(name: str, t: float) -> float:
    """Return the mean of E under exp(−E/T) by a sum over a fine grid of its own."""
    target = density(name)
    assert isinstance(target, Mixture)
    at = np.linspace(-4.5, 4.5, 500)
    energy = mixture(target, np.stack(np.meshgrid(at, at), 2).reshape(-1, 2))[0]
    weight = np.exp(-(energy - energy.min()) / t)
    return float((weight * energy).sum() / weight.sum())


@claim("ebm", 2)
def test_in_small_steps_the_particles_come_near_the_expectation(said):
    said("160개", particles.PARTICLES)
    said.named("2차원")
    preset = Inputs()
    want = exact("clusters", 1.0)
    assert abs(particles.exact_mean("clusters", 1.0) - want) < 2e-3
    for seed in SEEDS:
        last = particles.walk("clusters", preset.step, 1, 1, seed)[-1]
        error = particles.spread(last) / math.sqrt(particles.PARTICLES)
        assert abs(particles.mean(last) - want) < 4 * error, seed


@claim("ebm", 2)
def test_where_steps_settle(said):
    """The line of each mixture at the step that it comes with, against steps in numpy."""
    for name in MIXTURES:
        step, energies = FITTING[name], unadjusted(name, FITTING[name], 150, seed=1)
        line = particles.settled_mean(name, step, 1.0, 1.0)
        error = energies.std() / math.sqrt(len(energies))
        assert abs(energies.mean() - line) < 4 * error, name
        assert particles.exact_mean(name, 1.0) < line < particles.exact_mean(name, 1.0) + 0.15


@claim("ebm", 2)
def test_at_temperature_4(said):
    said("1/4로", 1, 4)
    said("온도를 4로", 4)
    said("3 nat", exact("clusters", 4.0) - exact("clusters", 1.0))
    target = density("clusters")
    assert isinstance(target, Mixture)
    low = mixture(target, target.centres.numpy())[0].min()
    for t in (1.0, 4.0):
        assert abs(exact("clusters", t) - low - t) < 0.06
    for seed in SEEDS:
        far = [
            particles.walk("clusters", 0.02, t, 1, seed)[-1]["energy"].mean() for t in (1.0, 4.0)
        ]
        assert 1.5 < far[1] - far[0] < 4.5
    wide = unadjusted("clusters", 0.02, 150, seed=0, t=4.0)
    assert abs(wide.mean() - exact("clusters", 4.0)) < 0.3


# 3: three ways


@claim("ebm", 3)
def test_the_limit_and_the_height_below_it(said):
    said("1.25배", 1 / (1 - 0.2))
    said("한계의 0.2배", Inputs().share)
    said("1.2배", Inputs().large)
    said("1.4배", abs(1 - 2 * 1.2))
    said.named("1 − ε/(2σ²), 4σ²")
    target = density("clusters")
    assert isinstance(target, Mixture)
    low = mixture(target, target.centres.numpy())[0].min()
    limit = 4 * target.sigma**2
    energies = unadjusted("clusters", 0.2 * limit, 150, seed=0, n=8000)
    ratio = (energies - low) / (exact("clusters", 1.0) - low)
    assert abs(ratio.mean() - 1.25) < 4 * ratio.std() / math.sqrt(len(ratio)) + 0.01
    for share, flies in ((0.95, False), (1.05, True)):
        x = 0.01
        for _ in range(400):
            x *= 1 - share * limit / (2 * target.sigma**2)
        assert (abs(x) > 1) == flies


@claim("ebm", 3)
def test_without_noise_they_pile_up_and_large_steps_fly_off(said):
    target = density("clusters")
    assert isinstance(target, Mixture)
    limit = 4 * target.sigma**2
    for seed in SEEDS:
        still = particles.walk("clusters", 0.2 * limit, 1, 0, seed)[40]["x"].numpy()
        far = np.linalg.norm(still[:, None] - target.centres.numpy(), axis=2)
        assert far.min(1).max() < 0.02 and set(far.argmin(1)) == {0, 1}
        energies = [
            particles.walk("clusters", 0.2 * limit, 1, n, seed)[40]["energy"].mean() for n in (0, 1)
        ]
        assert energies[0] < exact("clusters", 1.0) - 0.5 < energies[1]
        large = particles.walk("clusters", 1.2 * limit, 1, 1, seed)[40]
        assert particles.count_away("clusters", large) == particles.PARTICLES


# 4: Metropolis


@claim("ebm", 4)
def test_metropolis_in_numpy(said):
    said("E = x²/2", 2)
    said("20,000개", metropolis.PARTICLES)
    said("min(1", 1)
    said("ε = 2", 4 * Inputs().wide)
    said("한계 4", 4)
    assert settle(1 - 2 / 2, 2.0) == 2.0
    said("ε = 4.8", 4 * 1.2)
    for step, refused in ((2.0, "22"), (4.8, "59")):
        found = refusals(step)
        if refused == "22":
            said("22 %", 100 * found)
        else:
            said("59 %", 100 * found)


def refusals(step: float) -> float:
    """Return the share of proposals from exp(−E) that are refused, by quadrature over both."""
    at, weight = np.polynomial.hermite_e.hermegauss(150)
    weight = weight / weight.sum()
    x = at[:, None]
    there = (1 - step / 2) * x + math.sqrt(step) * at
    return 1 - float((weight[:, None] * weight * np.minimum(1, np.exp(odds(x, there, step)))).sum())


def odds(x: Any, there: Any, step: float) -> Any:
    """Return log a on E = x²/2, from the densities of the step both ways."""
    forth, back = there - (1 - step / 2) * x, x - (1 - step / 2) * there
    return (x**2 - there**2) / 2 + (forth**2 - back**2) / (2 * step)


@claim("ebm", 4)
def test_the_variances_of_the_two(said):
    for seed in SEEDS:
        ends = [
            metropolis.variance(metropolis.walk(2.0, refuses, seed)[-1])
            for refuses in (False, True)
        ]
        assert abs(ends[0] - 2) < 0.1 and abs(ends[1] - 1) < 0.05, seed
    for seed in list(SEEDS)[:2]:
        assert metropolis.variance(metropolis.walk(4.8, False, seed)[-1]) == metropolis.MOST
        last = metropolis.walk(4.8, True, seed)[-1]
        assert abs(metropolis.variance(last) - 1) < 0.05
        assert abs(1 - last["taken"].double().mean() - 0.59) < 0.02
    x, there = np.array([0.5, -2.0, 1.0]), np.array([1.5, 1.0, 0.2])  # the exercise's formula
    np.testing.assert_allclose(odds(x, there, 2.0), -2.0 * (there**2 - x**2) / 8)


# 5: contrastive divergence


@cache
def trained(seed: int, *, alpha: float = 0.1, steps: int):
    inputs = Inputs(**{**CASE.scene("train")["inputs"], "seed": seed, "alpha": alpha})
    settings = train.TRAINING.settings(inputs)
    return settings, ebm2d.advance(ebm2d.begin(settings), settings, steps)


def told(state: Any, settings: Any) -> dict[str, float]:
    """Return E at data, at particles and all over the picture, log Z and the NLL."""
    net, target = ebm2d.weights(state), settings.density()
    at = target.sample(4000, torch.Generator().manual_seed(77)).float()
    cells = grid((-8, 8, -8, 8), 120).float()
    energy = ebm2d.energy(net, cells).double()
    log_z = math.log((-energy).exp().sum().item() * (16 / 120) ** 2)
    data = ebm2d.energy(net, at).mean().item()
    inside = ebm2d.energy(net, grid(target.bounds, 40).float()).mean().item()
    own = (energy * (-energy).softmax(0)).sum().item()  # mean of E under exp(−E)/Z
    made = ebm2d.energy(net, state["particles"]).mean().item()
    return {"data": data, "all": inside, "nll": data + log_z, "particles": made, "own": own}


@claim("ebm", 5)
def test_both_sides_learn_and_pressing_alone_makes_it_worse(said):
    del said
    for seed in [*SEEDS][:3]:  # all ten stand below
        presses(seed, 60 if seed else 200)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_pressing_alone_makes_it_worse_from_ten_seeds(seed):
    presses(seed, 200)


def presses(seed: int, steps: int) -> None:
    """Train on both sides, then press on the data alone; hold the NLL and the energies to it."""
    settings, state = trained(seed, steps=steps)
    before, start = told(state, settings), told(ebm2d.begin(settings), settings)
    assert before["nll"] < start["nll"] - 2 and before["data"] < before["particles"]
    after = told(ebm2d.advance(state, settings, 40, "down"), settings)
    assert after["data"] < before["data"] and after["all"] < before["all"]
    assert after["nll"] > before["nll"], (before, after)


@claim("ebm", 5)
def test_without_alpha_pressing_has_no_end(said):
    said.named("E를 0 가까이")
    falls = []
    for settings, state in (trained(0, alpha=0.0, steps=50), trained(0, steps=200)):
        lows = []
        for _ in range(3):
            state = ebm2d.advance(state, settings, 40, "down")
            lows.append(told(state, settings)["data"])
        falls.append(-np.diff(lows))
    assert (falls[0] > 5).all() and (np.abs(falls[1]) < 1).all()


@claim("ebm", 5)
def test_the_nll_goes_up_and_down_and_the_particles_lag(said):
    settings, state = trained(0, steps=200)
    found = []
    for _ in range(8):
        state = ebm2d.advance(state, settings, 10)
        found.append(told(state, settings))
    nll = np.array([one["nll"] for one in found])
    assert (np.diff(nll) > 0.05).sum() >= 2 and (np.diff(nll) < -0.05).sum() >= 2
    lag = np.array([one["particles"] - one["own"] for one in found])
    assert np.abs(lag).mean() > 0.2  # where exp(−E) were followed the two would agree


# the net of digits


def net() -> Any:
    """Return the trained net."""
    return load("ebm-mnist")


@cache
def weights() -> dict[str, np.ndarray]:
    return {name: one.numpy() for name, one in net().state_dict().items()}


def energy(images: Any) -> np.ndarray:
    """Return E of images (n, 28, 28) in numpy."""
    return image_slope(weights(), images)[0]


def reads(images: Any) -> np.ndarray:
    """Return the digits that the classifier reads."""
    with torch.no_grad():
        return load("classifier-mnist")(batch(images)).argmax(1).numpy()


def rms(error: np.ndarray) -> float:
    return float(np.sqrt((error**2).mean()))


# 6: denoising


@claim("ebm", 6)
def test_one_slope_of_a_noisy_digit(said):
    said("S² = 25", 5**2)
    said.named("2S²")
    clean = digits()[0][::5]
    for seed in SEEDS:
        eps = np.random.default_rng(seed).standard_normal(clean.shape)
        noisy = np.clip(clean + 0.3 * eps, 0, 1)
        restored = np.clip(noisy - 25 * net().slope(batch(noisy))[1][:, 0].numpy(), 0, 1)
        assert rms(restored - clean) < 0.5 * rms(noisy - clean)
        if seed == CASE.scene("denoise")["inputs"].get("seed", 0):
            restored = np.clip(noisy - 25 * image_slope(weights(), noisy)[1], 0, 1)
            said("s = 0.3", denoise.LEVELS[CASE.scene("denoise").get("start", 0)])
            said("0.22", rms(noisy - clean))
            said("0.09", rms(restored - clean))
        lengths = []
        for s in denoise.LEVELS:
            noisy = np.clip(clean + s * eps, 0, 1)
            value, slope = (one.squeeze().numpy() for one in net().slope(batch(noisy)))
            lengths.append(rms(slope))
            ratio = value.mean() / ((noisy - clean) ** 2).sum((1, 2)).mean() * (2 * 25)
            assert rms(np.clip(noisy - 25 * slope, 0, 1) - clean) < rms(noisy - clean)
            assert s < 0.1 or 0.65 < ratio < 0.85, (seed, s, ratio)  # 0.7 to 0.8, rounded
        assert (np.diff(lengths) > 0).all()
    said.named("s가 0.1 이상이면, 0.7배에서 0.8배")


@claim("ebm", 6)
def test_the_recipe_s_steps(said):
    from weights.recipes import ebm as recipe

    said("1,600걸음", recipe.ALONE)
    whole = cards()["ebm-mnist"].training["epochs"] * (60_000 // 64)  # steps of four epochs
    said("2,148단계", whole - recipe.ALONE)


# 7 and 8: chains


@cache
def ends() -> dict[float, Any]:
    """Return the images (301, 20, 28, 28) of two chains of each seed, without noise and with."""
    draw = [torch.Generator().manual_seed(seed) for seed in SEEDS]
    start = torch.cat([torch.rand(2, 1, 28, 28, generator=one) for one in draw])
    return {
        sigma: [
            state["x"][:, 0].numpy()
            for state in net().sampling(
                20, start=start, generator=torch.Generator().manual_seed(0), noise=sigma, steps=300
            )
        ]
        for sigma in (0.0, 0.0025)
    }


@claim("ebm", 7)
def test_the_noise_of_the_chains_is_next_to_none(said):
    inputs = Inputs(**CASE.scene("ten")["inputs"])
    said("σ = 0.0025", inputs.sigma)
    said("2.236", math.sqrt(2 * inputs.eta))
    said("1/894", 1, math.sqrt(2 * inputs.eta) / inputs.sigma)
    said.named("√(2η)")
    still, usual = (ends()[sigma][-1] for sigma in (0.0, 0.0025))
    assert np.abs(still - usual).mean() < 0.01  # of a pixel: 0 to 1
    assert (reads(still) == reads(usual)).mean() >= 0.85


@claim("ebm", 7)
def test_chains_arrive_at_the_shapes_of_digits_and_early(said):
    images = ends()[0.0025]
    first, early, last = (energy(images[t]).mean() for t in (0, 50, 300))
    said("처음 50걸음", 50)
    said("99 %", 100 * (first - early) / (first - last))
    same = (reads(images[50]) == reads(images[300])).mean()
    assert abs(same - 2 / 3) < 0.15
    assert energy(images[300]).mean() < shipped_energies()[0]["test"].quantile(0.95)
    assert len(set(reads(images[300]))) >= 8
    grey = [((one > 0.2) & (one < 0.8)).mean() for one in (images[50], images[300])]
    assert grey[1] < grey[0]  # faint at first


@claim("ebm", 8)
def test_from_a_digit_a_chain_moves_little(said):
    images, labels = digits()
    start = batch(images[::5])
    *_, last = net().sampling(
        20, start=start, generator=torch.Generator().manual_seed(0), steps=300
    )
    falls = energy(images[::5]) - energy(last["x"][:, 0].numpy())
    kept = reads(last["x"][:, 0].numpy()) == labels[::5]
    noise = ends()[0.0025]
    assert falls.mean() < 0.03 * (energy(noise[0]) - energy(noise[-1])).mean()
    assert kept.mean() >= 0.9 and np.abs(last["x"][:, 0].numpy() - images[::5]).mean() < 0.06
    steps = np.array([energy(noise[t]).mean() for t in (0, 5, 10, 20, 50, 300)])
    assert (np.diff(steps) < 0).all()


# 9: warm


@cache
def warmed(t: float, steps: int = 300) -> np.ndarray:
    """Return where chains from 20 test digits come to at a temperature: Langevin's step, reflected
    at the ends by mirroring until all is inside.
    """
    x, rng = digits()[0][::5].copy(), np.random.default_rng(0)
    eta = heat.step_size(t)
    for _ in range(steps):
        slope = net().slope(batch(x))[1][:, 0].numpy()
        x = x - eta * slope + math.sqrt(2 * eta * t) * rng.standard_normal(x.shape)
        while x.min() < 0 or x.max() > 1:
            x = np.where(x < 0, -x, np.where(x > 1, 2 - x, x))
    return x


@claim("ebm", 9)
def test_at_t_1_digits_become_noise(said):
    said("T = 1", HEATS[-1])
    said("σ = 0.0025", Inputs().sigma)
    said.named("√(2ηT), [0, 1]")
    end = warmed(1.0, 150)
    assert abs(end.mean() - 0.5) < 0.02 and abs(end.std() - math.sqrt(1 / 12)) < 0.02
    cold, labels = warmed(1e-4), digits()[1][::5]
    said("10⁻⁴", 10)
    assert abs((reads(cold) == labels).mean() - 3 / 5) < 0.15
    said("10⁻³", 10)
    assert (reads(warmed(1e-3, 100)) == labels).mean() <= 0.25  # two of twenty would be luck


@claim("ebm", 9)
def test_a_digit_is_only_30_times_as_dense(said):
    rng = np.random.default_rng(0)
    noise = energy(rng.random((200, 28, 28)))
    said("3.4", noise.mean())
    test = shipped_energies()[0]["test"].double().mean().item()
    assert abs(math.exp(noise.mean() - test) / 30 - 1) < 0.1
    said.named("30배")
    said("784차원", 28 * 28)
    # Were digits to hold as much of exp(−E) as noise does, one picture in 30 would have to lie
    # as low; of thousands that are drawn anyhow not one lies anywhere near.
    assert shipped_energies()[0]["noise"].min() > 2.5


@claim("ebm", 9)
def test_without_noise_and_with_the_usual_digits_stay(said):
    said.named("0")
    images, labels = digits()
    for sigma in (0.0, 0.0025):
        *_, last = net().sampling(
            10, start=batch(images[3::10]), steps=300, noise=sigma,
            generator=torch.Generator().manual_seed(0),
        )  # fmt: skip
        assert (reads(last["x"][:, 0].numpy()) == labels[3::10]).mean() >= 0.9


# 10: anomalies


@claim("ebm", 10)
def test_which_crowds_are_told_from_digits(said):
    found = {k: v.double().numpy() for k, v in shipped_energies()[0].items()}
    test, labels = found["test"], found["labels"]
    for name in ("noise", "clothes"):
        assert area(found[name], test) > 0.99
    for name in ("upside-down", "mirrored"):
        assert 0.75 < area(found[name], test) < 0.85
        above = found[name] - test
        assert 0.9 < (above > 0).mean() < 0.96  # nine in ten
        assert 0.8 < np.median(above) / test.std() < 1.4
    flipped = found["upside-down"]
    ones = flipped[labels == 1]
    said("1은", 1)
    assert (ones.mean() < test[labels != 1]).mean() > 0.75  # lower than most other digits
    by = [area(flipped[labels == k], test[labels == k]) for k in range(10)]
    said("6은", np.argmin(by))
    upside = digits()[0][digits()[1] == 6][:, ::-1, ::-1]
    said("9로", np.bincount(reads(upside.copy())).argmax())


def area(high: np.ndarray, low: np.ndarray) -> float:
    """Return P(high > low) + P(equal)/2, by counting in the sorted."""
    order = np.sort(low)
    below, upto = (np.searchsorted(order, high, side) for side in ("left", "right"))
    return float((below + upto).mean() / 2 / len(low))


@claim("ebm", 10)
def test_low_energy_is_no_digit(said):
    """Of mirrored digits, which are none, some lie lower than half of the test digits."""
    found = shipped_energies()[0]
    assert (found["mirrored"] < found["test"].median()).float().mean() > 0.05
