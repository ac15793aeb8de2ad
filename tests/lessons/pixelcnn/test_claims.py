"""What the PixelCNN lesson says, computed: by enumeration, counting, and the shipped nets."""

import itertools
import math
from functools import cache

import numpy as np
import pytest
import torch
from scipy import special
from torch.utils.flop_counter import FlopCounterMode

from apps.lessons.pixelcnn.inputs import KERNEL, SHARES, Inputs, binary_digits
from apps.stage.declare import parse
from core.data.mnist import STATIC_SEED
from core.measure.nats import shipped_nats
from core.models.pixelcnn.sampling import Passes, multiplications, rows_of
from core.weights.card import cards
from tests.lessons.claims import SEEDS, claim
from tests.lessons.pixelcnn.again import (
    CASE,
    EARLIER,
    entropy_and_loss,
    figure,
    free_images,
    net,
    probability,
    seen_through,
)
from tests.tab_case import widgets

torch.set_num_threads(1)


def settings(scene):
    """Return the inputs of a scene's preset."""
    return parse(Inputs, CASE.scenes[scene - 1]["inputs"])


@cache
def shipped():
    """Return the nats of the whole test set, (10000,) and (500,)."""
    found = shipped_nats()
    assert found is not None, "run python -m weights.recipes.likelihoods"
    return found


# ---- scene 1


@claim("pixelcnn", 1)
def test_three_pixels_factor_in_either_order(said):
    (a,), b, c = SHARES
    p = {
        (x, y, z): (a if x else 1 - a)
        * (b[x] if y else 1 - b[x])
        * (c[2 * x + y] if z else 1 - c[2 * x + y])
        for x, y, z in itertools.product((0, 1), repeat=3)
    }
    assert len(p) == 8  # "eight"
    said("더하면 1이다", sum(p.values()))
    third = sum(v for k, v in p.items() if k[2])
    second = sum(v for k, v in p.items() if k[2] and k[1]) / third
    first = p[1, 1, 1] / sum(v for k, v in p.items() if k[2] and k[1])
    said("0.5 · 0.8 · 0.9 = 0.36", a, b[1], c[3], p[1, 1, 1])
    said("0.5 · 0.82 · 0.878 = 0.36", third, second, first, third * second * first)
    assert settings(1).word == "111" and settings(1).order == "123"
    said.named("111의")
    said.named("P(111)")
    said.named("3×3")


@claim("pixelcnn", 1)
def test_the_conditionals_differ_between_orders_and_the_product_does_not(said):
    board = CASE.asked(CASE.scenes[0])
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        shares = [rng.uniform(0.1, 0.9, n).tolist() for n in (1, 2, 4)]
        first = CASE.tables(CASE.scenes[0], shares=shares)["factors"]
        for order in ("132", "213", "231", "312", "321"):
            other = CASE.tables(CASE.scenes[0], shares=shares, order=order)["factors"]
            assert np.allclose(other.prod(1), first.prod(1), atol=1e-15)
            assert abs(other - first).max() > 0.01
    assert [f["name"]["k"] for f in board["frames"]][-2:] == ["nine", "all_512"]


@claim("pixelcnn", 1)
def test_512_images_add_up_to_1(said):
    found = [probability(x, KERNEL, -1.5, EARLIER) for x in itertools.product((0, 1), repeat=9)]
    said("512가지", len(found))
    said("모두 더하면 1", sum(found))


# ---- scene 2


@claim("pixelcnn", 2)
def test_a_leak_beats_the_entropy_and_is_no_probability(said):
    chosen = settings(2)
    assert chosen.kind == "B" and chosen.bias == -1.5
    entropy, loss, mass = entropy_and_loss(KERNEL, chosen.bias, EARLIER + 1)
    said("28.9라서", mass)
    said("손실 1.99는 엔트로피 4.44", loss, entropy)
    said("512가지", 2**9)
    same, honest, one = entropy_and_loss(KERNEL, chosen.bias, EARLIER)
    said("합은 1", one)
    assert math.isclose(same, honest, rel_tol=1e-12)
    said.named("3×3")


@claim("pixelcnn", 2)
def test_an_honest_mask_never_beats_the_entropy_and_b_lets_a_pixel_see_itself(said):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        kernel, bias = rng.uniform(-4, 4, (3, 3)), rng.uniform(-2, 2)
        for kept in range(EARLIER + 1):  # every mask of earlier pixels alone
            entropy, loss, mass = entropy_and_loss(kernel, bias, kept)
            assert math.isclose(mass, 1, rel_tol=1e-9) and loss >= entropy - 1e-9
    board = CASE.asked(CASE.scenes[1])
    (middle,) = [f for f in board["facts"] if f["label"]["k"] == "leaks_cells"]
    assert middle["v"] == "1"
    mask = next(w for w in widgets(board["frames"][0], "cells") if w["edit"] == "mask")
    assert mask["flip"] == [4] and mask["bits"] == "111110000"


