"""The recurrent cells against torch, and rounded as a person rounds."""

import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.models.rnn import bptt, cells, check, presets
from tests.core.rnn.cases import CLOSE, few, random_case, sizes

torch.set_num_threads(1)


@pytest.mark.parametrize("cell", cells.CELLS)
@given(size=sizes, seed=st.integers(0, 1000))
@few
def test_forward_equals_torch_cells(cell, size, seed):
    case, _ = random_case(cell, size, seed)
    result = check.rnn_forward_delta(**case, trace=cells.forward(**case))
    assert result["delta"] < 1e-12
    assert "Cell" in result["against"]


@pytest.mark.parametrize(
    ("cell", "whole"), [("rnn", torch.nn.RNN), ("lstm", torch.nn.LSTM), ("gru", torch.nn.GRU)]
)
def test_forward_equals_torch_layers(cell, whole):
    case: dict[str, Any] = {**presets.random_case(cell, 4, 3, 2, 9, 5)}
    layer = whole(3, 4, dtype=torch.float64)
    weights = dict(case["params"])
    if cell == "rnn":
        weights |= {"weight_ih": weights["U"], "weight_hh": weights["W"], "bias_ih": weights["b"]}
        weights["bias_hh"] = [0.0] * 4
    with torch.no_grad():
        for name, p in layer.named_parameters():
            p.copy_(torch.tensor(weights[name.removesuffix("_l0")], dtype=torch.float64))
        h = layer(torch.tensor(case["xs"], dtype=torch.float64))[0]
    case.pop("targets")
    np.testing.assert_allclose(cells.forward(**case)["h"], h.numpy(), **CLOSE)


def test_check_tells_a_wrong_trace_from_a_right_one():
    case, targets = random_case("lstm", (3, 2, 4, 7), 0)
    trace = cells.forward(**case)
    trace["cell"][4, 1] += 1e-3
    delta = check.rnn_forward_delta(**case, trace=trace)["delta"]
    assert delta == pytest.approx(1e-3, rel=1e-3)
    back = bptt.backward(**case, targets=targets)
    back["grads"]["weight_hh"][2, 1] += 1e-3
    delta = check.rnn_backward_delta(**case, targets=targets, truncate=None, trace=back)["delta"]
    assert delta > 1e-4


def test_check_takes_what_came_back_from_a_page():
    case, targets = random_case("gru", (2, 2, 2, 3), 0)
    trace: dict[str, Any] = {**cells.forward(**case)}
    trace = {name: rows.tolist() for name, rows in trace.items()}
    assert check.rnn_forward_delta(**case, trace=json.loads(json.dumps(trace)))["delta"] < 1e-12


def test_slide_to_eight_decimals():
    expected = {
        "used": {
            "Ux": [0.094, 0.135],
            "h": [0.09372411, 0.13418581],
            "o": [-0.00811604, -0.00893468, 0.01178186],
            "y": [0.33120491, 0.33093389, 0.33786120],
        },
        "written": {
            "Ux": [0.074, 0.066],
            "h": [0.07386522, 0.06590433],
            "o": [-0.00791063, -0.00285737, 0.00211257],
            "y": [0.33165960, 0.33333980, 0.33500060],
        },
    }
    for x, values in expected.items():
        case: dict[str, Any] = {**presets.slide(x)}
        case.pop("targets")
        trace = cells.forward(**case)
        for name, numbers in values.items():
            np.testing.assert_allclose(trace[name][0], numbers, rtol=0, atol=5.1e-9)


def test_gates_are_written_out():
    case, _ = random_case("gru", (3, 2, 2, 4), 1)
    t = cells.forward(**case)
    p = {name: np.array(value) for name, value in case["params"].items()}
    x_n = np.array(case["xs"]) @ p["weight_ih"][6:].T + p["bias_ih"][6:]
    h_n = t["h_prev"] @ p["weight_hh"][6:].T + p["bias_hh"][6:]
    np.testing.assert_allclose(t["x_n"], x_n, **CLOSE)
    np.testing.assert_allclose(t["h_n"], h_n, **CLOSE)
    np.testing.assert_allclose(t["a_n"], x_n + t["gate_r"] * h_n, **CLOSE)
    np.testing.assert_allclose(t["h_prev"][1:], t["h"][:-1], **CLOSE)
    case, _ = random_case("lstm", (3, 2, 2, 4), 1)
    t = cells.forward(**case)
    gates: dict[str, Any] = {**t}
    for k in "ifgo":
        np.testing.assert_allclose(gates[f"a_{k}"], gates[f"x_{k}"] + gates[f"h_{k}"], **CLOSE)
    np.testing.assert_allclose(
        t["cell"], t["gate_f"] * t["cell_prev"] + t["gate_i"] * t["gate_g"], **CLOSE
    )


def test_missing_state_and_biases_are_zeros():
    case = presets.random_case("lstm", 2, 2, 2, 3, 0)
    params, xs = case["params"], case["xs"]
    bare = {k: v for k, v in params.items() if k in ("weight_ih", "weight_hh", "V")}
    full = bare | {"bias_ih": [0.0] * 8, "bias_hh": None, "c": [0.0, 0.0]}
    zero = {"h": [0.0, 0.0], "c": None}
    np.testing.assert_array_equal(
        cells.forward("lstm", bare, xs)["y"], cells.forward("lstm", full, xs, zero)["y"]
    )


