"""The diffusion tab: its words against its own numbers, long samplings in pieces, refused inputs,
and what it says where the trained net is not here.
"""

import json
from typing import Any

import numpy as np
import pytest
import torch

from apps import ddpm as tab
from apps.lessons.ddpm import chains, edit, guide, loss, plane, schedules
from apps.lessons.ddpm import models as ddpm_models
from apps.lessons.ddpm import steps as ddpm_steps
from apps.lessons.vae import models as vae_models
from apps.stage.server import words
from apps.stage.server.lesson import answers, board_text
from core import weights
from core.inputs import InputError
from core.models.ddpm import samplers
from core.models.ddpm.diffusion import DDPM, Config
from core.models.ddpm.forward import to_images
from core.models.ddpm.schedule import Schedule
from core.weights import WeightError, card

torch.set_num_threads(1)

SCENES = words.scenes("ddpm")
DIGITS = [scene for scene in SCENES if scene["view"] in tab.DIGITS]
VIEWS = [scene["view"] for scene in DIGITS]


def of(view):
    return next(scene for scene in SCENES if scene["view"] == view)


def asked(view, **changes):
    """Return a scene's board as the browser gets it."""
    ask = {"view": view, "inputs": {**of(view)["inputs"], **changes}}
    reply = json.loads(answers(tab.TAB)[0](ask))
    assert "error" not in reply, reply
    return reply["ok"]


def whole(view, **changes):
    """Return a scene's board and tables after its last piece."""
    inputs: dict[str, Any] = {**of(view)["inputs"], **changes}
    board: dict[str, Any] = {"more": {"done": 0, "of": 1}}
    while board.get("more") and board["more"]["done"] < board["more"]["of"]:
        board = tab.made(view, inputs)
        inputs["points"] = board["more"]["next"]
    return board


def words_of(value):
    if isinstance(value, dict):
        if "k" in value:
            yield value["k"]
        for inner in value.values():
            yield from words_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_of(inner)


def said(key, language):
    for table in ("ddpm", "stage", "errors"):
        at = words.words(language, table)
        at = at.get("words", at)
        for name in key.split("."):
            at = at.get(name) if isinstance(at, dict) else None
        if isinstance(at, str):
            return at
    return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a card and a file of a small net whose weights are random."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = DDPM(Config(channels=(16,), depth=1, size=16))
        for parameter in model.parameters():  # no silent layer
            parameter.data += 0.05 * torch.randn(parameter.shape)
    at = tmp_path_factory.mktemp("weights")
    about = {
        "dataset": {"name": "none", "licence": "none", "source": "none"},
        "training": {"machine": "none", "minutes": 0},
        "recipe": "none",
        "seed": 0,
        "metrics": {},
    }
    weights.save("ddpm-mnist", model, config=model.config, folder=at, **about)
    return at


@pytest.fixture
def untrained(folder, monkeypatch):
    model = weights.load("ddpm-mnist", folder=folder)
    monkeypatch.setattr(ddpm_models, "model", lambda: model)
    kept = (board_text, chains._kept, loss._measured)
    for one in kept:
        one.cache_clear()
    yield model
    for one in kept:
        one.cache_clear()


# into the noise


def test_the_words_about_schedules_are_true():
    lost = tab.tables("schedules", of("schedules")["inputs"])["lost"]
    assert lost["linear"] == 476 and lost["cosine"] == 794
    for language in words.LANGUAGES:
        answer = words.words(language, "ddpm")["scene"][1]["answer"]
        assert "476" in answer and "794" in answer


@pytest.mark.parametrize("half", [0.1, 0.35, 0.9])
@pytest.mark.parametrize("sudden", [0, 0.5, 0.95])
def test_however_it_is_bent_a_schedule_falls_through_one_half(half, sudden):
    plan = ddpm_models.schedule("bent", {"half": half, "sudden": sudden})
    assert (plan.alpha_bar.diff() < 0).all()
    assert plan.alpha_bar[round(1000 * half)].item() == pytest.approx(0.5, abs=0.03)
    assert all(check["ok"] for check in asked("schedules", half=half, sudden=sudden)["checks"])


def test_a_pixel_by_hand_is_the_closed_form():
    inputs = of("forward")["inputs"] | {"kind": "linear"}
    rows = tab.tables("forward", inputs)["pixel"]
    kept = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))
    by_t = {row[0]: dict(zip(rows[0][1:], row[1:])) for row in rows[1:]}
    first = by_t[0]["mean"]
    for t in (1, 100, 1000):
        assert by_t[t]["alpha_bar"] == pytest.approx(kept[t - 1], abs=1e-12)
        assert by_t[t]["mean"] == pytest.approx(np.sqrt(kept[t - 1]) * first, abs=1e-12)
    assert schedules.lost_at(Schedule("linear")) == int(np.argmax(kept < 0.1)) + 1


