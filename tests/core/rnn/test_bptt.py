"""Backpropagation through time against autograd, finite differences and its own laws."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.models.rnn import bptt, cells, check
from tests.core.rnn.cases import CLOSE, few, random_case, sizes

torch.set_num_threads(1)


@pytest.mark.parametrize("cell", cells.CELLS)
@given(size=sizes, seed=st.integers(0, 1000), cut=st.integers(0, 32))
@few
def test_backward_equals_autograd(cell, size, seed, cut):
    case, targets = random_case(cell, size, seed)
    truncate = min(cut, size[3]) or None
    back = bptt.backward(**case, targets=targets, truncate=truncate)
    result = check.rnn_backward_delta(**case, targets=targets, truncate=truncate, trace=back)
    assert result["delta"] < 1e-12


@pytest.mark.parametrize("cell", cells.CELLS)
def test_backward_equals_finite_differences(cell):
    case, targets = random_case(cell, (2, 2, 3, 4), 3)
    case["params"] = {k: np.array(v) for k, v in case["params"].items()}
    grads = bptt.backward(**case, targets=targets)["grads"]
    for name, value in case["params"].items():
        for at in np.ndindex(value.shape):
            sides = []
            for step in (1e-6, -1e-6):
                moved = value.copy()
                moved[at] += step
                moved_case = {**case, "params": {**case["params"], name: moved}}
                sides.append(bptt.backward(**moved_case, targets=targets)["loss"])
            assert grads[name][at] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-8)


@pytest.mark.parametrize("cell", cells.CELLS)
def test_truncate_whole_length_is_no_truncation(cell):
    case, targets = random_case(cell, (3, 3, 3, 9), 4)
    full = bptt.backward(**case, targets=targets)
    whole = bptt.backward(**case, targets=targets, truncate=9)
    assert full["cut"] == whole["cut"] == []
    for name, grad in full["grads"].items():
        np.testing.assert_array_equal(grad, whole["grads"][name])


def test_cut_links_let_nothing_through():
    case, targets = random_case("lstm", (3, 3, 3, 7), 5)
    targets = [*targets[:-1], 1]
    back = bptt.backward(**case, targets=targets, truncate=3)
    assert back["cut"] == [4, 7]
    assert not back["dh_later"][[2, 5, 6]].any()  # what h_3, h_6 and h_7 hear from later
    assert back["dh_later"][[0, 1, 3, 4]].all()
    assert bptt.cut_links(5, 1) == [2, 3, 4, 5]
    alone = bptt.backward(**case, targets=[None] * 6 + [1], truncate=1)
    assert not alone["grads"]["h0"].any() and not alone["grads"]["c0"].any()


def test_backward_shares_add_up():
    case, targets = random_case("gru", (3, 2, 4, 6), 6)
    back = bptt.backward(**case, targets=targets)
    for name, parts in back["by_step"].items():
        assert parts.shape == (6, *np.shape(case["params"][name]))
        np.testing.assert_allclose(parts.sum(axis=0), back["grads"][name], **CLOSE)
    V = np.array(case["params"]["V"])
    np.testing.assert_allclose(back["dh"], back["do"] @ V + back["dh_later"], **CLOSE)
    assert back["loss"] == pytest.approx(back["losses"].sum(), abs=1e-12)


def test_no_target_no_gradient():
    case, _ = random_case("relu", (2, 2, 2, 3), 0)
    back = bptt.backward(**case, targets=[None] * 3)
    assert back["loss"] == 0
    assert not any(g.any() for g in back["grads"].values())
    args = {"targets": [None] * 3, "truncate": None, "trace": back}
    assert check.rnn_backward_delta(**case, **args)["delta"] == 0


@pytest.mark.parametrize("max_norm", [0.01, 1.0, 1e3])
def test_clip_equals_torch(max_norm):
    case, targets = random_case("rnn", (4, 3, 3, 10), 7)
    grads = bptt.backward(**case, targets=targets)["grads"]
    leaves = [torch.zeros(g.shape, dtype=torch.float64) for g in grads.values()]
    for leaf, g in zip(leaves, grads.values()):
        leaf.grad = torch.tensor(g)
    theirs = torch.nn.utils.clip_grad_norm_(leaves, max_norm)
    clipped, norm = bptt.clip(grads, max_norm)
    assert norm == pytest.approx(theirs.item(), abs=1e-12)
    for leaf, g in zip(leaves, clipped.values()):
        assert leaf.grad is not None
        np.testing.assert_allclose(g, leaf.grad.numpy(), **CLOSE)
