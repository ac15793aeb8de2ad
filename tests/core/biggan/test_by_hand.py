"""BigGAN's parts by hand: the laws, the checks, and what is refused."""

import numpy as np
import pytest
from scipy import stats

from core.inputs import InputError
from core.models.biggan import by_hand, check

DRAW = np.random.default_rng(0)


@pytest.mark.parametrize("psi", [0.1, 0.5, 2.0])
def test_draws_that_are_made_again_are_truncated_normal_and_scaled_ones_are_not(psi):
    trace = by_hand.draw_truncated(20_000, psi, seed=1)
    law = stats.truncnorm(-psi, psi)
    assert np.abs(trace["values"]).max() <= psi
    assert stats.kstest(trace["values"], law.cdf).pvalue > 0.01
    assert stats.kstest(trace["scaled"], law.cdf).pvalue < 1e-6
    assert np.array_equal(trace["redrawn"] == 0, np.abs(trace["first"]) <= psi)
    assert trace["redrawn"].mean() == pytest.approx(  # a geometric number of tries
        1 / (2 * stats.norm.cdf(psi) - 1) - 1, rel=0.05
    )


@pytest.mark.parametrize("psi", [0.04, 0.1, 0.5, 1.0, 4.0, 10.0])
def test_the_variance_is_the_integral_s(psi):
    assert check.variance_delta(psi, by_hand.variance(psi))["delta"] < 1e-8
    assert check.variance_delta(psi, 1.01 * by_hand.variance(psi))["delta"] > 1e-6


def test_a_conditional_norm_is_torch_s_and_without_the_one_a_fresh_net_hands_nothing_on():
    a, gain, offset = DRAW.normal(3, 5, 8), DRAW.normal(0, 0.02, 8), np.zeros(8)
    trace = by_hand.conditional_norm(a, gain, offset)
    assert check.norm_delta(a, gain, offset, trace)["delta"] < 1e-14
    assert trace["out"].std() == pytest.approx(1, abs=0.1)
    without = by_hand.conditional_norm(a, gain, offset, plus_one=False)
    assert without["out"].std() < 0.05
    assert check.norm_delta(a, gain, offset, without)["delta"] > 0.1


@pytest.mark.parametrize("shape", [(2, 3), (5, 5), (7, 4)])
def test_power_iteration_rises_to_svd_s_largest_value(shape):
    matrix = DRAW.normal(size=shape)
    sigma = by_hand.spectral(matrix, 500)["sigma"]
    exact = check.largest_singular_value(matrix)
    assert (np.diff(sigma) > -1e-12).all() and sigma.max() <= exact * (1 + 1e-12)
    assert sigma[-1] == pytest.approx(exact, rel=1e-9)
    trace = by_hand.spectral(matrix, 3)
    assert np.allclose(np.linalg.norm(trace["u"], axis=1), 1)
    assert np.allclose(np.linalg.norm(trace["v"], axis=1), 1)


def test_a_round_brings_the_error_down_by_the_ratio_of_the_values_to_the_fourth():
    sigma = by_hand.spectral(np.diag([2.0, 1.0]), 12)["sigma"]  # σ's own error: (σ₂/σ₁)⁴
    left = 2 - sigma
    assert np.allclose(left[6:10] / left[5:9], 1 / 16, rtol=0.01)


def test_a_matrix_of_zeros_has_norm_0():
    assert (by_hand.spectral([[0.0, 0], [0, 0]], 4)["sigma"] == 0).all()


def test_a_projection_s_score_is_torch_s():
    h, weight, vectors = DRAW.normal(size=6), DRAW.normal(size=6), DRAW.normal(size=(10, 6))
    trace = by_hand.projection(h, weight, 0.5, vectors)
    assert check.projection_delta(h, weight, 0.5, vectors, trace)["delta"] < 1e-14
    trace["scores"] = trace["scores"] + 1e-6
    assert check.projection_delta(h, weight, 0.5, vectors, trace)["delta"] > 1e-8


@pytest.mark.parametrize(
    "call",
    [
        lambda: by_hand.draw_truncated(0, 0.5),
        lambda: by_hand.draw_truncated(10, 0.01),
        lambda: by_hand.draw_truncated(10, 0.5, seed=-1),
        lambda: by_hand.conditional_norm([1.0], [0.0], [0.0]),
        lambda: by_hand.conditional_norm([1.0, 2], [0.0], [0.0, 0]),
        lambda: by_hand.spectral([[1.0, float("inf")]], 3),
        lambda: by_hand.spectral([[1.0]], 0),
        lambda: by_hand.projection([1.0], [1.0, 2], 0, [[1.0]]),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(call):
    with pytest.raises(InputError, match=r"^[^\n]+\.$"):
        call()
