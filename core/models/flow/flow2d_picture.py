"""Pictures and quality measures of a flow in the plane: pure functions of a model.

    layers     for the same points, after each layer: where they are, and log|det| so far; from data
               to Gaussian or, with `backward`, from Gaussian to data
    warp       the lines of a grid carried along with them
    density    log p of the flow and of the target at the middles of side² cells
    NLL        E[−log q(x)] over the target (core.models.flow.expectation), beside its entropy H:
               NLL − H is the KL divergence from target to flow, and below 0 it is a bug
    quality    the same on fresh points: −log p and −log q of each, so that their means' difference
               is KL's estimate; NLL alone is off by the error of the draw

For a run as for a shipped card: `flow2d.flow(state, settings)` is a Flow too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypedDict

import numpy as np
import torch
from torch import Tensor

from core.data.densities import Density, grid
from core.inputs import boolean, integer
from core.models.flat.runs import State, draws
from core.models.flat.settings import target
from core.models.flow.expectation import cells, expected_nll
from core.models.flow.flow2d import Settings, flow
from core.models.flow.real_nvp import Flow

FAR = 3.0  # the warped grid's reach in the Gaussian's plane
BACK = 500  # fresh points that are sent there and back
EPSILON = 1e-3  # of float32, for a point's log-density and its way back


class Layers(TypedDict):
    """The same n points, and the lines of a grid, before the first of L layers and after each."""

    names: list[str]  # of the L layers in the order gone through
    points: np.ndarray  # (L + 1, n, 2)
    log_det: np.ndarray  # (L + 1, n), log|det| of the map so far
    warp: np.ndarray  # (L + 1, 2 · lines, along, 2), at first straight lines


class Densities(TypedDict):
    """Two log-densities at the middles of cells, rows from the top."""

    log_q: np.ndarray  # (side, side), the flow's
    log_p: np.ndarray  # (side, side), the target's, −∞ where it is 0


class Quality(TypedDict):
    """How good a flow is on fresh points of its target, in nats."""

    nll: float  # mean of −log q
    error: float  # its standard error
    own: float  # mean of −log p at the same points: H(p) but for the draw
    entropy: float  # H(p) of the target, exact
    kl: float  # nll − own, the mean of log p − log q
    kl_error: float  # its standard error
    below: bool  # NLL is under H(p) − 4 standard errors, which no flow's can be
    round_trip: float  # the largest |x − f⁻¹(f(x))| of the first 500, in units of the plane


class Moment(Layers, Densities):
    """One moment of a run; its expectations are sums over cells, free of a draw's error."""

    nll: float  # E[−log q] in nats
    entropy: float  # H(p) of the target
    kl: float  # the difference of both
    below: bool  # NLL is under H(p), which no flow's can be
    round_trip: float  # the largest |x − f⁻¹(f(x))| of the data shown, in units of the plane
    data: np.ndarray  # (n, 2)
    samples: np.ndarray  # (n, 2)
    bounds: tuple[float, float, float, float]  # x0, x1, y0, y1 of the densities


@torch.no_grad()
def describe(state: State, settings: Settings, n: int = 256, side: int = 48) -> Moment:
    """Return one moment of a run: its `layers`, `densities` and NLL.

    Args:
        state: checked.
        settings: those of the state.
        n: points shown, 16 to 1024.
        side: cells a side of the densities, 8 to 96.
    """
    model, what = flow(state, settings), target(settings)
    x = what.sample(integer("n", n, 16, 1024), draws(settings.seed, "shown points")).float()
    samples = model.sample(n, generator=draws(settings.seed, "shown noise"))
    nll, lowest = expected_nll(model, what), cells(what).entropy
    return {
        "nll": nll,
        "entropy": lowest,
        "kl": nll - lowest,
        "below": nll < lowest - EPSILON,
        "round_trip": (model.inverse(model(x)[0])[0] - x).abs().max().item(),
        "data": x.numpy(),
        "samples": samples.numpy(),
        "bounds": what.bounds,
        **layers(model, x),
        **densities(model, what, side),
    }


