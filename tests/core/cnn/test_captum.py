"""Why this class: our maps beside captum's."""

from typing import Any

import pytest
import torch
from captum.attr import IntegratedGradients, LayerGradCam, Saliency

from core.models.cnn.explain import gradcam, gradient, integrated_gradients
from tests.core.cnn.test_explain import digit, net

NETS = ("classifier-mnist", "cnn-tiny-mnist")
CASES = [(kind, row) for kind in NETS for row in (3, 31, 77)]


def of(kind: str, row: int) -> tuple[Any, torch.Tensor, int]:
    """Return a shipped net, a test digit that asks for its gradient, and the net's class."""
    model, x = net(kind), digit(row)
    return model, x, int(model(x).argmax())


@pytest.mark.parametrize(("kind", "row"), [*CASES, ("mlp-mnist", 31)])
def test_gradients_are_captum_s_saliency(kind, row):
    model, x, label = of(kind, row)
    theirs = Saliency(model).attribute(x.clone().requires_grad_(), label)[0, 0]
    assert torch.allclose(gradient(model, x, label), theirs, atol=1e-6)


@pytest.mark.parametrize(("kind", "row"), CASES)
def test_grad_cam_is_captum_s_enlarged(kind, row):
    model, x, label = of(kind, row)
    layers = [one for one in model.modules() if isinstance(one, torch.nn.ReLU)]
    found = LayerGradCam(model, layers[-1]).attribute(x.clone().requires_grad_(), label)
    theirs: Any = torch.nn.functional.interpolate(
        found.relu(),  # pyright: ignore[reportAttributeAccessIssue]
        (28, 28),
        mode="bilinear",
    )
    assert torch.allclose(gradcam(model, x, label), theirs[0, 0], atol=1e-5)


@pytest.mark.parametrize(("kind", "row"), [*CASES, ("mlp-mnist", 31)])
def test_integrated_gradients_come_to_captum_s(kind, row):
    """Both are sums over kinks: they agree to a twentieth of the largest entry, and in the sum."""
    model, x, label = of(kind, row)
    way: Any = IntegratedGradients(model)
    theirs = way.attribute(x, target=label, n_steps=1500, internal_batch_size=300)[0, 0].float()
    ours = integrated_gradients(model, x, label)
    assert (ours - theirs).abs().max() < 0.05 * theirs.abs().max()
    assert ours.sum().item() == pytest.approx(theirs.sum().item(), rel=0.02)
    assert (ours.flatten() @ theirs.flatten()) / (ours.norm() * theirs.norm()) > 0.999
