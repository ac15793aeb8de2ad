"""What the comparison says, computed: from the shipped figures, pictures and nets, and by SciPy."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from scipy import stats

from apps.lessons.compare import models as m
from apps.lessons.compare.blind import SHARES, TRIALS, trials
from apps.lessons.compare.copies import PAIRS
from apps.stage.server import words
from core.data.mnist import digits_sample
from core.measure import bootstrap, comparison, neighbours
from core.measure.comparison import BY_NAME, FAMILIES
from core.models.flow import bound
from core.weights.card import FOLDER, cards
from tests.lessons.claims import SEEDS, claim
from tests.tab_case import TabCase, widgets

CASE = TabCase("compare")
UNTOLD = [family.card for family in FAMILIES if not family.labelled]
TOLD = [family.card for family in FAMILIES if family.labelled]


@cache
def figures():
    """Return what the comparison's run wrote, family by family."""
    return comparison.read_figures()["families"]


def value(name, figure):
    return figures()[name][figure]["value"]


def sampling(name):
    """Return how many numbers of a file belong to the part that samples."""
    family, card = BY_NAME[name], cards()[name]
    if not family.part:
        return card.parameters
    whole = load_file(FOLDER / card.file)
    inside = {k: v for k, v in whole.items() if k.startswith(family.part)}
    tallies = ("num_batches_tracked", "running_mean", "running_var", "u")  # no parameters
    return sum(v.size for k, v in inside.items() if k.rpartition(".")[2] not in tallies)


def sure(images):
    """Return the largest probability that the classifier gives each image (N, 28, 28) uint8."""
    with torch.no_grad():
        x = torch.as_tensor(images, dtype=torch.float32)[:, None] / 255
        return m.model("classifier-mnist")(x).softmax(1).amax(1).numpy()


def words_of(key, name):
    return [words.words(language, "compare")["words"][key][name] for language in words.LANGUAGES]


# ---- scene 1


@claim("compare", 1)
def test_the_sheets_are_the_first_64_of_seed_0(said):
    kept = m.shipped_images(BY_NAME["vae-mnist"])
    assert kept is not None, "run python -m weights.recipes.samples"
    said("64장", len(kept["images"]))
    said("시드 0", comparison.SEED)
    net = m.model("vae-mnist")
    for i in (0, 63):
        noise = torch.Generator().manual_seed(2048 * comparison.SEED + i)
        with torch.no_grad():
            odds = torch.sigmoid(net.decoder(torch.randn(1, 20, generator=noise)))[0, 0].numpy()
        np.testing.assert_allclose(255 * odds, kept["images"][i], atol=0.51)
    said.named("1일 확률")


@claim("compare", 1)
def test_the_vaes_pictures_have_softer_edges_than_digits(said):
    def grey(images):
        inked = images[images > 25]
        return ((inked > 25) & (inked < 230)).mean()

    assert grey(m.images(BY_NAME["vae-mnist"], 0)) > grey(m.real()["images"])


@claim("compare", 1)
def test_generated_sheets_hold_shapes_that_are_no_digit(said):
    unsure = {name: (sure(m.images(BY_NAME[name], 0)) < 0.8).sum() for name in UNTOLD}
    assert min(unsure.values()) > (sure(m.real()["images"]) < 0.8).sum()


@claim("compare", 1)
def test_pixelcnn_draws_black_and_white_alone(said):
    assert set(np.unique(m.images(BY_NAME["pixelcnn-mnist"], 0))) == {0, 255}


@claim("compare", 1)
def test_covering_the_names_shuffles_the_sheets(said):
    made = CASE.asked("samples", covered=True)
    plain = list(widgets(CASE.asked("samples")["frames"], "grey"))
    names = [w["label"] for w in widgets(made["frames"], "grey")]
    assert names == list("ABCDEFGHIJK") and len(plain) == 11
    assert made["turn"]["answer"] != 10  # the real ones stand last while names are shown


# ---- scene 2


@claim("compare", 2)
def test_all_of_a_row_is_measured_on_2000_samples_with_95_percent_intervals(said):
    whole = comparison.read_figures()
    said("2,000장", whole["samples"])
    said("95 %", 100 * whole["level"])
    said("30묶음", 60_000 / whole["samples"])
    for name, one in figures().items():
        assert one["of"] == comparison.fingerprint(cards()[name])
        for figure in ("frechet", "coverage", "entropy"):
            assert one[figure]["low"] < one[figure]["value"] < one[figure]["high"]
            assert whole["floor"][figure]["low"] < whole["floor"][figure]["high"]
    assert all(f"{bootstrap.DRAWS:,}" in text for text in words_of("interval_how", slice(None)))


@claim("compare", 2)
def test_which_is_best_depends_on_what_is_measured(said):
    first = {
        min(UNTOLD, key=lambda name: value(name, "frechet")),
        min(UNTOLD, key=lambda name: value(name, "seconds")),
        min(UNTOLD, key=lambda name: figures()[name]["parameters"]),
    }
    assert len(first) == 3


