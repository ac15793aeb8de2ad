"""What the GAN lesson says, computed: from its nets, journals and presets."""

from functools import lru_cache, partial
from typing import Any

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm, spearmanr
from torch import nn

from apps.lessons.gan import family, nets, plane
from apps.lessons.gan.inputs import CURES, Inputs
from apps.lessons.shared import nets as shared_nets
from apps.lessons.shared import pictures
from core.measure import comparison
from core.models.biggan.layers import ConditionalNorm
from core.models.biggan.spectral import SpectralConv
from core.models.gan import gan2d, gan2d_picture, slide
from core.weights import cards, load
from tests.lessons.claims import SEEDS, claim
from tests.tab_case import TabCase

torch.set_num_threads(1)
CASE = TabCase("gan")
LOG2 = np.log(2)


def preset(view):
    """Return a view's preset."""
    return CASE.scene(view)["inputs"]


@lru_cache(maxsize=16)
def values(view, **changes):
    """Return the curves' values at the opening moments of a run."""
    return [one["values"] for one in CASE.asked(view, **changes)["frames"]]


def run(view, steps, every=200, rounding=None, **changes):
    """Train a preset's run; return its measures and D's mean loss at every so many steps.

    `rounding`, a seed, moves each first weight by about a millionth of itself: what other
    arithmetic of another processor does to a run within a few steps.
    """
    settings = plane.RUN.settings(Inputs(**{**preset(view), **changes}))
    state, out = gan2d.begin(settings), []
    if rounding is not None:
        draw = torch.Generator().manual_seed(rounding)
        for net in "gd":
            state[net] = state[net] * (1 + 1e-6 * torch.randn(state[net].shape, generator=draw))
    for _ in range(steps // every):
        state, seen = gan2d.advance(state, settings, every)
        found = gan2d_picture.measure(state, settings)
        modes = found["modes"] or {}
        loss = np.mean([one["d_loss"] for one in seen if one["d_loss"] is not None])
        out.append({"w1": found["w1"], "covered": modes.get("covered"), "d_loss": loss})
    return out


def sigma(t):
    """Return the logistic function."""
    return 1 / (1 + np.exp(-np.asarray(t)))


# ---- scenes 1 and 2: by hand


@claim("gan", 1)
def test_the_slide_s_misprints(said):
    case = slide.discriminator_case()
    w1, w2, x = np.ravel(case["w1"]), np.array(case["w2"]), case["x"]
    a = sigma(w1 * x)
    D = sigma(w2 @ a)
    dw2 = (D - 1) * a
    dw1 = (D - 1) * w2 * a * (1 - a) * x
    said("D를 먼저 0.62", D)
    said("[−0.207, −0.199, −0.207]", *dw2)
    said("−0.014", dw1[1])
    said.named("−0.019, −0.017, −0.009")  # the slide's
    assert [round(v, 3) for v in dw1] == [-0.019, -0.014, -0.009]
    again = (0.62 - 1) * w2 * a * (1 - a) * x
    assert round(again[1], 3) != -0.017
    said.named("y = 1 y = 0 a(1 − a)")
    step = 1e-6  # the two gradients, by differences of −log D
    for k in range(3):
        up, down = (-np.log(sigma((w2 + s * np.eye(3)[k]) @ a)) for s in (step, -step))
        assert abs((up - down) / (2 * step) - dw2[k]) < 1e-8


@claim("gan", 2)
def test_minimax_is_larger_until_d_falls_below_one_half(said):
    case = slide.generator_case()
    D = {}
    for name, one in (("slide", case), ("sure", slide.sure_case())):
        t = np.tanh(np.array(one["v1"])[:, 0] * one["u"])
        x = np.array(one["v2"])[0] @ t
        D[name] = sigma(np.array(one["w2"]) @ sigma(np.array(one["w1"])[:, 0] * x))
    said("0.603", D["slide"])
    said("0.397", 1 - D["slide"])
    said("0.010", D["sure"])
    said("100", (1 - D["sure"]) / D["sure"])
    said.named("1/2 |D − 1|")
    for p in np.linspace(0.01, 0.99, 99):
        assert (p > 1 - p) == (p > 0.5 + 1e-12)


# ---- scene 3: the line


@claim("gan", 3)
def test_d_star_is_the_best_and_its_loss_is_2_log_2_minus_2_js(said):
    said("0.693", LOG2)
    said("1.386", 2 * LOG2)
    said.named("2 log 2 − 2 JS 1/2")
    spread = 0.5
    assert Inputs(**preset("optimal")).spread == spread
    for at, one in enumerate(CASE.asked("optimal")["frames"]):
        js, shift, loss = (fact["v"] for fact in one["facts"])
        q, p = (partial(norm.pdf, loc=mean, scale=spread) for mean in (shift, 0))
        for x in (-0.3, 0.4, 0.9):
            tried = np.linspace(0.001, 0.999, 999)
            cost = -p(x) * np.log(tried) - q(x) * np.log(1 - tried)
            assert abs(tried[cost.argmin()] - p(x) / (p(x) + q(x))) < 2e-3

        def own(x, p=p, q=q):
            return -p(x) * np.log(p(x) / (p(x) + q(x))) - q(x) * np.log(q(x) / (p(x) + q(x)))

        if at % 4 == 0:
            total = quad(own, shift / 2 - 4, shift / 2 + 4, limit=200)[0]
            assert abs(total - loss) < 1e-5 and abs(loss - (2 * LOG2 - 2 * js)) < 1e-12
    assert shift == 0 and abs(js) < 1e-12


@claim("gan", 3)
def test_far_off_js_stands_and_w1_falls_by_the_move(said):
    for spread in (0.2, 0.5):
        facts = [
            [fact["v"] for fact in one["facts"]]
            for one in CASE.asked("optimal", spread=spread)["frames"]
        ]
        js, w1, _ = np.transpose(facts)
        assert abs(js[0] - js[1]) < 1e-3 and abs(js[0] - LOG2) < 1e-3
        np.testing.assert_allclose(-np.diff(w1), w1[0] - w1[1])
        assert (np.diff(js) <= 0).all() and (np.diff(js)[8:] < 0).all() and w1[0] - w1[1] == 0.25


# ---- scene 4: it learns


@claim("gan", 4)
def test_points_gather_and_d_stays_near_2_log_2(said):
    said("1.386", 2 * LOG2)
    said.named("2 log 2 1/2 0")
    first, *_, last = values("plane")
    assert last["w1"] < 0.4 * first["w1"] and last["covered"] == 8
    losses = [one["d_loss"] for one in values("plane")[1:]]
    assert all(abs(one - 2 * LOG2) < 0.2 for one in losses[2:])
    for seed in SEEDS:  # before anything is learned, too
        settings = plane.RUN.settings(Inputs(**{**preset("plane"), "seed": seed}))
        _, seen = gan2d.advance(gan2d.begin(settings), settings, 1)
        assert abs(seen[0]["d_loss"] - 2 * LOG2) < 0.15


@pytest.mark.slow
def test_so_it_does_under_ten_seeds():
    for seed in SEEDS:
        found = run("plane", 800, seed=seed)
        assert found[-1]["covered"] >= 6 and found[-1]["w1"] < 0.8
        assert all(abs(one["d_loss"] - 2 * LOG2) < 0.25 for one in found[1:])


# ---- scene 5: collapse


@claim("gan", 5)
def test_a_cluster_is_lost_and_the_points_that_remain_look_real(said):
    said("0.955", np.log(3) / 2 + np.log(1.5))
    said("1.386", 2 * LOG2)
    said.named("3σ 1/2 10분의 1")
    early = [one for one in values("collapse") if 100 <= one["x"] <= 200]
    last = values("collapse")[-1]
    assert any(one["covered"] == 2 for one in early)
    assert last["covered"] == 1 and last["quality"] > 0.9 and last["w1"] > 1
    assert abs(last["d_loss"] - 0.955) < 0.06
    assert 2 * 0.5**4 == 1 / 8  # four points in one cluster, said in words


@claim("gan", 5)
def test_it_is_lost_whatever_the_processor_s_rounding(said):
    said.named("1/2")
    for rounding in range(3):
        found = run("collapse", 1200, 400, rounding=rounding)
        assert found[-1]["covered"] == 1 and found[-1]["w1"] > 1, rounding
        assert abs(found[-1]["d_loss"] - 0.955) < 0.06, rounding


@claim("gan", 5)
def test_each_cure_covers_both(said):
    for cure, changes in CURES.items():
        last = run("collapse", 1200, 400, **changes)[-1]
        assert (last["covered"] == 2) == (cure != "none"), cure
    assert CURES["wgan-gp"]["d_steps"] == 3 and CURES["pack"]["pack"] == 4


@pytest.mark.slow
def test_each_cure_covers_both_under_ten_seeds():
    for cure, changes in CURES.items():
        last = [run("collapse", 1200, 400, seed=seed, **changes)[-1] for seed in SEEDS]
        full = sum(one["covered"] == 2 for one in last)
        assert full <= 4 if cure == "none" else full >= 9, (cure, full)


# ---- scene 6: vanishing


@claim("gan", 6)
def test_the_minimax_gradient_plunges_and_other_losses_move_the_points(said):
    said.named("log 2 0 1")
    told = values("vanishing")
    push, w1, js = (np.array([one[k] for one in told]) for k in ("push", "w1", "js"))
    assert push[-1] < 0.02 * push[0] and abs(w1[-1] - w1[0]) < 0.15 * w1[0]
    assert np.abs(js - LOG2).max() < 0.01
    state = CASE.asked("vanishing")["frames"][-1]["state"]
    settings = preset("vanishing")
    assert settings["d_steps"] == 5  # said in words
    for loss in ("minimax", "non-saturating", "wgan-gp"):
        frame: Any = None
        for _ in range(2):
            inputs = Inputs(**{**settings, "loss": loss, "speed": 100})
            frame = plane.RUN.live(inputs, frame["state"] if frame else state, "both", bool)
        moved = abs(frame["values"]["w1"] - w1[-1]) > 0.3 * w1[-1]
        assert moved == (loss != "minimax"), loss


# ---- scene 7: swing


@claim("gan", 7)
def test_less_momentum_calms_the_swing(said):
    said("0.9", preset("swing")["momentum"])
    said.named("0.5 0")
    wild, calm = (run("swing", 1200, 100, momentum=m) for m in (0.9, 0.5))
    assert all(one["covered"] == 2 for one in calm[4:])
    assert any(one["covered"] < 2 for one in wild)
    far, near = (np.array([one["w1"] for one in told[4:]]) for told in (wild, calm))
    assert near.max() < 0.8 and np.median(far) > 1.2 * np.median(near) and far.std() > near.std()


@pytest.mark.slow
def test_less_momentum_calms_the_swing_under_ten_seeds():
    w1 = {}
    for momentum in (0.9, 0.5, 0):
        told = [run("swing", 1200, seed=seed, momentum=momentum) for seed in SEEDS]
        w1[momentum] = np.median([one["w1"] for many in told for one in many[2:]])
        lost = sum(many[-1]["covered"] < 2 for many in told)
        assert lost == 0 if momentum == 0.5 else lost >= 3, (momentum, lost)
    assert w1[0.9] > 1.5 * w1[0.5]


# ---- scene 8: what curves tell


@claim("gan", 8)
def test_curves_and_distance_of_the_journals(said):
    found = {}
    for name in (nets.DCGAN, nets.WGAN):
        book = shared_nets.journal(name)
        ends, steps = book["curves.step"], book["moments.step"]
        late = [k for k, s in enumerate(steps) if ends[0] <= s <= ends[-1]]
        at = [int(np.flatnonzero(ends >= steps[k])[0]) for k in late]
        far = book["moments.Fréchet"][late]
        if name == nets.WGAN:
            curves = {"W": book["curves.D(x)"] - book["curves.D(G(z))"]}
        else:
            curves = {"D": book["curves.D"], "G": book["curves.G"]}
        for key, curve in curves.items():
            found[key] = curve[at], far, float(np.asarray(spearmanr(curve[at], far))[0])
    said("ρ = −0.82", found["D"][2])
    said("ρ = 0.72", found["G"][2])
    said("ρ = 0.94", found["W"][2])
    said("1.42, 1.07, 0.77, 0.61", *found["W"][1][-4:])
    said("0.376, 0.312, 0.361, 0.308", *found["W"][0][-4:])
    said("1.386", 2 * LOG2)
    said.named("2 log 2")
    G, D = found["G"][0], found["D"][0]
    assert np.abs(G - 1).max() < 0.2 and G[-1] < G[0] and D[0] < D[-1] < 2 * LOG2
    said("1 안팎", round(float(np.median(G)), 0))
    assert book["moments.images"].shape[1] >= 64
    said("64", nets.SHEET)


@claim("gan", 8)
def test_the_distance_is_of_3000_samples(said):
    from weights.recipes import adversarial

    said("3,000", adversarial.LOOKED)


# ---- scene 9: the space of codes


@claim("gan", 9)
def test_v1_to_v4_change_the_picture_most(said):
    board = CASE.tables("latent")
    v, share = np.array(board["directions"]), np.array(board["share"])
    assert (np.diff(share) < 0).all() and 0 < share.sum() < 1
    net: Any = load(nets.DCGAN)
    z = net.prior(48, torch.Generator().manual_seed(11))

    def change(direction):
        step = 0.05 * torch.as_tensor(direction, dtype=torch.float32)
        with torch.no_grad():
            moved = (net.decode(z + step) - net.decode(z - step)) / 0.1
        return float((moved**2).sum((1, 2, 3)).mean())

    along = [change(one) for one in v]
    rng = np.random.default_rng(0)
    for _ in SEEDS:
        other = rng.standard_normal(v.shape[1])
        assert change(other / np.linalg.norm(other)) < along[3]
    assert along[0] == max(along)


@claim("gan", 9)
def test_samples_are_as_far_from_training_images_as_test_digits(said):
    from core.measure import neighbours

    bits = neighbours.training_bits()[0]
    usual = neighbours.nearest(pictures.digits()[0][::5], bits)[0][:, 0]
    images = nets.decode(nets.DCGAN, nets.codes(nets.DCGAN, 20, 1))
    gaps = neighbours.nearest(images, bits)[0][:, 0]
    assert gaps.min() > 5 and 0.6 < np.median(gaps) / np.median(usual) < 1.7


@claim("gan", 9)
def test_real_digits_mostly_score_higher_and_moves_are_continuous(said):
    for name in nets.FREE:
        for seed in list(SEEDS)[:5]:
            real = nets.scores(name, pictures.digits()[0])
            fake = nets.scores(name, nets.decode(name, nets.codes(name, 100, seed)))
            assert np.mean(real[:, None] > fake) > 0.5
    ends = nets.codes(nets.DCGAN, 2, 1)
    most = []
    for n in (60, 120, 240):
        t = np.linspace(0, 1, n + 1)[:, None]
        images = nets.decode(nets.DCGAN, (1 - t) * ends[0] + t * ends[1])
        most.append(np.abs(np.diff(images, axis=0)).max())
    assert most[1] < 0.65 * most[0] and most[2] < 0.65 * most[1]


# ---- scene 10: labels


@claim("gan", 10)
def test_labels_say_what_and_half_way_is_open(said):
    net: Any = load(nets.CGAN)
    asked = np.repeat(np.arange(10), 10)
    kept = []
    for seed in SEEDS:
        z = nets.codes(nets.CGAN, 10, seed)
        images = nets.decode(nets.CGAN, np.tile(z, (10, 1)), asked)
        kept.append((shared_nets.read_digits(images).argmax(1) == asked).mean())
    assert min(kept) > 0.9 and net.config.classes == 10
    e = nets.embeddings()
    pairs = [(3, 8), (0, 1), (4, 9)]
    read = np.zeros(3)
    for a, c in pairs:
        z = nets.codes(nets.CGAN, 64, 3)
        found = shared_nets.read_digits(nets.decode_with(z, (e[a] + e[c]) / 2)).argmax(1)
        read += [(found == a).sum(), (found == c).sum(), ((found != a) & (found != c)).sum()]
    assert (read > 10).all()


# ---- scene 11: the kinds of GAN


@claim("gan", 11)
def test_each_kind_changed_something_else(said):
    """What the frames say of our nets; what they say of the papers' stands in these."""
    every: list[Any] = [load(name) for name in family.KINDS.values()]
    dcgan, wgan, cgan, progan, biggan, pix2pix = every

    def layers(net, kind):
        return sum(isinstance(one, kind) for one in net.modules())

    for net in (dcgan.generator, dcgan.discriminator):  # build
        assert layers(net, (nn.Conv2d, nn.ConvTranspose2d)) >= 2 and layers(net, nn.BatchNorm2d)
    assert wgan.config.loss == "wgan-gp" and wgan.config.penalty > 0  # loss
    assert not layers(wgan.discriminator, nn.Sigmoid)
    assert (wgan.config.classes, cgan.config.classes) == (0, 10)  # condition
    assert progan.config.grown and progan.generator.pixels[0] is not None  # order of training
    assert layers(biggan.generator, ConditionalNorm) and layers(biggan.generator, SpectralConv)
    assert layers(biggan.discriminator, SpectralConv)
    assert pix2pix.config.l1 > 0 and pix2pix.config.sees


@claim("gan", 11)
def test_labels_brought_the_distance_down_the_most(said):
    said("2,000장", comparison.MEASURED)
    digits = {kind: card for kind, card in family.KINDS.items() if kind != "Pix2Pix"}
    found = {kind: family.distance(card) or 0.0 for kind, card in digits.items()}
    told = [found["CGAN"], found["BigGAN"]]
    untold = [found[kind] for kind in ("DCGAN", "WGAN-GP", "ProGAN")]
    said("0.07과 0.05", *told)
    said("0.46에서 0.79", min(untold), max(untold))
    said("0.05", family.floor())
    assert max(told) < min(untold) / 3
    trained = {cards()[card].training["minutes"] for card in family.KINDS.values()}
    assert len(trained) == len(family.KINDS)  # no two alike
    shown = dict(CASE.tables("family")["distances"][1:])
    assert shown == found


@claim("gan", 11)
def test_pix2pix_draws_no_z(said):
    first, second = family.syllables(), family.syllables()
    assert np.array_equal(first, second)
    board = CASE.asked("family")
    assert board["turn"]["choices"][board["turn"]["answer"]] == "Pix2Pix"
    assert "Pix2Pix" not in dict(CASE.tables("family")["distances"][1:])


def test_the_family_s_digits_are_the_comparison_s():
    for kind, card in family.KINDS.items():
        if kind == "Pix2Pix":
            continue
        kept = comparison.shipped_samples(cards()[card])
        assert kept is not None
        drawn = np.round(255 * family.digits(card, comparison.SEED))
        assert np.abs(drawn - kept["images"][:10].astype(float)).max() <= 1
