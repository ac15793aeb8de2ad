"""Variants of a Transformer, each trained anew without one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.lessons.attention.answers import (
    CHEAT,
    LOST,
    SHORT,
    VARIANTS,
    WHOLE,
    answer,
    answer_checks,
    together,
)
from apps.lessons.attention.inputs import TRANSFORMER
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board, Fact

LACKS = {WHOLE: "whole", LOST: "no-positions", CHEAT: "no-mask", SHORT: "one-layer"}
METRICS = {"taught": "taught", "exact match": "exact"}  # metric of a card -> its word
DIM, HIDDEN = 64, 128  # of the layer that "your turn" asks about
PARAMETERS = 4 * (DIM * DIM + DIM) + 2 * DIM * HIDDEN + HIDDEN + DIM + 2 * 2 * DIM

Measured = Mapping[str, Mapping[str, float | None]]  # net -> metric -> share, None if not stated


def variants(text: str) -> Board:
    """Show each variant's measured share of right answers, and its answer to a date."""
    there = [name for name in VARIANTS if nets.have(name)]
    measured = {
        name: {metric: nets.card_value(name, metric) for metric in ("exact match", "taught")}
        for name in VARIANTS
    }
    bars = [share_bars(measured, metric) for metric in METRICS]
    missing = [b.text(b.word("absent_some"), "grad", "note")] if len(there) < len(VARIANTS) else []
    answers = b.lines(b.word("said_of", text=text or "—"), [answer_line(n, text) for n in there])
    long = nets.card_value(TRANSFORMER, "exact match")
    times = {"epochs": epochs_of(there), "more": epochs_of([TRANSFORMER])}
    note = [] if long is None else [
        b.text(b.word("say_variants", p=f"{100 * long:.2f}", **times), size="wide")
    ]  # fmt: skip
    view = b.column(b.row(*bars, gap="wide"), answers, *note, *missing)
    return {
        "frames": [b.frame(view, b.word("look_variants"))],
        "facts": epochs(there),
        "checks": together([one for n in there for one in answer_checks(n, answer(n, text))]),
        "turn": {
            "ask": b.word("turn_variants"),
            "frame": 0,
            "blanks": [b.blank("n", [PARAMETERS], "ink", "")],
        },
        "tables": {"measured": {LACKS[name]: shares for name, shares in measured.items()}},
    }


def answer_line(name: str, text: str) -> list:
    """Return the tokens of a line: a variant's answer to a date, and its probability."""
    found = answer(name, text)
    lacks = b.word(f"lacks.{LACKS[name]}")
    return [lacks, " → ", found["said"] or "—", "   p = ", b.num(found["probability"], "made")]


def epochs(names: Sequence[str]) -> list[Fact]:
    """Return for how long these nets learned, a fact that makes them comparable."""
    found = epochs_of(names)
    return [b.fact(b.word("epochs_each"), found)] if found else []


def epochs_of(names: Sequence[str]) -> str:
    """Return the different numbers of epochs that these nets learned for."""
    cards = [card for name in names if (card := nets.card(name))]
    return ", ".join(sorted({str(card.training.get("epochs")) for card in cards}))


def share_bars(measured: Measured, metric: str) -> b.Widget:
    """Return one measured share of each variant as bars."""
    items = [
        {
            "label": b.word(f"lacks.{LACKS[name]}"),
            "v": shares[metric],
            "role": "made" if name == WHOLE else "grad",
        }
        for name, shares in measured.items()
        if shares[metric] is not None
    ]
    return b.bars(b.word(f"measured.{METRICS[metric]}"), items, low=0, high=1, digits=4)
