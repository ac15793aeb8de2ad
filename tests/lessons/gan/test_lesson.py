"""The GAN tab: scenes say what their numbers say, inputs are checked, the API is core's."""

from typing import Any

import numpy as np
import pytest
import torch

from apps import gan as tab
from apps.lessons.gan import inputs as gan_inputs
from apps.lessons.gan import plane
from apps.lessons.gan.inputs import CURES, Inputs
from apps.lessons.shared import runs
from apps.stage.server import words
from core.models.flat.packing import unpack
from core.models.gan import by_hand, gan2d, gan2d_picture, gan2d_settings, losses, slide
from core.models.gan.check import push_delta
from tests.tab_case import TabCase, widgets

CASE = TabCase("gan")
board = CASE.asked


def frame(made, key, which=0):
    """Return a frame by its name's key."""
    return [f for f in made["frames"] if f["name"]["k"] == key][which]


def column(view, label):
    """Return the entries of the first matrix under a label."""
    found = next(m for m in widgets(view, "matrix") if m["label"] == label)
    return np.array(found["rows"], dtype=float)


def results(view):
    """Return the last number of each written line."""
    return [
        next(piece["v"] for piece in reversed(line) if isinstance(piece, dict) and "v" in piece)
        for widget in widgets(view, "lines")
        for line in widget["lines"]
    ]


def said(scene):
    """Return what a scene says in each language, minus signs plain."""
    return [" ".join(CASE.says(language, scene).values()) for language in words.LANGUAGES]


# ---- the discriminator by hand


def test_the_slide_s_step_to_eight_decimals():
    made = board("step")
    back = frame(made, "part_dz")["view"]
    wanted = [-0.01883779, -0.01429220, -0.00946647]
    np.testing.assert_allclose(column(back, "∂L/∂w₁")[:, 0], wanted, rtol=0, atol=5.1e-9)
    assert results(frame(made, "part_D")["view"]) == [pytest.approx(0.61698723, abs=5.1e-9)]


def test_every_line_ends_in_the_trace_s_number():
    made, trace = board("step"), by_hand.gan_backward(**slide.discriminator_case())
    for part in ("h", "a", "dw2", "da", "dh", "dw1"):
        shown = results(frame(made, f"part_{part}")["view"])
        np.testing.assert_array_equal(shown, np.ravel(trace[part]))
    for part in ("D", "loss", "dz"):
        assert results(frame(made, f"part_{part}")["view"]) == [trace[part]]
    assert results(frame(made, "part_z")["view"])[-1] == trace["z"]


def test_misprints_are_outlined_on_the_slide_s_numbers_alone():
    made = board("step")
    marks = [m["mark"] for m in widgets(frame(made, "slip_title", 1), "matrix") if m["mark"]]
    assert marks == [[[1, 0]]]
    for changes in ({"label": "fake"}, {"x": [0.4]}):
        names = {f["name"]["k"] for f in board("step", **changes)["frames"]}
        assert "slip_title" not in names and "part_update" in names


def test_the_first_scene_says_what_its_numbers_are():
    trace = by_hand.gan_backward(**slide.discriminator_case())
    for text in said(0):
        assert str(np.round(trace["dw2"], 3).tolist()) in text
        assert f"{trace['dw1'][1, 0]:.3f}" in text and "-0.017" in text


def test_a_generated_x_turns_the_error_s_sign():
    made = board("step", label="fake")
    assert made["checks"][0]["ok"]
    (dz,) = results(frame(made, "part_dz")["view"])
    (D,) = results(frame(made, "part_D")["view"])
    assert dz == D > 0


@pytest.mark.parametrize(("view", "name"), [("step", "dw1"), ("generator", "dx")])
def test_your_turn_hides_what_it_asks_and_nothing_gives_it_away(view, name):
    made = board(view)
    turn = made["turn"]
    keys = {blank["key"] for blank in turn["blanks"]}
    assert name in keys
    shown = made["frames"][turn["frame"]]["view"]
    drawn = {m["key"] for m in widgets(shown, "matrix")}
    assert keys <= drawn
    for widget in widgets(shown, "matrix"):
        if widget["key"] not in keys:
            for blank in turn["blanks"]:
                assert widget["rows"] != blank["rows"]


def test_rounding_as_one_goes_is_shown_and_its_gap_said():
    made = board("step", rounded=True, decimals=2)
    rounded = by_hand.gan_backward(**slide.discriminator_case(), decimals=2)
    shown = column(frame(made, "part_dz")["view"], "∂L/∂w₁")
    np.testing.assert_array_equal(shown, rounded["dw1"])
    assert made["facts"][0]["v"] > 1e-3 and made["checks"][0]["ok"]


