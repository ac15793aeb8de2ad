"""A flow that trains while it is watched."""

import pytest

from apps.lessons.flow import masks
from apps.lessons.flow.inputs import Inputs
from apps.lessons.flow.train import RUN
from apps.lessons.shared import runs
from apps.stage.declare import controls, parse
from core.inputs import InputError
from core.models.flow import flow2d
from core.models.flow.flow2d import Settings
from tests.tab_case import TabCase

CASE = TabCase("flow")


def test_a_run_opens_goes_on_and_takes_changes():
    inputs = Inputs(target="ring", opening=(0, 2), speed=2)
    first = RUN.board(inputs)
    assert first.get("pins", {})["drawn"] == {"target": "drawn"}
    last = first["frames"][-1]
    assert [(f.get("values") or {})["x"] for f in first["frames"]] == [0, 2]
    state = last.get("state", "")
    then = RUN.live(inputs, state, "both", lambda: False).get("values") or {}
    assert then["x"] == 4 and then["nll"] != (last.get("values") or {})["nll"]
    other = Inputs(target="moons", opening=(0,))
    changed = RUN.live(other, state, "show", lambda: False).get("values") or {}
    assert changed["x"] == 2 and changed["entropy"] != then["entropy"]
    for size in ({"couplings": 2}, {"masks": "fixed"}, {"width": 16}):  # another net begins at 0
        anew = RUN.live(parse(Inputs, size), state, "show", lambda: False)
        assert (anew.get("values") or {})["x"] == 0
    with pytest.raises(InputError, match="act"):
        RUN.live(inputs, state, "d", lambda: False)


def test_both_flows_of_the_masks_go_on_with_the_limit_in_every_frame():
    inputs = Inputs(target="ring", opening=(0, 2), speed=2, couplings=2, width=8)
    board = masks.RUN.board(inputs)
    frames = [f.get("values") or {} for f in board["frames"]]
    assert [f["x"] for f in frames] == [0, 2] and frames[0]["fixed"] == frames[0]["alternate"]
    state = board["frames"][-1].get("state", "")
    then = masks.RUN.live(inputs, state, "both", lambda: False)
    values = then.get("values") or {}
    assert values["x"] == 4 and values["limit"] == frames[0]["limit"]
    assert all(one["ok"] for one in then.get("checks", []))
    other = masks.RUN.live(
        Inputs(target="moons", couplings=2, width=8), state, "show", lambda: False
    )
    assert (other.get("values") or {})["limit"] != values["limit"]
    assert "drawn" not in board.get("limits", {})["target"].get("options", [])


def test_what_starts_a_net_anew_starts_the_run_anew():
    known = CASE.tab.controls
    assert all(known[name].get("restarts") for name in ("couplings", "width", "masks", "seed"))


def test_a_run_that_is_over_stops_early():
    done = []

    def advance(state, n):
        done.append(n)
        return state + n, [{"step": i} for i in range(n)]

    assert runs.on(0, 100, advance, lambda: len(done) >= 3)[0] == 3 * runs.CHUNK
    assert runs.on(0, 7, advance, lambda: False)[0] == 7
    assert runs.on(0, 100, lambda state, n: (state, []), lambda: False) == (0, [])


def test_few_points_are_repeated():
    assert runs.enough(((1.0, 2.0),)) == ((1.0, 2.0),) * 3
    assert runs.enough(()) == ((0.0, 0.0),) * 3
    three = ((0.0, 1.0), (1.0, 1.0), (2.0, 1.0))
    assert runs.enough(three) == three


def test_erasing_the_points_leaves_an_empty_drawing_to_be_learned():
    erase = CASE.tab.controls["erase"]
    assert erase.get("brings") == {"true": {"drawn": [], "target": "drawn"}}
    assert erase.get("restarts")


@pytest.mark.parametrize("name", ["couplings", "width", "batch", "rate", "sigma", "seed"])
def test_the_model_takes_all_that_a_control_offers(name):
    """One bound each: what the slider has, its reader takes, and the run does."""
    control = controls(Inputs)[name]
    ends = [control[end] for end in ("min", "max") if end in control]
    for value in [*ends, *control.get("options", [])]:
        settings = RUN.settings(parse(Inputs, {name: value}))
        assert getattr(settings, name) == value


@pytest.mark.parametrize("sigma", [0.0199, 0.5001])
def test_a_width_beyond_the_slider_is_refused_by_slider_and_model_alike(sigma):
    parts = CASE.refused("train", target="drawn", drawn=[[0, 0]], sigma=sigma)
    with pytest.raises(InputError) as refused:
        Settings(target="drawn", points=((0, 0),) * 3, sigma=sigma)
    assert parts == refused.value.parts and parts["field"] == "sigma"


def test_targets_and_masks_of_the_page_are_the_model_s():
    known = controls(Inputs)
    assert set(known["target"].get("options", [])) <= set(flow2d.TARGETS)
    assert tuple(known["masks"].get("options", [])) == flow2d.MASKS
