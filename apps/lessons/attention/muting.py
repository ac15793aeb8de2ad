"""Heads of a Transformer that are muted one by one, measured on dates that it never saw."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.attention.answers import answer, answer_checks, together
from apps.lessons.attention.inputs import TRANSFORMER
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board

if TYPE_CHECKING:
    from torch import Tensor

    from core.models.transformer.translation import Translation

PAIRS = 160  # held-out dates that the table is measured on, here and now
WRITTEN_OUT = 6  # changed answers that are written out

Head = tuple[str, int, int]  # part, layer, head, from 0
Shares = dict[str, np.ndarray]  # part -> (layers, heads), the share right with that one muted


def muting(text: str) -> Board:
    """Show accuracy with each head off, and which of them change the answer to a date."""
    full, table, pairs = head_table()
    low, part = min((shares.min(), part) for part, shares in table.items())
    i, j = np.unravel_index(int(table[part].argmin()), table[part].shape)
    changed, same = changed_answers(text)
    # what is written out, and where nothing is, the answer without the head that is missed most
    heads = [head for head, _ in changed] or [(part, int(i), int(j))]
    count = sum(shares.size for shares in table.values())
    rows: list[list[Any]] = [
        [head_off(*head), " → ", one["said"] or "—", "   p = ", b.num(one["probability"], "made")]
        for head, one in changed
    ]
    say = b.word("unchanged_of", n=str(same), of=str(count), text=text or "—")
    below = [b.lines(b.word("changed_answers"), rows)] if rows else []
    grids = b.column(*error_grids({name: 1 - shares for name, shares in table.items()}), gap="mid")
    return {
        "frames": [
            b.frame(
                b.row(grids, b.column(b.text(say, size="note"), *below), gap="wide"),
                b.word("look_heads"),
            )
        ],
        "facts": [
            b.fact(b.word("all_heads", n=str(pairs)), 1 - full),
            b.fact(b.word("worst_head"), [head_off(part, int(i), int(j)), f"{1 - low:.3f}"]),
        ],
        "checks": together(
            [
                one
                for head in heads
                for one in answer_checks(
                    TRANSFORMER, answer(TRANSFORMER, text, muted=(head,)), muted=(head,)
                )
            ]
        ),
        "turn": {
            "ask": b.word(
                "turn_heads_off", full=f"{1 - full:.4f}", low=f"{1 - low:.4f}", n=f"{pairs}"
            ),
            "frame": 0,
            "blanks": [b.blank("n", [round((full - low) * pairs)], "ink", "")],
        },
        "tables": {"all heads": full, **table},
    }


def head_off(part: str, layer: int, head: int) -> b.Label:
    """Return the name of a muted head, counted from 0."""
    short = b.word(f"short.{part}")
    return b.word("head_off", part=short, layer=str(layer + 1), head=str(head + 1))


def error_grids(errors: Shares) -> list[b.Widget]:
    """Return the shares of wrong answers, a grid a part, a row a layer."""
    most = max(0.02, *(float(shares.max()) for shares in errors.values()))
    return [
        b.lookup(
            b.word(f"part_of.{part}"),
            [b.word("layer_n", n=str(n + 1)) for n in range(len(shares))],
            [str(n + 1) for n in range(shares.shape[1])],
            shares,
            cell=52,
            digits=3,
            role="grad",
            most=most,
        )
        for part, shares in errors.items()
    ]


# ---- measured over held-out dates


def head_table() -> tuple[float, Shares, int]:
    """Return the share right with every head, with each muted, and on how many pairs.

    As its recipe measured it for this very net; of another net, on fewer pairs now.
    """
    from core.measure import heads as record

    card = nets.card(TRANSFORMER)
    found = record.read_heads()
    if card is None or found["sha256"] != card.sha256:
        return (*measure(), PAIRS)
    return found["whole"], {part: np.array(v) for part, v in found["muted"].items()}, found["pairs"]


@lru_cache(maxsize=2)
def measure() -> tuple[float, Shares]:
    """Measure the share right with every head, and with each of them muted."""
    import torch

    from core.models.transformer.decoding import gates_of

    net, (source, _) = nets.model(TRANSFORMER), held_out(PAIRS)
    with torch.no_grad():
        read = net.encode(source)[0]
        found = {}
        for part, (layers, count) in net.heads().items():
            table = np.zeros((layers, count))
            for i, j in np.ndindex(layers, count):
                gates = gates_of(net, [(part, i, j)])
                state = net.encode(source, gates)[0] if part == "encoder" else read
                table[i, j] = share_right(net, state, gates)
            found[part] = table
    return share_right(net, read, None), found


@lru_cache(maxsize=2)
def held_out(count: int) -> tuple[Tensor, Tensor]:
    """Return held-out pairs: letters (N, S) and symbols (N, T)."""
    import torch

    from core.data.date_tensors import draw_pairs

    letters, symbols, _ = draw_pairs(count, torch.Generator().manual_seed(2), "held")
    letters = letters.long()
    return letters[:, : int((letters != 0).sum(1).max())], symbols.long()


def share_right(net: Any, state: Any, gates: dict[str, Tensor] | None) -> float:
    """Return the share of pairs decoded greedily without an error, from encoder states.

    A greedy answer is right if and only if every symbol is the likeliest after the right ones
    before it: all are asked at once.
    """
    import torch

    _, target = held_out(PAIRS)
    with torch.no_grad():
        best = net.decode(target[:, :-1], state, gates)[0].argmax(-1)  # (N, T)
    wanted = target[:, 1:]
    return float(((best == wanted) | (wanted == 0)).all(1).double().mean())


# ---- over one date


def changed_answers(text: str) -> tuple[list[tuple[Head, Translation]], int]:
    """Return the heads whose removal changes the answer to a date, and the number of the others.

    Each is tested along the whole net's answer, as in `share_right`.
    """
    import torch

    from core.data import dates
    from core.models.transformer.decoding import gates_of, log_probabilities
    from core.models.transformer.translation import source_of

    net = nets.model(TRANSFORMER)
    known = torch.tensor(indices(net, answer(TRANSFORMER, text)["symbols"]))
    target = torch.cat([torch.tensor([dates.START]), known[:-1]])[None]
    every = [(part, *at) for part, shape in net.heads().items() for at in np.ndindex(*shape)]
    changed = []
    with torch.no_grad():
        source = source_of(net, text)
        read = net.encode(source)[0]  # the same for every head that is not the encoder's
        for head in every:
            gates = gates_of(net, [head])
            state = net.encode(source, gates)[0] if head[0] == "encoder" else read
            best = log_probabilities(net.decode(target, state, gates)[0], 1.0).argmax(-1)[0]
            if not torch.equal(best, known):
                changed.append(head)
    first = [(head, answer(TRANSFORMER, text, muted=(head,))) for head in changed[:WRITTEN_OUT]]
    return first, len(every) - len(changed)


def indices(net: Any, symbols: list[str]) -> list[int]:
    """Return the indices of an answer's symbols, [end] too."""
    from core.data import dates

    letters = net.config.symbols
    return [dates.END if one == "[end]" else letters.index(one) + 3 for one in symbols]
