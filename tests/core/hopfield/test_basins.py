"""Where recalls end: against recalls one by one, and small nets that can be worked out by hand."""

import numpy as np
import pytest
import torch

from core.inputs import InputError
from core.models.hopfield import basins, check, letters, network

torch.set_num_threads(1)
SHARES = np.linspace(0, 1, 5)


@pytest.mark.parametrize("rule", network.WEIGHTS)
def test_a_map_counts_what_recalls_one_by_one_end_in(rule):
    X = letters.patterns("jamo", 6, 6, "ㄱㄴㄷㅁ")
    W = network.WEIGHTS[rule](X.astype(float))
    found = basins.map_noise(X, W, SHARES, tries=5, seed=3)
    counts = {end: np.zeros((4, 5)) for end in basins.ENDS}
    for p, x in enumerate(X):
        for q, share in enumerate(SHARES):
            for t, rank in enumerate(found["rank"]):
                start = np.where(rank < round(share * 36), -x, x)
                trace = network.recall(X, start, rule, "sequential")
                if trace["end"] == "stored":
                    end = "own" if np.array_equal(trace["states"][-1], x) else "other"
                else:
                    end = trace["end"]
                counts[end][p, q] += 1 / 5
                if t == 0:
                    assert found["kind"][p, q] == end
                    assert np.array_equal(found["first"][p, q], trace["states"][-1])
    for end, share in counts.items():
        np.testing.assert_allclose(found["ends"][end], share, atol=1e-12)
    np.testing.assert_allclose(sum(found["ends"].values()), 1)
    again = check.ends_delta(X, W, found["rank"], found["flipped"], found["ends"]["own"])
    assert again["delta"] == 0
    wrong = check.ends_delta(X, W, found["rank"], found["flipped"], found["ends"]["own"] + 0.2)
    assert wrong["delta"] == pytest.approx(0.2)


def test_one_pattern_has_two_valleys_that_halve_all_states():
    x = np.array([1.0, 1, -1, 1, -1])
    found = basins.landscape(network.hebb(x[None]))
    assert {tuple(s) for s in found["fixed"]} == {tuple(x), tuple(-x)}
    assert found["energies"].tolist() == [-2, -2]  # −½ (N − 1)
    assert found["basins"].tolist() == [16, 16] and found["states"] == 32


@pytest.mark.parametrize("keys", ["ㄱㅅㅇ", "ㄱㄴㅁ"])
def test_valleys_and_basins_are_those_of_single_recalls(keys):
    X = letters.patterns("jamo", 4, 4, keys)
    W = network.hebb(X.astype(float))
    found = basins.landscape(W)
    assert found["basins"].sum() == 2**16
    assert (np.diff(found["energies"]) > -1e-9).all()
    for s, E in zip(found["fixed"], found["energies"]):
        assert np.array_equal(network.update_all(W, s), s)
        assert network.energy(W, s) == pytest.approx(E, abs=1e-12)
    rng = np.random.default_rng(0)
    ends = {tuple(s) for s in found["fixed"]}
    for s in rng.choice([-1, 1], (30, 16)):
        assert tuple(network.recall(X, s, update="sequential")["states"][-1]) in ends
    assert check.same_valleys(X, "hebb", found["fixed"], found["energies"]) == len(found["fixed"])
    assert check.same_valleys(X, "hebb", found["fixed"][1:], found["energies"][1:]) == 0
    assert check.same_valleys(X, "hebb", found["fixed"], found["energies"] + 1) == 0


def test_all_states_are_all_and_each_once():
    states = basins.all_states(4)
    assert states.shape == (16, 4) and len({tuple(s) for s in states}) == 16
    assert set(states.ravel()) == {-1, 1}


@pytest.mark.parametrize("rule", network.RULES)
def test_torch_counts_a_rate(rule):
    rng = np.random.default_rng(1)
    X = rng.choice([-1.0, 1.0], (3, 40))
    assert check.recall_rate(X, X, rule, 1.0, 0.97) == 1
    far = check.recall_rate(X, -X, rule, 1.0, 0.97)
    assert far == 0  # from the negatives nothing comes back


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"shares": [1.5]}, "shares"), ({"tries": 0}, "tries"), ({"tries": 101}, "tries"),
     ({"seed": -1}, "seed"), ({"patterns": [[1, 2]]}, "patterns")],
)  # fmt: skip
def test_a_bad_map_is_refused(changes, field):
    given = {"patterns": [[1, -1]], "W": np.zeros((2, 2)), "shares": [0.5], **changes}
    with pytest.raises(InputError) as refused:
        basins.map_noise(**given)
    assert refused.value.parts["field"].startswith(field)


def test_a_landscape_of_too_many_units_is_refused():
    with pytest.raises(InputError, match="W"):
        basins.landscape(np.zeros((17, 17)))
