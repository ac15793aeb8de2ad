"""View "receptive": how far a unit sees after each layer, by the formula and by its gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.cnn import models
from apps.lessons.cnn.inputs import Inputs
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.models.cnn import check
from core.models.cnn.receptive import Field, Window, first_pixel, receptive_field

if TYPE_CHECKING:
    from torch import Tensor

STACKS: dict[str, list[Window]] = {
    "threes": [(3, 1, 1)] * 4,
    "dilated": [(3, 1, 1), (3, 1, 2), (3, 1, 4)],
}
NETS = {"classifier": models.LARGE, "tiny": models.TINY}
DRAWS = 20  # random pictures whose gradients are added: behind ReLU one shows only a part
SIDE = pictures.SIDE


@dataclass(frozen=True)
class Stack:
    """Layers with the gradient of the middle unit of each, measured."""

    names: list[str]
    windows: list[Window]
    paddings: list[int]
    slopes: list[np.ndarray]  # (28, 28) each, mean |∂unit/∂pixel|
    units: list[int]  # row and column of the middle unit of each layer


def receptive(inputs: Inputs) -> Board:
    """Show what the middle unit of each layer sees, a frame a layer."""
    stack = measure(inputs.stack)
    fields = receptive_field(stack.windows)
    delta = check.receptive_field_delta(stack.windows, fields)
    fits = [box_of(slope) == box for slope, box in zip(stack.slopes, boxes(stack, fields))]
    return {
        "frames": [frame(stack, fields, at) for at in range(len(fields))],
        "checks": [
            b.delta_check(delta, 0),
            b.law(b.word("law_field"), sum(fits), len(fits)),
        ],
        "turn": turn(fields),
        "tables": {
            "fields": [[*fields[0]], *([*field.values()] for field in fields)],
            "gradient": {name: slope for name, slope in zip(stack.names, stack.slopes)},
        },
    }


@lru_cache(maxsize=8)
def measure(name: str) -> Stack:
    """Return a stack's layers, and the gradient of the middle unit of each."""
    import torch

    names, windows, paddings, outputs = layers_of(name)
    draw = torch.Generator().manual_seed(0)
    x = torch.rand(DRAWS, 1, SIDE, SIDE, generator=draw).requires_grad_()
    slopes, units = [], []
    for values in outputs(x):
        at = values.shape[-1] // 2
        (slope,) = torch.autograd.grad(values[:, :, at, at].sum(), x, retain_graph=True)
        slopes.append(slope.abs().mean((0, 1)).numpy().astype(float))
        units.append(at)
    return Stack(names, windows, paddings, slopes, units)


def layers_of(
    name: str,
) -> tuple[list[str], list[Window], list[int], Callable[[Tensor], list[Tensor]]]:
    """Return names, windows and paddings of a stack's layers, and what gives their outputs."""
    if name in STACKS:
        windows = STACKS[name]
        paddings = [d * (k - 1) // 2 for k, _, d in windows]
        names = [f"conv {n + 1}" for n in range(len(windows))]
        return names, windows, paddings, lambda x: plain(windows, paddings, x)
    from core.models.cnn import walk

    net = models.net(NETS[name])
    named = walk.windows(net)
    wanted = {one for one, _ in named}
    behind = {one.replace("conv", "relu") for one in wanted}  # what the next layer reads

    def outputs(x: Tensor) -> list[Tensor]:
        return [v for one, v in walk.walk(net, x) if one in behind]

    return [one for one, _ in named], [w for _, w in named], walk.paddings(net), outputs


def plain(windows: list[Window], paddings: list[int], x: Tensor) -> list[Tensor]:
    """Return the outputs of convolutions by equal weights, one after another."""
    import torch
    import torch.nn.functional as F

    found = []
    for (k, s, d), p in zip(windows, paddings):
        x = F.conv2d(x, torch.full((1, 1, k, k), 1 / k**2), stride=s, padding=p, dilation=d)
        found.append(x)
    return found


def boxes(stack: Stack, fields: list[Field]) -> list[tuple[int, int]]:
    """Return the first and last row that each layer's middle unit sees, within the picture."""
    found = []
    for n, (unit, field) in enumerate(zip(stack.units, fields), 1):
        first = first_pixel(stack.windows[:n], stack.paddings[:n], unit)
        found.append((max(0, first), min(SIDE, first + field["size"]) - 1))
    return found


def box_of(slope: np.ndarray) -> tuple[int, int]:
    """Return the first and last row and column where a gradient is not 0."""
    rows, columns = np.nonzero(slope)
    ends = (int(rows.min()), int(rows.max())), (int(columns.min()), int(columns.max()))
    return ends[0] if ends[0] == ends[1] else (-1, -1)


def frame(stack: Stack, fields: list[Field], at: int) -> Frame:
    """Return a layer: the gradient with the formula's square around it, and the table so far."""
    field, slope = fields[at], stack.slopes[at]
    first = first_pixel(stack.windows[: at + 1], stack.paddings[: at + 1], stack.units[at])
    picture = b.raster(
        b.word("slope_of", layer=stack.names[at]),
        slope / slope.max(),
        role="grad",
        span=1.0,
        size=336,
        outlines=[b.outline(first, first, field["size"], field["size"], "made")],
    )
    before = fields[at - 1] if at else {"size": 1, "jump": 1}
    grown = field["dilation"] * (field["window"] - 1) * before["jump"]
    law = [
        f"r = {before['size']} + {field['dilation']}·({field['window']} − 1)·{before['jump']} = ",
        b.num(before["size"] + grown, "made"),
    ]
    right = b.column(
        table(stack, fields, at),
        b.lines("", [["r′ = r + d (k − 1) j,   j′ = j s"], law], key="field"),
        gap="mid",
    )
    facts = [b.fact("r", f"{field['size']} px"), b.fact("j", f"{field['jump']} px")]
    return b.frame(b.row(picture, right, gap="wide"), stack.names[at], facts)


def table(stack: Stack, fields: list[Field], at: int) -> b.Widget:
    """Return the layers with window, stride, dilation, field and jump, as far as this one."""
    heads = [b.head(b.word("layer")), *(b.head(one) for one in "ksdrj")]
    rows = []
    for n, (name, field) in enumerate(zip(stack.names, fields)):
        sizes = [str(field[key]) for key in ("window", "stride", "dilation")]
        reached = [str(field["size"]), str(field["jump"])] if n <= at else ["", ""]
        rows.append([b.cell(name), *(b.cell(text) for text in (*sizes, *reached))])
    return b.table("", heads, rows, on=[at])


def turn(fields: list[Field]) -> Turn:
    """Return the exercise: the field of the last layer from that of the one before."""
    before, last = fields[-2:]
    ask = b.word(
        "turn_field", r=str(before["size"]), j=str(before["jump"]), window=str(last["window"]),
        s=str(last["stride"]), d=str(last["dilation"]),
    )  # fmt: skip
    return {
        "ask": ask,
        "frame": len(fields) - 2,
        "blanks": [b.blank("r′", [last["size"]], "made", "")],
    }
