"""Ready cases for the recurrent cells, as nested lists.

`slide` is a worked example from a seminar; the others are made from a seed, with numbers short
enough to copy by hand.
"""

from __future__ import annotations

import numpy as np

from core.inputs import choice, integer
from core.models.rnn.cells import CELLS, GATES, MOST_STEPS, MOST_UNITS
from core.models.rnn.rnn_traces import Example, Params

SLIDE_PARAMS = {
    "W": [[-0.011, 0.13], [-0.133, 0.014]],
    "U": [[0.094, -0.02, 0.135], [0.135, -0.069, -0.009]],
    "V": [[-0.141, 0.038], [0.055, -0.105], [-0.132, 0.18]],
}
# The slide writes one input and computes with another.
SLIDE_X = {"used": [1.0, 0.0, 0.0], "written": [1.0, 1.0, 0.0]}
# What the slide prints, misprints and all: h is the pre-activation, the last entry of o should be
# 0.012.
SLIDE_PRINTS = {
    "x": [1.0, 1.0, 0.0],
    "Ux": [0.094, 0.135],
    "h": [0.094, 0.135],
    "o": [-0.008, -0.009, 0.006],
    "y": [0.332, 0.332, 0.337],
}
LETTERS = ("h", "e", "l", "o")
BLANK = 0  # in the copy task class 0 says nothing


def slide(x: str = "used") -> Example:
    """Set up the slide's single step; `x` is "used" ([1, 0, 0]) or "written" ([1, 1, 0]).

    The slide names no target; ours is class 2, its largest output.
    """
    x1 = SLIDE_X[choice("x", x, tuple(SLIDE_X))]
    params = {name: [list(row) for row in rows] for name, rows in SLIDE_PARAMS.items()}
    return {"cell": "rnn", "params": params, "xs": [list(x1)], "h0": [0.0, 0.0], "targets": [2]}


def hello(cell: str = "rnn", seed: int = 0) -> Example:
    """Set up "hell" -> "ello" in one-hot letters h e l o, H = 3, with untrained parameters."""
    choice("cell", cell, CELLS)
    classes = [LETTERS.index(letter) for letter in "hello"]
    params = random_params(cell, 3, 4, 4, _rng(seed))
    case = _case(cell, params, np.eye(4)[classes[:-1]], classes[1:])
    return {**case, "vocabulary": list(LETTERS)}


def copy_task(cell: str = "rnn", seed: int = 0, symbols: int = 3, length: int = 8) -> Example:
    """Set up the copy task: a symbol at the first step, then blanks; the last step must name it.

    D = O = symbols + 1, class 0 is the blank; H = 4; the loss counts the last step only.
    """
    choice("cell", cell, CELLS)
    symbols = integer("symbols", symbols, 2, MOST_UNITS - 1)
    length = integer("length", length, 2, MOST_STEPS)
    rng = _rng(seed)
    symbol = int(rng.integers(1, symbols + 1))
    classes = [symbol] + [BLANK] * (length - 1)
    params = random_params(cell, 4, symbols + 1, symbols + 1, rng)
    targets = [None] * (length - 1) + [symbol]
    names = ["·"] + [chr(ord("A") + k) for k in range(symbols)]
    return {**_case(cell, params, np.eye(symbols + 1)[classes], targets), "vocabulary": names}


def random_case(
    cell: str, hidden: int, inputs: int, outputs: int, length: int, seed: int = 0
) -> Example:
    """Draw a case with H = hidden, D = inputs, O = outputs (1 to 8) and T = length (1 to 32)."""
    choice("cell", cell, CELLS)
    sizes = {"hidden": hidden, "inputs": inputs, "outputs": outputs}
    H, D, O = (integer(name, n, 1, MOST_UNITS) for name, n in sizes.items())
    T = integer("length", length, 1, MOST_STEPS)
    rng = _rng(seed)
    params = random_params(cell, H, D, O, rng)
    xs = np.round(rng.uniform(-1, 1, (T, D)), 2)
    return _case(cell, params, xs, [int(k) for k in rng.integers(0, O, T)])


def random_params(
    cell: str, H: int, D: int, O: int, rng: np.random.Generator, scale: float = 1.0
) -> Params:
    """Draw every parameter uniformly from ±scale/sqrt(H), as torch does, to 3 decimals.

    So a person can copy them.
    """
    if cell in GATES:
        rows = len(GATES[cell]) * H
        shapes = {
            "weight_ih": (rows, D),
            "weight_hh": (rows, H),
            "bias_ih": (rows,),
            "bias_hh": (rows,),
        }
    else:
        shapes = {"U": (H, D), "W": (H, H), "b": (H,)}
    shapes |= {"V": (O, H), "c": (O,)}
    bound = scale / np.sqrt(H)
    return {
        name: np.round(rng.uniform(-bound, bound, shape), 3) + 0.0 for name, shape in shapes.items()
    }


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(integer("seed", seed, 0, 2**31 - 1))


def _case(cell: str, params: Params, xs: np.ndarray, targets: list) -> Example:
    lists = {name: value.tolist() for name, value in params.items()}
    return {"cell": cell, "params": lists, "xs": xs.tolist(), "h0": None, "targets": targets}
