"""One recurrent step of the plain cell written out, and the lines that all cells' steps share."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.rnn.case import Case
from apps.stage import board as b
from apps.stage.contract import Fact, Frame
from core.models.rnn import cells
from core.models.rnn.traces import Trace


class Step:
    """What every line of one step needs: the case, the trace and the time t (from 0)."""

    def __init__(self, case: Case, trace: Trace, t: int):
        self.case, self.t = case, t
        self.now = cells.at(trace, t)
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
    """Return every product and sum of one part of the step, a row a line."""
    n, now, p = s.n, s.now, s.params
    if part == "Ux":
        rows = [
            product_row(f"(U {s.sym('x')}){index(i)}", w, s.x, now["Ux"][i], "real")
            for i, w in enumerate(p["U"])
        ]
    elif part == "Wh":
        rows = [
            product_row(f"(W {s.sym('h', 1)}){index(i)}", w, now["h_prev"], now["Wh"][i], "hidden")
            for i, w in enumerate(p["W"])
        ]
    elif part == "a":
        rows = [
            [
                f"a{index(i)} = ",
                *sum_tokens([now["Wh"][i], now["Ux"][i], p.get("b", np.zeros(99))[i]]),
                " = ",
                b.num(a, "hidden"),
            ]
            for i, a in enumerate(now["a"])
        ]
    elif part == "h":
        f = "tanh(" if s.case["cell"] == "rnn" else "max(0, "
        rows = [
            [f"{s.sym('h')}{index(i)} = {f}", b.num(a, "hidden"), ") = ", b.num(h, "hidden")]
            for i, (a, h) in enumerate(zip(now["a"], now["h"]))
        ]
    elif part == "o":
        rows = [
            product_row(
                f"{s.sym('o')}{index(i)}", w, now["h"], o, "made", p["c"][i] if s.has("c") else None
            )
            for i, (w, o) in enumerate(zip(p["V"], now["o"]))
        ]
    else:
        e, sum_of = now["e"], now["e"].sum()
        shift = f" − {now['shift']:.4g}" if now["shift"] else ""
        rows = [
            [
                f"{s.sym('ŷ')}{index(i)} = e^(",
                b.num(o, "made"),
                f"{shift}) / Σ = ",
                b.num(v, "ink"),
                " / ",
                b.num(sum_of, "ink"),
                " = ",
                b.num(y, "made"),
            ]
            for i, (o, v, y) in enumerate(zip(now["o"], e, now["y"]))
        ]
    return b.lines(b.word(f"part_{part}", t=str(n)), rows)


PARTS = ("Ux", "Wh", "a", "h", "o", "y")


def plain_frames(case: Case, trace: Trace, detail: str) -> list[Frame]:
    """Return an overview for each time, and with detail "line" each part of it written out."""
    frames = []
    for t in range(len(case["xs"])):
        s = Step(case, trace, t)
        here = equation(s)
        facts = step_facts(case, trace, t)
        name = b.word("at_time", t=str(t + 1))
        if len(case["xs"]) > 1:
            view = b.column(
                b.column(unrolled_net(case, trace, t), state(s), gap="swap"), readout(s)
            )
            frames.append(b.frame(view, name, facts))
        else:
            frames.append(b.frame(here, name, facts))
        if detail == "line":
            for part in PARTS:
                view = b.column(here, part_lines(s, part))
                frames.append(b.frame(view, b.word(f"part_{part}", t=str(t + 1)), facts))
    return frames


def rounding_frame(exact: Trace, shown: Trace, t: int) -> Frame:
    """Return what rounding as you go made of a step: exact, rounded, and the difference."""
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
    """Return the net unrolled in time around t: inputs below, states, outputs above."""
    T = len(case["xs"])
    first = max(0, min(t - most // 2, T - most))
    shown = range(first, min(T, first + most))
    names = case.get("vocabulary")
    nodes, links = [], []
    for column, k in enumerate(shown):
        state = "now" if k == t else "later" if k > t else ""
        x = 60 + column * 100
        said = names[int(np.argmax(case["xs"][k]))] if names else b.sub("x", k + 1)
        target = case["targets"][k]
        want = (
            b.sub("ŷ", k + 1)
            if target is None
            else f"{b.sub('ŷ', k + 1)} → {names[target] if names else target + 1}"
        )
        nodes += [
            {
                "id": f"x{k}",
                "x": x,
                "y": 112,
                "w": 56,
                "h": 30,
                "label": said,
                "role": "real",
                "state": state,
            },
            {
                "id": f"h{k}",
                "x": x,
                "y": 66,
                "w": 56,
                "h": 32,
                "label": b.sub("h", k + 1),
                "role": "hidden",
                "state": state,
            },
            {
                "id": f"y{k}",
                "x": x,
                "y": 20,
                "w": 74,
                "h": 30,
                "label": want,
                "role": "made",
                "state": state,
            },
        ]
        links += [
            {"from": f"x{k}", "to": f"h{k}", "state": state},
            {"from": f"h{k}", "to": f"y{k}", "state": state},
        ]
        if column:
            links.append(
                {"from": f"h{k - 1}", "to": f"h{k}", "state": state, "label": "W", "role": "hidden"}
            )
    part = {"a": str(shown[0] + 1), "z": str(shown[-1] + 1), "T": str(T)}
    name = b.word("unrolled") if len(shown) == T else b.word("unrolled_part", **part)
    return b.net(name, nodes, links, 20 + 100 * len(shown), 130)


def step_facts(case: Case, trace: Trace, t: int) -> list[Fact]:
    """Return the step's facts: the state's length and, where there is a target, the loss so far."""
    facts = [b.fact(f"‖{b.sub('h', t + 1)}‖", float(np.linalg.norm(trace["h"][t])))]
    losses = case["losses"]
    if case["targets"][t] is not None:
        facts.append(b.fact(b.word("loss_at", t=str(t + 1)), float(losses[t])))
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
        out += [*([" + "] if k else []), *b.signed(v, "ink")]
    return out


def product_row(
    name: str, w: Any, x: Any, result: float, role: str, bias: float | None = None
) -> list:
    """Return a row of A x (+ bias) with all products in place, their values, and the sum."""
    tail = [" + ", *b.signed(bias, "grad")] if bias is not None else []
    return [
        *b.products(name, w, x, (role, "ink")),
        *tail,
        *b.total(
            [a * v for a, v in zip(w, x)] + ([bias] if bias is not None else []), result, role
        ),
    ]
