"""What the VAE lesson says, computed: from its nets and presets, by NumPy, SciPy and torch."""

import base64
from typing import Any

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from torch.distributions import Bernoulli, Normal, kl_divergence

from apps.lessons.shared import pictures
from apps.lessons.vae.autoencoders import AE, BETAS, LARGE, PLAIN
from core.data.latent_codes import read_codes
from core.weights import load
from core.weights.card import cards
from tests.lessons.claims import SEEDS, claim
from tests.tab_case import TabCase, widgets

torch.set_num_threads(1)
CASE = TabCase("vae")
IMAGES, LABELS = pictures.digits()
X = torch.as_tensor(IMAGES, dtype=torch.float32)[:, None]
THREE = (AE, PLAIN, LARGE)


def net(name) -> Any:
    """Return a trained net."""
    return load(name)


def preset(n):
    """Return the preset of scene n, from 1."""
    return CASE.scenes[n - 1]["inputs"]


@torch.no_grad()
def read(x):
    """Return the classifier's probabilities (B, 10) of pictures (B, 28, 28)."""
    x = torch.as_tensor(np.array(x), dtype=torch.float32).reshape(-1, 1, 28, 28)
    return net("classifier-mnist")(x).softmax(1).numpy()


@torch.no_grad()
def draw(name, z):
    """Return a net's pictures (B, 28, 28) of codes."""
    return net(name).decode(torch.as_tensor(np.array(z), dtype=torch.float32))[:, 0].numpy()


@torch.no_grad()
def code(name, x):
    """Return μ and σ of pictures (B, 28, 28), each (B, latent)."""
    x = torch.as_tensor(np.array(x), dtype=torch.float32).reshape(-1, 1, 28, 28)
    mu, logvar = net(name).encode(x)
    return mu.numpy().astype(float), np.exp(logvar.numpy().astype(float) / 2)


def costs(name, x, seed, draws=1):
    """Return −E log p(x|z) and the KL of pictures (B, 28, 28), by torch.distributions, (B,)."""
    mu, sigma = (torch.as_tensor(v, dtype=torch.float32) for v in code(name, x))
    q = Normal(mu, sigma)
    generator = torch.Generator().manual_seed(seed)
    miss = torch.zeros(len(mu))
    for _ in range(draws):
        z = mu + sigma * torch.randn(mu.shape, generator=generator)
        with torch.no_grad():
            likely = Bernoulli(logits=net(name).decoder(z)[:, 0], validate_args=False)
        seen = torch.as_tensor(np.array(x), dtype=torch.float32)
        miss -= likely.log_prob(seen).sum((1, 2)) / draws
    kl = kl_divergence(q, Normal(0.0, 1.0)).sum(1)
    return miss.numpy().astype(float), kl.numpy().astype(float)


def pixels(widget):
    """Return the shades of a picture on a board."""
    return np.frombuffer(base64.b64decode(widget["shades"]), np.uint8).reshape(28, 28) / 255


def cost(name, x, seed, draws=1):
    """Return −ELBO of pictures (B, 28, 28), (B,)."""
    miss, kl = costs(name, x, seed, draws)
    return miss + kl


# ---- scene 1


@claim("vae", 1)
def test_far_from_every_code_the_ae_draws_no_digits_and_the_vae_does(said):
    unread = {}
    for name in (AE, PLAIN):
        mu, labels = (v.numpy() for v in read_codes(name))
        said("10,000", len(labels))
        one = net(name)
        center, scale = one.center.numpy(), one.scale.numpy()
        steps = np.linspace(-3, 3, preset(1)["tiles"])
        nodes = np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 2)
        near = cdist(nodes, (mu - center) / scale).min(1)
        p = read(draw(name, center + scale * nodes[near > 0.5])).max(1)
        unread[name] = (p < 0.7).mean()
    assert unread[AE] > 0.5 and unread[PLAIN] < 0.05
    said.named("0.5 N(0, I)")
    said.named("1만 100자")
    assert len(LABELS) == 100


@claim("vae", 1)
def test_so_it_is_at_random_places_of_both_planes(said):
    for seed in SEEDS:
        u = np.random.default_rng(seed).uniform(-3, 3, (400, 2))
        unread = {}
        for name in (AE, PLAIN):
            mu, one = read_codes(name)[0].numpy(), net(name)
            center, scale = one.center.numpy(), one.scale.numpy()
            far = u[cdist(u, (mu - center) / scale).min(1) > 0.5]
            unread[name] = (read(draw(name, center + scale * far)).max(1) < 0.7).mean()
        assert unread[AE] > 0.5 and unread[PLAIN] < 0.05


