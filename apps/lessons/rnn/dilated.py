"""View "dilated": a dilated causal convolution, and how far back its last output can see."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.rnn.case import TOLERANCE
from apps.lessons.rnn.equation import box, index
from apps.lessons.rnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame
from core.models.rnn import check, sequences


def dilated(inputs: Inputs) -> Board:
    """Show the convolution layer by layer."""
    tables = convolution(inputs)
    xs, weights, dilations, layers = tables.values()
    kernel = weights.shape[1]
    found = check.dilated_delta(xs, weights, dilations, layers)
    fields = sequences.receptive_field(kernel, dilations)
    reached = sequences.reach(len(xs) - 1, kernel, dilations)
    frames = dilated_frames(xs, weights, dilations, layers, fields, reached)
    wider = 1 + kernel * sum(dilations)  # with one more tap a layer
    ask = b.word("turn_field", size=str(kernel + 1), d=", ".join(map(str, dilations)))
    blanks = [b.blank(b.word("receptive"), [wider], "made", "")]
    return {
        "frames": frames,
        "checks": [b.delta_check(found, TOLERANCE)],
        "turn": {"ask": ask, "frame": len(frames) - 1, "blanks": blanks},
        "tables": tables,
    }


def convolution(inputs: Inputs) -> dict[str, Any]:
    """Return the numbers of a convolution over 16 inputs drawn from the seed."""
    grow, count = inputs.dilation, inputs.layers
    dilations = [min(grow**k, sequences.MOST_DILATION) for k in range(count)]
    rng = np.random.default_rng(inputs.seed)
    xs = np.round(rng.uniform(-1, 1, 16), 2)  # (T,)
    weights = np.round(rng.uniform(-1, 1, (count, inputs.kernel)), 2)
    layers = sequences.convolve_layers(xs, weights, dilations, inputs.kernel)
    return {"x": xs, "weights": weights, "dilations": dilations, "layers": layers}


def dilated_frames(
    xs: list,
    weights: np.ndarray,
    dilations: list[int],
    layers: list,
    fields: list[int],
    reached: list[list[int]],
) -> list[Frame]:
    """Return the convolution layer by layer; the numbers that reach the last output are lit."""
    T, L = len(xs), len(layers)
    values = [np.asarray(xs), *layers]
    frames = []
    for shown in range(L + 1):
        nodes = [
            number_node(level, t, values, shown, t in reached[level])
            for level in range(L + 1)
            for t in range(T)
        ]
        links = []
        for level in range(1, shown + 1):
            links += tap_links(level, len(weights[level - 1]), dilations[level - 1], reached[level])
        name, lines, seen = b.word("layer_input"), [], 1
        if shown:
            w, d, t = weights[shown - 1], dilations[shown - 1], reached[shown][-1]
            name, seen = b.word("layer_name", l=str(shown), d=str(d)), fields[shown - 1]
            lines = [b.lines("", [_tap(values[shown - 1], w, d, t, values[shown], shown)])]
        net = b.net(b.word("dilated"), nodes, links, 16 + 56 * T, 52 + 62 * L)
        facts = [b.fact(b.word("receptive"), str(seen))]
        frames.append(b.frame(b.column(net, *lines), name, facts))
    return frames


def number_node(level: int, t: int, values: list, shown: int, lit: bool) -> dict:
    """Return the box of one number, empty above the layer that is shown."""
    last = len(values) - 1
    state = "later" if level > shown or not lit else "now" if level == shown else ""
    text = f"{values[level][t]:.2f}".replace("-", "−") if level <= shown else ""
    role = "real" if level == 0 else "made" if level == last else "hidden"
    at = (36 + 56 * t, 26 + (last - level) * 62)
    return box(f"{level}-{t}", at, (52, 30), text, role, state)


def tap_links(level: int, taps: int, d: int, reached: list[int]) -> list[dict]:
    """Return the links into the lit numbers of a layer."""
    return [
        {"from": f"{level - 1}-{t - j * d}", "to": f"{level}-{t}", "role": "ink-2", "state": ""}
        for t in reached
        for j in range(taps)
        if t - j * d >= 0
    ]


def _tap(below: np.ndarray, w: np.ndarray, d: int, t: int, here: np.ndarray, layer: int) -> list:
    """Return one output's sum written out; taps before the first input meet zeros."""
    taps = [below[t - j * d] if t - j * d >= 0 else 0.0 for j in range(len(w))]
    return [
        *b.products(f"{b.sub('z', layer)}{index(t)}", w, taps, ("grad", "hidden")),
        " = ",
        b.num(here[t], "made"),
    ]
