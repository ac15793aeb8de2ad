"""The chain rule, masks and the blind spot against torch, enumeration and known numbers."""

import itertools
import math

import numpy as np
import pytest

from core.inputs import InputError
from core.models.pixelcnn import by_hand, check, reach

KERNEL = [[0.5, 1.0, -0.5], [1.5, 4.0, 0.7], [-0.3, 0.2, 0.9]]
CROSS = [[0, 1, 0], [1, 1, 1], [0, 1, 0]]
A = [[1, 1, 1], [1, 0, 0], [0, 0, 0]]
B = [[1, 1, 1], [1, 1, 0], [0, 0, 0]]


def test_chain_of_three_pixels():
    trace = by_hand.chain(0.5, [0.2, 0.8], [0.1, 0.5, 0.5, 0.9])
    assert trace["images"].tolist()[5] == [1, 0, 1]
    assert trace["factors"][5] == pytest.approx([0.5, 0.2, 0.5])
    assert trace["p"][5] == pytest.approx(0.05) and trace["p"][7] == pytest.approx(0.36)
    assert trace["total"] == pytest.approx(1, abs=1e-15)
    assert trace["nats"][7] == pytest.approx(-math.log(0.36))


def test_chain_against_torch_and_with_impossible_images():
    rng = np.random.default_rng(0)
    for _ in range(5):
        p1, p2, p3 = rng.random(), rng.random(2).tolist(), rng.random(4).tolist()
        trace = by_hand.chain(p1, p2, p3)
        assert check.chain_delta(p1, p2, p3, trace)["delta"] < 1e-14
        trace["p"][3] += 1e-9
        assert check.chain_delta(p1, p2, p3, trace)["delta"] > 1e-10
    sure = by_hand.chain(1, [0.5, 0.25], [0, 0, 0, 1])
    assert sure["p"].tolist() == [0, 0, 0, 0, 0.75, 0, 0, 0.25] and np.isinf(sure["nats"][0])


def test_chain_rounds_as_by_hand():
    trace = by_hand.chain(1 / 3, [1 / 3, 2 / 3], [1 / 3] * 4, decimals=2)
    assert trace["factors"][7].tolist() == [0.33, 0.67, 0.33]
    assert trace["p"][7] == 0.07  # 0.33 · 0.67 · 0.33 = 0.072963


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_any_order_factors_the_same_probabilities(order):
    trace = by_hand.chain(0.5, [0.2, 0.8], [0.1, 0.5, 0.3, 0.9])
    factors = by_hand.in_order(trace["p"], order)
    assert factors.prod(1) == pytest.approx(trace["p"], abs=1e-15)
    assert check.order_delta(trace["p"], order, factors)["delta"] < 1e-15
    if order == (0, 1, 2):
        assert factors == pytest.approx(trace["factors"], abs=1e-15)
    factors[3, 1] += 1e-9
    assert check.order_delta(trace["p"], order, factors)["delta"] > 1e-10


def test_backwards_the_3x3_model_needs_more_than_its_window():
    p = by_hand.all_images(KERNEL, -0.5)["p"]
    factors = by_hand.in_order(p, list(range(8, -1, -1)))
    assert factors.prod(1) == pytest.approx(p, rel=1e-9)
    last = factors[:, 8].reshape((2,) * 9)[1]  # P(x_0 = 1 | all others), its axes pixels 1 to 8

    def swing(pixel):
        known = np.moveaxis(last, pixel - 1, 0)
        return abs(known[0] - known[1]).max()

    assert swing(8) < 1e-12  # the far corner says nothing of pixel 0
    assert swing(1) > 0.1 and swing(2) > 0.01  # (0, 2) does: two columns away, beyond 3x3


def test_masks():
    assert by_hand.mask_of("A").tolist() == A and by_hand.mask_of("B").tolist() == B
    wide = by_hand.mask_of("A", 7)
    assert wide.sum() == 24 and wide[3].tolist() == [1, 1, 1, 0, 0, 0, 0]
    assert by_hand.leaks(A).sum() == 0 and np.argwhere(by_hand.leaks(B)).tolist() == [[1, 1]]
    assert np.argwhere(by_hand.leaks(CROSS)).tolist() == [[1, 1], [1, 2], [2, 1]]


@pytest.mark.parametrize("mask", [None, A, B, CROSS])
def test_one_image_against_torch(mask):
    x = [[1, 0, 1], [0, 1, 1], [1, 1, 0]]
    trace = by_hand.image(x, KERNEL, -0.5, mask)
    assert check.image_delta(x, KERNEL, -0.5, trace)["delta"] < 1e-14
    assert np.allclose(trace["p"], np.exp(-trace["nats"]))
    assert trace["windows"][0].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 1]]
    trace["logits"][2, 2] += 1e-9
    assert check.image_delta(x, KERNEL, -0.5, trace)["delta"] > 1e-10


