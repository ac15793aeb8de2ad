"""The drawings that are stored."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.models.hopfield import letters

torch.set_num_threads(1)


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
