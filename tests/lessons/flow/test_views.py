"""The flow lesson's views: their numbers, with the trained flows and without."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from apps import flow
from apps.lessons.flow import change, densities, digits, levels, through
from apps.lessons.flow.inputs import Inputs
from apps.lessons.shared import nets, pictures
from apps.stage.board import word
from apps.stage.server.boards import kept_board
from apps.stage.server.words import LANGUAGES
from core.models.flow.bound import bound
from core.models.flow.change import change as change_of_variables
from tests.tab_case import TabCase, checks, keys, refuse

CASE = TabCase("flow")


@pytest.mark.parametrize(
    ("view", "changes"),
    [
        ("change", {"family": "softplus", "a": 2, "b": 0, "at": -1.5}),
        ("change", {"family": "affine", "a": 1, "b": 2}),
        ("change", {"family": "sinh-arcsinh", "a": 0.5, "b": 1, "at": 2.5}),
        ("coupling", {"way": "given", "st": [-0.7, 3]}),
        ("through", {"direction": "back", "net": "checkerboard"}),
        ("masks", {"target": "moons", "couplings": 2, "width": 8, "opening": [0, 2]}),
        ("train", {"masks": "alternate", "target": "drawn", "drawn": [[0, 0]], "opening": [0, 2]}),
        ("train", {"target": "drawn", "drawn": [], "opening": [0, 2]}),
        ("train", {"show_warp": False, "show_surface": False, "opening": [0, 2]}),
        ("matching", {"mixture": "spiral", "euler": 1}),
        ("matching", {"mixture": "grid", "euler": 100, "seed": 5}),
        ("levels", {"parts": 2, "rate": 0.05}),
        ("digits", {"drawn": "01" * 392, "temperature": 0}),
        ("digits", {"drawn": pictures.EMPTY, "other": 0}),
    ],
    ids=str,
)
def test_other_inputs_work_too(view, changes, flows):
    board = CASE.asked(view, **changes)
    assert all(check["ok"] for check in checks(board)), checks(board)
    for key in keys(board):
        assert all(CASE.knows(language, key) for language in LANGUAGES), key


@pytest.mark.parametrize("view", ["through", "densities", "digits"])
def test_a_flow_that_is_not_here_is_said(view, monkeypatch, fresh_caches):
    monkeypatch.setattr(nets, "model", refuse)
    board = CASE.asked(view)
    assert (
        board["fleeting"] and kept_board.cache_info().currsize == 0
    )  # asked again, it looks again
    assert keys(board["frames"]) & {"absent", "absent_why"}
    assert board["checks"] and all(check["ok"] for check in board["checks"])


def test_the_interval_s_ratio_goes_to_the_slope():
    found = CASE.tables("change")
    slope = 0.4 + 3 * 0.2 * 0**2
    assert found["point"]["slope"] == pytest.approx(slope)
    gaps = [abs(row["stretch"] - slope) for row in found["intervals"]]
    assert gaps == sorted(gaps, reverse=True) and gaps[-1] < 1e-4
    for row in found["intervals"]:
        half = row["width"] / 2
        assert row["mass_x"] == pytest.approx(math.erf(half / math.sqrt(2)), abs=1e-12)
    blanks = CASE.asked("change")["turn"]["blanks"]
    assert blanks[1]["rows"][0][0] == pytest.approx(math.exp(-0.5 * math.log(2 * math.pi)) / 0.4)


@pytest.mark.parametrize(
    "given",
    [
        ("cubic", 0.4, 0.2, 0.0),
        ("cubic", 0.05, 5, 2.5),
        ("affine", 1, 5, 0),
        ("softplus", 2, 0, -1),
    ],
)
def test_an_interval_and_its_image_have_equal_areas_of_pixels(given):
    """Counted off the charts as they are drawn: their sizes, their axes, their curves."""
    name, a, k, x = given
    trace = change_of_variables(name, a, k, x, x - 1, x + 1)
    size = change.sizes(trace)
    flat, upright = change.flat_hill(trace, size), change.upright_hill(trace, size)
    assert flat["range"] == [-3, 3] and flat["low"] == 0 and upright["low"] is not None
    wide, high = (np.diff(w["range"] or ())[0] for w in (upright, flat))
    across = (flat["width"] - 72) / high, (upright["width"] - 72) / wide  # pixels a unit
    lengths = (flat["high"] or 0) - flat["low"], (upright["high"] or 0) - upright["low"]
    upwards = (flat["height"] - 52) / lengths[0], (upright["height"] - 52) / lengths[1]
    p_x, x = strokes(flat["series"][0], "y", "x")
    y, p_y = strokes(upright["series"][0], "y", "x")
    area, image = np.trapezoid(p_x, x), np.trapezoid(p_y, y)
    assert area == pytest.approx(image, rel=0.1)
    assert area * across[0] * upwards[0] == pytest.approx(image * across[1] * upwards[1], rel=0.1)
    assert across[0] * upwards[0] == pytest.approx(across[1] * upwards[1], rel=0.05)
    assert p_y.max() <= wide and p_x.max() <= lengths[0]


def strokes(series, *keys: str) -> list[np.ndarray]:
    """Return where the strokes of a chart's only series end: each is a gap, its foot, its end."""
    return [np.array(series[key][-3 * change.STROKES :][2::3], dtype=float) for key in keys]


def test_a_family_without_a_second_number_ignores_it():
    found = CASE.asked("change", family="softplus", a=2)  # b is that of the cubic still
    assert found["without"] == ["b"]


