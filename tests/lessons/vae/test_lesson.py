"""The VAE tab: scenes compute and pass their checks, page inputs are checked, the API says what
core says, and the page's blend is the decoder's picture on its tiles.
"""

import base64
import io
import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch.distributions import Normal

from apps import vae as tab
from apps.lessons.vae import models as vae_models
from apps.lessons.vae import plane as vae_plane
from apps.stage import board as b
from apps.stage.server import words
from apps.stage.server.lesson import answers, board_text
from core.inputs import InputError
from core.models.vae import autoencoder, latent
from core.weights import WeightError, load
from core.weights.card import cards

torch.set_num_threads(1)

SCENES = words.scenes("vae")
IDS = [f"{i + 1}-{scene['view']}" for i, scene in enumerate(SCENES)]
each_scene = pytest.mark.parametrize("scene", SCENES, ids=IDS)
rng = np.random.default_rng(5)


def asked(scene, **changes):
    """Return a scene's board as the browser gets it."""
    ask = {"view": scene["view"], "inputs": {**scene["inputs"], **changes}}
    reply = json.loads(answers(tab.TAB)[0](ask))
    assert "error" not in reply, reply
    return reply["ok"]


def of(view):
    return next(scene for scene in SCENES if scene["view"] == view)


def keys_said(value):
    if isinstance(value, dict):
        if "k" in value:
            yield value["k"]
        for inner in value.values():
            yield from keys_said(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_said(inner)


def word(language, key):
    at = words.words(language, "vae")["words"]
    for name in key.split("."):
        at = at[name]
    return at


# scenes


@each_scene
def test_a_preset_passes_its_checks(scene):
    board = asked(scene)
    assert board["frames"] and board["checks"]
    assert all(check["ok"] for check in board["checks"]), board["checks"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"drawn": "01" * 392},
        {"clear": True},
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
    for scene in SCENES:
        for key in keys_said(asked(scene, **changes)):
            for language in words.LANGUAGES:
                assert isinstance(word(language, key), str)


@each_scene
def test_a_net_that_is_not_here_is_said_in_one_sentence(scene, monkeypatch):
    def refuse(name):
        raise WeightError("weights_unknown", name=name, allowed="none yet")

    monkeypatch.setattr(vae_models, "model", refuse)
    vae_models.codes.cache_clear()
    vae_models.grid.cache_clear()
    board_text.cache_clear()
    board = asked(scene)
    assert board_text.cache_info().currsize == 0  # asked again, it looks again
    said = set(keys_said(board["frames"]))
    assert said & {"absent", "absent_why"}
    assert all(check["ok"] for check in board["checks"])


def test_clearing_gives_an_empty_drawing_that_the_link_carries():
    board = asked(of("denoise"), clear=True)
    assert board["inputs"] == {"drawn": "0" * 784, "clear": None}


def test_drawing_or_clearing_does_away_with_the_letter():
    scene = of("anomaly")
    assert asked(scene, clear=True)["inputs"]["letter"] == "none"
    if vae_models.PLAIN in cards():
        assert asked(scene)["pins"]["drawn"] == {"letter": "none"}


def test_home_has_a_picture_without_torch():
    made = tab.picture()
    assert made["w"] == "grey" and (made["rows"], made["cols"]) == (7 * 28, 13 * 28)


def test_planes_and_shades_are_drawn_on_paper_too():
    from apps.stage.paper import figures

    shades = np.linspace(0, 1, 16).reshape(4, 4)
    url = latent.png_url(np.zeros((8, 8), dtype=np.uint8))
    plane = b.plane(
        "z", "sprite", [0, 1], [1, 0], points=[[0.2, 0.4, 3]], ellipses=[[0.5, 0.5, 0.1, 0.2]],
        path=[[0, 0], [1, 1]], marks=[{"x": 0, "y": 1, "label": "a", "role": "made"}], tile=4,
    )  # fmt: skip
    view = b.row(b.grey("x", shades, size=40), plane)
    drawn = figures.figure(view, {"sprite": {"url": url}}, str, 3)
    image = np.asarray(figures.pixels(drawn, 72))
    assert image.min() < 100 and image.shape[1] > 400  # ink, and both side by side


# the plane


@pytest.mark.parametrize("kind", latent.GRIDS)
def test_the_sprite_is_the_decoded_grid(kind):
    xs, ys, _, url = vae_models.grid(vae_models.PLAIN, kind, 8)
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))
    assert image.shape == (224, 224)
    assert xs[0] < xs[-1] and ys[0] > ys[-1]  # up is more
    i, j = 2, 5
    z = torch.tensor([[xs[j], ys[i]]], dtype=torch.float32)
    net = load(vae_models.PLAIN)
    assert isinstance(net, autoencoder.VAE)
    theirs = net.decode(z)[0, 0].numpy()
    tile = image[28 * i : 28 * (i + 1), 28 * j : 28 * (j + 1)] / 255
    assert np.abs(tile - theirs).max() <= 0.5 / 255 + 1e-6


