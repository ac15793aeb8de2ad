"""The six losses against torch.nn and closed-form gradients; the penalty against linear critics."""

import math

import pytest
import torch
from torch import nn

from core.inputs import InputError
from core.models.gan.losses import (
    KINDS,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
)


def logits(n: int, seed: int) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    return (torch.randn(n, generator=draw, dtype=torch.float64) * 3).requires_grad_()


def slopes(value, *at):
    return torch.autograd.grad(value, at)


# d/da and d/db of the discriminator's terms, d/db of the generator's, before the mean
BY_HAND = {
    "minimax": (lambda a: -(-a).sigmoid(), lambda b: b.sigmoid(), lambda b: -b.sigmoid()),
    "non-saturating": (lambda a: -(-a).sigmoid(), lambda b: b.sigmoid(), lambda b: b.sigmoid() - 1),
    "least-squares": (lambda a: a - 1, lambda b: b, lambda b: b - 1),
    "wasserstein": (lambda a: 0 * a - 1, lambda b: 0 * b + 1, lambda b: 0 * b - 1),
    "wgan-gp": (lambda a: 0 * a - 1, lambda b: 0 * b + 1, lambda b: 0 * b - 1),
    "hinge": (
        lambda a: -(a < 1).double(),
        lambda b: (b > -1).double(),
        lambda b: 0 * b - 1,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_equal_the_closed_form(kind):
    a, b = logits(40, 1), logits(30, 2)
    to_a, to_b = slopes(discriminator_loss(kind, a, b), a, b)
    (down,) = slopes(generator_loss(kind, b), b)
    real, fake, made = BY_HAND[kind]
    assert (to_a - real(a) / 40).abs().max() < 1e-15
    assert (to_b - fake(b) / 30).abs().max() < 1e-15
    assert (down - made(b) / 30).abs().max() < 1e-15


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_pass_gradcheck(kind):
    a, b = logits(5, 3), logits(5, 4)
    assert torch.autograd.gradcheck(lambda a, b: discriminator_loss(kind, a, b), (a, b))
    assert torch.autograd.gradcheck(lambda b: generator_loss(kind, b), (b,))


def test_the_logistic_kinds_equal_torch_s_cross_entropy():
    a, b = logits(40, 1), logits(30, 2)
    entropy = nn.BCEWithLogitsLoss()
    one, zero = torch.ones_like(a), torch.zeros_like(b)
    theirs = entropy(a, one) + entropy(b, zero)
    for kind in ("minimax", "non-saturating"):
        assert (discriminator_loss(kind, a, b) - theirs).abs() < 1e-14
    assert (generator_loss("minimax", b) + entropy(b, zero)).abs() < 1e-14
    assert (generator_loss("non-saturating", b) - entropy(b, torch.ones_like(b))).abs() < 1e-14


def test_least_squares_and_hinge_equal_torch_s():
    a, b = logits(40, 1), logits(40, 2)
    square, one = nn.MSELoss(), torch.ones(40, dtype=torch.float64)
    theirs = (square(a, one) + square(b, 0 * one)) / 2
    assert (discriminator_loss("least-squares", a, b) - theirs).abs() < 1e-14
    assert (generator_loss("least-squares", b) - square(b, one) / 2).abs() < 1e-14
    far = nn.HingeEmbeddingLoss(margin=1.0)  # for a target of −1: max(0, 1 − t)
    theirs = far(a, -one) + far(-b, -one)
    assert (discriminator_loss("hinge", a, b) - theirs).abs() < 1e-14


def test_what_an_undecided_discriminator_pays():
    """D = ½ everywhere: 2 log 2, the value of the game where the generator has won."""
    zero = torch.zeros(7, dtype=torch.float64)
    assert discriminator_loss("minimax", zero, zero).item() == pytest.approx(2 * math.log(2))
    assert generator_loss("minimax", zero).item() == pytest.approx(-math.log(2))
    assert discriminator_loss("wgan-gp", zero, zero) == 0


def test_minimax_saturates_where_the_other_does_not():
    sure = torch.tensor([-20.0], dtype=torch.float64, requires_grad=True)
    (flat,) = slopes(generator_loss("minimax", sure), sure)
    (steep,) = slopes(generator_loss("non-saturating", sure), sure)
    assert abs(flat.item()) < 1e-8 and steep.item() == pytest.approx(-1, abs=1e-8)


def test_large_logits_stay_finite():
    far = torch.tensor([-1e4, 1e4])
    for kind in KINDS:
        assert discriminator_loss(kind, far, far).isfinite()
        assert generator_loss(kind, far).isfinite()


def linear(norm: float, size: int = 6) -> nn.Linear:
    critic = nn.Linear(size, 1).double()
    draw = torch.randn(1, size, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    with torch.no_grad():
        critic.weight.copy_(draw * norm / draw.norm())
    return critic


def points(n: int = 20, size: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(5)
    return tuple(torch.randn(2, n, size, generator=draw, dtype=torch.float64))  # pyright: ignore


@pytest.mark.parametrize("norm", [0.0, 0.25, 1.0, 3.0])
def test_the_penalty_of_a_linear_critic_is_its_norm_s(norm):
    value = gradient_penalty(linear(norm), *points(), torch.Generator())
    assert value.item() == pytest.approx((norm - 1) ** 2, abs=1e-14)


def test_the_penalty_s_gradient_of_a_linear_critic():
    """d/dw (‖w‖ − 1)² = 2 (‖w‖ − 1) w / ‖w‖."""
    critic = linear(3.0)
    (found,) = slopes(gradient_penalty(critic, *points(), torch.Generator()), critic.weight)
    assert (found - 4 * critic.weight / 3).abs().max() < 1e-13


def test_the_penalty_is_taken_between_the_pairs():
    """D(x) = ½ ‖x‖² has the slope x: (‖x̂‖ − 1)² with the same draw of u."""
    real, fake = points()
    found = gradient_penalty(
        lambda x: 0.5 * (x**2).sum(1), real, fake, torch.Generator().manual_seed(3)
    )
    u = torch.rand(20, generator=torch.Generator().manual_seed(3)).double()[:, None]
    by_hand = (((u * real + (1 - u) * fake).norm(dim=1) - 1) ** 2).mean()
    assert found.item() == pytest.approx(by_hand.item(), abs=1e-14)


def test_no_gradient_of_the_penalty_goes_to_the_generator():
    real, fake = points()
    fake.requires_grad_()
    value = gradient_penalty(linear(2.0), real, fake, torch.Generator())
    assert slopes_of(value, fake) is None


def slopes_of(value, at):
    return torch.autograd.grad(value, at, allow_unused=True)[0]


def test_a_seed_fixes_the_penalty():
    net = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 1)).double()

    def value(seed: int) -> float:
        return gradient_penalty(net, *points(), torch.Generator().manual_seed(seed)).item()

    assert value(1) == value(1) != value(2)


def test_an_unknown_kind_is_refused():
    zero = torch.zeros(2)
    for wrong in ("bigan", None, 3):
        with pytest.raises(InputError, match="kind"):
            discriminator_loss(wrong, zero, zero)  # pyright: ignore
        with pytest.raises(InputError, match="kind"):
            generator_loss(wrong, zero)  # pyright: ignore
