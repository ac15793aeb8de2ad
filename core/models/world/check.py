"""Check M by torch's own GRU cell and mixture distributions, and scores by plain sums.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from torch import Tensor

    from core.models.world.by_hand import Step
    from core.models.world.memory import Forecast


def memory_step_delta(params: dict[str, Any], z_next: float, step: Step) -> Delta:
    """Compare a step by hand with torch.nn.GRUCell and torch.distributions.MixtureSameFamily."""
    import torch
    from torch import distributions as d

    def t(values: Any) -> Tensor:
        return torch.as_tensor(np.asarray(values, dtype=float))

    cell = torch.nn.GRUCell(2, 2, dtype=torch.float64)
    cell.load_state_dict({k: t(params[k]) for k in cell.state_dict()})
    with torch.no_grad():
        h = cell(t(step["x"])[None], t(step["h_prev"])[None])[0]
    o = torch.nn.functional.linear(h, t(params["V"]), t(params["c"]))
    mixture = d.MixtureSameFamily(d.Categorical(logits=o[:2]), d.Normal(o[2:4], o[4:6].exp()))
    nats = -mixture.log_prob(t(z_next))
    deltas = [largest(h, step["h"]), largest(o, step["o"]), largest(nats, step["nats"])]
    deltas += [largest(d.Bernoulli(logits=o[6]).probs, step["death"])]
    return delta_of(deltas, "torch.nn.GRUCell, torch.distributions.MixtureSameFamily")


def density_delta(forecast: Forecast, z: Tensor, ours: Tensor) -> Delta:
    """Compare log p(z) of a forecast with torch.distributions.MixtureSameFamily in float64."""
    from torch import distributions as d

    parts = d.Normal(forecast.mu.double(), forecast.log_sigma.double().exp())
    kinds = d.Categorical(logits=forecast.log_pi.double())
    mixture = d.MixtureSameFamily(kinds, d.Independent(parts, 1))
    wanted = mixture.log_prob(z.double())
    return delta_of([largest(wanted, ours)], "torch.distributions.MixtureSameFamily")


def score_delta(lengths: Any, gamma: float, scores: Any) -> Delta:
    """Compare discounted scores with the sum of γ^t written out step by step."""
    import torch

    wanted = [sum(gamma**t for t in range(int(n))) for n in lengths]
    deltas = [largest(torch.tensor(wanted, dtype=torch.float64), scores)]
    return delta_of(deltas, "the sum written out")


def binomial_fits(hits: int, of: int, chance: float) -> bool:
    """Return whether so many hits may come of a chance: scipy's exact test, p above 1e-4."""
    from scipy.stats import binomtest

    return bool(binomtest(hits, of, min(max(float(chance), 0.0), 1.0)).pvalue > 1e-4)


def decoding_delta(weights: dict[str, Tensor], z: Tensor, ours: Tensor) -> Delta:
    """Compare V's picture of codes (B, Z) with its layers as plain sums in float64, no convolution.

    Args:
        weights: V's state dict.
        z: codes.
        ours: pixel probabilities (B, 1, 16, 16).
    """
    import torch

    w = {k: v.detach().double() for k, v in weights.items()}

    def silu(x: Tensor) -> Tensor:
        return x / (1 + torch.exp(-x))

    def spread(x: Tensor, name: str) -> Tensor:  # each pixel becomes its own two by two
        out = torch.einsum("bchw,cdij->bdhiwj", x, w[f"{name}.weight"])
        B, D, H, _, W, _ = out.shape
        return out.reshape(B, D, 2 * H, 2 * W) + w[f"{name}.bias"][:, None, None]

    h = silu(z.double() @ w["decoder.0.weight"].T + w["decoder.0.bias"])
    h = silu(h @ w["decoder.2.weight"].T + w["decoder.2.bias"])
    h = silu(spread(h.view(len(h), -1, 4, 4), "decoder.5"))
    wanted = 1 / (1 + torch.exp(-spread(h, "decoder.7")))
    return delta_of([largest(wanted, ours)], "sums in float64, without a convolution")
