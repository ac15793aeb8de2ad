"""What the ProGAN lesson says, computed."""

import numpy as np
import torch

from apps.lessons.progan import decide, deviation, fade, levels, models, norm, rate
from apps.lessons.progan.inputs import BATCH, MAPS, SIDES, Inputs
from core.models.progan import by_hand
from core.models.progan.growth import g_loss
from core.models.progan.layers import PixelNorm
from core.models.progan.networks import Config, Generator, ProGAN
from tests.lessons.claims import SEEDS, claim
from tests.tab_case import TabCase

torch.set_num_threads(1)
CASE = TabCase("progan")


# fading in


@claim("progan", 1)
def test_the_ends_are_the_two_pictures(said):
    said("4×4", SIDES[0], SIDES[0])
    said("8×8", SIDES[1], SIDES[1])
    for digit in SEEDS:
        old, new = fade.pictures_of(Inputs(digit=digit))
        out = {alpha: by_hand.fade(old, new, alpha)["out"] for alpha in (0.0, 1.0)}
        said("0", np.abs(out[0.0] - np.kron(old, np.ones((2, 2)))).max())
        assert np.array_equal(out[1.0], new)
    said.named("1")


@claim("progan", 1)
def test_whole_numbers_bring_the_new_level_all_at_once(said):
    assert CASE.scene("fade")["tries"] == {"counting": "whole"}
    table = CASE.tables("fade", counting="whole")["alpha"][1:]
    *before, last = [alpha for _, alpha in table]
    assert not any(before) and last == 1
    rising = [alpha for _, alpha in CASE.tables("fade")["alpha"][1:]]
    assert (np.diff(rising) > 0).all()
    said("0", before[-1])
    said("1", last)


@claim("progan", 1)
def test_a_level_just_added_draws_noise(said):
    """At α = 1/8 the old picture is still what is seen, at α = 1 nothing is left of it."""
    for digit in SEEDS:
        old, new = fade.pictures_of(Inputs(digit=digit, new="fresh"))
        faint, whole = (by_hand.fade(old, new, alpha)["out"].ravel() for alpha in (1 / 8, 1.0))
        doubled = np.kron(old, np.ones((2, 2))).ravel()
        assert (
            np.corrcoef(faint, doubled)[0, 1] > 0.8
            and abs(np.corrcoef(whole, doubled)[0, 1]) < 0.45
        )
        assert np.abs(faint - doubled).mean() < 0.1 < np.abs(whole - doubled).mean()
    said.named("1")


# all levels of the same codes


@claim("progan", 2)
def test_codes_are_told_apart_from_16x16_on(said):
    found = dict(CASE.tables("levels")["matched"][1:])
    said("100", found[16])
    said("47", found[8])
    said("25", found[4])
    assert found[32] == levels.CROWD
    said.named("4×4 8×8 16×16 32×32 100 99")
    for seed in SEEDS:
        first, second, third, last = levels.own_matches(seed)
        assert 10 <= first < 30 <= second < 50 < 95 <= third <= last == 100


@claim("progan", 2)
def test_by_chance_one_in_a_hundred_is_its_own(said):
    draw = np.random.default_rng(0)
    hits = [
        (draw.random((levels.CROWD, levels.CROWD)).argmax(1) == np.arange(levels.CROWD)).sum()
        for _ in range(1000)
    ]
    said("1", np.mean(hits).round(1))


@claim("progan", 2)
def test_small_layers_to_pixels_stop_learning_and_their_maps_do_not(said):
    """Once the next level has faded in no gradient reaches a layer to pixels."""
    config = Config(latent=4, channels=(6, 6, 4), images=(10, 10, 10))
    model = ProGAN(config)
    for shown, learning in ((9, [0]), (12, [0, 1]), (18, [1]), (22, [1, 2]), (29, [2])):
        model.zero_grad(set_to_none=True)
        g_loss(model, 2, shown, torch.Generator().manual_seed(0))[0].backward()
        pixels = [one.weight.grad is not None for one in model.generator.pixels]
        assert [at for at, is_learning in enumerate(pixels) if is_learning] == learning
        below = [p.grad for p in model.generator.levels[0].parameters()]
        assert all(one is not None and one.abs().max() > 0 for one in below)
    said.named("32×32")