@torch.no_grad()
def layers(
    model: Flow, x: Tensor, backward: bool = False, lines: int = 11, along: int = 41
) -> Layers:
    """Send points and a grid through a flow, layer by layer.

    Args:
        model: a flow in the plane.
        x: data (n, 2), or with `backward` points of the Gaussian.
        backward: go from Gaussian to data.
        lines: lines of the grid each way.
        along: points on a line.

    Returns:
        The grid's lines are at first straight: over [−3, 3]² of the Gaussian's plane, or over the
        box around the data x.
    """
    boolean("backward", backward)
    box = (-FAR, FAR, -FAR, FAR) if backward else _box(x)
    n, straight = len(x), _lines(box, lines, along)
    steps = list(_walk(model, torch.cat([x, straight.view(-1, 2)]), backward))
    at = torch.stack([h for _, h, _ in steps])  # (L + 1, n + …, 2)
    return {
        "names": [name for name, _, _ in steps[1:]],
        "points": at[:, :n].numpy(),
        "log_det": torch.stack([log_det[:n] for _, _, log_det in steps]).numpy(),
        "warp": at[:, n:].view(len(steps), *straight.shape).numpy(),
    }


@torch.no_grad()
def densities(model: Flow, what: Density, side: int = 48) -> Densities:
    """Return both log-densities over the target's bounds, on 8² to 96² cells."""
    at = grid(what.bounds, integer("side", side, 8, 96))
    log_q, log_p = model.log_prob(at.float()), what.log_prob(at)
    shape = (side, side)
    return {"log_q": log_q.view(shape).numpy(), "log_p": log_p.view(shape).numpy()}


@torch.no_grad()
def quality(model: Flow, what: Density, fresh: int = 2000, seed: int = 0) -> Quality:
    """Measure how good a flow is on `fresh` points of its target, 100 to 20 000."""
    x = what.sample(integer("fresh", fresh, 100, 20_000), draws(seed, "fresh points"))
    nll = -model.log_prob(x.float()).double()
    gap = nll + what.log_prob(x)
    error, kl_error = (v.std().item() / math.sqrt(fresh) for v in (nll, gap))
    lowest, mean, kl = cells(what).entropy, nll.mean().item(), gap.mean().item()
    some = x[:BACK].float()
    back = model.inverse(model(some)[0])[0]
    return {
        "nll": mean,
        "error": error,
        "own": mean - kl,
        "entropy": lowest,
        "kl": kl,
        "kl_error": kl_error,
        "below": mean < lowest - 4 * error - EPSILON,
        "round_trip": (back - some).abs().max().item(),
    }


def _walk(model: Flow, x: Tensor, backward: bool) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Yield (name, h, log|det| so far) at the start and after each layer, either way."""
    if not backward:
        yield from model.steps(x)
        return
    total = x.new_zeros(len(x))
    yield "noise", x, total
    for layer in reversed(model.layers):
        x, log_det = layer.inverse(x)  # pyright: ignore[reportCallIssue]
        total = total + log_det
        yield type(layer).__name__.lower(), x, total


def _box(x: Tensor) -> tuple[float, float, float, float]:
    (x0, y0), (x1, y1) = x.min(0).values.tolist(), x.max(0).values.tolist()
    return x0, x1, y0, y1


def _lines(box: tuple[float, float, float, float], lines: int, along: int) -> Tensor:
    """Return straight lines over a box, (2 · lines, along, 2): upright ones, then level ones."""
    x0, x1, y0, y1 = box
    xs, ys = (torch.linspace(a, b, lines) for a, b in ((x0, x1), (y0, y1)))
    u, v = (torch.linspace(a, b, along) for a, b in ((x0, x1), (y0, y1)))
    upright = torch.stack([xs[:, None].expand(lines, along), v.expand(lines, along)], 2)
    level = torch.stack([u.expand(lines, along), ys[:, None].expand(lines, along)], 2)
    return torch.cat([upright, level])
