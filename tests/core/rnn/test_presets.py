"""Ready cases of the recurrent cells."""

import json
from typing import Any

import numpy as np
import pytest
import torch

from core.models.rnn import bptt, cells, presets
from tests.core.rnn.cases import CLOSE, SIZES

torch.set_num_threads(1)


def test_hello_spells_hello():
    case = presets.hello()
    spelled = [case["vocabulary"][np.argmax(x)] for x in case["xs"]]
    assert "".join(spelled) == "hell"
    assert "".join(case["vocabulary"][k] for k in case["targets"]) == "ello"


def test_copy_task_asks_for_the_first_symbol_at_the_end():
    seen = set()
    for seed in range(20):
        case = presets.copy_task(seed=seed)
        assert case["targets"][:-1] == [None] * 7
        assert case["targets"][-1] == np.argmax(case["xs"][0]) > 0
        assert np.argmax(case["xs"][1:], axis=1).tolist() == [presets.BLANK] * 7
        seen.add(case["targets"][-1])
    assert seen == {1, 2, 3}


@pytest.mark.parametrize("cell", cells.CELLS)
@pytest.mark.parametrize("make", [presets.hello, presets.copy_task])
def test_presets_run_and_repeat(make, cell):
    case = make(cell, seed=4)
    assert case == make(cell, seed=4) != make(cell, seed=5)
    json.dumps(case, allow_nan=False)
    case.pop("vocabulary")
    assert 0 < bptt.backward(**case)["loss"] < 10
    flat = [v for p in case["params"].values() for v in np.ravel(p)]
    assert flat == np.round(flat, 3).tolist()


@pytest.mark.parametrize("size", SIZES)
def test_random_case_has_its_sizes(size):
    H, D, O, T = size
    case: dict[str, Any] = {**presets.random_case("gru", *size, seed=0)}
    targets = case.pop("targets")
    trace = cells.forward(**case)
    assert trace["h"].shape == (T, H) and trace["o"].shape == trace["y"].shape == (T, O)
    assert np.shape(case["xs"]) == (T, D) and len(targets) == T
    np.testing.assert_allclose(trace["y"].sum(axis=1), 1, **CLOSE)
