"""Moving before or after a layer, against torch's circular convolution and pooling."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.inputs import InputError
from core.models.cnn.shifts import moves

RNG = np.random.default_rng(0)
X, K = RNG.normal(size=(12, 8)), RNG.normal(size=(5, 3))


def layer(x: np.ndarray, edges: str, stride: int, pool: int) -> np.ndarray:
    """Return the layer's values by torch's own padding, convolution and pooling."""
    image, kernel = (torch.as_tensor(v.copy())[None, None] for v in (x, K))
    around = (1, 1, 2, 2)
    padded = F.pad(image, around, mode="circular") if edges == "wrap" else F.pad(image, around)
    out = F.max_pool2d(F.conv2d(padded, kernel, stride=stride), pool)
    return out[0, 0].numpy()


@pytest.mark.parametrize("edges", ["wrap", "zeros"])
@pytest.mark.parametrize(("stride", "pool"), [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1)])
def test_both_orders_equal_torch_s(edges, stride, pool):
    for down, right in ((0, 0), (1, 0), (2, -4), (-3, 5)):
        found = moves(X, K, down, right, edges, stride, pool)
        rolled = np.roll(X, (down, right), (0, 1))
        assert np.allclose(found["move_first"], layer(rolled, edges, stride, pool), atol=1e-13)
        places = (down // (stride * pool), right // (stride * pool))
        wanted = np.roll(layer(X, edges, stride, pool), places, (0, 1))
        assert np.allclose(found["move_last"], wanted, atol=1e-13)


def test_only_wrapping_without_stride_and_pool_keeps_every_move():
    everything = [(down, right) for down in range(-5, 6) for right in range(-5, 6)]
    assert all(moves(X, K, *by)["gap"] < 1e-13 for by in everything)
    for stride, pool in ((2, 1), (1, 2)):
        for by in everything:
            kept = moves(X, K, *by, stride=stride, pool=pool)["gap"] < 1e-13
            assert kept == (by[0] % 2 == 0 and by[1] % 2 == 0)
    assert moves(X, K, 1, 0, "zeros")["gap"] > 0.1


@pytest.mark.parametrize(
    "given",
    [
        {"kernel": [[1.0, 2.0]]},
        {"kernel": np.ones((7, 7)).tolist(), "image": np.ones((5, 9)).tolist()},
        {"image": np.ones((9, 8)).tolist(), "stride": 2},
        {"edges": "mirror"},
        {"stride": 5},
        {"pool": 0},
        {"down": 28},
        {"right": 0.5},
    ],
    ids=str,
)
def test_what_is_refused(given):
    with pytest.raises(InputError):
        moves(**{"image": X.tolist(), "kernel": K.tolist(), "down": 1, "right": 1} | given)
