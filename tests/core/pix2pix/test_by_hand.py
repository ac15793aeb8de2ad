"""The toy with several right answers: mean, median and mode against other computations."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from core.inputs import InputError
from core.models.pix2pix import check
from core.models.pix2pix.by_hand import strokes, toy, weighted_median

PLACES, ODDS = [1, 4, 7], [0.4, 0.35, 0.25]


def test_strokes_stand_where_they_are_put():
    assert strokes([2, 9], 3).tolist() == [[0, 0, 1, 1, 1, *[0] * 7], [*[0] * 9, 1, 1, 1]]


def test_mean_median_and_mode_of_a_case_by_hand():
    found = toy(strokes([0, 1], 2), [0.75, 0.25])  # 110…, 011…
    assert found.mean[:4].tolist() == [0.75, 1, 0.25, 0]
    assert found.median[:4].tolist() == [1, 1, 0, 0] and (found.mode == found.median).all()
    assert found.verdicts.tolist() == [0.6, 1 / 3]
    assert found.losses[0].tolist() == pytest.approx([0.75, 0.5, 0.5])
    assert found.losses[1].tolist() == pytest.approx([0.375, 0.5, 0.5])
    assert found.losses[2, 1] == pytest.approx(-np.log(0.6)) and found.losses[2, 0] == np.inf


def test_three_places_leave_the_median_empty():
    found = toy(strokes(PLACES, 3), ODDS)
    assert not found.median.any() and found.mode.sum() == 3
    assert found.losses[2, 1] == np.inf  # an empty row is no answer


@pytest.mark.parametrize("seed", range(10))
def test_no_picture_has_a_smaller_loss(seed):
    draw = np.random.default_rng(seed)
    answers, odds = draw.random((3, 4)).round(3), draw.random(3) + 0.05
    found = toy(answers, odds.tolist())
    for row, power in ((0, 1), (1, 2)):
        least = found.losses[row, 1 if power == 1 else 0]
        assert least <= check.best_by_trying(answers, found.odds, power) + 1e-9
        parts = [
            minimize_scalar(lambda c, y=y, k=power: found.odds @ np.abs(y - c) ** k, (0, 1)).fun
            for y in answers.T
        ]
        assert least == pytest.approx(sum(parts), abs=1e-5)


def test_the_best_discriminator_lowers_its_loss_at_these_verdicts():
    found = toy(strokes(PLACES, 3), ODDS)
    guess = 1 / len(ODDS)
    for p, d in zip(found.odds, found.verdicts):
        best: Any = minimize_scalar(
            lambda x, p=p: -p * np.log(x) - guess * np.log(1 - x), bounds=(1e-6, 1 - 1e-6)
        )
        assert d == pytest.approx(best.x, abs=1e-4)


def test_a_median_has_half_of_the_probability_on_each_side():
    assert weighted_median(np.array([5.0, 1, 3]), np.array([0.2, 0.3, 0.5])) == 3
    assert weighted_median(np.array([0.0, 1]), np.array([0.5, 0.5])) == 0
    values = np.arange(7.0)
    assert weighted_median(values, np.ones(7) / 7) == np.median(values)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("places", lambda: strokes([], 3)),
        ("places", lambda: strokes([10], 3)),
        ("wide", lambda: strokes([1], 0)),
        ("odds", lambda: toy(strokes([1, 2], 3), [1])),
        ("odds", lambda: toy(strokes([1, 2], 3), [1, 0])),
    ],
)
def test_bad_input_names_its_field(field, call):
    with pytest.raises(InputError) as error:
        call()
    assert error.value.parts["field"].startswith(field)
