"""What the diffusion lesson says, computed: formulas of its own, the shipped nets, the file."""

import math

import numpy as np
import pytest
import torch

from apps.lessons.ddpm import chains, complete, loss, plane, points, survive, train
from apps.lessons.ddpm import models as m
from apps.lessons.ddpm.inputs import Inputs
from apps.lessons.shared import pictures
from core.measure.points import wasserstein
from core.measure.steps import points_of, read_steps
from core.models.ddpm import ddpm2d
from core.models.ddpm.ddpm2d_picture import exact_predictor, score_error
from core.models.ddpm.samplers import chain, inversion
from core.models.ddpm.schedule import respace
from tests.lessons.claims import SEEDS, claim
from tests.tab_case import TabCase

CASE = TabCase("ddpm")


def cosine() -> np.ndarray:
    """Return ᾱ of the cosine schedule, (1001,), by its formula with β at most 0.999."""
    kept = np.cos((np.arange(1001) / 1000 + 0.008) / 1.008 * np.pi / 2) ** 2
    return np.cumprod(np.concatenate([[1.0], 1 - np.minimum(1 - kept[1:] / kept[:-1], 0.999)]))


def linear() -> np.ndarray:
    """Return ᾱ of the linear schedule, (1001,)."""
    return np.cumprod(np.concatenate([[1.0], 1 - np.linspace(1e-4, 0.02, 1000)]))


# ---- 1


@claim("ddpm", 1)
def test_single_steps_have_the_mean_and_variance_of_one_go(said):
    beta = 1 - cosine()[1:] / cosine()[:-1]
    said("1,000", len(beta))
    mean, variance = 1.0, 0.0  # of x_t in units of x_0, and of the noise in it
    for t, b in enumerate(beta, 1):
        mean, variance = mean * math.sqrt(1 - b), variance * (1 - b) + b
        assert math.isclose(mean, math.sqrt(cosine()[t]), rel_tol=1e-9)
        assert math.isclose(variance, 1 - cosine()[t], rel_tol=1e-9)
    said.named("1 − ᾱₜ")


@claim("ddpm", 1)
def test_a_chain_is_in_the_band_95_percent_of_the_way(said):
    x0, plan = 0.3, m.schedule("cosine", Inputs())
    mean, sigma = np.sqrt(cosine()) * x0, np.sqrt(1 - cosine())
    shares = []
    for seed in SEEDS:  # 500 chains each, by numpy's own noise
        draw, x, inside = np.random.default_rng(seed), np.full(500, x0), []
        for t in range(1, 1001):
            b = 1 - cosine()[t] / cosine()[t - 1]
            x = math.sqrt(1 - b) * x + math.sqrt(b) * draw.standard_normal(500)
            inside.append(np.abs(x - mean[t]) < 2 * sigma[t])
        shares.append(np.mean(inside))
    said("95 %", 100 * float(np.mean(shares)))
    said("± 2σ", 2)
    assert 100 * math.erf(2 / math.sqrt(2)) == pytest.approx(95, abs=0.5)
    walks = forward_walks(x0, plan)
    assert np.mean(walks) > 0.85  # the lesson's own ten chains


def forward_walks(x0, plan):
    """Return the share of the way that the lesson's chains of ten seeds are in the band."""
    from apps.lessons.ddpm.forward import single_steps

    found = []
    for seed in SEEDS:
        one = single_steps(x0, plan, seed)
        t = one["t"][1:].astype(int)
        off = np.abs(one["one"][1:] - np.sqrt(cosine()[t]) * x0) / np.sqrt(1 - cosine()[t])
        found.append((off < 2).mean())
    return found


# ---- 2


@claim("ddpm", 2)
def test_the_linear_schedule_loses_the_picture_at_476_the_cosine_at_794(said):
    said("t = 476에서 0.1", int(np.argmax(linear() < 0.1)), 0.1)
    said("t = 794에 가서야 0.1", int(np.argmax(cosine() < 0.1)), 0.1)
    parts = [-np.diff(plan[::100]) for plan in (linear(), cosine())]
    assert parts[1].std() < parts[0].std()  # more evenly


