"""One unit of the net: what it reads and by which weights; its sum with the numbers in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.cnn import models
from apps.stage import board as b
from apps.stage.contract import Fact
from core.models.cnn.receptive import first_pixel, receptive_field

if TYPE_CHECKING:
    from apps.lessons.cnn.net import Walk

LARGE, MAP = 224, 104  # pixels of the picture, of a map
FLAT = 0.7  # height of a square with a number in it, as a share of its width


def facts(found: Walk) -> list[Fact]:
    """Return the unit's place and its value."""
    column, channel, row, across = found.place
    at = f"{channel + 1}, {row + 1}, {across + 1}" if column < 4 else str(channel)
    unit = found.unit
    value = max(unit["sum"], 0.0) if unit["relu"] else unit["sum"]
    return [b.fact(b.word(f"layer_{column}"), f"[{at}]"), b.fact(b.word("unit_value"), value)]


def field_of(found: Walk) -> list[Any]:
    """Return the outline of what the unit sees of the picture."""
    from core.models.cnn import walk

    column, _, row, across = found.place
    if column == 4:
        return [b.outline(0, 0, len(found.image), len(found.image), "made")]
    net = models.net(models.TINY)
    layers = [window for _, window in walk.windows(net)[: column + 1]]
    around, side = walk.paddings(net)[: column + 1], receptive_field(layers)[-1]["size"]
    first = [first_pixel(layers, around, unit) for unit in (row, across)]
    return [b.outline(first[0], first[1], side, side, "made")]


def window_of(found: Walk, k: int) -> list[Any]:
    """Return the outline of what the unit reads of the k-th map before it."""
    column, channel, *_ = found.place
    unit = found.unit
    if unit["kind"] == "pool" and k != channel:
        return []
    if column == 4:
        return []
    row, across = unit["corner"]
    side = unit["patch"].shape[1]
    return [b.outline(row, across, side, side, "made")]


def one_unit(found: Walk) -> b.Widget:
    """Return the unit between what it reads and its own map."""
    column, channel, row, across = found.place
    digit = b.raster(
        b.word("sees"),
        found.image,
        role="real",
        size=LARGE,
        outlines=field_of(found),
        press=b.press(frame=0),
    )
    shown: list[b.Widget] = [digit, b.text("→")]
    if column:
        shown += [
            read_maps(found),
            b.text("⋆" if found.unit["kind"] == "conv" else "·", size="big"),
        ]
    else:
        shown += [b.text("⋆", size="big")]
    if found.unit["kind"] != "pool":
        shown.append(weights(found))
    own = (
        b.raster(
            b.word("own_map", n=str(channel + 1)),
            found.maps[column][channel],
            role="hidden",
            size=LARGE,
            outlines=[b.outline(row, across, role="made")],
            press=b.press("unit", [column, channel]),
        )
        if column < 4
        else logits(found)
    )
    shown += [b.text("→"), own]
    return b.column(b.row(*shown), b.text(b.word("zoom_how"), size="small"), gap="mid")


def read_maps(found: Walk) -> b.Widget:
    """Return the maps that the unit reads, its window marked in each."""
    column, channel, *_ = found.place
    maps = found.maps[column - 1]
    kept = [channel] if found.unit["kind"] == "pool" else range(len(maps))
    size = LARGE if len(kept) == 1 else MAP
    span = float(maps.max() or 1)
    drawn = [
        b.raster(
            "",
            maps[k],
            role="hidden",
            span=span,
            size=size,
            outlines=window_of(found, k),
            press=b.press(frame=2),
        )
        for k in kept
    ]
    return grid(b.word("reads_maps", layer=b.word(f"layer_{column - 1}")), drawn)


def weights(found: Walk) -> b.Widget:
    """Return the unit's weights, a raster a map."""
    kernel = found.unit["kernel"]
    span = float(np.abs(kernel).max())
    drawn = [b.raster("", values, span=span, size=MAP, press=b.press(frame=2)) for values in kernel]
    return grid(b.word("its_weights"), drawn)


def grid(label: b.Label, drawn: Sequence[b.Widget]) -> b.Widget:
    """Return rasters under a name, two in a row."""
    rows = [b.row(*drawn[k : k + 2]) for k in range(0, len(drawn), 2)]
    return b.column(b.text(label, size="small"), *rows, gap="tight")


def logits(found: Walk) -> b.Widget:
    """Return the ten logits, the unit's own lit up."""
    items = [
        {"label": str(k), "v": v, "role": "made" if k == found.place[1] else "hidden"}
        for k, v in enumerate(found.logits.tolist())
    ]
    ends = (min(0.0, float(found.logits.min())), max(0.0, float(found.logits.max())))
    return b.bars(b.word("logits"), items, *ends, press=b.press("unit", [4]))


