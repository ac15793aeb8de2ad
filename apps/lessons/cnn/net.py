"""View "net": a digit on its way through a whole net; one unit of it; the unit's sum."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.cnn import zoom
from apps.lessons.cnn.inputs import Inputs
from apps.lessons.cnn.models import TINY, picture, probabilities, walk_net
from apps.lessons.cnn.models import net as load
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Turn
from core.inputs import integer

if TYPE_CHECKING:
    from core.models.cnn.unit import Unit

TOLERANCE = 1e-4  # the net counts in float32
COLUMNS = ("relu 1", "pool 1", "relu 2", "pool 2")  # the maps that the overview shows
LAYERS = ("conv 1", "pool 1", "conv 2", "pool 2", "dense 1")  # what computes each column
SIZES = (92, 92, 84, 84)  # pixels of a map
DOWN = 4  # maps one above the other


@dataclasses.dataclass(frozen=True)
class Walk:
    """A picture in the net, and the unit that is looked at."""

    image: np.ndarray  # (28, 28)
    maps: list[np.ndarray]  # of each of COLUMNS, (C, H, W)
    logits: np.ndarray  # (10,)
    odds: np.ndarray  # (10,)
    place: tuple[int, int, int, int]  # of the unit: column, map, row, column in it
    unit: Unit


def net(inputs: Inputs) -> Board:
    """Show the whole net, then a unit with what it reads, then its sum, number by number."""
    from core.models.cnn import check

    found = walk_of(inputs)
    steps, model = walk_net(TINY, found.image), load(TINY)
    layer = LAYERS[found.place[0]]
    values = dict(steps)[layer][0].double().numpy()
    value = float(values[found.place[1:]] if values.ndim == 3 else values[found.place[1]])
    best = int(found.odds.argmax())
    batch = pictures.batch(found.image[None])
    return {
        "frames": [
            b.frame(overview(found), b.word("zoom_net")),
            b.frame(zoom.one_unit(found), b.word("zoom_unit"), zoom.facts(found)),
            b.frame(zoom.its_sum(found), b.word("zoom_sum"), zoom.facts(found)),
        ],
        "facts": [b.fact(b.word("reads"), f"{best} · {100 * found.odds[best]:.1f} %")],
        "checks": [
            b.delta_check(check.net_delta(model, batch, steps), TOLERANCE),
            b.delta_check(check.unit_delta(found.unit, value), TOLERANCE),
        ],
        "turn": turn(found),
        "tables": {
            "image": found.image,
            **{name: maps for name, maps in zip(COLUMNS, found.maps)},
            "logits": found.logits,
            "probabilities": found.odds,
        },
    }


def walk_of(inputs: Inputs) -> Walk:
    """Return a scene's picture in the net, and its unit taken apart."""
    from core.models.cnn.unit import take_apart

    image = picture(inputs)
    values = {name: part[0].double().numpy() for name, part in walk_net(TINY, image)}
    maps, logits = [values[name] for name in COLUMNS], values["dense 1"]
    place = where(inputs.unit, maps)
    at = (LAYERS[place[0]], *place[1:])
    unit = take_apart(load(TINY), pictures.batch(image[None]), *at)
    return Walk(image, maps, logits, probabilities(logits), place, unit)


def where(unit: tuple[int, ...], maps: list[np.ndarray]) -> tuple[int, int, int, int]:
    """Return a unit's place, refused where the net has none."""
    column, channel, row, across = unit
    column = integer("unit", column, 0, len(LAYERS) - 1)
    shape = maps[column].shape if column < len(maps) else (10, 1, 1)
    for value, most in zip((channel, row, across), shape):
        integer("unit", value, 0, most - 1)
    return column, channel, row, across


# ---- the whole net


def overview(found: Walk) -> b.Widget:
    """Return the picture, the maps of all layers, and the ten probabilities."""
    best = int(found.odds.argmax())
    start = b.column(
        pictures.pad(found.image, b.word("your_digit")),
        b.text(b.word("reads_as", n=str(best), p=f"{100 * found.odds[best]:.1f}"), "made", "note"),
        gap="mid",
    )
    columns = [column(found, at) for at in range(len(COLUMNS))]
    ends = b.bars(
        b.word("classes"),
        [{"label": str(k), "v": p, "role": "made"} for k, p in enumerate(found.odds.tolist())],
        low=0.0,
        digits=3,
        press=b.press("unit", [len(COLUMNS)], frame=1),
    )
    shown: list[b.Widget] = [start]
    for one in [*columns, ends]:
        shown += [b.text("→"), one]
    return b.row(*shown)


def column(found: Walk, at: int) -> b.Widget:
    """Return the maps of one layer, four below one another, each of its units to be pressed."""
    maps = found.maps[at]
    span = float(maps.max() or 1)
    drawn = [
        b.raster(
            "",
            values,
            role="hidden",
            span=span,
            size=SIZES[at],
            outlines=marks(found, at, k),
            press=b.press("unit", [at, k], frame=1),
        )
        for k, values in enumerate(maps)
    ]
    stacks = [b.column(*drawn[k : k + DOWN], gap="tight swap") for k in range(0, len(drawn), DOWN)]
    side = maps.shape[1]
    size = b.word("maps_of", n=str(len(maps)), side=str(side))
    names = b.text(b.word(f"layer_{at}"), size="small"), b.text(size, size="small")
    return b.column(*names, b.row(*stacks), gap="tight")


def marks(found: Walk, at: int, k: int) -> list[Any]:
    """Return the outlines on a map: the unit itself, or the window that it reads."""
    column, channel, row, across = found.place
    if at == column and k == channel:
        return [b.outline(row - 0.5, across - 0.5, 2, 2, "made")]
    return zoom.window_of(found, k) if at == column - 1 else []


def turn(found: Walk) -> Turn | None:
    """Return the exercise: a convolution's sum from the sums of its maps, and ReLU of it."""
    unit = found.unit
    if unit["kind"] != "conv":
        return None
    z = unit["sum"]
    return {
        "ask": b.word("turn_net"),
        "frame": 2,
        "blanks": [
            b.blank("z", [z], "hidden", "z"),
            b.blank("ReLU(z)", [max(z, 0.0)], "hidden", "relu"),
        ],
    }