def test_blend_is_bilinear_and_exact_on_its_tiles():
    tiles = rng.random((4, 5, 3, 3))
    for i, j in [(0, 0), (3, 4), (2, 1)]:
        np.testing.assert_allclose(latent.blend(tiles, i, j), tiles[i, j], atol=1e-12)
    theirs = torch.nn.functional.interpolate(
        torch.as_tensor(tiles).permute(2, 3, 0, 1), (7, 9), mode="bilinear", align_corners=True
    )  # twice as fine
    for a in range(7):
        for c in range(9):
            ours = latent.blend(tiles, a / 2, c / 2)
            np.testing.assert_allclose(ours, theirs[:, :, a, c].numpy(), atol=1e-12)


def test_quantile_nodes_part_the_gaussian_evenly():
    z = latent.nodes("quantile", 9, 2.0, 0.5)
    shares = Normal(2.0, 0.5).cdf(torch.as_tensor(z)).numpy()
    np.testing.assert_allclose(shares, (np.arange(9) + 0.5) / 9, atol=1e-7)


def test_sheet_puts_tiles_in_reading_order():
    tiles = np.arange(6).reshape(2, 3, 1, 1) * np.ones((1, 1, 2, 2))
    flat = latent.sheet(tiles)
    assert flat.shape == (4, 6)
    assert flat[0].tolist() == [0, 0, 1, 1, 2, 2] and flat[3].tolist() == [3, 3, 4, 4, 5, 5]


# numbers


def test_slerp_keeps_the_length_and_turns_evenly():
    a, c = np.array([3.0, 0.0, 0.0]), np.array([0.0, 3.0, 0.0])
    for t in (0, 0.25, 0.5, 1):
        z = latent.slerp(a, c, t)
        np.testing.assert_allclose(np.linalg.norm(z), 3, atol=1e-12)
        np.testing.assert_allclose(np.arctan2(z[1], z[0]), t * np.pi / 2, atol=1e-12)
    np.testing.assert_allclose(latent.slerp(a, 2 * a, 0.5), 1.5 * a)  # no angle: straight


def test_quantised_codes_have_so_many_levels_and_err_by_half_a_bin():
    z = rng.normal(size=(500, 2))
    low, high = z.min(0), z.max(0)
    kept = latent.quantised(z, 3, low, high)
    assert all(len(np.unique(kept[:, j])) <= 8 for j in range(2))
    assert (np.abs(kept - z) <= (high - low) / 16 + 1e-12).all()


@pytest.mark.parametrize("kind", ["vae", "ae"])
def test_the_decoder_in_numpy_is_torch_s(kind):
    torch.manual_seed(1)
    net = autoencoder.VAE(autoencoder.Config(hidden=(16, 12), kind=kind)).double()
    z = torch.randn(5, 2, dtype=torch.float64)
    tensors = {k: v.numpy() for k, v in net.state_dict().items()}
    theirs = net.decode(z)[:, 0].detach().numpy()
    np.testing.assert_allclose(latent.decode(tensors, z.numpy()), theirs, atol=1e-12)


