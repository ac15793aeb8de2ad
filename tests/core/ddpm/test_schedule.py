"""Schedules and the way in: against diffusers, the closed form and draws."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
from scipy.interpolate import PchipInterpolator

from core.inputs import InputError
from core.models.ddpm import forward as way
from core.models.ddpm.schedule import Schedule, curves, monotone_cubic, posterior, respace, schedule

BENT = Schedule("bent", 1000, ((0.3, 0.9), (0.6, 0.2)))
ALL = [Schedule("linear"), Schedule("cosine"), BENT, Schedule("cosine", 50), Schedule("linear", 60)]


def theirs(ours: Schedule, exact: bool) -> DDPMScheduler:
    """Return diffusers' scheduler of our schedule; exact: with our β in float64."""
    name: Any = {"linear": "linear", "cosine": "squaredcos_cap_v2"}.get(ours.kind)
    if name and not exact:
        scale = 1000 / ours.steps
        return DDPMScheduler(
            ours.steps, beta_start=1e-4 * scale, beta_end=0.02 * scale, beta_schedule=name
        )
    made = DDPMScheduler(ours.steps, trained_betas=ours.beta[1:].numpy())
    made.betas = ours.beta[1:]
    made.alphas = 1 - made.betas
    made.alphas_cumprod = made.alphas.cumprod(0)
    made.one = torch.tensor(1.0, dtype=torch.float64)
    return made


@pytest.mark.parametrize("ours", ALL, ids=lambda s: f"{s.kind}-{s.steps}")
def test_a_schedule_falls_from_the_image_to_noise(ours):
    alpha_bar = ours.alpha_bar
    assert len(alpha_bar) == ours.steps + 1 and alpha_bar[0] == 1 and (alpha_bar.diff() < 0).all()
    assert (ours.beta[1:] > 0).all() and ours.beta.max() <= 0.999 and alpha_bar[-1] < 1e-3
    assert torch.allclose(alpha_bar[1:], (1 - ours.beta[1:]).log().cumsum(0).exp(), atol=1e-14)
    now = ours.at(7)
    assert now["signal"] ** 2 + now["sigma"] ** 2 == pytest.approx(1, abs=1e-15)
    assert now["snr"] == pytest.approx((now["signal"] / now["sigma"]) ** 2)
    assert ours.at(0) == dict(beta=0, alpha=1, alpha_bar=1, signal=1, sigma=0, snr=math.inf)


@pytest.mark.parametrize("kind", ["linear", "cosine"])
@pytest.mark.parametrize("steps", [60, 1000])
def test_the_named_schedules_are_diffusers(kind, steps):
    ours, other = Schedule(kind, steps), theirs(Schedule(kind, steps), exact=False)
    assert (ours.beta[1:] - other.betas.double()).abs().max() < 1e-6
    assert (ours.alpha_bar[1:] - other.alphas_cumprod.double()).abs().max() < 1e-6


