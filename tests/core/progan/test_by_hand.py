"""A growing GAN's parts by hand: the laws, the checks, and what is refused."""

import numpy as np
import pytest

from core.inputs import InputError
from core.models.progan import by_hand, check

DRAW = np.random.default_rng(0)


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.7, 1.0])
def test_fading_is_torch_s_and_its_ends_are_the_two_pictures(alpha):
    old, new = DRAW.normal(size=(3, 2)), DRAW.normal(size=(6, 4))
    trace = by_hand.fade(old, new, alpha)
    assert check.fade_delta(old, new, alpha, trace)["delta"] < 1e-15
    ends = {0.0: trace["doubled"], 1.0: new}
    if alpha in ends:
        assert np.array_equal(trace["out"], ends[alpha])
    trace["out"] = trace["out"] + 1e-6
    assert check.fade_delta(old, new, alpha, trace)["delta"] > 1e-7


def test_whole_numbers_fade_nothing_in_until_they_jump():
    ramp = [by_hand.alpha_at(step, 4) for step in range(6)]
    assert ramp == [0, 0.25, 0.5, 0.75, 1, 1]
    assert [by_hand.alpha_at(step, 4, whole=True) for step in range(6)] == [0, 0, 0, 0, 1, 1]


def test_pixel_norm_makes_the_mean_square_one():
    maps = DRAW.normal(size=(5, 3, 4)) * 7
    trace = by_hand.pixel_norm(maps)
    assert check.pixel_norm_delta(maps, trace)["delta"] < 1e-14
    assert np.allclose((trace["out"] ** 2).mean(0), 1, atol=1e-8)
    assert np.allclose(by_hand.pixel_norm(100 * maps)["out"], trace["out"], atol=1e-7)


def test_a_batch_s_deviation_is_torch_s_and_falls_to_nothing_for_copies():
    batch = DRAW.normal(size=(6, 2, 3, 3))
    trace = by_hand.deviation(batch)
    assert check.deviation_delta(batch, trace)["delta"] < 1e-15
    copies = by_hand.deviation(np.repeat(batch[:1], 6, 0))
    assert copies["statistic"] == pytest.approx(1e-4)  # √ε: what keeps the slope finite
    halves = [
        by_hand.deviation(np.concatenate([batch[:k]] * (6 // k)))["statistic"] for k in (6, 1)
    ]
    assert halves[0] > 1000 * halves[1]


def test_adam_moves_equalised_weights_by_one_share_at_every_width():
    fan_in = [9, 64, 576, 4096]
    trace = by_hand.relative_steps(fan_in, 1e-3)
    assert check.relative_steps_delta(fan_in, 1e-3, trace)["delta"] < 1e-12
    assert np.allclose(trace["equalised"], 1e-3)
    assert np.allclose(trace["plain"] / trace["plain"][0], np.sqrt(np.array(fan_in) / 9))


@pytest.mark.parametrize("width", [16, 64, 256])
def test_layers_keep_their_size_only_where_they_are_scaled(width):
    kept = np.sqrt(2 / width)
    for scale, low, high in ((kept, 0.1, 10), (1.0, 1e8, np.inf), (0.02, 0, 1e-6)):
        x, weights = by_hand.draw_layers(width, 10, seed=1)
        trace = by_hand.through_layers(x, weights, scale)
        assert check.layers_delta(x, weights, scale, trace)["delta"] < 1e-12
        assert low < trace["found"][-1] < high
        off = np.log(trace["expected"] / trace["found"])
        assert np.abs(off).max() < 12 / np.sqrt(width)  # of few weights one net says little
    assert trace["expected"][1] == pytest.approx(0.02**2 * width * 0.52)
    trace["found"][3] *= 1 + 1e-9
    assert check.layers_delta(x, weights, scale, trace)["delta"] > 1e-10


@pytest.mark.parametrize(
    "call",
    [
        lambda: by_hand.fade([[1.0]], [[1.0]], 0.5),
        lambda: by_hand.fade([[1.0]], [[1.0, 2], [3, 4]], 1.5),
        lambda: by_hand.fade([[float("nan")]], [[1.0, 2], [3, 4]], 0.5),
        lambda: by_hand.alpha_at(-1, 4),
        lambda: by_hand.pixel_norm([[1.0]]),
        lambda: by_hand.deviation([]),
        lambda: by_hand.relative_steps([0], 1e-3),
        lambda: by_hand.relative_steps([4], 0),
        lambda: by_hand.draw_layers(257, 2),
        lambda: by_hand.draw_layers(4, 0),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(call):
    with pytest.raises(InputError, match=r"^[^\n]+\.$"):
        call()
