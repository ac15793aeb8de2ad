"""The GAN tab's scenes of digits: presets pass their checks and say what is true, the float64 nets
are torch's, directions and ranks are what others compute, page inputs and the API are checked.
"""

import json

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from apps import gan as tab
from apps.lessons.gan import classes as gan_classes
from apps.lessons.gan import digits as gan_digits
from apps.lessons.gan import latent as gan_latent
from apps.lessons.gan import moments, nets
from apps.lessons.gan import scores as gan_scores
from apps.stage.server import words
from apps.stage.server.lesson import answers, board_text
from core.inputs import InputError
from core.measure import neighbours, ranks
from core.models.gan import check_digits, directions
from core.models.gan.networks import GAN, Config
from core.weights import WeightError

torch.set_num_threads(1)

SCENES = [s for s in words.scenes("gan") if s["view"] in gan_digits.VIEWS]
SHOWN = [
    (scene, {"show": show} if show else {})
    for scene in SCENES
    for show in gan_digits.SHOWS.get(scene["view"], {"": None})
]
IDS = ["-".join([scene["view"], *shown.values()]) for scene, shown in SHOWN]
each_show = pytest.mark.parametrize(("scene", "shown"), SHOWN, ids=IDS)
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


def known(language, key):
    for table in (words.words(language, "gan")["words"], words.words(language, "errors")):
        at = table
        for name in key.split("."):
            at = at.get(name) if isinstance(at, dict) else None
        if at is not None:
            return True
    return False


# ---- scenes


@each_show
def test_a_preset_passes_its_checks_in_known_words(scene, shown):
    board = asked(scene, **shown)
    assert board["frames"] and board["checks"]
    assert all(check["ok"] for check in board["checks"]), board["checks"]
    for key in keys_said(board):
        assert all(known(language, key) for language in words.LANGUAGES), key


@each_show
def test_a_net_that_is_not_here_is_said_in_one_sentence(scene, shown, monkeypatch):
    def refuse(name):
        raise WeightError("weights_unknown", name=name, allowed="none yet")

    monkeypatch.setattr(nets, "model", refuse)
    monkeypatch.setattr(nets, "journal", lambda name: {})
    for kept in (gan_latent.ways, gan_scores.usual, gan_classes.obeyed, board_text):
        kept.cache_clear()
    board = asked(scene, **shown)
    assert board_text.cache_info().currsize == 0  # asked again, it looks again
    if shown.get("show") != "augment":  # measured numbers need no net
        assert "digits.absent" in set(keys_said(board["frames"]))
    assert all(check["ok"] for check in board["checks"] if "delta" in check)


def test_each_show_hides_what_only_another_needs():
    scene = of("latent")
    assert set(asked(scene)["without"]) == {"other_seed", "digit", "clear"}
    assert set(asked(scene, show="walk")["without"]) == {
        *(f"way_{k}" for k in range(1, 5)),
        "digit",
        "clear",
    }
    assert asked(scene)["limits"]["show"]["options"] == ["directions", "walk", "scores"]
    assert asked(scene)["limits"]["model"]["options"] == list(nets.FREE)
    assert set(asked(of("classes"), show="augment")["without"]) == {"seed", "class_a", "class_b"}


def test_moments_say_what_their_curves_are():
    """The first scene's claim and answer: W̃ comes down with the distance, DCGAN's D goes up."""
    estimate = moments.correlations(nets.WGAN)
    dcgan = moments.correlations(nets.DCGAN)
    assert estimate["W"] > 0.9 and dcgan["D"] < -0.7
    values, _ = moments.paired(nets.journal(nets.DCGAN))
    assert values["D"][-1] > values["D"][0] and values["D"].max() < 2 * np.log(2)
    assert 0.8 < values["G"].min() and values["G"].max() < 1.2
    turn = asked(of("moments"))["turn"]
    best = max([*dcgan.items(), *estimate.items()], key=lambda one: one[1])
    assert turn["choices"][turn["answer"]]["curve"]["k"] == moments.WORDS[best[0]]
    for language in words.LANGUAGES:
        assert "1.386" in json.dumps(words.words(language, "gan")["scene"], ensure_ascii=False)


