"""A network: boxes with their numbers, arrows between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, cast

from apps.stage.widgets.base import Drawn, Label, Role


class Stand(TypedDict):
    """A node's name and middle."""

    id: str  # by which links name it
    x: float  # its middle from the left, in pixels
    y: float  # its middle from the top, in pixels
    label: Label  # its name
    role: Role  # its colour, "none" for letters without a box


class Node(Stand, total=False):
    """A box of a network."""

    w: float | None  # width in pixels
    h: float | None  # height in pixels
    state: str | None  # "" drawn as it is, "now" being computed, "later" not yet
    values: Sequence[float] | None  # numbers under its name
    places: int | None  # their decimals
    key: str  # what a "your turn" hides the numbers by


Ends = TypedDict(
    "Ends",
    {
        "from": str,  # id of the node that it leaves
        "to": str,  # id of the node that it reaches
    },
)


class Link(Ends, total=False):
    """An arrow of a network."""

    state: str | None  # "" drawn as it is, "later" not yet, "cut" no gradient passes
    role: Role | None  # its colour
    thick: float | None  # width in pixels
    label: Label | None  # beside its middle


class Net(Drawn):
    """A network."""

    w: Literal["net"]
    label: Label  # what stands over it
    nodes: list[Node]  # its boxes
    links: list[Link]  # its arrows
    width: float  # pixels
    height: float  # pixels


def net(
    label: Label,
    nodes: Sequence[Mapping[str, Any]],
    links: Sequence[Mapping[str, Any]],
    width: float,
    height: float,
) -> Net:
    """Return a network: nodes {"id", "x", "y", "label", "role", "state"} and links {"from", "to",
    "state"}.

    States: "" drawn as it is, "now" being computed, "later" not yet, "cut" a link that no gradient
    passes.
    """
    return {
        "w": "net",
        "label": label,
        "nodes": cast(list[Node], list(nodes)),
        "links": cast(list[Link], list(links)),
        "width": width,
        "height": height,
    }
