"""One task, three nets: an LSTM that must remember, one that looks back, a Transformer."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.attention.dates import checks
from apps.lessons.attention.models import DATES, LOOKING, PLAIN, TRANSFORMER, have, model, said
from apps.lessons.attention.models import marks as said_marks
from apps.stage import board as b

ROLES = {TRANSFORMER: "made", LOOKING: "hidden", PLAIN: "grad"}
NAMES = {TRANSFORMER: "Transformer", LOOKING: "LSTM + attention", PLAIN: "LSTM"}


def compare(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return accuracy by length, size and time, and what each says of this date, by symbols."""
    from core import weights

    text, cards = inputs.get("text", ""), weights.cards()
    there = [name for name in DATES if have(name)]
    told = {name: said(name, text) for name in there}
    if not told:
        model(TRANSFORMER)  # says why it cannot be had
    left = [b.part("memory")] if PLAIN in there else []
    right = measured(cards)
    frames = [
        b.frame(
            b.row(
                b.column(
                    b.column(*(answer(n, told[n], t) for n in there), gap="tight"),
                    *left,
                    gap="mid swap",
                ),
                right,
                gap="mid",
            ),
            b.word("symbol_n", n=str(t + 1)),
        )
        for t in range(max(len(one["steps"]) for one in told.values()))
    ]
    absent = [n for n in DATES if n not in there]
    return {
        "frames": frames,
        "parts": {"memory": memory(text)} if PLAIN in there else {},
        "facts": [b.fact(b.word("absent_nets"), ", ".join(absent))] if absent else [],
        "checks": together([one for n in there for one in checks(n, told[n], 1.0)]),
        "turn": {
            "ask": b.word("turn_compare"),
            "frame": 0,
            "blanks": [b.blank("n", [4 * 128 * (48 + 128 + 2)], "ink", "")],
        },
        "tables": {
            **{f"by length: {n}": lengths(cards[n].metrics) for n in DATES if n in cards},
            "said": {n: told[n]["said"] for n in there},
        },
    }


def measured(cards: dict[str, Any]) -> b.Widget:
    """Return what the cards say: accuracy by length, size, time and accuracy."""
    there = [n for n in DATES if n in cards]
    bins = {n: lengths(cards[n].metrics) for n in there}
    chart = b.chart(
        b.word("by_length"),
        [
            b.series(
                b.word(f"net.{n}"), [v for _, v in bins[n]], ROLES[n], x=[x for x, _ in bins[n]]
            )
            for n in there
        ],
        x=b.word("letters_read"),
        high=1,
        width=400,
        height=210,
    )
    spent = seconds()
    rows = [
        [
            NAMES[n],
            f"{cards[n].parameters:,}".replace(",", " "),
            f"{cards[n].training['minutes']:.0f}",
            f"{1000 * spent[n]:.1f}" if n in spent else "—",
            f"{100 * cards[n].metrics['exact match']['value']:.2f}",
        ]
        for n in there
    ]
    size = [b.matrix(b.word("size_time"), rows, "ink")] if rows else []
    return b.column(chart, *size, gap="tight")


def together(found: list[dict]) -> list[dict]:
    """Return the checks of all nets as one: the largest difference, the law's sum."""
    deltas, laws = [c for c in found if "delta" in c], [c for c in found if "law" in c]
    holds, of = (sum(c[k] for c in laws) for k in ("holds", "of"))
    summed = [b.law(laws[0]["law"], holds, of)] if laws else []
    return [max(deltas, key=lambda c: c["delta"]), *summed]


def seconds() -> dict[str, float]:
    """Return the measured time of an answer by net, in seconds, as far as it was measured."""
    from core.measure import heads as record

    return record.read_heads()["seconds"] if record.FILE.exists() else {}


def lengths(metrics: dict[str, Any]) -> list[tuple[float, float]]:
    """Return (middle of a bin in letters, share right) of a card, by length."""
    found = [(one["letters"], one["value"]) for one in metrics.values() if "letters" in one]
    return sorted((sum(letters) / 2, float(value)) for letters, value in found)


def answer(name: str, made: dict[str, Any], t: int) -> b.Widget:
    """Return what a net has said up to symbol t, each symbol tinted by how unsure it was."""
    steps = made["steps"]
    shade = [1 - step["probability"] for step in steps]
    cross = made["attention"].get("cross")
    label = b.word("net_says", net=b.word(f"net.{name}"), p=f"{made['probability']:.4f}")
    said_so_far = b.strip(label, said_marks(made["symbols"]), shades=shade, role="grad",
                          now=min(t, len(steps) - 1), later=t + 1, width=520, size=20)  # fmt: skip
    if cross is None:
        reads = b.strip("", said_marks(made["tokens"]), width=520, size=17)
    else:
        row = cross.mean(axis=(0, 1))[min(t, len(steps) - 1)]
        reads = b.strip("", said_marks(made["tokens"]), shades=row, role="hidden", width=520,
                        size=17)  # fmt: skip
    return b.column(said_so_far, reads, gap="tight")


def memory(text: Any) -> b.Widget:
    """Return how much the last state changes when one letter is made unreadable, letter by letter.

    What the plain net can say hangs on these 256 numbers (h and c), whatever the length.
    """
    import torch

    from core.data import dates
    from core.models.transformer.translation import source_of

    net = model(PLAIN)
    source = source_of(net, text)  # (1, S)
    S = source.shape[1]
    rows = source.repeat(S, 1)
    rows[torch.arange(1, S), torch.arange(1, S)] = dates.UNKNOWN  # row 0 stays as it is
    with torch.no_grad():
        state, _ = net.encode(rows)
    both = torch.cat([state["h"], state["c"]], 1)  # (S, 256)
    moved = ((both - both[0]).norm(dim=1) / both[0].norm()).numpy().astype(float)
    return b.chart(
        b.word("memory_of"),
        [b.series("", moved[1:] if S > 1 else [np.nan], "grad", x=list(range(1, max(2, S))))],
        x=b.word("letter_place"),
        low=0,
        width=520,
        height=140,
    )
