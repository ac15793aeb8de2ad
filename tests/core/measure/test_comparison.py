"""The comparison's numbers against SciPy and brute force, its images against their seed."""

import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.inputs import InputError
from core.measure import check, comparison, neighbours
from core.measure.comparison import BY_NAME, COUNT, FAMILIES, Family, Measure
from core.measure.intervals import clopper_pearson, interval, wilson
from core.weights.card import FOLDER, Card, cards, write_card
from tests.bench import quality
from tests.core.data.test_mnist import write_digits
from tests.weights.test_recipes import recipe
from weights.recipes import samples

HERE = [name for name in BY_NAME if name in cards() and (FOLDER / cards()[name].file).exists()]
QUICK = [name for name in HERE if not BY_NAME[name].slow]


# ---- intervals


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize(
    ("right", "of"), [(0, 1), (1, 1), (0, 40), (14, 20), (40, 40), (700, 1000)]
)
def test_intervals_equal_scipys(right, of, level):
    test = stats.binomtest(right, of)
    for found, method in ((wilson, "wilson"), (clopper_pearson, "exact")):
        theirs = test.proportion_ci(level, method=method)
        np.testing.assert_allclose(found(right, of, level), theirs, rtol=0, atol=1e-10)


def test_the_exact_interval_leaves_alpha_half_in_each_tail():
    low, high = clopper_pearson(7, 20)
    assert stats.binom.sf(6, 20, low) == pytest.approx(0.025, abs=1e-10)
    assert stats.binom.cdf(7, 20, high) == pytest.approx(0.025, abs=1e-10)


@given(st.integers(1, 400), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_both_intervals_hold_the_share_and_turn_with_the_question(of, share):
    k = round(share * of)
    for how in (wilson, clopper_pearson):
        low, high = how(k, of)
        assert 0 <= low <= k / of <= high <= 1 and low < high
        np.testing.assert_allclose([1 - high, 1 - low], how(of - k, of), atol=1e-12)


def test_the_exact_interval_covers_no_less_than_it_says():
    n, p = 20, 0.37
    every = stats.binom.pmf(np.arange(n + 1), n, p)
    held = [clopper_pearson(k, n) for k in range(n + 1)]
    assert sum(w for w, (a, c) in zip(every, held) if a <= p <= c) >= 0.95


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ((1, 0), "of"),
        ((3, 2), "right"),
        ((-1, 2), "right"),
        ((0.5, 2), "right"),
        ((1, 2, 1), "level"),
        ((1, 2, math.nan), "level"),
        ((1, 2, 0.95, "wald"), "method"),
    ],
)
def test_an_interval_that_cannot_be_is_refused(arguments, field):
    with pytest.raises(InputError, match=field):
        interval(*arguments)


# ---- figures


def made_up(**metrics: float) -> Card:
    about: dict[str, Any] = {"how": "of samples", "command": "x", "samples": 12345}
    told: dict[str, Any] = {
        name: {"value": v, "quantity": name, **about} for name, v in metrics.items()
    }
    data: Any = {"name": "MNIST", "licence": "x", "source": "y"}
    return Card(
        name="vae-mnist", file="vae-mnist.safetensors", sha256="0" * 64, bytes=10,
        model="core.models.vae:VAE", config={}, parameters=7, dtype="float16", dataset=data,
        recipe="x", seed=0, training={"machine": "m", "minutes": 2.5, "epochs": 1}, metrics=told,
    )  # fmt: skip


def test_figures_are_the_cards_and_what_it_does_not_say_is_none():
    found = comparison.figures(made_up(**{"Fréchet": 0.5, "coverage": 0.25}))
    assert found == {
        "parameters": 7, "bytes": 10, "minutes": 2.5, "frechet": 0.5, "coverage": 0.25,
        "entropy": None, "floor": None, "count": 12345, "machine": "m",
    }  # fmt: skip
    assert {m.name for m in comparison.MEASURES} - {"ms"} <= set(found)
    assert all(isinstance(m, Measure) for m in comparison.MEASURES)


def test_likelihood_comes_in_both_units_whichever_the_card_has():
    bits = 100 / (784 * math.log(2))
    assert comparison.likelihood(made_up(**{"-ELBO": 100.0})) == {"nats": 100.0, "bits": bits}
    both = comparison.likelihood(made_up(**{"bits/dim": bits}))
    assert both and both["nats"] == pytest.approx(100, rel=1e-12)
    assert comparison.likelihood(made_up(coverage=0.5)) is None
    assert comparison.bits_to_nats(1) == pytest.approx(-math.log(0.5**784), rel=1e-12)


