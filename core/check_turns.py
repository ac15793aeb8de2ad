"""The independent computations for two hand-size nets that learn by turns: torch's layers, losses
and automatic differentiation in float64. See core.check for what a delta is.
"""

from __future__ import annotations

from typing import Any

from core.check import _largest, _result
from core.check_gan import _discriminator, _leaf, _linear


def factor_delta(D: Any, factors: dict[str, Any]) -> dict:
    """Compare ∂L/∂z under both losses of a generator, at each D (N,), with torch.autograd."""
    import torch

    z = torch.logit(_leaf(D)).requires_grad_()  # (N,)
    p = torch.sigmoid(z)
    losses = {"minimax": torch.log1p(-p), "non-saturating": -torch.log(p)}
    found = {
        name: torch.autograd.grad(v.sum(), z, retain_graph=True)[0] for name, v in losses.items()
    }
    deltas = [_largest(found[name], factors[name]) for name in losses]
    return _result(deltas, "torch.logit, torch.autograd")


def turns_delta(
    x: Any, u: Any, loss: str, rate: float, d_steps: int, g_steps: int, states: list[dict]
) -> dict:
    """Do every round of `gan_turns.take_turns` again with torch, each from our weights before
    it: where the two nets chase each other, two programs' rounding parts company.
    """
    import torch

    real, latent = _leaf(x).reshape(1, -1), _leaf(u).reshape(1, -1)
    bce, one, zero = torch.nn.BCEWithLogitsLoss(), real.new_ones(1), real.new_zeros(1)
    deltas = []
    for before, after in zip(states, states[1:]):
        D = _discriminator(before["w1"], before["w2"], real.shape[1])
        G = _generator(before["v1"], before["v2"], latent.shape[1])
        for _ in range(d_steps):
            _descend(D, bce(D(real)[:, 0], one) + bce(D(G(latent))[:, 0], zero), rate)
        for _ in range(g_steps):
            z = D(G(latent))[:, 0]
            _descend(G, bce(z, one) if loss == "non-saturating" else -bce(z, zero), rate)
        made = G(latent)
        z = D(made)[:, 0]
        for name, value in (("minimax", -bce(z, zero)), ("non-saturating", bce(z, one))):
            slopes = torch.autograd.grad(value, list(G.parameters()), retain_graph=True)
            length = torch.cat([slope.ravel() for slope in slopes]).norm()
            deltas.append(_largest(length, after["reach"][name]))
        pairs = [(made[0], after["x"]), (torch.sigmoid(z)[0], after["D_fake"])]
        pairs.append((torch.sigmoid(D(real))[0, 0], after["D_real"]))
        deltas += [_largest(theirs, ours) for theirs, ours in pairs]
    return _result(deltas, "torch.nn.Linear, BCEWithLogitsLoss, torch.autograd")


def _descend(net: Any, loss: Any, rate: float) -> None:
    """Take one plain step down; the other net keeps its weights. torch.optim would load for
    seconds, for this one subtraction.
    """
    import torch

    weights = list(net.parameters())
    with torch.no_grad():
        for weight, slope in zip(weights, torch.autograd.grad(loss, weights)):
            weight -= rate * slope


def _generator(v1: Any, v2: Any, latents: int) -> Any:
    """Return our generator as torch's layers."""
    import torch

    hidden = _linear(_leaf(v1).reshape(-1, latents))
    out = _linear(_leaf(v2).reshape(-1, hidden.out_features))
    return torch.nn.Sequential(hidden, torch.nn.Tanh(), out)