def test_the_drawn_plane_is_the_coupling_s_however_s_and_t_are_given():
    pictured = [
        CASE.asked("coupling", **changes)["frames"][-1]["view"]["items"][1]["items"][1]["layers"]
        for changes in ({}, {"way": "given", "st": [0.5, 1.0]})
    ]
    y = CASE.tables("coupling")["y"]
    for layers in pictured:
        square, image = layers[1]["lines"][0], layers[2]["lines"][0]
        corners = np.array(square), np.array(image)
        assert corners[0][:, 0] == pytest.approx(corners[1][:, 0])  # x₁ is kept
        assert layers[4]["at"][0] == pytest.approx(y.tolist(), abs=1e-3)


@pytest.mark.parametrize("back", [False, True])
def test_log_p_of_the_walk_is_the_flow_s(back, flows):
    walked = through.walk("moons", back, 0)
    sums = through.add_up(walked)
    theirs = flows["realnvp-moons"].log_prob(torch.as_tensor(walked.data)).numpy()
    np.testing.assert_allclose(sums.log_p, theirs, atol=2e-4)
    np.testing.assert_allclose(sums.log_det[-1], walked.layers["log_det"][-1].mean(), rtol=1e-6)


def test_an_nll_below_the_entropy_is_said_to_be_a_bug(flows):
    found = densities.measure("moons", 0)
    assert found.quality["nll"] - found.quality["own"] == pytest.approx(found.quality["kl"])
    assert "above_entropy" in keys(densities.picture(found))
    wrong = dataclasses.replace(found, quality={**found.quality, "below": True})
    assert "below_entropy" in keys(densities.picture(wrong))
    assert not densities.verdicts([wrong])[1]["ok"]


def test_dequantised_training_stays_above_its_floor_and_the_other_falls_through():
    found = CASE.tables("levels")
    P = np.array([0.5, 0.1, 0.05, 0.05, 0.1, 0.05, 0.05, 0.1])
    assert found["floor"] == pytest.approx(-(P * np.log(P)).sum() - math.log(8))
    assert round(found["floor"], 3) == -0.443  # as the scene's answer says
    assert all(row["nll"] >= found["floor"] for row in found["with"])
    assert found["without"][-1]["nll"] < found["floor"] - 5
    run = levels.train(levels.settings(Inputs(rate=0.02), "without"))
    assert run[-1].p.max() > 1000 * run[0].p.max()


def test_a_digit_s_bound_is_that_of_core_and_of_the_api(flows):
    image = pictures.digits()[0][7]
    told = digits.likelihood(image)
    assert told.bound == bound(flows["flow-mnist"], pictures.batch(image))
    assert flow.flow_log_prob("flow-mnist", image.tolist())["log_prob"] == told.bound.log_P
    assert told.levels == 784 and told.round_trip < 0.5 / 256
    asked = digits.turn(told.bound)
    printed = [float(asked["ask"][name]) for name in ("nats", "log2")]  # pyright: ignore
    assert asked["blanks"][0]["rows"][0][0] == pytest.approx(printed[0] / printed[1])
    assert printed[0] / printed[1] == pytest.approx(told.bound.bits, abs=1e-4)


def test_the_last_picture_of_the_sampling_is_a_sample(flows):
    name, tiles = digits.sample_sheets(3, 0.7)[-1]
    assert name == word("undone", n="4", of="4")
    theirs = flows["flow-mnist"].sample(
        24, generator=torch.Generator().manual_seed(3), temperature=0.7
    )
    np.testing.assert_allclose(tiles.reshape(24, 28, 28), theirs[:, 0].numpy(), atol=1e-6)


def test_the_way_between_two_digits_ends_at_them(flows):
    first, last = pictures.digits()[0][[42, 71]]
    way = digits.way_between(first, last, 0)
    np.testing.assert_allclose(way[0], first, atol=1.01 / 255)
    np.testing.assert_allclose(way[-1], last, atol=1.01 / 255)


@pytest.mark.parametrize(
    ("view", "inputs", "field"),
    [
        ("change", {"family": "tanh"}, "family"),
        ("change", {"a": 0}, "a"),
        ("change", {"b": -1}, "b"),
        ("change", {"at": 3}, "at"),
        ("change", {"at": None}, "at"),
        ("coupling", {"way": "net"}, "way"),
        ("coupling", {"x": [1]}, "x"),
        ("coupling", {"x": [1, "a"]}, "x"),
        ("coupling", {"s_line": [6, 0]}, "s_line"),
        ("coupling", {"s_line": [4, 4]}, "s"),
        ("coupling", {"way": "given", "st": [9, 0]}, "s"),
        ("through", {"net": "spiral"}, "net"),
        ("through", {"direction": "up"}, "direction"),
        ("through", {"seed": 0.5}, "seed"),
        ("densities", {"seed": -1}, "seed"),
        ("train", {"masks": "both"}, "masks"),
        ("train", {"couplings": 1}, "couplings"),
        ("train", {"width": 1000}, "width"),
        ("train", {"rate": "fast"}, "rate"),
        ("train", {"opening": [-1]}, "opening"),
        ("train", {"opening": []}, "opening"),
        ("train", {"target": "drawn", "drawn": [[9, 9]]}, "drawn"),
        ("train", {"target": "drawn", "drawn": "face"}, "drawn"),
        ("train", {"show_warp": 1}, "show_warp"),
        ("matching", {"mixture": "pinwheel"}, "mixture"),
        ("matching", {"euler": 3}, "euler"),
        ("levels", {"parts": 0}, "parts"),
        ("levels", {"rate": 1}, "rate"),
        ("digits", {"temperature": -0.1}, "temperature"),
        ("digits", {"digit": 100}, "digit"),
        ("digits", {"other": "x"}, "other"),
        ("digits", {"drawn": "2" * 784}, "drawn"),
    ],
    ids=str,
)
def test_bad_inputs_of_the_page_name_the_field(view, inputs, field, flows):
    assert CASE.refused(view, **inputs)["field"].startswith(field)
