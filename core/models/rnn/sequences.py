"""The shapes of sequence problems, with real numbers in them, and the dilated convolution.

Shapes (after Karpathy 2015), each built from the plain tanh cell of `core.models.rnn.cells` with
random parameters and H = D = O = 2:

    one-to-many      x_1 -> y_1, and each y_t is the next input x_{t+1}
    many-to-one      x_1..x_T -> y_T
    many-to-many     x_t -> y_t at each step
    bidirectional    a second cell reads x_T..x_1; o_t = V [h_t; g_t] + c  (Schuster & Paliwal 1997)
    encoder-decoder  one cell reads x_1..x_T, its h_T is the first state of another cell, which
                     starts from x = 0 and reads its own outputs  (Sutskever et al. 2014)

Causal dilated convolution (van den Oord et al. 2016), kernel size k, one channel, zeros before the
first input, no bias and no activation:

    layer_0 = x,   layer_l[t] = sum_{j=0}^{k-1} w_l[j] layer_{l-1}[t - j d_l]

so layer l sees 1 + (k-1) (d_1 + ... + d_l) inputs. w_l[0] meets the newest value; torch's conv1d
holds the same weights in the opposite order.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from core.inputs import InputError, array, choice, integer
from core.models.rnn import cells as rnn
from core.models.rnn.presets import random_params
from core.models.rnn.rnn_traces import Link, Node, Params, Unrolled

KINDS = ("one-to-many", "many-to-one", "many-to-many", "bidirectional", "encoder-decoder")
MOST_COLUMNS = 8  # time steps of a drawn shape
SIZE = 2  # H, D and O of a drawn shape
SCALE = 2.0  # wider than torch's draw, so that the numbers differ visibly
KERNELS = (2, 4)
MOST_LAYERS = 5
MOST_DILATION = 16
LONGEST = 32

Kind = Literal["x", "h", "y"]


class Picture:
    """Nodes and links of a shape, added in the order in which a machine computes them."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.links: list[Link] = []

    def node(self, kind: Kind, part: str, column: int, value: np.ndarray, at: int) -> str:
        """Add a node and return its id, as "encoder-h3"."""
        name = f"{part}-{kind}{column + 1}"
        row = {"x": 0, "h": 2 if part == "backward" else 1, "y": 3}[kind]
        node: Node = {
            "id": name,
            "kind": kind,
            "part": part,
            "column": column,
            "row": row,
            "value": value.tolist(),
            "at": at,
        }
        self.nodes.append(node)
        return name

    def link(self, start: str | None, end: str | None) -> None:
        """Add a link; one that starts or ends nowhere is left out."""
        if start and end:
            self.links.append({"from": start, "to": end})


def unroll(kind: str, seed: int = 0, length: int = 4) -> Unrolled:
    """Compute one of the shapes, ready to be drawn.

    Args:
        kind: one of `KINDS`.
        seed: of parameters and inputs, 0 to 2^31 - 1.
        length: T, 2 to 8 (the encoder-decoder reads T and writes T).

    Returns:
        Nodes and links in the order in which a machine computes them, and the parameters, that
        another program can compute the same.

    Raises:
        InputError: with the name of the field.
    """
    kind = choice("kind", kind, KINDS)
    T = integer("length", length, 2, MOST_COLUMNS)
    rng = np.random.default_rng(integer("seed", seed, 0, 2**31 - 1))
    parts = {"bidirectional": ("forward", "backward"), "encoder-decoder": ("encoder", "decoder")}
    cells = {
        part: random_params("rnn", SIZE, SIZE, SIZE, rng, SCALE)
        for part in parts.get(kind, ("forward",))
    }
    xs = np.round(rng.uniform(-1, 1, (T, SIZE)), 2)  # (T, 2)
    picture = Picture()
    if kind == "one-to-many":
        generate(picture, "forward", cells["forward"], xs[0], np.zeros(SIZE), T)
    elif kind == "bidirectional":
        read_both_ways(picture, cells, xs)
    elif kind == "encoder-decoder":
        h, name = read(picture, "encoder", cells["encoder"], xs, says=[])
        generate(picture, "decoder", cells["decoder"], np.zeros(SIZE), h, T, after=name)
    else:
        says = [T - 1] if kind == "many-to-one" else list(range(T))
        read(picture, "forward", cells["forward"], xs, says)
    steps = 1 + max(node["at"] for node in picture.nodes)
    shown = {p: {name: v.tolist() for name, v in params.items()} for p, params in cells.items()}
    return {"nodes": picture.nodes, "links": picture.links, "steps": steps, "cells": shown}


def read(
    picture: Picture, part: str, params: Params, xs: np.ndarray, says: list[int]
) -> tuple[np.ndarray, str | None]:
    """Read `xs` (T, 2), with outputs in the columns `says`; return the last state and its node."""
    trace = rnn.run("rnn", params, xs, {"h": np.zeros(SIZE)})
    last = None
    for t, x in enumerate(xs):
        h = picture.node("h", part, t, trace["h"][t], t)
        picture.link(picture.node("x", part, t, x, t), h)
        picture.link(last, h)
        if t in says:
            picture.link(h, picture.node("y", part, t, trace["y"][t], t))
        last = h
    return trace["h"][-1], last


