"""The comparison's numbers against SciPy and brute force, its images against their seed."""

import dataclasses
import itertools
import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.inputs import InputError
from core.measure import check, comparison, drawing, metrics, neighbours
from core.measure.comparison import BY_NAME, COUNT, FAMILIES, Family, Measure
from core.measure.intervals import clopper_pearson, interval, wilson
from core.weights import WeightError, shipped
from core.weights.card import FOLDER, Card, cards, write_card
from tests.bench import quality
from tests.core.data.test_mnist import write_digits
from tests.weights.test_recipes import recipe
from weights.recipes import drawn, samples
from weights.recipes.command import load_shipped

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


def test_figures_are_the_runs_and_of_other_weights_there_are_none(tmp_path):
    card, file = made_up(coverage=0.25), tmp_path / "figures.json"
    spread = {"value": 0.5, "low": 0.4, "high": 0.7}
    said = {"of": comparison.fingerprint(card), "parameters": 7, "frechet": spread}
    said["seconds"] = {"value": 0.002, "low": 0.001, "high": 0.004}
    shipped.write(file, json.dumps({"families": {card.name: said}}).encode())
    found = comparison.figures(card, file)
    assert found["frechet"] == spread and found["coverage"] is None
    assert found["parameters"] == {"value": 7, "low": 7, "high": 7}
    assert found["ms"] == pytest.approx({"value": 2, "low": 1, "high": 4})
    assert comparison.figures(dataclasses.replace(card, sha256="1" * 64), file) == dict.fromkeys(
        found
    )
    assert all(isinstance(m, Measure) for m in comparison.MEASURES)


def test_another_sampler_is_another_family(monkeypatch):
    card = dataclasses.replace(made_up(), name="ddpm-mnist")
    assert comparison.fingerprint(card).endswith("eta=0 guidance=2 steps=50")
    before, other = comparison.fingerprint(card), dataclasses.replace(BY_NAME["ddpm-mnist"])
    monkeypatch.setitem(BY_NAME, "ddpm-mnist", dataclasses.replace(other, options={"steps": 20}))
    assert comparison.fingerprint(card) != before


def test_costs_whose_spans_overlap_are_tied():
    assert comparison.ties([(3, 4), (0, 1), (0.5, 2), (9, 9), (4, 5)]) == [1, 0, 0, 2, 1]
    assert comparison.ties([(2, 2), (1, 1), (2, 2)]) == [1, 0, 1]


@pytest.mark.parametrize("name", [n for n in QUICK if BY_NAME[n].part])
def test_the_parameters_that_sample_are_those_of_the_part(name):
    model, family = load_shipped(name, FOLDER), BY_NAME[name]
    count = sum(v.numel() for k, v in model.named_parameters() if k.startswith(family.part))
    assert comparison.sampling_parameters(model, family) == count < cards()[name].parameters
    assert check.is_spared(model, family)
    wrong = "encoder" if family.part == "decoder" else "discriminator"
    assert not check.is_spared(model, dataclasses.replace(family, part=wrong))


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
    images = {place: drawing.draw(model, family, *place)[0] for place in places}
    for (one, a), (other, c) in itertools.combinations(images.items(), 2):
        assert (a != c).any(), (one, other)
    seed, index = places[-1]
    assert check.redraw_delta(model, family, images[places[-1]], seed, index) == 0
    assert check.redraw_delta(model, family, images[places[0]], seed, index) > 0
    expected = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(2048 * 5 + 63))
    np.testing.assert_allclose(images[(5, 63)], 255 * expected[0, 0].numpy(), atol=0.5)


def test_who_is_told_labels_gets_them_in_turn():
    model = Noise()
    for i in (0, 9, 10, 23):
        drawing.draw(model, Family("x", "X", labelled=True), 0, i)
    assert [int(one) for one in model.told] == [0, 9, 0, 3]
    drawing.draw(model, Family("x", "X"), 0, 3)
    assert model.told[-1] is None


