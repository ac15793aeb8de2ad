"""One step of a gated cell: the gates at a glance, then each with its numbers."""

from __future__ import annotations

import numpy as np

from apps.lessons.rnn.case import Case
from apps.lessons.rnn.equation import Step, index, product_row, step_facts
from apps.stage import board as b
from apps.stage.contract import Frame
from core.models.rnn.cells import GATES
from core.models.rnn.traces import Trace


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
    """Return what a gate is called; g and n are candidates, not gates."""
    return b.word("candidate" if letter in "gn" else "gate", name=letter)


def gates(s: Step) -> b.Widget:
    """Return one gated step at a glance: what comes in, the gates, the new memory, the output."""
    lstm = s.case["cell"] == "lstm"
    come = [s.before(), *([s.cell_before()] if lstm else []), s.input()]
    inner = [b.matrix(gate_name(k), s.now[f"gate_{k}"], "grad") for k in GATES[s.case["cell"]]]
    out = [*([s.vector("c", "cell", "hidden")] if lstm else []), s.vector("h", "h", "hidden")]
    first = b.row(*come, b.text("→"), *inner, b.text("→"), *out, gap="mid")
    said = b.row(s.vector("o", "o", "made"), b.text("→ softmax →"), s.vector("ŷ", "y", "made"))
    return b.column(first, b.row(mixing_lines(s, most=3), said, gap="wide"))


def mixing_lines(s: Step, most: int = 8) -> b.Widget:
    """Return how the gates make the new state, unit by unit, at most so many units."""
    now, rows = s.now, []
    units = len(now["h"])
    for i in range(min(units, most)):
        if s.case["cell"] == "lstm":
            f, c, g_i, g = now["gate_f"][i], now["cell_prev"][i], now["gate_i"][i], now["gate_g"][i]
            said = f"{s.sym('c')}{index(i)} = f·{s.sym('c', 1)} + i·g = "
            kept = [b.num(f, "grad"), "·", *b.signed(c, "hidden")]
            added = [b.num(g_i, "grad"), "·", *b.signed(g, "grad")]
            rows.append([said, *kept, " + ", *added, " = ", b.num(now["cell"][i], "hidden")])
            rows.append(
                [
                    f"{s.sym('h')}{index(i)} = o·tanh({s.sym('c')}) = ",
                    b.num(now["gate_o"][i], "grad"),
                    "·",
                    *b.signed(now["tanh_cell"][i], "hidden"),
                    " = ",
                    b.num(now["h"][i], "hidden"),
                ]
            )
        else:
            z, n, h = now["gate_z"][i], now["gate_n"][i], now["h_prev"][i]
            said = f"{s.sym('h')}{index(i)} = (1−z)·n + z·{s.sym('h', 1)} = (1 − "
            added = [b.num(z, "grad"), ")·", *b.signed(n, "grad")]
            kept = [b.num(z, "grad"), "·", *b.signed(h, "hidden")]
            rows.append([said, *added, " + ", *kept, " = ", b.num(now["h"][i], "hidden")])
    if units > most:
        rows.append([f"⋮ ({units})"])
    return b.lines(b.word("mixing"), rows)


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
    """Return one gate written out, unit by unit."""
    H = len(s.now["h"])
    zeros = np.zeros(s.params["weight_hh"].shape[0])
    bx, bh = s.params.get("bias_ih", zeros), s.params.get("bias_hh", zeros)
    f = "tanh" if letter in "gn" else "σ"
    rows: list = []
    for i in range(H):
        r = k * H + i
        rows.append(
            product_row(
                f"(U_{letter} {s.sym('x')} + bx_{letter}){index(i)}",
                s.params["weight_ih"][r],
                s.x,
                s.now[f"x_{letter}"][i],
                "real",
                bx[r],
            )
        )
        rows.append(
            product_row(
                f"(W_{letter} {s.sym('h', 1)} + bh_{letter}){index(i)}",
                s.params["weight_hh"][r],
                s.now["h_prev"],
                s.now[f"h_{letter}"][i],
                "hidden",
                bh[r],
            )
        )
        reset = (
            [b.num(s.now["gate_r"][i], "grad"), "·"]
            if s.case["cell"] == "gru" and letter == "n"
            else []
        )
        rows.append(
            [
                f"{letter}{index(i)} = {f}(",
                *b.signed(s.now[f"x_{letter}"][i], "real"),
                " + ",
                *reset,
                *b.signed(s.now[f"h_{letter}"][i], "hidden"),
                ") = ",
                f"{f}(",
                b.num(s.now[f"a_{letter}"][i]),
                ") = ",
                b.num(s.now[f"gate_{letter}"][i], "grad"),
            ]
        )
    return b.lines("", rows)
