"""View "through": a trained flow layer by layer; points and grid carried along, log|det J| added up
as colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.flow import flows
from apps.lessons.flow.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Tables

if TYPE_CHECKING:
    from core.models.flow.flow2d_picture import Layers

POINTS, LINES, ALONG = 220, 11, 25
FEW = 4  # points whose determinant is computed again from all partial derivatives


@dataclass(frozen=True)
class Walk:
    """Points and a grid after each of L layers, from data to Gaussian or back.

    Attributes:
        layers: what the flow's layers did.
        names: of the start and of each layer, L + 1.
        back: whether it goes from the Gaussian to the data.
        round_trip: how far there and back misses, in units of the plane.
    """

    layers: Layers
    names: tuple[str, ...]
    back: bool
    round_trip: float

    @property
    def data(self) -> np.ndarray:
        """The points on the data's side, (n, 2)."""
        return self.layers["points"][-1 if self.back else 0]

    @property
    def z(self) -> np.ndarray:
        """The points on the Gaussian's side, (n, 2)."""
        return self.layers["points"][0 if self.back else -1]


@dataclass(frozen=True)
class Sums:
    """The terms of the log-density summed over the layers, in nats.

    log p(x) = log N(z) + log|det ∂f/∂x| is known only at the end; on the way back the determinant
    is that of the inverse, with the other sign.

    Attributes:
        log_det: mean over the points of log|det| of the map so far, (L + 1,).
        band: the middle 80 % of the points, (2, L + 1).
        normal: log N(z), (n,).
        whole: log|det ∂f/∂x|, (n,).
        log_p: log p(x), (n,).
    """

    log_det: np.ndarray
    band: np.ndarray
    normal: np.ndarray
    whole: np.ndarray
    log_p: np.ndarray


def through(inputs: Inputs) -> Board:
    """Show a trained flow, a frame a layer, from data to Gaussian or back."""
    from core.models.flow.expectation import cells

    walked = walk(inputs.net, inputs.direction == "back", inputs.seed)
    sums = add_up(walked)
    lowest = cells(flows.density_of(inputs.net)).entropy
    log_det = walked.layers["log_det"]
    apart = log_det - log_det.mean(1, keepdims=True)  # (L + 1, n)
    span = float(np.quantile(np.abs(apart[-1]), 0.95)) or 1.0
    frames = []
    for k in range(len(walked.names)):
        side = b.column(chart(sums, k, walked.back), equations(sums, lowest), gap="mid")
        pictures = b.row(field(walked, k, apart[k] / span), side, gap="mid")
        told = b.text(b.word("colour_is"), size="wide")
        view = b.column(pictures, told, gap="tight")
        frames.append(b.frame(view, layer_name(walked, k), facts(sums, walked, k)))
    z, volume = float(sums.normal[0]), float(sums.whole[0])
    return {
        "frames": frames,
        "facts": [],
        "checks": [
            flows.slope_check(flows.flow(inputs.net), walked.data[:FEW]),
            b.check(walked.round_trip, "x = f⁻¹(f(x))", flows.ROUND_TRIP),
        ],
        "turn": {
            "ask": b.word("turn_sum", z=f"{z:.4f}", d=f"{volume:.4f}"),
            "blanks": [b.blank("log p(x)", [round(z, 4) + round(volume, 4)], "made", "sum")],
        },
        "tables": numbers(walked, sums),
    }


def numbers(walked: Walk, sums: Sums) -> Tables:
    """Return the numbers to take away: each layer's mean, and every point's first and last."""
    return {
        "layers": [
            {"layer": f"{k} {name}", "mean_log_det": float(sums.log_det[k])}
            for k, name in enumerate(walked.names)
        ],
        "log_p": sums.log_p,
        "first": walked.layers["points"][0],
        "last": walked.layers["points"][-1],
        "log_det": walked.layers["log_det"][-1],
    }