@claim("ddpm", 2)
def test_the_right_half_of_the_linear_film_is_nearly_one_noise(said):
    image = pictures.digits()[0][CASE.scene("schedules")["inputs"]["digit"]]
    for seed in SEEDS:
        noise = np.random.default_rng(seed).standard_normal((28, 28))
        alike = {
            kind: [correlation(math.sqrt(a) * (2 * image - 1), noise, a) for a in plan[500::100]]
            for kind, plan in (("linear", linear()), ("cosine", cosine()))
        }
        assert min(alike["linear"]) > 0.95 > alike["cosine"][0]


def correlation(mean: np.ndarray, noise: np.ndarray, alpha_bar: float) -> float:
    """Return how alike x_t and its noise are, 1 for the same."""
    x = mean + math.sqrt(1 - alpha_bar) * noise
    return float(np.corrcoef(x.flat, noise.flat)[0, 1])


# ---- 3


@claim("ddpm", 3)
def test_one_answer_gives_the_others_and_the_loss(said):
    draw = np.random.default_rng(0)
    x0, noise, guess = draw.standard_normal((3, 50))
    for t in (10, 300, 800):
        cos, sin = np.sqrt(cosine()[t]), np.sqrt(1 - cosine()[t])
        x, v = cos * x0 + sin * noise, cos * noise - sin * x0
        assert np.allclose(cos * x - sin * v, x0) and np.allclose(sin * x + cos * v, noise)
        x0_hat = (x - sin * guess) / cos  # of any guess ε̂
        v_hat = cos * guess - sin * x0_hat
        errors = {
            "eps": np.mean((noise - guess) ** 2),
            "x0": np.mean((x0 - x0_hat) ** 2),
            "v": np.mean((v - v_hat) ** 2),
        }
        assert errors["v"] == pytest.approx(errors["eps"] / cosine()[t])
        assert errors["x0"] / errors["eps"] == pytest.approx((1 - cosine()[t]) / cosine()[t])
        assert errors["v"] == pytest.approx(errors["eps"] + errors["x0"])  # their sum
    said.named("1 − ᾱₜ")


@claim("ddpm", 3)
def test_the_noise_is_harder_at_small_t_and_the_picture_at_large(said):
    labels = pictures.digits()[1]
    shown = loss.each_class()
    assert len(shown) == 10 == len(np.unique(labels))
    found = loss.errors_by_t()
    assert np.all(np.diff(found["eps"]) < 0) and np.all(np.diff(found["x0"]) > 0)
    t = np.array(found["t"])
    above = np.array(found["eps"]) > np.array(found["x0"])
    assert np.array_equal(above, cosine()[t] > 0.5)  # they cross at ᾱ = ½
    net, x0 = m.model(), 2 * pictures.batch(shown) - 1
    for seed in SEEDS:  # other noises, asked directly
        noise = torch.randn(x0.shape, generator=torch.Generator().manual_seed(seed))
        errors = []
        for t in (50, 300, 900):
            a = cosine()[t]
            with torch.no_grad():
                eps, _ = net.predict(math.sqrt(a) * x0 + math.sqrt(1 - a) * noise, a, None)
            errors.append((eps - noise).square().mean().item())
        assert errors[0] > errors[1] > errors[2]


@claim("ddpm", 3)
def test_the_four_pixels_and_the_picture_have_the_loss_that_is_shown(said):
    board = CASE.asked("loss")
    hand = CASE.tables("loss")["four_pixels"]
    square = np.square(np.subtract(hand["noise"], hand["guess"]))
    assert hand["loss"] == pytest.approx(square.mean())
    fact = board["facts"][-1]["v"]
    t, seed = board_inputs("loss", "t", "seed")
    from core.models.ddpm.forward import epsilon

    x0 = 2 * pictures.digits()[0][CASE.scene("loss")["inputs"]["digit"]] - 1
    noise, a = epsilon(seed).numpy(), cosine()[t]
    v = math.sqrt(a) * noise - math.sqrt(1 - a) * x0
    x = torch.as_tensor(math.sqrt(a) * x0 + math.sqrt(1 - a) * noise, dtype=torch.float32)
    phi = torch.tensor([math.acos(math.sqrt(a))], dtype=torch.float32)
    with torch.no_grad():
        v_hat = m.model().net(x[None, None], phi, torch.tensor([10]))[0, 0].numpy()
    assert fact == pytest.approx(np.square(v - v_hat).mean(), abs=1e-4)


