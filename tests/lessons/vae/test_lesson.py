"""The VAE tab: boards under changed inputs, bad inputs of the page, the API says what core says,
and the plane's pictures are the decoder's.
"""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from apps import vae as tab
from apps.lessons.shared import nets, pictures
from apps.lessons.vae import autoencoders
from apps.lessons.vae.betas import BETA
from apps.stage import board as b
from apps.stage.server import words
from apps.stage.server.boards import kept_board
from core.inputs import InputError
from core.models.vae import autoencoder, latent
from core.weights import WeightError, load
from core.weights.card import cards
from tests.tab_case import TabCase, keys, refuse, widgets

torch.set_num_threads(1)

CASE = TabCase("vae")
VIEWS = [scene["view"] for scene in words.scenes("vae")]
each_view = pytest.mark.parametrize("view", VIEWS)
CLEAR = {"drawn": pictures.EMPTY, "letter": "none"}

# scenes


@pytest.mark.parametrize(
    "changes",
    [
        {"drawn": "01" * 392},
        CLEAR,
        {"grid": "quantile", "tiles": 8},
        {"dots": False},
        {"model": "vae-mnist"},
        {"ends": "means"},
        {"letter": "latin"},
        {"letter": "none", "digit": 99},
        {"noise": 0},
        {"noise": 0.6},
        {"bits": 1},
    ],
    ids=str,
)
def test_every_word_that_a_board_says_is_known(changes):
    for view in VIEWS:
        for key in keys(CASE.asked(view, **changes)):
            assert all(CASE.knows(language, key) for language in words.LANGUAGES), key


@each_view
def test_a_net_that_is_not_here_is_said_in_one_sentence(view, monkeypatch):
    monkeypatch.setattr(nets, "model", refuse)
    autoencoders.codes.cache_clear()
    autoencoders.grid.cache_clear()
    kept_board.cache.clear()
    board = CASE.asked(view)
    assert not kept_board.cache  # asked again, it looks again
    assert keys(board["frames"]) & {"absent_why"}
    assert board["checks"] and all(check["ok"] for check in board["checks"])


def test_clearing_brings_an_empty_drawing_in_place_of_the_letter():
    assert CASE.tab.controls["clear"].get("brings") == {"true": CLEAR}
    for view in ("denoise", "anomaly"):
        (pad,) = widgets(CASE.asked(view, **CLEAR), "cells")
        assert pad["bits"] == pictures.EMPTY and pad["edit"] == "drawn"


def test_drawing_does_away_with_the_letter():
    assert CASE.asked("anomaly")["pins"]["drawn"] == {"letter": "none"}


def test_planes_and_shades_are_drawn_on_paper_too():
    from apps.stage.paper import figures

    shades = np.linspace(0, 1, 16).reshape(4, 4)
    url = autoencoders.png_url(np.zeros((8, 8), dtype=np.uint8))
    plane = b.plane(
        "z", "sprite", [0, 1], [1, 0], points=[[0.2, 0.4, 3]], ellipses=[[0.5, 0.5, 0.1, 0.2]],
        path=[[0, 0], [1, 1]], marks=[{"x": 0, "y": 1, "label": "a", "role": "made"}], tile=4,
    )  # fmt: skip
    view = b.row(b.grey("x", shades, size=40), plane)
    drawn = figures.figure(view, {"sprite": {"url": url}}, str, 3)
    image = np.asarray(figures.pixels(drawn, 72))
    assert image.min() < 100 and image.shape[1] > 400  # ink, and both side by side


# the plane


