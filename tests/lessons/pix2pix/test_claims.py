"""What the Pix2Pix lesson says, computed."""

from functools import cache

import numpy as np
import pytest
import torch

from apps.lessons.pix2pix import balance, models, patch, skips, toy, unseen
from apps.lessons.pix2pix.inputs import EMPTY, Inputs
from core.data import hangul
from core.models.pix2pix.field import follow
from core.weights import cards
from tests.lessons.claims import SEEDS, claim
from tests.tab_case import TabCase

torch.set_num_threads(1)
CASE = TabCase("pix2pix")


def value(name: str, metric: str) -> float:
    """Return a figure of a card."""
    return cards()[name].metrics[metric]["value"]


# 1: three losses and several right answers


@claim("pix2pix", 1)
def test_mean_median_and_mode(said):
    found = toy.compute(Inputs())
    said("0.4, 0.3, 0.3", *found.odds)
    assert not found.median.any() and (found.mode == found.answers[0]).all()
    assert found.losses.argmin(1).tolist() == [1, 0, 2]  # L1: median, L2: mean, D: mode
    said("3.0", found.losses[0, 1])
    said("3.6", found.losses[0, 2])
    assert np.isinf(found.losses[2, :2]).all()
    assert (found.odds @ found.answers).max() < 0.5  # no pixel is a stroke as likely as one half
    said.named("L1 L2")


@claim("pix2pix", 1)
def test_overlapping_places(said):
    found = toy.compute(Inputs(shift=1))
    said("1", CASE.scene("toy")["tries"]["shift"])
    assert (found.median == found.answers[1]).all() and (found.mode == found.answers[0]).all()


@claim("pix2pix", 1)
def test_the_discriminator_that_learned_longest_is_p_of_p_and_q(said):
    for seed in SEEDS:
        draw = np.random.default_rng(seed)
        p = draw.dirichlet(np.ones(3))
        q, d = np.full(3, 1 / 3), np.full(3, 0.5)
        for _ in range(4000):  # climb E_p log D + E_q log(1 − D)
            d += 0.02 * (p / d - q / (1 - d)) * d * (1 - d)
        found = toy.by_hand.toy(np.eye(3), p.tolist())
        np.testing.assert_allclose(d, found.verdicts, atol=1e-3)
    said.named("0.3")


# 2: strokes into type


@claim("pix2pix", 2)
def test_what_is_drawn_was_held_out_and_is_read(said):
    said("64×64", 64, 64)
    said("350", len(hangul.held_out()))
    assert Inputs().syllable in hangul.held_out()
    found = CASE.tables("draw")
    assert models.read(np.stack([found[face] for face in hangul.FACES])) == "글글"


@claim("pix2pix", 2)
def test_an_empty_pad_stays_all_but_blank(said):
    found = CASE.tables("draw", drawn=EMPTY)
    assert max(found[face].max() for face in hangul.FACES) < 0.05
    said.named("64×64")


# 3: skips


@cache
def errors() -> dict[tuple[int, ...], float]:
    return dict(zip(skips.CUTS, skips.measure("myeongjo")))


@claim("pix2pix", 3)
def test_skips_carry_the_places(said):
    said("2×2", 2, 2)
    said("40", skips.MEASURED)
    said.named("0")
    found = errors()
    assert all(found[cut] > found[()] for cut in skips.CUTS[1:])
    assert found[(0, 1, 2, 3)] == max(found.values())


@claim("pix2pix", 3)
def test_without_skips_all_syllables_are_one_smudge(said):
    x, y = models.pairs(models.SHOWN)
    made = models.translate(models.MAIN, x, "myeongjo", (0, 1, 2, 3))
    apart = [np.abs(a - b).mean() for i, a in enumerate(made) for b in made[:i]]
    true = [np.abs(a - b).mean() for i, a in enumerate(y) for b in y[:i]]
    assert np.mean(apart) < 0.5 * np.mean(true)
    said.named("2×2")


# 4: patches


@claim("pix2pix", 4)
def test_fields_of_ours_and_of_the_paper(said):
    ours, paper = (follow(*patch.STACKS[name])[-1] for name in ("ours", "paper"))
    said("14×14", ours.size, ours.size)
    said("34×34", ours.field, ours.field)
    said("256", patch.STACKS["paper"][0])
    said("70", paper.field)
    said("30×30", paper.size, paper.size)


@claim("pix2pix", 4)
def test_another_syllable_s_type_is_found_out(said):
    own = CASE.tables("patch")["verdicts"]
    tries = CASE.scene("patch")["tries"]
    other = CASE.tables("patch", **tries)["verdicts"]
    assert other.mean() < own.mean()
    said.named("14×14")


# 5: λ


@claim("pix2pix", 5)
def test_lambda_weighs(said):
    said("350", len(hangul.held_out()))
    said("λ = 0", cards()[models.ADVERSARIAL].config["l1"])
    l1 = {way: value(name, "L1") for way, name in balance.WAYS.items()}
    grey = {way: value(name, "grey pixels") for way, name in balance.WAYS.items()}
    assert l1["0"] == max(l1.values())
    assert grey["∞"] == max(grey.values())
    assert cards()[models.L1].config["adversarial"] == 0
    width = {cards()[name].config["channels"] for name in balance.WAYS.values()}
    assert width == {cards()[models.MAIN].config["channels"] / 2}


# 6: a blind D


@claim("pix2pix", 6)
def test_a_blind_d_gives_one_verdict(said):
    said("λ = 100", cards()[models.HALF].config["l1"])
    assert cards()[models.BLIND].config["l1"] == 100
    found = CASE.tables("blind")["verdicts"]
    assert np.ptp(found["blind"]) == 0
    assert value(models.BLIND, "D's ranking of mismatches") == pytest.approx(0.5, abs=0.05)
    assert value(models.HALF, "D's ranking of mismatches") > 0.6


# 7: unseen syllables


@claim("pix2pix", 7)
def test_more_syllables_less_error(said):
    said("114, 256, 1,000, 2,000", *unseen.SIZES)
    found = [value(unseen.net_of(n), "L1") for n in unseen.SIZES]
    assert found == sorted(found, reverse=True)
    said.named("2020")
