"""The digit GANs: shapes, seeds, labels, losses against autograd and by hand, statistics."""

from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.inputs import InputError
from core.models.gan.losses import KINDS
from core.models.gan.networks import GAN, TILT, Config, d_loss, g_loss, settle, watched_codes

PLAIN = Config(latent=5, channels=4)
LABELLED = Config(latent=5, channels=4, classes=10)
CRITIC = Config(latent=5, channels=4, loss="wgan-gp", norm="layer")
SHAPES = [PLAIN, LABELLED, CRITIC, replace(PLAIN, norm="none", loss="hinge")]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def built(config: Config, seed: int = 0) -> GAN:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = GAN(config)
        if model.discriminator.project is not None:  # zero before training: no label would count
            nn.init.normal_(model.discriminator.project.weight, std=0.1)
        return model.eval()


def digits(n: int, seed: int = 1) -> torch.Tensor:
    return torch.rand(n, 1, 28, 28, generator=generator(seed))


def labels_for(model: GAN, n: int) -> torch.Tensor | None:
    return torch.arange(n) % 10 if model.config.classes else None


@pytest.mark.parametrize("config", SHAPES, ids=str)
def test_shapes_ranges_and_a_batch_does_not_matter(config):
    model = built(config)
    y = labels_for(model, 6)
    x = model.sample(6, labels=y, generator=generator())
    assert x.shape == (6, 1, 28, 28) and x.min() >= 0 and x.max() <= 1
    score = model.score(x, y)
    assert score.shape == (6,)
    for i in range(6):
        one = None if y is None else y[i : i + 1]
        assert torch.allclose(model.score(x[i : i + 1], one), score[i], atol=1e-5)


@pytest.mark.parametrize("config", SHAPES, ids=str)
def test_a_seed_fixes_the_images(config):
    model = built(config)
    first = model.sample(4, generator=generator(3))
    assert torch.equal(first, model.sample(4, generator=generator(3)))
    assert not torch.equal(first, model.sample(4, generator=generator(4)))
    *_, last = model.sampling(4, generator=generator(3))
    assert torch.equal(first, last["x"])
    assert torch.equal(first, model.decode(last["z"], last.get("labels")))


def test_codes_are_drawn_before_labels_and_are_standard_normal():
    model = built(LABELLED)
    states = list(model.sampling(20, generator=generator(3)))
    given = list(model.sampling(20, labels=torch.zeros(20).long(), generator=generator(3)))
    assert [set(s) for s in states] == [{"z", "labels"}, {"z", "labels", "x"}]
    assert torch.equal(states[0]["z"], given[0]["z"]) and given[1]["labels"].sum() == 0
    z = model.prior(50_000, generator())
    assert z.mean().abs() < 0.01 and (z.std() - 1).abs() < 0.01


def test_the_net_is_the_layers_of_the_docstring():
    """G and D in eval mode, computed layer by layer with torch's functions."""
    model = built(CRITIC).double()
    z = torch.randn(3, 5, generator=generator(), dtype=torch.float64)
    g: Any = model.generator.layers
    d: Any = model.discriminator.layers
    with torch.no_grad():
        h = (z @ g[0].weight.T).view(3, 8, 7, 7)
        for norm, up in ((g[2], g[4]), (g[5], g[7]), (g[8], None)):
            h = F.relu(F.batch_norm(h, norm.running_mean, norm.running_var, norm.weight, norm.bias))
            if up is not None:
                h = F.conv_transpose2d(h, up.weight, up.bias, stride=2, padding=1)
        h = F.conv2d(h, g[10].weight, g[10].bias, padding=1)
        made = model.decode(z)
        assert (made - (torch.tanh(h) + 1) / 2).abs().max() < 1e-12
        h = F.leaky_relu(F.conv2d(torch.tanh(h), d[0].weight, d[0].bias, 2, 1), 0.2)
        h = F.conv2d(h, d[2].weight, d[2].bias, 2, 1)
        h = F.leaky_relu(F.layer_norm(h, (8, 7, 7)), 0.2).flatten(1)  # (3, 98 · 4)
        head = model.discriminator.head
        assert (model.score(made) - (h @ head.weight.T + head.bias)[:, 0]).abs().max() < 1e-12


