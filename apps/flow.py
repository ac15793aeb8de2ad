"""The flow tab: change of variables, a coupling by hand, trained and training flows, digits."""

from __future__ import annotations

from typing import Any

from apps.lessons.flow import masks
from apps.lessons.flow.change import change
from apps.lessons.flow.coupling import coupling
from apps.lessons.flow.densities import densities
from apps.lessons.flow.digits import digits, layers_check
from apps.lessons.flow.flows import ALL, DIGITS, PLANE
from apps.lessons.flow.inputs import Inputs
from apps.lessons.flow.levels import levels
from apps.lessons.flow.matching import matching
from apps.lessons.flow.through import through
from apps.lessons.flow.train import RUN
from apps.lessons.shared import nets, pictures, sampling
from apps.stage import Tab, View
from apps.stage.contract import Check, Functions, Law
from apps.stage.server import alone
from core.inputs import array, integer, number
from core.models.flow import by_hand
from core.models.flow import change as change_of_variables

MOST_POINTS, MOST_IMAGES = 1000, 64


# ---- the API


def flow_coupling(x: list, s: Any, t: Any) -> dict:
    """Return one affine coupling and its way back, in float64: the first half of x is kept, of the
    rest y = x exp(s) + t.

    Args:
        x: 2 to 8 numbers from -100 to 100; the first half, rounded up, is kept.
        s: the log scale, one number from -5 to 5 for all changed entries or one for each of them.
        t: the shift, likewise, from -100 to 100.

    Returns:
        "y", as long as x; "log_det" = log|det dy/dx|, the sum of s, in nats; "x_back", x computed
        back from y.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed.
    """
    trace = by_hand.coupling(x, s, t)
    return {name: trace[name] for name in ("y", "log_det", "x_back")}


def flow_log_prob(model: str, x: list) -> dict:
    """Return the log-likelihood in nats that a trained flow gives points or an 8-bit image.

    Args:
        model: "realnvp-moons", "realnvp-rings", "realnvp-pinwheel", "realnvp-gaussians" or
            "realnvp-checkerboard" (points in the plane), or "flow-mnist" (an image).
        x: for the plane 1 to 1000 points [x, y] from -100 to 100; for "flow-mnist" 28 rows of 28
            numbers from 0 (paper) to 1 (ink), rounded to grey levels k/255.

    Returns:
        "log_prob": for the plane a list, the exact log-density of each point; for an image one
        number, a lower bound on log P(k) by the mean of 16 draws of the noise, and
        "bits_per_dim" = -log_prob / (784 log 2).

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also a model that is not here.
    """
    import torch

    from core.models.flow.bound import bound

    real_nvp = nets.model(nets.usable("model", model, ALL))
    if model == DIGITS:
        found = bound(real_nvp, pictures.batch(pictures.grey("x", x)))
        return {"log_prob": found.log_P, "bits_per_dim": found.bits}
    points = array("x", x, ((1, MOST_POINTS), 2), 100.0)
    with torch.no_grad():
        value = real_nvp.log_prob(torch.as_tensor(points).float())
    return {"log_prob": value.numpy().astype(float)}


def flow_sample(model: str, n: int = 100, seed: int = 0, temperature: float = 1.0) -> dict:
    """Return samples of a trained flow: z ~ N(0, I) times the temperature, sent back through it.

    Args:
        model: as in `flow_log_prob`.
        n: how many, 1 to 1000 points or 1 to 64 images.
        seed: of z, 0 to 2147483647; the same numbers each time.
        temperature: what z is multiplied by, 0 to 2; 1 samples the model's distribution.

    Returns:
        "x": n points [x, y], or n images of 28 rows of 28 grey levels k/255.

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what is
            allowed; also a model that is not here.
    """
    real_nvp = nets.model(nets.usable("model", model, ALL))
    n = integer("n", n, 1, MOST_IMAGES if model == DIGITS else MOST_POINTS)
    begun, warmth = integer("seed", seed, 0, 2**31 - 1), number("temperature", temperature, 0, 2)
    if model == DIGITS:
        images = sampling.sample(model, real_nvp, n, begun, temperature=warmth)
        return {"x": images[:, 0].numpy()}
    import torch

    draw = torch.Generator().manual_seed(begun)
    return {"x": real_nvp.sample(n, generator=draw, temperature=warmth).numpy()}


# ---- the tab


def sources(inputs: Inputs) -> dict[str, Functions]:
    """Return the functions of each view's code drawer, imported on opening: torch takes seconds."""
    from core.models.flow import (
        bound,
        dequantise,
        expectation,
        flow2d,
        flow2d_picture,
        layers,
        pair,
        real_nvp,
    )
    from core.models.flow import matching as exact

    couplings = (layers.Coupling.forward, layers.Coupling.inverse)
    of_line = (by_hand.coupling_of_line,) if inputs.way == "line" else ()
    return {
        "change": (change_of_variables.change, change_of_variables.family),
        "coupling": (*of_line, by_hand.coupling),
        "through": (*couplings, real_nvp.Flow.steps, flow2d_picture.layers),
        "densities": (real_nvp.Flow.log_prob, real_nvp.log_normal, flow2d_picture.quality),
        "masks": (
            pair.advance,
            expectation.expected_nll,
            expectation.limit_of_fixed_masks,
            *couplings,
        ),
        "train": (flow2d.advance, real_nvp.loss, *couplings),
        "matching": (exact.velocity, exact.follow),
        "levels": (dequantise.advance, dequantise.log_prob, dequantise.floor),
        "digits": (real_nvp.dequantise, bound.bound, real_nvp.Flow.sampling),
    }


def coupling_checks() -> list[Check | Law]:
    """Return the checks of a coupling by hand, which hold without any trained flow."""
    return [*coupling(Inputs()).get("checks", [])]


TAB = Tab(
    name="flow",
    inputs=Inputs,
    views={
        "change": View(change),
        "coupling": View(coupling),
        "through": nets.view(through, needs=PLANE, checks=coupling_checks),
        "densities": nets.view(densities, needs=PLANE, checks=coupling_checks),
        "masks": View(masks.RUN.board, live=masks.RUN.live),
        "train": View(RUN.board, live=RUN.live),
        "matching": View(matching),
        "levels": View(levels),
        "digits": nets.view(digits, needs=(DIGITS,), checks=lambda: [layers_check()]),
    },
    endpoints=(flow_coupling, flow_log_prob, flow_sample),
    sources=sources,
)
"""The flow lesson."""

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
