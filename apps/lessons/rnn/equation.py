"""One recurrent step of the plain cell written out, and the lines that all cells' steps share."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.rnn.case import Case
from apps.stage import board as b
from apps.stage.contract import Fact, Frame
from core.models.rnn import cells
from core.models.rnn.rnn_traces import Trace


class Step:
    """What every line of one step needs: the case, the trace and the time t (from 0)."""

    def __init__(self, case: Case, trace: Trace, t: int):
        self.case, self.t = case, t
        self.now = cells.moment_at(trace, t)
        self.x = np.asarray(case["xs"][t], dtype=float)
        self.params = {k: np.asarray(v, dtype=float) for k, v in case["params"].items()}
        self.n = t + 1

    def sym(self, name: str, back: int = 0) -> str:
        """Return a symbol at this time, or `back` steps before."""
        return b.sub(name, self.n - back)

    def vector(self, name: str, key: str, role: str, back: int = 0) -> b.Widget:
        """Return a trace entry as a column."""
        return b.matrix(self.sym(name, back), self.now[key], role, key=f"{name}{self.n - back}")

    def before(self) -> b.Widget:
        """Return h_{t-1}; the very first one can be edited."""
        at = ["h"] if self.case["cell"] == "lstm" else []
        edit = "h0" if self.t == 0 else None
        return b.matrix(self.sym("h", 1), self.now["h_prev"], "hidden", edit=edit, at=at)

    def cell_before(self) -> b.Widget:
        """Return c_{t-1}; the very first one can be edited."""
        edit = "h0" if self.t == 0 else None
        return b.matrix(self.sym("c", 1), self.now["cell_prev"], "hidden", edit=edit, at=["c"])

    def input(self) -> b.Widget:
        """Return x_t, which can be edited."""
        return b.matrix(self.sym("x"), self.x, "real", edit="xs", at=[self.t])

    def has(self, *biases: str) -> bool:
        """Return whether to show these biases: where they are asked for or not zero."""
        return self.case.get("bias") or any(np.any(self.params.get(name, 0)) for name in biases)


def equation(s: Step) -> b.Widget:
    """Return h = tanh(W h + U x + b) and o, y under it, with the numbers in place."""
    return b.column(state(s), readout(s))


def state(s: Step) -> b.Widget:
    """Return h = tanh(W h + U x + b)."""
    bias = [b.text("+"), b.matrix("b", s.params["b"], "grad", edit="b")] if s.has("b") else []
    squash = "tanh (" if s.case["cell"] == "rnn" else "max(0,"
    return b.row(
        s.vector("h", "h", "hidden"),
        b.text(f"= {squash}"),
        b.matrix("W", s.params["W"], "hidden", edit="W"),
        s.before(),
        b.text("+"),
        b.matrix("U", s.params["U"], "real", edit="U"),
        s.input(),
        *bias,
        b.text(")"),
    )


def readout(s: Step) -> b.Widget:
    """Return o = V h + c and y = softmax(o)."""
    bias = [b.text("+"), b.matrix("c", s.params["c"], "grad", edit="c")] if s.has("c") else []
    return b.row(
        s.vector("o", "o", "made"),
        b.text("="),
        b.matrix("V", s.params["V"], "made", edit="V"),
        s.vector("h", "h", "hidden"),
        *bias,
        b.text("→ softmax →"),
        s.vector("ŷ", "y", "made"),
    )


def part_lines(s: Step, part: str) -> b.Widget:
    """Write every product and sum of one part of the step out, a row a line."""
    return b.lines(b.word(f"part_{part}", t=str(s.n)), PARTS[part](s))


def input_rows(s: Step) -> list[list]:
    """Return the rows of U x."""
    return [
        product_row(f"(U {s.sym('x')}){index(i)}", w, s.x, s.now["Ux"][i], "real")
        for i, w in enumerate(s.params["U"])
    ]


def recurrent_rows(s: Step) -> list[list]:
    """Return the rows of W h."""
    return [
        product_row(f"(W {s.sym('h', 1)}){index(i)}", w, s.now["h_prev"], s.now["Wh"][i], "hidden")
        for i, w in enumerate(s.params["W"])
    ]


def sum_rows(s: Step) -> list[list]:
    """Return the rows of a = W h + U x + b."""
    Wh, Ux, bias = s.now["Wh"], s.now["Ux"], s.params.get("b", np.zeros(99))
    return [
        [f"a{index(i)} = ", *sum_tokens([Wh[i], Ux[i], bias[i]]), " = ", b.num(a, "hidden")]
        for i, a in enumerate(s.now["a"])
    ]


def state_rows(s: Step) -> list[list]:
    """Return the rows of h = f(a)."""
    f = "tanh(" if s.case["cell"] == "rnn" else "max(0, "
    return [
        [f"{s.sym('h')}{index(i)} = {f}", b.num(a, "hidden"), ") = ", b.num(h, "hidden")]
        for i, (a, h) in enumerate(zip(s.now["a"], s.now["h"]))
    ]


def output_rows(s: Step) -> list[list]:
    """Return the rows of o = V h + c."""
    bias = s.params["c"] if s.has("c") else [None] * len(s.now["o"])
    return [
        product_row(f"{s.sym('o')}{index(i)}", w, s.now["h"], o, "made", bias[i])
        for i, (w, o) in enumerate(zip(s.params["V"], s.now["o"]))
    ]


def softmax_rows(s: Step) -> list[list]:
    """Return the rows of y = softmax(o)."""
    e, total = s.now["e"], s.now["e"].sum()
    shift = f" − {s.now['shift']:.4g}" if s.now["shift"] else ""
    return [
        [
            f"{s.sym('ŷ')}{index(i)} = e^(",
            b.num(o, "made"),
            f"{shift}) / Σ = ",
            b.num(v, "ink"),
            " / ",
            b.num(total, "ink"),
            " = ",
            b.num(y, "made"),
        ]
        for i, (o, v, y) in enumerate(zip(s.now["o"], e, s.now["y"]))
    ]


PARTS = {
    "Ux": input_rows,
    "Wh": recurrent_rows,
    "a": sum_rows,
    "h": state_rows,
    "o": output_rows,
    "y": softmax_rows,
}


def plain_frames(case: Case, trace: Trace, detail: str) -> list[Frame]:
    """Return an overview for each time, and with detail "line" each part of it written out."""
    frames = []
    for t in range(len(case["xs"])):
        s = Step(case, trace, t)
        here = equation(s)
        facts = step_facts(case, trace, t)
        name = b.word("at_time", t=str(t + 1))
        if len(case["xs"]) > 1:
            net = unrolled_net(case, trace, t)
            view = b.column(state(s), b.row(readout(s), net, gap="mid"))
            frames.append(b.frame(view, name, facts))
        else:
            frames.append(b.frame(here, name, facts))
        if detail == "line":
            for part in PARTS:
                view = b.column(here, part_lines(s, part))
                frames.append(b.frame(view, b.word(f"part_{part}", t=str(t + 1)), facts))
    return frames


def rounding_frame(exact: Trace, shown: Trace, t: int) -> Frame:
    """Compare a step exact and rounded as you go, with the difference."""
    rows = []
    for symbol, key, role in (("h", "h", "hidden"), ("o", "o", "made"), ("ŷ", "y", "made")):
        name = b.sub(symbol, t + 1)
        rows.append(
            b.row(
                b.matrix(b.word("exact_of", q=name), exact[key][t], role),
                b.matrix(b.word("rounded_of", q=name), shown[key][t], role),
                b.matrix(b.word("difference"), shown[key][t] - exact[key][t], "grad"),
            )
        )
    return b.frame(b.row(*rows, gap="wide"), b.word("rounding_at", t=str(t + 1)))


def unrolled_net(case: Case, trace: Trace, t: int, most: int = 8) -> b.Widget:
    """Draw the net unrolled in time around t: inputs below, states, outputs above."""
    T = len(case["xs"])
    first = max(0, min(t - most // 2, T - most))
    shown = range(first, min(T, first + most))
    nodes, links = [], []
    for column, k in enumerate(shown):
        state = "now" if k == t else "later" if k > t else ""
        nodes += step_nodes(case, k, 46 + column * 74, state)
        links += [
            {"from": f"x{k}", "to": f"h{k}", "state": state},
            {"from": f"h{k}", "to": f"y{k}", "state": state},
        ]
        if column:
            links.append(
                {"from": f"h{k - 1}", "to": f"h{k}", "state": state, "label": "W", "role": "hidden"}
            )
    part = {"a": str(shown[0] + 1), "z": str(shown[-1] + 1), "T": str(T)}
    key = "unrolled" if len(shown) == T else "unrolled_part"
    told = any(case["targets"][k] is not None for k in shown)
    name = b.word(f"{key}_wanted" if told else key, **part)
    return b.net(name, nodes, links, 18 + 74 * len(shown), 130)


def step_nodes(case: Case, k: int, x: int, state: str) -> list[dict]:
    """Return the boxes of step k (from 0): input, state, output with its target."""
    names, target = case.get("vocabulary"), case["targets"][k]
    said = names[int(np.argmax(case["xs"][k]))] if names else b.sub("x", k + 1)
    output: b.Label = b.sub("ŷ", k + 1)
    if target is not None:
        output = b.word("wanted", y=output, n=names[target] if names else str(target + 1))
    return [
        box(f"x{k}", (x, 112), (50, 30), said, "real", state),
        box(f"h{k}", (x, 66), (50, 32), b.sub("h", k + 1), "hidden", state),
        box(f"y{k}", (x, 20), (62, 30), output, "made", state),
    ]


def box(
    name: str, at: tuple[int, int], size: tuple[int, int], label: b.Label, role: str, state: str
) -> dict[str, Any]:
    """Return a node of a net's drawing, at x, y with a width and a height."""
    (x, y), (w, h) = at, size
    return {
        "id": name, "x": x, "y": y, "w": w, "h": h, "label": label, "role": role, "state": state,
    }  # fmt: skip