def board_inputs(view: str, *names: str) -> list:
    """Return inputs of a scene's preset, else their defaults."""
    given = CASE.scene(view)["inputs"]
    return [given.get(name, getattr(Inputs(), name)) for name in names]


# ---- 4


@claim("ddpm", 4)
def test_the_first_guess_is_the_mean_of_all_digits_and_later_ones_are_sharp(said):
    mean, real = pictures.digits()[0].mean(0), grey(pictures.digits()[0])
    changed = 0
    for seed in SEEDS:
        way = chains.free(1, seed, None, 2.0, 20, 1.0)
        way.up_to(way.length)
        seen = np.stack([m.shades(one["x0_hat"][0]) for one in way.moments()])
        assert np.sqrt(np.mean((seen[0] - mean) ** 2)) < 0.1
        assert grey(seen[0]) > 4 * real and grey(seen[-1]) < 0.5 * grey(seen[0])
        read = m.reading(seen)
        assert read is not None
        changed += len(set(read.argmax(1)[4:])) > 1  # while it is a digit already
    assert changed >= 3  # the digit changes in some
    board = CASE.whole("reverse")
    read = np.array(board["tables"]["read"][1:])[:, 1:]
    mine = read[-1].argmax()
    assert read[0, mine] < 0.5 < read[-1, mine]


def grey(images: np.ndarray) -> float:
    """Return how blurred images in [0, 1] are: 0 for black and white alone, 1 for middle grey."""
    return float((4 * images * (1 - images)).mean())


@claim("ddpm", 4)
def test_mean_and_spread_are_those_of_the_posterior(said):
    from apps.lessons.ddpm.reverse import by_hand

    given = CASE.scene("reverse")["inputs"]
    way = chains.free(1, given["seed"], None, 2.0, 50, 1.0)
    way.up_to(way.length)
    pixel = (given["row"], given["column"])
    for one in way.moments()[:-2]:
        hand = by_hand(way, one, pixel, 50)
        a_t, a_s = cosine()[hand["t"]], cosine()[hand["s"]]
        alpha = a_t / a_s
        precision = alpha / (1 - alpha) + 1 / (1 - a_s)  # of q(x_t | x_s) and of q(x_s | x_0)
        mean = (
            math.sqrt(alpha) / (1 - alpha) * hand["x"] + math.sqrt(a_s) / (1 - a_s) * hand["x0"]
        ) / precision
        assert hand["mean"] == pytest.approx(mean, abs=1e-5)
        assert hand["sigma"] ** 2 == pytest.approx(1 / precision, rel=1e-6)
        assert abs(hand["x_s"] - mean) < 5 * hand["sigma"]  # x_s = μ + σ ξ
    said("η = 1", way.eta)


# ---- 5


@claim("ddpm", 5)
def test_both_ways_lead_to_the_data_and_to_other_places(said):
    plan, far, own = m.schedule("cosine", Inputs()), [], []
    for seed in SEEDS:
        ends = [plane.walk("moons", plan, 50, eta, seed)[-1]["x"] for eta in (1.0, 0.0)]
        said("256개", len(ends[0]))
        real = points.data(plane.density("moons"), seed)
        far.append([wasserstein(end, real) for end in ends])
        own.append(points.data_apart(plane.density("moons"), seed))
        assert (ends[0] - ends[1]).norm(dim=1).mean() > 0.5
    mean, spread = np.mean(own, 0)
    assert np.all(np.abs(np.mean(far, 0) - mean) < spread)  # both, on average over the seeds
    assert spread > 0.1 * mean  # one value for data and data would not do
    said("η = 1", plane.WAYS["sde"])
    said("η = 0", plane.WAYS["ode"])


@claim("ddpm", 5)
def test_the_way_without_noise_can_be_walked_back(said):
    plan = m.schedule("cosine", Inputs())
    predict, times = exact_predictor(plane.density("moons"), plan), respace(1000, 100)
    for seed in SEEDS:
        draw = torch.Generator().manual_seed(seed)
        start = torch.randn(64, 2, generator=draw, dtype=torch.float64)
        *_, end = chain(predict, start, times, plan.alpha_bar, 0.0)
        *_, back = inversion(predict, end["x"], times[::-1], plan.alpha_bar)
        assert (back["x"] - start).norm(dim=1).median() < 0.02


