"""Cases that the tests of the recurrent cells share."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from core.models.rnn import presets

CLOSE = {"rtol": 0, "atol": 1e-12}
SIZES = [(1, 1, 1, 1), (2, 3, 3, 1), (3, 2, 4, 7), (8, 8, 8, 32), (5, 1, 2, 12)]

sizes = st.tuples(*[st.integers(1, 8)] * 3, st.integers(1, 32))
few = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def random_case(cell, size, seed) -> tuple[dict[str, Any], list[Any]]:
    """A case with a first state, and its targets with some steps left out."""
    H, D, O, T = size
    case: dict[str, Any] = {**presets.random_case(cell, H, D, O, T, seed)}
    rng = np.random.default_rng(seed + 1)
    targets = [None if rng.random() < 0.3 else k for k in case.pop("targets")]
    h, c = rng.uniform(-1, 1, (2, H)).tolist()
    case["h0"] = {"h": h, "c": c} if cell == "lstm" else h
    return case, targets