# ---- scene 3


@claim("pixelcnn", 3)
def test_the_blind_spot_is_ten_of_sixty(said):
    assert settings(3).reach == 5
    one, vertical, horizontal = seen_through(5)
    earlier = {(i, j) for i in range(-5, 1) for j in range(-5, 6) if (i, j) < (0, 0)}
    said("R = 5이면 60개 가운데 10개", 5, len(earlier), len(earlier - one))
    assert vertical | horizontal == earlier and not vertical & horizontal
    assert all(j > 0 for i, j in earlier - one)  # to the upper right
    said.named("3×3")
    said.named("2R")
    said.named("2R(R + 1)개 R(R − 1)/2개")


@claim("pixelcnn", 3)
def test_the_blind_spot_grows_towards_a_quarter(said):
    shares = []
    for R in range(1, 15):
        one, vertical, horizontal = seen_through(R)
        whole = 2 * R * (R + 1)
        assert whole - len(one) == R * (R - 1) // 2 and len(vertical | horizontal) == whole
        shares.append((whole - len(one)) / whole)
        assert (-1, 2) not in one  # far to the right in the row just above
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] < 1 / 4
    assert 0.249 < (1000 * 999 / 2) / (2 * 1000 * 1001) < 0.25
    said.named("4분의 1")
    said.named("1/4")


@claim("pixelcnn", 3)
def test_nothing_later_leaks_through_two_stacks(said):
    for R in range(1, 11):
        _, vertical, horizontal = seen_through(R)
        assert all(place < (0, 0) for place in vertical | horizontal)


# ---- scene 4


@claim("pixelcnn", 4)
def test_half_of_the_bits_fall_on_twenty_pixels(said):
    chosen = settings(4)
    image = binary_digits(chosen.binary)[chosen.digit]
    x = torch.from_numpy(image)[None, None].double()
    with torch.no_grad():
        logits = net("pixelcnn-mnist")(x.float()).double()
    bits = (torch.nn.functional.softplus(logits) - logits * x)[0, 0].numpy() / math.log(2)
    said("95.3비트", bits.sum())
    ranked = np.sort(bits.ravel())[::-1]
    said("20개", 1 + int((np.cumsum(ranked) < ranked.sum() / 2).sum()))
    said("561개는 0.01비트", int((bits < 0.01).sum()), 0.01)
    first = int(np.flatnonzero(image.ravel())[0])
    assert divmod(first, 28) == (7, 7)
    said("8행 8열", 8, 8)
    said("4.7비트", bits.ravel()[first])


@claim("pixelcnn", 4)
def test_later_pixels_do_not_move_it(said):
    chosen = settings(4)
    image = binary_digits(chosen.binary)[chosen.digit]
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        for pixel in (chosen.pixel, int(rng.integers(784))):
            later = rng.integers(0, 2, 784 - pixel).astype(np.float32)
            other = np.concatenate([image.ravel()[:pixel], later]).reshape(1, 1, 28, 28)
            both = torch.cat([torch.from_numpy(image)[None, None], torch.from_numpy(other)])
            with torch.no_grad():
                one, two = net("pixelcnn-mnist")(both).flatten(1)[:, pixel]
            assert torch.equal(one, two)


# ---- scene 5


@claim("pixelcnn", 5)
def test_the_blank_page_is_likelier_than_every_test_digit_and_never_drawn(said):
    model = net("pixelcnn-mnist")
    blank = torch.zeros(1, 1, 28, 28)
    *_, cold = rows_of(model, torch.rand(1, 1, 28, 28), temperature=0)
    assert torch.equal(cold["x"], blank)
    digits = torch.from_numpy(binary_digits("tossed"))[:, None]
    with torch.no_grad():
        nats = -model.log_prob(torch.cat([blank, digits])).numpy()
    said("29.6 nat", nats[0])
    said("100장", len(digits))
    assert nats[1:].min() > nats[0]
    said("온도 0은", settings(5).temperature - 1)
    assert free_images(10).flatten(1).any(1).all()  # ten samples, none of them blank