def test_a_wrong_number_is_noticed():
    mu, logvar, eps = rng.normal(size=(3, 4))
    kl = 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar)
    assert latent.kl_delta(mu, logvar, kl)["delta"] < 1e-12
    assert latent.kl_delta(mu, logvar, kl + 1e-6)["delta"] > 1e-7
    z = mu + np.exp(logvar / 2) * eps
    assert latent.sample_delta(mu, logvar, eps, z)["delta"] < 1e-12
    assert latent.sample_delta(mu, logvar, eps, z + 1e-6)["delta"] > 1e-7
    logits, x = rng.normal(size=(2, 3, 1, 28, 28))
    x = 1 / (1 + np.exp(-x))
    total = autoencoder.log_likelihood(torch.as_tensor(logits), torch.as_tensor(x)).numpy()
    assert latent.likelihood_delta(logits, x, total)["delta"] < 1e-12
    assert latent.likelihood_delta(logits, x, total * 1.001)["delta"] > 1e-6


def test_your_turn_of_the_posterior_is_mu_plus_sigma_eps():
    scene = of("posterior")
    found = tab.tables("posterior", scene["inputs"])
    mu, logvar, eps = (np.array(found[k]) for k in ("mu", "logvar", "eps"))
    (blank,) = asked(scene)["turn"]["blanks"]
    np.testing.assert_allclose(np.ravel(blank["rows"]), mu + np.exp(logvar / 2) * eps[0])


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
    with pytest.raises(InputError, match=field):
        tab.board(view, {**of(view)["inputs"], **inputs})


# the API


def test_the_api_says_what_core_says():
    image = vae_models.digits()[0][7]
    x = torch.as_tensor(image, dtype=torch.float32)[None, None]
    net = load(vae_models.PLAIN)
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
    image = vae_models.digits()[0][30]
    found = tab.vae_elbo(image.tolist())["elbo"]
    x = torch.as_tensor(image, dtype=torch.float32).expand(2000, 1, 28, 28)
    eps = torch.randn(2000, 2, generator=torch.Generator().manual_seed(9))
    each = autoencoder.elbo(load(vae_models.PLAIN), x, eps)["elbo"]  # type: ignore[arg-type]
    error = float(each.std()) * (1 / 64 + 1 / 2000) ** 0.5
    assert abs(float(each.mean()) - found) < 4 * error


def test_a_model_that_is_not_here_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(vae_models, "have", lambda name: False)
    with pytest.raises(InputError, match="model"):
        tab.vae_decode([0, 0])


def test_beta_is_read_off_the_name():
    assert [vae_plane.beta_of(name) for name in vae_models.BETAS] == [0.2, 1.0, 4.0]


@pytest.mark.parametrize("name", ["ae-mnist", *vae_models.BETAS])
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
    mu, _ = vae_models.encode(name, images[:, 0].numpy() / 255.0)
    assert np.abs(again.numpy() - mu).max() < 0.01  # half precision of codes up to 16


def test_dots_of_the_cloud_lie_where_the_page_puts_points():
    xs, ys = np.array([-1.0, 0.0, 2.0]), np.array([2.0, 0.0, -1.0])
    url = latent.cloud(np.array([[1.0, -0.5], [9.0, 0.0]]), np.array([[9, 8, 7]] * 2), xs, ys)
    picture = np.array(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))
    rows, columns = np.nonzero(picture[..., 3])
    # x = 1 is index 1.5 of 3 columns, y = -0.5 index 1.5 of 3 rows; what lies beyond is left out
    assert (rows.min(), columns.min(), len(rows)) == (480, 480, 4)
    assert picture[480, 480].tolist() == [9, 8, 7, 190]
