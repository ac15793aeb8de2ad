"""The change of variables and one coupling by hand, against torch.distributions and autograd."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inputs import InputError
from core.models.flow import check
from core.models.flow.by_hand import coupling, coupling_of_line, image
from core.models.flow.change import FAMILIES, LIMITS, change

CURVES = [
    ("affine", 1.0, 2.0),
    ("affine", -3.0, 0.05),
    ("softplus", 1.5, 0.0),
    ("sinh-arcsinh", 0.5, 1.7),
    ("sinh-arcsinh", -2.0, 0.2),
    ("cubic", 0.5, 0.3),
    ("cubic", 1.0, 0.0),
    ("cubic", 5.0, 1e-9),
]


@pytest.mark.parametrize("family, a, b", CURVES)
def test_a_change_of_variables_is_torch_s(family, a, b):
    trace = change(family, a, b)
    assert check.change_delta(family, a, b, trace)["delta"] < 1e-10
    point, interval = trace["point"], trace["interval"]
    assert point["x_back"] == pytest.approx(point["x"], abs=1e-9)
    assert point["p_y"] * point["slope"] == pytest.approx(point["p_x"], abs=1e-12)
    assert point["log_p_y"] == pytest.approx(math.log(point["p_y"]), abs=1e-12)
    assert interval["mass_y"] == pytest.approx(interval["mass_x"], abs=1e-9)
    assert np.all(np.diff(trace["curve"]["ys"]) > 0)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_area_of_every_interval_stays_whatever_the_curve(name):
    a, b = (np.linspace(*LIMITS[name][k], 5) for k in "ab")
    for values in itertools.product(a, np.unique([*b, b[0] + 0.01 * (b[-1] - b[0])])):
        for at, width in itertools.product((-2.5, 0, 1.3), (2, 0.1)):
            ends = np.array([at - width / 2, at + width / 2])
            found = change(name, *values, at, *ends)["interval"]
            mass = np.diff(scipy.stats.norm.cdf(ends))[0]
            assert found["mass_y"] == pytest.approx(mass, abs=1e-12), (values, at, width)


def test_a_wrong_trace_is_found():
    trace = change("affine", 0, 2)
    trace["curve"]["p_y"] = trace["curve"]["p_y"] * 1.01
    assert check.change_delta("affine", 0, 2, trace)["delta"] > 1e-4


def test_twice_as_wide_is_half_as_high():
    trace = change("affine", 0, 2, at=0, low=-1, high=1)
    assert trace["interval"]["y"].tolist() == [-2, 2] and trace["interval"]["stretch"] == 2
    assert trace["point"]["p_y"] == pytest.approx(1 / math.sqrt(2 * math.pi) / 2)
    assert trace["interval"]["mass_x"] == pytest.approx(0.6826894921)


def test_one_coupling_with_numbers():
    trace = coupling([1, 2], 0.5, -1)
    assert trace["y"].tolist() == [1, pytest.approx(2 * math.exp(0.5) - 1)]
    assert trace["log_det"] == 0.5 and trace["x_back"].tolist() == [1, pytest.approx(2)]
    by_hand = coupling([1, 2, 3, 4], [0.5, 1], [2, -1], mask=[0, 1, 0, 1], decimals=2)
    assert by_hand["y"].tolist() == [3.65, 2, 7.16, 4] and by_hand["det"] == 4.49
    assert by_hand["round_trip"] == pytest.approx(0.02)  # what rounding loses


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-100, 100), min_size=2, max_size=8),
    st.floats(-5, 5),
    st.floats(-100, 100),
)
def test_couplings_are_torch_s(x, s, t):
    trace = coupling(x, s, t)
    assert check.coupling_delta(x, s, t, trace)["delta"] < 1e-9
    assert trace["round_trip"] < 1e-9
    assert trace["log_det"] == pytest.approx(s * (len(x) // 2))


@settings(max_examples=50, deadline=None)
@given(
    st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
)
def test_the_jacobian_of_a_coupling_is_triangular_whatever_stands_below(x, s_line, t_line):
    trace = coupling_of_line(list(x), list(s_line), list(t_line))
    found = check.coupling_of_line_delta(list(x), list(s_line), list(t_line), trace)
    assert found["delta"] < 1e-10
    assert trace["jacobian"][0].tolist() == [1, 0]
    assert trace["log_det"] == pytest.approx(s_line[0] * x[0] + s_line[1], abs=1e-12)


def test_points_go_where_the_coupling_of_each_puts_it():
    points = np.random.default_rng(0).standard_normal((6, 2))
    images, log_det = image(points, (0.4, 0.1), (1.0, -2.0))
    for point, at, size in zip(points, images, log_det):
        trace = coupling_of_line(point, [0.4, 0.1], [1.0, -2.0])
        np.testing.assert_allclose(at, trace["y"], atol=1e-12)
        assert size == pytest.approx(trace["log_det"], abs=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: change("square"),
        lambda: change("affine", 0, 0),
        lambda: change("softplus", 1, 1),
        lambda: change(at=math.nan),
        lambda: change(low=1, high=1),
        lambda: change(points=2),
        lambda: coupling([1], 0, 0),
        lambda: coupling([1, 2], 6, 0),
        lambda: coupling([1, 2], [1, 2], 0),
        lambda: coupling([1, 2], 0, math.inf),
        lambda: coupling([1, 2], 0, 0, mask=[1, 1]),
        lambda: coupling([1, 2], 0, 0, mask=[0.5, 1]),
        lambda: coupling([1, 2], 0, 0, decimals=-1),
        lambda: coupling_of_line([100, 1], [5, 0], [0, 0]),
        lambda: coupling("ab", 0, 0),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InputError):
        call()


def test_every_family_has_limits():
    assert set(FAMILIES) == set(LIMITS)
