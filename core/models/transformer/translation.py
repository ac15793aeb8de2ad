"""A date said in ISO 8601, symbol by symbol: what the net reads, looks at, and holds likely.

    p_t(v) = softmax(logits_t / temperature)          log p(said) = Σ_t log p_t(symbol_t) in nats
    greedy   the likeliest symbol, each time
    sample   a draw from p_t
    beam     the W best beginnings by log p are kept; the best that has ended wins (Graves 2012)
    entropy  −Σ_v p_t(v) log₂ p_t(v) in bits: 0 where the net is sure

The verdict is the net's own: "date" where it says a day that exists and log p(said), at temperature
1 and along the symbols that were said, is at least log SURE; "none" where it says "?" as surely;
else "unsure". [start] and padding are never said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from core.data import dates
from core.inputs import InputError, choice, describe, integer, number
from core.models.transformer.encoder_decoder import Looks, State

METHODS = ("greedy", "beam", "sample")
TOP = 10  # symbols whose probabilities a step tells
SURE = 0.9  # least probability of an answer that counts as sure
TEMPERATURES = (0.1, 5.0)
BEAMS = (1, 10)
ENDING, BEGINNING = "[end]", "[start]"
Muted = Iterable[tuple[str, int, int]]


@torch.no_grad()
def translate(
    model: Any,
    text: Any,
    method: str = "greedy",
    temperature: float = 1.0,
    beams: int = 4,
    seed: int = 0,
    muted: Muted = (),
) -> dict[str, Any]:
    """Say a date in ISO 8601 and tell everything that happened.

    Args:
        model: a trained `Transformer` or `Seq2Seq`.
        text: at most LONGEST letters; empty is allowed.
        method: "greedy", "beam" or "sample".
        temperature: 0.1 to 5; greedy says the same at any, its probabilities change.
        beams: W, 1 to 10.
        seed: of the sample, 0 to 2³¹ − 1.
        muted: heads that give 0: (part, layer, head), counted from 0; parts as in
            `model.heads()`.

    Returns:
        text; tokens, [start] and the letters as they were typed; known, whether each is in the
        vocabulary; said; iso, the date said if it exists, else None; verdict, "date", "none" or
        "unsure"; probability and log_probability (nats) of what was said, at temperature 1;
        symbols, what was said with [end], unless it never ended;
        steps, for each of the symbols {"symbol", "probability", "entropy", "top": [{"symbol",
        "probability"} × 10]};
        attention, part -> array: "encoder" (layers, H, S, S), "decoder" (layers, H, T, T), row t
        being the step that says symbol t and column t the symbol read then ([start] first),
        "cross" (layers, H, T, S); a part is missing where the net has none;
        beams, with method "beam": for each step the beginnings kept, best first: {"said", "symbol",
        "parent" (the place in the step before), "log_probability", "ended"}.

    Raises:
        InputError: naming the argument that was refused.
    """
    choice("method", method, METHODS)
    warmth = number("temperature", temperature, *TEMPERATURES)
    letters, source = dates.read_letters(text), source_of(model, text)
    gates = gates_of(model, muted)
    generator = torch.Generator().manual_seed(integer("seed", seed, 0, 2**31 - 1))
    width, tree = integer("beams", beams, *BEAMS), None
    if method == "beam":
        said, tree = search(model, source, width, warmth, gates)
    else:
        said = wander(model, source, warmth, None if method == "greedy" else generator, gates)
    trace = retold(model, source, said, warmth, gates)
    whole = dates.encode(text, model.config.letters)
    return {
        "text": text,
        "tokens": [BEGINNING, *letters],
        "known": [i != dates.UNKNOWN for i in whole],
        **trace,
        **({} if tree is None else {"beams": tree}),
    }


@torch.no_grad()
def taught(model: Any, text: Any, iso: str, temperature: float = 1.0) -> dict[str, Any]:
    """Tell the same of an answer that is given, all of it at once, as while the net learns.

    A net without causal mask sees here the symbols that it is to say; it has learned to copy them.

    Args:
        model: as in `translate`.
        text: as in `translate`.
        iso: the answer, YYYY-MM-DD or "?".
        temperature: as in `translate`.

    Raises:
        InputError: naming the argument that was refused.
    """
    if iso != "?" and dates.parse_iso(iso) is None:
        raise InputError("choice", field="iso", got=describe(iso), allowed='"2026-11-20", "?"')
    warmth = number("temperature", temperature, *TEMPERATURES)
    source, said = source_of(model, text), dates.encode_answer(iso, model.config.symbols)[1:]
    state, looks = model.encode(source)
    target = torch.tensor([[dates.START, *said[:-1]]])
    logits, _, more = model.decode(target, state)
    trace = told(model, said, logits[0], warmth)
    attention = {k: v[0].numpy().astype(float) for k, v in {**looks, **more}.items()}
    letters = dates.read_letters(text)
    return {"text": text, "tokens": [BEGINNING, *letters], **trace, "attention": attention}


def source_of(model: Any, text: Any) -> Tensor:
    """Return a text's indices (1, S)."""
    return torch.tensor([dates.encode(text, model.config.letters)])


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


def likely(logits: Tensor, temperature: float) -> Tensor:
    """Return log p (…, V) of the symbols: [start] and padding are out of the question."""
    logits = logits.double() / temperature
    logits[..., [dates.PAD, dates.START]] = -math.inf
    return logits.log_softmax(-1)


