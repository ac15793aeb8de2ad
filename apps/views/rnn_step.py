"""One recurrent step written out: the plain cell's equation, the gated cells' gates, the slide's
misprints.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.stage import board as b
from core.models import rnn_presets
from core.models.rnn import GATES, forward
from core.models.rnn_presets import SLIDE_PRINTS


class Step:
    """What every line of one step needs: the case, the trace and the time t (from 0)."""

    def __init__(self, case: dict, trace: dict, t: int):
        self.case, self.t = case, t
        self.now = {name: rows[t] for name, rows in trace.items()}
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


def written(s: Step, part: str) -> b.Widget:
    """Return every product and sum of one part of the step, a row a line."""
    n, now, p = s.n, s.now, s.params
    if part == "Ux":
        rows = [
            _sum(f"(U {s.sym('x')}){index(i)}", w, s.x, now["Ux"][i], "real")
            for i, w in enumerate(p["U"])
        ]
    elif part == "Wh":
        rows = [
            _sum(f"(W {s.sym('h', 1)}){index(i)}", w, now["h_prev"], now["Wh"][i], "hidden")
            for i, w in enumerate(p["W"])
        ]
    elif part == "a":
        rows = [
            [
                f"a{index(i)} = ",
                *_plus([now["Wh"][i], now["Ux"][i], p.get("b", np.zeros(99))[i]]),
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
            _sum(
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


def plain_frames(case: dict, trace: dict, times: list[int], detail: str) -> list[dict]:
    """Return an overview for each time, and with detail "line" each part of it written out."""
    frames = []
    for t in times:
        s = Step(case, trace, t)
        here = equation(s)
        facts = step_facts(case, trace, t)
        name = b.word("at_time", t=str(t + 1))
        if len(case["xs"]) > 1:
            view = b.column(b.column(unrolled(case, trace, t), state(s), gap="swap"), readout(s))
            frames.append(b.frame(view, name, facts))
        else:
            frames.append(b.frame(here, name, facts))
        if detail == "line":
            for part in PARTS:
                view = b.column(here, written(s, part))
                frames.append(b.frame(view, b.word(f"part_{part}", t=str(t + 1)), facts))
    return frames


def gate_frames(case: dict, trace: dict, times: list[int], detail: str) -> list[dict]:
    """Return for each time an overview of the gates, and with detail "line" each gate's
    equation.
    """
    frames = []
    for t in times:
        s = Step(case, trace, t)
        facts = step_facts(case, trace, t)
        frames.append(b.frame(gates(s), b.word("at_time", t=str(t + 1)), facts))
        if detail == "line":
            for k, letter in enumerate(GATES[case["cell"]]):
                view = b.column(gate_equation(s, k, letter), gate_lines(s, k, letter))
                frames.append(b.frame(view, b.word(f"gate_{letter}", t=str(t + 1)), facts))
            frames.append(b.frame(b.column(*mixing(s)), b.word("gate_mix", t=str(t + 1)), facts))
    return frames


def gates(s: Step) -> b.Widget:
    """Return one gated step at a glance: what comes in, the gates, the new memory, the output."""
    lstm = s.case["cell"] == "lstm"
    come = [s.before(), *([s.cell_before()] if lstm else []), s.input()]
    inner = [
        b.matrix(b.word("gate", name=k), s.now[f"gate_{k}"], "grad") for k in GATES[s.case["cell"]]
    ]
    out = [*([s.vector("c", "cell", "hidden")] if lstm else []), s.vector("h", "h", "hidden")]
    first = b.row(*come, b.text("→"), *inner, b.text("→"), *out, gap="mid")
    return b.column(
        first,
        mixing(s)[0],
        b.row(s.vector("o", "o", "made"), b.text("→ softmax →"), s.vector("ŷ", "y", "made")),
    )


def mixing(s: Step) -> list[b.Widget]:
    """Return how the gates make the new state, unit by unit."""
    now, rows = s.now, []
    for i in range(len(now["h"])):
        if s.case["cell"] == "lstm":
            f, c, g_i, g = now["gate_f"][i], now["cell_prev"][i], now["gate_i"][i], now["gate_g"][i]
            rows.append(
                [
                    f"{s.sym('c')}{index(i)} = f·{s.sym('c', 1)} + i·g = ",
                    b.num(f, "grad"),
                    "·",
                    *b.signed(c, "hidden"),
                    " + ",
                    b.num(g_i, "grad"),
                    "·",
                    *b.signed(g, "grad"),
                    " = ",
                    b.num(now["cell"][i], "hidden"),
                ]
            )
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
            rows.append(
                [
                    f"{s.sym('h')}{index(i)} = (1−z)·n + z·{s.sym('h', 1)} = (1 − ",
                    b.num(z, "grad"),
                    ")·",
                    *b.signed(n, "grad"),
                    " + ",
                    b.num(z, "grad"),
                    "·",
                    *b.signed(h, "hidden"),
                    " = ",
                    b.num(now["h"][i], "hidden"),
                ]
            )
    return [b.lines(b.word("mixing"), rows)]


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
            s.vector(letter, f"gate_{letter}", "grad"),
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
            _sum(
                f"x{index(i)}",
                s.params["weight_ih"][r],
                s.x,
                s.now[f"x_{letter}"][i],
                "real",
                bx[r],
            )
        )
        rows.append(
            _sum(
                f"h{index(i)}",
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


def unrolled(case: dict, trace: dict, t: int, most: int = 8) -> b.Widget:
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
    return b.net(b.word("unrolled"), nodes, links, 20 + 100 * len(shown), 130)


def step_facts(case: dict, trace: dict, t: int) -> list[dict]:
    """Return the step's facts: the state's length and, where there is a target, the loss so far."""
    facts = [b.fact(f"‖{b.sub('h', t + 1)}‖", float(np.linalg.norm(trace["h"][t])))]
    losses = case["losses"]
    if case["targets"][t] is not None:
        facts.append(b.fact(b.word("loss_at", t=str(t + 1)), float(losses[t])))
    if sum(k is not None for k in case["targets"]) > 1:
        facts.append(b.fact(b.word("loss_sum"), float(losses[: t + 1].sum())))
    return facts


def slide_frames() -> list[dict]:
    """Return the slide's numbers beside the exact ones, quantity by quantity, wrong entries
    outlined.
    """
    case = rnn_presets.slide()
    trace = forward("rnn", case["params"], case["xs"], case["h0"])
    exact = {"x": np.array(case["xs"][0]), **{k: trace[k][0] for k in ("Ux", "h", "o", "y")}}
    names = {"x": "x₁", "Ux": "U x₁", "h": "h₁", "o": "o₁", "y": "ŷ₁"}
    roles = {"x": "real", "Ux": "real", "h": "hidden", "o": "made", "y": "made"}

    def pair(key: str) -> b.Widget:
        printed = np.array(SLIDE_PRINTS[key])
        wrong = [[int(i), 0] for i in np.flatnonzero(np.round(exact[key], 3) != printed)]
        ours = b.matrix(b.word("exact"), exact[key], roles[key], key=f"s{key}")
        return b.column(
            b.text(names[key], size="big"),
            b.row(ours, b.matrix(b.word("slide_says"), printed, "ink", mark=wrong)),
            gap="tight",
        )

    pairs = {key: pair(key) for key in names}
    frames = []
    for key in (None, *names):
        dimmed = [{**pairs[k], "dim": key is not None and k != key} for k in names]
        note = b.text(b.word(f"slip_{key or 'all'}"), "grad" if key != "Ux" else "ok", "wide")
        frames.append(
            b.frame(
                b.column(b.row(*dimmed, gap="mid"), note),
                b.word("slip_name", q=names[key] if key else ""),
            )
        )
    return frames


def index(i: int) -> str:
    """Return an entry's place as it is counted on paper, from 1."""
    return f"[{i + 1}]"


def _plus(values: list[float]) -> list:
    out: list = []
    for k, v in enumerate(values):
        out += [*([" + "] if k else []), *b.signed(v, "ink")]
    return out


def _sum(name: str, w: Any, x: Any, result: float, role: str, bias: float | None = None) -> list:
    """Return a row of A x (+ bias) with all products in place, their values, and the sum."""
    tail = [" + ", *b.signed(bias, "grad")] if bias is not None else []
    return [
        *b.products(name, w, x, (role, "ink")),
        *tail,
        *b.total(
            [a * v for a, v in zip(w, x)] + ([bias] if bias is not None else []), result, role
        ),
    ]