@claim("compare", 2)
def test_size_does_not_order_quality(said):
    assert {name: sampling(name) for name in figures()} == {
        name: one["parameters"] for name, one in figures().items()
    }
    by_size = sorted(UNTOLD, key=sampling)
    by_distance = sorted(UNTOLD, key=lambda name: value(name, "frechet"))
    assert by_size != by_distance and by_size != by_distance[::-1]
    assert by_size[-1] == by_distance[-1] == "flow-mnist"
    assert by_distance[0] == "progan-mnist"
    assert sampling("progan-mnist") < sampling("flow-mnist") / 6
    said.named("6분의 1")
    said.named("1/6")
    floor, binary = (comparison.read_figures()[k]["frechet"]["value"] for k in ("floor", "binary"))
    assert all(value(name, "frechet") > floor for name in figures())
    said("0.70이다", binary)  # training digits in black and white
    assert value("pixelcnn-mnist", "frechet") > binary


@claim("compare", 2)
def test_rows_say_the_samplers_that_drew_them(said):
    steps = m.model("ebm-mnist").config.steps
    assert all(str(steps) in text for text in words_of("sampler", "ebm-mnist"))
    options = BY_NAME["ddpm-mnist"].options
    for text in words_of("sampler", "ddpm-mnist"):
        assert "DDIM" in text and options["eta"] == 0
        assert str(options["steps"]) in text and f"w = {options['guidance']:g}" in text
    assert not BY_NAME["pixelcnn-mnist"].options  # the model's own temperature, 1
    assert all("784" in text and "T = 1" in text for text in words_of("sampler", "pixelcnn-mnist"))


# ---- scene 3


def rings(cost):
    """Return who is ringed, of each group, by comparing all pairs."""
    low = {n: one["seconds"]["low"] for n, one in figures().items()}
    high = {n: one["seconds"]["high"] for n, one in figures().items()}
    if cost == "parameters":
        low = high = {name: sampling(name) for name in figures()}

    def beats(a, c):
        costs_no_more = low[a] <= high[c]
        nearer = value(a, "frechet") < value(c, "frechet")
        return costs_no_more and nearer and value(a, "coverage") > value(c, "coverage")

    return {
        name
        for group in (UNTOLD, TOLD)
        for name in group
        if not any(beats(other, name) for other in group if other != name)
    }


@claim("compare", 3)
def test_the_ringed_are_those_that_no_other_beats(said):
    said("95 %", 100 * comparison.read_figures()["level"])
    assert (len(UNTOLD), len(TOLD)) == (7, 3)  # "the seven", "the three"
    for cost in ("ms", "parameters"):
        spots = next(widgets(CASE.asked("trade", cost=cost)["frames"], "chart"))["spots"]
        on = {name for name, spot in zip(figures(), spots) if spot["on"]}
        assert on == rings(cost)
        assert len(on) < len(figures())  # some are without a ring


@claim("compare", 3)
def test_with_size_as_the_cost_the_two_smallest_are_ringed(said):
    assert {"pixelcnn-mnist", "ebm-mnist"} <= rings("parameters") - rings("ms")
    assert sorted(UNTOLD, key=sampling)[:2] == ["pixelcnn-mnist", "ebm-mnist"]


# ---- scene 4


@claim("compare", 4)
def test_ten_digits_evenly_need_not_be_many_ways(said):
    said("log 10 = 2.303", 10, math.log(10))
    scene = CASE.scene("classes")
    dcgan = figures()[scene["inputs"]["family"]]
    assert dcgan["entropy"]["low"] > 0.98 * math.log(10)
    floor = comparison.read_figures()["floor"]["coverage"]["value"]
    assert dcgan["coverage"]["high"] < 0.6 * floor
    made = CASE.asked("classes", **scene["inputs"])
    said("64장", sum(item["v"] for item in next(widgets(made["frames"], "bars"))["items"]))
    said.named("같은 3도")


@claim("compare", 4)
def test_ten_shapes_cover_next_to_nothing(said):
    """Balls around 512 test digits; a picture like a real one: other test digits, CGAN's images."""
    net = m.model("classifier-mnist")

    def features(images):
        with torch.no_grad():
            return net.features(torch.as_tensor(images, dtype=torch.float32)[:, None] / 255).numpy()

    real = features(m.real()["pool"]).astype(float)
    apart = np.linalg.norm(real[:, None] - real[None], axis=2)
    radius = np.sort(apart, axis=1)[:, 5]  # the fifth neighbour: itself is the first

    def inside(some):
        return np.linalg.norm(real[:, None] - some[None], axis=2) <= radius[:, None]

    tests, labels = digits_sample()
    others = features(tests[:, 0].numpy()).astype(float)
    assert inside(others).sum(0).mean() == pytest.approx(5, abs=1.5)  # "about five"
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        shapes = [rng.choice(np.flatnonzero(labels.numpy() == c)) for c in range(10)]
        repeated = np.repeat(np.arange(10), 200)
        assert stats.entropy(np.bincount(repeated)) == pytest.approx(math.log(10))
        reached = inside(others[shapes]).any(1).sum()
        assert reached < 100  # as few of 2,000: a picture is in as many balls there
    said("2,000장", comparison.read_figures()["samples"])