@lru_cache(maxsize=12)
def walk(target: str, back: bool, seed: int) -> Walk:
    """Send points and a grid through a trained flow, and the points there and back."""
    import torch

    from core.models.flat.runs import draws
    from core.models.flow.flow2d_picture import layers

    model, generator = flows.flow(target), draws(seed, "points on the way")
    if back:
        x = torch.randn(POINTS, 2, generator=generator)
    else:
        x = flows.density_of(target).sample(POINTS, generator).float()
    found = layers(model, x, back, LINES, ALONG)
    ends = torch.as_tensor(found["points"][-1])
    again = model(ends)[0] if back else model.inverse(ends)[0]
    names = ("noise" if back else "data", *found["names"])
    return Walk(found, names, back, float((again - x).abs().max()))


def add_up(walked: Walk) -> Sums:
    """Return the points' log|det| layer by layer, and their log p(x)."""
    normal = -0.5 * (walked.z.astype(float) ** 2).sum(1) - np.log(2 * np.pi)
    log_det = walked.layers["log_det"].astype(float)  # (L + 1, n)
    whole = -log_det[-1] if walked.back else log_det[-1]
    band = np.quantile(log_det, [0.1, 0.9], axis=1)
    return Sums(log_det.mean(1), band, normal, whole, normal + whole)


def reach(walked: Walk, k: int) -> tuple[float, float, float, float]:
    """Return the piece of the plane after layer k: the same for all, unless points go beyond."""
    points = walked.layers["points"]
    return flows.square(points[0], points[-1], points[k], most=40.0)


def field(walked: Walk, k: int, colours: np.ndarray) -> b.Widget:
    """Return the plane after layer k; `colours` (n,) are around 0."""
    return b.field(
        "",
        reach(walked, k),
        [
            b.curves(walked.layers["warp"][k], "hidden", b.word("warp_flow"), width=0.9),
            flows.circles(),
            b.dots(walked.layers["points"][k], "ink", radius=3.4, values=colours),
        ],
        size=430,
        note=b.word("colour_is"),
        key="through",
    )


def chart(sums: Sums, k: int, back: bool) -> b.Widget:
    """Return log|det| of the map so far over the layers."""
    low, high = sums.band
    return b.chart(
        b.word("sum_back" if back else "sum_forward"),
        [b.series("", sums.log_det, "grad", band=(low, high))],
        x=b.word("layers_axis"),
        cursor=k,
        width=350,
        height=215,
    )


def equations(sums: Sums, lowest: float) -> b.Widget:
    """Return log p(x) as the mean of the points, beside the most that there can be."""
    rows = [
        ["log N(z) = ", b.num(sums.normal.mean(), "hidden")],
        ["log|det ∂z/∂x| = ", b.num(sums.whole.mean(), "grad")],
        ["log p(x) = ", b.num(sums.log_p.mean(), "made")],
        ["−H(p) = ", b.num(-lowest, "real")],
    ]
    return b.lines(b.word("mean_of_points"), rows)


def layer_name(walked: Walk, k: int) -> b.Label:
    """Return the label of layer k; a coupling's says whether it changes x₁ or x₂."""
    name = walked.names[k]
    if name != "coupling":
        return b.word(f"layer.{name}")
    count = walked.names.count("coupling")
    nth = walked.names[: k + 1].count("coupling")
    which = count - nth + 1 if walked.back else nth
    axis = 1 if which % 2 == 0 else 2
    return b.word(f"layer.coupling_{axis}", n=str(which), of=str(count))


def facts(sums: Sums, walked: Walk, k: int) -> list[Fact]:
    """Return the mean log|det| so far, in nats, and how much of the plane is shown."""
    return [
        b.fact(b.word("mean_log_det"), f"{sums.log_det[k]:.3f} nat"),
        b.fact(b.word("reach"), f"±{reach(walked, k)[1]:g}"),
    ]
