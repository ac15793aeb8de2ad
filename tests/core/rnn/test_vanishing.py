"""Norms of how the last state depends on earlier ones, against autograd and closed forms."""

import numpy as np
import pytest
import torch

from core.inputs import InputError
from core.models.rnn import cells, check, vanishing
from tests.core.rnn.cases import random_case

torch.set_num_threads(1)


@pytest.mark.parametrize("cell", cells.CELLS)
@pytest.mark.parametrize("t", [1, 5, 8, 9])
def test_jacobian_norms_equal_autograd(cell, t):
    case, _ = random_case(cell, (4, 3, 2, 9), 8)
    c = cells.validate(**case)
    norms = vanishing.jacobian_norms(cell, c.params, c.xs, c.state)
    assert norms["h"].shape == (9,)
    assert check.jacobian_delta(**case, norms=norms, t=t)["delta"] < 1e-12
    assert norms["h"][-1] == 1


@pytest.mark.parametrize("rho", [0.0, 0.5, 1.0, 1.7])
@pytest.mark.parametrize("size", [1, 3, 64])
def test_spectral_radius(rho, size):
    W = vanishing.scale_to_radius(np.random.default_rng(0).normal(size=(size, size)), rho)
    radius = torch.linalg.eigvals(torch.tensor(W)).abs().max().item()
    assert radius == pytest.approx(rho, abs=1e-9)


def test_spectral_radius_of_a_nilpotent_matrix_is_refused():
    with pytest.raises(InputError, match="spectral radius"):
        vanishing.scale_to_radius([[0.0, 1.0], [0.0, 0.0]], 1.0)


def test_linear_cell_shrinks_by_rho_each_step():
    # relu with positive W = rho I and positive inputs is linear: dh_T/dh_t = rho^(T-t)
    params = cells.check_params(
        "relu", {"W": np.eye(3) * 0.9, "U": np.ones((3, 1)), "V": np.ones((1, 3))}
    )
    norms = vanishing.jacobian_norms("relu", params, np.ones((200, 1)))["h"]
    np.testing.assert_allclose(norms, 0.9 ** np.arange(199, -1, -1), rtol=1e-9)


@pytest.mark.parametrize(("rho", "length", "hidden"), [(0.5, 200, 64), (1.5, 60, 1), (3, 200, 8)])
def test_vanishing_holds_all_curves(rho, length, hidden):
    curves = vanishing.norms_by_cell(rho, length, hidden, seed=1)
    for name in (*cells.CELLS, "lstm_cell", "linear"):
        assert curves[name].shape == (length,)
        assert np.isfinite(curves[name]).all()
        assert curves[name][-1] == 1
    if rho < 1:  # |tanh'| <= 1, so the plain cell loses what rho takes
        assert curves["rnn"][0] < 1e-20


def test_vanishing_repeats_and_the_forget_gate_keeps():
    low, high = (vanishing.norms_by_cell(0.8, 60, 16, 3, forget_bias=b) for b in (-2, 4))
    np.testing.assert_array_equal(low["rnn"], high["rnn"])
    for name in ("lstm", "lstm_cell", "gru"):
        assert high[name][0] > 1e6 * low[name][0]