def opened(url: str) -> np.ndarray:
    """Return the pixels of a PNG's data URL."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))


@pytest.mark.parametrize("kind", latent.GRIDS)
def test_the_sprite_is_the_decoded_grid(kind):
    grid = autoencoders.grid(autoencoders.PLAIN, kind, 8)
    image, xs, ys = opened(grid.url), grid.xs, grid.ys
    assert image.shape == (224, 224)
    assert xs[0] < xs[-1] and ys[0] > ys[-1]  # up is more
    i, j = 2, 5
    z = torch.tensor([[xs[j], ys[i]]], dtype=torch.float32)
    net = load(autoencoders.PLAIN)
    assert isinstance(net, autoencoder.VAE)
    theirs = net.decode(z)[0, 0].numpy()
    tile = image[28 * i : 28 * (i + 1), 28 * j : 28 * (j + 1)] / 255
    assert np.abs(tile - theirs).max() <= 0.5 / 255 + 1e-6


# numbers


def test_your_turn_of_the_posterior_is_mu_plus_sigma_eps():
    found = CASE.tables("posterior")
    mu, logvar, eps = (np.array(found[k]) for k in ("mu", "logvar", "eps"))
    (blank,) = CASE.asked("posterior")["turn"]["blanks"]
    np.testing.assert_allclose(np.ravel(blank["rows"]), mu + np.exp(logvar / 2) * eps[0])


@pytest.mark.parametrize("view", VIEWS)
def test_every_scene_has_an_exercise(view):
    turn = CASE.asked(view)["turn"]
    assert turn["blanks"] and all(
        np.isfinite(np.ravel(one["rows"])).all() for one in turn["blanks"]
    )


def answer(view, **changes):
    """Return the first value that a scene's exercise asks for."""
    return float(np.ravel(CASE.asked(view, **changes)["turn"]["blanks"][0]["rows"])[0])


def test_exercises_follow_from_what_is_printed():
    ae, vae = (widget["label"]["x"] for widget in widgets(CASE.asked("plane"), "plane"))
    widths = [np.ptp([float(v) for v in r.replace("−", "-").split(" … ")]) for r in (ae, vae)]
    assert round(answer("plane"), 4) == round(widths[0] / widths[1], 4)
    bars = next(widgets(CASE.asked("betas")["frames"][2] | CASE.asked("betas")["parts"], "bars"))
    miss, kl = (round(item["v"], 2) for item in bars["items"][:2])
    assert round(answer("betas"), 6) == round(miss + 4 * kl, 6)
    assert answer("denoise") == 0.15 and answer("denoise", noise=0.5) == 0.25
    assert answer("compress") == 78.4
    this, usual = (float(fact["v"]) for fact in CASE.asked("anomaly")["facts"])
    assert round(answer("anomaly"), 4) == round(this / usual, 4)
    a, c = (
        np.ravel(one["rows"]).astype(float).round(3)
        for one in list(widgets(CASE.asked("walk")["frames"][0], "matrix"))[:2]
    )
    middle = np.ravel(CASE.asked("walk")["turn"]["blanks"][0]["rows"]).astype(float)
    assert np.abs((a + c) / 2 - middle.round(3)).max() <= 0.001 + 1e-9
    kl = CASE.tables("elbo")
    mu, logvar = (round(float(kl[k][0]), 6) for k in ("mu", "logvar"))
    by_hand = 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar)
    assert abs(by_hand - answer("elbo")) < 1e-5
    found = CASE.tables("posterior")
    mu, sigma, eps = (
        np.asarray(v).round(3)
        for v in (found["mu"], np.exp(np.asarray(found["logvar"]) / 2), found["eps"][0])
    )
    assert np.abs(mu + sigma * eps - np.asarray(found["z"][0]).round(3)).max() <= 0.001 + 1e-9


# bad inputs of the page

BAD_INPUTS = [
    ("plane", {"grid": "hexagons"}, "grid"),
    ("plane", {"tiles": 7}, "tiles"),
    ("plane", {"tiles": 1000}, "tiles"),
    ("plane", {"dots": "yes"}, "dots"),
    ("posterior", {"digit": 100}, "digit"),
    ("posterior", {"digit": 1.5}, "digit"),
    ("posterior", {"digit": None}, "digit"),
    ("posterior", {"net": "vae-mnist"}, "net"),
    ("posterior", {"seed": -1}, "seed"),
    ("posterior", {"drawn": "01"}, "drawn"),
    ("posterior", {"drawn": "2" * 784}, "drawn"),
    ("posterior", {"drawn": [0] * 784}, "drawn"),
    ("elbo", {"model": "ae-mnist"}, "model"),
    ("elbo", {"model": 3}, "model"),
    ("elbo", {"seed": 0.5}, "seed"),
    ("walk", {"other": -1}, "other"),
    ("walk", {"ends": "corners"}, "ends"),
    ("walk", {"ends": "means", "class_a": 10}, "class_a"),
    ("denoise", {"noise": 2}, "noise"),
    ("denoise", {"noise": "much"}, "noise"),
    ("compress", {"bits": 0}, "bits"),
    ("compress", {"bits": 9}, "bits"),
    ("anomaly", {"letter": "B"}, "letter"),
]


