"""The checks of the digit GANs: the nets in numpy are torch's, a wrong number is noticed."""

from typing import Any

import numpy as np
import pytest
import torch

from core.measure import points
from core.measure.check import nearest_delta
from core.measure.neighbours import nearest, pack
from core.models.flat.settings import target
from core.models.gan import check, check_digits, directions, gan2d
from core.models.gan.gan2d_settings import Settings
from core.models.gan.networks import GAN, Config
from core.models.vae.latent import lerp, slerp

rng = np.random.default_rng(5)


@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
def test_the_nets_in_numpy_are_torch_s(norm):
    torch.manual_seed(1)
    net = GAN(Config(latent=5, channels=4, norm=norm)).double()
    z, x = torch.randn(40, 5, dtype=torch.float64), torch.rand(6, 1, 28, 28, dtype=torch.float64)
    with torch.no_grad():
        net.generator.train()(z)  # so that the batch norms have seen something
        net.discriminator.train()(2 * x - 1)
        net.eval()
        images, scores = net.decode(z[:3])[:, 0].numpy(), net.score(x).numpy()
    found = check_digits.image_delta(net, z[:3].numpy(), images)
    assert found["delta"] < 1e-12
    assert check_digits.image_delta(net, z[:3].numpy(), images + 1e-6)["delta"] > 1e-7
    assert check_digits.score_delta(net, x[:, 0].numpy(), scores)["delta"] < 1e-12
    assert check_digits.score_delta(net, x[:, 0].numpy(), scores + 1e-3)["delta"] > 1e-5


def test_the_conditional_generator_in_numpy_is_torch_s():
    torch.manual_seed(2)
    net = GAN(Config(latent=3, channels=4, classes=10)).double().eval()
    z, asked_for = torch.randn(4, 3, dtype=torch.float64), torch.tensor([3, 1, 4, 1])
    with torch.no_grad():
        images = net.decode(z, asked_for)[:, 0].numpy()
    embedded = net.generator.embed.weight.detach().numpy()[asked_for]  # type: ignore[union-attr]
    assert check_digits.image_delta(net, z.numpy(), images, embedded)["delta"] < 1e-12


def test_the_metric_is_the_jacobian_s():
    torch.manual_seed(3)
    net = GAN(Config(latent=4, channels=2)).double().eval().requires_grad_(False)
    z = torch.randn(3, 4, dtype=torch.float64)
    ours = directions.pullback(net.decode, z)
    J = [
        torch.autograd.functional.jacobian(lambda one: net.decode(one[None]).flatten(), row)
        for row in z
    ]
    theirs = sum(j.T @ j for j in J) / 3  # type: ignore[union-attr]
    torch.testing.assert_close(ours, theirs)
    v, share = directions.principal(ours, 4)
    np.testing.assert_allclose(share.sum(), 1)
    singular = torch.linalg.svdvals(torch.cat(J)) ** 2  # type: ignore[arg-type]
    torch.testing.assert_close(share, singular / singular.sum())
    assert (v.gather(1, v.abs().argmax(1, keepdim=True)) > 0).all()
    slope = directions.changes(net.decode, z[0], v[:1])[0].numpy()
    assert check_digits.slope_delta(net, z[0].numpy(), v[0].numpy(), slope)["delta"] < 1e-7
    assert check_digits.slope_delta(net, z[0].numpy(), v[0].numpy(), 2 * slope)["delta"] > 1e-6


def test_a_wrong_way_or_neighbour_is_noticed():
    a, z, t = rng.normal(size=6), rng.normal(size=6), np.linspace(0, 1, 5)
    arc = np.array([slerp(a, z, at) for at in t])
    line = np.array([lerp(a, z, at) for at in t])
    assert check_digits.arc_delta(a, z, arc)["delta"] < 1e-12
    assert check_digits.arc_delta(a, z, line)["delta"] > 1e-3
    images = rng.random((50, 28, 28))
    bits = pack(images)
    noisy = np.where(rng.random((28, 28)) < 0.1, 1 - images[7], images[7])
    apart = int(nearest(noisy[None], bits)[0][0, 0])
    assert nearest_delta(noisy, bits, apart)["delta"] == 0
    assert nearest_delta(noisy, bits, apart + 1)["delta"] == 1


def test_codes_under_a_class_s_own_vector_are_decoded_as_under_its_label():
    torch.manual_seed(4)
    net = GAN(Config(latent=3, channels=4, classes=10)).double().eval()
    z = torch.randn(5, 3, dtype=torch.float64)
    ours = net.decode_with(z, net.class_vectors()[4].expand(5, -1))
    assert torch.equal(ours, net.decode(z, torch.full((5,), 4)))
    with pytest.raises(ValueError, match="classes is 0"):
        GAN(Config(latent=3, channels=4)).class_vectors()


def test_a_wrong_distance_or_count_of_modes_is_noticed():
    density: Any = target(Settings(target="ring"))
    real, fake = (density.sample(256, torch.Generator().manual_seed(k)) for k in (0, 1))
    w1 = points.wasserstein(fake, real)
    assert check.near_delta(fake, real, w1)["delta"] < 1e-12
    assert check.near_delta(fake, real, 1.01 * w1)["delta"] > 1e-4
    half = fake[fake[:, 0] > 0.5]  # of the ring: some of its modes
    found = points.modes(half, density)
    assert found and 0 < found["covered"] < found["of"]
    count = found["covered"]
    assert check.covered_delta(half, density.modes, density.sigma, count)["delta"] == 0
    assert check.covered_delta(half, density.modes, density.sigma, count + 1)["delta"] == 1


def test_points_off_by_a_thousandth_are_noticed():
    settings = Settings(g_depth=3)
    state = gan2d.begin(settings)
    z = torch.randn(20, 2, generator=torch.Generator().manual_seed(3))
    fake = gan2d.generate(state, settings, z)
    assert check.points_delta(state, settings, z, fake)["delta"] < 1e-6
    assert check.points_delta(state, settings, z, fake + 1e-3)["delta"] > 5e-4
