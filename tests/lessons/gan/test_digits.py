"""The GAN tab's scenes of digits say what is true, the float64 nets are torch's, directions and
ranks are what others compute, page inputs and the API are checked.
"""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from apps import gan as tab
from apps.lessons.gan import directions as gan_directions
from apps.lessons.gan import label_grid, latent, moments, nets, scores
from apps.lessons.shared import nets as shared_nets
from apps.lessons.shared import pictures
from apps.stage.server import words
from apps.stage.server.boards import kept_board
from core.inputs import InputError
from core.measure import neighbours, ranks
from core.weights import WeightError
from tests.tab_case import TabCase, checks, keys, refuse

torch.set_num_threads(1)

CASE = TabCase("gan")
SHOWN = [
    ("moments", {}),
    *(("latent", {"show": show}) for show in latent.SHOWS),
    *(("classes", {"show": show}) for show in tab.classes.SHOWS),
]
IDS = ["-".join([view, *shown.values()]) for view, shown in SHOWN]
each_show = pytest.mark.parametrize(("view", "shown"), SHOWN, ids=IDS)
rng = np.random.default_rng(5)


# ---- scenes


@each_show
def test_each_show_passes_its_checks_in_known_words(view, shown):
    board = CASE.asked(view, **shown)
    assert board["frames"] and checks(board)
    assert all(check["ok"] for check in checks(board)), checks(board)
    for key in keys(board):
        assert all(CASE.knows(language, key) for language in words.LANGUAGES), key


@each_show
def test_a_net_that_is_not_here_is_said_in_one_sentence(view, shown, monkeypatch):
    monkeypatch.setattr(shared_nets, "model", refuse)
    monkeypatch.setattr(nets, "model", refuse)
    monkeypatch.setattr(shared_nets, "journal", refuse)
    for cached in (
        gan_directions.leading_directions,
        scores.reference_scores,
        label_grid.label_accuracy,
        kept_board,
    ):
        cached.cache_clear()
    board = CASE.asked(view, **shown)
    assert kept_board.cache_info().currsize == 0  # asked again, it looks again
    if shown.get("show") != "augment":  # measured numbers need no net
        assert "absent_why" in keys(board["frames"])
    assert all(check["ok"] for check in board["checks"] if "delta" in check)


def test_a_board_without_the_training_images_is_not_kept(monkeypatch, tmp_path):
    assert not CASE.asked("latent")["fleeting"]
    monkeypatch.setattr(neighbours, "BITS", tmp_path / "none.safetensors")
    for cached in (kept_board, gan_directions.training, gan_directions.usual_gaps):
        cached.cache_clear()
    board = CASE.asked("latent")
    assert board["fleeting"] and "absent_why" in keys(board["frames"])


def test_a_journal_that_comes_later_is_found(monkeypatch, tmp_path):
    from safetensors.numpy import save

    from core.weights import card, shipped

    file = f"{nets.DCGAN}-training.safetensors"
    monkeypatch.setattr(card, "FOLDER", tmp_path)
    with pytest.raises(WeightError, match=file):
        shared_nets.journal(nets.DCGAN)
    shipped.write(tmp_path / file, save({"curves.step": np.arange(3.0)}))
    assert shared_nets.journal(nets.DCGAN)["curves.step"].tolist() == [0, 1, 2]


def test_each_show_hides_what_only_another_needs():
    first, walk = CASE.asked("latent"), CASE.asked("latent", show="walk")
    assert set(first["without"]) == {"other_seed", "digit", "clear"}
    assert set(walk["without"]) == {*(f"way_{k}" for k in range(1, 5)), "digit", "clear"}
    assert first["limits"]["show"]["options"] == ["directions", "walk", "scores"]
    assert first["limits"]["model"]["options"] == list(nets.FREE)
    last = CASE.asked("classes", show="augment")
    assert set(last["without"]) == {"seed", "class_a", "class_b"}


def test_moments_say_what_their_curves_are():
    """The first scene's claim and answer: W̃ comes down with the distance, DCGAN's D goes up."""
    estimate = moments.correlations(nets.WGAN)
    dcgan = moments.correlations(nets.DCGAN)
    assert estimate["W"] > 0.9 and dcgan["D"] < -0.7
    values, _ = moments.pair_with_distance(shared_nets.journal(nets.DCGAN))
    assert values["D"][-1] > values["D"][0] and values["D"].max() < 2 * np.log(2)
    assert 0.8 < values["G"].min() and values["G"].max() < 1.2
    turn = CASE.asked("moments")["turn"]
    seen, far = (
        [float(v) for v in turn["ask"][key].replace("−", "-").split(", ")]
        for key in ("values", "far")
    )
    rho = spearmanr(seen, far)
    assert turn["blanks"][0]["rows"][0][0] == pytest.approx(float(np.asarray(rho)[0]))


def test_the_last_moment_is_what_the_shipped_net_draws():
    for name in nets.NETS:
        found = moments.checks(name, shared_nets.journal(name), moments.correlations(name))
        assert len(found) == 2 and all(one["ok"] for one in found), (name, found)


def test_moments_are_at_least_twelve_of_64_digits():
    board = CASE.asked("moments")
    assert len(board["frames"]) >= 12
    (sheet, *_) = board["frames"][-1]["view"]["items"]
    assert (sheet["rows"], sheet["cols"]) == (8 * 28, 8 * 28)


