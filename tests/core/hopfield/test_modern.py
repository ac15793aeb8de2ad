"""The modern Hopfield network: its energy, and one update as attention."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.models.hopfield import letters, modern
from core.models.hopfield import network as hop
from core.models.hopfield.check import attention_delta
from tests.core.hopfield.cases import draw, often, seeds

torch.set_num_threads(1)


@given(seed=seeds, beta=st.floats(0.01, 100))
@often
def test_modern_energy_goes_down_and_stays_above_zero(seed, beta):
    result = hop.recall(*draw(seed), "modern", beta=beta)
    E = result["energies"]
    scale = 1e-12 * max(1, abs(E).max(), 1 / beta)
    assert np.diff(E).max(initial=0) <= scale
    assert E.min() >= -scale * 100
    np.testing.assert_allclose(result["weights"].sum(axis=1), 1, atol=1e-12)
    assert len(result["weights"]) == len(result["continuous"]) == len(result["states"])


@pytest.mark.parametrize("seed", range(5))
def test_modern_recall_at_large_beta_is_one_step(seed):
    X, _ = draw(seed, 20, 64)
    for mu in range(20):
        probe = letters.corrupt(X[mu], "noise", 0.2, [8, 8], seed)
        result = hop.recall(X, probe, "modern", beta=8.0)
        np.testing.assert_allclose(result["continuous"][1], X[mu], atol=1e-9)
        assert (result["end"], result["match"]) == ("stored", mu)


def test_modern_at_small_beta_is_the_mean():
    X, probe = draw(3, 3, 30)
    result = hop.recall(X, probe, "modern", beta=0.01)
    np.testing.assert_allclose(result["weights"][-1], 1 / 3, atol=0.02)
    assert result["end"] == "spurious"
    assert result["mixture"] == [[0, 1], [1, 1], [2, 1]]  # the signs of the mean


def test_modern_sign_of_zero_keeps_the_old_value():
    result = hop.recall([[1, 1], [-1, 1]], [1, -1], "modern", beta=0.01)
    assert result["states"].tolist()[-1] == [1, 1]
    np.testing.assert_allclose(result["continuous"][-1], [0, 1], atol=1e-6)


def test_modern_energy_by_autograd_gives_the_update():
    # the update is the concave part's gradient: grad E = xi - X^T softmax(beta X xi)
    X, xi = draw(4, 6, 10)
    x, t = torch.tensor(X), torch.tensor(xi, requires_grad=True)
    E = -torch.logsumexp(0.3 * x @ t, 0) / 0.3 + t @ t / 2 + np.log(6) / 0.3 + 10 / 2
    assert modern.modern_energy(X, xi, 0.3) == pytest.approx(E.item(), abs=1e-12)
    (slope,) = torch.autograd.grad(E, t)
    np.testing.assert_allclose(xi - modern.modern_step(X, xi, 0.3), slope, atol=1e-12)


@pytest.mark.parametrize("beta", [0.01, 0.125, 1.0, 100.0])
def test_one_modern_update_is_attention(beta):
    X, _ = draw(5, 7, 16)
    xi = np.random.default_rng(0).normal(size=16)
    parts = modern.as_attention(X, xi, beta)
    assert parts["delta"] < 1e-12
    assert attention_delta(X, xi, beta, parts["output"])["delta"] < 1e-12
    np.testing.assert_allclose(parts["scores"], beta * X @ xi)
