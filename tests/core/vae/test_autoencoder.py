"""The VAE against torch.distributions, against other estimators and against itself."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from core.inputs import InputError
from core.models.vae.autoencoder import (
    VAE,
    Config,
    elbo,
    importance_bound,
    kl,
    log_likelihood,
    loss,
    reparameterise,
)

SHAPES = [Config(), Config(latent=5, hidden=(32,), channels=4), Config(kind="ae", hidden=(16, 8))]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def built(config: Config, seed: int = 0) -> VAE:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return VAE(config).eval()


def images(n: int, seed: int = 1) -> torch.Tensor:
    return (torch.rand(n, 1, 28, 28, generator=generator(seed)) < 0.3).float()


@pytest.mark.parametrize("config", SHAPES, ids=str)
def test_shapes_ranges_and_a_batch_does_not_matter(config):
    model, x = built(config), images(3)
    mu, logvar = model.encode(x)
    assert mu.shape == logvar.shape == (3, config.latent)
    out = model.decode(mu)
    assert out.shape == (3, 1, 28, 28) and out.min() >= 0 and out.max() <= 1
    alone = torch.cat([model.decode(model.encode(one[None])[0]) for one in x])
    assert torch.allclose(out, alone, atol=1e-5)
    if config.kind == "ae":
        assert (logvar == -math.inf).all()
        assert torch.equal(reparameterise(mu, logvar, torch.ones_like(mu)), mu)


def test_kl_equals_torch_distributions():
    draw = generator()
    mu = torch.randn(50, 7, generator=draw, dtype=torch.float64) * 3
    logvar = torch.randn(50, 7, generator=draw, dtype=torch.float64) * 2
    theirs = kl_divergence(Normal(mu, torch.exp(logvar / 2)), Normal(0.0, 1.0))
    assert (kl(mu, logvar) - theirs).abs().max() < 1e-10
    assert kl(torch.zeros(1, 2), torch.zeros(1, 2)).abs().max() == 0


def test_log_likelihood_equals_torch_distributions():
    logits = torch.randn(4, 1, 28, 28, generator=generator(), dtype=torch.float64) * 4
    x = images(4).double()
    theirs = Independent(Bernoulli(logits=logits), 3).log_prob(x)
    assert (log_likelihood(logits, x) - theirs).abs().max() < 1e-9


def test_the_parts_of_the_elbo_add_up_and_equal_torch_distributions():
    model, x = built(Config(latent=3, hidden=(16,))).double(), images(6).double()
    eps = torch.randn(6, 3, generator=generator(), dtype=torch.float64)
    found = elbo(model, x, eps)
    q = Normal(found["mu"], torch.exp(found["logvar"] / 2))
    fits = Independent(Bernoulli(probs=model.decode(found["z"])), 3).log_prob(x)
    theirs = fits - kl_divergence(q, Normal(0.0, 1.0)).sum(1)
    assert (found["elbo"] - theirs).abs().max() < 1e-8
    value, parts = loss(model, model.config, x, eps, beta=4.0)
    assert abs(value.item() - (parts["reconstruction"] + 4 * parts["kl"]).item()) < 1e-3
    assert abs(-found["reconstruction"].mean().item() - parts["reconstruction"].item()) < 1e-3


def test_one_importance_sample_equals_log_p_x_z_less_log_q():
    model, x = built(Config(latent=3, hidden=(16,))).double(), images(4).double()
    eps = torch.randn(1, 4, 3, generator=generator(), dtype=torch.float64)
    mu, logvar = model.encode(x)
    z = reparameterise(mu, logvar, eps[0])
    q, p = Normal(mu, torch.exp(logvar / 2)), Normal(0.0, 1.0)
    fits = Independent(Bernoulli(probs=model.decode(z)), 3).log_prob(x)
    theirs = fits + (p.log_prob(z) - q.log_prob(z)).sum(1)
    assert (importance_bound(model, x, eps) - theirs).abs().max() < 1e-8


def test_the_elbo_lies_under_the_importance_bound_and_that_under_log_p():
    """log p(x) by a fine grid over one latent dimension, float64."""
    model, x = built(Config(latent=1, hidden=(16,))).double(), images(3).double()
    with torch.no_grad():
        for layer in (model.encoder[-1], model.decoder[0]):  # a posterior unlike the prior
            layer.weight.mul_(4)  # pyright: ignore
        draws = torch.randn(2000, 3, 1, generator=generator(), dtype=torch.float64)
        low = torch.stack([elbo(model, x, eps)["elbo"] for eps in draws]).mean(0)
        many = draws.view(20, 100, 3, 1)
        tight = torch.stack([importance_bound(model, x, eps) for eps in many]).mean(0)
        z = torch.linspace(-12, 12, 8001, dtype=torch.float64)[:, None]
        logits = model.decoder(z)  # (8001, 1, 28, 28)
        fits = torch.stack(
            [log_likelihood(logits, one.expand_as(logits)) for one in x]
        )  # (3, 8001)
        exact = torch.logsumexp(fits + Normal(0.0, 1.0).log_prob(z[:, 0]), 1) + math.log(24 / 8000)
    assert (low <= tight).all() and (tight <= exact + 0.05).all()
    assert (exact - tight < 0.1 * (exact - low) + 0.05).all()


def test_reparameterised_gradient_equals_score_function_gradient_in_expectation():
    """d/dμ, d/dlog σ² of E_q[f(z)] by both estimators, against its exact value for f quadratic."""
    n, a = 400_000, 0.7
    mu = torch.tensor([[0.4, -0.3]], dtype=torch.float64, requires_grad=True)
    logvar = torch.tensor([[-0.2, 0.3]], dtype=torch.float64, requires_grad=True)
    eps = torch.randn(n, 2, generator=generator(), dtype=torch.float64)

    def f(z):
        return ((z - a) ** 2).sum(1)

    z = reparameterise(mu, logvar, eps)
    path = torch.autograd.grad(f(z).mean(), [mu, logvar])
    fixed = z.detach()
    log_q = Normal(mu, torch.exp(logvar / 2)).log_prob(fixed).sum(1)
    score = torch.autograd.grad((f(fixed) * log_q).mean(), [mu, logvar])
    exact = (2 * (mu - a), torch.exp(logvar))  # E f = (μ − a)² + σ²
    for one, other, value in zip(path, score, exact):
        assert (one - value).abs().max() < 0.01
        assert (other - value).abs().max() < 0.05  # the score function's variance is far larger


def test_sampling_is_deterministic_and_ends_in_sample():
    model = built(Config(latent=2, hidden=(16,)))
    first = model.sample(5, generator=generator(3))
    assert first.shape == (5, 1, 28, 28) and first.min() >= 0 and first.max() <= 1
    assert torch.equal(first, model.sample(5, generator=generator(3)))
    *_, last = model.sampling(5, generator=generator(3))
    assert torch.equal(first, last["x"]) and last["z"].shape == (5, 2)
    assert not torch.equal(first, model.sample(5, generator=generator(4)))


def test_an_autoencoder_samples_from_the_gaussian_of_its_codes():
    model = built(Config(kind="ae", hidden=(16,)))
    model.center.copy_(torch.tensor([5.0, -5.0]))
    model.scale.copy_(torch.tensor([2.0, 0.5]))
    z = model.prior(20_000, generator(0))
    assert (z.mean(0) - model.center).abs().max() < 0.05
    assert (z.std(0) - model.scale).abs().max() < 0.05


@pytest.mark.parametrize(
    "change", [{"latent": 0}, {"kind": "gan"}, {"beta": math.nan}, {"hidden": (0,)}], ids=str
)
def test_bad_configs_are_refused(change):
    with pytest.raises(InputError):
        Config(**change)


def test_bad_sizes_and_labels_are_refused():
    model = built(Config(hidden=(8,)))
    with pytest.raises(InputError, match="n is 0"):
        model.sample(0)
    with pytest.raises(InputError, match="labels"):
        model.sample(2, labels=torch.zeros(2))


def test_a_trained_step_lowers_the_loss():
    model, x = built(Config(latent=2, hidden=(32,))), images(32)
    eps = torch.randn(32, 2, generator=generator())
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    values = []
    for _ in range(20):
        value, _ = loss(model, model.config, x, eps, 1.0)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        values.append(value.item())
    assert values[-1] < values[0] - 20
