"""Ways to choose an answer's symbols: greedy, sampled, or the best of a beam.

    p_t(v) = softmax(logits_t / temperature)          [start] and padding are never said
    greedy   the likeliest symbol, each time
    sample   a draw from p_t
    beam     the W best beginnings by log p are kept; the best that has ended wins

Paper: Graves 2012, arXiv 1211.3711 (beam search). We deviate in that log p is not divided by the
answer's length: answers are of one length or of one symbol.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from typing_extensions import TypedDict

from core.data import dates
from core.inputs import InputError, choice, describe, integer
from core.models.transformer.stepwise import Looks, State

ENDING = "[end]"
Muted = Iterable[tuple[str, int, int]]  # part, layer, head, from 0


class Beginning(TypedDict):
    """One of the beginnings that a step of a beam search keeps."""

    said: str  # its symbols before [end]
    symbol: str  # its last symbol
    parent: int  # the place of what it goes on from in the step before
    log_probability: float  # in nats
    ended: bool  # whether it goes no further


def gates_of(model: Any, muted: Muted) -> Looks | None:
    """Return part -> (layers, H) of 1 and, for the muted heads, 0; None where all speak.

    Raises:
        InputError: a head that the net does not have.
    """
    parts, muted = model.heads(), list(muted)
    if not muted:
        return None
    gates = {part: torch.ones(shape) for part, shape in parts.items()}
    for entry in muted:
        if not isinstance(entry, (list, tuple)) or len(entry) != 3:
            raise InputError("list", field="muted", got=describe(entry), allowed="part, int, int")
        part = choice("muted", entry[0], tuple(parts))
        layers, heads = parts[part]
        layer = integer("muted layer", entry[1], 0, layers - 1)
        gates[part][layer, integer("muted head", entry[2], 0, heads - 1)] = 0
    return gates


def log_probabilities(logits: Tensor, temperature: float) -> Tensor:
    """Return log p (…, V) of the symbols in nats: [start] and padding are out of the question."""
    logits = logits.double() / temperature
    logits[..., [dates.PAD, dates.START]] = -math.inf
    return logits.log_softmax(-1)


def decode_stepwise(
    model: Any,
    source: Tensor,
    temperature: float,
    generator: torch.Generator | None,
    gates: Looks | None,
) -> list[int]:
    """Choose symbol by symbol, greedily or, with a generator, by draws; return them, [end] too."""
    state, _ = model.encode(source, gates)
    symbol, said = torch.tensor([dates.START]), []
    while len(said) < dates.WRITTEN and dates.END not in said:
        logits, state, _ = model.step(symbol, state, gates)
        log_p = log_probabilities(logits, temperature)  # (1, V)
        symbol = (
            torch.multinomial(log_p.exp(), 1, generator=generator)[:, 0]
            if generator
            else log_p.argmax(-1)
        )
        said.append(int(symbol))
    return said


def beam_search(
    model: Any, source: Tensor, width: int, temperature: float, gates: Looks | None
) -> tuple[list[int], list[list[Beginning]]]:
    """Search for the likeliest answer, `width` beginnings at a time.

    Returns:
        the best of the beginnings that ended (else of all), and each step's, best first.
    """
    state, _ = model.encode(source, gates)
    kept: list[tuple[float, list[int]]] = [(0.0, [])]
    tree: list[list[Beginning]] = []
    while any(not is_over(said) for _, said in kept):
        open_ = [i for i, (_, said) in enumerate(kept) if not is_over(said)]
        last = torch.tensor([kept[i][1][-1] if kept[i][1] else dates.START for i in open_])
        logits, new, _ = model.step(last, state, gates)
        found = [(score, i, said, -1) for i, (score, said) in enumerate(kept) if is_over(said)]
        for row, (i, log_p) in enumerate(zip(open_, log_probabilities(logits, temperature))):
            best = log_p.topk(min(width, int(log_p.isfinite().sum())))
            found += [
                (kept[i][0] + value, i, [*kept[i][1], v], row)
                for value, v in zip(best.values.tolist(), best.indices.tolist())
            ]
        found = sorted(found, key=lambda one: -one[0])[:width]
        tree.append(
            [describe_beginning(model, score, parent, said) for score, parent, said, _ in found]
        )
        kept = [(score, said) for score, _, said, _ in found]
        rows = [row for _, _, said, row in found if not is_over(said)]
        state = take_rows(new, rows)
    finished = [one for one in kept if one[1][-1] == dates.END] or kept
    return max(finished, key=lambda one: one[0])[1], tree


def is_over(said: list[int]) -> bool:
    """Return whether a beginning goes no further."""
    return bool(said) and (said[-1] == dates.END or len(said) == dates.WRITTEN)


def take_rows(state: State, rows: list[int]) -> State:
    """Return the state of these rows of the batch."""
    return {name: value[rows] for name, value in state.items()}


def describe_beginning(model: Any, score: float, parent: int, said: list[int]) -> Beginning:
    """Return a beginning in symbols."""
    return {
        "said": spell(model, said),
        "symbol": name_of(model, said[-1]),
        "parent": parent,
        "log_probability": score,
        "ended": is_over(said),
    }


def name_of(model: Any, symbol: int) -> str:
    """Return a symbol as it is shown."""
    return ENDING if symbol == dates.END else model.config.symbols[symbol - 3]


def spell(model: Any, said: Sequence[int]) -> str:
    """Return the symbols before [end] as one text."""
    return "".join(name_of(model, i) for i in said if i != dates.END)