# a batch's deviation


@claim("progan", 3)
def test_copies_have_no_deviation(said):
    said("4×4", *deviation.batch_of(BATCH).shape[1:])
    every = dict(CASE.tables("deviation")["statistics"][1:])
    said("0.0501에서 0.0001", every[BATCH], every[1])
    assert CASE.scene("deviation")["tries"] == {"distinct": 1}
    said("1e-8", by_hand.EPSILON)
    said("0.0001", by_hand.EPSILON**0.5)
    assert every[1] < every[2] < every[3] < every[4]


@claim("progan", 3)
def test_without_epsilon_the_gradient_of_copies_is_no_number(said):
    copies = torch.ones(4, 2, 2, dtype=torch.float64, requires_grad=True)
    copies.var(0, correction=0).sqrt().mean().backward()
    assert copies.grad is not None and copies.grad.isnan().all()
    eased = torch.ones(4, 2, 2, dtype=torch.float64, requires_grad=True)
    (eased.var(0, correction=0) + by_hand.EPSILON).sqrt().mean().backward()
    assert eased.grad is not None and eased.grad.isfinite().all()
    said.named("0/0")


@claim("progan", 3)
def test_d_appends_the_deviation_of_its_maps_of_4x4(said):
    net = ProGAN(Config(latent=4, channels=(6, 6), images=(1, 1))).discriminator
    seen = []
    net.end[0].register_forward_hook(lambda _, given, out: seen.append(given[0]))
    x = torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    for batch in (x, x[:1].expand(4, -1, -1, -1)):
        net(batch, 1)
    (mixed, copies) = (one[:, -1] for one in seen)
    assert mixed.shape == (4, 4, 4) and mixed.max() == mixed.min() > 100 * copies.max()
    said("4×4", *mixed.shape[1:])


# equalised weights


@claim("progan", 4)
def test_adam_moves_a_share(said):
    eta = Inputs().rate
    said("0.002", eta)
    rows = CASE.tables("rate")["shares"][1:]
    found = {int(row[0]): row[1:] for row in rows}
    c, even, plain = found[1024]
    said("1,024", 1024)
    said("0.044", c)
    said("4.5 %", 100 * plain)
    said("0.57 %", 100 * found[16][2])
    said("16", 16)
    said("0.2 %", 100 * even)
    assert {row[1] for row in found.values()} == {even}
    said.named("2 1")


@claim("progan", 4)
def test_the_table_has_the_net_s_layers(said):
    model = ProGAN(Config())
    weights = [p for name, p in model.named_parameters() if name.endswith("weight")]
    assert set(rate.NET.values()) <= {p[0].numel() for p in weights}
    said.named("0")


@claim("progan", 4)
def test_sizes_stay_grow_or_shrink(said):
    last = CASE.tables("rate")["sizes"][-1]
    said("1.2e15", last[2])
    said("1.2e-19", last[3])
    said("0.02", rate.SMALL)
    assert rate.LAYERS == 10
    for seed in SEEDS:
        x, weights = by_hand.draw_layers(256, rate.LAYERS, seed)
        kept = by_hand.through_layers(x, weights, np.sqrt(2 / 256))["found"]
        assert 0.5 < kept.min() and kept.max() < 2.5
        assert by_hand.through_layers(x, weights, 1.0)["found"][-1] > 1e15


# pixel norm


