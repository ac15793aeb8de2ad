"""Shapes of sequence problems, unrolled with their numbers, and the dilated causal convolution
beside them.
"""

from __future__ import annotations

import numpy as np

from apps.lessons.rnn.step import index
from apps.stage import board as b

ROLES = {"x": "real", "h": "hidden", "y": "made"}
NAMES = {"x": "x", "h": "h", "y": "ŷ"}


def shape_frames(picture: dict, kind: str) -> list[dict]:
    """Return the unrolled shape, a frame a step in the order in which a machine computes it."""
    tall = any(n["row"] == 2 for n in picture["nodes"])
    rows = {0: 236, 1: 160 if tall else 134, 2: 88, 3: 26}
    width = 40 + 100 * (1 + max(n["column"] for n in picture["nodes"]))
    height = 268
    if not tall:
        rows, height = {0: 204, 1: 118, 3: 32}, 236
    frames = []
    for step in range(picture["steps"]):
        nodes = [_node(n, step, rows) for n in picture["nodes"]]
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


def _node(node: dict, step: int, rows: dict[int, int]) -> dict:
    state = "later" if node["at"] > step else "now" if node["at"] == step else ""
    return {
        "id": node["id"],
        "x": 70 + 100 * node["column"],
        "y": rows[node["row"]],
        "w": 76,
        "h": 60,
        "label": _symbol(node),
        "key": node["id"],
        "role": ROLES[node["kind"]],
        "values": node["value"],
        "places": 3,
        "state": state,
    }


def _equation(picture: dict, node: dict) -> b.Widget:
    """Return the state that is computed now as an equation, from what feeds it."""
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


def _symbol(node: dict) -> str:
    """Return h₃, g₃ for a backward state, s₃ for a decoder's."""
    state = {"backward": "g", "decoder": "s"}.get(node["part"], "h")
    letter = state if node["kind"] == "h" else NAMES[node["kind"]]
    return b.sub(letter, node["column"] + 1)


def dilated_frames(
    xs: list,
    weights: np.ndarray,
    dilations: list[int],
    layers: list,
    fields: list[int],
    reached: list[list[int]],
) -> list[dict]:
    """Return the convolution layer by layer; what reaches the last output is lit."""
    T, L = len(xs), len(layers)
    values = [np.asarray(xs), *layers]
    frames = []
    for shown in range(L + 1):
        nodes, links = [], []
        for level in range(L + 1):
            for t in range(T):
                lit = t in reached[level]
                state = "later" if level > shown or not lit else "now" if level == shown else ""
                nodes.append(
                    {
                        "id": f"{level}-{t}",
                        "x": 34 + 52 * t,
                        "y": 26 + (L - level) * 62,
                        "w": 46,
                        "h": 30,
                        "label": f"{values[level][t]:.2f}".replace("-", "−")
                        if level <= shown
                        else "",
                        "role": "real" if level == 0 else "made" if level == L else "hidden",
                        "state": state,
                    }
                )
                if 0 < level <= shown and lit:
                    d = dilations[level - 1]
                    links += [
                        {
                            "from": f"{level - 1}-{t - j * d}",
                            "to": f"{level}-{t}",
                            "role": "ink-2",
                            "state": "",
                        }
                        for j in range(len(weights[level - 1]))
                        if t - j * d >= 0
                    ]
        lines = (
            [
                b.lines(
                    "",
                    [
                        _tap(
                            values[shown - 1],
                            weights[shown - 1],
                            dilations[shown - 1],
                            reached[shown][-1],
                            values[shown],
                            shown,
                        )
                    ],
                )
            ]
            if shown
            else []
        )
        name = (
            b.word("layer_name", l=str(shown), d=str(dilations[shown - 1]))
            if shown
            else b.word("layer_input")
        )
        facts = [b.fact(b.word("receptive"), str(fields[shown - 1] if shown else 1))]
        frames.append(
            b.frame(
                b.column(b.net(b.word("dilated"), nodes, links, 16 + 52 * T, 52 + 62 * L), *lines),
                name,
                facts,
            )
        )
    return frames


def _tap(below: np.ndarray, w: np.ndarray, d: int, t: int, here: np.ndarray, layer: int) -> list:
    """Return one output's sum written out; taps before the first input meet zeros."""
    taps = [below[t - j * d] if t - j * d >= 0 else 0.0 for j in range(len(w))]
    return [
        *b.products(f"{b.sub('z', layer)}{index(t)}", w, taps, ("grad", "hidden")),
        " = ",
        b.num(here[t], "made"),
    ]
