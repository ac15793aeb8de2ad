"""View "shapes": the shapes of sequence problems, unrolled with real numbers."""

from __future__ import annotations

from typing import NamedTuple

from apps.lessons.rnn.case import TOLERANCE
from apps.lessons.rnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame
from core.models.rnn import check, sequences
from core.models.rnn.rnn_traces import Node, Unrolled

ROLES = {"x": "real", "h": "hidden", "y": "made"}
NAMES = {"x": "x", "h": "h", "y": "ŷ"}


class Places(NamedTuple):
    """Where a shape's boxes stand, in pixels, by the row of a node."""

    pitch: int  # from one column to the next
    height: int  # of the drawing
    rows: dict[int, int]  # row -> y
    aside: dict[int, int]  # row -> how far right of its column's middle


ONE_WAY = Places(100, 236, {0: 204, 1: 118, 3: 32}, {})
# Both states of a step stand beside its middle, so that no arrow runs through the other's box.
BOTH_WAYS = Places(172, 326, {0: 294, 1: 206, 2: 120, 3: 32}, {1: -43, 2: 43})


def shapes(inputs: Inputs) -> Board:
    """Show a shape of sequence problems, one number after the other."""
    picture = sequences.unroll(inputs.kind, inputs.seed, inputs.columns)
    first = next(n for n in picture["nodes"] if n["kind"] == "h")
    blanks = [b.blank("h₁", first["value"], "hidden", first["id"])]
    return {
        "frames": shape_frames(picture, inputs.kind),
        "checks": [b.delta_check(check.unroll_delta(inputs.kind, picture), TOLERANCE)],
        "turn": {"ask": b.word("turn_shape"), "frame": 0, "blanks": blanks},
        "tables": {n["id"]: n["value"] for n in picture["nodes"]},
    }


def shape_frames(picture: Unrolled, kind: str) -> list[Frame]:
    """Return the unrolled shape, a frame a step in the order in which a machine computes it."""
    columns = 1 + max(n["column"] for n in picture["nodes"])
    place = BOTH_WAYS if kind == "bidirectional" else ONE_WAY
    width, height = 40 + place.pitch * columns, place.height
    frames = []
    for step in range(picture["steps"]):
        nodes = [_node(n, step, place) for n in picture["nodes"]]
        known = {n["id"]: n["state"] for n in nodes}
        links = [
            {
                **link,
                "state": "later" if "later" in (known[link["from"]], known[link["to"]]) else "",
                "role": "hidden" if "-h" in link["from"] and "-h" in link["to"] else "ink-2",
            }
            for link in picture["links"]
        ]
        now = [n for n in picture["nodes"] if n["at"] == step and n["kind"] == "h"]
        view = b.column(
            b.net(b.word(f"kind_{kind}"), nodes, links, width, height),
            *(_equation(picture, n) for n in now[:1]),
        )
        frames.append(b.frame(view, b.word("shape_step", t=str(step + 1))))
    return frames


def _node(node: Node, step: int, place: Places) -> dict:
    state = "later" if node["at"] > step else "now" if node["at"] == step else ""
    return {
        "id": node["id"],
        "x": 20 + place.pitch * (node["column"] + 0.5) + place.aside.get(node["row"], 0),
        "y": place.rows[node["row"]],
        "w": 76,
        "h": 60,
        "label": _symbol(node),
        "key": node["id"],
        "role": ROLES[node["kind"]],
        "values": node["value"],
        "places": 3,
        "state": state,
    }


def _equation(picture: Unrolled, node: Node) -> b.Widget:
    """Write the state that is computed now as an equation, from the nodes that feed it."""
    params = picture["cells"][node["part"]]
    values = {n["id"]: n for n in picture["nodes"]}
    fed = [values[link["from"]] for link in picture["links"] if link["to"] == node["id"]]
    x = next(n for n in fed if n["kind"] == "x")
    h = next((n for n in fed if n["kind"] == "h"), None)
    before = _symbol(h) if h else b.sub("h", 0)
    mark = {"encoder": "ᵉ", "decoder": "ᵈ", "backward": "ᵇ"}.get(node["part"], "")
    return b.row(
        b.matrix(_symbol(node), node["value"], "hidden", key=node["id"]),
        b.text("= tanh ("),
        b.matrix(f"W{mark}", params["W"], "hidden"),
        b.matrix(before, h["value"] if h else [0.0, 0.0], "hidden"),
        b.text("+"),
        b.matrix(f"U{mark}", params["U"], "real"),
        b.matrix(_symbol(x), x["value"], "real"),
        b.text("+"),
        b.matrix(f"b{mark}", params["b"], "grad"),
        b.text(")"),
    )


def _symbol(node: Node) -> str:
    """Return h₃, g₃ for a backward state, s₃ for a decoder's."""
    state = {"backward": "g", "decoder": "s"}.get(node["part"], "h")
    letter = state if node["kind"] == "h" else NAMES[node["kind"]]
    return b.sub(letter, node["column"] + 1)