def test_a_pixel_s_logit_by_hand():
    trace = by_hand.image([[1, 0, 1], [0, 0, 0], [0, 0, 0]], KERNEL, -0.5)
    assert trace["logits"][0].tolist() == [-0.5, 1.0, -0.5]  # nothing, 1.5 from the left, nothing
    assert trace["logits"][1, 1] == pytest.approx(-0.5 + 0.5 - 0.5)


@pytest.mark.parametrize("mask", [A, B, CROSS, [[1] * 3] * 3])
def test_all_images_against_torch(mask):
    trace = by_hand.all_images(KERNEL, -0.5, mask)
    assert check.all_images_delta(KERNEL, -0.5, mask, trace)["delta"] < 1e-13
    one = by_hand.image([[0, 0, 0], [0, 0, 0], [0, 0, 1]], KERNEL, -0.5, mask)
    assert trace["q"][1] == pytest.approx(math.exp(-one["total"]), rel=1e-12)
    trace["q"][7] += 1e-6
    assert check.all_images_delta(KERNEL, -0.5, mask, trace)["delta"] > 1e-8


def test_mass_is_one_under_mask_a_alone_and_a_leak_beats_the_entropy():
    honest = by_hand.all_images(KERNEL, -0.5, A)
    assert honest["total"] == pytest.approx(1, abs=1e-13)
    assert honest["loss"] == pytest.approx(honest["entropy"], abs=1e-13)
    less = by_hand.all_images(KERNEL, -0.5, [[1, 1, 1], [0, 0, 0], [0, 0, 0]])
    assert less["total"] == pytest.approx(1, abs=1e-13) and less["loss"] > less["entropy"]
    leaky = by_hand.all_images(KERNEL, -0.5, B)
    assert leaky["total"] > 1.5 and leaky["loss"] < leaky["entropy"]


@pytest.mark.parametrize("R", range(1, 15))
def test_the_blind_spot_is_counted_and_by_autograd(R):
    trace = reach.blind_spot(R)
    assert trace["seen"] == trace["formula"] == trace["one_stack"].sum()
    assert trace["seen_by_two"] == trace["count"] == trace["earlier"].sum()
    assert (trace["vertical"] ^ trace["horizontal"] == trace["earlier"]).all()
    assert trace["horizontal"].sum() == R and trace["vertical"].sum() == R * (2 * R + 1)
    if R <= 6:
        assert check.blind_spot_delta(R, trace)["delta"] == 0
    if R == 3:
        hidden = trace["earlier"] & ~trace["one_stack"]
        assert np.argwhere(hidden).tolist() == [[1, 6], [2, 5], [2, 6]]


def test_a_wrong_view_is_caught():
    trace = reach.blind_spot(3)
    trace["one_stack"][0, 6] ^= True
    assert check.blind_spot_delta(3, trace)["delta"] == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: by_hand.chain(1.2, [0, 1], [0, 0, 0, 0]),
        lambda: by_hand.chain(0.5, [0.5], [0, 0, 0, 0]),
        lambda: by_hand.chain(0.5, [0, 1], [0, 0, 0, -0.1]),
        lambda: by_hand.chain(0.5, [0, 1], [0, 0, 0, 0], decimals=13),
        lambda: by_hand.in_order([0.5, 0.5, 0.5], [0, 1]),
        lambda: by_hand.in_order([0.5, 0.5, 0, 0], [0, 0]),
        lambda: by_hand.in_order([0.5, 0.5, 0, 2], [0, 1]),
        lambda: by_hand.in_order([0.5, 0.5], "0"),
        lambda: by_hand.mask_of("C"),
        lambda: by_hand.mask_of("A", 4),
        lambda: by_hand.image([[0, 0, 2]] * 3, KERNEL),
        lambda: by_hand.image([[0, 0, 0.5]] * 3, KERNEL),
        lambda: by_hand.image(A, [[99, 0, 0]] * 3),
        lambda: by_hand.image(A, KERNEL, mask=[[0.5, 0, 0]] * 3),
        lambda: by_hand.all_images([[1, 2], [3, 4]]),
        lambda: reach.blind_spot(0),
        lambda: reach.blind_spot(15),
        lambda: reach.blind_spot("3x"),
    ],
)
def test_what_is_refused(call):
    with pytest.raises(InputError):
        call()
