"""Maps over the image against finite differences, loops, a net whose maps are known, and a law."""

import pytest
import torch

from core import weights
from core.data.mnist import digits_sample
from core.inputs import InputError
from core.models.classifier.cnn import Classifier
from core.models.cnn.check import completeness_delta
from core.models.cnn.explain import (
    METHODS,
    explain,
    gradcam,
    gradient,
    integrated_gradients,
    occlusion,
)
from core.models.cnn.small import Config, SmallNet
from core.weights.card import cards

SHIPPED = ("classifier-mnist", "cnn-tiny-mnist", "mlp-mnist")


def net(kind: str) -> SmallNet | Classifier:
    if kind in cards():
        return weights.load(kind)  # pyright: ignore
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return SmallNet(Config(kind=kind)).eval().requires_grad_(False)


def digit(row: int = 31) -> torch.Tensor:
    return digits_sample()[0][row : row + 1] / 255


@pytest.mark.parametrize("kind", ["cnn", "mlp", *SHIPPED])
@pytest.mark.parametrize("row", [3, 77])
def test_integrated_gradients_are_complete_to_a_hundredth(kind, row):
    model, x = net(kind), digit(row)
    label = int(model(x).argmax())
    found = explain(model, x, label, "integrated")
    assert found["total"] is not None and found["gap"] is not None
    assert found["total"] == pytest.approx(found["map"].sum().item())
    assert completeness_delta(model, x, label, found["total"])["delta"] < 0.01
    assert completeness_delta(model, x, label, found["gap"])["delta"] < 1e-5
    assert completeness_delta(model, x, label, 1.05 * found["total"])["delta"] > 0.01


def test_gradient_by_finite_differences():
    noise = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    model, x = net("cnn").double(), (digit() + 0.1 * noise).double()  # no two of a patch alike
    found, step = gradient(model, x, 3), 1e-6
    for i, j in ((14, 14), (10, 17), (0, 0)):
        up, down = x.clone(), x.clone()
        up[0, 0, i, j] += step
        down[0, 0, i, j] -= step
        slope = (model(up) - model(down))[0, 3].abs().item() / (2 * step)
        assert found[i, j].item() == pytest.approx(slope, abs=1e-6)


def test_occlusion_covers_a_square_around_each_pixel():
    model, x = net("cnn"), digit()
    found = occlusion(model, x, 3)
    for i, j in ((14, 14), (0, 0), (27, 13)):
        covered = x.clone()
        covered[:, :, max(i - 2, 0) : i + 3, max(j - 2, 0) : j + 3] = 0
        wanted = (model(x) - model(covered))[0, 3].item()
        assert found[i, j].item() == pytest.approx(wanted, abs=1e-5)


def test_maps_of_a_linear_net_are_its_weights():
    model, x = SmallNet(Config(kind="mlp", hidden=10)), digit()
    first, last = model.layers[1], model.layers[3]
    with torch.no_grad():  # every hidden unit stays above 0: the net is linear
        first.weight.copy_(torch.rand(10, 784))  # pyright: ignore
        first.bias.fill_(1.0)  # pyright: ignore
        last.weight.copy_(torch.eye(10))  # pyright: ignore
    w = first.weight[4].view(28, 28)  # pyright: ignore
    assert torch.allclose(gradient(model, x, 4), w, atol=1e-6)
    assert torch.allclose(integrated_gradients(model, x, 4, points=2), w * x[0, 0], atol=1e-6)


def test_gradcam_of_the_classifier_is_the_weighted_sum_of_its_last_maps():
    model, x = net("classifier-mnist"), digit()
    maps = model.maps(x)[-1][0]  # pyright: ignore - behind the mean the logit is linear in them
    alpha = model.head.weight[3] / 49  # pyright: ignore
    wanted = (alpha[:, None, None] * maps).sum(0).relu()
    found = gradcam(model, x, 3)
    assert found.shape == (28, 28) and found.min() >= 0 and wanted.max() > 0
    large = torch.nn.functional.interpolate(wanted[None, None], size=(28, 28), mode="bilinear")
    assert torch.allclose(found, large[0, 0], atol=1e-5)


def test_explaining_leaves_no_gradient_and_changes_nothing():
    model, x = net("cnn"), digit()
    before = [p.clone() for p in model.parameters()]
    for method in METHODS:
        found = explain(model, x, 3, method)
        assert found["map"].shape == (28, 28) and not found["map"].requires_grad
        assert found["map"].abs().sum() > 0
    assert all(torch.equal(a, b) and b.grad is None for a, b in zip(before, model.parameters()))
    assert not x.requires_grad


@pytest.mark.parametrize(
    ("kind", "label", "method"),
    [("cnn", 10, "gradient"), ("cnn", -1, "gradient"), ("cnn", 3, "guess"), ("mlp", 3, "gradcam")],
)
def test_what_is_refused(kind, label, method):
    with pytest.raises(InputError):
        explain(net(kind), digit(), label, method)


@pytest.mark.parametrize(
    "given", [{"kind": "rnn"}, {"maps": (4,)}, {"maps": (0, 8)}, {"hidden": 0}], ids=str
)
def test_configs_that_are_refused(given):
    with pytest.raises(InputError):
        Config(**given)
