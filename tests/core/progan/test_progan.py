"""The laws of a growing GAN: layers against torch and numpy, levels against one another."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.inputs import InputError
from core.models.progan import check, layers
from core.models.progan.growth import d_loss, g_loss, stage
from core.models.progan.images import crop, frame, reduce
from core.models.progan.networks import Config, ProGAN

SMALL = Config(latent=6, channels=(8, 8, 6, 4), images=(10, 20, 20, 20))
LEVELS = range(4)


def draw(*size: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.fixture(scope="module")
def model() -> ProGAN:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return ProGAN(SMALL).double().eval().requires_grad_(False)


# ---- layers


def test_an_equalised_layer_is_torch_s_with_scaled_weights():
    conv, linear = layers.EqualConv(3, 5, 3).double(), layers.EqualLinear(7, 4, gain=1.0).double()
    x, v = draw(2, 3, 6, 6), draw(2, 7)
    wanted = F.conv2d(x, conv.weight * (2 / 27) ** 0.5, conv.bias, padding=1)
    assert torch.allclose(conv(x), wanted, atol=1e-14)
    assert torch.allclose(linear(v), F.linear(v, linear.weight / 7**0.5, linear.bias), atol=1e-14)


@pytest.mark.parametrize("width", [16, 64, 512])
def test_numbers_keep_their_size_through_ten_equalised_layers_of_any_width(width):
    """√2 and a leaky ReLU: E (√2 w·x)² = 2, of which (1 + 0.2²)/2 is left: 1.04 a layer."""
    torch.manual_seed(0)
    x = torch.randn(256, width, dtype=torch.float64)
    nets = 16 if width < 512 else 2  # of few weights one net says little
    found = []
    with torch.no_grad():
        for _ in range(nets):
            y = x
            for _ in range(10):
                y = F.leaky_relu(layers.EqualLinear(width, width).double()(y), 0.2)
            found.append((y**2).mean().log().item() / 10)
    assert np.mean(found) == pytest.approx(np.log(1.04), abs=0.15 * (16 / width) ** 0.5 + 0.02)


def test_pixel_norm_is_the_root_of_a_mean_square_at_each_place():
    x = draw(2, 5, 3, 3)
    out = layers.PixelNorm()(x)
    wanted = x.numpy() / np.sqrt((x.numpy() ** 2).mean(1, keepdims=True) + 1e-8)
    assert np.allclose(out.numpy(), wanted, atol=1e-14)
    assert torch.allclose((out**2).mean(1), torch.ones(2, 3, 3, dtype=torch.float64), atol=1e-6)


def test_a_batch_s_deviation_is_numpy_s_and_copies_have_none():
    x = draw(6, 4, 3, 3)
    assert layers.batch_deviation(x).item() == pytest.approx(x.numpy().std(0).mean(), abs=1e-7)
    assert layers.batch_deviation(x[:1].expand(6, 4, 3, 3)).item() == pytest.approx(1e-4)
    wide = layers.append_deviation(x)
    assert wide.shape == (6, 5, 3, 3) and torch.equal(wide[:, :4], x)
    assert (wide[:, 4] == layers.batch_deviation(x)).all()


def test_fading_ends_at_its_two_pictures_bit_for_bit():
    low, high = draw(2, 1, 8, 8), draw(2, 1, 8, 8, seed=1)
    assert torch.equal(layers.fade(low, high, 0), low)
    assert torch.equal(layers.fade(low, high, 1), high)
    assert torch.allclose(layers.fade(low, high, 0.25), 0.75 * low + 0.25 * high, atol=1e-15)


def test_halving_undoes_doubling():
    x = draw(2, 3, 4, 4)
    assert torch.equal(layers.halve(layers.double(x)), x)
    assert torch.equal(layers.double(x), x.repeat_interleave(2, 2).repeat_interleave(2, 3))


# ---- images


@pytest.mark.parametrize("level", LEVELS)
def test_a_real_image_at_a_level_is_the_mean_of_its_pixels(level):
    x = draw(2, 1, 28, 28).sigmoid()
    small = reduce(frame(x), level)
    side = 4 << level
    blocks = frame(x).numpy().reshape(2, 1, side, 32 // side, side, 32 // side)
    assert np.allclose(small.numpy(), blocks.mean((3, 5)), atol=1e-14)
    faded = reduce(frame(x), level, 0)
    if level:
        assert torch.equal(faded, layers.double(layers.halve(small)))
    assert reduce(frame(x), level, 0.5).mean() == pytest.approx(frame(x).mean().item())


def test_a_frame_is_cut_off_again():
    x = draw(3, 1, 28, 28).sigmoid()
    assert torch.allclose(crop(frame(x)), x, atol=1e-15)
    assert crop(draw(3, 1, 4, 4) * 9).shape == (3, 1, 28, 28)
    assert 0 <= crop(draw(3, 1, 4, 4) * 9).min() <= crop(draw(3, 1, 4, 4) * 9).max() <= 1


# ---- nets


@pytest.mark.parametrize("level", LEVELS[1:])
def test_a_level_that_has_not_begun_to_fade_in_is_the_one_before(model, level):
    z = model.prior(5, torch.Generator().manual_seed(1))
    before = model.generator(z, level - 1)
    assert torch.equal(model.generator(z, level, 0.0), layers.double(before))
    x = layers.double(before)
    assert torch.allclose(
        model.discriminator(x, level, 0.0), model.discriminator(before, level - 1), atol=1e-12
    )
    half = model.generator(z, level, 0.5)
    whole = model.generator(z, level, 1.0)
    assert torch.allclose(half, (layers.double(before) + whole) / 2, atol=1e-12)


@pytest.mark.parametrize(("level", "alpha"), [(0, 1.0), (1, 0.3), (2, 0.0), (3, 0.6), (3, 1.0)])
def test_the_check_s_generator_is_the_module_s_from_its_weights_alone(model, level, alpha):
    z = model.prior(3, torch.Generator().manual_seed(2))
    images = model.decode(z, level, alpha)[:, 0]
    weights = model.generator.state_dict()
    assert check.images_delta(weights, z, images, level, alpha)["delta"] < 1e-12
    other = weights | {"pixels.0.bias": weights["pixels.0.bias"] + 0.01}
    moved = check.images_delta(other, z, images, level, alpha)["delta"] > 1e-4
    assert moved == (level == 0 or (level == 1 and alpha < 1))  # only the last two levels show
    if level and alpha:
        assert check.images_delta(weights, z, images, level, 0.5 * alpha)["delta"] > 1e-4


@pytest.mark.parametrize("level", LEVELS)
def test_maps_may_be_changed_at_a_level_and_drawn_on_from_there(model, level):
    draw = torch.Generator().manual_seed(3)
    z = model.prior(2, draw)
    h = model.maps(z, level)
    assert torch.allclose((h**2).mean(1), torch.ones_like(h[:, 0]))
    assert torch.equal(model.decode_maps(h, level), model.decode(z))
    more = torch.randn(h.shape, generator=draw)
    changed, weights = model.decode_maps(h + more, level)[:, 0], model.generator.state_dict()
    assert check.images_delta(weights, z, changed, 3, 1.0, (level, more))["delta"] < 1e-12
    assert check.images_delta(weights, z, changed, 3)["delta"] > 1e-4


@pytest.mark.parametrize("level", LEVELS)
def test_the_nets_have_the_sizes_of_their_levels(model, level):
    x = model.generator(model.prior(3), level)
    assert x.shape == (3, 1, 4 << level, 4 << level)
    assert model.discriminator(x, level).shape == (3,)


def test_a_score_depends_on_the_batch_only_by_its_deviation(model):
    x = model.generator(model.prior(4), 3)
    alone = torch.cat([model.discriminator(one, 3) for one in x.split(1)])
    assert not torch.allclose(alone, model.discriminator(x, 3))
    copies = x[:1].expand(4, -1, -1, -1)
    assert torch.allclose(model.discriminator(copies, 3), alone[:1].expand(4), atol=1e-9)


def test_the_same_seed_gives_the_same_images_and_levels_show_the_same_codes(model):
    draws = [torch.Generator().manual_seed(3) for _ in range(3)]
    first, again = (model.sample(4, generator=g) for g in draws[:2])
    assert torch.equal(first, again) and first.shape == (4, 1, 28, 28)
    states = list(model.sampling(4, generator=draws[2]))
    assert len(states) == 5 and torch.equal(states[-1]["x"], first)
    assert torch.equal(model.decode(states[0]["z"], 1), states[2]["x"])


@pytest.mark.parametrize(
    "given", [{"level": 4}, {"level": -1}, {"alpha": 1.5}, {"labels": torch.zeros(2)}]
)
def test_what_cannot_be_is_refused(model, given):
    with pytest.raises(InputError):
        model.sample(2, **given)


@pytest.mark.parametrize("given", [{"channels": (8, 8)}, {"latent": 0}, {"gamma": -1.0}])
def test_a_config_that_cannot_be_is_refused(given):
    with pytest.raises(InputError):
        Config(**given)


# ---- growth


def test_levels_come_in_turn_and_alpha_is_no_integer():
    seen = [stage(SMALL, shown) for shown in (0, 9.9, 10, 15, 20, 29, 30, 50, 55, 60, 70, 1e9)]
    assert [level for level, _ in seen] == [0, 0, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3]
    assert [a for _, a in seen] == [1, 1, 0, 0.5, 1, 1, 0, 0, 0.5, 1, 1, 1]
    assert stage(Config(grown=False), 0) == (3, 1.0)


@pytest.mark.parametrize("shown", [0, 12, 34, 58, 1e9])
def test_the_losses_are_the_logistic_ones_and_r1_is_the_gradient_s(shown):
    torch.manual_seed(1)
    net = ProGAN(SMALL).double()
    x, (level, alpha) = draw(4, 1, 28, 28).sigmoid(), stage(SMALL, shown)
    loss, parts = d_loss(net, x, shown, 0, torch.Generator().manual_seed(5))
    fake = net.generator(net.prior(4, torch.Generator().manual_seed(5)), level, alpha).detach()
    real = reduce(frame(x), level, alpha)
    a, b = (net.discriminator(v, level, alpha).detach().numpy() for v in (real, fake))
    wanted = np.logaddexp(0, -a).mean() + np.logaddexp(0, b).mean()
    assert parts["D"].item() == pytest.approx(wanted, abs=1e-10)
    way = draw(*real.shape, seed=2)

    def summed(t: float) -> float:
        return net.discriminator(real + t * way, level, alpha).sum().item()

    (slope,) = torch.autograd.grad(
        net.discriminator(real.requires_grad_(), level, alpha).sum(), real
    )
    assert (summed(1e-7) - summed(-1e-7)) / 2e-7 == pytest.approx((slope * way).sum().item(), 1e-4)
    penalty = (slope**2).flatten(1).sum(1).mean().item() / 2
    assert parts["penalty"].item() == pytest.approx(penalty, rel=1e-9)
    assert loss.item() == pytest.approx(wanted + 0.05 * 8 * penalty, rel=1e-9)
    assert "penalty" not in d_loss(net, x, shown, 1, torch.Generator().manual_seed(5))[1]
    lost, _ = g_loss(net, 4, shown, torch.Generator().manual_seed(5))
    assert lost.item() == pytest.approx(np.logaddexp(0, -b).mean(), abs=1e-10)


def test_only_what_has_begun_learns():
    net = ProGAN(SMALL)
    for shown, still in ((0, (1, 2, 3)), (25, (2, 3))):
        net.zero_grad()
        g_loss(net, 4, shown, None)[0].backward()
        d_loss(net, torch.rand(4, 1, 28, 28), shown, 0, None)[0].backward()
        for part in (net.generator, net.discriminator):
            for level in still:
                assert all(p.grad is None for p in part.levels[level].parameters())
                assert all(p.grad is None for p in part.pixels[level].parameters())