def test_the_last_moment_is_what_the_shipped_net_draws():
    for name in nets.NETS:
        found = moments.checks(name, nets.journal(name), moments.correlations(name))
        assert len(found) == 2 and all(one["ok"] for one in found), (name, found)


def test_moments_are_at_least_twelve_of_64_digits():
    board = asked(of("moments"))
    assert len(board["frames"]) >= 12
    (sheet, *_) = board["frames"][-1]["view"]["items"]
    assert (sheet["rows"], sheet["cols"]) == (8 * 28, 8 * 28)


def test_a_slider_moves_the_code_along_its_direction():
    scene = of("latent")
    inputs = {**scene["inputs"], "show": "directions"}
    at = np.array(tab.tables("latent", inputs)["z"])
    moved = np.array(tab.tables("latent", {**inputs, "way_2": -1.5})["z"])
    v, share = gan_latent.ways(inputs["model"])
    np.testing.assert_allclose(moved - at, -1.5 * v[1], atol=1e-6)
    np.testing.assert_allclose(v @ v.T, np.eye(len(v)), atol=1e-10)
    assert (np.diff(share) <= 0).all() and 0 < share.sum() < 1


def test_samples_are_no_copies():
    """The second scene's answer: a sample is about as far from its nearest as a test digit is."""
    made = nets.decode(nets.DCGAN, nets.codes(nets.DCGAN, 5, 1))
    bits = gan_latent.training()
    apart = neighbours.nearest(made, bits)[0][:, 0]
    usual = np.median(neighbours.nearest(nets.digits()[0][::20], bits)[0])
    assert apart.min() > 0 and np.median(apart) > 0.5 * usual


def test_labels_are_obeyed_and_ends_of_a_blend_are_the_classes():
    assert gan_classes.obeyed().mean() > 0.95
    z = nets.codes(nets.CGAN, 3, 7)
    ours = gan_classes.drawn(z, gan_classes.embeddings()[4])
    theirs = nets.decode(nets.CGAN, z, np.full(3, 4))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    read = np.array(tab.tables("classes", {**of("classes")["inputs"], "show": "blend"})["read"])
    scene = of("classes")["inputs"]
    assert read[0, scene["class_a"]] > 0.9 and read[-1, scene["class_b"]] > 0.9


def test_clearing_gives_an_empty_drawing_that_the_link_carries():
    board = asked(of("latent"), show="scores", clear=True)
    assert board["inputs"] == {"drawn": "0" * 784, "clear": None}


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
    with pytest.raises(InputError, match=field):
        tab.board(view, {**of(view)["inputs"], **inputs})


# ---- the nets once more


@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
def test_the_nets_in_numpy_are_torch_s(norm):
    torch.manual_seed(1)
    net = GAN(Config(latent=5, channels=4, norm=norm)).double()
    z, x = torch.randn(40, 5, dtype=torch.float64), torch.rand(6, 1, 28, 28, dtype=torch.float64)
    with torch.no_grad():
        net.generator.train()(z)  # so that the batch norms have seen something
        net.discriminator.train()(2 * x - 1)
        net.eval()
        images, scores = net.decode(z[:3])[:, 0].numpy(), net.score(x).numpy()
    found = check_digits.image_delta(net, z[:3].numpy(), images)
    assert found["delta"] < 1e-12
    assert check_digits.image_delta(net, z[:3].numpy(), images + 1e-6)["delta"] > 1e-7
    assert check_digits.score_delta(net, x[:, 0].numpy(), scores)["delta"] < 1e-12
    assert check_digits.score_delta(net, x[:, 0].numpy(), scores + 1e-3)["delta"] > 1e-5