def test_a_chain_of_single_steps_keeps_to_the_closed_form():
    law = next(check for check in asked("forward")["checks"] if "law" in check)
    assert law["ok"] and law["of"] == 100


# with a net


@pytest.mark.parametrize("view", VIEWS)
def test_a_scene_of_digits_computes_and_is_checked(untrained, view):
    board = asked(view)
    assert board["checks"] and all(check["ok"] for check in board["checks"]), board["checks"]
    assert board["frames"] and board["fleeting"] is False
    for key in set(words_of(board)):
        for language in words.LANGUAGES:
            assert said(key, language), key


@pytest.mark.parametrize("view", VIEWS)
def test_a_net_that_is_not_here_is_said_in_one_sentence(view, monkeypatch):
    def refuse():
        raise WeightError("weights_unknown", name="ddpm-mnist", allowed="none yet")

    monkeypatch.setattr(ddpm_models, "model", refuse)
    board_text.cache_clear()
    board = asked(view)
    assert board_text.cache_info().currsize == 0  # asked again, it looks again
    assert "absent_why" in set(words_of(board["frames"]))
    assert board["checks"] and all(check["ok"] for check in board["checks"])


@pytest.mark.parametrize(("label", "eta"), [("any", 1), ("3", 0)])
def test_the_chain_ends_where_the_model_s_own_sample_does(untrained, label, eta):
    made = whole("reverse", label=label, eta=eta, steps=20, guidance=2, seed=0)["tables"]["image"]
    labels = None if label == "any" else torch.tensor([int(label)])
    draw = torch.Generator().manual_seed(0)
    options = {"labels": labels, "guidance": 2.0, "steps": 20, "eta": float(eta)}
    theirs = untrained.sample(1, generator=draw, **options)[0, 0]
    np.testing.assert_allclose(made, theirs, atol=1e-6)


def test_a_thousand_steps_come_in_pieces_and_in_few_frames(untrained):
    first = asked("reverse", steps=1000)
    assert first["more"]["done"] < first["more"]["of"] == 1001
    second = asked("reverse", steps=1000, points=first["more"]["next"])
    assert second["more"]["done"] == first["more"]["next"]
    assert len(second["frames"]) >= len(first["frames"])
    assert len(chains.shown(1001)) == chains.MOST_SHOWN
    out_of_nothing = asked("reverse", steps=1000, seed=9, points=900)
    assert out_of_nothing["more"]["done"] == chains.WORK


def test_both_ways_start_alike_and_the_wait_grows_with_the_steps(untrained):
    board = whole("steps", seed=1)
    assert board["more"]["of"] == 2 * (5 + 10 + 20 + 50) + 8 and len(board["frames"]) == 4
    rows = np.array(board["tables"]["ways"][1:], dtype=float)
    assert rows[:, 0].tolist() == [5, 10, 20, 50]
    np.testing.assert_allclose(rows[:, 1] / rows[:, 0], rows[0, 1] / 5)
    alone = whole("steps", seed=1, eta=0)
    assert alone["more"]["of"] == (5 + 10 + 20 + 50) + 4


def test_guidance_by_hand_is_the_net_s_own(untrained):
    told = guide.parts(0, 7)
    for w in (0.0, 1.0, 4.0):
        theirs = untrained.predict(told["x"], told["kept"], torch.tensor([7]), w)
        made = guide.guided(told, w)
        np.testing.assert_allclose(made["eps"], theirs[0][0, 0], atol=1e-5)
        np.testing.assert_allclose(made["x0"], theirs[1][0, 0], atol=1e-5)
    board = whole("guide")
    assert len(board["frames"]) == len(guide.WEIGHTS)


def test_the_difference_of_pictures_is_over_all_pairs():
    images = np.random.default_rng(0).random((6, 28, 28))
    pairs = [((a - b) ** 2).mean() for i, a in enumerate(images) for b in images[:i]]
    assert guide.spread(images) == pytest.approx(np.sqrt(np.mean(pairs)), abs=1e-12)


def test_a_picture_is_noised_by_the_closed_form(untrained):
    image = vae_models.digits()[0][52]
    chain = edit.back(image, 400, 3)
    chain.upto(1)
    noise = torch.randn(4, 28, 28, generator=torch.Generator().manual_seed(3)).numpy()
    kept = untrained.schedule.alpha_bar[400].item()
    theirs = np.sqrt(kept) * (2 * image - 1) + np.sqrt(1 - kept) * noise
    np.testing.assert_allclose(chain.shown[0]["x"], theirs, atol=1e-5)