# ---- scene 5


@claim("compare", 5)
def test_the_eight_nearest_of_64_and_of_60000(said):
    bits, _ = neighbours.training_bits()
    said("60,000", len(bits))
    said("6만", len(bits) / 10_000)
    made = CASE.asked("copies")
    said("64장", len(m.images(BY_NAME["vae-mnist"], 0)))
    assert PAIRS == 8  # "eight"
    shown = [int(w["text"]) for w in widgets(made["frames"], "text") if isinstance(w["text"], str)]
    flat = m.images(BY_NAME["vae-mnist"], 0).reshape(64, -1) / 255 >= 0.5
    said.named("0.5 이상이면 1")
    ones = np.unpackbits(bits, axis=1).astype(np.float32)
    apart = ones.sum(1)[:, None] + flat.sum(1)[None] - 2 * ones @ flat.T.astype(np.float32)
    assert shown == sorted(apart.min(0).astype(int).tolist())[:8]


@claim("compare", 5)
def test_nobody_copied_and_being_near_does_not_say_so(said):
    said("2,000장", comparison.read_figures()["samples"])
    said("거리가 0에", max(one["identical"] for one in figures().values()))
    real = comparison.read_figures()["real"]["gap"]
    said("37", real["value"])
    said("2장", comparison.read_figures()["real"]["identical"])
    said("38과 39", *sorted({value(name, "gap") for name in TOLD}))
    gaps = {name: one["gap"] for name, one in figures().items()}
    assert all(gap["value"] > real["value"] for gap in gaps.values())  # nobody is nearer than they
    assert gaps["flow-mnist"]["low"] > 1.4 * real["high"]


# ---- scene 6


@claim("compare", 6)
def test_bits_are_of_different_pictures(said):
    said("256단계", 2**8)
    said("8비트", math.log2(256))
    said("1비트", math.log2(2))
    said("64번", bound.DRAWS)
    vae, flow = (comparison.likelihood(cards()[n]) for n in ("vae-mnist", "flow-mnist"))
    assert vae and flow and vae["bits"] < flow["bits"]
    exact = comparison.likelihood(cards()["pixelcnn-mnist"])
    assert exact
    said("81.9와 89.4 nat", exact["nats"], vae["nats"])
    assert max(figures(), key=lambda name: value(name, "frechet")) == "flow-mnist"


@claim("compare", 6)
def test_samples_of_exp_minus_e_are_noise(said):
    """Langevin at temperature 1 from test digits: σ² = 2η, kept in [0, 1]."""
    net = m.model("ebm-mnist")
    x = digits_sample()[0][:64:8].float() / 255
    eta = 0.005
    noise = torch.Generator().manual_seed(0)
    options = {"steps": 500, "step_size": eta, "noise": math.sqrt(2 * eta), "start": x}
    end = net.sample(len(x), generator=noise, **options)
    assert float(end.mean()) == pytest.approx(0.5, abs=0.03)
    assert float(end.std()) == pytest.approx(math.sqrt(1 / 12), abs=0.05)  # uniform in [0, 1]
    assert float(net.energy(end).mean()) > float(net.energy(x).mean()) + 1


# ---- scene 7


@claim("compare", 7)
def test_pictures_are_tossed_for(said):
    said("40장", TRIALS)
    pictures, kinds = trials(BY_NAME["vae-mnist"], BY_NAME["wgan-gp-mnist"], 1)
    assert len(pictures) == len(kinds) == 40
    assert SHARES == (0.5, 0.25, 0.25) and TRIALS * SHARES[1] == 10  # "about ten" of a model
    halves = {int((trials(BY_NAME["vae-mnist"], BY_NAME["cgan-mnist"], s)[1] == 0).sum())
              for s in SEEDS}  # fmt: skip
    assert len(halves) > 3  # no fixed split


@claim("compare", 7)
def test_the_intervals_are_scipys(said):
    few, many = (
        stats.binomtest(k, n).proportion_ci(0.95, "wilson") for k, n in ((14, 20), (70, 100))
    )
    said("14/20 = 70 %", 14, 20, 100 * 14 / 20)
    said("48 %에서 85 %", 100 * few.low, 100 * few.high)
    said("60 %에서 78 %", 100 * many.low, 100 * many.high)
    assert few.low < 0.5 < many.low
    said.named("50 %")
    said.named("100번")
    said.named("20번")


@claim("compare", 7)
def test_the_power_is_the_binomials(said):
    def power(n):
        right = np.arange(n + 1)
        shown = [stats.binomtest(int(k), n).proportion_ci(0.95, "wilson").low > 0.5 for k in right]
        return 100 * stats.binom.pmf(right, n, 0.7)[shown].sum()

    said.named("10번")
    said("15 %", power(10))
    said("70 %", power(40))
