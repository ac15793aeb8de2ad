"""What the Hopfield lesson says, computed."""

from itertools import product

import numpy as np

from core.models.hopfield import letters
from tests.lessons.claims import SEEDS, claim
from tests.lessons.hopfield.again import (
    CASE,
    end_of,
    energy,
    hebb,
    mixed,
    one_by_one,
    pseudoinverse,
    rates,
    recalled,
    settings,
    stored,
    storkey,
    valleys,
)


def noisy(X, p, share, seed):
    """Return pattern p with a share of its cells flipped as the lesson flips them."""
    return letters.corrupt(X[p].astype(int), "noise", share, [8, 8], seed).astype(float)


@claim("hopfield", 1)
def test_hebb_s_weights_are_outer_products(said):
    X = stored(1)
    W = hebb(X)
    shown = np.array(CASE.asked(CASE.scenes[0])["parts"]["W"]["rows"])
    assert np.abs(shown - W).max() < 1e-6
    for x in X:
        alone = hebb(x[None])
        off = alone[~np.eye(64, dtype=bool)]
        said("1/64", 1, 1 / np.abs(off).max())
        assert np.ptp(np.abs(off)) == 0
        assert np.array_equal(off > 0, np.equal.outer(x, x)[~np.eye(64, dtype=bool)])
        said("대각선은 0", np.abs(np.diag(alone)).max())


@claim("hopfield", 2)
def test_every_flip_lowers_the_energy(said):
    X, chosen = stored(2), settings(2)
    W = hebb(X)
    for seed in SEEDS:
        states = one_by_one(W, noisy(X, chosen.target, chosen.noise, seed), seed)
        energies = [energy(W, s) for s in states]
        assert all(b < a for a, b in zip(energies, energies[1:]))
        assert not (W @ states[-1] * states[-1] < 0).any()  # no cell wants to flip
        assert energy(W, -states[-1]) == energies[-1]


@claim("hopfield", 2)
def test_much_noise_stops_at_the_negative(said):
    X, chosen = stored(2), settings(2)
    for seed in SEEDS:
        states = one_by_one(hebb(X), noisy(X, chosen.target, 0.85, seed), seed)
        assert np.array_equal(states[-1], -X[chosen.target])
    said("85", 85)
    board = CASE.asked(CASE.scenes[1], noise=0.85)
    assert board["frames"][-1]["name"] == {"k": "told_negative", "p": "ㅅ"}


def half(x, side):
    """Return a letter of which one half is erased."""
    grid = x.reshape(8, 8).copy()
    cut = {"upper": np.s_[:4], "lower": np.s_[4:], "left": np.s_[:, :4], "right": np.s_[:, 4:]}
    grid[cut[side]] = -1
    return grid.ravel()


@claim("hopfield", 3)
def test_ten_of_sixteen_halves_come_back(said):
    X, chosen = stored(3), settings(3)
    W, sides = hebb(X), ("upper", "lower", "left", "right")
    assert chosen.side == "lower" and chosen.target == 2  # the upper half of ㅅ is left
    for seed in SEEDS:
        back = [
            np.array_equal(one_by_one(W, half(x, side), seed)[-1], x) for x in X for side in sides
        ]
        assert 9 <= sum(back) <= 11  # "about"
        if seed == chosen.seed:
            said("10가지", sum(back))
        said("16가지", len(back))
        assert np.array_equal(one_by_one(W, half(X[2], "lower"), seed)[-1], X[2])


@claim("hopfield", 3)
def test_half_of_ieung_stops_at_nieun(said):
    X = stored(3)
    probe = half(X[3], "right")
    m = X @ probe / 64
    said("m = 0.4375", m[3])
    said("m = 0.4375", m[1])
    said("−1로", probe[4:8].mean())
    for seed in SEEDS:
        assert np.array_equal(one_by_one(hebb(X), probe, seed)[-1], X[1])


@claim("hopfield", 4)
def test_a_mixture_is_a_valley_beside_mieum(said):
    X, chosen = stored(4), settings(4)
    W, (t, r, m) = hebb(X), (2, 3, 4)  # ㄷ, ㄹ, ㅁ
    said("m = 0.75", X[t] @ X[m] / 64)
    blend = mixed(X, (t, r, m), (1, 1, 1))
    assert not (W @ blend * blend < 0).any() and (blend != X[m]).sum() == 2
    for seed in SEEDS:
        for noise in (chosen.noise, 0.0):
            assert np.array_equal(one_by_one(W, noisy(X, m, noise, seed), seed)[-1], blend)