@pytest.mark.parametrize("name", [n for n in HERE if BY_NAME[n].slow])
def test_images_drawn_at_once_are_those_drawn_alone(name):
    """Short chains: the model's own sampler, one image at a time, is what both have to equal."""
    model: Any = load_shipped(name, FOLDER)
    family = BY_NAME[name]
    if name == "ebm-mnist":
        model.config = dataclasses.replace(model.config, steps=6)
    else:
        family = dataclasses.replace(family, options={**family.options, "steps": 2})
    at_once = drawing.draw(model, family, 3, 4, 3).astype(int)
    for i, image in enumerate(at_once):
        noise = torch.Generator().manual_seed(2048 * 3 + 4 + i)
        labels = torch.tensor([4 + i]) if family.labelled else None
        alone = model.sample(1, labels=labels, generator=noise, **family.options)
        assert np.abs(image - 255 * alone[0, 0].numpy()).max() <= 1


def test_a_stopped_run_goes_on_where_it_was(tmp_path, monkeypatch):
    name = QUICK[0]
    family, card = BY_NAME[name], cards()[name]
    whole = drawn.draw_with_resume(card, family, 30, tmp_path / "whole")
    asked = []
    draw = drawing.draw
    monkeypatch.setattr(drawing, "draw", lambda *a: asked.append(a[3:]) or draw(*a))
    drawn.draw_with_resume(card, family, 25, tmp_path / "parts")
    parts = drawn.draw_with_resume(card, family, 30, tmp_path / "parts")
    np.testing.assert_array_equal(parts, whole)
    drawn.draw_with_resume(card, family, 30, tmp_path / "parts")
    assert asked == [(0, 25), (25, 5)]


@pytest.mark.parametrize("name", QUICK)
def test_shipped_images_come_out_of_the_shipped_weights(name):
    kept = comparison.shipped_samples(cards()[name])
    assert kept is not None, "run python -m weights.recipes.samples"
    model = load_shipped(name, FOLDER)
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
    with pytest.raises(WeightError, match="no-such-file"):
        comparison.shipped_samples(card, FOLDER / "no-such-file.safetensors")


def test_the_recipe_draws_only_what_is_new(tmp_path, monkeypatch):
    bits, labels = neighbours.training_bits()
    monkeypatch.setattr(neighbours, "training_bits", lambda: (bits[:50], labels[:50]))
    out = tmp_path / "samples.safetensors"
    names = QUICK[:2]
    given = [word for name in names for word in ("--card", name)]
    given += ["--drawn", str(tmp_path / "drawn")]
    assert samples.main([*given, "--out", str(out)]) == names
    assert samples.main([*given, "--out", str(out)]) == []
    assert samples.main(["--card", names[1], "--anew", *given[4:], "--out", str(out)]) == names[1:]
    for name in names:
        kept = comparison.shipped_samples(cards()[name], out)
        assert kept is not None and kept["row"].max() < 50
    digest, real = comparison.read_samples("real", out)
    assert digest is None and real["images"].shape == (COUNT, 28, 28)


def test_the_clock_counts_warm_images_and_a_slow_one_once(monkeypatch):
    ticks = iter(np.arange(1000) * 0.01)
    monkeypatch.setattr(drawing.time, "thread_time", lambda: next(ticks))
    spent = drawing.pace(Noise(), Family("x", "X"), spend=0.1)
    assert spent == pytest.approx([0.01] * len(spent)) and sum(spent) >= 0.1
    ticks = iter(np.arange(1000) * 2.0)
    assert drawing.pace(Noise(), Family("x", "X", slow=True)) == [2.0]


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


def test_the_distances_check_sees_a_wrong_distance():
    rng = np.random.default_rng(0)
    real, made = rng.normal(size=(50, 6)), 0.3 + 1.2 * rng.normal(size=(60, 6))
    distance = metrics.frechet(torch.from_numpy(made), torch.from_numpy(real))
    (there, one) = ((v.mean(0), np.cov(v.T)) for v in (real, made))
    assert check.frechet_delta([(distance, one)], there)["delta"] < 1e-10
    assert check.frechet_delta([(distance, one), (1.02 * distance, one)], there)["delta"] > 1e-3


def test_the_decoders_check_sees_another_picture():
    from core.models.vae import autoencoder

    torch.manual_seed(0)
    model = autoencoder.VAE(autoencoder.Config(latent=3, hidden=(8,))).eval()
    z = torch.randn(1, 3, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        image = (model.decode(z)[0, 0] * 255).round().numpy().astype(np.uint8)
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    assert check.decoded_delta(weights, z[0].numpy(), image)["delta"] < 1e-3
    image[3, 5] += 2
    assert check.decoded_delta(weights, z[0].numpy(), image)["delta"] > 0.3


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
    monkeypatch.chdir(tmp_path)  # drawn images are kept in build/
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