@pytest.mark.parametrize("ours", ALL, ids=lambda s: f"{s.kind}-{s.steps}")
def test_noise_and_posterior_are_diffusers(ours):
    other, draw = theirs(ours, exact=True), torch.Generator().manual_seed(0)
    x0, noise = (torch.randn(6, 3, 4, generator=draw, dtype=torch.float64) for _ in range(2))
    t = torch.tensor([1, 2, ours.steps // 3, ours.steps // 2, ours.steps - 1, ours.steps])
    x = way.add_noise(x0, ours.alpha_bar[t], noise)
    assert (x - other.add_noise(x0, noise, t - 1)).abs().max() < 1e-12  # pyright: ignore
    for i, one in enumerate(t.tolist()):
        back = posterior(ours.alpha_bar[one], ours.alpha_bar[one - 1])
        ahead = other.step(noise[i], one - 1, x[i], generator=torch.Generator().manual_seed(1))
        mean = back["x0"] * ahead.pred_original_sample + back["x_t"] * x[i]  # pyright: ignore
        size = max(1.0, mean.abs().max().item())
        xi = torch.randn(3, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
        spread = max(back["variance"], 1e-20 if one > 1 else 0) ** 0.5 if one > 1 else 0.0
        got = ahead.prev_sample  # pyright: ignore
        assert (got - mean - spread * xi).abs().max() / size < 1e-12
        if one > 1:
            assert back["variance"] == pytest.approx(other._get_variance(one - 1).item(), abs=1e-12)


def test_a_posterior_over_any_length_is_bayes():
    for t, s in ((300, 100), (1000, 1), (2, 1), (500, 0)):
        alpha_bar_t, alpha_bar_s = (BENT.alpha_bar[i].item() for i in (t, s))
        alpha, got = alpha_bar_t / alpha_bar_s, posterior(alpha_bar_t, alpha_bar_s)
        if not s:
            assert got == pytest.approx({"x0": 1, "x_t": 0, "variance": 0}, abs=1e-12)
            continue
        precision = alpha / (1 - alpha) + 1 / (1 - alpha_bar_s)  # of x_s: from x_t, and from x_0
        assert got["variance"] == pytest.approx(1 / precision)
        assert got["x_t"] == pytest.approx(math.sqrt(alpha) / (1 - alpha) / precision)
        assert got["x0"] == pytest.approx(math.sqrt(alpha_bar_s) / (1 - alpha_bar_s) / precision)


def test_single_steps_have_the_closed_form_s_mean_and_variance():
    plan, n = Schedule("cosine", 20), 40_000
    x0 = torch.tensor([-1.0, 0.25, 0.8], dtype=torch.float64).expand(n, 3)
    for t, x in way.walk(x0, plan, torch.Generator().manual_seed(0)):
        now = plan.at(t)
        off = (x.mean(0) - now["signal"] * x0[0]).abs().max().item()
        assert off <= 5 * now["sigma"] / math.sqrt(n) + 1e-12
        spread = (x.var(0) - now["sigma"] ** 2).abs().max().item()
        assert spread <= 5 * now["sigma"] ** 2 * math.sqrt(2 / n) + 1e-12
    mean, variance = 1.0, 0.0  # and exactly: what a step does to both
    for t in range(1, 21):
        beta = plan.beta[t].item()
        mean, variance = math.sqrt(1 - beta) * mean, (1 - beta) * variance + beta
        assert mean == pytest.approx(plan.at(t)["signal"], abs=1e-12)
        assert variance == pytest.approx(plan.at(t)["sigma"] ** 2, abs=1e-12)


def test_bends_are_scipy_s():
    for points in ([(0, 1), (0.2, 0.9), (0.7, 0.3), (1, 1e-4)], [(0, 1), (0.9, 0.95), (1, 0)]):
        u = torch.linspace(0, 1, 301, dtype=torch.float64)
        x, y = np.array(points, dtype=float).T
        found = PchipInterpolator(x, y)(u.numpy())
        assert np.abs(monotone_cubic(points, u).numpy() - found).max() < 1e-14


def test_a_bent_schedule_goes_through_its_points():
    for u, alpha_bar in BENT.points:
        assert BENT.alpha_bar[round(u * 1000)].item() == pytest.approx(alpha_bar, abs=1e-12)
    assert schedule({"kind": "bent", "points": [[0.3, 0.9], [0.6, 0.2]]}) == BENT
    assert schedule("linear") == Schedule("linear") and schedule(BENT) is BENT
    assert schedule({"kind": "cosine", "points": [[9, 9]]}) == Schedule("cosine")


@pytest.mark.parametrize(
    "bad",
    [
        "sine",
        3,
        None,
        {},
        {"kind": "bent"},
        {"kind": "bent", "points": [[0.5, 0.5], [0.4, 0.4]]},
        {"kind": "bent", "points": [[0.5, 0.5], [0.6, 0.6]]},
        {"kind": "bent", "points": [[0.5, 1.0]]},
        {"kind": "bent", "points": [[0.5, 0.0]]},
        {"kind": "bent", "points": [[0.5, math.nan]]},
        {"kind": "bent", "points": [[k / 20, 1 - k / 20] for k in range(1, 20)]},
        {"kind": "linear", "steps": 5},
    ],
)
def test_other_schedules_are_refused(bad):
    with pytest.raises(InputError):
        schedule(bad)


def test_times_are_spread_evenly_down_to_the_image():
    assert respace(1000, 5) == [1000, 800, 600, 400, 200, 0]
    assert respace(7, 1000) == [7, 6, 5, 4, 3, 2, 1, 0]
    for first, steps in ((1000, 300), (999, 20), (13, 12), (1, 1)):
        times = respace(first, steps)
        assert times[0] == first and times[-1] == 0 and len(times) == steps + 1
        gaps = -np.diff(times)
        assert gaps.min() >= 1 and gaps.max() - gaps.min() <= 1
    found = curves(BENT, 50)
    assert found["t"][0] == 1 and found["t"][-1] == 1000 and len(found["beta"]) == 50
    assert found["log_snr"][0] == pytest.approx(math.log(BENT.at(1)["snr"]))


def test_an_image_in_noise_is_the_sum_of_its_parts():
    image = np.linspace(0, 1, 784).reshape(28, 28)
    at = way.forward(image.tolist(), 300, BENT, seed=5)
    assert torch.equal(at["x_t"], at["mean"] + at["part"]) and at["x0"].max() == 1
    assert torch.allclose(at["noise"], way.forward(image, 900, BENT, seed=5)["noise"])
    assert torch.equal(way.strip(image, [0, 300], BENT, seed=5)[1]["x_t"], at["x_t"])
    assert torch.equal(way.forward(image, 0, BENT)["x_t"], at["x0"])
    pixel = way.pixel_by_hand(at["x0"][3, 4].item(), at["noise"][3, 4].item(), 300, BENT)
    assert pixel["x_t"] == pytest.approx(at["x_t"][3, 4].item(), abs=1e-15)
    for bad in ({"t": 1001}, {"t": 1.5}, {"seed": -1}, {"image": image[:5]}, {"image": image - 1}):
        given: Any = {"image": image, "t": 5, "schedule": BENT, "seed": 0} | bad
        with pytest.raises(InputError):
            way.forward(**given)


def test_the_loss_by_hand_is_torch_s():
    x0, noise, guess = [1.0, -1.0, 0.2], [0.3, -1.2, 0.7], [0.1, -1.0, 1.4]
    hand = way.loss_by_hand(x0, noise, guess, 400, BENT)
    at = torch.tensor(guess, dtype=torch.float64, requires_grad=True)
    value = torch.nn.functional.mse_loss(at, torch.tensor(noise, dtype=torch.float64))
    value.backward()
    assert at.grad is not None
    assert hand["loss"] == pytest.approx(value.item(), abs=1e-15)
    assert hand["grad"] == pytest.approx(at.grad.tolist(), abs=1e-15)
    x = torch.tensor(hand["x_t"], dtype=torch.float64)
    other = theirs(BENT, exact=True)
    back: Any = other.step(at.detach()[None], 399, x[None])
    assert hand["x0_hat"] is not None
    assert back.pred_original_sample[0].tolist() == pytest.approx(
        np.clip(hand["x0_hat"], -1, 1), abs=1e-12
    )
    paper = way.loss_by_hand(x0, noise, guess, 400, BENT, decimals=2)
    assert paper["square"] == [0.04, 0.04, 0.49] and paper["loss"] == 0.19
    assert way.loss_by_hand([1], [1], [0], 1000, Schedule("cosine"), decimals=2)["x0_hat"] is None
    for bad in ({"t": 0}, {"guess": [1.0]}, {"x0": []}, {"x0": [2.0] * 3}, {"decimals": 1}):
        given: Any = {"x0": x0, "noise": noise, "guess": guess, "t": 400, "schedule": BENT} | bad
        with pytest.raises(InputError):
            way.loss_by_hand(**given)