@claim("hopfield", 4)
def test_what_tips_the_two_cells_is_the_missing_diagonal(said):
    X = stored(4)
    W, s = hebb(X), X[4]
    blend = mixed(X, (2, 3, 4), (1, 1, 1))
    cells = np.flatnonzero(blend != s)
    assert len(cells) == 2
    for i in cells:
        pulls = X[:, i] * (X @ s)
        assert [k for k in range(5) if pulls[k] * s[i] < 0] == [1, 2, 3]  # ㄴ, ㄷ, ㄹ
        said("합이 0", pulls.sum())
        said("−5", -len(X) * s[i])
        assert 64 * (W @ s)[i] == -5 * s[i]
    said("−58.5에서 −59.125", energy(W, s), energy(W, blend))
    kept = hebb(X, diagonal=True)
    assert not (kept @ s * s < 0).any()  # with the diagonal ㅁ stays
    said.named("잡음을 0 %")


# ---- the new two: a map of basins, all states of a small net


@claim("hopfield", 5)
def test_letters_come_back_from_little_noise_and_not_from_much(said):
    X = stored(5)
    W = hebb(X)
    said("0 %에서 100", 0, 100)
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        order = [rng.permutation(64) for _ in range(40)]
        for p in range(4):
            at = {}
            for share in (20, 45, 80):
                starts = np.array([np.where(o < round(share * 0.64), -X[p], X[p]) for o in order])
                at[share] = [end_of(X, s) for s in settle_all(W, starts)]
            assert at[20].count(("stored", p)) >= 0.9 * 40
            assert at[45].count(("stored", p)) < 0.5 * 40
            assert sum(kind == "negative" for kind, _ in at[80]) >= 0.8 * 40
    said("20", 20)
    said("45", 45)
    said("80", 80)


def settle_all(W, starts):
    """Update states (B, N) a cell at a time in order until none moves."""
    S = starts.copy()
    while True:
        before = S.copy()
        for i in range(S.shape[1]):
            h = S @ W[:, i]
            S[:, i] = np.where(np.abs(h) < 1e-10, S[:, i], np.sign(h))
        if np.array_equal(S, before):
            return S


@claim("hopfield", 5)
def test_half_the_cells_flipped_leave_no_trace(said):
    x = stored(5)[0]
    flipped = x * np.where(np.arange(64) < 32, -1, 1)
    said("50", 100 * (flipped != x).mean())
    said("m = 0", flipped @ x / 64)
    far = x * np.where(np.arange(64) < round(0.8 * 64), -1, 1)
    said("20", 100 * (far != -x).mean())


@claim("hopfield", 6)
def test_all_states_of_a_small_net(said):
    X = stored(6)
    W = hebb(X)
    states = np.array(list(product((-1.0, 1.0), repeat=16)))
    said("16개", X.shape[1])
    said("65,536", len(states))
    found = valleys(W, states)
    said("14개", len(found))
    kinds = [end_of(X, s)[0] for s in found]
    said("글자 3개와 그 반전 3개", kinds.count("stored"), kinds.count("negative"))
    said("8개", kinds.count("spurious"))
    votes = {tuple(mixed(X, (0, 1, 2), signs)) for signs in product((1, -1), repeat=3)}
    assert votes == {tuple(s) for s, kind in zip(found, kinds) if kind == "spurious"}
    depth = {kind: [energy(W, s) for s, k in zip(found, kinds) if k == kind] for kind in kinds}
    said("−6.625", max(depth["stored"]))
    said("−5.625", min(depth["spurious"]))
    ends = settle_all(W, states)
    lost = np.mean([end_of(X, s)[0] == "spurious" for s in ends])
    said("17.5", 100 * lost)
    facts = [fact["v"] for fact in CASE.asked(CASE.scenes[5])["facts"]]
    assert facts == ["65,536", "14", "8", "17.5 %"]


# ---- how to update, which rule


@claim("hopfield", 7)
def test_all_at_once_swings_between_two_pictures(said):
    X, chosen = stored(7), settings(7)
    W = hebb(X)
    states = [noisy(X, chosen.target, chosen.noise, chosen.seed)]
    for _ in range(20):
        h = W @ states[-1]
        states.append(np.where(np.abs(h) < 1e-10, states[-1], np.sign(h)))
    assert np.array_equal(states[-1], states[-3]) and not np.array_equal(states[-1], states[-2])
    swing = energy(W, states[-1]) - energy(W, states[-2])
    said("0.125", abs(swing))
    alone = one_by_one(W, states[0], chosen.seed)
    energies = [energy(W, s) for s in alone]
    assert all(b < a for a, b in zip(energies, energies[1:]))


@claim("hopfield", 7)
def test_symmetric_weights_end_in_a_cycle_of_at_most_two(said):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        W = rng.normal(size=(32, 32))
        W, s, seen = W + W.T, rng.choice([-1.0, 1.0], 32), {}
        for step in range(10_000):
            if s.tobytes() in seen:
                break
            seen[s.tobytes()] = step
            s = np.sign(W @ s)
        assert step - seen[s.tobytes()] in (1, 2)
    said("주기 2", 2)


