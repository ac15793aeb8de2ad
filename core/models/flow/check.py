"""Check flows by independent computations: torch.distributions and automatic differentiation.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from torch import Tensor

    from core.data.densities import Mixture
    from core.models.flow.by_hand import CouplingTrace
    from core.models.flow.change import ChangeTrace
    from core.models.flow.real_nvp import Flow


def change_delta(family: str, a: float, b: float, trace: ChangeTrace) -> Delta:
    """Compare `change.change` with torch.distributions.TransformedDistribution in float64.

    Values, densities and log-densities on the curve and at the point; the slopes are torch's own or
    automatic differentiation's.
    """
    import torch
    from torch.distributions import Normal, TransformedDistribution

    normal = Normal(torch.tensor(0.0, dtype=torch.float64), 1.0)
    theirs = TransformedDistribution(normal, [_transform(family, a, b)], validate_args=False)
    deltas = []
    for x, y, p in (
        [trace["curve"][k] for k in ("xs", "ys", "p_y")],
        [trace["point"][k] for k in ("x", "y", "p_y")],
    ):
        x = torch.as_tensor(np.asarray(x, dtype=float))
        image: Any = theirs.transforms[0](x)  # in its cache from now on: no inverse is needed
        deltas += [largest(image, y), largest(theirs.log_prob(image).exp(), p)]
    deltas.append(
        largest(
            normal.cdf(torch.as_tensor(trace["interval"]["x"])).diff()[0],
            trace["interval"]["mass_y"],
        )
    )
    return delta_of(deltas, "torch.distributions.TransformedDistribution")


def _transform(family: str, a: float, b: float) -> Any:
    """Return torch's own transform of a family, or one whose slope autograd finds."""
    import torch
    from torch.distributions import (
        AffineTransform,
        ComposeTransform,
        SoftplusTransform,
        Transform,
        constraints,
    )

    if family == "affine":
        return AffineTransform(a, b, cache_size=1)
    if family == "softplus":
        parts = [AffineTransform(0.0, a), SoftplusTransform(), AffineTransform(0.0, 1 / a)]
        return ComposeTransform(parts, cache_size=1)

    class Differentiated(Transform):
        domain = codomain = constraints.real
        bijective = True

        def _call(self, x: Any) -> Any:
            if family == "cubic":
                return a * x + b * x**3
            return torch.sinh(b * torch.asinh(x) + a)

        def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
            x = x.detach().requires_grad_()
            (slope,) = torch.autograd.grad(self._call(x).sum(), x)
            return slope.abs().log()

    return Differentiated(cache_size=1)


def coupling_delta(x: ArrayLike, s: ArrayLike, t: ArrayLike, trace: CouplingTrace) -> Delta:
    """Compare y, the way back and log|det| of `by_hand.coupling` with torch.distributions."""
    import torch
    from torch.distributions import AffineTransform

    x, s, t = (torch.as_tensor(np.asarray(v, dtype=float)) for v in (x, s, t))
    changed = torch.as_tensor(trace["changed"])
    affine: Any = AffineTransform(t, s.exp())
    theirs, home = x.clone(), x.clone()
    theirs[changed] = affine(x[changed])
    home[changed] = affine.inv(theirs[changed])
    size = affine.log_abs_det_jacobian(x[changed], theirs[changed]).expand(len(changed)).sum()
    slogdet = torch.linalg.slogdet(torch.as_tensor(np.asarray(trace["jacobian"], dtype=float)))[1]
    deltas = [largest(theirs, trace["y"]), largest(home, trace["x_back"])]
    deltas += [largest(size, trace["log_det"]), largest(slogdet, trace["log_det"])]
    return delta_of(deltas, "torch.distributions.AffineTransform")


