"""One step of a gated cell: the gates at a glance, then each with its numbers."""

from __future__ import annotations

import numpy as np

from apps.lessons.rnn.case import Case
from apps.lessons.rnn.equation import Step, index, product_row, step_facts
from apps.stage import board as b
from apps.stage.contract import Frame
from core.models.rnn.cells import GATES
from core.models.rnn.rnn_traces import Trace


def gate_frames(case: Case, trace: Trace, detail: str) -> list[Frame]:
    """Return for each time an overview of the gates, and with detail "line" each gate's
    equation.
    """
    frames = []
    for t in range(len(case["xs"])):
        s = Step(case, trace, t)
        facts = step_facts(case, trace, t)
        frames.append(b.frame(gates(s), b.word("at_time", t=str(t + 1)), facts))
        if detail == "line":
            for k, letter in enumerate(GATES[case["cell"]]):
                name = b.word(f"gate_{letter}", t=str(t + 1))
                for view in (gate_equation(s, k, letter), gate_lines(s, k, letter)):
                    frames.append(b.frame(view, name, facts))
            frames.append(b.frame(mixing_lines(s), b.word("gate_mix", t=str(t + 1)), facts))
    return frames


def gate_name(letter: str) -> b.Label:
    """Name a gate; g and n are candidates, not gates."""
    return b.word("candidate" if letter in "gn" else "gate", name=letter)


def gates(s: Step) -> b.Widget:
    """Draw one gated step at a glance: its inputs, the gates, the new memory, the output."""
    lstm = s.case["cell"] == "lstm"
    come = [s.before(), *([s.cell_before()] if lstm else []), s.input()]
    inner = [b.matrix(gate_name(k), s.now[f"gate_{k}"], "grad") for k in GATES[s.case["cell"]]]
    out = [*([s.vector("c", "cell", "hidden")] if lstm else []), s.vector("h", "h", "hidden")]
    first = b.row(*come, b.text("→"), *inner, b.text("→"), *out, gap="mid")
    logits = b.matrix(b.word("logits", t=str(s.n)), s.now["o"], "made")
    said = b.row(logits, b.text("→ softmax →"), s.vector("ŷ", "y", "made"))
    return b.column(first, b.row(asked_lines(s), said, gap="wide"))


def asked_lines(s: Step, most: int = 3) -> b.Widget:
    """Write out how the gates make the new state; a "your turn" hides what each line comes to."""
    units = range(min(len(s.now["h"]), most))
    if s.case["cell"] == "gru":
        rows = [line for i in units for line in gru_rows(s, i)]
        return b.lines(b.word("mixing"), rows, key=f"h{s.n}")
    memory = [lstm_rows(s, i)[0] for i in units]
    states = [
        [
            f"{s.sym('h')}{index(i)} = o·tanh({s.sym('c')}{index(i)}) = ",
            b.num(s.now["gate_o"][i], "grad"),
            f"·tanh({s.sym('c')}{index(i)}) = ",
            b.num(s.now["h"][i], "hidden"),
        ]
        for i in units
    ]
    return b.column(
        b.lines(b.word("mixing"), memory, key=f"c{s.n}"), b.lines("", states, key=f"h{s.n}")
    )


def mixing_lines(s: Step, most: int = 8) -> b.Widget:
    """Write out how the gates make the new state, unit by unit, at most so many units."""
    units = len(s.now["h"])
    rows_of = lstm_rows if s.case["cell"] == "lstm" else gru_rows
    rows = [line for i in range(min(units, most)) for line in rows_of(s, i)]
    if units > most:
        rows.append([f"⋮ ({units})"])
    return b.lines(b.word("mixing"), rows)


def lstm_rows(s: Step, i: int) -> list[list]:
    """Return the rows of the LSTM's memory and state, unit i."""
    now = s.now
    memory = [
        f"{s.sym('c')}{index(i)} = f·{s.sym('c', 1)} + i·g = ",
        b.num(now["gate_f"][i], "grad"),
        "·",
        *b.paren(now["cell_prev"][i], "hidden"),
        " + ",
        b.num(now["gate_i"][i], "grad"),
        "·",
        *b.paren(now["gate_g"][i], "grad"),
        " = ",
        b.num(now["cell"][i], "hidden"),
    ]
    state = [
        f"{s.sym('h')}{index(i)} = o·tanh({s.sym('c')}) = ",
        b.num(now["gate_o"][i], "grad"),
        "·",
        *b.paren(now["tanh_cell"][i], "hidden"),
        " = ",
        b.num(now["h"][i], "hidden"),
    ]
    return [memory, state]


