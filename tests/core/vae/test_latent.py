"""Grids of codes, ways between codes and codes of few bits, against torch and their laws."""

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from core.models.vae import latent

rng = np.random.default_rng(5)


def test_quantile_nodes_part_the_gaussian_evenly():
    z = latent.nodes("quantile", 9, 2.0, 0.5)
    shares = Normal(2.0, 0.5).cdf(torch.as_tensor(z)).numpy()
    np.testing.assert_allclose(shares, (np.arange(9) + 0.5) / 9, atol=1e-7)


def test_uniform_nodes_reach_three_scales():
    np.testing.assert_allclose(latent.nodes("uniform", 4, 2.0, 0.5), [0.5, 1.5, 2.5, 3.5])


def test_a_mesh_goes_row_by_row():
    codes = latent.mesh(np.array([1.0, 2.0]), np.array([9.0, 8.0, 7.0]))
    assert codes.tolist() == [[1, 9], [2, 9], [1, 8], [2, 8], [1, 7], [2, 7]]


def test_sheet_puts_tiles_in_reading_order():
    tiles = np.arange(6).reshape(2, 3, 1, 1) * np.ones((1, 1, 2, 2))
    flat = latent.sheet(tiles)
    assert flat.shape == (4, 6)
    assert flat[0].tolist() == [0, 0, 1, 1, 2, 2] and flat[3].tolist() == [3, 3, 4, 4, 5, 5]


def test_slerp_keeps_the_length_and_turns_evenly():
    a, c = np.array([3.0, 0.0, 0.0]), np.array([0.0, 3.0, 0.0])
    for t in (0, 0.25, 0.5, 1):
        z = latent.slerp(a, c, t)
        np.testing.assert_allclose(np.linalg.norm(z), 3, atol=1e-12)
        np.testing.assert_allclose(np.arctan2(z[1], z[0]), t * np.pi / 2, atol=1e-12)


@pytest.mark.parametrize("factor", [2.0, -1.0], ids=["same way", "opposite ways"])
def test_slerp_is_straight_where_there_is_no_one_arc(factor):
    a = np.array([3.0, 0.0, 4.0])
    np.testing.assert_allclose(latent.slerp(a, factor * a, 0.5), latent.lerp(a, factor * a, 0.5))


def test_an_arc_stays_between_the_lengths_of_its_ends_and_turns_evenly():
    places = np.linspace(0, 1, 9)
    for d in (2, 20):
        for _ in range(20):
            a, c = rng.normal(size=(2, d)) * rng.uniform(0.1, 3, size=(2, 1))
            way = np.array([latent.arc(a, c, t) for t in places])
            lengths = np.linalg.norm(way, axis=1)
            np.testing.assert_allclose(
                lengths, np.linspace(np.linalg.norm(a), np.linalg.norm(c), 9), rtol=1e-9
            )
            units = way / lengths[:, None]
            turns = np.arccos(np.clip((units[1:] * units[:-1]).sum(1), -1, 1))
            np.testing.assert_allclose(turns, turns.mean(), atol=1e-6)
            np.testing.assert_allclose(way[[0, -1]], [a, c], atol=1e-9)
    nearly_opposite = np.array([2.0, 0.0]), np.array([-1.0, 1e-4])
    middle = np.linalg.norm(latent.arc(*nearly_opposite, 0.5))
    np.testing.assert_allclose(middle, 1.5, atol=1e-6)
    assert np.linalg.norm(latent.slerp(*nearly_opposite, 0.5)) > 1000


def test_an_arc_from_the_origin_is_straight():
    end = np.array([1.0, 2.0])
    np.testing.assert_allclose(latent.arc(np.zeros(2), end, 0.25), end / 4)


@pytest.mark.parametrize("bits", [1, 3, 8])
def test_quantised_codes_have_so_many_levels_and_err_by_half_a_bin(bits):
    z = rng.normal(size=(500, 2))
    low, high = z.min(0), z.max(0)
    rounded = latent.quantise(z, bits, low, high)
    assert all(len(np.unique(rounded[:, j])) <= 2**bits for j in range(2))
    assert (np.abs(rounded - z) <= (high - low) / 2 ** (bits + 1) + 1e-12).all()
    beyond = latent.quantise(np.stack([low - 5, high + 5]), bits, low, high)
    np.testing.assert_allclose(beyond, [rounded.min(0), rounded.max(0)])