@pytest.mark.parametrize(("view", "inputs", "field"), BAD_INPUTS, ids=str)
def test_bad_inputs_of_the_page_name_the_field(view, inputs, field):
    assert CASE.refused(view, **inputs)["field"] == field


# the API


def test_the_api_says_what_core_says():
    image = pictures.digits()[0][7]
    x = torch.as_tensor(image, dtype=torch.float32)[None, None]
    net = load(autoencoders.PLAIN)
    assert isinstance(net, autoencoder.VAE)
    mu, logvar = net.encode(x)
    out = tab.vae_encode(image.tolist())
    np.testing.assert_allclose(out["mu"], mu[0], atol=1e-6)
    np.testing.assert_allclose(out["logvar"], logvar[0], atol=1e-6)
    again = tab.vae_decode(list(map(float, mu[0])))
    np.testing.assert_allclose(again["image"], net.decode(mu)[0, 0], atol=1e-6)
    found = tab.vae_elbo(image.tolist())
    np.testing.assert_allclose(found["elbo"], found["reconstruction"] - np.sum(found["kl"]))
    np.testing.assert_allclose(found["kl"], autoencoder.kl(mu, logvar)[0], rtol=1e-5)


def test_the_expectation_of_the_elbo_is_many_draws_mean():
    image = pictures.digits()[0][30]
    found = tab.vae_elbo(image.tolist())["elbo"]
    x = torch.as_tensor(image, dtype=torch.float32).expand(2000, 1, 28, 28)
    eps = torch.randn(2000, 2, generator=torch.Generator().manual_seed(9))
    each = autoencoder.elbo(load(autoencoders.PLAIN), x, eps)["elbo"]  # type: ignore[arg-type]
    error = float(each.std()) * (1 / 64 + 1 / 2000) ** 0.5
    assert abs(float(each.mean()) - found) < 4 * error


@pytest.mark.parametrize("pixel", [1.5, -0.25, float("nan"), 1e6])
@pytest.mark.parametrize("call", [tab.vae_encode, tab.vae_elbo])
def test_a_pixel_outside_its_range_is_refused_by_that_range(call, pixel):
    image = np.zeros((28, 28)).tolist()
    image[3][4] = pixel
    with pytest.raises(InputError, match=r"at \[3, 4\].* from 0 to 1\."):
        call(image)


def test_a_model_that_is_not_here_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(nets, "model", refuse)
    with pytest.raises(WeightError, match="vae2d-mnist"):
        tab.vae_decode([0, 0])


@pytest.mark.parametrize("name", autoencoders.BETAS)
def test_a_net_s_beta_is_the_one_it_was_trained_with(name):
    assert cards()[name].config["beta"] == BETA[name]


@pytest.mark.parametrize("name", ["ae-mnist", *autoencoders.BETAS])
def test_the_cloud_is_what_the_shipped_net_says_of_the_test_set(name):
    """The file knows which weights made it, and holds what they say of the shipped digits."""
    from safetensors import safe_open

    from core.data.latent_codes import CODES, read_codes
    from core.data.mnist import digits_sample, first_of_each_class
    from core.weights.card import cards

    with safe_open(CODES, "pt") as file:
        assert file.metadata()[name] == cards()[name].sha256
    codes, labels = read_codes(name)
    assert codes.shape == (10_000, 2)
    again, classes = first_of_each_class(codes, labels)
    images, wanted = digits_sample()
    assert classes.tolist() == wanted.tolist()
    mu, _ = autoencoders.encode(name, images[:, 0].numpy() / 255.0)
    assert np.abs(again.numpy() - mu).max() < 0.01  # half precision of codes up to 16


def test_dots_of_the_cloud_lie_where_the_page_puts_points():
    xs, ys = np.array([-1.0, 0.0, 2.0]), np.array([2.0, 0.0, -1.0])
    url = autoencoders.dots_url(
        np.array([[1.0, -0.5], [9.0, 0.0]]), np.array([[9, 8, 7]] * 2), xs, ys
    )
    picture = opened(url)
    rows, columns = np.nonzero(picture[..., 3])
    # x = 1 is index 1.5 of 3 columns, y = -0.5 index 1.5 of 3 rows; what lies beyond is left out
    assert (rows.min(), columns.min(), len(rows)) == (480, 480, 4)
    assert picture[480, 480].tolist() == [9, 8, 7, 190]