def test_a_slider_moves_the_code_along_its_direction():
    at = np.array(CASE.tables("latent")["z"])
    moved = np.array(CASE.tables("latent", way_2=-1.5)["z"])
    v, share = gan_directions.leading_directions(nets.DCGAN)
    np.testing.assert_allclose(moved - at, -1.5 * v[1], atol=1e-6)
    np.testing.assert_allclose(v @ v.T, np.eye(len(v)), atol=1e-10)
    assert (np.diff(share) <= 0).all() and 0 < share.sum() < 1


def test_samples_are_no_copies():
    """The second scene's answer: a sample is about as far from its nearest as a test digit is."""
    made = nets.decode(nets.DCGAN, nets.codes(nets.DCGAN, 5, 1))
    bits = gan_directions.training()
    apart = neighbours.nearest(made, bits)[0][:, 0]
    usual = np.median(neighbours.nearest(pictures.digits()[0][::20], bits)[0])
    assert apart.min() > 0 and np.median(apart) > 0.5 * usual


def test_labels_are_obeyed_and_ends_of_a_blend_are_the_classes():
    assert label_grid.label_accuracy().mean() > 0.95
    z = nets.codes(nets.CGAN, 3, 7)
    ours = nets.decode_with(z, nets.embeddings()[4])
    theirs = nets.decode(nets.CGAN, z, np.full(3, 4))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    read = np.array(CASE.tables("classes", show="blend")["read"])
    scene = CASE.scene("classes")["inputs"]
    assert read[0, scene["class_a"]] > 0.9 and read[-1, scene["class_b"]] > 0.9


def test_clearing_brings_an_empty_drawing_that_is_scored():
    brought = CASE.tab.controls["clear"].get("brings", {})["true"]
    assert brought == {"drawn": "0" * 784}
    empty, digit = (CASE.tables("latent", show="scores", **more) for more in (brought, {}))
    drawn = CASE.tables("latent", show="scores", **brought, digit=3)
    assert empty["these"] == drawn["these"] and empty["these"][0] != digit["these"][0]


BAD_INPUTS = [
    ("moments", {"model": "vae-mnist"}, "model"),
    ("moments", {"model": None}, "model"),
    ("latent", {"model": "cgan-mnist"}, "model"),
    ("latent", {"show": "classes"}, "show"),
    ("latent", {"show": 1}, "show"),
    ("latent", {"seed": -1}, "seed"),
    ("latent", {"seed": 0.5}, "seed"),
    ("latent", {"pick": 0}, "pick"),
    ("latent", {"pick": 65}, "pick"),
    ("latent", {"way_1": 9}, "way_1"),
    ("latent", {"way_4": "far"}, "way_4"),
    ("latent", {"show": "walk", "other_seed": None}, "other_seed"),
    ("latent", {"show": "scores", "digit": 100}, "digit"),
    ("latent", {"show": "scores", "drawn": "01"}, "drawn"),
    ("latent", {"show": "scores", "drawn": "2" * 784}, "drawn"),
    ("latent", {"show": "scores", "drawn": [0] * 784}, "drawn"),
    ("classes", {"show": "walk"}, "show"),
    ("classes", {"seed": "x"}, "seed"),
    ("classes", {"show": "blend", "class_a": 10}, "class_a"),
    ("classes", {"show": "blend", "class_b": 1.5}, "class_b"),
]


@pytest.mark.parametrize(("view", "inputs", "field"), BAD_INPUTS, ids=str)
def test_bad_inputs_of_the_page_name_the_field(view, inputs, field):
    assert CASE.refused(view, **inputs)["field"] == field


# ---- ranks


def test_rank_correlation_is_scipy_s_also_with_ties():
    x, y = rng.normal(size=15), rng.integers(0, 5, 15)
    assert ranks.spearman(x, y) == pytest.approx(float(np.asarray(spearmanr(x, y))[0]), abs=1e-12)
    assert ranks.spearman(x, np.exp(x)) == pytest.approx(1)
    assert ranks.spearman(x, -(x**3)) == pytest.approx(-1)
    assert np.isnan(ranks.spearman(x, np.ones(15)))
    with pytest.raises(InputError, match="rows"):
        ranks.spearman(x, y[:3])


# ---- the API


@pytest.mark.parametrize("name", nets.NETS)
def test_the_api_draws_what_the_net_draws(name):
    out = tab.gan_sample(name, 12, 4)
    net = nets.gan(name)
    given = torch.arange(12) % 10 if name == nets.CGAN else None
    x = net.sample(12, labels=given, generator=torch.Generator().manual_seed(4))
    np.testing.assert_allclose(out["images"], x[:, 0], atol=1e-6)
    with torch.no_grad():
        np.testing.assert_allclose(out["scores"], net.score(x, given), atol=1e-4)
    assert (out["labels"] is None) == (given is None)


def test_the_api_draws_the_label_that_it_is_asked_for():
    out = tab.gan_sample(nets.CGAN, 20, 0, 7)
    assert out["labels"].tolist() == [7] * 20
    assert (shared_nets.read_digits(out["images"]).argmax(1) == 7).mean() > 0.8


def test_a_model_that_is_not_here_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(shared_nets, "model", refuse)
    with pytest.raises(WeightError, match=nets.DCGAN):
        tab.gan_sample(nets.DCGAN)
