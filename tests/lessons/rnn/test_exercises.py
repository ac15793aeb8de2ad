"""The RNN lesson's exercises: each answer follows from what its frame prints."""

import numpy as np
import torch

from tests.lessons.rnn.again import CASE
from tests.tab_case import widgets


def asked_blanks(scene):
    """Return a scene's exercise: the frame it is asked at, and its answers."""
    board = CASE.asked(CASE.scenes[scene - 1])
    turn = board["turn"]
    answers = [np.array(blank["rows"], dtype=float).ravel() for blank in turn["blanks"]]
    return board["frames"][turn["frame"]], answers


def test_every_scene_has_an_exercise():
    assert all(CASE.asked(scene)["turn"] for scene in CASE.scenes)


def test_the_loss_of_e_follows_from_its_bar():
    frame, (answer,) = asked_blanks(4)
    (bars,) = widgets(frame["view"], "bars")
    printed = round(bars["items"][0]["v"], bars["digits"])
    assert round(-np.log(printed), 3) == round(float(answer[0]), 3)


def test_a_guess_among_three_costs_log_three():
    _, (answer,) = asked_blanks(6)
    assert np.isclose(answer, -np.log(1 / 3)).all()


def test_the_error_at_the_output_follows_from_what_is_printed():
    frame, (do, dh) = asked_blanks(5)
    printed = {
        str(w["label"]): np.round(np.array(w["rows"], dtype=float), 4)
        for w in widgets(frame["view"], "matrix")
    }
    one_hot = next(v for k, v in printed.items() if "one_hot" in k)
    error = (printed["ŷ₈"] - one_hot).ravel()
    assert np.abs(error - do).max() < 1e-4
    assert np.abs(printed["Vᵀ"] @ error - dh).max() < 1.5e-4


def test_memory_and_state_follow_from_the_gates():
    frame, (c, h) = asked_blanks(8)
    printed = [
        np.round(np.array(w["rows"], dtype=float).ravel(), 3)
        for w in widgets(frame["view"], "matrix")
    ]
    _, c1, _, i, f, g, o = printed[:7]
    again = f * c1 + i * g
    assert np.abs(again - c).max() < 1.5e-3
    assert np.abs(o * np.tanh(again) - h).max() < 1.5e-3
    hidden = [w["key"] for w in widgets(frame["view"]) if w.get("key")]
    assert hidden.count("c2") == 2 and hidden.count("h2") == 2  # in the matrix and in the lines


def test_the_exercise_asks_for_one_more_tap():
    """The answer is how many inputs a convolution with three taps a layer depends on."""
    (blank,) = CASE.asked(CASE.scenes[9])["turn"]["blanks"]
    x = torch.zeros(64, dtype=torch.float64, requires_grad=True)
    z = x[None, None]
    for step in (1, 2, 4, 8):
        w = torch.ones(1, 1, 3, dtype=torch.float64)
        z = torch.nn.functional.conv1d(torch.nn.functional.pad(z, (2 * step, 0)), w, dilation=step)
    (reached,) = torch.autograd.grad(z[0, 0, -1], x)
    assert blank["rows"] == [[int((reached != 0).sum())]]
