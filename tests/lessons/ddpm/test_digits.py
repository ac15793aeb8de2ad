"""Out of the noise: long samplings in pieces, guidance, completion, and what a page is told where
the trained net is not here.
"""

from typing import Any

import numpy as np
import pytest
import torch

from apps import ddpm as tab
from apps.lessons.ddpm import chains, complete, guide, survive
from apps.lessons.ddpm import models as m
from apps.lessons.ddpm import steps as ddpm_steps
from apps.lessons.ddpm.inputs import HIDDEN
from apps.lessons.shared import pictures
from apps.stage.server.boards import kept_board
from core import weights
from core.inputs import InputError
from core.models.ddpm import samplers
from core.models.ddpm.forward import to_images
from tests.lessons.ddpm.conftest import forget
from tests.tab_case import TabCase, keys, refuse

CASE = TabCase("ddpm")
VIEWS = ("loss", "reverse", "steps", "guide", "survive", "complete")


@pytest.mark.parametrize("view", VIEWS)
def test_a_scene_of_digits_is_checked_under_any_net(untrained, view):
    board = CASE.asked(view)
    assert board["checks"] and all(check["ok"] for check in board["checks"]), board["checks"]
    assert board["fleeting"] is False


@pytest.mark.parametrize("view", VIEWS)
def test_a_net_that_is_not_here_is_said_in_one_sentence(view, monkeypatch):
    monkeypatch.setattr(weights, "load", refuse)
    forget()
    board = CASE.asked(view)
    assert kept_board.cache_info().currsize == 0  # asked again, it looks again
    assert board["fleeting"] and "absent_why" in keys(board["frames"])
    assert board["checks"] and all(check["ok"] for check in board["checks"])


@pytest.mark.parametrize(("label", "eta"), [("any", 1), ("3", 0)])
def test_the_chain_ends_where_the_model_s_own_sample_does(untrained, label, eta):
    board = CASE.whole("reverse", label=label, eta=eta, steps=20, guidance=2, seed=0)
    labels = None if label == "any" else torch.tensor([int(label)])
    draw = torch.Generator().manual_seed(0)
    options = {"labels": labels, "guidance": 2.0, "steps": 20, "eta": float(eta)}
    theirs = untrained.sample(1, generator=draw, **options)[0, 0]
    np.testing.assert_allclose(board["tables"]["image"], theirs, atol=1e-6)


def test_a_thousand_steps_come_in_pieces_and_in_few_frames(untrained):
    first = CASE.asked("reverse", steps=1000)
    assert first["more"]["done"] < first["more"]["of"] == 1001
    second = CASE.asked("reverse", steps=1000, points=first["more"]["next"])
    assert second["more"]["done"] == first["more"]["next"]
    assert len(second["frames"]) >= len(first["frames"])
    assert len(chains.film_of(1001)) == chains.MOST_SHOWN
    out_of_nothing = CASE.asked("reverse", steps=1000, seed=9, points=900)
    assert out_of_nothing["more"]["done"] == chains.WORK


def test_both_ways_start_alike_and_the_wait_grows_with_the_steps(untrained):
    board = CASE.whole("steps", seed=1)
    assert board["more"]["of"] == 2 * (5 + 10 + 20 + 50) + 8 and len(board["frames"]) == 4
    rows = np.array(board["tables"]["ways"][1:], dtype=float)
    assert rows[:, 0].tolist() == [5, 10, 20, 50]
    np.testing.assert_allclose(rows[:, 1] / rows[:, 0], rows[0, 1] / 5)
    alone = CASE.whole("steps", seed=1, eta=0)
    assert alone["more"]["of"] == (5 + 10 + 20 + 50) + 4


def test_guidance_by_hand_is_the_net_s_own(untrained):
    pair = guide.guesses(0, 7)
    for w in (0.0, 1.0, 4.0):
        theirs = untrained.predict(pair.x, pair.alpha_bar, torch.tensor([7]), w)
        made = guide.under_weight(pair, w)
        np.testing.assert_allclose(made.eps, theirs[0][0, 0], atol=1e-5)
        np.testing.assert_allclose(made.x0, theirs[1][0, 0], atol=1e-5)
    assert len(CASE.whole("guide")["frames"]) == len(guide.WEIGHTS)