@claim("progan", 5)
def test_the_mean_square_is_one_however_large_a_map_gets(said):
    assert CASE.scene("norm")["tries"] == {"louder": 10}
    said("10", 10)
    said("3×3", *norm.maps_of(Inputs()).shape[1:])
    said("4", MAPS)
    for seed in SEEDS:
        for louder in (1.0, 10.0, 1e5):
            maps = norm.maps_of(Inputs(seed=seed))
            maps[0] *= louder
            out = by_hand.pixel_norm(maps)["out"]
            said("1", (out**2).mean(0).max())
            said("1", (out**2).mean(0).min())
            assert np.abs(out).max() <= MAPS**0.5
        if (np.abs(maps[0]) > 1).any():
            said("2", np.abs(out).max())
            rest = np.abs(out[1:, np.abs(maps[0]) > 1]).max()
            said("0", rest)
    said.named("4 2")


@claim("progan", 5)
def test_ratios_at_a_place_are_kept_and_sizes_are_lost(said):
    for seed in SEEDS:
        maps = norm.maps_of(Inputs(seed=seed)) + 0.05  # no zeros
        out = by_hand.pixel_norm(maps)["out"]
        np.testing.assert_allclose(out[0] / out[1], maps[0] / maps[1])
        np.testing.assert_allclose(by_hand.pixel_norm(1000 * maps)["out"], out, atol=1e-6)
    said.named("1")


@claim("progan", 5)
def test_g_has_it_behind_every_convolution_of_3x3(said):
    modules = [type(one).__name__ for one in Generator(Config()).levels.modules()]
    after = [b for a, _, b in zip(modules, modules[1:], modules[2:]) if a == "EqualConv"]
    assert after == ["PixelNorm"] * 7
    said.named("3×3")
    assert not any(isinstance(one, PixelNorm) for one in ProGAN(Config()).discriminator.modules())


# what each level decides


@claim("progan", 6)
def test_noise_on_early_maps_changes_digits_on_late_ones_dots(said):
    said("0.3", CASE.scene("decide")["inputs"]["noise"])
    head, *rows = CASE.tables("decide")["levels"]
    found = {row[0]: dict(zip(head, row)) for row in rows}
    said("31", found[32]["other"])
    said("20", found[4]["other"])
    said("11", found[32]["filtered"])
    said("21", found[4]["filtered"])
    said("3×3", decide.WINDOW, decide.WINDOW)
    said("4", decide.COARSE)
    said.named("100 4×4 32×32")
    every = [
        [decide.measure("noise", 0.3, seed, level) for level in models.LEVELS] for seed in SEEDS
    ]
    other, filtered, coarse = (
        np.array([[one[name] for one in levels_of] for levels_of in every])
        for name in ("other", "filtered", "coarse")
    )
    assert (filtered[:, 0] > filtered[:, 1:].max(1)).all()
    assert filtered[:, 0].mean() > 2 * filtered[:, 2:].mean(0).max()
    assert (coarse[:, 0] > coarse[:, 1]).all() and (coarse[:, 1] > coarse[:, 2:].max(1)).all()
    assert (other[:, 3] > 2 * filtered[:, 3]).all()  # dots that mislead the classifier


@claim("progan", 6)
def test_halves_are_cut_at_the_last_level_and_drawn_to_meet_at_the_first(said):
    assert CASE.scene("decide")["tries"] == {"change": "half"}
    head, *rows = CASE.tables("decide", change="half")["levels"]
    found = {row[0]: dict(zip(head, row)) for row in rows}
    said("2.4", found[32]["seam"])
    said("1.1", found[4]["seam"])
    for seed in SEEDS:
        every = [decide.measure("half", 0.3, seed, level) for level in models.LEVELS]
        leak, seam = ([one[name] for one in every] for name in ("leak", "seam"))
        assert leak[3] == 0 and (np.diff(leak) < 0).all()
        assert 0.85 < seam[0] < 1.2 and 2.3 < seam[3] and (np.diff(seam) > 0).all()


def test_a_change_s_coarse_share_is_that_of_its_waves():
    at = np.arange(28)
    slow, fast = (np.sin(2 * np.pi * waves * at / 28)[None, None] for waves in (4, 5))
    both = np.repeat(slow + fast, 28, 1)
    assert np.isclose(decide.coarse_share(np.repeat(slow, 28, 1)), 1)
    assert np.isclose(decide.coarse_share(both), 0.5)
