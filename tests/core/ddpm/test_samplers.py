"""Samplers against diffusers, Bayes' rule and the closed form of a Gaussian."""

import math
from typing import Any

import pytest
import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler

from core.models.ddpm import samplers as way
from core.models.ddpm.schedule import Schedule, posterior, respace

PLAN = Schedule("cosine", 100)
SHAPE = (3, 1, 28, 28)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def guess(x: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Something smooth that stands for a net."""
    eps = torch.sin(x + t / 50)
    return eps, way.x0_of(x, eps, PLAN.alpha_bar[t].item())


def theirs(kind: Any, **options: Any) -> Any:
    """Return diffusers' scheduler with our β; its coefficients in float64, whatever x is."""
    made = kind(100, trained_betas=PLAN.beta[1:].numpy(), **options)
    made.betas = PLAN.beta[1:]
    made.alphas_cumprod = PLAN.alpha_bar[1:]
    made.alphas = 1 - made.betas
    made.one = made.final_alpha_cumprod = torch.ones((), dtype=torch.float64)
    return made


@pytest.mark.parametrize("dtype, near", [(torch.float64, 1e-12), (torch.float32, 1e-6)])
@pytest.mark.parametrize("eta", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("clip", [True, False])
@pytest.mark.parametrize("steps", [100, 20])
def test_a_step_is_diffusers_ddim(dtype, near, eta, clip, steps):
    other = theirs(DDIMScheduler, clip_sample=clip, timestep_spacing="trailing")
    other.set_timesteps(steps)
    times = respace(100, steps)
    assert [t - 1 for t in times[:-1]] == other.timesteps.tolist()
    predict = way.clip_x0(guess, PLAN.alpha_bar) if clip else guess
    x = torch.randn(SHAPE, generator=seeded(), dtype=dtype)
    ours = list(way.chain(predict, x, times, PLAN.alpha_bar, eta, seeded(1)))
    draw = seeded(1)
    for now, then in zip(ours, ours[1:]):
        eps, t = guess(now["x"], now["t"])[0], now["t"] - 1
        step = other.step(eps, t, now["x"], eta, use_clipped_model_output=True, generator=draw)
        size = max(1.0, step.prev_sample.abs().max().item())
        assert (step.prev_sample - then["x"]).abs().max().item() / size < near
        far = max(1.0, step.pred_original_sample.abs().max().item())
        assert (step.pred_original_sample - now["x0_hat"]).abs().max().item() / far < near


@pytest.mark.parametrize("dtype, near", [(torch.float64, 1e-12), (torch.float32, 1e-6)])
def test_eta_one_is_diffusers_ddpm(dtype, near):
    other, times = theirs(DDPMScheduler, clip_sample=True), respace(100, 100)
    x = torch.randn(SHAPE, generator=seeded(), dtype=dtype)
    predict = way.clip_x0(guess, PLAN.alpha_bar)
    ours = list(way.chain(predict, x, times, PLAN.alpha_bar, 1.0, seeded(1)))
    draw = seeded(1)
    for now, then in zip(ours[:-2], ours[1:-1]):
        step = other.step(guess(now["x"], now["t"])[0], now["t"] - 1, now["x"], generator=draw)
        size = max(1.0, step.prev_sample.abs().max().item())
        assert (step.prev_sample - then["x"]).abs().max().item() / size < near
    last = other.step(guess(ours[-2]["x"], 1)[0], 0, ours[-2]["x"])
    assert (last.prev_sample - ours[-1]["x"]).abs().max().item() < near


def test_eta_one_has_the_posterior_s_mean_and_variance():
    for t, s in ((100, 80), (50, 49), (2, 1)):
        alpha_bar_t, alpha_bar_s = (PLAN.alpha_bar[i].item() for i in (t, s))
        c, q = way.coefficients(alpha_bar_t, alpha_bar_s, 1.0), posterior(alpha_bar_t, alpha_bar_s)
        assert c["sigma"] ** 2 == pytest.approx(q["variance"], rel=1e-12)
        # ε̂ = (x_t − √ᾱ_t x̂_0) / √(1 − ᾱ_t) put in: what x_t and x̂_0 are multiplied by
        by_x = c["eps"] / math.sqrt(1 - alpha_bar_t)
        assert by_x == pytest.approx(q["x_t"], rel=1e-9)
        assert c["x0"] - by_x * math.sqrt(alpha_bar_t) == pytest.approx(q["x0"], rel=1e-9)
        assert way.coefficients(alpha_bar_t, alpha_bar_s, 0.0)["sigma"] == 0


def test_a_gaussian_s_ode_is_its_closed_form():
    sigma, mean = 0.3, 0.5  # data N(0.5, 0.3²): ε̂ is linear, and the ODE has a solution

    def predict(x, t):
        alpha_bar = plan.alpha_bar[t].item()
        eps = (
            math.sqrt(1 - alpha_bar)
            * (x - math.sqrt(alpha_bar) * mean)
            / (alpha_bar * sigma**2 + 1 - alpha_bar)
        )
        return eps, way.x0_of(x, eps, alpha_bar)

    plan = Schedule("cosine", 1000)
    x = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]
    *_, last = way.chain(predict, x, respace(1000, 1000), plan.alpha_bar, 0.0)
    alpha_bar = plan.alpha_bar[-1].item()
    wide = math.sqrt(alpha_bar * sigma**2 + 1 - alpha_bar)
    exact = mean + sigma * (x - math.sqrt(alpha_bar) * mean) / wide
    assert (last["x"] - exact).abs().max() < 5e-3
    n = 20_000
    start = torch.randn(n, 1, generator=seeded(), dtype=torch.float64)
    *_, last = way.chain(predict, start, respace(1000, 200), plan.alpha_bar, 1.0, seeded(1))
    assert last["x"].mean().item() == pytest.approx(mean, abs=0.01)
    assert last["x"].std().item() == pytest.approx(sigma, abs=0.02)
