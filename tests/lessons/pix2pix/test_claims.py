"""What the Pix2Pix lesson says, computed."""

from functools import cache

import numpy as np
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
def test_each_loss_picks_its_own_answer_whatever_the_answers_are(said):
    """Ten sets of answers: moved a little, a picture's L2 or L1 grows; D prefers the likeliest."""
    for seed in SEEDS:
        draw = np.random.default_rng(seed)
        answers = draw.permuted(np.tile(draw.random(12) < 0.5, (3, 1)), axis=1).astype(float)
        p = draw.dirichlet(np.ones(3))
        found = toy.by_hand.toy(answers, p.tolist())
        for _ in range(100):
            off = draw.normal(0, 0.1, 12)
            assert p @ ((answers - found.mean - off) ** 2).sum(1) > found.losses[1, 0]
            assert p @ np.abs(answers - found.median - off).sum(1) >= found.losses[0, 1]
        assert (found.mode == answers[p.argmax()]).all()
        assert found.verdicts.max() == found.verdicts[p.argmax()]
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
    said("350", len(hangul.held_out_syllables()))
    assert Inputs().syllable in hangul.held_out_syllables()
    found = CASE.tables("draw")
    assert models.read(np.stack([found[face] for face in hangul.FACES])) == "글글"


@claim("pix2pix", 2)
def test_how_many_are_read(said):
    said("96.6 %", 100 * value(models.MAIN, "read"))
    said("99.7 %", 100 * value(models.MAIN, "read, round"))
    assert cards()["reader-hangul"].metrics["read"]["value"] > 0.98


@claim("pix2pix", 2)
def test_an_empty_pad_stays_all_but_blank(said):
    tries = CASE.scene("draw")["tries"]
    assert tries == {"clear": True}
    assert CASE.tab.controls["clear"].get("brings") == {"true": {"drawn": EMPTY}}
    found = CASE.tables("draw", drawn=EMPTY)
    assert max(found[face].max() for face in hangul.FACES) < 0.01
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
def test_which_skip_is_missed(said):
    found = errors()
    assert CASE.scene("skips")["tries"] == {"face": "round"}
    other = dict(zip(skips.CUTS, skips.measure("round")))
    for errors_of in (found, other):
        singles = [errors_of[(k,)] for k in range(4)]
        assert models.SKIPS[np.argmax(singles)] == 16 and singles[1] > 2 * errors_of[()]
        assert min(singles) == singles[3] < 1.15 * errors_of[()]  # hardly missed
    said("16", models.SKIPS[1])
    said("0.034에서 0.072", found[()], found[(1,)])
    said("0.030에서 0.074", other[()], other[(1,)])
    said("32", models.SKIPS[0])
    said("0.062", found[(0,)])
    said("0.035", other[(0,)])
    said("4", models.SKIPS[3])
    said("0.171", found[(0, 1, 2, 3)])
    said("0.087", models.l1(*skips.held_out_pairs("myeongjo")))
    said.named("2×2")
    assert found[(0, 1, 2, 3)] > models.l1(*skips.held_out_pairs("myeongjo"))


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
def test_verdicts_know_the_net_s_own_type_alone(said):
    found = {
        one: CASE.tables("patch", beside=one)["verdicts"].mean()
        for one in ("true", "made", "other", "blank")
    }
    said("0.44", found["true"])
    said("0.34", found["made"])
    said("1.00", found["other"])
    said("1.00", found["blank"])
    assert CASE.scene("patch")["tries"] == {"beside": "other"}
    assert value(models.MAIN, "D's ranking of mismatches") < 0.05  # of all held-out syllables
    assert value(models.MAIN, "D's ranking") > 0.7
    said.named("14×14")


# 5: λ


@claim("pix2pix", 5)
def test_l1_alone_does_not_blur(said):
    said("350", len(hangul.held_out_syllables()))
    said("2,000", hangul.TRAINED)
    said("λ = 0", cards()[models.ADVERSARIAL].config["l1"])
    said("λ = 100", cards()[models.HALF].config["l1"])
    assert cards()[models.L1].config["adversarial"] == 0
    said("0.096", value(models.HALF, "grey pixels"))
    said("0.096", value(models.L1, "grey pixels"))
    said("0.040", value(models.HALF, "L1"))
    said("0.042", value(models.L1, "L1"))
    said("0.065", value(models.ADVERSARIAL, "L1"))
    said("71 %", 100 * value(models.ADVERSARIAL, "read"))
    said.named("L1")
    assert {cards()[name].training["epochs"] for name in balance.WAYS.values()} == {6}
    whole = models.nets.model(models.MAIN).config.channels
    for name in balance.WAYS.values():
        assert 2 * models.nets.model(name).config.channels == whole