# ---- 6


@claim("ddpm", 6)
def test_the_loss_stands_still_while_the_score_comes_nearer(said):
    for seed in [*SEEDS][:2]:  # a run takes two seconds; all ten stand below
        hides(seed)
    said("0", 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_loss_hides_what_the_score_shows_from_ten_seeds(seed):
    hides(seed)


def hides(seed: int) -> None:
    """Train 200 steps and 600 more: the loss stays in its jitter, the score's error falls."""
    settings = ddpm2d.Settings(seed=seed)
    state, found = ddpm2d.begin(settings), []
    for steps in (200, 600):
        losses = []
        for _ in range(steps // 100):
            state, some = ddpm2d.advance(state, settings, 100)
            losses += [one["loss"] for one in some]
        errors = [score_error(state, settings, t) for t in train.ERRORS]
        found.append((np.mean(losses[-200:]), np.std(losses[-200:]), errors))
    (before, jitter, far), (after, _, near) = found
    assert abs(before - after) < 2 * jitter  # hidden in the jitter of batches
    assert after > 0.3  # never near 0
    assert all(b < a for a, b in zip(far, near))  # at each t
    assert sum(near) < 0.8 * sum(far)


@claim("ddpm", 6)
def test_v_is_how_x_changes_with_the_angle(said):
    draw = np.random.default_rng(0)
    x0, noise = draw.standard_normal((2, 20))
    for phi in (0.2, 0.8, 1.4):
        ends = [np.cos(p) * x0 + np.sin(p) * noise for p in (phi - 1e-5, phi + 1e-5)]
        v = np.cos(phi) * noise - np.sin(phi) * x0
        assert np.allclose((ends[1] - ends[0]) / 2e-5, v, atol=1e-8)
    said.named("1 − ᾱₜ")


# ---- 7


@claim("ddpm", 7)
def test_ddim_comes_to_one_picture_and_ddpm_does_not(said):
    far = []
    for eta in (0.0, 1.0):  # ten noises; apart from the picture of 50 steps, in 5, 10 and 20
        ends = [ended(chains.free(10, 1, [8] * 10, 2.0, n, eta, False)) for n in (5, 10, 20, 50)]
        far.append([np.sqrt(np.mean((end - ends[-1]) ** 2, (1, 2))) for end in ends[:-1]])
    ddim, ddpm = np.swapaxes(far, 1, 2)  # (10, 3) each
    assert np.all(ddim < ddpm) and np.all(np.diff(ddim.mean(0)) < 0) and ddim.max() < 0.2
    assert np.all(ddpm.mean(0) > 2 * ddim.mean(0))
    said("η = 0", 0.0)


def ended(way: chains.Way) -> np.ndarray:
    """Return the pictures of a way, walked to its end."""
    way.up_to(way.length)
    assert way.end is not None
    return way.end


@claim("ddpm", 7)
def test_fewer_steps_are_further_from_the_digits_and_ddim_is_as_far_as_ddpm(said):
    found = read_steps()
    said("표본 2,000개", found["samples"])
    ddim, ddpm = (points_of(found, eta, 2.0) for eta in (0.0, 1.0))
    assert [one["steps"] for one in ddim] == [one["steps"] for one in ddpm]
    by = {one["steps"]: one for one in ddim}
    for one, other in zip(ddim, ddpm):
        gap = abs(one["frechet"] - other["frechet"])
        assert gap < 1.96 * math.hypot(one["error"], other["error"])
    gap = by[5]["frechet"] - by[50]["frechet"]
    assert gap > 3 * math.hypot(by[5]["error"], by[50]["error"])
    low = min(one["frechet"] - 3 * one["error"] for one in (*ddim, *ddpm))
    assert low > found["floor"]["frechet"] + 3 * found["floor"]["spread"]
    said("5걸음 0.37", 5, by[5]["frechet"])
    said("50걸음 0.23", 50, by[50]["frechet"])
    said("0.05", found["floor"]["frechet"])
    said("w = 2", 2.0)
    for one, other in zip(points_of(found, 0.0, 1.0), points_of(found, 1.0, 1.0)):
        if one["steps"] >= 5:
            gap = one["frechet"] - other["frechet"]
            assert gap > 3 * math.hypot(one["error"], other["error"])
    said("w = 1", 1.0)


# ---- 8


@claim("ddpm", 8)
def test_the_label_is_obeyed_by_w_2_and_then_only_variety_is_lost(said):
    real, labels = pictures.digits()
    table = CASE.whole("guide")["tables"]
    rows = np.array(table["by_weight"][1:], dtype=float)
    assert np.all(np.diff(rows[:, 1]) > 0) and np.all(np.diff(rows[:, 2]) < 0)
    said("w = 2에서 0.93", rows[2, 0], rows[2, 1])
    said("w = 8에서도 0.94", rows[4, 0], rows[4, 1])
    ink = table["images"]["w = 8"].mean()
    assert ink > 1.3 * real[labels == 2].mean()  # strokes too thick
    said.named("w = 0, 1")


@claim("ddpm", 8)
def test_what_guidance_does_holds_for_other_seeds_and_labels(said):
    found, labels = [], np.repeat(np.arange(10), 5)
    for w in (1.0, 2.0, 8.0):
        end = ended(chains.free(len(labels), 1, labels.tolist(), w, 10, 0.0, False))
        read = m.reading(end)
        assert read is not None
        spread = np.mean([m.spread(end[labels == one]) for one in range(10)])
        found.append((read[np.arange(len(labels)), labels].mean(), spread, end.mean()))
    p, spread, ink = np.transpose(found)
    assert p[1] > p[0] + 0.05 and abs(p[2] - p[1]) < 0.03
    assert np.all(np.diff(spread) < 0) and np.all(np.diff(ink) > 0)


# ---- 9


@claim("ddpm", 9)
def test_the_letter_turns_into_a_digit_at_about_700(said):
    board = CASE.whole("survive")
    rows = np.array(board["tables"]["by_t"][1:], dtype=float)
    away, surest = ({int(t): value for t, value in zip(rows[:, 0], rows[:, k])} for k in (1, 2))
    assert np.all(np.diff(list(away.values())) > 0) and away[900] > 5 * away[100]
    said("t = 600에서 0.53", 600, surest[600])
    said("t = 700에서 0.74", 700, surest[700])
    assert max(surest[t] for t in range(100, 700, 100)) == surest[600] < 0.6


@claim("ddpm", 9)
def test_the_letter_is_no_digit_at_300_and_mostly_one_at_800(said):
    image, sure = pictures.letter("jamo"), {300: [], 800: []}
    for seed in SEEDS:
        for t, found in sure.items():
            read = m.reading(ended(survive.back(image, t, seed)))
            assert read is not None
            found += (read.max(1) > 0.5).tolist()
    assert np.mean(sure[300]) < 0.1 and np.mean(sure[800]) > 0.6
    said("700", 700)


# ---- 10


@claim("ddpm", 10)
def test_the_completions_differ_and_not_all_are_digits(said):
    given = CASE.scene("complete")["inputs"]
    board = CASE.whole("complete")
    made, read = (np.array(board["tables"][name]) for name in ("images", "read"))
    sure, real = read.max(1), m.reading(pictures.digits()[0])
    assert real is not None
    said("0.30에서 0.77", sure.min(), sure.max())
    assert np.mean(real.max(1) > 0.9) == pytest.approx(0.9, abs=0.05)  # nine in ten
    said("0.9", 0.9)
    assert len(set(read.argmax(1))) >= 3
    mask = complete.visible(given.get("hidden", "bottom"))
    mean = made[:, mask == 0].mean(0)
    assert np.sqrt(np.mean((made[:, mask == 0] - mean) ** 2)) > 0.2  # none is the mean


@claim("ddpm", 10)
def test_repeated_steps_make_likelier_digits(said):
    sure: dict[int, list[float]] = {1: [], 5: []}
    for seed in SEEDS:
        for repeats, found in sure.items():
            inputs = Inputs(digit=92, seed=seed, repeats=repeats, fill_steps=10)
            way = complete.completions(inputs.picture, complete.visible("bottom"), inputs)
            read = m.reading(ended(way))
            assert read is not None
            found.append(read.max(1).mean())
    gain = np.subtract(sure[5], sure[1])
    assert gain.mean() > 2 * gain.std(ddof=1) / math.sqrt(len(gain))
