"""The flows that the laws are tried on: built here, and those that ship."""

import math
from typing import cast

import torch

from core import weights
from core.data import densities
from core.data.mnist import digits_sample
from core.models.flow.real_nvp import Config, Flow, dequantise
from core.weights.card import cards

PLANE = [name for name in cards() if name.startswith("realnvp-")]
SHIPPED = [*PLANE, *(["flow-mnist"] if "flow-mnist" in cards() else [])]
SMALL = Config(kind="image", couplings=(2, 1, 1), width=(4, 4, 4))
BUILT = {
    "plane": Config(couplings=(6,), width=(16,)),
    "plane, masks fixed": Config(couplings=(4,), width=(16,), masks="fixed"),
    "plane, wide bound": Config(couplings=(2,), width=(8,), bound=4.0),
    "image": SMALL,
}


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def shake(model, seed: int = 0):
    """Return a net whose weights are all away from zero, where layers start."""
    draw = generator(seed)
    for name, value in model.state_dict().items():
        if name.endswith("logits"):
            value.copy_(torch.randn(value.shape, generator=draw))
        elif value.is_floating_point():
            size = 0.6 / math.sqrt(value[0].numel()) if value.dim() > 1 else 0.1
            value.copy_(torch.randn(value.shape, generator=draw) * size)
    return model.eval().requires_grad_(False)


def flow(name: str) -> Flow:
    return cast(Flow, weights.load(name)) if name in cards() else shake(Flow(BUILT[name]))


def inputs(model: Flow, n: int, seed: int = 1, name: str = "") -> torch.Tensor:
    """Return float64 inputs; of a shipped flow, points of its target or test digits."""
    if name == "flow-mnist":
        return dequantise(digits_sample()[0][:n] / 255, generator(seed)).double()
    if name in PLANE:
        return densities.density(cards()[name].dataset["name"]).sample(n, generator(seed))
    if model.config.kind == "plane":
        return torch.randn(n, 2, generator=generator(seed), dtype=torch.float64)
    levels = torch.randint(0, 256, (n, 1, 28, 28), generator=generator(seed))
    ink = torch.rand(n, 1, 28, 28, generator=generator(seed)) < 0.3
    return dequantise(levels * ink / 255.0, generator(seed)).double()


def volume(function, x: torch.Tensor) -> torch.Tensor:
    """Return log|det| of autograd's Jacobian at one x (1, …)."""
    found = torch.autograd.functional.jacobian(function, x, vectorize=True)
    return torch.linalg.slogdet(torch.as_tensor(found).reshape(x.numel(), x.numel()))[1]


def twin(model: Flow) -> Flow:
    """Return the same flow in float64."""
    copy = Flow(model.config)
    copy.load_state_dict(model.state_dict())
    return copy.double().eval().requires_grad_(False)
