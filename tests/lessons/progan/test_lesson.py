"""The ProGAN tab: boards against the core, presses, refused inputs, and its endpoints."""

import numpy as np
import pytest

from apps import progan as tab
from apps.lessons.progan.inputs import SIDES, Inputs
from apps.lessons.progan.reduced import reduce_digit
from apps.lessons.shared import pictures
from core.models.progan import by_hand
from tests.tab_case import TabCase, widgets

CASE = TabCase("progan")


@pytest.mark.parametrize("side", SIDES)
def test_a_reduced_digit_is_the_core_s(side):
    import torch

    from core.models.progan.images import frame
    from core.models.progan.images import reduce as reduce_batch

    image = pictures.digits()[0][3]
    level = SIDES.index(side)
    wanted = (reduce_batch(frame(torch.tensor(image)[None, None]), level) + 1) / 2
    np.testing.assert_allclose(reduce_digit(image, side), wanted[0, 0], atol=1e-6)


@pytest.mark.parametrize("new", ["learned", "fresh"])
def test_the_mixture_is_the_endpoint_s(new):
    found = CASE.tables("fade", new=new, steps=4)
    again = tab.progan_fade(found["old"].tolist(), found["new"].tolist(), 0.5)
    np.testing.assert_array_equal(found["out"], again["out"])
    np.testing.assert_allclose(again["old"] + again["new"], again["out"])
    assert again["doubled"].shape == (8, 8)


def test_a_pressed_pixel_is_outlined_on_all_pictures_and_written_out():
    board = CASE.asked("fade", pixel=[7, 0])
    boxes = [one["outlines"][0]["box"] for one in widgets(board["parts"], "raster")]
    assert boxes == [[3, 0, 1, 1], [7, 0, 1, 1], [7, 0, 1, 1]]
    for frame in board["frames"]:
        (sums,) = widgets(frame, "lines")
        assert sums["lines"][0][0].startswith("x[7, 0]")
        (mixed,) = widgets(frame, "raster")
        assert sums["lines"][0][-1]["v"] == pytest.approx(mixed["rows"][7][0], abs=1e-4)


@pytest.mark.parametrize("distinct", [1, 2, 3, 4])
def test_a_batch_has_so_many_different_pictures(distinct):
    found = CASE.tables("deviation", distinct=distinct)
    assert len({one.tobytes() for one in found["batch"]}) == distinct
    np.testing.assert_allclose(
        found["deviations"], np.sqrt(found["batch"].var(0) + by_hand.EPSILON)
    )
    assert found["statistics"][distinct][1] == pytest.approx(found["deviations"].mean())


@pytest.mark.parametrize("width", [16, 64, 256])
def test_sizes_are_those_of_the_core(width):
    found = np.array(CASE.tables("rate", width=width, seed=3)["sizes"][1:])
    x, weights = by_hand.draw_layers(width, 10, 3)
    np.testing.assert_allclose(found[:, 2], by_hand.through_layers(x, weights, 1.0)["found"])


def test_maps_are_louder_and_normalised_as_torch_does():
    import torch.nn.functional as F
    from torch import tensor

    plain, loud = CASE.tables("norm"), CASE.tables("norm", louder=10.0)
    np.testing.assert_allclose(loud["maps"][0], 10 * plain["maps"][0])
    np.testing.assert_array_equal(loud["maps"][1:], plain["maps"][1:])
    wanted = F.rms_norm(tensor(loud["maps"]).movedim(0, -1), (4,), eps=1e-8).movedim(-1, 0)
    np.testing.assert_allclose(loud["out"], wanted)


@pytest.mark.parametrize("part", range(5))
def test_what_a_norm_s_line_says_last_is_in_a_map(part):
    frame = CASE.asked("norm", place=[2, 2])["frames"][part]
    (sums,) = widgets(frame, "lines")
    said = sums["lines"][-1][-1]["v"]
    shown = [one["rows"][2][2] for one in widgets(frame, "raster")]
    assert any(said == pytest.approx(v, abs=1e-4) for v in shown)


def test_the_exercises_ask_for_what_is_so():
    fade, batch, rate, norm = (
        [blank["rows"][0][0] for blank in CASE.asked(view)["turn"]["blanks"]]
        for view in ("fade", "deviation", "rate", "norm")
    )
    old, new = (round(x[at], 2) for x, at in zip(
        (CASE.tables("fade")["old"], CASE.tables("fade")["new"]), ((1, 2), (3, 4))))  # fmt: skip
    assert fade == [pytest.approx(0.25 * old + 0.75 * new)] or fade == [
        pytest.approx(0.75 * old + 0.25 * new)
    ]
    values = np.round(CASE.tables("deviation")["batch"][:, 1, 2], 2)
    assert batch == [pytest.approx(values.mean()), pytest.approx(values.std())]
    assert rate == [pytest.approx((2 / 256) ** 0.5), pytest.approx(0.002 / (2 / 256) ** 0.5)]
    maps = CASE.tables("norm")["maps"][:, 0, 1]
    root = np.sqrt((maps**2).mean())
    assert norm == [pytest.approx(root), pytest.approx(maps[0] / root)]


@pytest.mark.parametrize(
    ("view", "changes", "field"),
    [
        ("fade", {"pixel": [8, 0]}, "pixel"),
        ("fade", {"pixel": 3}, "pixel"),
        ("fade", {"steps": 1}, "steps"),
        ("fade", {"new": "old"}, "new"),
        ("deviation", {"spot": [0]}, "spot"),
        ("deviation", {"distinct": 5}, "distinct"),
        ("rate", {"width": 32}, "width"),
        ("norm", {"place": [0, 3]}, "place"),
        ("norm", {"louder": 11}, "louder"),
    ],
)
def test_bad_input_names_its_field(view, changes, field):
    assert CASE.refused(view, **changes)["field"] == field


def test_the_default_pixel_is_within_the_pictures():
    assert max(Inputs().pixel) < SIDES[1] and max(Inputs().spot) < SIDES[0]