def test_a_label_adds_its_projection_to_the_score():
    model, x = built(LABELLED).double(), digits(2).double()
    h = model.discriminator.layers(2 * x - 1)  # (2, 392)
    project = model.discriminator.project
    assert project is not None
    gap = model.score(x, torch.tensor([3, 7])) - model.score(x, torch.tensor([1, 1]))
    by_hand = ((project.weight[[3, 7]] - project.weight[[1, 1]]) * h).sum(1)
    assert (gap - by_hand).abs().max() < 1e-12 and gap.abs().min() > 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_two_lower_equals_torch_s_own(kind):
    """In eval mode, so that batch norm ties no images: D's and G's loss from the scores."""
    model = built(replace(CRITIC, loss=kind, penalty=0.0)).double()
    x = digits(8).double()
    value, parts = d_loss(model, x, None, 0, generator(2))
    fake = model.decode(model.prior(8, generator(2)))
    a, b = model.score(x), model.score(fake)
    tilt = TILT * (a**2).mean() if kind == "wgan-gp" else 0.0
    by_hand = {
        "minimax": F.binary_cross_entropy_with_logits(a, torch.ones_like(a))
        + F.binary_cross_entropy_with_logits(b, torch.zeros_like(b)),
        "least-squares": F.mse_loss(a, torch.ones_like(a)) / 2 + (b**2).mean() / 2,
        "wasserstein": b.mean() - a.mean(),
        "hinge": (1 - a).clamp_min(0).mean() + (1 + b).clamp_min(0).mean(),
    }
    by_hand |= {"non-saturating": by_hand["minimax"], "wgan-gp": by_hand["wasserstein"] + tilt}
    assert abs(value.item() - by_hand[kind].item()) < 1e-12
    assert abs(parts["D(x)"].item() - a.mean().item()) < 1e-12
    found, _ = g_loss(model, 8, None, generator(2))
    made = {
        "minimax": -F.softplus(b).mean(),
        "non-saturating": F.softplus(-b).mean(),
        "least-squares": F.mse_loss(b, torch.ones_like(b)) / 2,
    }
    assert abs(found.item() - made.get(kind, -b.mean()).item()) < 1e-12


def test_neither_loss_reaches_past_its_own_net():
    model, x = built(LABELLED), digits(4)
    y = torch.arange(4)
    value, _ = d_loss(model, x, y, 0, generator())
    with pytest.raises(RuntimeError, match="unused|not have been used"):
        torch.autograd.grad(value, list(model.generator.parameters()), retain_graph=True)
    down = torch.autograd.grad(value, list(model.discriminator.parameters()))
    assert all(g.abs().sum() > 0 for g in down)
    value, _ = g_loss(model, 4, y, generator())
    up = torch.autograd.grad(value, [model.generator.layers[0].weight])  # pyright: ignore
    assert up[0].abs().sum() > 0


def test_the_penalty_comes_every_kth_step_and_k_times():
    model, x = built(replace(CRITIC, lazy=4, penalty=7.0)), digits(4)
    due, parts = d_loss(model, x, None, 8, generator())
    free, none = d_loss(model, x, None, 9, generator())
    assert "penalty" not in none and parts["penalty"] > 0
    assert (due - free).item() == pytest.approx(28 * parts["penalty"].item(), rel=1e-4)


def test_the_penalty_s_gradient_equals_finite_differences():
    model = built(CRITIC).double()
    x = digits(3).double()
    weight: Any = model.discriminator.layers[2].weight

    def value() -> torch.Tensor:
        return d_loss(model, x, None, 0, generator())[0]

    (slope,) = torch.autograd.grad(value(), [weight])
    way = torch.randn(weight.shape, generator=generator(), dtype=torch.float64)
    h = 1e-6
    with torch.no_grad():
        weight.add_(h * way)
    up = value().item()
    with torch.no_grad():
        weight.sub_(2 * h * way)
    down = value().item()
    assert (up - down) / (2 * h) == pytest.approx((slope * way).sum().item(), rel=1e-5)


def test_settle_gives_the_norms_the_statistics_of_their_inputs():
    model = built(PLAIN).double()
    settle(model, generator(5), n=1000)
    assert not model.training
    z = model.prior(1000, generator(5))
    with torch.no_grad():
        h = model.generator.layers[:2](z)  # (1000, 8, 7, 7)
    norm = model.generator.layers[2]
    assert isinstance(norm, nn.BatchNorm2d) and norm.running_mean is not None
    assert (norm.running_mean - h.mean((0, 2, 3))).abs().max() < 1e-9
    halves = torch.stack([part.var((0, 2, 3)) for part in h.split(500)]).mean(0)
    assert norm.running_var is not None
    assert (norm.running_var - halves).abs().max() < 1e-9
    assert norm.momentum == 0.1


def test_the_watched_codes_are_always_the_same():
    z, labels = watched_codes(built(LABELLED))
    again, _ = watched_codes(built(LABELLED, seed=9))
    assert torch.equal(z, again) and labels is not None
    assert labels.tolist() == [i % 10 for i in range(64)]
    assert watched_codes(built(PLAIN))[1] is None


@pytest.mark.parametrize(
    "change",
    [{"latent": 0}, {"channels": 1}, {"classes": 11}, {"loss": "gan"}, {"norm": "spectral"}]
    + [{"loss": "wgan-gp", "norm": "batch"}, {"lazy": 0}, {"penalty": float("nan")}],
    ids=str,
)
def test_bad_configs_are_refused(change):
    with pytest.raises(InputError):
        Config(**change)


def test_bad_sizes_and_labels_are_refused():
    plain, labelled = built(PLAIN), built(LABELLED)
    with pytest.raises(InputError, match="n is 0"):
        plain.sample(0)
    with pytest.raises(InputError, match="labels is not known"):
        plain.sample(2, labels=torch.zeros(2).long())
    with pytest.raises(InputError, match="labels is missing"):
        labelled.decode(torch.zeros(2, 5))
    for wrong in (torch.zeros(3).long(), torch.zeros(2)):
        with pytest.raises(InputError, match="labels has shape"):
            labelled.sample(2, labels=wrong)
    for wrong in ([0, 10], [-1, 0]):
        with pytest.raises(InputError, match="from 0 to 9"):
            labelled.sample(2, labels=torch.tensor(wrong))
