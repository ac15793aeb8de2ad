"""Where a token stands, said in sines: the picture, its wavelengths, dot product by distance."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.stage import board as b
from core.inputs import integer
from core.models.transformer import positions
from core.models.transformer.check import rotary_delta, sinusoidal_delta

FINE = 4  # points of a drawn wave a position
WIDE = (8, 64)  # d
LONG = (16, 128)  # positions
COUNT, DIM = 48, 32  # of the three ways beside each other
EVERY = 3  # positions from one frame to the next


def waves(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame for each pair of entries: its wave, and its part of the dot product."""
    d = integer("width", inputs.get("width", 32), *WIDE)
    count = integer("length", inputs.get("length", 64), *LONG)
    table = positions.sinusoidal(count, d)
    products = positions.against_distance(positions.dots(table))
    found, long = sinusoidal_delta(table), positions.wavelengths(d)
    same = int((products["high"] - products["low"] < 1e-9).sum())
    frames = [
        b.frame(
            view(i, d, count, products["mean"]),
            b.word("pair_n", n=str(i), last=str(d // 2 - 1)),
            [
                b.fact(b.sub("ω", i), 2 * np.pi / long[i]),
                b.fact(b.word("wavelength"), float(long[i])),
            ],
        )
        for i in range(d // 2)
    ]
    picture = b.heat(
        b.word("picture_of", T=str(count), d=str(d)),
        table.T,
        span=1,
        size=440,
        x=b.word("position_t"),
        y=b.word("entry_of"),
    )
    blanks = [
        b.blank("ω₁", [positions.frequencies(d)[1]], "real", ""),
        b.blank("2π/ω₁", [long[1]], "ink", ""),
    ]
    return {
        "frames": frames,
        "parts": {"picture": picture},
        "facts": [],
        "checks": [
            b.check(found["delta"], found["against"], 1e-12),
            b.law(b.word("law_distance"), same, count),
        ],
        "turn": {"ask": b.word("turn_waves", d=str(d)), "frame": 1, "blanks": blanks},
        "tables": {
            "positions": table,
            "wavelengths": long,
            "dot product by distance": products["mean"],
        },
    }


def view(i: int, d: int, count: int, products: np.ndarray) -> b.Widget:
    """Return the picture, the wave of pair i under it, and the dot product built up to pair i."""
    w = float(positions.frequencies(d)[i])
    t = np.linspace(0, count - 1, FINE * (count - 1) + 1)
    pair = b.chart(
        b.word("wave_of", rows=f"{2 * i}, {2 * i + 1}"),
        [
            b.series("sin ω t", np.sin(w * t).round(4), "grad", x=t),
            b.series("cos ω t", np.cos(w * t).round(4), "real", x=t),
        ],
        x=b.word("position_t"),
        low=-1,
        high=1,
        width=470,
        height=150,
    )
    far = np.arange(count)
    upto = np.cos(np.outer(far, positions.frequencies(d)[: i + 1])).sum(axis=1)
    dots = b.chart(
        b.word("dot_by_distance"),
        [
            b.series(b.word("all_pairs"), products, "hidden", x=far),
            b.series(b.word("pairs_upto", n=str(i)), upto, "made", x=far),
        ],
        x=b.word("distance"),
        rules=[{"y": d / 2, "label": f"d/2 = {d // 2}"}],
        width=380,
        height=310,
    )
    told = b.text(b.word("say_dot"), size="note")
    left = b.column(b.part("picture"), pair, gap="tight swap")
    return b.row(left, b.column(dots, told, gap="tight"), gap="mid")


def kinds(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return sinusoidal, learned and rotary side by side, a frame for each position that looks."""
    from apps.lessons.attention.models import learned_positions

    seed = integer("seed", inputs.get("seed", 0), 0, 2**31 - 1)
    q, k = np.random.default_rng(seed).normal(size=(2, DIM))
    sines = positions.sinusoidal(COUNT, DIM)
    tables = {
        "sinusoidal": positions.dots(sines),
        "learned": learned_positions(COUNT),
        "rotary": positions.rotary_dots(q, q + 0.5 * k, COUNT),
    }
    found = {name: scaled(table) for name, table in tables.items() if table is not None}
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
            b.row(*(column(name, found.get(name), s) for name in tables), gap="mid"),
            b.word("looks_from", s=str(s)),
        )
        for s in range(0, COUNT, EVERY)
    ]
    uneven = [spread(found["learned"])] if "learned" in found else []
    blanks = [
        b.blank("R(t) q", positions.rotate([[1.0, 0.0]], [0.5])[0], "real", ""),
        b.blank("R(s) q · R(t) k", [float(np.cos(0.5))], "grad", ""),
    ]
    return {
        "frames": frames,
        "parts": {f"map-{name}": small(name, table) for name, table in found.items()},
        "facts": [b.fact(b.word("spread_learned"), v) for v in uneven],
        "checks": [*(b.check(one["delta"], one["against"], 1e-12) for one in deltas), *laws],
        "turn": {"ask": b.word("turn_rotary"), "frame": 0, "blanks": blanks},
        "tables": found,
    }


def scaled(table: np.ndarray) -> np.ndarray:
    """Return dot products as shares of the largest magnitude."""
    return table / np.abs(table).max()


def distance_alone(table: np.ndarray) -> int:
    """Return at how many distances t − s, of either sign, all pairs say the same."""
    lines = positions.against_distance(table)
    other = positions.against_distance(table.T)
    return sum(int((one["high"] - one["low"] < 1e-9).sum()) for one in (lines, other)) - 1


def spread(table: np.ndarray) -> float:
    """Return the largest difference among pairs at one distance."""
    lines = positions.against_distance(table)
    return float((lines["high"] - lines["low"]).max())


def small(name: str, table: np.ndarray) -> b.Widget:
    """Return all pairs (s, t) as a picture."""
    return b.heat(b.word(f"kind.{name}"), table, span=1, size=215)


def column(name: str, table: np.ndarray | None, s: int) -> b.Widget:
    """Return one way: its pairs, and what position s sees of each t."""
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
        x="t",
        cursor=s,
        low=-1,
        high=1,
        width=280,
        height=165,
    )
    return b.column(b.part(f"map-{name}"), curve, gap="tight swap")
