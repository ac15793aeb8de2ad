"""Into the noise: a pixel and its chains, schedules however they are bent, and the loss by hand."""

import numpy as np
import pytest
import torch

from apps import ddpm as tab
from apps.lessons.ddpm import models as m
from apps.lessons.ddpm import schedules
from apps.lessons.ddpm.inputs import Inputs
from apps.stage.server import words
from core.inputs import InputError
from core.models.ddpm.schedule import Schedule
from tests.tab_case import TabCase

CASE = TabCase("ddpm")


def test_the_words_about_schedules_are_true():
    lost = CASE.tables("schedules")["lost"]
    assert lost["linear"] == 476 and lost["cosine"] == 794
    for language in words.LANGUAGES:
        answer = CASE.says(language, 1)["answer"]
        assert "476" in answer and "794" in answer


@pytest.mark.parametrize("half", [0.1, 0.35, 0.9])
@pytest.mark.parametrize("sudden", [0, 0.5, 0.95])
def test_however_it_is_bent_a_schedule_falls_through_one_half(half, sudden):
    plan = m.schedule("bent", Inputs(half=half, sudden=sudden))
    assert (plan.alpha_bar.diff() < 0).all()
    assert plan.alpha_bar[round(1000 * half)].item() == pytest.approx(0.5, abs=0.03)
    assert all(check["ok"] for check in CASE.asked("schedules", half=half, sudden=sudden)["checks"])


def test_a_pixel_by_hand_is_the_closed_form():
    rows = CASE.tables("forward", kind="linear")["pixel"]
    alpha_bar = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))
    by_t = {row[0]: dict(zip(rows[0][1:], row[1:])) for row in rows[1:]}
    first = by_t[0]["mean"]
    for t in (1, 100, 1000):
        assert by_t[t]["alpha_bar"] == pytest.approx(alpha_bar[t - 1], abs=1e-12)
        assert by_t[t]["mean"] == pytest.approx(np.sqrt(alpha_bar[t - 1]) * first, abs=1e-12)
    assert schedules.lost_at(Schedule("linear")) == int(np.argmax(alpha_bar < 0.1)) + 1


def test_a_chain_of_single_steps_keeps_to_the_closed_form():
    law = next(check for check in CASE.asked("forward")["checks"] if "law" in check)
    assert law["ok"] and law["of"] == 100


def test_four_pixels_have_the_loss_of_their_numbers(untrained):
    hand = CASE.tables("loss")["four_pixels"]
    theirs = torch.nn.functional.mse_loss(torch.tensor(hand["guess"]), torch.tensor(hand["noise"]))
    assert hand["loss"] == pytest.approx(theirs.item(), abs=1e-6)


def test_the_last_four_pixels_end_at_the_picture_s_edge(untrained):
    last, beyond = (CASE.asked("loss", row=n, column=n) for n in (26, 27))
    assert last["limits"] == {"row": {"max": 26}, "column": {"max": 26}}
    assert last["frames"] == beyond["frames"]  # the last 2 x 2 there is
    assert all(check["ok"] for check in beyond["checks"])


# ---- the API


def test_the_api_s_noise_is_the_closed_form():
    image = np.zeros((28, 28))
    image[3, 4] = 1
    made = tab.ddpm_forward(image.tolist(), 1000, "linear", 7)
    alpha_bar = np.prod(1 - np.linspace(1e-4, 0.02, 1000))
    assert made["alpha_bar"] == pytest.approx(alpha_bar, abs=1e-15)
    mean = np.sqrt(alpha_bar) * (2 * image - 1)
    np.testing.assert_allclose(made["mean"], mean, atol=1e-12)
    theirs = mean + np.sqrt(1 - alpha_bar) * np.array(made["noise"])
    np.testing.assert_allclose(made["x_t"], theirs, atol=1e-12)
    clean = tab.ddpm_forward(image.tolist(), 0)
    assert clean["snr"] is None
    np.testing.assert_allclose(clean["x_t"], 2 * image - 1)
    bent = {"kind": "bent", "points": [[0.5, 0.5]]}
    assert tab.ddpm_forward(image.tolist(), 500, bent)["alpha_bar"] == pytest.approx(0.5)


@pytest.mark.parametrize("wrong", [1.5, -0.1])
def test_a_pixel_out_of_range_is_refused_with_its_range(wrong):
    image = np.zeros((28, 28)).tolist()
    image[2][3] = wrong
    with pytest.raises(InputError, match=r"at \[2, 3\].* from 0 to 1\.$"):
        tab.ddpm_forward(image, 1)