def generate(
    picture: Picture,
    part: str,
    params: Params,
    x: np.ndarray,
    h: np.ndarray,
    length: int,
    after: str | None = None,
) -> None:
    """Generate from input `x` and state `h`: each output is the next input; `after` is h's node."""
    first = length if after else 0  # a decoder stands to the right of its encoder
    last, spoken = after, None
    for t in range(first, first + length):
        now = rnn.step("rnn", params, x, {"h": h})
        heard = picture.node("x", part, t, x, t)
        picture.link(spoken, heard)
        state = picture.node("h", part, t, now["h"], t)
        picture.link(heard, state)
        picture.link(last, state)
        spoken = picture.node("y", part, t, now["y"], t)
        picture.link(state, spoken)
        x, h, last = now["y"], now["h"], state


def read_both_ways(picture: Picture, cells: dict[str, Params], xs: np.ndarray) -> None:
    """Read `xs` forwards, then backwards; o_t = V_f h_t + c_f + V_b g_t + c_b joins both states."""
    T, zero = len(xs), {"h": np.zeros(SIZE)}
    forward = rnn.run("rnn", cells["forward"], xs, zero)
    backward = rnn.run("rnn", cells["backward"], xs[::-1], zero)
    o = forward["o"] + backward["o"][::-1]  # (T, 2)
    y = np.exp(o) / np.exp(o).sum(axis=1, keepdims=True)
    inputs = [picture.node("x", "forward", t, xs[t], t) for t in range(T)]
    last, states = None, []
    for t in range(T):
        states.append(picture.node("h", "forward", t, forward["h"][t], t))
        picture.link(inputs[t], states[t])
        picture.link(last, states[t])
        last = states[t]
    last = None
    for k, t in enumerate(reversed(range(T))):
        back = picture.node("h", "backward", t, backward["h"][k], T + k)
        picture.link(inputs[t], back)
        picture.link(last, back)
        last = back
        said = picture.node("y", "forward", t, y[t], T + k)  # both states of t are known now
        picture.link(states[t], said)
        picture.link(back, said)


def convolve_layers(xs: Any, weights: Any, dilations: Any, kernel: int = 2) -> list[np.ndarray]:
    """Run causal dilated convolutions over a sequence of numbers.

    Args:
        xs: (T), T from 1 to 32.
        weights: (layers, kernel), 1 to 5 layers; weights[l][0] meets the newest value.
        dilations: (layers), whole numbers from 1 to 16.
        kernel: 2 to 4.

    Returns:
        Each layer's output (T,), the lowest first.

    Raises:
        InputError: with the name of the field.
    """
    kernel = integer("kernel", kernel, *KERNELS)
    steps = check_dilations(dilations)
    layer = array("xs", xs, ((1, LONGEST),))  # (T,)
    rows = array("weights", weights, (len(steps), kernel))
    layers = []
    for w, d in zip(rows, steps):
        layer = convolve(layer, w, d)
        layers.append(layer)
    return layers


def convolve(x: np.ndarray, w: np.ndarray, d: int) -> np.ndarray:
    """Compute the dilated convolution sum_j w[j] x[t - j d] for each t, (T,), zeros before x."""
    out = np.zeros_like(x)
    for t in range(len(x)):
        for j in range(len(w)):
            if t - j * d >= 0:
                out[t] += w[j] * x[t - j * d]
    return out


def receptive_field(kernel: int, dilations: Any) -> list[int]:
    """Count the inputs that an output of each layer sees: 1 + (kernel-1) (d_1 + ... + d_l)."""
    kernel = integer("kernel", kernel, *KERNELS)
    return [1 + (kernel - 1) * int(total) for total in np.cumsum(check_dilations(dilations))]


def reach(index: int, kernel: int, dilations: Any) -> list[list[int]]:
    """List the places of each layer that the last layer's output at `index` (from 0) depends on.

    The inputs come first, [index] itself last; for what reaches a lower layer, pass only the
    dilations up to it. Places before the first input, which hold zeros, are left out.
    """
    kernel = integer("kernel", kernel, *KERNELS)
    layers = [[integer("index", index, 0, LONGEST - 1)]]
    for d in reversed(check_dilations(dilations)):
        places = {t - j * d for t in layers[0] for j in range(kernel) if t - j * d >= 0}
        layers.insert(0, sorted(places))
    return layers


def check_dilations(dilations: Any) -> list[int]:
    """Check the dilations, one for each layer."""
    if not isinstance(dilations, (list, tuple, np.ndarray)):
        allowed = f"1-{MOST_LAYERS} whole numbers"
        raise InputError("list", field="dilations", got=dilations, allowed=allowed)
    if not 1 <= len(dilations) <= MOST_LAYERS:
        allowed = f"1-{MOST_LAYERS}"
        raise InputError("shape", field="dilations", got=len(dilations), allowed=allowed)
    return [integer(f"dilations[{l}]", d, 1, MOST_DILATION) for l, d in enumerate(dilations)]
