"""Rounding by hand: halves away from zero, and no other number than stands on paper."""

import numpy as np
import pytest

from core.inputs import InputError
from core.models.rounding import checked_rounder, rounder


@pytest.mark.parametrize(
    ("x", "decimals", "rounded"),
    [(0.125, 2, 0.13), (-0.125, 2, -0.13), (0.1 * 0.35, 3, 0.035), (0.1 * 0.35, 2, 0.04)]
    + [(1.005, 2, 1.01), (2.5e-9, 8, 0.0), (-0.001, 2, 0.0), (0.00499999, 2, 0.0)],
)
def test_rounder(x, decimals, rounded):
    out = rounder(decimals)(x)
    assert out == rounded
    assert not np.signbit(out) or rounded < 0  # no minus before a zero
    assert rounder(None)(x) == x


@pytest.mark.parametrize("decimals", [1, 9, 2.5, "2", True])
def test_other_places_are_refused(decimals):
    with pytest.raises(InputError, match="decimals"):
        checked_rounder(decimals, 2, 8)
