"""View "store": the weights built up pattern by pattern, one of them written out."""

from __future__ import annotations

import numpy as np

from apps.lessons.hopfield.inputs import Inputs
from apps.lessons.hopfield.laws import TOLERANCE
from apps.lessons.hopfield.memory import Memory, board_of, pattern_editor, read_memory
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.inputs import choice as one_of
from core.inputs import integer
from core.models.hopfield import check, network

MOST_ENTRIES = 300_000  # of all heatmaps together: what a page loads without a pause
MOST_TERMS = 8


def store(inputs: Inputs) -> Board:
    """Show all patterns and the weights that follow, built up pattern by pattern."""
    memory, rule = read_memory(inputs), one_of("rule", inputs.rule, tuple(network.WEIGHTS))
    shown, parts, W = frames(memory, inputs, rule)
    trace = {"W": W, "states": memory.X, "zero_diagonal": inputs.zero_diagonal}
    trace["energies"] = [network.energy(W, x) for x in memory.X]
    stay = [np.array_equal(network.update_all(W, x), x) for x in memory.X]
    board = board_of(memory, inputs, shown, None)
    return {
        **board,
        "parts": parts,
        "facts": [b.fact(b.word("fixed_points"), f"{sum(stay)} / {len(stay)}")],
        "limits": {**board.get("limits", {}), "rule": {"options": list(network.WEIGHTS)}},
        "checks": [b.delta_check(check.hopfield_delta(memory.X, rule, trace), TOLERANCE)],
        "turn": turn(inputs, W),
        "tables": {"patterns": memory.X.tolist(), "W": W.tolist()},
    }


def frames(
    memory: Memory, inputs: Inputs, rule: str
) -> tuple[list[Frame], dict[str, b.Widget], np.ndarray]:
    """Return the frames, the heatmaps as parts, and the weights (N, N) after all patterns.

    Frame 0 is all patterns, to draw in, with W beside them; frame k adds the k-th one stored.
    """
    zero_diagonal, N, P = inputs.zero_diagonal, memory.N, len(memory.X)
    i = integer("unit_i", inputs.unit_i, 1, N) - 1
    j = integer("unit_j", inputs.unit_j, 1, N) - 1
    X = memory.X.astype(float)
    W = [np.zeros((N, N)), *(network.WEIGHTS[rule](X[: k + 1], zero_diagonal) for k in range(P))]
    terms = [float(new[i, j] - old[i, j]) for old, new in zip(W, W[1:])]
    span = float(np.abs(W[-1]).max() or 1)
    most = max(1, MOST_ENTRIES // (2 * N * N))
    shown = np.unique(np.linspace(P, 1, min(P, most)).round().astype(int)).tolist()
    parts = {"W": heat(b.word("weights_W"), W[-1], span, 270, (i, j))}
    out = [overview(memory, W[-1], rule, zero_diagonal, (i, j), terms)]
    for k in shown:
        parts[f"W{k}"] = heat(b.sub("W", k), W[k], span, 190, (i, j))
        parts[f"d{k}"] = heat(added_name(rule, k), W[k] - W[k - 1], span, 190, (i, j))
        name = b.word("stored_upto", n=str(k), of=str(P), p=memory.names[k - 1])
        facts = [
            b.fact(f"w{subscripts(i, j)}", float(W[k][i, j])),
            b.fact("max |w|", float(np.abs(W[k]).max())),
        ]
        out.append(
            b.frame(pattern_view(memory, rule, zero_diagonal, k, (i, j), terms), name, facts)
        )
    return out, parts, W[-1]


def heat(
    label: b.Label, values: np.ndarray, span: float, size: int, at: tuple[int, int]
) -> b.Widget:
    """Return weights as a heatmap with one entry marked."""
    return b.heat(label, values, span=span, size=size, mark=at)


def overview(
    memory: Memory, W: np.ndarray, rule: str, zero: bool, at: tuple[int, int], terms: list[float]
) -> Frame:
    """Return the frame of all patterns, to draw in, and the weights that follow from them."""
    note = b.text(b.word("memories", n=str(len(memory.X))), size="wide")
    left = b.column(note, pattern_editor(memory, memory.chosen), gap="mid")
    view = b.column(
        b.row(left, b.part("W"), gap="wide"), entry(memory, rule, zero, at, terms, "w"), gap="mid"
    )
    facts = [
        b.fact(b.word("count_weights"), f"{memory.N} × {memory.N}"),
        b.fact("P / N", len(memory.X) / memory.N),
    ]
    return b.frame(view, b.word("stored_all", n=str(len(memory.X))), facts)


def pattern_view(
    memory: Memory, rule: str, zero: bool, k: int, at: tuple[int, int], terms: list[float]
) -> b.Widget:
    """Draw the k-th pattern, its increment, and the weights so far."""
    pattern = memory.grid(
        memory.X[k - 1], memory.names[k - 1], 170, edit="patterns", at=[k - 1], flip=list(at)
    )
    row = b.row(pattern, b.text("→"), b.part(f"d{k}"), b.text("→"), b.part(f"W{k}"), gap="mid")
    return b.column(row, entry(memory, rule, zero, at, terms[:k], f"w{k}"), gap="mid")


def added_name(rule: str, k: int) -> b.Label:
    """Name the increment of the k-th pattern, as a formula where there is a short one."""
    x = b.sub("x", k)
    return f"+ {x} {x}ᵀ / N" if rule == "hebb" else f"{b.sub('W', k)} − {b.sub('W', k - 1)}"


def entry(
    memory: Memory, rule: str, zero: bool, at: tuple[int, int], terms: list[float], key: str
) -> b.Widget:
    """Return one weight written out: Hebb's products a pattern, other rules' increments."""
    i, j = at
    name = f"w{subscripts(i, j)}"
    if i == j and zero:
        return b.lines("", [[f"{name} = ", b.num(0, "grad")]], key="")
    tokens: list = [f"{name} = "]
    many = len(terms) > MOST_TERMS
    if rule == "hebb":
        tokens.append("( ")
        for p, x in enumerate(memory.X[: min(len(terms), MOST_TERMS)]):
            tokens += [" + "] if p else []
            tokens += [*spin(x[i]), "·", *spin(x[j])]
        tokens += [" + …" if many else "", f" ) / {memory.N}"]
    else:
        for p, term in enumerate(terms[:MOST_TERMS]):
            tokens += [" + "] if p else []
            tokens += b.paren(term, "hidden")
        tokens += [" + …"] if many else []
    return b.lines("", [[*tokens, " = ", b.num(sum(terms), "grad")]], key=key)


def spin(value: int) -> list:
    """Return ±1 as tokens."""
    number = b.num(float(value), "real")
    return ["(", number, ")"] if value < 0 else [number]


def subscripts(i: int, j: int) -> str:
    """Return a weight's two subscripts, counted from 1."""
    return f"[{i + 1}, {j + 1}]"


def turn(inputs: Inputs, W: np.ndarray) -> Turn:
    """Return the exercise: the weight that the controls point at."""
    i, j = inputs.unit_i - 1, inputs.unit_j - 1
    name = f"w{subscripts(i, j)}"
    ask = b.word("turn_weight", w=name, i=str(i + 1), j=str(j + 1))
    return {"ask": ask, "frame": 0, "blanks": [b.blank(name, [float(W[i, j])], "grad", "w")]}
