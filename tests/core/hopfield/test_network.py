"""The Hopfield network: its weights, and the laws of its energy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from core.models.hopfield import letters
from core.models.hopfield import network as hop
from tests.core.hopfield.cases import ONE_BY_ONE, draw, hadamard, jamo, often, seeds

torch.set_num_threads(1)

# weights


@pytest.mark.parametrize("zero_diagonal", [True, False])
def test_hebb_is_the_outer_product_in_torch(zero_diagonal):
    X, _ = draw(0, 5, 20)
    x = torch.tensor(X)
    W = torch.einsum("pi,pj->ij", x, x) / 20
    W = W - torch.diag(torch.diag(W)) if zero_diagonal else W
    np.testing.assert_allclose(hop.hebb(X, zero_diagonal), W, atol=1e-15)


def test_storkey_is_its_definition_written_out():
    X, _ = draw(1, 4, 7)
    N, W = 7, np.zeros((7, 7))
    for x in X:
        h = np.zeros((N, N))
        for i in range(N):
            for j in range(N):
                h[i, j] = sum(W[i, k] * x[k] for k in range(N) if k not in (i, j))
        W = W + [
            [(x[i] * x[j] - x[i] * h[j, i] - h[i, j] * x[j]) / N for j in range(N)]
            for i in range(N)
        ]
    np.testing.assert_allclose(hop.storkey(X, zero_diagonal=False), W, atol=1e-14)


def test_storkey_of_one_pattern_is_hebb():
    X, _ = draw(2, 1, 12)
    np.testing.assert_allclose(hop.storkey(X), hop.hebb(X), atol=1e-15)


@given(seeds)
@often
def test_pseudoinverse_is_a_projection(seed):
    X, _ = draw(seed)
    W = hop.pseudoinverse(X, zero_diagonal=False)
    np.testing.assert_allclose(W @ W, W, atol=1e-12)
    np.testing.assert_allclose(X @ W, X, atol=1e-12)
    assert np.trace(W) == pytest.approx(np.linalg.matrix_rank(X))


def test_repeated_patterns_do_not_break_the_pseudoinverse():
    X, _ = draw(3, 4, 16)
    W = hop.pseudoinverse(np.concatenate([X, X, -X]), zero_diagonal=False)
    np.testing.assert_allclose(W, hop.pseudoinverse(X, zero_diagonal=False), atol=1e-12)


@pytest.mark.parametrize("rule", hop.WEIGHTS)
@given(seed=seeds)
@often
def test_weights_are_symmetric(rule, seed):
    W = hop.WEIGHTS[rule](draw(seed)[0])
    assert np.abs(W - W.T).max() <= 1e-12 * max(1, np.abs(W).max())
    assert not W.diagonal().any()


# dynamics


@pytest.mark.parametrize("update", ONE_BY_ONE)
@pytest.mark.parametrize("rule", hop.WEIGHTS)
@given(seed=seeds)
@often
def test_energy_never_rises_one_by_one(rule, update, seed):
    X, probe = draw(seed)
    result = hop.recall(X, probe, rule, update, seed)
    assert np.diff(result["energies"]).max(initial=-1) < 0  # every listed flip goes down
    assert result["end"] in ("stored", "negative", "spurious")


@pytest.mark.parametrize("rule", ["hebb", "pseudoinverse"])
@given(seed=seeds)
@often
def test_energy_never_rises_with_a_diagonal_that_is_not_negative(rule, seed):
    X, probe = draw(seed)
    result = hop.recall(X, probe, rule, "async", seed, zero_diagonal=False)
    assert np.diff(result["energies"]).max(initial=-1) < 0


@pytest.mark.parametrize("update", ONE_BY_ONE)
@given(seed=seeds)
@often
def test_each_state_differs_from_the_last_in_the_named_unit(update, seed):
    result = hop.recall(*draw(seed), "hebb", update, seed)
    states, flips = result["states"], result["flips"]
    assert flips[0] is None and len(flips) == len(states) == len(result["energies"])
    for k in range(1, len(states)):
        assert np.flatnonzero(states[k] != states[k - 1]).tolist() == [flips[k]]


@pytest.mark.parametrize("rule", hop.WEIGHTS)
@given(seed=seeds)
@often
def test_sync_ends_in_a_fixed_point_or_a_two_cycle(rule, seed):
    X, probe = draw(seed)
    result = hop.recall(X, probe, rule, "sync", max_steps=1000)
    states, W = result["states"], result["W"]
    after = hop.update_all(W, states[-1])
    if result["end"] == "cycle":
        np.testing.assert_array_equal(states[-1], states[-3])
        np.testing.assert_array_equal(after, states[-2])
        assert (after != states[-1]).any()
    else:
        np.testing.assert_array_equal(after, states[-1])
        assert result["end"] != "limit"


@pytest.mark.parametrize("update", hop.UPDATES)
@pytest.mark.parametrize("P", [1, 3, 8, 15])
def test_orthogonal_patterns_are_fixed_points_of_hebb(P, update):
    X = hadamard(16)[:P]
    for mu, x in enumerate(X):
        result = hop.recall(X, x, "hebb", update)
        assert (result["end"], result["match"], len(result["states"])) == ("stored", mu, 1)
        # h = (1 - P/N) x, so E = -(N - P) / 2
        assert result["energies"][0] == pytest.approx(-(16 - P) / 2)


@pytest.mark.parametrize("zero_diagonal", [True, False])
@pytest.mark.parametrize("update", hop.UPDATES)
@given(seed=seeds)
@settings(parent=often, max_examples=15)
def test_every_pattern_is_a_fixed_point_of_the_pseudoinverse(update, zero_diagonal, seed):
    X, _ = draw(seed)
    for x in X:
        result = hop.recall(X, x, "pseudoinverse", update, zero_diagonal=zero_diagonal)
        assert result["end"] == "stored" and len(result["states"]) == 1
        np.testing.assert_array_equal(X[result["match"]], x)


def test_full_rank_pseudoinverse_leaves_every_state_where_it_is():
    # W is the identity, its zeroed diagonal leaves fields of rounding errors: they count as zero
    X = np.array([[1, 1, 1], [1, -1, 1], [1, 1, -1]])
    for probe in ([1, -1, -1], [-1, 1, -1]):
        assert len(hop.recall(X, probe, "pseudoinverse")["states"]) == 1


@pytest.mark.parametrize("update", hop.UPDATES)
@pytest.mark.parametrize("probe", [[1, 1, 1], [-1, 1, 1], [1, -1, -1]])
def test_a_unit_without_a_field_stays(update, probe):
    # the patterns cancel between unit 0 and the two others: h_0 = 0 in every state
    X = [[1, 1, 1], [-1, 1, 1]]
    result = hop.recall(X, probe, "hebb", update)
    assert hop.fields(result["W"], np.array(probe))[0] == 0
    np.testing.assert_array_equal(result["states"], [probe])


def test_three_tenths_are_no_field():
    W = np.zeros((4, 4))
    W[0, 1:] = [0.1, 0.2, -0.3]
    s = np.array([-1.0, 1, 1, 1])
    assert W[0] @ s != 0
    assert hop.update_one(W, s, 0)[0] == -1


def test_sync_swaps_two_units_that_disagree():
    result = hop.recall([[1, 1]], [1, -1], "hebb", "sync")
    assert result["end"] == "cycle" and result["match"] is None
    np.testing.assert_array_equal(result["states"], [[1, -1], [-1, 1], [1, -1]])
    assert result["flips"] == [None] * 3 and result["steps"] == 2


def test_one_unit_at_a_time_by_hand():
    # W = [[0, .5], [.5, 0]]: unit 0 hears -0.5 and turns; then unit 1 agrees
    result = hop.recall([[1, 1]], [1, -1], "hebb", "sequential")
    np.testing.assert_allclose(result["W"], [[0, 0.5], [0.5, 0]])
    np.testing.assert_array_equal(result["states"], [[1, -1], [-1, -1]])
    np.testing.assert_allclose(result["energies"], [0.5, -0.5])
    assert result["flips"] == [None, 0] and result["steps"] == 4
    assert (result["end"], result["match"]) == ("negative", 0)
    np.testing.assert_array_equal(result["overlaps"], [-1])


def test_the_limit_is_named():
    X, probe = jamo("ㅅ", "ㅅ", "noise", 0.5, 0)
    result = hop.recall(X, probe, "hebb", "sync", max_steps=1)
    assert result["end"] == "limit" and len(result["states"]) == 2


def test_a_negative_diagonal_cannot_make_an_endless_trace():
    for seed in range(20):
        X, probe = draw(seed, 64, 5)
        result = hop.recall(X, probe, "storkey", "async", zero_diagonal=False, max_steps=1000)
        assert len(result["states"]) <= hop.MAX_FLIPS + 5


@pytest.mark.parametrize("rule", hop.RULES)
def test_the_same_seed_gives_the_same_trace(rule):
    X, probe = draw(7, 6, 40)
    first, again = (hop.recall(X, probe, rule, "async", 5, beta=0.1) for _ in range(2))
    assert first.keys() == again.keys()
    for key in ("states", "energies", "flips", "overlaps"):
        np.testing.assert_array_equal(first[key], again[key])


def test_another_seed_gives_another_order():
    X, probe = draw(8, 2, 64)
    orders = {tuple(hop.recall(X, probe, seed=seed)["flips"]) for seed in range(5)}
    assert len(orders) == 5


def test_recall_changes_neither_patterns_nor_probe():
    X, probe = draw(9, 3, 20)
    before = X.copy(), probe.copy()
    hop.recall(X, probe)
    letters.corrupt(probe, "noise", 0.5, [4, 5])
    letters.corrupt(probe, "half", "left", [4, 5])
    np.testing.assert_array_equal(before[0], X)
    np.testing.assert_array_equal(before[1], probe)
