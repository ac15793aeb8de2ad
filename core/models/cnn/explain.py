"""Which pixels made a net say this class: four maps over one image.

f(x) is the logit of the class.

    gradient     |∂f/∂x_i|
    occlusion    f(x) − f(x with a square around pixel i set to 0)
    gradcam      relu(Σ_k α_k A_k) enlarged to the image,  α_k the mean of ∂f/∂A_k,  A_k the maps
                 of the last convolution after its ReLU
    integrated   x_i ∫ ∂f/∂x_i (a x) da,  a from 0 to 1;  Σ_i = f(x) − f(0)

Papers: Simonyan et al. 2013, arXiv 1312.6034; Zeiler & Fergus 2014, 1311.2901; Selvaraju et al.
2017, 1610.02391; Sundararajan et al. 2017, 1703.01365. We deviate in the midpoint rule, and in
halving the intervals of a over which its sum is not yet the rise of f: ReLU gives f kinks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import torch
import torch.nn.functional as F
from torch import Tensor

from core.inputs import InputError, choice, integer
from core.models.cnn.walk import walk

if TYPE_CHECKING:
    from core.models.classifier.cnn import Classifier
    from core.models.cnn.small import SmallNet

METHODS = ("gradient", "occlusion", "gradcam", "integrated")
CLASSES = 10
SQUARE = 5  # side of what occlusion covers
POINTS, ROUNDS = 32, 9  # intervals at first, and how often some of them are halved at most
WITHIN = 0.04  # of an interval's share of |f(x) − f(0)|: by so much its sum may be off


class Explanation(TypedDict):
    """A map over the image, and what its sum should be, where there is such a law."""

    map: Tensor  # (28, 28)
    total: float | None  # Σ map, of "integrated"
    gap: float | None  # f(x) − f(0), of "integrated"


def explain(model: Classifier | SmallNet, x: Tensor, label: int, method: str) -> Explanation:
    """Return which pixels raise the logit of a class.

    Args:
        model: in eval mode, without gradients of its own.
        x: one image (1, 1, 28, 28) in [0, 1].
        label: 0 to 9.
        method: one of METHODS; "gradcam" needs a net with convolutions.

    Raises:
        InputError: an input that is not that.
    """
    choice("method", method, METHODS)
    label = integer("label", label, 0, CLASSES - 1)
    if method == "integrated":
        found = integrated_gradients(model, x, label)
        with torch.no_grad():
            ends = model(torch.cat([x, torch.zeros_like(x)]))[:, label]
        return {"map": found, "total": found.sum().item(), "gap": (ends[0] - ends[1]).item()}
    ways = {"gradient": gradient, "occlusion": occlusion, "gradcam": gradcam}
    return {"map": ways[method](model, x, label), "total": None, "gap": None}


def gradient(model: Classifier | SmallNet, x: Tensor, label: int) -> Tensor:
    """Return |∂f/∂x_i|, (28, 28)."""
    return _slope(model, x, label)[0, 0].abs()


def integrated_gradients(
    model: Classifier | SmallNet, x: Tensor, label: int, points: int = POINTS
) -> Tensor:
    """Return integrated gradients from the empty image, (28, 28)."""

    def f(at: Tensor) -> Tensor:
        with torch.no_grad():
            return model(at.view(-1, 1, 1, 1) * x)[:, label]

    low = torch.arange(points, device=x.device, dtype=x.dtype) / points
    wide = torch.full_like(low, 1 / points)
    gap = (f(low.new_ones(1)) - f(low.new_zeros(1))).abs()
    total = torch.zeros_like(x[0, 0])
    for left in reversed(range(ROUNDS)):
        slopes = _slope(model, (low + wide / 2).view(-1, 1, 1, 1) * x, label)[:, 0]  # (M, 28, 28)
        parts = wide.view(-1, 1, 1) * x[0, 0] * slopes  # (M, 28, 28)
        off = (parts.sum((1, 2)) - (f(low + wide) - f(low))).abs()
        halved = (off > WITHIN * gap * wide) & (left > 0)
        total = total + parts[~halved].sum(0)
        if not halved.any():
            break
        low, wide = low[halved], wide[halved] / 2
        low, wide = torch.cat([low, low + wide]), torch.cat([wide, wide])
    return total


@torch.no_grad()
def occlusion(model: Classifier | SmallNet, x: Tensor, label: int, square: int = SQUARE) -> Tensor:
    """Return what f loses when a square around each pixel is set to 0, (28, 28)."""
    height, width = x.shape[2:]
    one = torch.eye(height * width, device=x.device).view(-1, 1, height, width)
    covered = F.max_pool2d(one, square, 1, square // 2)  # (784, 1, 28, 28)
    lost = [model(x * (1 - part))[:, label] for part in covered.split(196)]
    return (model(x)[0, label] - torch.cat(lost)).view(height, width)


def gradcam(model: Classifier | SmallNet, x: Tensor, label: int) -> Tensor:
    """Return Grad-CAM of the last maps, (28, 28), 0 or more.

    Raises:
        InputError: the net has no maps.
    """
    found = walk(model, x.detach().clone().requires_grad_())
    maps = [values for name, values in found if name.startswith("relu") and values.dim() == 4]
    if not maps:
        allowed = ", ".join(m for m in METHODS if m != "gradcam")
        raise InputError("choice", field="method", got='"gradcam"', allowed=allowed)
    (slope,) = torch.autograd.grad(found[-1][1][0, label], maps[-1])
    seen = (slope.mean((2, 3), keepdim=True) * maps[-1]).sum(1, keepdim=True).relu()
    large = F.interpolate(seen, size=x.shape[2:], mode="bilinear", align_corners=False)
    return large[0, 0].detach()


def _slope(model: Classifier | SmallNet, x: Tensor, label: int) -> Tensor:
    """Return ∂f/∂x of each image (B, 1, 28, 28)."""
    x = x.detach().clone().requires_grad_()
    (found,) = torch.autograd.grad(model(x)[:, label].sum(), x)
    return found