@pytest.mark.parametrize("hidden", edit.HIDDEN)
def test_what_is_given_stays_and_only_that(untrained, hidden):
    board = whole("complete", hidden=hidden, fill_steps=10)
    law = next(check for check in board["checks"] if "law" in check)
    assert law["holds"] == law["of"] == edit.FILLED * 28 * 14
    image, mask = vae_models.digits()[0][92], edit.visible(hidden)
    made = np.array(board["tables"]["images"])
    assert np.abs(made - image)[:, mask == 0].max() > 0.1
    assert not edit.kept_law(image, mask, made + 1e-3)[0]["ok"]


@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_a_wrong_step_is_noticed(untrained, monkeypatch, eta):
    right = samplers.step
    good = chains.free(2, 5, None, 1.0, 10, eta)
    assert chains.step_check(good)["ok"]
    monkeypatch.setattr(samplers, "step", lambda *a: right(*a) + 1e-3)
    bad = chains.free(2, 6, None, 1.0, 10, eta)
    assert not chains.step_check(bad)["ok"]


def test_four_pixels_have_the_loss_of_their_numbers(untrained):
    hand = tab.tables("loss", of("loss")["inputs"])["four_pixels"]
    theirs = torch.nn.functional.mse_loss(torch.tensor(hand["guess"]), torch.tensor(hand["noise"]))
    assert hand["loss"] == pytest.approx(theirs.item(), abs=1e-6)
    edge = asked("loss", row=27, column=27)  # the last 2 x 2 there is
    assert all(check["ok"] for check in edge["checks"])


# in the plane


def test_both_ways_come_as_near_as_data_do():
    near = tab.tables("plane", of("plane")["inputs"])["w1"]
    own = near["data against data"]
    assert near["sde"] < 1.5 * own and near["ode"] < 1.5 * own
    ends = [np.array(tab.tables("plane", of("plane")["inputs"])[way]) for way in ("sde", "ode")]
    assert np.linalg.norm(ends[0] - ends[1], axis=1).mean() > 0.5  # other places all the same


@pytest.mark.parametrize("landscape", plane.TARGETS)
def test_every_target_is_checked(landscape):
    assert all(check["ok"] for check in asked("plane", landscape=landscape, cuts=10)["checks"])


def live(state, act, **changes):
    *_, call = answers(tab.TAB)
    inputs = {**of("train")["inputs"], "opening": [0], "speed": 5, **changes}
    reply = json.loads(call({"view": "train", "inputs": inputs, "state": state, "act": act}))
    return reply.get("ok", reply)


def test_the_score_gets_nearer_while_the_loss_stays_far_from_0():
    values = [frame["values"] for frame in asked("train", opening=[0, 100, 300])["frames"]]
    assert values[2]["error_300"] < 0.8 * values[1]["error_300"] < values[0]["error_300"]
    assert values[2]["loss"] > 0.8 * values[1]["loss"] > 0.4


def test_other_sizes_begin_anew_and_a_drawing_is_learned():
    start = asked("train", opening=[0, 5], width=16)["frames"][-1]
    assert live(start["state"], "show", width=16)["values"]["x"] == 5
    drawn = live(start["state"], "both", width=16, target="drawn", drawn=[[0, 0], [1, 1], [-1, 1]])
    assert drawn["values"]["x"] == 10 and drawn["checks"][0]["ok"]
    flat = live(start["state"], "show", width=16, target="checkerboard")
    assert flat["values"]["error_300"] is None and flat["checks"][0]["ok"]
    assert live(start["state"], "sideways")["error"]["rule"] == "choice"


# bad inputs of the page

BAD_INPUTS = [
    ("forward", {"kind": "square"}, "kind"),
    ("forward", {"row": 28}, "row"),
    ("forward", {"column": -1}, "column"),
    ("forward", {"seed": 0.5}, "seed"),
    ("forward", {"drawn": "01"}, "drawn"),
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
    ("guide", {"class": "any"}, "class"),
    ("guide", {"seed": -1}, "seed"),
    ("plane", {"landscape": "checkerboard"}, "landscape"),
    ("plane", {"cuts": 1000}, "cuts"),
    ("train", {"target": "hexagon"}, "target"),
    ("train", {"t": 0, "opening": [0]}, "t"),
    ("train", {"way": "sideways", "opening": [0]}, "way"),
    ("train", {"width": 1000}, "width"),
    ("train", {"opening": [-1]}, "opening"),
    ("train", {"target": "drawn", "drawn": [[9, 9]]}, "drawn"),
    ("survive", {"letter": "B"}, "letter"),
    ("complete", {"hidden": "middle"}, "hidden"),
    ("complete", {"repeats": 6}, "repeats"),
    ("complete", {"fill_steps": 1}, "fill_steps"),
]


