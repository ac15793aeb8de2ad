"""SSIM against scikit-image's."""

import pytest
import torch
from skimage.metrics import structural_similarity

from core.data.hangul import glyphs
from core.inputs import InputError
from core.measure.ssim import ssim


@pytest.mark.parametrize("size", [(11, 11), (64, 64), (20, 31)])
def test_it_equals_scikit_image_s(size):
    draw = torch.Generator().manual_seed(0)
    a, b = (torch.rand(2, 1, *size, generator=draw, dtype=torch.float64) for _ in range(2))
    b = 0.7 * a + 0.3 * b
    for ours, x, y in zip(ssim(a, b), a, b):
        wanted = structural_similarity(
            x[0].numpy(),
            y[0].numpy(),
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=1.0,
        )
        assert ours.item() == pytest.approx(wanted, abs=1e-9)


def test_a_picture_is_like_itself_and_type_is_unlike_its_strokes():
    x, y = glyphs().pairs("한글")
    assert ssim(y, y).tolist() == pytest.approx([1, 1], abs=1e-6) and ssim(x, y).max() < 0.8


@pytest.mark.parametrize("other", [(1, 1, 12, 12), (1, 1, 10, 10), (1, 3, 16, 16)])
def test_shapes_that_do_not_fit_are_refused(other):
    with pytest.raises(InputError):
        ssim(torch.zeros(other), torch.zeros(1, 1, *((10, 10) if other[2] == 10 else (16, 16))))
