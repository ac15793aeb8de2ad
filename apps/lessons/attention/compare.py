"""View "compare": one task, three nets; an LSTM, one that looks back, a Transformer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.attention.answers import answer, answer_checks, cautions, marks, together
from apps.lessons.attention.inputs import DATES, LOOKING, PLAIN, TRANSFORMER, Inputs
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board
from core.weights.card import Card

if TYPE_CHECKING:
    from core.models.transformer.translation import Translation

ROLES = {TRANSFORMER: "made", LOOKING: "hidden", PLAIN: "grad"}
BIN = re.compile(r"(\d+) to (\d+) letters")
INPUT, HIDDEN = 48, 128  # of the LSTM that "your turn" asks about
PARAMETERS = 4 * HIDDEN * (INPUT + HIDDEN + 2)


def compare(inputs: Inputs) -> Board:
    """Show accuracy by length, size and time, and each net's answer to a date, symbol by symbol."""
    text = inputs.text
    there = [name for name in DATES if nets.have(name)]
    if not there:
        nets.model(TRANSFORMER)  # says why it cannot be had
    found = {name: answer(name, text) for name in there}
    cards = {name: card for name in DATES if (card := nets.card(name))}
    below = [b.part("memory")] if PLAIN in there else []
    right = b.column(by_length(cards), *below, gap="mid")
    known = [sizes(cards)] if cards else []
    frames = []
    for t in range(max(len(one["steps"]) for one in found.values())):
        so_far = b.column(*(answer_so_far(name, found[name], t) for name in there), gap="tight")
        view = b.row(b.column(so_far, *known, gap="mid"), right, gap="mid")
        frames.append(b.frame(view, b.word("symbol_n", n=str(t + 1))))
    absent = [name for name in DATES if name not in there]
    return {
        "frames": frames,
        "parts": {"memory": memory(text)} if PLAIN in there else {},
        "facts": [
            *cautions(found[there[0]]),
            *([b.fact(b.word("absent_nets"), ", ".join(absent))] if absent else []),
        ],
        "checks": together([one for name in there for one in answer_checks(name, found[name])]),
        "turn": {
            "ask": b.word("turn_compare"),
            "frame": 0,
            "blanks": [b.blank("n", [PARAMETERS], "ink", "")],
        },
        "tables": {
            **{f"by length: {name}": lengths(card) for name, card in cards.items()},
            "said": {name: found[name]["said"] for name in there},
        },
    }


def by_length(cards: dict[str, Card]) -> b.Widget:
    """Return the chart of the cards' share right by the length of the text."""
    curves = []
    for name, card in cards.items():
        bins = lengths(card)
        x, y = [middle for middle, _ in bins], [share for _, share in bins]
        curves.append(b.series(b.word(f"net.{name}"), y, ROLES[name], x=x))
    return b.chart(
        b.word("by_length"),
        curves,
        x=b.word("letters_read"),
        y=b.word("share_right"),
        high=1,
        width=400,
        height=210,
    )


def sizes(cards: dict[str, Card]) -> b.Widget:
    """Return each net's size, how long it learned, its time an answer and its share right."""
    spent = seconds()
    heads = [
        b.head(b.word("net_head")),
        b.head(b.word("parameters_head")),
        b.head(b.word("epochs_head")),
        b.head(b.word("ms_head"), arrow="↓", unit=b.word("ms_an_answer")),
        b.head(b.word("right_head"), arrow="↑", unit="%"),
    ]
    rows = [
        [
            b.cell(b.word(f"net.{name}")),
            b.cell(f"{card.parameters:,}"),
            b.cell(str(card.training.get("epochs"))),
            b.cell(f"{1000 * spent[name]:.1f}" if name in spent else "—"),
            b.cell(f"{100 * card.metrics['exact match']['value']:.2f}"),
        ]
        for name, card in cards.items()
    ]
    return b.table(b.word("size_time"), heads, rows)


def seconds() -> dict[str, float]:
    """Return the measured time of an answer by net, in seconds, as far as it was measured."""
    from core.measure import heads as record

    return dict(record.read_heads()["seconds"])


def lengths(card: Card) -> list[tuple[float, float]]:
    """Return (middle of a bin in letters, share right) of a card, by length."""
    found = [(BIN.fullmatch(name), one["value"]) for name, one in card.metrics.items()]
    return sorted(((int(m[1]) + int(m[2])) / 2, float(v)) for m, v in found if m)


def answer_so_far(name: str, found: Translation, t: int) -> b.Widget:
    """Return a net's output up to symbol t, each symbol tinted by its uncertainty."""
    steps = found["steps"]
    now = min(t, len(steps) - 1)
    says = b.strip(
        b.word("net_says", net=b.word(f"net.{name}"), p=f"{found['probability']:.4f}"),
        marks(found["symbols"]),
        shades=[1 - step["probability"] for step in steps],
        role="grad",
        now=now,
        later=t + 1,
        width=520,
        size=20,
    )
    cross, tokens = found["attention"].get("cross"), marks(found["tokens"])
    if cross is None:
        reads = b.strip("", tokens, width=520, size=17)
    else:
        looks = cross.mean(axis=(0, 1))[now]
        reads = b.strip("", tokens, shades=looks, role="hidden", width=520, size=17)
    return b.column(says, reads, gap="tight")


def memory(text: str) -> b.Widget:
    """Return how much the last state changes when one letter is made unreadable, letter by letter.

    What the plain net can say hangs on these 256 numbers (h and c), whatever the length.
    """
    import torch

    from core.data import dates
    from core.models.transformer.translation import source_of

    net = nets.model(PLAIN)
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
        y=b.word("relative_change"),
        low=0,
        width=520,
        height=140,
    )
