"""View "dilated": a dilated causal convolution, and how far back its last output can see."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.rnn.case import TOLERANCE
from apps.lessons.rnn.equation import index
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
    ask = b.word("turn_field", size=str(kernel), d=", ".join(map(str, dilations)))
    blanks = [b.blank(b.word("receptive"), [fields[-1]], "made", "field")]
    return {
        "frames": frames,
        "checks": [b.compared(found, TOLERANCE)],
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
