import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inputs import InputError
from core.models.rnn import bptt, cells, check, presets, vanishing

torch.set_num_threads(1)

CLOSE = {"rtol": 0, "atol": 1e-12}
SIZES = [(1, 1, 1, 1), (2, 3, 3, 1), (3, 2, 4, 7), (8, 8, 8, 32), (5, 1, 2, 12)]

sizes = st.tuples(*[st.integers(1, 8)] * 3, st.integers(1, 32))
few = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def random_case(cell, size, seed):
    """A case with a first state, and its targets with some steps left out."""
    H, D, O, T = size
    case = presets.random_case(cell, H, D, O, T, seed)
    rng = np.random.default_rng(seed + 1)
    targets = [None if rng.random() < 0.3 else k for k in case.pop("targets")]
    h, c = rng.uniform(-1, 1, (2, H)).tolist()
    case["h0"] = {"h": h, "c": c} if cell == "lstm" else h
    return case, targets


# ---- forward


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
    case = presets.random_case(cell, 4, 3, 2, 9, 5)
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
    trace = {name: value.tolist() for name, value in cells.forward(**case).items()}
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
        case = presets.slide(x)
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
    for k in "ifgo":
        np.testing.assert_allclose(t[f"a_{k}"], t[f"x_{k}"] + t[f"h_{k}"], **CLOSE)
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
    case = presets.random_case(cell, 8, 8, 8, 32, 0)
    case["params"] = {k: np.full_like(v, 100.0).tolist() for k, v in case["params"].items()}
    case["xs"] = [[100.0] * 8] * 32
    targets = case.pop("targets")
    for decimals in (None, 2, 8):
        trace = cells.forward(**case, decimals=decimals)
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
    trace = cells.forward("gru", params | {"V": [[1.0]]}, [[1.0]], [0.5], decimals=2)
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


# ---- backward


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


# ---- vanishing and exploding


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
    W = vanishing.with_spectral_radius(np.random.default_rng(0).normal(size=(size, size)), rho)
    radius = torch.linalg.eigvals(torch.tensor(W)).abs().max().item()
    assert radius == pytest.approx(rho, abs=1e-9)


def test_spectral_radius_of_a_nilpotent_matrix_is_refused():
    with pytest.raises(InputError, match="spectral radius"):
        vanishing.with_spectral_radius([[0.0, 1.0], [0.0, 0.0]], 1.0)


def test_linear_cell_shrinks_by_rho_each_step():
    # relu with positive W = rho I and positive inputs is linear: dh_T/dh_t = rho^(T-t)
    params = cells.check_params(
        "relu", {"W": np.eye(3) * 0.9, "U": np.ones((3, 1)), "V": np.ones((1, 3))}
    )
    norms = vanishing.jacobian_norms("relu", params, np.ones((200, 1)))["h"]
    np.testing.assert_allclose(norms, 0.9 ** np.arange(199, -1, -1), rtol=1e-9)


@pytest.mark.parametrize(("rho", "length", "hidden"), [(0.5, 200, 64), (1.5, 60, 1), (3, 200, 8)])
def test_vanishing_holds_all_curves(rho, length, hidden):
    curves = vanishing.vanishing(rho, length, hidden, seed=1)
    for name in (*cells.CELLS, "lstm_cell", "linear"):
        assert curves[name].shape == (length,)
        assert np.isfinite(curves[name]).all()
        assert curves[name][-1] == 1
    if rho < 1:  # |tanh'| <= 1, so the plain cell loses what rho takes
        assert curves["rnn"][0] < 1e-20


def test_vanishing_repeats_and_the_forget_gate_keeps():
    low, high = (vanishing.vanishing(0.8, 60, 16, 3, forget_bias=b) for b in (-2, 4))
    np.testing.assert_array_equal(low["rnn"], high["rnn"])
    for name in ("lstm", "lstm_cell", "gru"):
        assert high[name][0] > 1e6 * low[name][0]


# ---- presets


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
    case = presets.random_case("gru", *size, seed=0)
    targets = case.pop("targets")
    trace = cells.forward(**case)
    assert trace["h"].shape == (T, H) and trace["o"].shape == trace["y"].shape == (T, O)
    assert np.shape(case["xs"]) == (T, D) and len(targets) == T
    np.testing.assert_allclose(trace["y"].sum(axis=1), 1, **CLOSE)


# ---- bad input

GOOD = {
    "cell": "rnn",
    "params": {"W": [[0.1, 0.2], [0.3, 0.4]], "U": [[1.0], [1.0]], "V": [[1.0, 0.0], [0.0, 1.0]]},
    "xs": [[1.0], [0.5]],
    "h0": None,
    "targets": [0, None],
    "truncate": None,
}
GATED = presets.random_case("lstm", 2, 1, 2, 2)["params"]


def param(**changed):
    return {"params": GOOD["params"] | changed}


def gated(**changed):
    return {"cell": "lstm", "params": GATED | changed}