def test_a_vaes_bits_are_its_nats():
    card = cards()["vae-mnist"]
    nats, bits = (card.value(name) for name in ("-ELBO", "bits/dim"))
    assert nats and bits and comparison.nats_to_bits(nats) == pytest.approx(bits, abs=1e-5)


def test_the_front_is_who_nobody_beats():
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 4, (30, 3)).astype(float).tolist()
    up = (True, False, True)
    sign = np.where(up, 1, -1)
    good = np.array(rows) * sign
    beaten = [any((o >= g).all() and (o > g).any() for o in good) for g in good]
    assert comparison.front(rows, up) == [not one for one in beaten]
    assert comparison.front([(1, None), (0, 5), (2, 4)], (False, False)) == [False, True, True]
    assert comparison.front([], up) == []


@pytest.mark.parametrize("counts", [[1] * 10, [64] + [0] * 9, [3, 0, 5, 1, 0, 0, 9, 2, 2, 1]])
def test_entropy_equals_scipys(counts):
    labels = np.repeat(np.arange(10), counts)
    found = comparison.entropy(labels)
    assert found == pytest.approx(stats.entropy(counts), abs=1e-12) and found >= 0
    assert check.entropy_delta(labels, found)["delta"] < 1e-12
    assert check.entropy_delta(labels, found + 0.1)["delta"] == pytest.approx(0.1)


def test_every_family_is_another_card_and_no_name_is_used_twice():
    assert len(BY_NAME) == len(FAMILIES) == len({family.title for family in FAMILIES})
    assert {"vae-mnist", "dcgan-mnist", "wgan-gp-mnist", "flow-mnist", "ebm-mnist"} <= set(BY_NAME)
    assert "ddpm-mnist" in BY_NAME


# ---- images


class Noise(torch.nn.Module):
    """A model whose images are its generator's noise; it remembers what it was told."""

    told: list

    def __init__(self):
        super().__init__()
        self.told = []

    def sample(self, n, *, labels=None, generator=None):
        self.told.append(labels)
        return torch.rand(n, 1, 28, 28, generator=generator)


def test_any_image_can_be_drawn_again_alone_and_no_two_share_a_generator():
    model, family = Noise(), Family("vae-mnist", "VAE")
    places = list(itertools.product((0, 1, 5), (0, 1, 63)))
    images = {place: comparison.draw(model, family, *place) for place in places}
    for (one, a), (other, c) in itertools.combinations(images.items(), 2):
        assert (a != c).any(), (one, other)
    seed, index = places[-1]
    assert check.redraw_delta(model, family, images[places[-1]], seed, index) == 0
    assert check.redraw_delta(model, family, images[places[0]], seed, index) > 0
    expected = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(64 * 5 + 63))
    np.testing.assert_allclose(images[(5, 63)], 255 * expected[0, 0].numpy(), atol=0.5)


def test_who_is_told_labels_gets_them_in_turn():
    model = Noise()
    for i in (0, 9, 10, 23):
        comparison.draw(model, Family("x", "X", labelled=True), 0, i)
    assert [int(one) for one in model.told] == [0, 9, 0, 3]
    comparison.draw(model, Family("x", "X"), 0, 3)
    assert model.told[-1] is None


@pytest.mark.parametrize("name", QUICK)
def test_shipped_images_come_out_of_the_shipped_weights(name):
    kept = comparison.shipped_samples(cards()[name])
    assert kept is not None, "run python -m weights.recipes.samples"
    model = samples.load_shipped(name, FOLDER)
    for index in (0, 41):
        gap = check.redraw_delta(model, BY_NAME[name], kept["images"][index], 0, index)
        assert gap <= 1
    assert kept["images"].shape == (COUNT, 28, 28) and kept["images"].dtype == np.uint8
    bits, _ = neighbours.training_bits()
    for index in (3, 60):
        rows = bits[kept["row"][index]][None]
        apart = neighbours.unpack(rows)[0] != (kept["images"][index] / 255 >= 0.5)
        assert apart.sum() == kept["gap"][index]


def test_images_of_other_weights_do_not_count():
    card = cards()[QUICK[0]]
    assert comparison.shipped_samples(dataclasses.replace(card, sha256="0" * 64)) is None
    assert comparison.shipped_samples(card, FOLDER / "no-such-file.safetensors") is None