@pytest.mark.parametrize("size", [(1, 1), (4, 8)])
def test_nets_of_other_sizes_are_drawn_too(size):
    n, H = size
    rng = np.random.default_rng(0)
    x, w1, w2 = rng.normal(size=n), rng.normal(size=(H, n)), rng.normal(size=H)
    made = board("step", x=x.tolist(), w1=w1.tolist(), w2=w2.tolist())
    assert made["checks"][0]["ok"]
    assert len(results(frame(made, "part_dw1")["view"])) == n * H
    nets = {"w1": w1.tolist(), "w2": w2.tolist(), "u": [0.3, -0.2]}
    nets |= {"v1": rng.normal(size=(3, 2)).tolist(), "v2": rng.normal(size=(n, 3)).tolist()}
    assert board("generator", **nets)["checks"][0]["ok"]


# ---- the generator by hand


@pytest.mark.parametrize("loss", by_hand.LOSSES)
@pytest.mark.parametrize("judge", ["slide", "sure"])
def test_the_generator_s_lines_end_in_the_trace_s_numbers(loss, judge):
    rate = 1 if judge == "slide" else 0.1
    made = board("generator", g_loss=loss, judge=judge, rate=rate)
    case = slide.generator_case() if judge == "slide" else slide.sure_case()
    trace = by_hand.generator_step(**{**case, "rate": rate}, loss=loss)
    both = results(frame(made, "name_factor")["view"])
    assert both == [trace["factors"]["minimax"], trace["factors"]["non-saturating"]]
    lit = next(widgets(frame(made, "name_factor")["view"], "lines"))["on"]
    assert both[lit] == trace["dz"]
    assert results(frame(made, "part_g_loss")["view"])[lit] == trace["loss"]
    assert results(frame(made, "part_dx")["view"])[-1] == trace["dx"][0]
    for part in ("dv1", "dv2"):
        shown = results(frame(made, f"part_{part}")["view"])
        np.testing.assert_array_equal(shown, np.ravel(trace[part]))
    ends = results(frame(made, "part_update")["view"])
    assert ends == [trace["after"]["x"][0], trace["after"]["D"], trace["after"]["g_loss"]]
    assert made["checks"][0]["ok"]


def test_the_second_scene_says_what_its_numbers_are():
    D = by_hand.generator_step(**slide.generator_case())["D"]
    sure = by_hand.generator_step(**slide.sure_case())["D"]
    assert 95 < (1 - sure) / sure < 105
    for text in said(1):
        for number in (D, 1 - D, sure):
            assert f"{number:.3f}" in text


def test_the_chart_crosses_at_one_half_and_rings_d():
    made = board("generator")
    chart = next(widgets(frame(made, "name_factor")["view"], "chart"))
    minimax, other = (np.array(s["y"]) for s in chart["series"])
    D = np.array(chart["series"][0]["x"])
    assert np.all((np.abs(minimax) < np.abs(other)) == (D < 0.5))
    assert chart["cursor"] in D


# ---- the plane


def pushed(view, **changes):
    """Return the mean gradient that G gets at each shown moment."""
    return [one["values"]["push"] for one in board(view, **changes)["frames"]]


def test_minimax_starves_where_the_discriminator_is_sure_and_others_do_not():
    short = {"opening": [0, 20]}
    first, last = pushed("vanishing", **short)
    assert last < first / 2
    for loss in ("non-saturating", "wgan-gp"):
        first, last = pushed("vanishing", loss=loss, **short)
        assert last > 2 * first


def test_a_wrong_push_is_seen_by_its_check():
    settings = plane.RUN.settings(Inputs(loss="hinge", d_width=8, pack=2))
    state = gan2d.begin(settings)
    seen = gan2d_picture.describe(state, settings, side=8)
    assert push_delta(state, settings, seen["at"], seen["push"])["delta"] < 1e-6
    assert push_delta(state, settings, seen["at"], seen["push"] + 0.01)["delta"] > 5e-3


def test_a_wrong_push_is_seen_where_the_right_one_is_large_too():
    settings = plane.RUN.settings(Inputs(loss="wasserstein"))
    state = gan2d.begin(settings)
    state["d"] = 20 * state["d"]
    seen = gan2d_picture.describe(state, settings, side=8)
    assert np.abs(seen["push"]).max() > 50
    wrong = push_delta(state, settings, seen["at"], 1.01 * seen["push"])
    assert wrong["delta"] == pytest.approx(0.01, rel=0.01)


@pytest.mark.parametrize("loss", ["minimax", "non-saturating", "least-squares", "wasserstein"])
def test_every_loss_is_checked_green(loss):
    made = board("plane", loss=loss, opening=[0, 3])
    assert all(frame["checks"][0]["ok"] for frame in made["frames"])


