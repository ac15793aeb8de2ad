"""A trained flow layer by layer: points and grid carried along, log|det J| added up as colour."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.stage import board as b
from apps.views import flow_models as fm
from core.check_flow import flow_delta
from core.inputs import choice

DIRECTIONS = ("forward", "back")
POINTS, LINES, ALONG = 220, 11, 25
FEW = 4  # points whose determinant is computed again from all partial derivatives


def through(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a layer, from data to Gaussian or back."""
    target, model, _ = fm.chosen(inputs)
    backward = choice("direction", inputs.get("direction", "forward"), DIRECTIONS) == "back"
    seen = passed(target, backward, fm.seed(inputs))
    names = ["noise" if backward else "data", *seen["names"]]
    sums = means(seen, backward)
    lowest = entropy(target)
    span = float(np.quantile(np.abs(seen["log_det"]), 0.98)) or 1.0
    frames = []
    for k in range(len(names)):
        name = layer_name(names, k, backward)
        picture = field(seen, k, span)
        side = b.column(
            chart(sums, lowest, k, backward), b.text(b.word("colour_is"), size="note"), gap="mid"
        )
        frames.append(b.frame(b.row(picture, side, gap="mid"), name, facts(sums, seen, k)))
    checked = flow_delta(model, seen["ends"][:FEW])
    z, log_det = float(sums["normal_first"]), float(sums["log_det_first"])
    return {
        "frames": frames,
        "facts": [],
        "checks": [
            b.check(checked["delta"], checked["against"], 1e-9),
            b.check(seen["round_trip"], b.word("back_and_forth"), fm.ROUND_TRIP),
        ],
        "turn": {
            "ask": b.word("turn_sum", z=f"{z:.4f}", d=f"{log_det:.4f}"),
            "blanks": [b.blank("log p(x)", [round(z, 4) + round(log_det, 4)], "made", "sum")],
        },
        "tables": {
            "layers": [
                {"layer": f"{k} {names[k]}", **{key: float(sums[key][k]) for key in CURVES}}
                for k in range(len(names))
            ],
            "first": seen["points"][0],
            "last": seen["points"][-1],
            "log_det": seen["log_det"][-1],
        },
    }


CURVES = ("normal", "log_det", "total")
ROLES = {"normal": "hidden", "log_det": "grad", "total": "made"}


@lru_cache(maxsize=12)
def passed(target: str, backward: bool, seed: int) -> dict[str, Any]:
    """Return points and a grid after each layer, and how far a round trip misses."""
    import torch

    from core.densities import density
    from core.models.flat_runs import draws
    from core.models.plane_flow_picture import layers

    model, generator = fm.flow(fm.NETS[target]), draws(seed, "points on the way")
    if backward:
        x = torch.randn(POINTS, 2, generator=generator)
    else:
        x = density(target).sample(POINTS, generator).float()
    seen = layers(model, x, backward, LINES, ALONG)
    ends = torch.as_tensor(seen["points"][-1])
    again = model(ends)[0] if backward else model.inverse(ends)[0]
    missed = float((again - x).abs().max())
    return {**seen, "round_trip": missed, "ends": seen["points"][-1 if backward else 0]}


def means(seen: dict[str, Any], backward: bool) -> dict[str, Any]:
    """Return at each layer the points' means of log N(h), log|det| of f so far, and their sum.

    Forward the sum is log p(x) as if h were Gaussian already; backward it is exact at each layer,
    as z is.
    """
    squares = (seen["points"].astype(float) ** 2).sum(2)  # (L + 1, n)
    normal = -0.5 * squares - np.log(2 * np.pi)
    log_det = seen["log_det"].astype(float)
    if backward:
        normal, log_det = np.broadcast_to(normal[:1], normal.shape), -log_det
    means_of = {"normal": normal.mean(1), "log_det": log_det.mean(1)}
    return {
        **means_of,
        "total": means_of["normal"] + means_of["log_det"],
        "normal_first": normal[-1, 0],
        "log_det_first": log_det[-1, 0],
    }


@lru_cache(maxsize=8)
def entropy(target: str) -> float:
    """Return the target's entropy in nats."""
    from core.densities import density
    from core.densities import entropy as of

    return of(density(target), 400)


def field(seen: dict[str, Any], k: int, span: float) -> b.Widget:
    """Return the plane after layer k."""
    bounds = fm.square(*(seen["points"][i] for i in (0, -1)), seen["points"][k], most=5.0)
    return b.field(
        "",
        bounds,
        [
            b.curves(seen["warp"][k], "hidden", b.word("warp_flow"), width=0.9),
            fm.circles(),
            b.dots(seen["points"][k], "ink", radius=3.4, values=seen["log_det"][k], span=span),
        ],
        size=430,
        note=b.word("colour_is"),
        key="through",
    )


def chart(sums: dict[str, Any], lowest: float, k: int, backward: bool) -> b.Widget:
    """Return the three means over the layers, with the best value that there can be."""
    curves = [
        b.series(b.word(f"mean.{key}"), sums[key], ROLES[key], dash=key == "log_det")
        for key in CURVES
    ]
    return b.chart(
        b.word("means_back" if backward else "means_forward"),
        curves,
        x=b.word("layers_axis"),
        cursor=k,
        rules=[{"y": -lowest, "label": b.word("minus_entropy")}],
        width=360,
        height=270,
    )


def layer_name(names: list[str], k: int, backward: bool) -> b.Label:
    """Return what happened last: a coupling changes x₁ or x₂."""
    if names[k] != "coupling":
        return b.word(f"layer.{names[k]}")
    count = names.count("coupling")
    nth = names[: k + 1].count("coupling")
    which = count - nth + 1 if backward else nth
    return b.word("layer.coupling", n=str(which), of=str(count), c="x₁" if which % 2 == 0 else "x₂")


def facts(sums: dict[str, Any], seen: dict[str, Any], k: int) -> list[dict]:
    """Return the means of this moment, in nats."""
    return [
        b.fact(b.word("mean.log_det"), f"{sums['log_det'][k]:.3f} nat"),
        b.fact(b.word("mean.total"), f"{sums['total'][k]:.3f} nat"),
        b.fact(b.word("round_trip"), f"{seen['round_trip']:.1e}"),
    ]
