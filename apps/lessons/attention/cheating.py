"""A decoder that learned without its causal mask: it looks at the very symbol that it is to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.attention.answers import CHEAT, answer, answer_checks, marks, together
from apps.lessons.attention.inputs import TRANSFORMER
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board

if TYPE_CHECKING:
    from core.models.transformer.translation import Translation

SYMBOLS = 11  # of an answer, [end] too: what "your turn" asks about


def cheating(text: str) -> Board:
    """Show a head of the decoder over the right answer: of a net with the mask, and without.

    Each shows the head that looks most at the next place, where the symbol to say lies.
    """
    columns, facts, checks, tables = [], [], [], {}
    for name, which in ((TRANSFORMER, "with"), (CHEAT, "without")):
        if not nets.have(name):
            columns.append(b.text(b.word("absent_some"), "grad", "note"))
            continue
        rows, view, fed = answer_grid(name, which, text)
        checks += answer_checks(name, fed, causal=which == "with")
        columns.append(view)
        ahead = np.diagonal(np.nan_to_num(rows), 1)
        facts.append(b.fact(b.word(f"ahead.{which}"), float(ahead.mean()) if len(ahead) else 0.0))
        tables[which] = rows
    say = b.text(b.word("say_cheat"), size="wide")
    view = b.column(b.row(*columns, gap="wide"), say)
    return {
        "frames": [b.frame(view, b.word("look_cheat"))],
        "facts": facts,
        "checks": together(checks),
        "turn": {
            "ask": b.word("turn_cheat"),
            "frame": 0,
            "blanks": [b.blank("n", [SYMBOLS * (SYMBOLS - 1) // 2], "ink", "")],
        },
        "tables": tables,
    }


def answer_grid(name: str, which: str, text: str) -> tuple[np.ndarray, b.Widget, Translation]:
    """Return a head's weights (T, T) over the answer that is fed in, its grid, and the answer."""
    from core.data import dates
    from core.models.transformer.translation import teacher_force

    whole = answer(TRANSFORMER, text)["said"]
    iso = whole if dates.parse_iso(whole) else "?"
    fed, alone = teacher_force(nets.model(name), text, iso), answer(name, text)
    every = fed["attention"]["decoder"]  # (layers, H, T, T)
    ahead = np.diagonal(every, 1, 2, 3).sum(axis=-1)  # (layers, H)
    i, j = np.unravel_index(int(ahead.argmax()), ahead.shape)
    rows = every[i, j]
    if which == "with":
        rows = np.where(np.tri(len(rows), dtype=bool), rows, np.nan)
    tokens = marks(["[start]", *fed["symbols"]])
    head = b.word("head_at", l=str(i + 1), h=str(j + 1))
    label = b.word(f"mask_{which}", head=head)
    grid = b.lookup(label, tokens[1:], tokens[:-1], rows, cell=24, group="cheat")
    lines = [answer_line("taught_p", fed), answer_line("alone_says", alone)]
    return rows, b.column(grid, b.lines("", lines), gap="tight"), fed


def answer_line(word: str, found: Translation) -> list:
    """Return the tokens of a line: an answer and its probability."""
    said = found["said"] or "—"
    return [b.word(word), " ", said, "  p = ", b.num(found["probability"], "made")]