@claim("hopfield", 8)
def test_other_rules_recall_what_hebb_s_loses(said):
    X, chosen = stored(8), settings(8)
    for seed in SEEDS:
        start = noisy(X, chosen.target, chosen.noise, seed)
        assert not np.array_equal(one_by_one(hebb(X), start, seed)[-1], X[4])
        for W in (storkey(X), pseudoinverse(X)):
            assert np.array_equal(one_by_one(W, start, seed)[-1], X[4])
        xi = start
        for _ in range(100):
            e = np.exp(X @ xi * chosen.beta - (X @ xi * chosen.beta).max())
            xi = e / e.sum() @ X
        assert np.array_equal(np.sign(xi), X[4])


@claim("hopfield", 8)
def test_storkey_s_rule_may_lose_what_hebb_s_recalls(said):
    X, lost = stored(8), 0
    for seed in range(20):
        start = noisy(X, 2, settings(8).noise, seed)
        assert np.array_equal(one_by_one(hebb(X), start, seed)[-1], X[2])
        lost += not np.array_equal(one_by_one(storkey(X), start, seed)[-1], X[2])
    assert 0 < lost < 20


@claim("hopfield", 8)
def test_the_projection_keeps_every_stored_letter(said):
    X = stored(8)
    for patterns in (X, *(np.random.default_rng(s).choice([-1.0, 1.0], (20, 40)) for s in SEEDS)):
        whole = np.linalg.pinv(patterns) @ patterns
        assert np.allclose(whole @ patterns.T, patterns.T)
        bare = whole - np.diag(np.diag(whole))
        assert (patterns * (patterns @ bare) > -1e-10).all()
    said("대각선을 0", 0)


@claim("hopfield", 9)
def test_the_threshold_sharpens_and_moves_to_the_theory(said):
    chosen = settings(9)
    said("N = 64", chosen.units)
    said("256", 256)
    halves = {}
    for N in (64, 256):
        counts = sorted({max(1, round(chosen.reach * k / 15 * N)) for k in range(1, 16)})
        mean = {P / N: np.mean(rates(N, P, chosen.noise, range(chosen.seeds))) for P in counts
                if P / N > 0.08}  # fmt: skip
        halves[N] = next(load for load in sorted(mean) if mean[load] < 0.5)
        near = [min(mean, key=lambda load: abs(load - at)) for at in (0.125, 0.235)]
        halves[N, "fall"] = mean[near[0]] - mean[near[1]]
    said("0.20", halves[64])
    said("0.16", halves[256])
    said("0.2쯤", halves[64])
    assert abs(halves[256] - 0.138) < abs(halves[64] - 0.138)
    assert halves[256, "fall"] > halves[64, "fall"] + 0.1  # a steeper fall
    said.named("0.138N, 0.138")


@claim("hopfield", 9)
def test_the_modern_network_recalls_them_all(said):
    chosen = settings(9)
    for N in (64, 256):
        for seed in range(chosen.seeds):
            assert recalled(N, round(0.3 * N), chosen.noise, seed, chosen.beta) == 1


# ---- attention


@claim("hopfield", 10)
def test_an_update_is_attention(said):
    import torch

    X, chosen = stored(10), settings(10)
    xi = noisy(X, chosen.target, chosen.noise, chosen.seed)
    said("0.125", chosen.beta)
    said("β = 1/√N = 0.125", 1, 1 / np.sqrt(64))
    keys = torch.tensor(X)
    out = torch.nn.functional.scaled_dot_product_attention(torch.tensor(xi)[None], keys, keys)[0]
    shown = CASE.tables(CASE.scenes[9])
    weights = torch.softmax(keys @ torch.tensor(xi) / 8, dim=0).numpy()
    assert np.allclose(shown["attention"][0], weights)
    assert np.allclose(weights @ X, out.numpy()) and weights.argmax() == chosen.target


@claim("hopfield", 10)
def test_a_small_beta_ends_in_a_blur_and_a_large_one_at_a_letter(said):
    X, chosen = stored(10), settings(10)
    for seed in SEEDS:
        xi = noisy(X, chosen.target, chosen.noise, seed)
        first = {}
        for beta in (0.02, 0.125, 1.0):
            state, weights = xi, np.zeros(4)
            for _ in range(60):
                e = np.exp(beta * (X @ state) - (beta * (X @ state)).max())
                weights = e / e.sum()
                state = weights @ X
                first.setdefault(beta, weights.max())
            if beta == 0.02:
                assert np.abs(weights - 0.25).max() < 0.04
        assert first[0.02] < first[0.125] < first[1.0] and first[1.0] > 1 - 1e-6
    said("0.02", 0.02)
    said("1/4", 1, 4)
    said.named("1/√d")
