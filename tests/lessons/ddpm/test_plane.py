"""In the plane: both ways out of the noise, a run that trains while it is watched, refused inputs,
and the home page's picture.
"""

import json

import numpy as np
import pytest

from apps.lessons.ddpm.inputs import MIXTURES
from apps.stage.server import home_card
from apps.stage.server.boards import answers
from tests.tab_case import TabCase

CASE = TabCase("ddpm")


def test_both_ways_come_as_near_as_data_do():
    found = CASE.tables("plane")
    near, own = found["w1"], found["w1"]["data against data"]
    assert near["sde"] < 1.5 * own and near["ode"] < 1.5 * own
    ends = [np.array(found[way]) for way in ("sde", "ode")]
    assert np.linalg.norm(ends[0] - ends[1], axis=1).mean() > 0.5  # other places all the same


@pytest.mark.parametrize("landscape", MIXTURES)
def test_every_target_is_checked(landscape):
    assert all(check["ok"] for check in CASE.asked("plane", landscape=landscape, cuts=10)["checks"])


def live(state, act, **changes):
    """Return the next frame of a run, or the error."""
    *_, call = answers(CASE.tab)
    inputs = {**CASE.scene("train")["inputs"], "opening": [0], "speed": 5, **changes}
    reply = json.loads(call({"view": "train", "inputs": inputs, "state": state, "act": act}))
    return reply.get("ok", reply)


def test_the_score_gets_nearer_while_the_loss_stays_far_from_0():
    frames = CASE.asked("train", opening=[0, 100, 300])["frames"]
    values = [frame["values"] for frame in frames]
    assert values[2]["error_300"] < 0.8 * values[1]["error_300"] < values[0]["error_300"]
    assert values[2]["loss"] > 0.8 * values[1]["loss"] > 0.4


def test_other_sizes_begin_anew_and_a_drawing_is_learned():
    start = CASE.asked("train", opening=[0, 5], width=16)["frames"][-1]
    assert live(start["state"], "show", width=16)["values"]["x"] == 5
    drawn = live(start["state"], "both", width=16, target="drawn", drawn=[[0, 0], [1, 1], [-1, 1]])
    assert drawn["values"]["x"] == 10 and drawn["checks"][0]["ok"]
    flat = live(start["state"], "show", width=16, target="checkerboard")
    assert flat["values"]["error_300"] is None and flat["checks"][0]["ok"]
    assert live(start["state"], "sideways")["error"]["rule"] == "choice"


def test_both_clearings_bring_an_empty_drawing_of_their_own_kind():
    controls = CASE.tab.controls
    pictures, points = (controls[name].get("brings", {})["true"] for name in ("clear", "erase"))
    assert CASE.asked("forward", **pictures)["frames"]
    assert CASE.asked("train", opening=[0], **points)["frames"]
    for scene in CASE.scenes:
        assert ("erase" if scene["view"] != "train" else "clear") not in scene["controls"]


# ---- what a page sends that is refused

BAD_INPUTS = [
    ("forward", {"kind": "square"}, "kind"),
    ("forward", {"row": 28}, "row"),
    ("forward", {"column": -1}, "column"),
    ("forward", {"seed": 0.5}, "seed"),
    ("forward", {"drawn": "01"}, "drawn"),
    ("forward", {"drawn": [[0, 0]]}, "drawn"),
    ("schedules", {"half": 0}, "half"),
    ("schedules", {"sudden": 1}, "sudden"),
    ("schedules", {"digit": 100}, "digit"),
    ("loss", {"t": 0}, "t"),
    ("loss", {"t": 1001}, "t"),
    ("loss", {"row": "x"}, "row"),
    ("reverse", {"label": "10"}, "label"),
    ("reverse", {"guidance": 11}, "guidance"),
    ("reverse", {"steps": 1}, "steps"),
    ("reverse", {"steps": 1001}, "steps"),
    ("reverse", {"eta": 1.5}, "eta"),
    ("reverse", {"points": -1}, "points"),
    ("steps", {"most": "2000"}, "most"),
    ("steps", {"eta": "DDPM"}, "eta"),
    ("guide", {"label": "any"}, "label"),
    ("guide", {"seed": -1}, "seed"),
    ("plane", {"landscape": "checkerboard"}, "landscape"),
    ("plane", {"cuts": 1000}, "cuts"),
    ("train", {"target": "hexagon"}, "target"),
    ("train", {"t": 0, "opening": [0]}, "t"),
    ("train", {"way": "sideways", "opening": [0]}, "way"),
    ("train", {"width": 1000}, "width"),
    ("train", {"opening": [-1]}, "opening"),
    ("train", {"target": "drawn", "drawn": [[9, 9]]}, "drawn"),
    ("train", {"target": "drawn", "drawn": "0" * 784}, "drawn"),
    ("survive", {"letter": "B"}, "letter"),
    ("complete", {"hidden": "middle"}, "hidden"),
    ("complete", {"repeats": 6}, "repeats"),
    ("complete", {"fill_steps": 1}, "fill_steps"),
]


@pytest.mark.parametrize(("view", "inputs", "field"), BAD_INPUTS, ids=str)
def test_bad_inputs_of_the_page_name_the_field(view, inputs, field):
    assert CASE.refused(view, **inputs)["field"].startswith(field)


# ---- home


def test_the_home_picture_s_points_lie_on_two_moons():
    points = np.array(home_card.picture("ddpm")["layers"][-1]["at"]) / 1.5 + [0.5, 0.25]
    upper = np.abs(np.linalg.norm(points, axis=1) - 1)
    lower = np.abs(np.linalg.norm(points - [1, 0.5], axis=1) - 1)
    assert len(points) == 150 and np.minimum(upper, lower).max() < 0.15
