"""A run that blows up says so, shows what can be shown, and stops; it is no fault."""

from typing import Any

import pytest

from apps.lessons.gan import plane
from apps.lessons.gan.inputs import Inputs
from tests.tab_case import TabCase, keys, widgets

CASE = TabCase("gan")
HOT = {"optimizer": "momentum", "momentum": 0.9}
BLOWING = [  # view, changes from the start, changes at the opening's end: offered, and they failed
    ("swing", {**HOT, "g_rate": 0.02, "d_rate": 0.02}, {}),
    ("plane", {**HOT, "loss": "least-squares", "g_rate": 0.1, "d_rate": 0.1}, {}),
    ("vanishing", {}, {"loss": "least-squares"}),
]


@pytest.mark.parametrize(("view", "first", "later"), BLOWING, ids=[one[0] for one in BLOWING])
def test_a_run_that_blows_up_is_shown_as_diverging_and_stops(view, first, later):
    frames = CASE.asked(view, **first)["frames"]
    steps = [frame["values"]["x"] for frame in frames]
    assert steps == sorted(set(steps)), "a moment is shown twice"
    last = frames[-1]
    inputs = Inputs(**{**CASE.scene(view)["inputs"], **first, **later, "speed": 100})
    for _ in range(4):
        if "diverged" not in keys(last["view"]):
            last = follow(inputs, last["state"])
    assert "diverged" in keys(last["view"]) and "diverged_short" in keys(last["facts"])
    assert last["checks"] == [] and last["values"]["w1"] is None
    assert list(widgets(last["view"], "field"))
    again = follow(inputs, last["state"])
    assert again["values"]["x"] == last["values"]["x"] and "diverged" in keys(again["view"])
    calm = Inputs(**{**CASE.scene(view)["inputs"], "loss": "hinge", "optimizer": "sgd"})
    assert follow(calm, last["state"], "show")["state"]  # other settings can be tried on it


def follow(inputs: Inputs, state: str, act: str = "both") -> Any:
    """Return the next frame of a run."""
    return plane.RUN.live(inputs, state, act, lambda: False)


def test_a_run_that_learns_is_not_called_diverging():
    for view in ("plane", "vanishing", "swing"):
        for frame in CASE.asked(view)["frames"]:
            assert "diverged" not in keys(frame["view"])
            assert frame["checks"] and all(check["ok"] for check in frame["checks"])