BAD = [
    ({"cell": "foo"}, "cell"),
    ({"cell": None}, "cell"),
    ({"params": []}, "params"),
    ({"params": {"W": [[1]], "U": [[1]]}}, r"params\.V"),
    (param(Q=[[1]]), r"params\.Q"),
    (param(W=None), r"params\.W"),
    (param(W=[[0.1, 0.2]]), r"params\.W"),
    (param(W=[[0.1, 0.2], [0.3]]), r"params\.W"),
    (param(W=[[0.1, math.nan], [0.3, 0.4]]), r"params\.W"),
    (param(W=[[0.1, 101.0], [0.3, 0.4]]), r"params\.W"),
    (param(W="abc"), r"params\.W"),
    (param(W=[[0.0] * 9] * 9), r"params\.W"),
    (param(U=[[1.0]]), r"params\.U"),
    (param(U=[[True], [1.0]]), r"params\.U"),
    (param(V=[[1.0]]), r"params\.V"),
    (param(V=[["abc", 0.0]]), r"params\.V"),
    (param(V=[[0.0, 0.0]] * 9), r"params\.V"),
    (param(b=[1.0]), r"params\.b"),
    (param(b=[[1.0], [1.0]]), r"params\.b"),
    (param(c=[1.0, 2.0, 3.0]), r"params\.c"),
    (param(c=5), r"params\.c"),
    (param(weight_ih=[[1.0]]), r"params\.weight_ih"),
    ({"xs": []}, "xs"),
    ({"xs": [[]]}, "xs"),
    ({"xs": [[1.0, 2.0]]}, "xs"),
    ({"xs": [1.0, 2.0]}, "xs"),
    ({"xs": [[math.inf], [1.0]]}, "xs"),
    ({"xs": [[0.0]] * 33, "targets": [None] * 33}, "xs"),
    ({"xs": None}, "xs"),
    ({"h0": [0.0]}, "h0"),
    ({"h0": {"h": [0.0, 0.0]}}, "h0"),
    ({"h0": "abc"}, "h0"),
    ({"targets": [0]}, "targets"),
    ({"targets": [0, 2]}, r"targets\[1\]"),
    ({"targets": [-1, 0]}, r"targets\[0\]"),
    ({"targets": [True, 0]}, r"targets\[0\]"),
    ({"targets": [0.5, 0]}, r"targets\[0\]"),
    ({"targets": None}, "targets"),
    ({"targets": "01"}, "targets"),
    ({"truncate": 0}, "truncate"),
    ({"truncate": 3}, "truncate"),
    ({"truncate": True}, "truncate"),
    ({"truncate": "1"}, "truncate"),
    ({"cell": "lstm"}, r"params\.weight_ih"),
    (gated(weight_hh=[[0.0, 0.0]] * 6), r"params\.weight_hh"),
    (gated(weight_ih=[[0.0]] * 4), r"params\.weight_ih"),
    (gated(bias_ih=[0.0] * 2), r"params\.bias_ih"),
    (gated(b=[0.0] * 2), r"params\.b"),
    (gated() | {"cell": "gru"}, r"params\.weight_ih"),
    (gated() | {"h0": [0.0, 0.0]}, "h0"),
    (gated() | {"h0": {"c": [0.0]}}, r"h0\.c"),
    (gated() | {"h0": {"cell": [0.0, 0.0]}}, r"h0\.cell"),
]


@pytest.mark.parametrize(("changed", "field"), BAD)
def test_bad_input_names_its_field(changed, field):
    with pytest.raises(InputError, match=rf"^{field}(\W|$)"):
        bptt.backward(**GOOD | changed)


def test_good_input_is_good():
    assert bptt.backward(**GOOD)["loss"] > 0
    assert bptt.backward(**GOOD | gated())["loss"] > 0


@pytest.mark.parametrize("decimals", [1, 9, 2.5, "3", True, math.nan])
def test_bad_decimals(decimals):
    case = {k: GOOD[k] for k in ("cell", "params", "xs")}
    with pytest.raises(InputError, match="^decimals"):
        cells.forward(**case, decimals=decimals)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: vanishing.vanishing(math.nan), "rho"),
        (lambda: vanishing.vanishing(0.9, 201), "length"),
        (lambda: vanishing.vanishing(0.9, 10, 65), "hidden"),
        (lambda: vanishing.vanishing(0.9, 10, 8, -1), "seed"),
        (lambda: vanishing.vanishing(0.9, 10, 8, 0, math.inf), "forget_bias"),
        (lambda: bptt.clip({}, 0), "max_norm"),
        (lambda: presets.slide("other"), "x"),
        (lambda: presets.hello("foo"), "cell"),
        (lambda: presets.copy_task(symbols=8), "symbols"),
        (lambda: presets.copy_task(length=33), "length"),
        (lambda: presets.random_case("rnn", 9, 1, 1, 1), "hidden"),
        (lambda: presets.random_case("rnn", 1, 1, 1, 0), "length"),
    ],
)
def test_bad_options_name_their_field(call, field):
    with pytest.raises(InputError, match=rf"^{field}\b"):
        call()