def test_the_recipe_draws_only_what_is_new(tmp_path, monkeypatch):
    bits, labels = neighbours.training_bits()
    monkeypatch.setattr(neighbours, "training_bits", lambda: (bits[:50], labels[:50]))
    out = tmp_path / "samples.safetensors"
    names = QUICK[:2]
    given = [word for name in names for word in ("--card", name)]
    assert samples.main([*given, "--out", str(out)]) == names
    assert samples.main([*given, "--out", str(out)]) == []
    assert samples.main(["--card", names[1], "--anew", "--out", str(out)]) == names[1:]
    for name in names:
        kept = comparison.shipped_samples(cards()[name], out)
        assert kept is not None and kept["row"].max() < 50
    digest, real = comparison.read_samples("real", out)
    assert digest is None and real["images"].shape == (COUNT, 28, 28)


def test_the_clock_counts_warm_images_and_a_slow_one_once(monkeypatch):
    ticks = iter(np.arange(1000) * 0.01)
    monkeypatch.setattr(comparison.time, "perf_counter", lambda: next(ticks))
    seconds, count = comparison.pace(Noise(), Family("x", "X"), budget=0.1)
    assert seconds == pytest.approx(0.01) and count >= 3
    ticks = iter(np.arange(1000) * 2.0)
    assert comparison.pace(Noise(), Family("x", "X")) == (pytest.approx(2.0), 1)


# ---- checks


def test_the_bounds_check_sees_a_wrong_bound():
    from core.models.vae import autoencoder

    model = autoencoder.VAE(autoencoder.Config(latent=3, hidden=(8,))).eval()
    noise = torch.Generator().manual_seed(0)
    x = (torch.rand(4, 1, 28, 28, generator=noise) < 0.3).float()
    eps = torch.randn(4, 3, generator=noise)
    found = autoencoder.elbo(model, x, eps)["elbo"].detach()
    assert check.bound_delta(model, x, eps, found)["delta"] < 1e-6
    assert check.bound_delta(model, x, eps, found * 1.01)["delta"] > 1e-3


def test_the_intervals_check_sees_another_interval():
    assert check.score_delta(14, 20, 0.95, wilson(14, 20))["delta"] < 1e-15
    assert check.score_delta(14, 20, 0.95, clopper_pearson(14, 20))["delta"] > 1e-3
    assert check.score_delta(14, 20, 0.9, wilson(14, 20))["delta"] > 1e-3


def test_the_units_check_sees_a_wrong_conversion():
    bits = comparison.nats_to_bits(89.0)
    assert check.bits_delta(89.0, bits, 784)["delta"] < 1e-12
    assert check.bits_delta(89.0, bits * 1.01, 784)["delta"] > 1e-5


def test_a_file_is_the_cards_or_not(tmp_path):
    card = cards()["dcgan-mnist"]
    assert check.same_file(card)
    assert not check.same_file(dataclasses.replace(card, sha256="0" * 64))
    assert not check.same_file(card, tmp_path)


# ---- figures get onto cards by their recipes


def test_quality_measures_by_the_recipe_and_writes_the_card(tmp_path, capsys, monkeypatch):
    write_digits(tmp_path)
    recipe("classifier", tmp_path, "classifier-mnist")
    card = recipe("vae", tmp_path, "vae-mnist")
    spoilt = dataclasses.replace(card, metrics={})
    out = tmp_path / "out"
    write_card(spoilt, out)
    bits, labels = neighbours.training_bits()
    monkeypatch.setattr(neighbours, "training_bits", lambda: (bits[:50], labels[:50]))
    given = ["--data", str(tmp_path), "--out", str(out), "--smoke"]
    quality.main([*given, "--card", "vae-mnist", "--card", "flow-mnist"])
    now = cards(out)["vae-mnist"]
    assert now == card and "class entropy" in now.metrics
    assert comparison.shipped_samples(now, out / comparison.SAMPLES.name) is not None
    said = capsys.readouterr().out
    assert "flow-mnist: no weights here" in said and "class entropy" in said


def test_quality_knows_every_family_that_has_a_recipe():
    known = quality.jobs()
    assert {name for name in HERE} <= set(known)
    for name, (family, recipes) in known.items():
        assert name in recipes and family in quality.RECIPES
