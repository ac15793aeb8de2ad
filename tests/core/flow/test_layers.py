"""The flows' layers: each a bijection whose log|det| is autograd's, torch.distributions beside."""

from typing import cast

import pytest
import torch
from torch.distributions import AffineTransform, Normal, TransformedDistribution

from core.models.flow import real_nvp
from core.models.flow.layers import ActNorm, Conv, Coupling, Dense, Gaussianise, Squeeze
from core.models.flow.real_nvp import Config, Flow, parity
from tests.core.flow.cases import flow, generator, shake, volume

LAYERS = {
    "coupling": (lambda: Coupling([0], [1], Dense(1, 2, 8), 2.0), (2,)),
    "coupling of images": (lambda: Coupling([0, 3], [1, 2], Conv(2, 4, 4, 4), 2.0), (5, 4, 4)),
    "actnorm": (lambda: ActNorm(3), (3, 2, 2)),
    "squeeze": (Squeeze, (2, 4, 4)),
    "gaussianise": (lambda: Gaussianise(4), (1, 4, 4)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_s_laws(name):
    build, shape = LAYERS[name]
    layer = shake(build()).double()
    x = torch.rand(6, *shape, generator=generator(2), dtype=torch.float64)
    y, log_det = layer(x)
    back, log_back = layer.inverse(y)
    assert (back - x).abs().max() < 1e-10 and (log_det + log_back).abs().max() < 1e-10
    for k in range(3):
        theirs = volume(lambda v: layer(v)[0], x[k : k + 1])
        inverse = volume(lambda v: layer.inverse(v)[0], y[k : k + 1])
        assert (log_det[k] - theirs).abs() < 1e-9 and (log_back[k] - inverse).abs() < 1e-9


def test_actnorm_alone_is_torch_s_transformed_normal():
    model = Flow(Config(couplings=(0,), width=(1,))).double().requires_grad_(False)
    x = torch.randn(200, 2, generator=generator(), dtype=torch.float64) * 3 + 1
    first = cast(ActNorm, model.layers[0])
    first.settle(x)
    z, _ = model(x)
    assert z.mean(0).abs().max() < 1e-10 and (z.std(0) - 1).abs().max() < 1e-10
    normal = Normal(torch.zeros(2).double(), 1.0)
    theirs = TransformedDistribution(normal, [AffineTransform(-first.shift, (-first.scale).exp())])
    assert torch.allclose(model.log_prob(x), theirs.log_prob(x).sum(1), atol=1e-10)


def test_nothing_is_impossible_after_counting():
    layer = Gaussianise(2)
    layer.settle(torch.zeros(10, 1, 2, 2, dtype=torch.uint8))
    y, log_det = layer(torch.tensor([[[[0.0, 1.0], [0.5, 0.999]]]]))
    assert y.isfinite().all() and log_det.isfinite().all() and y.abs().max() < 12


def test_masks_split_the_channels_and_take_turns():
    for channels, bits in zip((16, 8, 4), real_nvp.BITS):
        for turn in range(2 * len(bits)):
            kept, changed = parity(channels, bits, turn)
            assert sorted(kept + changed) == list(range(channels))
            assert len(kept) == len(changed)
            other = parity(channels, bits, turn ^ 1)
            assert other == (changed, kept)
    pixels = torch.arange(28 * 28).view(1, 1, 28, 28)
    cells = Squeeze()(Squeeze()(pixels)[0])[0][0]  # (16, 7, 7)
    kept = cells[parity(16, real_nvp.BITS[0], 0)[0]]
    assert (((kept // 28) + (kept % 28)) % 2 == 0).all()  # a checkerboard of pixels


def test_a_scale_leaves_alone_what_is_finished():
    model = flow("image")
    couplings = [layer for layer in model.layers if isinstance(layer, Coupling)]
    touched = [sorted({*c.kept.tolist(), *c.changed.tolist()}) for c in couplings]
    assert touched == [[*range(16)], [*range(16)], [*range(8, 16)], [*range(12, 16)]]
