"""BigGAN's parts against torch and scipy, and the laws of its sampling."""

import copy
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import stats
from torch.nn.utils import parametrizations

from core.inputs import InputError
from core.models.biggan import by_hand, check, layers, spectral, truncation
from core.models.biggan.networks import BigGAN, Config, d_loss, g_loss, settle

SMALL = Config(part=4, embedded=6, channels=(12, 10, 8))


def noise(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def draw(*size: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(size, generator=noise(seed), dtype=torch.float64)


@pytest.fixture(scope="module")
def model() -> BigGAN:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = BigGAN(SMALL).double().eval().requires_grad_(False)
    net.generator.attention.gamma.fill_(0.7)
    return net


# ---- truncation


@pytest.mark.parametrize("psi", [0.04, 0.09, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0])
def test_the_variance_of_a_truncated_normal_is_scipy_s(psi):
    assert by_hand.variance(psi) == pytest.approx(stats.truncnorm.var(-psi, psi), rel=1e-6)


def test_half_leaves_eight_percent_of_the_variance():
    assert by_hand.variance(0.5) == pytest.approx(0.08059, abs=5e-6)


@pytest.mark.parametrize("psi", [0.1, 0.5, 2.0])
def test_draws_are_those_of_scipy_s_truncated_normal(psi):
    z = truncation.truncated_normal((200, 50), psi, noise(3)).double().flatten().numpy()
    assert np.abs(z).max() <= psi
    assert stats.kstest(z, stats.truncnorm(-psi, psi).cdf).pvalue > 0.01
    scaled = psi * truncation.truncated_normal((200, 50), None, noise(3)).double().flatten()
    assert stats.kstest(scaled.numpy(), stats.truncnorm(-psi, psi).cdf).pvalue < 1e-6


@pytest.mark.parametrize("psi", [0.0, -1.0, 0.03, 11.0, float("nan")])
def test_a_bound_outside_its_range_is_refused(psi):
    with pytest.raises(InputError):
        truncation.truncated_normal((2,), psi)
    with pytest.raises(InputError):
        by_hand.variance(psi)


# ---- spectral norm


@pytest.mark.parametrize("shape", [(3, 5), (8, 2), (6, 6)])
def test_power_iteration_rises_to_the_largest_singular_value(shape):
    matrix = draw(*shape, seed=1)
    largest = np.linalg.svd(matrix.numpy(), compute_uv=False)[0]
    rounds = list(islice(spectral.power_iteration(matrix, draw(shape[0], seed=2)), 400))
    sigmas = [r.sigma.item() for r in rounds]
    assert all(b >= a - 1e-12 for a, b in zip(sigmas, sigmas[1:]))
    assert sigmas[-1] == pytest.approx(largest, rel=1e-9) and max(sigmas) <= largest * (1 + 1e-12)
    assert rounds[-1].u.norm() == pytest.approx(1) and rounds[-1].v.norm() == pytest.approx(1)


def test_a_spectral_layer_comes_to_torch_s_own_and_so_does_its_gradient():
    ours = spectral.SpectralLinear(5, 4).double()
    with torch.no_grad():
        ours.weight.copy_(draw(4, 5))
    theirs = torch.nn.Linear(5, 4).double()
    theirs.load_state_dict({"weight": ours.weight.detach(), "bias": ours.bias.detach()})  # pyright: ignore
    theirs = parametrizations.spectral_norm(theirs, n_power_iterations=1)
    x = draw(3, 5, seed=4)
    for _ in range(300):  # torch's rounds begin at v: half a round apart
        assert ours(x).shape == theirs(x).shape
    assert torch.allclose(ours(x), theirs(x), atol=1e-10)
    ours(x).pow(2).sum().backward()
    theirs(x).pow(2).sum().backward()
    parts: Any = theirs.parametrizations
    assert torch.allclose(ours.weight.grad, parts.weight.original.grad, atol=1e-8)  # pyright: ignore


def test_after_training_s_rounds_the_norm_is_one_and_distances_do_not_grow():
    layer = spectral.SpectralLinear(6, 9).double()
    with torch.no_grad():
        layer.weight.copy_(draw(9, 6) * 3)
        for _ in range(300):
            layer(draw(1, 6))
    layer.eval()
    assert torch.linalg.matrix_norm(layer.normalised(), 2).item() == pytest.approx(1, abs=1e-3)
    x, y = draw(50, 6, seed=1), draw(50, 6, seed=2)
    assert ((layer(x) - layer(y)).norm(dim=1) <= (1 + 1e-3) * (x - y).norm(dim=1)).all()


def test_in_eval_mode_no_use_changes_a_layer():
    layer = spectral.SpectralConv(3, 4, 3).eval()
    before = layer.u.clone()
    first = layer(torch.ones(1, 3, 5, 5))
    assert torch.equal(first, layer(torch.ones(1, 3, 5, 5))) and torch.equal(layer.u, before)


# ---- blocks


def test_conditional_norm_is_batch_norm_with_a_gain_around_one():
    norm = layers.ConditionalNorm(5, 3).double()
    x, style = draw(4, 5, 6, 6), draw(4, 3, seed=1)
    out = norm(x, style)
    plain = F.batch_norm(x, None, None, training=True, eps=1e-5)
    norm.eval()
    gain, offset = norm.gain(style)[..., None, None], norm.offset(style)[..., None, None]
    norm.train()
    assert torch.allclose(out, plain * (1 + gain) + offset, atol=0.2)  # σ moves a round
    zero = torch.zeros(4, 3, dtype=torch.float64)
    assert torch.allclose(norm(x, zero), plain, atol=1e-12)


def test_attention_is_torch_s_and_begins_as_nothing():
    block = layers.Attention(16).double().eval()
    x = draw(2, 16, 8, 8)
    assert torch.equal(block(x), x)
    with torch.no_grad():
        block.gamma.fill_(0.5)
    q = block.query(x).flatten(2).mT
    k, v = (F.max_pool2d(net(x), 2).flatten(2).mT for net in (block.key, block.value))
    seen = F.scaled_dot_product_attention(q, k, v, scale=1.0).mT.reshape(2, 8, 8, 8)
    assert torch.allclose(block(x), x + 0.5 * block.out(seen), atol=1e-12)


def test_the_score_is_the_projection_s_formula(model):
    net = model.discriminator
    x, labels = draw(6, 1, 28, 28).tanh(), torch.tensor([0, 3, 3, 9, 1, 7])
    h = F.relu(net.layers(x)).sum((2, 3))
    vectors, weight = net.project.normalised(), net.head.normalised()[0]
    wanted = [weight @ a + net.head.bias[0] + vectors[y] @ a for a, y in zip(h, labels)]
    assert torch.allclose(net(x, labels), torch.stack(wanted), atol=1e-10)


# ---- the model


def test_the_same_seed_gives_the_same_images_and_each_its_own(model):
    labels = torch.arange(6)
    first, again = (model.sample(6, labels=labels, generator=noise(1)) for _ in range(2))
    assert torch.equal(first, again) and first.shape == (6, 1, 28, 28)
    assert 0 <= first.min() <= first.max() <= 1
    z = model.prior(6, noise(1))
    alone = torch.cat([model.decode(z[i : i + 1], labels[i : i + 1]) for i in range(6)])
    assert torch.allclose(alone, first, atol=1e-12)


def test_the_check_s_generator_is_the_module_s_from_its_weights_alone(model):
    labels, net = torch.tensor([4, 0, 9]), copy.deepcopy(model)
    for k, layer in enumerate(m for m in net.modules() if isinstance(m, spectral.Spectral)):
        layer.weight.add_(0.3 * draw(*layer.weight.shape, seed=k))  # no longer orthogonal
    z, weights = net.prior(3, noise(4)), net.generator.state_dict()
    images, embedded = net.decode(z, labels)[:, 0], weights["embed.weight"][labels]
    assert check.images_delta(weights, z, embedded, images)["delta"] < 1e-12
    for name in ("attention.gamma", "up.1.norms.0.norm.running_var", "up.0.convs.0.u"):
        other = {**weights, name: weights[name] + torch.linspace(1, 2, weights[name].numel())}
        other[name] = other[name].reshape(weights[name].shape)
        assert check.images_delta(other, z, embedded, images)["delta"] > 1e-6, name


def test_truncated_codes_lie_within_their_bound(model):
    moments = model.sampling(40, generator=noise(2), truncation=0.3)
    z = next(moments)["z"]
    assert z.abs().max() <= 0.3 and z.std() == pytest.approx(by_hand.variance(0.3) ** 0.5, 0.1)


def test_each_part_of_the_code_reaches_its_own_block(model):
    z, labels = model.prior(3, noise(5)), torch.tensor([1, 4, 8])
    seen = []
    hooks = [
        block.register_forward_hook(lambda _, given, out: seen.append((given[1], out)))
        for block in model.generator.up
    ]
    whole = model.decode(z, labels)
    z[:, 8:] = 0  # the last part
    changed = model.decode(z, labels)
    for hook in hooks:
        hook.remove()
    (_, first), _, (_, same), (style, _) = seen
    assert torch.equal(first, same) and (style[:, 6:] == 0).all()
    assert not torch.equal(whole, changed)


@pytest.mark.parametrize(
    "labels", [torch.tensor([10]), torch.tensor([-1]), torch.tensor([0.5]), torch.tensor([1, 2])]
)
def test_labels_that_cannot_be_are_refused(model, labels):
    with pytest.raises(InputError):
        model.sample(1, labels=labels)


def test_the_losses_are_the_hinge_of_the_scores():
    torch.manual_seed(0)
    net = BigGAN(SMALL).double().eval()  # u and the norms stand still
    x, labels = draw(4, 1, 28, 28).sigmoid(), torch.tensor([0, 1, 2, 3])
    loss, _ = d_loss(net, x, labels, noise(1))
    fake = net.decode(net.prior(4, noise(1)), labels)
    a, b = (net.score(v, labels).detach().numpy() for v in (x, fake))
    assert loss.item() == pytest.approx(np.maximum(0, 1 - a).mean() + np.maximum(0, 1 + b).mean())
    assert g_loss(net, labels, noise(1))[0].item() == pytest.approx(-b.mean())


def test_settled_norms_have_the_statistics_of_many_codes():
    torch.manual_seed(0)
    net = BigGAN(SMALL).double().eval().requires_grad_(False)
    settle(net, noise(7), 1000)
    labels = torch.arange(1000) % 10
    z = net.prior(1000, noise(7))
    first = net.generator.start(z[:, :4]).view(1000, -1, 7, 7)
    norm: Any = next(m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d))
    assert torch.allclose(norm.running_mean, first.mean((0, 2, 3)), atol=1e-6)
    assert not norm.training and norm.momentum == 0.1 and len(labels) == 1000
