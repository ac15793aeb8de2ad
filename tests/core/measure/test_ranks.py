"""Ranks: the area under the ROC curve against SciPy's U statistic and against all pairs."""

import numpy as np
import pytest
import torch
from scipy.stats import mannwhitneyu

from core.inputs import InputError
from core.measure.ranks import auroc

rng = np.random.default_rng(0)


def test_auroc_is_the_u_statistic():
    a, b = rng.integers(0, 9, 30), rng.integers(2, 12, 20)
    theirs = mannwhitneyu(a, b).statistic / 600
    assert auroc(a, b) == pytest.approx(theirs, abs=1e-12)


def test_auroc_by_all_pairs():
    low = torch.from_numpy(rng.integers(0, 20, 300)).float()  # with ties
    high = torch.from_numpy(rng.integers(5, 30, 200)).float()
    above, equal = high[:, None] > low, high[:, None] == low  # (200, 300)
    theirs = (above.double() + equal.double() / 2).mean().item()
    assert auroc(high, low) == pytest.approx(theirs, abs=1e-12)
    assert auroc(low, low) == 0.5 and auroc(low + 100, low) == 1
    for pair in ((low, low[:0]), (low[:0], low)):
        with pytest.raises(InputError, match="scores"):
            auroc(*pair)