@claim("pix2pix", 5)
def test_edges_taught_by_d_alone_are_rough(said):
    """A rough edge is long: the sum of |differences| of neighbours."""
    x, _ = skips.held_out_pairs("myeongjo")

    def edge(name):
        made = models.translate(name, x)
        return np.abs(np.diff(made, axis=1)).sum((1, 2)) + np.abs(np.diff(made, axis=2)).sum((1, 2))

    rough, *others = (edge(name) for name in balance.WAYS.values())
    for other in others:  # 40 syllables: nearly each has the longer edge
        assert rough.sum() > 1.1 * other.sum() and (rough > other).mean() > 0.95
    said.named("λ = 0")


@claim("pix2pix", 5)
def test_what_is_made_without_l1_reads_as_another_syllable(said):
    syllable = CASE.scene("balance")["tries"]["syllable"]
    assert syllable == "민" and syllable in hangul.held_out_syllables()
    made = CASE.tables("balance", syllable=syllable)["made"]
    read = {way: models.read(one[None]) for way, one in made.items()}
    assert read == {"lambda 0": "먼", "lambda 100": "민", "lambda ∞": "민"}
    said.named("λ = 0")


# 6: a D that sees type alone


@claim("pix2pix", 6)
def test_a_net_taught_by_a_blind_d_follows_the_strokes(said):
    for name, sees in ((models.ADVERSARIAL, True), (models.BLIND, False)):
        config = cards()[name].config
        assert config["sees"] is sees and cards()[name].training["epochs"] == 6
        said("λ = 0", config["l1"])
    said("95 %", 100 * value(models.BLIND, "read"))
    said("71 %", 100 * value(models.ADVERSARIAL, "read"))
    found = CASE.tables("blind")["verdicts"]
    assert np.ptp(found["blind"]) == 0 and np.ptp(found["sees"]) > 0
    x, y = skips.held_out_pairs("myeongjo")
    made = models.translate(models.BLIND, x)
    own = np.abs(made - y).mean((1, 2))
    for shift in range(1, len(y)):  # nearer to its own type than to any other's
        assert (own < np.abs(made - np.roll(y, shift, 0)).mean((1, 2))).all()


@claim("pix2pix", 6)
def test_a_syllable_that_the_blind_one_s_net_sets_and_the_other_s_does_not(said):
    syllable = CASE.scene("blind")["tries"]["syllable"]
    assert syllable == "잎" and syllable in hangul.held_out_syllables()
    made = CASE.tables("blind", syllable=syllable)["made"]
    assert {way: models.read(one[None]) for way, one in made.items()} == {
        "sees": "엎",
        "blind": "잎",
    }
    said.named("λ = 0")


# 7: unseen syllables


@claim("pix2pix", 7)
def test_more_syllables_teach_little(said):
    said("114, 256, 1,000, 2,000", *unseen.SIZES)
    said.named("2020")
    few, *_, most = (value(unseen.net_of(n), "L1") for n in unseen.SIZES)
    said("0.0420에서 0.0417", few, most)
    said("1 %", 100 * (1 - most / few))
    said("350", len(hangul.held_out_syllables()))
    for n in unseen.SIZES:
        card = cards()[unseen.net_of(n)]
        assert abs(card.training["epochs"] * (n // 16) - 740) <= 10  # steps
        assert card.config["adversarial"] == 0
    said.named("740")


@claim("pix2pix", 7)
def test_the_nearest_syllable_is_nearer_and_another_one(said):
    (x,), (y,) = models.pairs(Inputs().syllable)
    name, near = unseen.nearest(Inputs().syllable)
    assert name == "굴" and name in hangul.training()
    said("0.027", models.l1(near, y))
    made = models.translate(models.L1, x[None])[0]
    said("0.036", models.l1(made, y))
    assert models.read(np.stack([made, near])) == "글굴"


@claim("pix2pix", 7)
def test_a_latin_letter_is_thickened_too(said):
    letter = CASE.scene("unseen")["tries"]["syllable"]
    (x,), (y,) = models.pairs(letter)
    said("0.062", models.l1(x, y))
    made = [models.translate(unseen.net_of(n), x[None])[0] for n in unseen.SIZES]
    errors = [models.l1(one, y) for one in made]
    said("0.025~0.027", min(errors), max(errors))
    assert letter not in hangul.syllables()
    bare, letters = models.pairs(hangul.LETTERS)
    for n in unseen.SIZES:  # and so are the other letters and digits, nearly all
        off = np.abs(models.translate(unseen.net_of(n), bare) - letters).mean((1, 2))
        assert (off < np.abs(bare - letters).mean((1, 2))).mean() > 0.95