@claim("vae", 1)
def test_the_pointer_opens_at_the_node_farthest_from_the_codes(said):
    for plane, name in zip(widgets(CASE.asked("plane"), "plane"), (AE, PLAIN)):
        mu, scale = read_codes(name)[0].numpy(), net(name).scale.numpy()
        nodes = np.array([[x, y] for x in plane["xs"] for y in plane["ys"]])
        near = cdist(nodes / scale, mu / scale).min(1)
        np.testing.assert_allclose(plane["start"], nodes[near.argmax()], atol=1e-5)


# ---- scene 2


@claim("vae", 2)
def test_samples_of_one_cloud_are_read_as_two_digits(said):
    given, found = preset(2), CASE.tables("posterior")
    said("9", LABELS[given["digit"]])
    mu, sigma = (v[0] for v in code(given["net"], IMAGES[given["digit"]][None]))
    np.testing.assert_allclose(found["mu"], mu, atol=1e-5)
    z = mu + sigma * found["eps"]
    classes = set(read(draw(given["net"], z)).argmax(1).tolist())
    assert classes == {9, 7}
    said.named("7")
    for seed in SEEDS:
        eps = np.random.default_rng(seed + 100).standard_normal((32, 2))
        assert classes <= set(read(draw(given["net"], mu + sigma * eps)).argmax(1).tolist())


@claim("vae", 2)
def test_z_is_differentiated_by_mu_and_sigma(said):
    mu, sigma, eps = torch.tensor([0.3, -0.2]), torch.tensor([0.5, 0.7]), torch.randn(2)
    by_mu, by_sigma = torch.autograd.functional.jacobian(lambda m, s: m + s * eps, (mu, sigma))
    assert torch.equal(by_sigma, torch.diag(eps))
    said("∂z/∂μ = 1", float(by_mu[0, 0]))
    assert torch.equal(by_mu, torch.eye(2))


# ---- scene 3


@claim("vae", 3)
def test_with_20_dimensions_reconstruction_falls_kl_rises_and_the_sum_falls(said):
    one = IMAGES[preset(3)["digit"]][None]
    for seed in SEEDS:
        for x in (one, IMAGES):
            (small, small_kl), (large, large_kl) = (
                (m.mean(), k.mean()) for m, k in (costs(n, x, seed, 4) for n in (PLAIN, LARGE))
            )
            assert large < 0.75 * small and large_kl > small_kl
            assert large + large_kl < small + small_kl
    said("20", net(LARGE).config.latent)


@claim("vae", 3)
def test_five_dimensions_hold_nothing_and_are_not_used(said):
    mu, sigma = code(LARGE, IMAGES)
    kl = 0.5 * (mu**2 + sigma**2 - 1) - np.log(sigma)
    unused = kl.max(0) < 0.001
    assert unused.sum() == 5  # said in words
    said("100", len(kl))
    said.named("0.001")
    board = CASE.asked("elbo", model=LARGE)
    assert "5 / 20" in [fact["v"] for fact in board["facts"]]
    moved = [np.abs(draw(LARGE, mu + 2 * axis) - draw(LARGE, mu)).mean() for axis in np.eye(20)]
    assert max(np.array(moved)[unused]) < 0.1 * min(np.array(moved)[~unused])


@claim("vae", 3)
def test_a_grey_picture_costs_what_its_black_and_white_versions_cost_on_average(said):
    x = IMAGES[preset(3)["digit"]]
    mu = torch.as_tensor(code(PLAIN, x[None])[0], dtype=torch.float32)
    with torch.no_grad():
        likely = Bernoulli(logits=net(PLAIN).decoder(mu)[0, 0], validate_args=False)
    grey = float(likely.log_prob(torch.as_tensor(x, dtype=torch.float32)).sum())
    drawn = np.random.default_rng(0).random((4000, 28, 28)) < x
    each = likely.log_prob(torch.as_tensor(drawn, dtype=torch.float32)).sum((1, 2))
    assert abs(float(each.mean()) - grey) < 4 * float(each.std()) / 4000**0.5


# ---- scene 4


