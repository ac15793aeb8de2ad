"""The Hopfield network: laws of the energy, stored patterns, attention, drawings."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inputs import InputError
from core.models.hopfield import capacity as cap
from core.models.hopfield import letters, modern
from core.models.hopfield import network as hop
from core.models.hopfield.check import attention_delta, hopfield_delta

torch.set_num_threads(1)
often = settings(max_examples=40, deadline=None, derandomize=True, database=None)
seeds = st.integers(0, 10_000)
ONE_BY_ONE = ("async", "sequential")


def draw(seed: int, P: int | None = None, N: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    P, N = P or int(rng.integers(1, 9)), N or int(rng.integers(2, 33))
    return rng.choice([-1.0, 1.0], (P, N)), rng.choice([-1.0, 1.0], N)


def hadamard(N: int) -> np.ndarray:
    H = np.ones((1, 1))
    while len(H) < N:
        H = np.block([[H, H], [H, -H]])
    return H


def jamo(keys: str, key: str, kind: str, amount, seed: int) -> tuple[np.ndarray, np.ndarray]:
    X = letters.patterns("jamo", 8, 8, keys)
    return X, letters.corrupt(X[keys.index(key)], kind, amount, [8, 8], seed)


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


# mixtures


@pytest.mark.parametrize(
    "members", [[[0, 1], [1, 1], [2, 1]], [[1, -1], [3, 1], [4, -1]], [[0, 1], [2, -1], [5, 1]]]
)
def test_a_mixture_of_three_is_found(members):
    X, _ = draw(11, 6, 100)
    s = np.sign(sum(e * X[a] for a, e in members))
    assert hop.mixture(s, X) == members


def test_a_mixture_of_five_is_found_among_nine_patterns_at_most():
    X, _ = draw(12, 10, 128)
    members = [[0, 1], [2, -1], [3, 1], [6, 1], [8, -1]]
    s = np.sign(sum(e * X[a] for a, e in members))
    assert hop.mixture(s, X[:9]) == members
    assert hop.mixture(s, X) is None


def test_a_random_state_is_no_mixture():
    X, s = draw(13, 6, 100)
    assert hop.mixture(s, X) is None
    assert hop.mixture(s, X[:2]) is None


# the modern rule


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


# the independent check


@pytest.mark.parametrize("zero_diagonal", [True, False])
@pytest.mark.parametrize("rule", hop.RULES)
@pytest.mark.parametrize(("P", "N"), [(1, 2), (5, 64), (12, 40)])
def test_torch_agrees(rule, zero_diagonal, P, N):
    X, probe = draw(6, P, N)
    for update in hop.UPDATES:
        result = hop.recall(X, probe, rule, update, beta=0.2, zero_diagonal=zero_diagonal)
        assert hopfield_delta(X, rule, result)["delta"] < 1e-12


@pytest.mark.parametrize("rule", hop.RULES)
def test_the_check_sees_a_wrong_number(rule):
    X, probe = draw(6, 3, 16)
    result = hop.recall(X, probe, rule)
    result["energies"][-1] += 1e-3
    assert hopfield_delta(X, rule, result)["delta"] > 1e-5


# many at once, capacity


@pytest.mark.parametrize("rule", hop.WEIGHTS)
@pytest.mark.parametrize("P", [2, 8, 20])
def test_recall_batch_is_recall_one_after_the_other(rule, P):
    X, _ = draw(P, P, 48)
    probes = np.random.default_rng(1).choice([-1.0, 1.0], (25, 48))
    ends = cap.recall_batch(hop.WEIGHTS[rule](X), probes)
    for probe, end in zip(probes, ends):
        np.testing.assert_array_equal(hop.recall(X, probe, rule, "sequential")["states"][-1], end)


def test_recall_batch_in_a_given_order():
    X, _ = draw(2, 4, 30)
    W, rng = hop.hebb(X), np.random.default_rng(3)
    probes, order = rng.choice([-1.0, 1.0], (20, 30)), rng.permutation(30)
    back = np.argsort(order)
    ends = cap.recall_batch(W, probes, order)
    turned = W[np.ix_(order, order)]
    for probe, end in zip(probes, ends):
        path = hop.settle_one_by_one(turned, probe[order], 50)
        np.testing.assert_array_equal(path["states"][-1][back], end)


def test_recall_batch_without_probes():
    assert cap.recall_batch(np.zeros((4, 4)), np.empty((0, 4))).shape == (0, 4)


def test_capacity_falls_at_the_known_load():
    points = list(cap.capacity(128, [0.05, cap.ALPHA_C, 0.4], "hebb", 0.1, [0, 1, 2]))
    rates = np.array([p["rate"] for p in points]).reshape(3, 3).mean(axis=1)
    assert rates[0] == 1 and rates[2] < 0.05 and rates[0] > rates[1] > rates[2]
    assert [p["P"] for p in points[::3]] == [6, 18, 51]
    assert all(p["exact"] <= p["rate"] for p in points)


@pytest.mark.parametrize(
    ("rule", "load"), [("pseudoinverse", 0.3), ("storkey", 0.2), ("modern", 2)]
)
def test_the_other_rules_hold_more(rule, load):
    assert cap.capacity_point(128, round(128 * load), rule, 0.1, 0)["rate"] > 0.95
    assert cap.capacity_point(128, round(128 * load), "hebb", 0.1, 0)["rate"] < 0.5


def test_capacity_is_the_same_again():
    assert cap.capacity_point(64, 9, "hebb", 0.15, 4) == cap.capacity_point(64, 9, "hebb", 0.15, 4)


# drawings


@pytest.mark.parametrize("size", [(5, 5), (8, 8), (6, 10), (10, 10), (12, 12), (16, 16)])
@pytest.mark.parametrize("name", letters.SETS)
def test_drawings_are_distinct_spins(name, size):
    X = letters.patterns(name, *size)
    assert X.shape == (len(letters.SETS[name]), size[0] * size[1])
    assert set(np.unique(X)) == {-1, 1}
    assert len(np.unique(X, axis=0)) == len(X)


@pytest.mark.parametrize("name", letters.SETS)
def test_a_drawing_at_its_own_size_or_doubled_is_itself(name):
    for key, drawing in letters.SETS[name].items():
        side = len(drawing)
        np.testing.assert_array_equal(
            letters.patterns(name, side, side, [key])[0].reshape(side, side), drawing
        )
        if side == 8:
            np.testing.assert_array_equal(
                letters.patterns(name, 16, 16, key)[0], np.kron(drawing, np.ones((2, 2))).ravel()
            )


def test_keys_and_counts():
    assert "".join(letters.JAMO) == "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
    assert (len(letters.LATIN), len(letters.DIGITS)) == (26, 10)
    np.testing.assert_array_equal(
        letters.patterns("jamo", keys="ㄱ")[0].reshape(8, 8)[2], [-1] * 6 + [1, 1]
    )


@pytest.mark.parametrize(("fraction", "cells"), [(0, 0), (0.15, 10), (0.5, 32), (1, 64)])
def test_noise_flips_an_exact_number_of_cells(fraction, cells):
    x = letters.patterns("jamo", keys="ㅎ")[0]
    spoiled = [letters.corrupt(x, "noise", fraction, [8, 8], seed) for seed in (0, 0, 1)]
    assert [(s != x).sum() for s in spoiled] == [cells] * 3
    np.testing.assert_array_equal(spoiled[0], spoiled[1])
    assert cells in (0, 64) or (spoiled[0] != spoiled[2]).any()


@pytest.mark.parametrize(
    ("kind", "amount", "hidden"),
    [
        ("half", "upper", range(0, 6)),  # two of five rows
        ("half", "lower", range(9, 15)),
        ("half", "left", range(0, 15, 3)),  # one of three columns
        ("half", "right", range(2, 15, 3)),
        ("rectangle", [1, 0, 2, 2], [3, 4, 6, 7]),
    ],
)
def test_hidden_parts_are_set_to_minus_one(kind, amount, hidden):
    s = letters.corrupt([1] * 15, kind, amount, [5, 3])
    assert np.flatnonzero(s == -1).tolist() == list(hidden)


# the scenes

SIX = "ㄱㄴㄹㅅㅇㅎ"


@pytest.mark.parametrize("key", SIX)
def test_hebb_recalls_six_jamo_from_noise(key):
    for seed in range(10):
        X, probe = jamo(SIX, key, "noise", 0.15, seed)
        result = hop.recall(X, probe, "hebb", "async", seed)
        assert (result["end"], result["match"]) == ("stored", SIX.index(key))


SCENES = [  # keys, key, kind, amount, seed, rule, update -> end, match, mixture
    ("ㄱㄴㅅㅇ", "ㅅ", "noise", 0.15, 1, "hebb", "async", "stored", 2, None),
    ("ㄱㄴㅅㅇ", "ㅅ", "half", "lower", 0, "hebb", "async", "stored", 2, None),
    ("ㄱㄴㅅㅇ", "ㅇ", "half", "right", 0, "hebb", "async", "stored", 1, None),  # another one
    ("ㄱㄴㄷㄹㅁ", "ㅁ", "noise", 0.15, 1, "hebb", "async", "spurious", None, "ㄷㄹㅁ"),
    ("ㄱㄴㄷㄹㅁ", "ㅁ", "noise", 0, 0, "hebb", "async", "spurious", None, "ㄷㄹㅁ"),
    ("ㄱㄴㄷㄹㅁ", "ㅁ", "noise", 0.15, 1, "storkey", "async", "stored", 4, None),
    ("ㄱㄴㄷㄹㅁ", "ㅁ", "noise", 0.15, 1, "pseudoinverse", "async", "stored", 4, None),
    ("ㄱㄴㄷㄹㅁ", "ㅁ", "noise", 0.15, 1, "modern", "sync", "stored", 4, None),
    ("ㄱㄹㅅㅇㅎ", "ㅅ", "noise", 0.4, 1, "hebb", "async", "spurious", None, "ㄱㅅㅎ"),
    ("ㅋㅌㅎ", "ㅋ", "noise", 0.45, 1, "hebb", "async", "spurious", None, "ㅋㅌㅎ"),
    ("ㄱㄴㅅㅇ", "ㅅ", "noise", 0.85, 1, "hebb", "async", "negative", 2, None),
    ("ㄱㄴㅅㅇ", "ㅅ", "noise", 0.4, 5, "hebb", "async", "negative", 1, None),
    ("ㅅ", "ㅅ", "noise", 0.5, 0, "hebb", "sync", "cycle", None, None),
    ("ㅅ", "ㅅ", "noise", 0.5, 0, "hebb", "async", "stored", 0, None),
    ("ㄱㄹㅅㅇㅎ", "ㅅ", "noise", 0.3, 45, "hebb", "sync", "cycle", None, None),
    ("ㄱㄹㅅㅇㅎ", "ㅅ", "noise", 0.3, 45, "hebb", "async", "stored", 2, None),
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: "-".join(str(part) for part in s[:7]))
def test_scenes_end_as_told(scene):
    keys, key, kind, amount, seed, rule, update, end, match, mixed = scene
    X, probe = jamo(keys, key, kind, amount, seed)
    result = hop.recall(X, probe, rule, update)
    assert (result["end"], result["match"]) == (end, match)
    assert result["mixture"] == ([[keys.index(k), 1] for k in mixed] if mixed else None)
    assert hopfield_delta(X, rule, result)["delta"] < 1e-12


# bad input

GOOD = {"patterns": [[1, -1, 1], [1, 1, -1]], "probe": [1, 1, 1]}
BAD_RECALL = [
    ("patterns", [[1, 0, 1]]),
    ("patterns", [[1, 2, 1]]),
    ("patterns", [[1, float("nan"), 1]]),
    ("patterns", [[1, float("inf"), 1]]),
    ("patterns", [[1, -1, 1], [1, -1]]),
    ("patterns", [[1, 1, 1]] * 65),
    ("patterns", [[1] * 257]),
    ("patterns", [[1]]),
    ("patterns", []),
    ("patterns", [[]]),
    ("patterns", "abc"),
    ("patterns", None),
    ("patterns", [1, -1, 1]),
    ("patterns", [[["1"]]]),
    ("patterns", [[True, -1, 1]]),
    ("patterns", np.zeros((2, 3, 4))),
    ("probe", [1, 1]),
    ("probe", [1, 1, 1, 1]),
    ("probe", [1, 0, 1]),
    ("probe", [1, None, 1]),
    ("probe", [[1, 1, 1]]),
    ("probe", "abc"),
    ("probe", []),
    ("rule", "foo"),
    ("rule", None),
    ("rule", 3),
    ("update", "x"),
    ("update", ["sync"]),
    ("seed", -1),
    ("seed", 2**31),
    ("seed", 0.5),
    ("seed", "abc"),
    ("beta", 0),
    ("beta", -1),
    ("beta", float("nan")),
    ("beta", 1e3),
    ("beta", "1"),
    ("max_steps", 0),
    ("max_steps", 1001),
    ("max_steps", 1.5),
    ("max_steps", True),
    ("zero_diagonal", 1),
]
BAD_POINT = [
    ("N", 1),
    ("N", 257),
    ("P", 0),
    ("P", 513),
    ("rule", "foo"),
    ("noise", 0.6),
    ("noise", float("nan")),
    ("seed", -1),
    ("beta", 0),
]
BAD_CURVE = [
    ("N", "abc"),
    ("loads", []),
    ("loads", [0]),
    ("loads", [0.1, -0.1]),
    ("loads", [9]),
    ("loads", 0.1),
    ("seeds", [0.5]),
    ("seeds", [-1]),
    ("seeds", [0] * 65),
    ("rule", "foo"),
    ("noise", -1),
    ("beta", 0),
]
BAD_CORRUPT = [
    ("pattern", [1, 1, 1]),
    ("pattern", [1, 1, 0, 1]),
    ("kind", "blur"),
    ("amount", 1.5),
    ("amount", "lower"),
    ("shape", [2]),
    ("shape", [0, 4]),
    ("shape", "abc"),
    ("seed", -1),
]
BAD_DRAWING = [
    ("name", "greek"),
    ("rows", 3),
    ("cols", 17),
    ("keys", "가"),
    ("keys", ""),
    ("keys", 5),
    ("keys", [1]),
]


def refused(field: str, call, *args, **kwargs) -> None:
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    assert caught.value.parts["field"].startswith(field)
    assert str(caught.value).startswith(field)


@pytest.mark.parametrize(("field", "value"), BAD_RECALL, ids=str)
def test_recall_refuses(field, value):
    refused(field, hop.recall, **(GOOD | {field: value}))


@pytest.mark.parametrize(("field", "value"), BAD_POINT, ids=str)
def test_capacity_point_refuses(field, value):
    refused(field, cap.capacity_point, **({"N": 20, "P": 2} | {field: value}))


@pytest.mark.parametrize(("field", "value"), BAD_CURVE, ids=str)
def test_capacity_refuses_before_the_first_point(field, value):
    good = {"N": 64, "loads": [0.1], "seeds": [0]}
    refused(field, next, cap.capacity(**(good | {field: value})))


@pytest.mark.parametrize(("field", "value"), BAD_CORRUPT, ids=str)
def test_corrupt_refuses(field, value):
    good = {"pattern": [1] * 4, "kind": "noise", "amount": 0.5, "shape": [2, 2], "seed": 0}
    refused(field, letters.corrupt, **(good | {field: value}))


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("half", "middle"), ("half", 0.5), ("rectangle", [0, 0, 3, 1]), ("rectangle", [2, 0, 1, 1])]
    + [("rectangle", [0, 0, 0, 1]), ("rectangle", [0, 0, 1]), ("rectangle", [0, 0.5, 1, 1])],
)
def test_corrupt_refuses_parts_that_do_not_fit(kind, amount):
    refused("amount", letters.corrupt, [1] * 4, kind, amount, [2, 2])


@pytest.mark.parametrize(("field", "value"), BAD_DRAWING, ids=str)
def test_patterns_refuse(field, value):
    refused(field, letters.patterns, **({"name": "jamo"} | {field: value}))


@pytest.mark.parametrize(
    ("field", "value"), [("xi", [1.0, 2.0]), ("xi", [1, float("nan"), 0]), ("beta", 0)], ids=str
)
def test_attention_refuses(field, value):
    good = {"patterns": GOOD["patterns"], "xi": [0.5, 0, -1]}
    refused(field, modern.as_attention, **(good | {field: value}))