@pytest.mark.parametrize(("view", "inputs", "field"), BAD_INPUTS, ids=str)
def test_bad_inputs_of_the_page_name_the_field(untrained, view, inputs, field):
    with pytest.raises(InputError, match=field):
        tab.board(view, {**of(view)["inputs"], **inputs})


# the API


def test_the_api_s_noise_is_the_closed_form():
    image = np.zeros((28, 28))
    image[3, 4] = 1
    made = tab.ddpm_forward(image.tolist(), 1000, "linear", 7)
    kept = np.prod(1 - np.linspace(1e-4, 0.02, 1000))
    assert made["alpha_bar"] == pytest.approx(kept, abs=1e-15)
    mean = np.sqrt(kept) * (2 * image - 1)
    np.testing.assert_allclose(made["mean"], mean, atol=1e-12)
    theirs = mean + np.sqrt(1 - kept) * np.array(made["noise"])
    np.testing.assert_allclose(made["x_t"], theirs, atol=1e-12)
    clean = tab.ddpm_forward(image.tolist(), 0)
    assert clean["snr"] is None
    np.testing.assert_allclose(clean["x_t"], 2 * image - 1)
    bent = {"kind": "bent", "points": [[0.5, 0.5]]}
    assert tab.ddpm_forward(image.tolist(), 500, bent)["alpha_bar"] == pytest.approx(0.5)


def test_the_api_s_digits_are_the_model_s(untrained):
    made = tab.ddpm_sample(2, seed=5, label=4, guidance=3.0, steps=4, eta=0.5)
    draw = torch.Generator().manual_seed(5)
    *_, last = untrained.sampling(
        2, labels=torch.full((2,), 4), guidance=3.0, steps=4, eta=0.5, generator=draw
    )
    np.testing.assert_allclose(made["images"], to_images(last["x"])[:, 0], atol=1e-6)
    with pytest.raises(InputError, match="steps"):
        tab.ddpm_sample(16, steps=251)  # more work than one call may ask for


def test_home_has_a_picture_without_torch():
    points = np.array(tab.picture()["layers"][-1]["at"]) / 1.5 + [0.5, 0.25]
    upper = np.abs(np.linalg.norm(points, axis=1) - 1)
    lower = np.abs(np.linalg.norm(points - [1, 0.5], axis=1) - 1)
    assert len(points) == 150 and np.minimum(upper, lower).max() < 0.15


# the card


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
    assert ddpm_models.measured(0.0) == ({5: 9.0, 250: 2.0}, 500)
    assert ddpm_models.measured(1.0) == ({5: 90.0}, 500)
    chart = ddpm_steps.quality(20)
    assert [one["x"] for one in chart["series"]] == [[5, 250], [5]] and chart["cursor"] == 20
    monkeypatch.setattr("core.weights.card.cards", dict)
    assert ddpm_steps.quality(20)["text"]["k"] == "no_card"


# the words about the trained net


def test_the_words_about_guidance_are_true():
    rows = np.array(whole("guide")["tables"]["by_weight"][1:], dtype=float)
    assert (np.diff(rows[:4, 1]) > 0).all() and rows[-1, 1] > rows[1, 1]  # obeys more
    assert (np.diff(rows[:, 2]) < 0).all()  # differs less


def test_the_words_about_ddim_are_true():
    board = whole("steps")
    for frame in board["frames"][1:]:
        ddim, ddpm = (fact["v"] for fact in frame["facts"])
        assert ddim < ddpm
    stated = [value for eta, _, value in board["tables"]["card"][1:] if eta == 0]
    assert max(stated) < 1.3 * min(stated)


def test_the_words_about_what_survives_are_true():
    away = np.array(whole("survive")["tables"]["by_t"][1:], dtype=float)[:, 1]
    assert (np.diff(away) > 0).all() and away[-1] > 5 * away[0]


def test_the_words_about_the_loss_are_true():
    found = tab.tables("loss", of("loss")["inputs"])["by_t"]
    assert (np.diff(found["eps"]) < 0).all() and (np.diff(found["x0"]) > 0).all()
    assert found["eps"][0] > found["x0"][0] and found["eps"][-1] < found["x0"][-1]


def test_the_first_guess_is_the_mean_of_all_digits():
    seed = of("reverse")["inputs"]["seed"]
    chain = chains.free(1, seed, None, 2.0, 50, 1.0)
    chain.upto(1)
    first = ddpm_models.shades(chain.shown[0]["x0_hat"][0])
    mean = vae_models.digits()[0].mean(0)
    assert np.sqrt(((first - mean) ** 2).mean()) < 0.1


def test_the_chain_of_the_preset_is_decided_on_the_way():
    table = whole("reverse")["tables"]["read"]
    read = np.array(table[1:])[:, 1:]
    mine = read[-1].argmax()
    assert read[0, mine] < 0.5 < read[-1, mine]
