"""The flow tab: change of variables, a coupling by hand, trained and training flows, digits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from apps.lessons.flow import change as flow_change
from apps.lessons.flow import density, hand
from apps.lessons.flow import digits as flow_digits
from apps.lessons.flow import levels as flow_levels
from apps.lessons.flow import models as fm
from apps.lessons.flow import run as flow_run
from apps.lessons.flow import through as flow_through
from apps.lessons.flow.controls import CONTROLS
from apps.lessons.shared import nets, sampling
from apps.stage import Tab
from apps.stage.server import alone, home_card
from core.inputs import InputError, array, choice, integer, number
from core.models.flow import by_hand

MOST_POINTS, MOST_IMAGES = 1000, 64
SIDE, PIXELS = 28, 784
DRAWS = 16


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

    from core.models.flow.real_nvp import log_likelihood

    if choice("model", model, fm.ALL) == fm.DIGITS:
        image = torch.as_tensor(grey(x)).float().view(1, 1, SIDE, SIDE)
        real_nvp, generator = usable(model), torch.Generator().manual_seed(0)
        with torch.no_grad():
            value = float(log_likelihood(real_nvp, image, DRAWS, generator))
        return {"log_prob": value, "bits_per_dim": -value / (PIXELS * math.log(2))}
    points = array("x", x, ((1, MOST_POINTS), 2), 100.0)
    with torch.no_grad():
        value = usable(model).log_prob(torch.as_tensor(points).float())
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
    images = choice("model", model, fm.ALL) == fm.DIGITS
    n = integer("n", n, 1, MOST_IMAGES if images else MOST_POINTS)
    begun, warmth = integer("seed", seed, 0, 2**31 - 1), number("temperature", temperature, 0, 2)
    net = usable(model)
    if images:
        made = sampling.sample(model, net, n, begun, temperature=warmth)
        return {"x": made[:, 0].numpy()}
    import torch

    draw = torch.Generator().manual_seed(begun)
    return {"x": net.sample(n, generator=draw, temperature=warmth).numpy()}


def grey(image: Any) -> np.ndarray:
    """Return an image (28, 28) if all its numbers are in [0, 1]."""
    x = array("x", image, (SIDE, SIDE), 1.0)
    if x.min() < 0:
        at = [int(i) for i in np.argwhere(x < 0)[0]]
        raise InputError("entry", field="x", got=float(x[tuple(at)]), where=at, low=0, high=1)
    return x


def usable(name: str) -> Any:
    """Return a trained flow if it can be had here."""
    if not fm.have(name):
        there = ", ".join(n for n in fm.ALL if fm.have(n)) or "none yet"
        raise InputError("choice", field="model", got=f'"{name}"', allowed=there)
    return fm.flow(name)


# ---- views

VIEWS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "change": flow_change.change,
    "coupling": hand.coupling,
    "through": flow_through.through,
    "densities": density.densities,
    "train": flow_run.run,
    "levels": flow_levels.levels,
    "digits": flow_digits.digits,
}
NEEDS = {"through": tuple(fm.NETS.values()), "densities": tuple(fm.NETS.values())} | {
    "digits": (fm.DIGITS,)
}


def made(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's board with its tables; where its flow cannot be had, the sentence why."""
    board = nets.or_why(lambda: VIEWS[view](inputs))
    if not board.get("checks") and not board.get("live"):  # no flow, but a coupling holds
        board["checks"] = hand.coupling({})["checks"]
    return board


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene; one without all its flows is not kept, they may come."""
    shown = {k: v for k, v in made(view, inputs).items() if k != "tables"}
    return {**shown, "fleeting": not all(fm.have(name) for name in NEEDS.get(view, ()))}


def tables(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's numbers for CSV and JSON."""
    return flow_run.tables(inputs) if view == "train" else made(view, inputs).get("tables", {})


def live(
    view: str, inputs: dict[str, Any], state: str, act: str, over: Callable[[], bool]
) -> dict[str, Any]:
    """Return the next frame of a run."""
    if view != "train":
        raise KeyError(view)
    return flow_run.go_on(inputs, state, act, over)


def source(view: str) -> Callable[[dict[str, Any]], Sequence[Callable]]:
    """Return what a view's code drawer shows, looked up when it is opened: some need torch."""

    def functions(inputs: dict[str, Any]) -> Sequence[Callable]:
        from core.models.flow import dequantise, flow2d, flow2d_picture, real_nvp
        from core.models.flow import layers as flow_layers

        couplings = (flow_layers.Coupling.forward, flow_layers.Coupling.inverse)
        line = inputs.get("way", "line") == "line"
        return {
            "change": (by_hand.change, by_hand.family),
            "coupling": (by_hand.coupling_of_line, by_hand.coupling)
            if line
            else (by_hand.coupling,),
            "through": (*couplings, real_nvp.Flow.steps, flow2d_picture.layers),
            "densities": (real_nvp.Flow.log_prob, real_nvp.log_normal, flow2d_picture.quality),
            "train": (flow2d.advance, real_nvp.loss, *couplings),
            "levels": (dequantise.advance, dequantise.log_prob, dequantise.floor),
            "digits": (real_nvp.dequantise, real_nvp.log_likelihood, real_nvp.Flow.sampling),
        }[view]

    return functions


TAB = Tab(
    name="flow",
    board=board,
    tables=tables,
    sources={view: source(view) for view in VIEWS},
    controls=CONTROLS,
    endpoints={
        "flow_coupling": flow_coupling,
        "flow_log_prob": flow_log_prob,
        "flow_sample": flow_sample,
    },
    picture=partial(home_card.picture, "flow"),
    live=live,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
