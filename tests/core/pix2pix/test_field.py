"""The receptive-field calculator: the paper's 70 and 30 x 30, and gradients."""

import pytest

from core.inputs import InputError
from core.models.pix2pix.check import field_by_gradient
from core.models.pix2pix.field import follow, seen_by

PAPER, OURS = [2, 2, 2, 1, 1], [2, 2, 1, 1]


def test_the_paper_s_discriminator_sees_70_and_gives_30_verdicts():
    layers = follow(256, PAPER)
    assert [one.size for one in layers] == [128, 64, 32, 31, 30]
    assert [one.field for one in layers] == [4, 10, 22, 46, 70]


def test_ours_sees_34_and_gives_14():
    last = follow(64, OURS)[-1]
    assert (last.field, last.size, last.jump) == (34, 14, 4)


@pytest.mark.parametrize(
    ("side", "strides", "kernel", "padding"),
    [
        (256, PAPER, 4, 1),
        (64, OURS, 4, 1),
        (64, [2, 2, 2], 3, 0),
        (40, [1, 1, 1], 3, 1),
        (64, [1, 2, 1, 2], 5, 2),
        (33, [3], 4, 1),
        (64, [1, 1], 1, 0),
    ],
)
def test_size_and_field_equal_the_gradient_s(side, strides, kernel, padding):
    layers = follow(side, strides, kernel, padding)
    for at in {0, layers[-1].size // 2, layers[-1].size - 1}:
        size, first, last = field_by_gradient(side, strides, kernel, padding, at)
        assert size == layers[-1].size
        if padding == 0 or first > 0 and last < side - 1:
            assert last - first + 1 == layers[-1].field
        assert (first, last) == seen_by(layers, at, side)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("side", lambda: follow(7, OURS)),
        ("side", lambda: follow(8, [2, 2, 2, 2], 4, 0)),
        ("strides", lambda: follow(64, [])),
        ("strides", lambda: follow(64, [5])),
        ("kernel", lambda: follow(64, OURS, 0)),
        ("padding", lambda: follow(64, OURS, 4, 5)),
    ],
)
def test_bad_input_names_its_field(field, call):
    with pytest.raises(InputError) as error:
        call()
    assert error.value.parts["field"] == field