@claim("vae", 4)
def test_the_straight_middle_falls_inside_and_the_arc_stays_between(said):
    given = preset(4)
    pairs = [(given["digit"], given["other"]), (51, 92)]  # the latter nearly opposite in 2-D
    pairs += [np.random.default_rng(seed).permutation(100)[:2].tolist() for seed in SEEDS]
    for name in (given["model"], PLAIN):
        for one, other in pairs:
            ways = CASE.tables("walk", model=name, digit=one, other=other)
            straight, arc = (np.linalg.norm(ways[k], axis=1) for k in ("linear", "spherical"))
            low, high = sorted(straight[[0, -1]])
            assert low - 1e-9 <= arc.min() and arc.max() <= high + 1e-9
            assert straight[6] <= arc[6] + 1e-9
    ways = CASE.tables("walk")
    assert np.linalg.norm(ways["linear"][6]) < 0.8 * np.linalg.norm(ways["linear"][0])
    assert given["model"] == LARGE


@claim("vae", 4)
def test_samples_of_many_dimensions_lie_near_the_shell(said):
    said.named("N(0, I)")
    said.named("(1 − t)a + tb")
    off = {}
    for d in (2, 20, 500):
        far = np.linalg.norm(np.random.default_rng(d).standard_normal((2000, d)), axis=1)
        off[d] = np.mean(np.abs(far / d**0.5 - 1) > 0.2)
    assert off[2] > 0.5 > off[20] > off[500] and off[500] == 0


@claim("vae", 4)
def test_pictures_on_the_way_change_continuously(said):
    ways = CASE.tables("walk")
    for way in ("linear", "spherical"):
        a, z = np.array(ways[way])[[0, 6]]
        most = []
        for steps in (50, 100, 200):
            t = np.linspace(0, 1, steps + 1)[:, None]
            most.append(np.abs(np.diff(draw(LARGE, (1 - t) * a + t * z), axis=0)).max())
        assert most[1] < 0.6 * most[0] and most[2] < 0.6 * most[1]  # no jump remains


# ---- scene 5


@claim("vae", 5)
def test_beta_weighs_the_two_terms(said):
    said.named("β = 0.2")
    betas = [cards()[name].config["beta"] for name in BETAS]
    said("β = 0.2, 1, 4", *betas)
    for seed in SEEDS:
        found = [tuple(v.mean() for v in costs(name, IMAGES, seed)) for name in BETAS]
        (low_miss, low_kl), (miss, kl), (high_miss, high_kl) = found
        assert low_miss < miss < high_miss and low_kl > kl > high_kl
        assert low_miss + low_kl > miss + kl
        assert miss - low_miss < 0.02 * miss and low_kl > 1.3 * kl


@claim("vae", 5)
def test_the_loss_is_minus_elbo_at_one_and_the_weight_rises_from_near_0(said):
    from core.models.vae import autoencoder
    from weights.recipes import vae as recipe

    said.named("0 1")
    one = net(PLAIN)
    eps = torch.zeros(100, 2)
    with torch.no_grad():
        parts = autoencoder.elbo(one, X, eps)
        for beta, same in ((0.2, False), (1.0, True), (4.0, False)):
            value = float(autoencoder.loss(one, one.config, X, eps, beta)[0])
            assert (abs(value + float(parts["elbo"].mean())) < 1e-3) == same
    weights = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe, "loss", lambda *args: weights.append(args[-1]))
        step = recipe.batch_loss(one, False)
        for at in (0, 500, 5000):
            images = torch.zeros(1, 1, 28, 28, dtype=torch.uint8)
            step(one, (images,), torch.Generator(), at)
    assert weights[0] < weights[1] < weights[2] == 1.0
    said.named("0")


# ---- scene 6


def noisy(share, seed):
    """Return the 100 digits with noise, drawn apart from the lesson."""
    generator = torch.Generator().manual_seed(seed)
    hit = torch.rand(100, 28, 28, generator=generator).numpy() < share
    return np.where(hit, torch.rand(100, 28, 28, generator=generator).numpy() < 0.5, IMAGES)


