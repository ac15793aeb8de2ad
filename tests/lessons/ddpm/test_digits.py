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
from core.weights import card
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


# ---- the card


def test_only_figures_of_as_many_samples_stand_together(monkeypatch):
    def row(value: float, steps: int, samples: int = 500, **other) -> dict:
        about = {"quantity": "Fréchet", "eta": 0.0, "guidance": 2.0, **other}
        return {"value": value, "steps": steps, "samples": samples, **about}

    class Card:
        metrics_of = card.Card.metrics_of
        metrics = {
            "DDIM: Fréchet, 250 steps": row(2.0, 250),
            "DDIM: Fréchet, 5 steps": row(9.0, 5),
            "DDIM: Fréchet, 1000 steps": row(5.0, 1000, samples=100),
            "DDIM: label accuracy, 5 steps": row(0.9, 5, quantity="label accuracy"),
            "DDIM, w = 1: Fréchet, 5 steps": row(7.0, 5, guidance=1.0),
            "DDPM: Fréchet, 5 steps": row(90.0, 5, eta=1.0),
        }

    monkeypatch.setattr("core.weights.card.cards", lambda: {"ddpm-mnist": Card()})
    assert m.card_distances(0.0) == ({5: 9.0, 250: 2.0}, 500)
    assert m.card_distances(1.0) == ({5: 90.0}, 500)
    chart: Any = ddpm_steps.quality(20)
    assert [one["x"] for one in chart["series"]] == [[5, 250], [5]] and chart["cursor"] == 20
    monkeypatch.setattr("core.weights.card.cards", dict)
    missing: Any = ddpm_steps.quality(20)
    assert missing["text"]["k"] == "no_card"


# ---- the words about the trained net


def test_the_words_about_guidance_are_true():
    rows = np.array(CASE.whole("guide")["tables"]["by_weight"][1:], dtype=float)
    assert (np.diff(rows[:4, 1]) > 0).all() and rows[-1, 1] > rows[1, 1]  # obeys more
    assert (np.diff(rows[:, 2]) < 0).all()  # differs less


def test_the_words_about_ddim_are_true():
    board = CASE.whole("steps")
    for frame in board["frames"][1:]:
        ddim, ddpm = (fact["v"] for fact in frame["facts"])
        assert ddim < ddpm
    stated = [value for eta, _, value in board["tables"]["card"][1:] if eta == 0]
    assert max(stated) < 1.3 * min(stated)


def test_the_words_about_what_survives_are_true():
    away = np.array(CASE.whole("survive")["tables"]["by_t"][1:], dtype=float)[:, 1]
    assert (np.diff(away) > 0).all() and away[-1] > 5 * away[0]


def test_the_words_about_the_loss_are_true():
    found = CASE.tables("loss")["by_t"]
    assert (np.diff(found["eps"]) < 0).all() and (np.diff(found["x0"]) > 0).all()
    assert found["eps"][0] > found["x0"][0] and found["eps"][-1] < found["x0"][-1]


def test_the_first_guess_is_the_mean_of_all_digits():
    seed = CASE.scene("reverse")["inputs"]["seed"]
    way = chains.free(1, seed, None, 2.0, 50, 1.0)
    way.up_to(1)
    first = m.shades(way.shown[0]["x0_hat"][0])
    mean = pictures.digits()[0].mean(0)
    assert np.sqrt(((first - mean) ** 2).mean()) < 0.1


def test_the_chain_of_the_preset_is_decided_on_the_way():
    table = CASE.whole("reverse")["tables"]["read"]
    read = np.array(table[1:])[:, 1:]
    mine = read[-1].argmax()
    assert read[0, mine] < 0.5 < read[-1, mine]
