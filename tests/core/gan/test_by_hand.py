"""The GAN's by-hand steps against the slide's numbers, torch, and sums done on paper."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inputs import InputError
from core.models.gan import by_hand, check, slide

few = settings(max_examples=40, deadline=None, derandomize=True, database=None)
sizes = st.tuples(st.integers(1, 4), st.integers(1, 8), st.integers(1, 4), st.integers(1, 8))


def random_case(size, seed):
    """u, v1, v2, w1, w2 as lists for (n, H, m, K)."""
    n, H, m, K = size
    rng = np.random.default_rng(seed)
    shapes = {"u": (m,), "v1": (K, m), "v2": (n, K), "w1": (H, n), "w2": (H,)}
    return {name: rng.normal(0, 1.5, shape).tolist() for name, shape in shapes.items()}


def test_slide_to_eight_decimals():
    back = by_hand.gan_backward(**slide.discriminator_case())
    np.testing.assert_allclose(back["a"], [0.54, 0.52, 0.54], rtol=0, atol=5.1e-9)
    assert back["z"] == pytest.approx(0.47678, abs=5.1e-9)
    assert back["D"] == pytest.approx(0.61698723, abs=5.1e-9)
    wanted = [-0.01883779, -0.01429220, -0.00946647]
    np.testing.assert_allclose(back["dw1"][:, 0], wanted, rtol=0, atol=5.1e-9)


def test_slide_findings_name_the_misprints():
    rows = {row["quantity"]: row for row in slide.findings()}
    findings = {name: row["finding"] for name, row in rows.items()}
    assert findings == {
        "D": "rounded",
        "dw1": "named-dw2",
        "dw1[0]": "rounded",
        "dw1[1]": "wrong",
        "dw1[2]": "rounded",
    }
    wanted = [-0.0187, -0.0142, -0.0094]  # from D = 0.62
    np.testing.assert_allclose(rows["dw1"]["rounded"], wanted, rtol=0, atol=5e-5)
    assert rows["dw1[1]"]["exact"] == pytest.approx(-0.0143, abs=5e-5)
    json.dumps(list(rows.values()))


@given(size=sizes, seed=st.integers(0, 1000), label=st.integers(0, 1))
@few
def test_discriminator_equals_torch(size, seed, label):
    case = random_case(size, seed)
    x = np.random.default_rng(seed).normal(0, 1, size[0]).tolist()
    trace = by_hand.gan_backward(x, case["w1"], case["w2"], label)
    delta = check.discriminator_delta(x, case["w1"], case["w2"], label, trace)
    assert delta["delta"] < 1e-12


@pytest.mark.parametrize("loss", by_hand.LOSSES)
@given(size=sizes, seed=st.integers(0, 1000))
@few
def test_generator_equals_torch(loss, size, seed):
    case = random_case(size, seed)
    trace = by_hand.generator_step(**case, loss=loss)
    assert check.generator_delta(**case, loss=loss, trace=trace)["delta"] < 1e-12


def test_check_tells_a_wrong_trace_from_a_right_one():
    case = slide.discriminator_case()
    trace = by_hand.gan_backward(**case)
    page = json.loads(json.dumps({k: np.asarray(v).tolist() for k, v in trace.items()}))
    arguments = {k: case[k] for k in ("x", "w1", "w2", "label")}
    assert check.discriminator_delta(**arguments, trace=page)["delta"] < 1e-12
    page["dw1"][1][0] = -0.017
    assert check.discriminator_delta(**arguments, trace=page)["delta"] > 2e-3


def test_discriminator_worked_by_hand_with_two_decimals():
    # h = 0.5*2 = 1;  a = 0.73106 -> 0.73;  z = 0.73*1.5 = 1.095 -> 1.10;  D = 0.75026 -> 0.75
    # label 0: loss = -log 0.25 = 1.38629 -> 1.39;  dz = 0.75;  dw2 = 0.5475 -> 0.55
    # da = 1.125 -> 1.13;  slope = 0.73*0.27 = 0.1971 -> 0.20;  dh = 0.226 -> 0.23
    # dw1 = 0.23*2 = 0.46;  dx = 0.23*0.5 = 0.115 -> 0.12
    back = by_hand.gan_backward(2.0, [0.5], [1.5], 0, decimals=2)
    found = {k: float(np.ravel(back[k])[0]) for k in ("z", "D", "loss", "dw2", "dw1", "dx")}
    assert found == {"z": 1.1, "D": 0.75, "loss": 1.39, "dw2": 0.55, "dw1": 0.46, "dx": 0.12}


def test_a_sure_discriminator_takes_the_gradient_of_minimax_alone():
    case = slide.sure_case()
    slow, fast = (by_hand.generator_step(**case, loss=k) for k in by_hand.LOSSES)
    D = slow["D"]
    assert D < 0.02
    assert slow["factors"] == fast["factors"]
    assert slow["dz"] == pytest.approx(-D)
    assert fast["dz"] == pytest.approx(D - 1)
    ratio = np.abs(fast["dv1"] / slow["dv1"])
    np.testing.assert_allclose(ratio, (1 - D) / D, rtol=1e-9)
    assert fast["after"]["D"] > slow["after"]["D"] > slow["before"]["D"]


@pytest.mark.parametrize("loss", by_hand.LOSSES)
def test_a_small_step_changes_the_loss_by_rate_times_squared_gradient(loss):
    case = slide.generator_case()
    step = by_hand.generator_step(**case, loss=loss, rate=1e-4)
    squared = float((step["dv1"] ** 2).sum() + (step["dv2"] ** 2).sum())
    fall = step["before"]["g_loss"] - step["after"]["g_loss"]
    assert fall == pytest.approx(1e-4 * squared, rel=1e-3)
    assert step["after"]["d_loss"] > step["before"]["d_loss"]  # what G gains, D loses
    d = by_hand.discriminator_step(step["x"], case["w1"], case["w2"], 0, rate=1e-4)
    squared = float((d["dw1"] ** 2).sum() + (d["dw2"] ** 2).sum())
    assert d["loss"] - d["after"]["loss"] == pytest.approx(1e-4 * squared, rel=1e-3)
    assert d["loss"] == pytest.approx(step["before"]["d_loss"], abs=1e-12)


def test_an_update_equals_torch_sgd():
    import torch

    case = slide.discriminator_case()
    step = by_hand.discriminator_step(**case, rate=0.7)
    weight = torch.nn.Parameter(torch.tensor(case["w1"], dtype=torch.float64))
    weight.grad = torch.tensor(step["dw1"])
    torch.optim.SGD([weight], lr=0.7).step()
    np.testing.assert_allclose(step["new_w1"], weight.detach().numpy(), rtol=0, atol=1e-15)


def test_the_largest_numbers_stay_finite():
    case = {"u": 100.0, "v1": [100.0], "v2": [100.0], "w1": [100.0], "w2": [-100.0]}
    for loss in by_hand.LOSSES:
        for decimals in (None, 2):
            step = by_hand.generator_step(**case, loss=loss, decimals=decimals)
            assert all(np.isfinite(step[k]).all() for k in ("loss", "dv1", "dv2", "dx"))
    assert by_hand.generator_step(**case)["loss"] == pytest.approx(100)


@pytest.mark.parametrize(
    ("w1", "w2", "label", "loss"),
    [
        ([100.0], [36.0], 0, 36.0),
        ([100.0], [33.3], 0, 33.3),
        ([100.0], [20.0], 0, 20.00000000206115),
        ([100.0], [-36.0], 1, 36.0),
        ([100.0] * 8, [-100.0] * 8, 1, 800.0),
        ([100.0] * 8, [100.0] * 8, 0, 800.0),
    ],
)
def test_the_loss_of_a_sure_discriminator_is_its_logit(w1, w2, label, loss):
    trace = by_hand.gan_backward(100.0, w1, w2, label)
    assert trace["loss"] == pytest.approx(loss, abs=1e-11)
    theirs = check.discriminator_delta(100.0, w1, w2, label, trace)
    assert theirs["delta"] < 1e-12


@pytest.mark.parametrize("logit", [-40.0, -20.0, -1.0, 0.0, 3.0, 20.0, 40.0, 700.0])
def test_gradients_keep_their_digits_where_the_discriminator_is_sure(logit):
    w = max(abs(logit) / 8, 1e-9) * np.sign(logit or 1)
    trace = by_hand.gan_backward(100.0, [100.0] * 8, [w] * 8, 1)
    z = math.fsum([w] * 8)
    assert trace["dz"] == pytest.approx(-1 / (1 + math.exp(z)), rel=1e-12)
    assert trace["D"] == pytest.approx(1 / (1 + math.exp(-z)), rel=1e-12)


BAD = [
    ({"x": []}, "x"),
    ({"x": [1.0] * 5}, "x"),
    ({"x": math.nan}, "x"),
    ({"x": "a"}, "x"),
    ({"x": None}, "x"),
    ({"x": 101}, "x"),
    ({"x": True}, "x"),
    ({"w1": []}, "w1"),
    ({"w1": 1.0}, "w1"),
    ({"w1": [[1.0, 2.0]]}, "w1"),
    ({"w1": [[1.0], [2.0, 3.0]]}, "w1"),
    ({"w1": [1.0] * 9}, "w1"),
    ({"w1": "abc"}, "w1"),
    ({"w1": [None]}, "w1"),
    ({"w2": [1.0]}, "w2"),
    ({"w2": [1.0, 2.0, math.inf]}, "w2"),
    ({"label": 2}, "label"),
    ({"label": True}, "label"),
    ({"label": "real"}, "label"),
    ({"loss": "hinge"}, "loss"),
    ({"rate": -1}, "rate"),
    ({"rate": math.nan}, "rate"),
    ({"decimals": 1}, "decimals"),
    ({"decimals": 2.5}, "decimals"),
]


@pytest.mark.parametrize(("changed", "field"), BAD)
def test_bad_input_names_its_field(changed, field):
    with pytest.raises(InputError, match=rf"^{field}(\W|$)"):
        by_hand.discriminator_step(**slide.discriminator_case() | changed)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"u": [1.0] * 5}, "u"),
        ({"u": {}}, "u"),
        ({"v1": [[1.0, 2.0]] * 2}, "v1"),
        ({"v2": [[1.0]]}, "v2"),
        ({"v2": 3}, "v2"),
        ({"v2": [[1.0, 2.0]] * 2}, "w1"),  # two outputs, but D takes one
        ({"v2": [[1.0, 2.0]] * 5}, "v2"),
        ({"loss": "wasserstein"}, "loss"),
        ({"rate": "fast"}, "rate"),
    ],
)
def test_bad_generator_names_its_field(changed, field):
    with pytest.raises(InputError, match=rf"^{field}(\W|$)"):
        by_hand.generator_step(**slide.generator_case() | changed)