@claim("pixelcnn", 5)
def test_fourteen_rows_are_kept_and_what_is_flipped_changes_only_what_follows(said):
    chosen = settings(5)
    said("위 14줄", chosen.rows)
    image = binary_digits("tossed")[chosen.digit]
    before = CASE.whole(CASE.scenes[4])
    at = 16 * 28 + 12
    after = CASE.whole(CASE.scenes[4], turned=at)
    one, other = (found["tables"]["images"][0].ravel() for found in (before, after))
    assert np.array_equal(one[: 14 * 28], image.ravel()[: 14 * 28])
    assert np.array_equal(one[:at], other[:at]) and one[at] != other[at]
    assert (one[at + 1 :] != other[at + 1 :]).any()


@pytest.mark.slow
@claim("pixelcnn", 5)
def test_whichever_pixel_is_flipped_only_what_follows_changes(said):
    said.named("14")
    before = CASE.whole(CASE.scenes[4])["tables"]["images"][0].ravel()
    changed = 0
    for seed in SEEDS:
        at = int(np.random.default_rng(seed).integers(14 * 28, 27 * 28))
        after = CASE.whole(CASE.scenes[4], turned=at)["tables"]["images"][0].ravel()
        assert np.array_equal(before[:at], after[:at]) and before[at] != after[at]
        changed += (before[at + 1 :] != after[at + 1 :]).any()
    assert changed >= 3  # late pixels have little after them


# ---- scene 6


@claim("pixelcnn", 6)
def test_the_means_are_the_cards(said):
    found = shipped()
    said("10,000장", len(found["exact"]))
    said("81.9와 89.4 nat", found["exact"].mean(), found["elbo"].mean())
    assert abs(found["exact"].mean() - figure("pixelcnn-mnist", "-log p")) < 0.01
    vae = cards()["vae-mnist"].metrics["-ELBO"]
    assert abs(found["elbo"].mean() - vae["value"]) < 0.2
    said("시드 2008", STATIC_SEED)
    said.named("0과 1로")


@claim("pixelcnn", 6)
def test_cut_digits_cost_less_and_the_bound_tightens(said):
    found = shipped()
    said("64.3 nat", found["half"].mean())
    said("0.5에서", 128 / 256)
    assert found["half"].mean() < found["exact"].mean() - 10
    said("z를 128번", cards()["vae-mnist"].metrics["-log p, 128 draws"].get("draws", 0))
    said("500장에서 재면 85.8 nat", len(found["bound"]), found["bound"].mean())
    said("81.3 nat", found["exact"][::20].mean())
    assert found["bound"].mean() < found["elbo"][::20].mean()


# ---- scene 7


@claim("pixelcnn", 7)
def test_784_passes_draw_the_same_picture(said):
    model = net("pixelcnn-mnist")
    u = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(5))
    calls, rows = [], 3
    handle = model.register_forward_hook(lambda *_: calls.append(1))
    slow = list(itertools.islice(rows_of(model, u, way=Passes), rows))[-1]
    handle.remove()
    fast = list(itertools.islice(rows_of(model, u), rows))[-1]
    assert torch.equal(slow["x"], fast["x"])  # test_lesson compares the whole picture
    said("784번", len(calls) / rows * 28)
    once = multiplications(model.config)
    with FlopCounterMode(display=False) as counted, torch.no_grad():
        model(u)
    one_pass = counted.get_total_flops() / 2
    assert 1 <= one_pass / once < 1.01  # "nearly as many"
    assert 784 <= 784 * one_pass / once < 790  # "about"
    said.named("784배")


@pytest.mark.slow
@claim("pixelcnn", 7)
def test_both_ways_draw_the_same_picture_from_any_numbers(said):
    said.named("784")
    model = net("pixelcnn-mnist")
    for seed in SEEDS:
        u = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(seed))
        *_, slow = rows_of(model, u, way=Passes)
        *_, fast = rows_of(model, u)
        assert torch.equal(slow["x"], fast["x"]) and fast["x"].any()


# ---- scene 8


@claim("pixelcnn", 8)
def test_bayes_by_scipy_and_the_cards(said):
    told, untold = (figure(name, "-log p") for name in ("cpixelcnn-mnist", "pixelcnn-mnist"))
    said("96.4 %", 100 * figure("cpixelcnn-mnist", "accuracy by Bayes"))
    assert "500 " in cards()["cpixelcnn-mnist"].metrics["accuracy by Bayes"]["how"]
    said.named("500장")
    said("평균 78.9 nat", told)
    said("81.9 nat", untold)
    said("log 10 = 2.30", 10, math.log(10))
    said("5 nat만 달라도 148배", 5, math.exp(5))
    assert untold - told > math.log(10)
    said.named("0부터 9까지")
    tables = CASE.tables(CASE.scenes[7])
    assert np.allclose(special.softmax(-tables["nats"]), tables["posterior"], atol=1e-12)
    assert tables["posterior"].argmax() == 4 == settings(8).digit // 10