def coupling_of_line_delta(
    x: ArrayLike, s_line: Sequence[float], t_line: Sequence[float], trace: CouplingTrace
) -> Delta:
    """Compare the whole Jacobian of `by_hand.coupling_of_line` with automatic differentiation."""
    import torch

    (s1, s0), (t1, t0) = s_line, t_line

    def through(v: Any) -> Any:
        return torch.stack([v[0], v[1] * torch.exp(s1 * v[0] + s0) + t1 * v[0] + t0])

    at = torch.as_tensor(np.asarray(x, dtype=float))
    jacobian = torch.autograd.functional.jacobian(through, at)
    deltas = [largest(through(at), trace["y"]), largest(jacobian, trace["jacobian"])]
    deltas.append(largest(torch.linalg.slogdet(torch.as_tensor(jacobian))[1], trace["log_det"]))
    return delta_of(deltas, "torch.autograd.functional.jacobian")


def flow_delta(model: Flow, x: ArrayLike) -> Delta:
    """Compare log|det| of a flow in the plane with slogdet of autograd's Jacobian, in float64.

    Args:
        model: a core.models.flow.real_nvp.Flow of kind "plane"; it is copied.
        x: points (B, 2).
    """
    import copy

    import torch

    twin = copy.deepcopy(model).double()
    points = torch.as_tensor(np.asarray(x, dtype=float))
    deltas = []
    for point in points:
        jacobian = torch.autograd.functional.jacobian(lambda v: twin(v[None])[0][0], point)
        ours = twin(point[None])[1][0]
        deltas.append(largest(torch.linalg.slogdet(torch.as_tensor(jacobian))[1], ours.detach()))
    return delta_of(deltas, "torch.linalg.slogdet of torch.autograd's Jacobian")


def volume_delta(model: Flow, v: Tensor, log_det: Tensor) -> Delta:
    """Compare log|det| of an image flow with the slopes of its layers by autograd, in float64.

    A coupling's output is a function of each number that it changes alone, once what it reads is
    held; a pixel's curve one of its pixel; a squeeze moves numbers. So each layer's Jacobian, up to
    an order of its rows, is triangular, and autograd of the sum of the outputs is its diagonal.

    Args:
        model: a core.models.flow.real_nvp.Flow of kind "image"; it is copied.
        v: dequantised images (B, 1, 28, 28).
        log_det: our log|det ∂z/∂v|, (B,).
    """
    import copy

    import torch

    twin, at = copy.deepcopy(model).double(), v.double()
    total = torch.zeros(len(at), dtype=torch.float64)
    for layer in twin.layers:
        changed: Any = getattr(layer, "changed", torch.arange(at.shape[1]))
        own = at.index_select(1, changed).requires_grad_()
        after = layer(at.index_copy(1, changed, own))[0]
        (slope,) = torch.autograd.grad(after.sum(), own)
        total, at = total + slope.abs().log().flatten(1).sum(1), after.detach()
    return delta_of([largest(total, log_det)], "log|det J|: torch.autograd")


def matching_delta(what: Mixture, x: ArrayLike, t: float, v: ArrayLike, div: ArrayLike) -> Delta:
    """Compare `matching.velocity` with the score of x_t by automatic differentiation, in float64.

    v = (x + (1 − t) ∇ log p_t(x)) / t, where p_t is torch.distributions' mixture; the divergence
    is the trace of autograd's Jacobian of that.

    Args:
        what: the data's distribution.
        x: points (n, 2).
        t: time, above 0.
        v: our velocities there, (n, 2).
        div: our divergences there, (n,).
    """
    import torch
    from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

    sigma = ((1 - t) ** 2 + t**2 * what.sigma**2) ** 0.5
    part = Independent(Normal(t * what.centres, sigma), 1)
    p_t = MixtureSameFamily(Categorical(what.weights), part)

    def theirs(point: Any) -> Any:
        (score,) = torch.autograd.grad(p_t.log_prob(point), point, create_graph=True)
        return (point + (1 - t) * score) / t

    deltas = []
    for point, ours, trace in zip(
        torch.as_tensor(np.asarray(x, dtype=float)), np.asarray(v), np.asarray(div)
    ):
        jacobian: Any = torch.autograd.functional.jacobian(theirs, point)
        deltas.append(largest(theirs(point.requires_grad_()), ours))
        deltas.append(largest(torch.trace(jacobian), trace))
    return delta_of(deltas, "torch.distributions.MixtureSameFamily, torch.autograd: ∇ log p_t")