@claim("vae", 6)
def test_noise_goes_and_the_digit_with_it(said):
    said("30 %", 100 * preset(6)["noise"])
    said.named("60 % 10 %")
    said("100", len(LABELS))
    for name in THREE[:2]:
        said("2", net(name).config.latent)
    said("20", net(LARGE).config.latent)
    for seed in SEEDS:
        right = {}
        for share in (0.1, 0.3, 0.6):
            x = noisy(share, seed)
            worse = ((x - IMAGES) ** 2).mean()
            for name in THREE:
                again = draw(name, code(name, x)[0])
                error = ((again - IMAGES) ** 2).mean()
                right[name, share] = (read(again).argmax(1) == LABELS).mean()
                assert (error < worse) == (share > 0.1 or name == LARGE)
        few = right[AE, 0.3], right[PLAIN, 0.3], right[LARGE, 0.6]  # one or two in ten
        assert all(0.05 <= share < 0.25 for share in few)
        assert 0.25 < right[LARGE, 0.3] < 0.42
        assert all(abs(right[name, 0.6] - 0.1) < 0.05 for name in (AE, PLAIN))


@claim("vae", 6)
def test_the_picture_shown_loses_its_noise_and_its_digit(said):
    given = preset(6)
    board = CASE.asked("denoise")
    shown = [pixels(one) for one in widgets(board["frames"], "grey")]
    clean = IMAGES[given["digit"]]
    worse, *errors = [((one - clean) ** 2).mean() for one in shown]
    assert max(errors) < worse
    assert all(read(shown).argmax(1)[1:] != LABELS[given["digit"]])


# ---- scene 7


def sent(name, bits, x):
    """Return pictures from codes of few bits: middles of equal bins over the 100 digits' range."""
    mu, all_mu = code(name, x)[0], code(name, IMAGES)[0]
    low, high = all_mu.min(0), all_mu.max(0)
    edges = [np.linspace(a, z, 2**bits + 1) for a, z in zip(low, high)]
    bins = np.stack([np.clip(np.digitize(v, e) - 1, 0, 2**bits - 1) for v, e in zip(mu.T, edges)])
    return draw(name, np.stack([((e[1:] + e[:-1]) / 2)[k] for e, k in zip(edges, bins)], 1))


@claim("vae", 7)
def test_the_digit_mostly_survives_and_the_dimension_is_the_bottleneck(said):
    said("784 × 8", IMAGES[0].size, np.log2(256))
    error = {}
    for name in THREE:
        for bits in (1, 2, 3, 4, 7, 8):
            again = sent(name, bits, IMAGES)
            d = net(name).config.latent
            error[d, name, bits] = ((again - IMAGES) ** 2).mean()
            if bits == preset(7)["bits"]:
                assert (read(again).argmax(1) == LABELS).mean() > 0.6
    for name in (AE, PLAIN):
        assert error[2, name, 8] > 0.95 * error[2, name, 7]
        assert error[20, LARGE, 1] > error[2, name, 8] > error[20, LARGE, 2]
        assert all(error[2, name, 8] > error[20, LARGE, bits] for bits in (3, 4, 7, 8))
    said("2", net(PLAIN).config.latent)
    said("16", 2 * 8)
    said("20", 20 * 1)
    said("40", 20 * 2)


@claim("vae", 7)
def test_the_digit_shown_survives_in_all_three(said):
    given = preset(7)
    x = IMAGES[given["digit"]][None]
    for name in THREE:
        assert read(sent(name, given["bits"], x)).argmax(1)[0] == LABELS[given["digit"]]


# ---- scene 8


@claim("vae", 8)
def test_blank_paper_and_most_digits_upside_down_pass(said):
    said("100", len(LABELS))
    said.named("99")
    for name in BETAS:
        said("2", net(name).config.latent)
        usual = cost(name, IMAGES, 0, 16)
        blank = cost(name, np.zeros((1, 28, 28)), 1, 16)[0]
        turned = cost(name, IMAGES[:, ::-1, ::-1].copy(), 2, 4)
        caught = (turned[:, None] > usual).sum(1) >= 99
        assert (blank > usual).sum() < 99 and caught.mean() < 0.5
        assert np.corrcoef(usual, IMAGES.sum((1, 2)))[0, 1] > 0.4
    letter = cost(PLAIN, pictures.letter("jamo")[None], 3, 16)[0]
    assert letter > cost(PLAIN, IMAGES, 0, 16).max()


@claim("vae", 8)
def test_a_1_costs_little(said):
    usual = cost(PLAIN, IMAGES, 0, 16)
    ones = LABELS == 1
    said("1", LABELS[ones][0])
    said("52", usual[ones].mean())
    said("139", usual.mean())
    ink = IMAGES.sum((1, 2))
    assert min(range(10), key=lambda c: ink[LABELS == c].mean()) == 1
