"""A wrong number is noticed."""

import numpy as np
import pytest
import torch

from core.models.vae import autoencoder, check, latent

rng = np.random.default_rng(5)
mu, logvar = rng.normal(size=(2, 4))


def test_a_wrong_kl_is_noticed():
    kl = 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar)
    assert check.kl_delta(mu, logvar, kl)["delta"] < 1e-12
    assert check.kl_delta(mu, logvar, kl + 1e-6)["delta"] > 1e-7


def test_a_wrong_sample_is_noticed():
    eps = rng.normal(size=(3, 4))
    z = mu + np.exp(logvar / 2) * eps
    assert check.sample_delta(mu, logvar, eps, z)["delta"] < 1e-12
    assert check.sample_delta(mu, logvar, eps, z + 1e-6)["delta"] > 1e-7


def test_a_wrong_likelihood_is_noticed():
    logits, x = rng.normal(size=(2, 3, 1, 28, 28))
    x = 1 / (1 + np.exp(-x))
    fits = autoencoder.log_likelihood(torch.as_tensor(logits), torch.as_tensor(x)).numpy()
    assert check.likelihood_delta(logits, x, fits)["delta"] < 1e-12
    assert check.likelihood_delta(logits, x, fits * 1.001)["delta"] > 1e-6


def test_a_wrong_line_is_noticed():
    t = np.linspace(0, 1, 5)
    way = np.array([latent.lerp(mu, logvar, at) for at in t])
    assert check.line_delta(mu, logvar, t, way)["delta"] < 1e-12
    arc = np.array([latent.slerp(mu, logvar, at) for at in t])
    assert check.line_delta(mu, logvar, t, arc)["delta"] > 1e-3


def test_a_wrong_arc_is_noticed():
    t = np.linspace(0, 1, 5)
    way = np.array([latent.arc(mu, logvar, at) for at in t])
    assert check.arc_delta(mu, logvar, t, way)["delta"] < 1e-9
    chord = np.array([latent.slerp(mu, logvar, at) for at in t])
    assert check.arc_delta(mu, logvar, t, chord)["delta"] > 1e-3


@pytest.mark.parametrize("kind", ["vae", "ae"])
def test_a_wrong_picture_or_code_is_noticed(kind):
    torch.manual_seed(3)
    net = autoencoder.VAE(autoencoder.Config(latent=4, hidden=(9, 7), kind=kind)).double().eval()
    images, z = rng.random((3, 28, 28)), rng.normal(size=(3, 4))
    with torch.no_grad():
        codes = net.encode(torch.as_tensor(images)[:, None])[0].numpy()
        pictures = net.decode(torch.as_tensor(z))[:, 0].numpy()
    assert check.code_delta(net, images, codes)["delta"] < 1e-12
    assert check.code_delta(net, images[::-1], codes)["delta"] > 1e-4
    assert check.picture_delta(net, z, pictures)["delta"] < 1e-12
    assert check.picture_delta(net, z + 0.1, pictures)["delta"] > 1e-4