def test_guidance_asks_for_a_digit(untrained):
    assert "any" not in CASE.asked("guide")["limits"]["label"]["options"]
    assert CASE.refused("guide", label="any")["field"] == "label"


def test_the_difference_of_pictures_is_over_all_pairs():
    images = np.random.default_rng(0).random((6, 28, 28))
    pairs = [((a - b) ** 2).mean() for i, a in enumerate(images) for b in images[:i]]
    assert m.spread(images) == pytest.approx(np.sqrt(np.mean(pairs)), abs=1e-12)


def test_a_picture_is_noised_by_the_closed_form(untrained):
    image = pictures.digits()[0][52]
    way = survive.back(image, 400, 3)
    way.up_to(1)
    noise = torch.randn(4, 28, 28, generator=torch.Generator().manual_seed(3)).numpy()
    alpha_bar = untrained.schedule.alpha_bar[400].item()
    theirs = np.sqrt(alpha_bar) * (2 * image - 1) + np.sqrt(1 - alpha_bar) * noise
    np.testing.assert_allclose(way.shown[0]["x"], theirs, atol=1e-5)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_is_given_stays_and_only_that(untrained, hidden):
    board = CASE.whole("complete", hidden=hidden, fill_steps=10)
    law = next(check for check in board["checks"] if "law" in check)
    assert law["holds"] == law["of"] == complete.COUNT * 28 * 14
    image, mask = pictures.digits()[0][92], complete.visible(hidden)
    made = np.array(board["tables"]["images"])
    assert np.abs(made - image)[:, mask == 0].max() > 0.1
    assert not complete.unchanged_law(image, mask, made + 1e-3)[0]["ok"]


@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_a_wrong_step_is_noticed(untrained, monkeypatch, eta):
    right = samplers.step
    good = chains.free(2, 5, None, 1.0, 10, eta)
    assert chains.step_check(good)["ok"]
    monkeypatch.setattr(samplers, "step", lambda *a: right(*a) + 1e-3)
    bad = chains.free(2, 6, None, 1.0, 10, eta)
    assert not chains.step_check(bad)["ok"]


def test_the_api_s_digits_are_the_model_s(untrained):
    made = tab.ddpm_sample(2, seed=5, label=4, guidance=3.0, steps=4, eta=0.5)
    draw = torch.Generator().manual_seed(5)
    *_, last = untrained.sampling(
        2, labels=torch.full((2,), 4), guidance=3.0, steps=4, eta=0.5, generator=draw
    )
    np.testing.assert_allclose(made["images"], to_images(last["x"])[:, 0], atol=1e-6)
    with pytest.raises(InputError, match="steps"):
        tab.ddpm_sample(16, steps=251)  # more work than one call may ask for


# ---- what was measured


def test_the_chart_of_steps_shows_the_measured_guidance_that_is_nearest(monkeypatch):
    point = {"error": 0.1, "label_accuracy": 1.0}
    points = [
        {**point, "steps": steps, "eta": eta, "guidance": w, "frechet": w + eta + steps}
        for w in (1.0, 2.0)
        for eta in (0.0, 1.0)
        for steps in (20, 5)
    ]
    floor = {"frechet": 0.25, "spread": 0.01, "sets": 30}
    found = {"samples": 500, "points": points, "floor": floor}
    monkeypatch.setattr(m, "step_curves", lambda: found)
    chart: Any = ddpm_steps.quality(20, 4.0)
    assert [one["x"] for one in chart["series"]] == [[5, 20], [5, 20]]
    assert chart["series"][1]["y"] == [8.0, 23.0] and chart["label"]["w"] == "2"
    low, high = chart["series"][0]["band"]
    np.testing.assert_allclose(np.subtract(high, low), 2 * 1.96 * 0.1)
    assert chart["rules"][0]["y"] == 0.25 and chart["cursor"] == 20
    assert ddpm_steps.quality(20, 1.0)["label"]["w"] == "1"  # pyright: ignore
    monkeypatch.setattr(m, "step_curves", lambda: None)
    missing: Any = ddpm_steps.quality(20, 2.0)
    assert missing["text"]["k"] == "no_steps"


def test_what_was_measured_is_of_the_weights_that_ship(monkeypatch):
    assert m.step_curves() is not None
    monkeypatch.setattr("core.weights.card.cards", dict)
    assert m.step_curves() is None
