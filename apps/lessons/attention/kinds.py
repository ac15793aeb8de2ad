"""View "kinds": three ways to say where a token stands, side by side."""

from __future__ import annotations

import numpy as np

from apps.lessons.attention.answers import GPT
from apps.lessons.attention.case import TOLERANCE
from apps.lessons.attention.inputs import Inputs
from apps.lessons.attention.waves import EQUAL
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board
from core.models.transformer import positions
from core.models.transformer.check import rotary_delta, sinusoidal_delta

COUNT, DIM = 48, 32  # positions; d
EVERY = 3  # positions from one frame to the next


def kinds(inputs: Inputs) -> Board:
    """Show sinusoidal, learned and rotary side by side, a frame for each position that looks."""
    q, k = np.random.default_rng(inputs.seed).normal(size=(2, DIM))
    sines = positions.sinusoidal(COUNT, DIM)
    tables = {
        "sinusoidal": positions.dots(sines),
        "learned": learned_positions(COUNT),
        "rotary": positions.rotary_dots(q, q + 0.5 * k, COUNT),
    }
    found = {name: scale(table) for name, table in tables.items() if table is not None}
    deltas = (
        sinusoidal_delta(sines),
        rotary_delta(np.tile(q, (COUNT, 1)), positions.rotate(np.tile(q, (COUNT, 1)))),
    )
    laws = [
        b.law(b.word(f"law_{name}"), distance_alone(found[name]), 2 * COUNT - 1)
        for name in ("sinusoidal", "rotary")
    ]
    frames = [
        b.frame(
            b.column(
                b.row(*(kind_column(name, found.get(name), s) for name in tables), gap="mid"),
                b.text(b.word("say_kinds"), size="wide"),
            ),
            b.word("looks_from", s=str(s)),
        )
        for s in range(0, COUNT, EVERY)
    ]
    uneven = [unevenness(found["learned"])] if "learned" in found else []
    blanks = [
        b.blank("R(t) q", positions.rotate([[1.0, 0.0]], [0.5])[0], "real", ""),
        b.blank("R(s) q · R(t) k", [float(np.cos(0.5))], "grad", ""),
    ]
    return {
        "frames": frames,
        "parts": {f"map-{name}": pairs_map(name, table) for name, table in found.items()},
        "facts": [b.fact(b.word("spread_learned"), v) for v in uneven],
        "checks": [*(b.delta_check(one, TOLERANCE) for one in deltas), *laws],
        "turn": {"ask": b.word("turn_rotary"), "frame": 0, "blanks": blanks},
        "tables": found,
    }


def scale(table: np.ndarray) -> np.ndarray:
    """Return dot products as shares of the largest magnitude."""
    return table / np.abs(table).max()


def distance_alone(table: np.ndarray) -> int:
    """Return at how many distances t − s, of either sign, all pairs say the same."""
    lines = positions.against_distance(table)
    other = positions.against_distance(table.T)
    return sum(int((one["high"] - one["low"] < EQUAL).sum()) for one in (lines, other)) - 1


def unevenness(table: np.ndarray) -> float:
    """Return the largest difference among pairs at one distance."""
    lines = positions.against_distance(table)
    return float((lines["high"] - lines["low"]).max())


def pairs_map(name: str, table: np.ndarray) -> b.Widget:
    """Return all pairs (s, t) as a picture."""
    return b.heat(b.word(f"kind.{name}"), table, span=1, size=215)


def kind_column(name: str, table: np.ndarray | None, s: int) -> b.Widget:
    """Return one kind of position: its pairs, and the dot products of position s with each t."""
    if table is None:
        why = b.text(b.word("absent_learned"), "grad", "note")
        return b.column(b.text(b.word(f"kind.{name}"), size="small"), why)
    t = np.arange(COUNT)
    expected = [float(np.diagonal(table, n).mean()) for n in t - s]
    curve = b.chart(
        b.word("seen_from", s=str(s)),
        [
            b.series(b.word("this_row"), table[s], "hidden", x=t),
            b.series(b.word("mean_row"), expected, "made", x=t),
        ],
        x=b.word("position_t"),
        cursor=s,
        low=-1,
        high=1,
        width=280,
        height=165,
    )
    return b.column(b.part(f"map-{name}"), curve, gap="tight swap")


def learned_positions(count: int) -> np.ndarray | None:
    """Return dot products (count, count) of a learned table, or None where there is none."""
    import torch

    if not nets.have(GPT):
        return None
    with torch.no_grad():
        table = nets.model(GPT).positions()[:count].double()  # (count, dim)
    return (table @ table.T).numpy()
