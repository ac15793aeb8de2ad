"""Many recalls at once, and how many patterns a network holds."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.models.hopfield import capacity as cap
from core.models.hopfield import network as hop
from tests.core.hopfield.cases import draw

torch.set_num_threads(1)


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