def wander(
    model: Any,
    source: Tensor,
    temperature: float,
    generator: torch.Generator | None,
    gates: Looks | None,
) -> list[int]:
    """Return the symbols said, [end] too, greedily or, with a generator, drawn."""
    state, _ = model.encode(source, gates)
    symbol, said = torch.tensor([dates.START]), []
    while len(said) < dates.WRITTEN and dates.END not in said:
        logits, state, _ = model.step(symbol, state, gates)
        log_p = likely(logits, temperature)  # (1, V)
        symbol = (
            torch.multinomial(log_p.exp(), 1, generator=generator)[:, 0]
            if generator
            else log_p.argmax(-1)
        )
        said.append(int(symbol))
    return said


def search(
    model: Any, source: Tensor, width: int, temperature: float, gates: Looks | None
) -> tuple[list[int], list[list[dict[str, Any]]]]:
    """Return the best of the beginnings that ended (else of all), and each step's beginnings."""
    state, _ = model.encode(source, gates)
    kept: list[tuple[float, list[int]]] = [(0.0, [])]
    tree: list[list[dict[str, Any]]] = []
    while any(not ended(said) for _, said in kept):
        open_ = [i for i, (_, said) in enumerate(kept) if not ended(said)]
        last = torch.tensor([kept[i][1][-1] if kept[i][1] else dates.START for i in open_])
        logits, new, _ = model.step(last, state, gates)
        found = [(score, i, said, -1) for i, (score, said) in enumerate(kept) if ended(said)]
        for row, (i, log_p) in enumerate(zip(open_, likely(logits, temperature))):
            best = log_p.topk(min(width, int(log_p.isfinite().sum())))
            found += [
                (kept[i][0] + value, i, [*kept[i][1], v], row)
                for value, v in zip(best.values.tolist(), best.indices.tolist())
            ]
        found = sorted(found, key=lambda one: -one[0])[:width]
        tree.append([branch(model, score, parent, said) for score, parent, said, _ in found])
        kept = [(score, said) for score, _, said, _ in found]
        rows = [row for _, _, said, row in found if not ended(said)]
        state = picked(new, rows)
    finished = [one for one in kept if one[1][-1] == dates.END] or kept
    return max(finished, key=lambda one: one[0])[1], tree


def ended(said: list[int]) -> bool:
    """Return whether a beginning goes no further."""
    return bool(said) and (said[-1] == dates.END or len(said) == dates.WRITTEN)


def picked(state: State, rows: list[int]) -> State:
    """Return the state of these rows of the batch."""
    return {name: value[rows] for name, value in state.items()}


def branch(model: Any, score: float, parent: int, said: list[int]) -> dict[str, Any]:
    """Return what a step of a beam search tells of one beginning."""
    return {
        "said": spelled(model, said),
        "symbol": named(model, said[-1]),
        "parent": parent,
        "log_probability": score,
        "ended": ended(said),
    }


def retold(
    model: Any, source: Tensor, said: list[int], temperature: float, gates: Looks | None
) -> dict[str, Any]:
    """Go along these symbols with the cache; return steps, verdict and attention."""
    state, looks = model.encode(source, gates)
    logits, rows = [], []
    for symbol in [dates.START, *said[:-1]]:
        one, state, more = model.step(torch.tensor([symbol]), state, gates)
        logits.append(one[0])
        rows.append(more)
    attention = dict(looks)
    for part in rows[0]:
        widest = max(row[part].shape[-1] for row in rows)
        padded = [
            torch.nn.functional.pad(row[part], (0, widest - row[part].shape[-1])) for row in rows
        ]
        attention[part] = torch.cat(padded, -2)  # (1, layers, H, T, …)
    trace = told(model, said, torch.stack(logits), temperature)
    return {**trace, "attention": {k: v[0].numpy().astype(float) for k, v in attention.items()}}


def told(model: Any, said: list[int], logits: Tensor, temperature: float) -> dict[str, Any]:
    """Return what the logits (T, V) say of the symbols that were said."""
    steps, sure = [], 0.0
    for symbol, log_p, bare in zip(said, likely(logits, temperature), likely(logits, 1.0)):
        p = log_p.exp()
        best = p.topk(min(TOP, int(log_p.isfinite().sum())))
        sure += float(bare[symbol])
        steps.append(
            {
                "symbol": named(model, symbol),
                "probability": float(p[symbol]),
                "entropy": float(-(p * log_p.clamp(min=-1e9)).sum() / math.log(2)),
                "top": [
                    {"symbol": named(model, i), "probability": value}
                    for value, i in zip(best.values.tolist(), best.indices.tolist())
                ],
            }
        )
    words = spelled(model, said)
    day, certain = dates.parse_iso(words), sure >= math.log(SURE)
    verdict = "date" if day and certain else "none" if words == "?" and certain else "unsure"
    return {
        "said": words,
        "iso": words if day else None,
        "verdict": verdict,
        "probability": math.exp(sure),
        "log_probability": sure,
        "symbols": [step["symbol"] for step in steps],
        "steps": steps,
    }


def named(model: Any, symbol: int) -> str:
    """Return a symbol as it is shown."""
    return ENDING if symbol == dates.END else model.config.symbols[symbol - 3]


def spelled(model: Any, said: list[int]) -> str:
    """Return the symbols before [end] as one text."""
    return "".join(named(model, i) for i in said if i != dates.END)
