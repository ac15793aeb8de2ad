"""The traces of core.models.rnn: every number of a run, with its shape.

T steps, H hidden units, D entries of x, O of y. All numbers are float64. `Moment` is a trace at one
time: the same names, each without its T.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from typing_extensions import NotRequired, TypedDict

Params = dict[str, np.ndarray]  # by the names of cells.forward
State = dict[str, np.ndarray]  # "h" (H,); for the LSTM also "cell" (H,)
Moment = dict[str, np.ndarray]  # by the names of Trace, without T; for the way back also "x" (D,)


class Trace(TypedDict):
    """A run of a cell forward in time."""

    h_prev: np.ndarray  # (T, H), what each step started from
    h: np.ndarray  # (T, H)
    o: np.ndarray  # (T, O)
    shift: np.ndarray  # (T,), taken off o before the exponential
    e: np.ndarray  # (T, O), exp(o − shift)
    y: np.ndarray  # (T, O), a row sums to 1
    # the plain cells, "rnn" and "relu"
    Wh: NotRequired[np.ndarray]  # (T, H)
    Ux: NotRequired[np.ndarray]  # (T, H)
    a: NotRequired[np.ndarray]  # (T, H), before the squashing
    # the gated cells: i f g o of the LSTM, r z n of the GRU
    x_i: NotRequired[np.ndarray]  # (T, H), U_k x_t + bx_k
    x_f: NotRequired[np.ndarray]  # (T, H)
    x_g: NotRequired[np.ndarray]  # (T, H)
    x_o: NotRequired[np.ndarray]  # (T, H)
    x_r: NotRequired[np.ndarray]  # (T, H)
    x_z: NotRequired[np.ndarray]  # (T, H)
    x_n: NotRequired[np.ndarray]  # (T, H)
    h_i: NotRequired[np.ndarray]  # (T, H), W_k h_{t-1} + bh_k
    h_f: NotRequired[np.ndarray]  # (T, H)
    h_g: NotRequired[np.ndarray]  # (T, H)
    h_o: NotRequired[np.ndarray]  # (T, H)
    h_r: NotRequired[np.ndarray]  # (T, H)
    h_z: NotRequired[np.ndarray]  # (T, H)
    h_n: NotRequired[np.ndarray]  # (T, H)
    a_i: NotRequired[np.ndarray]  # (T, H), before the squashing
    a_f: NotRequired[np.ndarray]  # (T, H)
    a_g: NotRequired[np.ndarray]  # (T, H)
    a_o: NotRequired[np.ndarray]  # (T, H)
    a_r: NotRequired[np.ndarray]  # (T, H)
    a_z: NotRequired[np.ndarray]  # (T, H)
    a_n: NotRequired[np.ndarray]  # (T, H)
    gate_i: NotRequired[np.ndarray]  # (T, H), the LSTM's
    gate_f: NotRequired[np.ndarray]  # (T, H)
    gate_g: NotRequired[np.ndarray]  # (T, H)
    gate_o: NotRequired[np.ndarray]  # (T, H)
    cell: NotRequired[np.ndarray]  # (T, H), c_t
    cell_prev: NotRequired[np.ndarray]  # (T, H)
    tanh_cell: NotRequired[np.ndarray]  # (T, H)
    gate_r: NotRequired[np.ndarray]  # (T, H), the GRU's
    gate_z: NotRequired[np.ndarray]  # (T, H)
    gate_n: NotRequired[np.ndarray]  # (T, H)


class StepBack(TypedDict):
    """One step of the way back."""

    later: State  # the part of dL/dh_t (and dL/dc_t) that came back from step t+1
    total: State  # all of dL/dh_t (and dL/dc_t)
    grads: Params  # this step's share of each parameter's gradient
    earlier: State  # what goes on to step t-1


class Backward(TypedDict):
    """A loss and all its gradients."""

    loss: float  # nats, summed over the steps
    losses: np.ndarray  # (T,), 0 for a step without a target
    grads: Params  # one array for each parameter, h0 (H,), and for the LSTM c0 (H,)
    by_step: Params  # each step's share (T, ...), whose sum over time is grads
    do: np.ndarray  # (T, O), dL/do_t
    dh: np.ndarray  # (T, H), all of dL/dh_t
    dh_later: np.ndarray  # (T, H), the part of dh that came back from step t+1
    dc: NotRequired[np.ndarray]  # (T, H), all of dL/dc_t of the LSTM
    cut: list[int]  # every t, counted from 1, whose link h_{t-1} -> h_t is cut


class StateNorms(TypedDict):
    """The spectral norms of how the last state depends on each earlier one; the last is 1."""

    h: np.ndarray  # (T,), of dh_T/dh_t
    c: NotRequired[np.ndarray]  # (T,), of dc_T/dc_t of the LSTM


class CellNorms(TypedDict):
    """The norms of all cells on one input sequence, with that sequence and the parameters."""

    t: np.ndarray  # (T,), 1 to T
    linear: np.ndarray  # (T,), rho^(T-t), as a linear cell with a normal matrix has it
    rnn: np.ndarray  # (T,), of dh_T/dh_t
    relu: np.ndarray  # (T,)
    lstm: np.ndarray  # (T,)
    lstm_cell: np.ndarray  # (T,), of dc_T/dc_t
    gru: np.ndarray  # (T,)
    xs: np.ndarray  # (T, 4)
    params: dict[str, Params]  # a cell


class GradientLengths(TypedDict):
    """The length of the whole gradient over the spectral radius."""

    radius: np.ndarray  # (R,)
    before: np.ndarray  # (R,), before clipping
    after: np.ndarray  # (R,)


class Example(TypedDict):
    """A ready case, nested lists of numbers."""

    cell: str  # one of cells.CELLS
    params: dict[str, list]  # by the names of cells.forward
    xs: list[list[float]]  # T x D
    h0: list[float] | None  # H; None for zeros
    targets: list[Any]  # T: a class, or None for a step without a loss
    vocabulary: NotRequired[list[str]]  # the classes' names


class Task(TypedDict):
    """A batch of B sequences that a cell is trained on."""

    xs: np.ndarray  # (T, B, D)
    targets: list[list[int] | None]  # T: a class a sequence, or None for a step without a loss
    names: list[str]  # the classes' names


class Film(TypedDict):
    """A training, with the moments of it that were kept."""

    at: np.ndarray  # (K,), after how many updates each moment is
    losses: np.ndarray  # (updates + 1,), nats, before each update and after the last
    params: list[Params]  # K, of each moment
    y: np.ndarray  # (K, T, B, O), the probabilities of each moment


class Node(TypedDict):
    """A number of an unrolled shape, with its place in the drawing."""

    id: str  # as "encoder-h3"
    kind: Literal["x", "h", "y"]
    part: str  # "forward", "backward", "encoder" or "decoder"
    column: int  # time, from 0
    row: int  # 0 input, 1 hidden, 2 hidden of the backward cell, 3 output
    value: list[float]  # 2
    at: int  # the step, from 0, in which it gets known


Link = TypedDict("Link", {"from": str, "to": str})  # ids of nodes


class Unrolled(TypedDict):
    """A shape of sequence problems, ready to be drawn."""

    nodes: list[Node]
    links: list[Link]
    steps: int  # how many, one after the other
    cells: dict[str, dict[str, list]]  # part -> params
