"""RNN step calculator: every number of a recurrent net, forward, backward and over long times."""

from __future__ import annotations

from apps.lessons.rnn.backward import backward
from apps.lessons.rnn.dilated import dilated
from apps.lessons.rnn.gradients import gradients
from apps.lessons.rnn.inputs import Inputs
from apps.lessons.rnn.learn import learn
from apps.lessons.rnn.shapes import shapes
from apps.lessons.rnn.slide import slide
from apps.lessons.rnn.step import step
from apps.stage import Tab, View
from apps.stage.server import alone
from core.models.rnn import bptt, cells, learning, sequences, vanishing
from core.models.rounding import dot

# ---- the API


def rnn_forward(cell: str, params: dict, xs: list, h0: list | dict | None = None) -> dict:
    """Compute all states and outputs of a small recurrent net in float64.

    Args:
        cell: "rnn" (tanh), "relu", "lstm" or "gru".
        params: {"W" (H x H), "U" (H x D), "V" (O x H), "b" (H), "c" (O)} for rnn and relu, b and c
            optional; {"weight_ih", "weight_hh", "bias_ih", "bias_hh", "V", "c"} for lstm and gru in
            the layout of torch.nn.LSTMCell and GRUCell. H, D, O up to 8.
        xs: inputs, T x D, T up to 32.
        h0: first state (H), null for zeros; for lstm {"h": ..., "c": ...}.

    Returns:
        "h" (T x H), "o" (T x O), "y" (T x O), and for gated cells every gate as "gate_i" ... and
        "cell".
    """
    trace = cells.forward(cell, params, xs, h0)
    keep = ("h", "o", "y", "cell")
    return {k: v for k, v in trace.items() if k in keep or k.startswith("gate_")}


def rnn_backward(
    cell: str,
    params: dict,
    xs: list,
    h0: list | dict | None,
    targets: list,
    truncate: int | None = None,
) -> dict:
    """Compute the summed cross-entropy and all its gradients by backpropagation through time.

    Args:
        cell: as in rnn_forward, like params, xs and h0.
        params: see rnn_forward.
        xs: see rnn_forward.
        h0: see rnn_forward.
        targets: a class index from 0 for each step, null where a step has none.
        truncate: cut the gradient's way between pieces of this many steps; null for none.

    Returns:
        "loss" in nats, "losses" (T), "grads" a gradient for each parameter and h0, "dh" (T x H).
    """
    out = bptt.backward(cell, params, xs, h0, targets, truncate)
    return {k: out[k] for k in ("loss", "losses", "grads", "dh")}


# ---- the tab


TAB = Tab(
    name="rnn",
    inputs=Inputs,
    views={
        "step": View(step, lambda inputs: (cells.STEPS[inputs.cell], cells.output, dot)),
        "slide": View(slide, (cells.rnn_step, cells.output, dot)),
        "backward": View(
            backward,
            lambda inputs: (
                getattr(bptt, f"{inputs.cell}_back"),
                bptt.step_back,
                bptt.walk_back,
                bptt.cut_links,
            ),
        ),
        "learn": View(learn, (learning.gradients, learning.train, learning.adam_step)),
        "gradients": View(
            gradients,
            (
                vanishing.rnn_jacobian,
                vanishing.lstm_jacobian,
                vanishing.jacobian_norms,
                bptt.clip,
            ),
        ),
        "shapes": View(shapes, (sequences.unroll, sequences.read, sequences.generate)),
        "dilated": View(dilated, (sequences.convolve, sequences.receptive_field, sequences.reach)),
    },
    endpoints=(rnn_forward, rnn_backward),
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