# ---- the sum


def its_sum(found: Walk) -> b.Widget:
    """Return the unit's sum, number by number."""
    kind = found.unit["kind"]
    if kind == "conv":
        return conv_sum(found)
    return pool_sum(found) if kind == "pool" else dense_sum(found)


def numbers(label: b.Label, values: np.ndarray, role: str, span: float) -> b.Widget:
    """Return a window with its numbers; pressing it leads back to the unit."""
    return b.raster(
        label, values, role=role, span=span, tall=FLAT, digits=2, press=b.press(frame=1)
    )


def conv_sum(found: Walk) -> b.Widget:
    """Return patch · kernel = products for each map, and the line of their sums."""
    unit, first = found.unit, found.place[0] == 0
    role, roof = "real" if first else "hidden", float(unit["patch"].max() or 1)
    span = float(np.abs(unit["kernel"]).max())
    most = float(np.abs(unit["products"]).max() or 1)
    blocks = []
    parts = unit["products"].sum((1, 2))
    for c, (patch, kernel, products) in enumerate(
        zip(unit["patch"], unit["kernel"], unit["products"])
    ):
        part = f"Σ{subscript(c)} = {parts[c]:.3f}".replace("-", "−")
        blocks.append(
            b.row(
                numbers(b.word("window"), patch, role, roof),
                b.text("·"),
                numbers(b.word("its_weights"), kernel, "", span),
                b.text("="),
                numbers(part, products, "", most),
            )
        )
    rows = [b.row(*blocks[k : k + 2], gap="mid") for k in range(0, len(blocks), 2)]
    return b.column(*rows, last_lines(found, parts), gap="tight")


def last_lines(found: Walk, parts: np.ndarray) -> b.Widget:
    """Return z as the sum of its maps' parts and the bias, and ReLU of it."""
    unit = found.unit
    tokens: list[Any] = ["z = "]
    for c, part in enumerate(parts.tolist()):
        tokens += [" + " if c else "", *b.paren(part, "hidden")]
    tokens += [" + ", *b.paren(unit["bias"], "ink"), " = ", b.num(unit["sum"], "hidden")]
    z = b.lines("", [tokens], key="z")
    relu = ["ReLU(z) = max(z, 0) = ", b.num(max(unit["sum"], 0.0), "hidden")]
    return b.row(z, b.lines("", [relu], key="relu"))


def pool_sum(found: Walk) -> b.Widget:
    """Return a pooling's square, and its largest number."""
    patch = found.unit["patch"][0]
    listed: list[Any] = ["max("]
    for k, v in enumerate(patch.ravel().tolist()):
        listed += [", " if k else "", b.num(v, "hidden")]
    listed += [") = ", b.num(found.unit["sum"], "hidden")]
    top = divmod(int(patch.argmax()), patch.shape[1])
    square = b.raster(
        b.word("square"),
        patch,
        role="hidden",
        digits=3,
        size=260,
        outlines=[b.outline(*top, role="made")],
        press=b.press(frame=1),
    )
    return b.column(square, b.lines("", [listed]), gap="mid")


def dense_sum(found: Walk) -> b.Widget:
    """Return a class's products map by map, their sums, the logit and its probability."""
    unit, k = found.unit, found.place[1]
    most = float(np.abs(unit["products"]).max() or 1)
    parts = unit["products"].sum((1, 2))
    drawn = [
        b.column(
            b.raster("", values, span=most, size=MAP, press=b.press(frame=1)),
            b.lines("", [[f"Σ{subscript(c)} = ", b.num(float(parts[c]), "hidden")]]),
            gap="tight",
        )
        for c, values in enumerate(unit["products"])
    ]
    rows = [b.row(*drawn[c : c + 4], gap="mid") for c in range(0, len(drawn), 4)]
    z, total = unit["sum"], float(np.exp(found.logits).sum())
    head = b.text(b.word("products_of", n=str(k)), size="small")
    lines = b.lines(
        "",
        [
            ["z = Σ₁ + … + Σ₈ + b = ", *b.paren(float(parts.sum()), "hidden"), " + ",
             *b.paren(unit["bias"], "ink"), " = ", b.num(z, "hidden")],
            [f"p({k}) = e^z / Σ e^z = ", b.num(float(np.exp(z)), "ink"), " / ",
             b.num(total, "ink"), " = ", b.num(float(found.odds[k]), "made")],
        ],
    )  # fmt: skip
    return b.column(head, *rows, lines, gap="mid")


def subscript(c: int) -> str:
    """Return a map's number as it is written on paper, from 1."""
    return "₁₂₃₄₅₆₇₈"[c]