def test_the_conditional_generator_in_numpy_is_torch_s():
    torch.manual_seed(2)
    net = GAN(Config(latent=3, channels=4, classes=10)).double().eval()
    z, asked_for = torch.randn(4, 3, dtype=torch.float64), torch.tensor([3, 1, 4, 1])
    with torch.no_grad():
        images = net.decode(z, asked_for)[:, 0].numpy()
    embedded = net.generator.embed.weight.detach().numpy()[asked_for]  # type: ignore[union-attr]
    assert check_digits.image_delta(net, z.numpy(), images, embedded)["delta"] < 1e-12


def test_the_metric_is_the_jacobian_s():
    torch.manual_seed(3)
    net = GAN(Config(latent=4, channels=2)).double().eval().requires_grad_(False)
    z = torch.randn(3, 4, dtype=torch.float64)
    ours = directions.pullback(net.decode, z)
    J = [
        torch.autograd.functional.jacobian(lambda one: net.decode(one[None]).flatten(), row)
        for row in z
    ]
    theirs = sum(j.T @ j for j in J) / 3  # type: ignore[union-attr]
    torch.testing.assert_close(ours, theirs)
    v, share = directions.principal(ours, 4)
    np.testing.assert_allclose(share.sum(), 1)
    singular = torch.linalg.svdvals(torch.cat(J)) ** 2  # type: ignore[arg-type]
    torch.testing.assert_close(share, singular / singular.sum())
    assert (v.gather(1, v.abs().argmax(1, keepdim=True)) > 0).all()
    slope = directions.changes(net.decode, z[0], v[:1])[0].numpy()
    assert check_digits.slope_delta(net, z[0].numpy(), v[0].numpy(), slope)["delta"] < 1e-7
    assert check_digits.slope_delta(net, z[0].numpy(), v[0].numpy(), 2 * slope)["delta"] > 1e-6


def test_a_wrong_way_or_neighbour_is_noticed():
    a, z, t = rng.normal(size=6), rng.normal(size=6), np.linspace(0, 1, 5)
    arc = np.array([gan_latent.latent.slerp(a, z, at) for at in t])
    line = np.array([gan_latent.latent.lerp(a, z, at) for at in t])
    assert check_digits.arc_delta(a, z, arc)["delta"] < 1e-12
    assert check_digits.arc_delta(a, z, line)["delta"] > 1e-3
    images = rng.random((50, 28, 28))
    bits = neighbours.pack(images)
    noisy = np.where(rng.random((28, 28)) < 0.1, 1 - images[7], images[7])
    apart = int(neighbours.nearest(noisy[None], bits)[0][0, 0])
    assert check_digits.nearest_delta(noisy, bits, apart)["delta"] == 0
    assert check_digits.nearest_delta(noisy, bits, apart + 1)["delta"] == 1


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
    out = nets.gan_sample(name, 12, 4)
    net = nets.model(name)
    given = torch.arange(12) % 10 if name == nets.CGAN else None
    x = net.sample(12, labels=given, generator=torch.Generator().manual_seed(4))
    np.testing.assert_allclose(out["images"], x[:, 0], atol=1e-6)
    with torch.no_grad():
        np.testing.assert_allclose(out["scores"], net.score(x, given), atol=1e-4)
    assert (out["labels"] is None) == (given is None)


def test_the_api_draws_the_label_that_it_is_asked_for():
    out = nets.gan_sample(nets.CGAN, 20, 0, 7)
    assert out["labels"].tolist() == [7] * 20
    assert (nets.verdicts(out["images"]).argmax(1) == 7).mean() > 0.8


def test_a_model_that_is_not_here_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(nets, "have", lambda name: False)
    with pytest.raises(InputError, match="model"):
        nets.gan_sample()


def test_home_has_samples_without_torch():
    made = tab.TAB.picture()
    assert made["role"] == "made" and (made["rows"], made["cols"]) == (6 * 28, 10 * 28)
