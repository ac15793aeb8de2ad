"""A trained flow layer by layer: points and grid carried along, log|det J| added up as colour."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.flow import models as fm
from apps.stage import board as b
from core.inputs import choice
from core.models.flow.check import flow_delta

DIRECTIONS = ("forward", "back")
POINTS, LINES, ALONG = 220, 11, 25
FEW = 4  # points whose determinant is computed again from all partial derivatives


def through(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a layer, from data to Gaussian or back."""
    from core.models.flow.flow2d_picture import entropy_of

    target, model, what = fm.chosen(inputs)
    backward = choice("direction", inputs.get("direction", "forward"), DIRECTIONS) == "back"
    seen = passed(target, backward, fm.seed(inputs))
    names = ["noise" if backward else "data", *seen["names"]]
    sums = sums_of(seen, backward)
    lowest = entropy_of(what)
    apart = seen["log_det"] - seen["log_det"].mean(1, keepdims=True)  # (L + 1, n)
    span = float(np.quantile(np.abs(apart[-1]), 0.95)) or 1.0
    frames = []
    for k in range(len(names)):
        name = layer_name(names, k, backward)
        picture = field(seen, k, apart[k] / span)
        told = b.text(b.word("colour_is"), size="wide")
        side = b.column(chart(sums, k, backward), written(sums, lowest), gap="mid")
        frames.append(
            b.frame(
                b.column(b.row(picture, side, gap="mid"), told, gap="tight"),
                name,
                facts(sums, seen, k),
            )
        )
    checked = flow_delta(model, seen["ends"][:FEW])
    z, log_det = float(sums["normal"][0]), float(sums["whole"][0])
    return {
        "frames": frames,
        "facts": [],
        "checks": [
            b.check(checked["delta"], checked["against"], 1e-9),
            b.check(seen["round_trip"], "x = f⁻¹(f(x))", fm.ROUND_TRIP),
        ],
        "turn": {
            "ask": b.word("turn_sum", z=f"{z:.4f}", d=f"{log_det:.4f}"),
            "blanks": [b.blank("log p(x)", [round(z, 4) + round(log_det, 4)], "made", "sum")],
        },
        "tables": {
            "layers": [
                {"layer": f"{k} {name}", "mean_log_det": float(sums["log_det"][k])}
                for k, name in enumerate(names)
            ],
            "log_p": sums["log_p"],
            "first": seen["points"][0],
            "last": seen["points"][-1],
            "log_det": seen["log_det"][-1],
        },
    }


@lru_cache(maxsize=12)
def passed(target: str, backward: bool, seed: int) -> dict[str, Any]:
    """Return points and a grid after each layer, and how far a round trip misses."""
    import torch

    from core.models.flat.runs import draws
    from core.models.flow.flow2d_picture import layers

    model, generator = fm.flow(fm.NETS[target]), draws(seed, "points on the way")
    if backward:
        x = torch.randn(POINTS, 2, generator=generator)
    else:
        x = fm.density_of(target).sample(POINTS, generator).float()
    seen = layers(model, x, backward, LINES, ALONG)
    ends = torch.as_tensor(seen["points"][-1])
    again = model(ends)[0] if backward else model.inverse(ends)[0]
    missed = float((again - x).abs().max())
    return {**seen, "round_trip": missed, "ends": seen["points"][-1 if backward else 0]}


def sums_of(seen: dict[str, Any], backward: bool) -> dict[str, Any]:
    """Return the points' mean of log|det| of the map so far with the middle 80 %, and log p(x).

    log p(x) = log N(z) + log|det ∂f/∂x| is known only at the end; on the way back the determinant
    is that of the inverse, with the other sign.
    """
    z = seen["points"][0 if backward else -1].astype(float)  # (n, 2)
    normal = -0.5 * (z**2).sum(1) - np.log(2 * np.pi)
    log_det = seen["log_det"].astype(float)  # (L + 1, n)
    whole = -log_det[-1] if backward else log_det[-1]
    return {
        "log_det": log_det.mean(1),
        "band": np.quantile(log_det, [0.1, 0.9], axis=1),
        "normal": normal,
        "whole": whole,
        "log_p": normal + whole,
    }


def reach(seen: dict[str, Any], k: int) -> tuple[float, float, float, float]:
    """Return the piece of the plane after layer k: the same for all, unless points go beyond."""
    ends = seen["points"][0], seen["points"][-1]
    return fm.square(*ends, seen["points"][k], most=40.0)


def field(seen: dict[str, Any], k: int, colours: np.ndarray) -> b.Widget:
    """Return the plane after layer k; `colours` (n,) are around 0."""
    return b.field(
        "",
        reach(seen, k),
        [
            b.curves(seen["warp"][k], "hidden", b.word("warp_flow"), width=0.9),
            fm.circles(),
            b.dots(seen["points"][k], "ink", radius=3.4, values=colours),
        ],
        size=430,
        note=b.word("colour_is"),
        key="through",
    )


def chart(sums: dict[str, Any], k: int, backward: bool) -> b.Widget:
    """Return log|det| of the map so far over the layers."""
    curve = b.series("", sums["log_det"], "grad", band=tuple(sums["band"]))
    return b.chart(
        b.word("sum_back" if backward else "sum_forward"),
        [curve],
        x=b.word("layers_axis"),
        cursor=k,
        width=350,
        height=215,
    )


def written(sums: dict[str, Any], lowest: float) -> b.Widget:
    """Return log p(x) as the mean of the points, beside the most that there can be."""
    rows = [
        ["log N(z) = ", b.num(sums["normal"].mean(), "hidden")],
        ["log|det ∂z/∂x| = ", b.num(sums["whole"].mean(), "grad")],
        ["log p(x) = ", b.num(sums["log_p"].mean(), "made")],
        ["−H(p) = ", b.num(-lowest, "real")],
    ]
    return b.lines(b.word("mean_of_points"), rows)


def layer_name(names: list[str], k: int, backward: bool) -> b.Label:
    """Return what happened last: a coupling changes x₁ or x₂."""
    if names[k] != "coupling":
        return b.word(f"layer.{names[k]}")
    count = names.count("coupling")
    nth = names[: k + 1].count("coupling")
    which = count - nth + 1 if backward else nth
    axis = 1 if which % 2 == 0 else 2
    return b.word(f"layer.coupling_{axis}", n=str(which), of=str(count))


def facts(sums: dict[str, Any], seen: dict[str, Any], k: int) -> list[dict]:
    """Return the mean log|det| so far, in nats, and how much of the plane is shown."""
    return [
        b.fact(b.word("mean_log_det"), f"{sums['log_det'][k]:.3f} nat"),
        b.fact(b.word("reach"), f"±{reach(seen, k)[1]:g}"),
    ]