def gru_rows(s: Step, i: int) -> list[list]:
    """Return the row of the GRU's state, unit i."""
    z, n, h = s.now["gate_z"][i], s.now["gate_n"][i], s.now["h_prev"][i]
    return [
        [
            f"{s.sym('h')}{index(i)} = (1−z)·n + z·{s.sym('h', 1)} = (1 − ",
            b.num(z, "grad"),
            ")·",
            *b.paren(n, "grad"),
            " + ",
            b.num(z, "grad"),
            "·",
            *b.paren(h, "hidden"),
            " = ",
            b.num(s.now["h"][i], "hidden"),
        ]
    ]


def gate_equation(s: Step, k: int, letter: str) -> b.Widget:
    """Return one gate's equation, its block of torch's stacked weights in place."""
    H = len(s.now["h"])
    block = slice(k * H, (k + 1) * H)

    def piece(name: str, label: str, role: str) -> b.Widget:
        values = s.params.get(name, np.zeros(s.params["weight_hh"].shape[0]))
        return b.matrix(label, values[block], role, edit=name, first=k * H)

    reset = s.case["cell"] == "gru" and letter == "n"
    f = "tanh" if letter in "gn" else "σ"
    bias_x, bias_h = (
        piece("bias_ih", f"bx_{letter}", "grad"),
        piece("bias_hh", f"bh_{letter}", "grad"),
    )
    open_, close = (
        ([b.text("+"), s.vector("r", "gate_r", "grad"), b.text("⊙ (")], [b.text(")")])
        if reset
        else ([b.text("+")], [])
    )
    return b.column(
        b.row(
            b.matrix(gate_name(letter), s.now[f"gate_{letter}"], "grad"),
            b.text(f"= {f} ("),
            piece("weight_ih", f"U_{letter}", "real"),
            s.input(),
            b.text("+"),
            bias_x,
        ),
        b.row(
            *open_,
            piece("weight_hh", f"W_{letter}", "hidden"),
            s.before(),
            b.text("+"),
            bias_h,
            *close,
            b.text(")"),
        ),
    )


def gate_lines(s: Step, k: int, letter: str) -> b.Widget:
    """Write one gate out, unit by unit."""
    H = len(s.now["h"])
    return b.lines("", [row for i in range(H) for row in gate_rows(s, k * H + i, i, letter)])


def gate_rows(s: Step, r: int, i: int, letter: str) -> list[list]:
    """Return the rows of a gate's unit i: both sides, and the gate; r is its row of the weights."""
    now, p, zeros = s.now, s.params, np.zeros(len(s.params["weight_hh"]))
    from_x, from_h = now[f"x_{letter}"][i], now[f"h_{letter}"][i]
    f = "tanh" if letter in "gn" else "σ"
    resets = s.case["cell"] == "gru" and letter == "n"
    reset = [b.num(now["gate_r"][i], "grad"), "·"] if resets else []
    name_x = f"(U_{letter} {s.sym('x')} + bx_{letter}){index(i)}"
    name_h = f"(W_{letter} {s.sym('h', 1)} + bh_{letter}){index(i)}"
    bx, bh = p.get("bias_ih", zeros)[r], p.get("bias_hh", zeros)[r]
    return [
        product_row(name_x, p["weight_ih"][r], s.x, from_x, "real", bx),
        product_row(name_h, p["weight_hh"][r], now["h_prev"], from_h, "hidden", bh),
        [
            f"{letter}{index(i)} = {f}(",
            *b.paren(from_x, "real"),
            " + ",
            *reset,
            *b.paren(from_h, "hidden"),
            ") = ",
            f"{f}(",
            b.num(now[f"a_{letter}"][i]),
            ") = ",
            b.num(now[f"gate_{letter}"][i], "grad"),
        ],
    ]
