"""How recalls end: mixtures, the scenes of the lesson, and torch's computation of each."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.models.hopfield import letters
from core.models.hopfield import network as hop
from core.models.hopfield.check import hopfield_delta, right_steps
from tests.core.hopfield.cases import draw, jamo

torch.set_num_threads(1)

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


@pytest.mark.parametrize("rule", hop.RULES)
@pytest.mark.parametrize("update", hop.UPDATES)
@pytest.mark.parametrize("zero_diagonal", [True, False])
def test_torch_makes_the_same_updates(rule, update, zero_diagonal):
    X = letters.patterns("jamo", 6, 6, "ㄱㄴㄷㄹ")
    probe = letters.corrupt(X[2], "noise", 0.3, [6, 6], 4)
    given = {"seed": 3, "beta": 0.3, "zero_diagonal": zero_diagonal}
    trace = hop.recall(X, probe, rule, update, **given)
    right, of = right_steps(X, rule, trace)
    assert right == of >= len(trace["states"]) - 1


def test_an_update_against_its_field_is_found():
    X = letters.patterns("jamo", 6, 6, "ㄱㄴㄷㄹ")
    trace = hop.recall(X, letters.corrupt(X[2], "noise", 0.3, [6, 6], 4), seed=3)
    right, of = right_steps(X, "hebb", trace)
    backwards = {**trace, "states": trace["states"][::-1].copy()}  # uphill, and does not stay
    assert right == of and right_steps(X, "hebb", backwards)[0] == 0
    early = {**trace, "states": trace["states"][:-1]}  # stops too soon
    assert right_steps(X, "hebb", early) == (of - 2, of - 1)