def test_a_drawing_becomes_the_target_and_is_pinned():
    points = [[1, 1], [1.2, 1], [1, 1.3]]
    made = board("plane", target="drawn", drawn=points, opening=[0])
    (field,) = widgets(made["frames"][0]["view"], "field")
    assert field["points"] == points and field["edit"] == "drawn"
    assert made["pins"] == {"drawn": {"target": "drawn"}}


def test_settings_change_in_mid_run_and_one_net_trains_alone():
    changed = {"g_width": 8, "loss": "hinge", "optimizer": "rmsprop"}

    def on(state, act):
        frame: Any = plane.RUN.live(Inputs(speed=1, **changed), state, act, lambda: False)
        return frame

    first = board("plane", opening=[0])["frames"][0]["state"]
    wide = on(first, "both")
    before, about = unpack(wide["state"])
    assert about["g_width"] == 8 and about["loss"] == "hinge" and wide["values"]["x"] == 1
    after, _ = unpack(on(wide["state"], "d")["state"])
    assert torch.equal(before["g"], after["g"]) and not torch.equal(before["d"], after["d"])
    after, _ = unpack(on(wide["state"], "g")["state"])
    assert torch.equal(before["d"], after["d"]) and not torch.equal(before["g"], after["g"])


def test_a_piece_ends_when_others_wait():
    inputs = Inputs(speed=100, g_width=4, d_width=4)
    state = plane.RUN.board(inputs)["frames"][0].get("state", "")
    frame: Any = plane.RUN.live(inputs, state, "both", lambda: True)
    assert frame["values"]["x"] == runs.CHUNK


def test_every_cure_is_a_setting_that_runs():
    for name, changes in CURES.items():
        assert (
            board("collapse", cure=name, **changes, opening=[0, 2])["frames"][-1]["values"]["x"]
            == 2
        )


# ---- inputs, files, the home page


@pytest.mark.parametrize(
    ("view", "changes", "field"),
    [
        ("step", {"x": ["abc"]}, "x"),
        ("step", {"x": [101]}, "x"),
        ("step", {"w1": [[0.1], [0.2]]}, "w2"),
        ("step", {"w2": [1, 2]}, "w2"),
        ("step", {"label": "maybe"}, "label"),
        ("step", {"rate": -1}, "rate"),
        ("step", {"decimals": 9, "rounded": True}, "decimals"),
        ("step", {"rounded": "yes"}, "rounded"),
        ("generator", {"u": [None]}, "u"),
        ("generator", {"v2": [[1, 2, 3]]}, "v2"),
        ("generator", {"g_loss": "hinge"}, "g_loss"),
        ("generator", {"judge": "blind"}, "judge"),
        ("plane", {"target": "donut"}, "target"),
        ("plane", {"target": "drawn", "drawn": [[0, 0], [9, 9], [1, 1]]}, "drawn"),
        ("plane", {"loss": "l2"}, "loss"),
        ("plane", {"batch": 3}, "batch"),
        ("plane", {"d_rate": -1}, "d_rate"),
        ("plane", {"opening": [0, 10**6]}, "opening"),
        ("plane", {"opening": []}, "opening"),
        ("plane", {"charts": ["all"]}, "charts"),
        ("plane", {"target": "drawn", "drawn": "0" * 784}, "drawn"),
    ],
)
def test_a_bad_input_becomes_a_sentence_that_names_it(view, changes, field):
    assert CASE.refused(view, **changes)["field"].startswith(field)


def test_what_can_be_chosen_is_what_core_knows():
    assert set(gan_inputs.TARGETS) == set(gan2d_settings.TARGETS)
    assert set(gan_inputs.PRIORS) == set(gan2d_settings.PRIORS)
    assert gan_inputs.OPTIMIZERS == gan2d_settings.OPTIMIZERS
    assert gan_inputs.LOSSES == losses.KINDS
    assert plane.RUN.settings(Inputs()) == gan2d_settings.Settings()


# ---- the API


def test_the_api_s_gradient_has_the_shape_of_its_weight():
    case = slide.discriminator_case()
    nested = tab.gan_backward(**case)
    flat = tab.gan_backward(**{**case, "w1": [row[0] for row in case["w1"]]})
    assert set(nested) == {"a", "z", "D", "loss", "dz", "dw2", "dw1"}
    assert np.shape(nested["dw1"]) == (3, 1) and np.shape(flat["dw1"]) == (3,)
    np.testing.assert_array_equal(nested["dw1"][:, 0], flat["dw1"])
