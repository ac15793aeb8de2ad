"""Pictures that lessons share: tiles in reading order, frames around some of them."""

import numpy as np

from apps.lessons.shared.pictures import SIDE, sheet


def test_a_sheet_puts_its_tiles_in_reading_order():
    images = np.arange(6)[:, None, None] * np.ones((6, SIDE, SIDE))
    flat = sheet(images, 3)
    assert flat.shape == (2 * SIDE, 3 * SIDE)
    assert flat[0, ::SIDE].tolist() == [0, 1, 2] and flat[-1, ::SIDE].tolist() == [3, 4, 5]


def test_a_framed_tile_has_an_edge_of_ink_and_the_given_picture_stays():
    images = np.zeros((4, SIDE, SIDE))
    flat = sheet(images, 2, framed=[2])
    edge = SIDE**2 - (SIDE - 4) ** 2
    assert flat[SIDE:, :SIDE].sum() == edge == flat.sum()
    assert images.sum() == 0