def step_facts(case: Case, trace: Trace, t: int) -> list[Fact]:
    """Return the step's facts: the state's length and, where there is a target, the loss so far."""
    facts = [b.fact(f"‖{b.sub('h', t + 1)}‖", float(np.linalg.norm(trace["h"][t])))]
    losses = case["losses"]
    target = case["targets"][t]
    if target is not None:
        name = b.word("loss_of", y=b.sub("ŷ", t + 1) + index(target))
        facts.append(b.fact(name, float(losses[t])))
    if sum(k is not None for k in case["targets"]) > 1:
        facts.append(b.fact(b.word("loss_sum"), float(losses[: t + 1].sum())))
    return facts


def index(i: int) -> str:
    """Return an entry's place as it is counted on paper, from 1."""
    return f"[{i + 1}]"


def sum_tokens(values: list[float]) -> list:
    """Return the tokens of v₁ + v₂ …, negative numbers in brackets."""
    out: list = []
    for k, v in enumerate(values):
        out += [*([" + "] if k else []), *b.paren(v, "ink")]
    return out


def product_row(
    name: str, w: Any, x: Any, result: float, role: str, bias: float | None = None
) -> list:
    """Return a row of A x (+ bias) with all products in place, their values, and the sum."""
    tail = [" + ", *b.paren(bias, "grad")] if bias is not None else []
    return [
        *b.products(name, w, x, (role, "ink")),
        *tail,
        *b.total(
            [a * v for a, v in zip(w, x)] + ([bias] if bias is not None else []), result, role
        ),
    ]
