"""A date translated to ISO 8601, symbol by symbol: tokens, attention and probabilities.

    log p(said) = Σ_t log p_t(symbol_t) in nats,    p_t as in core.models.transformer.decoding
    entropy     −Σ_v p_t(v) log₂ p_t(v) in bits: 0 where the net is sure

The verdict is the net's own: "date" where it says a day that exists and log p(said), at temperature
1 and along the symbols that were said, is at least log SURE; "none" where it says "?" as surely;
else "unsure". One verdict is a rule's and not the net's: "outside" where it says a day, however
surely, and core.data.date_scope finds that the text is none of those that it learned to read.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor
from typing_extensions import NotRequired, TypedDict

from core.data import date_scope, dates
from core.inputs import InputError, choice, describe, integer, number
from core.models.transformer.decoding import (
    Beginning,
    Muted,
    beam_search,
    decode_stepwise,
    gates_of,
    log_probabilities,
    name_of,
    spell,
)
from core.models.transformer.stepwise import Looks

METHODS = ("greedy", "beam", "sample")
TOP = 10  # symbols whose probabilities a step tells
SURE = 0.9  # least probability of an answer that counts as sure
TEMPERATURES = (0.1, 5.0)
BEAMS = (1, 10)
BEGINNING = "[start]"


class Candidate(TypedDict):
    """A symbol that a step might say."""

    symbol: str
    probability: float


class Step(TypedDict):
    """A net's distribution at one output symbol, at the temperature asked for."""

    symbol: str  # what it said
    probability: float  # of that
    entropy: float  # of all, in bits
    top: list[Candidate]  # the ten likeliest, best first


class Answer(TypedDict):
    """An answer and the net's own probability of it."""

    said: str  # the symbols before [end]
    iso: str | None  # the same where it is a day that exists and the text lies in what was learned
    verdict: Literal["date", "none", "unsure", "outside"]
    probability: float  # of what was said, at temperature 1
    log_probability: float  # its logarithm, in nats
    symbols: list[str]  # T, with [end] unless it never ended
    steps: list[Step]  # T


class Translation(Answer):
    """A text, the answer to it, and where the net looked."""

    text: str
    tokens: list[str]  # S: [start] and the letters as they were typed
    known: list[bool]  # S: whether each is in the vocabulary
    attention: dict[str, np.ndarray]  # by part, as far as the net has it:
    # "encoder" (layers, H, S, S); "decoder" (layers, H, T, T), row t being the step that says
    # symbol t and column t the symbol read then, [start] first; "cross" (layers, H, T, S)
    beams: NotRequired[list[list[Beginning]]]  # of each step of a beam search, best first


@torch.no_grad()
def translate(
    model: Any,
    text: Any,
    method: str = "greedy",
    temperature: float = 1.0,
    beams: int = 4,
    seed: int = 0,
    muted: Muted = (),
) -> Translation:
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
        said, tree = beam_search(model, source, width, warmth, gates)
    else:
        said = decode_stepwise(
            model, source, warmth, None if method == "greedy" else generator, gates
        )
    answer, attention = replay(model, source, said, warmth, gates)
    answer = in_scope(answer, text)
    found: Translation = {**answer, **reading(model, text, letters), "attention": attention}
    if tree is not None:
        found["beams"] = tree
    return found


@torch.no_grad()
def teacher_force(model: Any, text: Any, iso: str, temperature: float = 1.0) -> Translation:
    """Feed an answer in, all of it at once as while the net learns, and tell the same of it.

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
        raise InputError("choice", field="iso", got=describe(iso), allowed='YYYY-MM-DD, "?"')
    warmth = number("temperature", temperature, *TEMPERATURES)
    source, said = source_of(model, text), dates.encode_answer(iso, model.config.symbols)[1:]
    state, looks = model.encode(source)
    target = torch.tensor([[dates.START, *said[:-1]]])
    logits, _, more = model.decode(target, state)
    answer = in_scope(describe_answer(model, said, logits[0], warmth), text)
    attention = {k: v[0].numpy().astype(float) for k, v in {**looks, **more}.items()}
    return {**answer, **reading(model, text, dates.read_letters(text)), "attention": attention}


def in_scope(answer: Answer, text: str) -> Answer:
    """Return an answer, its day taken back where the text is none that the net learned to read."""
    if answer["iso"] is None or not date_scope.outside(text):
        return answer
    return {**answer, "iso": None, "verdict": "outside"}


class Reading(TypedDict):
    """A text as a net reads it; see Translation."""

    text: str
    tokens: list[str]
    known: list[bool]


def reading(model: Any, text: str, letters: list[str]) -> Reading:
    """Return a text as a net reads it: its letters, and which of them the net knows."""
    known = [i != dates.UNKNOWN for i in dates.encode(text, model.config.letters)]
    return {"text": text, "tokens": [BEGINNING, *letters], "known": known}


def source_of(model: Any, text: Any) -> Tensor:
    """Return a text's indices (1, S)."""
    return torch.tensor([dates.encode(text, model.config.letters)])


def replay(
    model: Any, source: Tensor, said: list[int], temperature: float, gates: Looks | None
) -> tuple[Answer, dict[str, np.ndarray]]:
    """Go along these symbols with the cache; return the answer and the attention by part."""
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
    answer = describe_answer(model, said, torch.stack(logits), temperature)
    return answer, {k: v[0].numpy().astype(float) for k, v in attention.items()}


def describe_answer(model: Any, said: list[int], logits: Tensor, temperature: float) -> Answer:
    """Describe the output symbols by their logits (T, V)."""
    steps: list[Step] = []
    sure = 0.0
    for symbol, log_p, bare in zip(
        said, log_probabilities(logits, temperature), log_probabilities(logits, 1.0)
    ):
        p = log_p.exp()
        best = p.topk(min(TOP, int(log_p.isfinite().sum())))
        sure += float(bare[symbol])
        steps.append(
            {
                "symbol": name_of(model, symbol),
                "probability": float(p[symbol]),
                "entropy": float(-(p * log_p.clamp(min=-1e9)).sum() / math.log(2)),
                "top": [
                    {"symbol": name_of(model, i), "probability": value}
                    for value, i in zip(best.values.tolist(), best.indices.tolist())
                ],
            }
        )
    words = spell(model, said)
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