@pytest.mark.parametrize("cell", cells.CELLS)
def test_the_largest_numbers_stay_finite(cell):
    case: dict[str, Any] = {**presets.random_case(cell, 8, 8, 8, 32, 0)}
    case["params"] = {k: np.full_like(v, 100.0).tolist() for k, v in case["params"].items()}
    case["xs"] = [[100.0] * 8] * 32
    targets = case.pop("targets")
    for decimals in (None, 2, 8):
        trace: dict[str, Any] = {**cells.forward(**case, decimals=decimals)}
        assert all(np.isfinite(v).all() for v in trace.values())
    back = bptt.backward(**case, targets=targets)
    clipped, norm = bptt.clip(back["grads"], 1.0)
    assert math.isfinite(back["loss"]) and math.isfinite(norm)
    assert all(np.isfinite(g).all() for g in clipped.values())


# ---- rounded as you go


def test_rounded_forward_worked_by_hand():
    # 0.5*0.25 = 0.125 -> 0.13;  0.3*0.35 = 0.105 -> 0.11;  sum 0.24
    # W h: 0.15*0.3 = 0.045 -> 0.05;  a = 0.29;  tanh 0.29 = 0.28213 -> 0.28
    # o = 0.28*[1.25, -0.3] = [0.35, -0.084 -> -0.08];  e = [1.41907 -> 1.42, 0.92312 -> 0.92]
    # y = [1.42, 0.92] / 2.34 = [0.60684 -> 0.61, 0.39316 -> 0.39]
    params = {"U": [[0.5, 0.3]], "W": [[0.15]], "V": [[1.25], [-0.3]]}
    trace = cells.forward("rnn", params, [[0.25, 0.35]], [0.3], decimals=2)
    assert trace["Ux"].tolist() == [[0.24]]
    assert trace["Wh"].tolist() == [[0.05]]
    assert trace["a"].tolist() == [[0.29]]
    assert trace["h"].tolist() == [[0.28]]
    assert trace["o"].tolist() == [[0.35, -0.08]]
    assert trace["e"].tolist() == [[1.42, 0.92]]
    assert trace["y"].tolist() == [[0.61, 0.39]]


def test_rounded_gru_worked_by_hand():
    # x_r = 0.5, x_z = -0.4, x_n = 0.15;  h_r = 0, h_z = 0.2, h_n = 0.25 (0.5*0.5)
    # r = s(0.5) = 0.62246 -> 0.62;  z = s(-0.2) = 0.45017 -> 0.45
    # a_n = 0.15 + (0.62*0.25 = 0.155 -> 0.16) = 0.31;  n = 0.30044 -> 0.30
    # h = (0.55*0.30 = 0.165 -> 0.17) + (0.45*0.5 = 0.225 -> 0.23) = 0.40
    params = {"weight_ih": [[0.5], [-0.4], [0.15]], "weight_hh": [[0.0], [0.4], [0.5]]}
    trace: Any = cells.forward("gru", params | {"V": [[1.0]]}, [[1.0]], [0.5], decimals=2)
    names = ("gate_r", "gate_z", "a_n", "gate_n", "h")
    assert [trace[k][0, 0] for k in names] == [0.62, 0.45, 0.31, 0.3, 0.4]


@pytest.mark.parametrize("cell", cells.CELLS)
def test_rounding_everything_to_8_decimals_is_nearly_exact(cell):
    case, _ = random_case(cell, (4, 4, 4, 8), 2)
    exact, rounded = cells.forward(**case), cells.forward(**case, decimals=8)
    for name in exact:
        np.testing.assert_allclose(rounded[name], exact[name], rtol=0, atol=1e-6)
        if name not in ("h_prev", "cell_prev"):  # a given h0 keeps its digits
            np.testing.assert_array_equal(rounded[name], np.round(rounded[name], 8))


def test_softmax_of_any_size():
    params = {"W": [[0.0]], "U": [[1.0]], "V": [[100.0], [99.0]]}
    for x in (8.0, 0.05, 0.0):
        y = cells.forward("relu", params, [[x]])["y"][0]
        assert y[0] == pytest.approx(1 / (1 + math.exp(-x)), abs=1e-12)
    params["V"] = [[-100.0], [-100.0]]  # e^-800 is 0 on any calculator
    assert cells.forward("relu", params, [[8.0]], decimals=2)["y"].tolist() == [[0.5, 0.5]]


def test_losses_equal_torch_cross_entropy():
    o = np.random.default_rng(0).normal(0, 300, (6, 4))
    targets = [0, 3, None, 2, 1, None]
    wanted = torch.tensor([-100 if k is None else k for k in targets])
    theirs = torch.nn.functional.cross_entropy(torch.tensor(o), wanted, reduction="none")
    np.testing.assert_allclose(cells.losses(o, targets), theirs.numpy(), **CLOSE)
