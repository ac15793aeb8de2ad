"""View "write": a letter model that writes, its attention and its distributions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from apps.lessons.attention.answers import GPT, TOLERANCE, marks, unknown_letters
from apps.lessons.attention.inputs import Inputs
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board, Check, Fact, Frame, Law, Turn
from core.inputs import integer

if TYPE_CHECKING:
    from core.models.gpt.decoder import Step, Writing

SIZE, WIDTH = 20, 760  # pixels of a letter, and of the text


def write(inputs: Inputs) -> Board:
    """Show a frame a written letter."""
    found = writing(
        inputs.prompt, inputs.count, inputs.temperature, inputs.top_k, inputs.top_p, inputs.seed
    )
    layers, heads = found["attention"].shape[:2]
    of_layer = found["attention"][integer("layer", inputs.layer, 1, layers) - 1]
    head = integer("head", inputs.head, 0, heads)  # 0: the mean of all
    looks = of_layer.mean(axis=0) if head == 0 else of_layer[head - 1]  # (T, T)
    names = ("symbol", "probability", "bare", "kept", "entropy")
    return {
        "frames": letter_frames(found, looks),
        "facts": [*sentences(found["text"]), *unknown_letters(found)],
        "checks": checks(found),
        "limits": {"layer": {"max": layers}, "head": {"max": heads}},
        "turn": turn(found["steps"][0]),
        "tables": {
            "text": found["text"],
            "steps": [{name: step[name] for name in names} for step in found["steps"]],
            "weights": looks,
        },
    }


def letter_frames(found: Writing, looks: np.ndarray) -> list[Frame]:
    """Return a frame a letter: the text with its attention, and the distribution drawn from."""
    steps, tokens = found["steps"], marks(found["tokens"])
    out = []
    for at, step in enumerate(steps, len(tokens) - len(steps)):
        # the letter at `at` was written from the row of the token before it
        shades = [*looks[at - 1, :at], *[0.0] * (len(tokens) - at)]
        text = b.strip(
            b.word("looking_back"),
            tokens,
            shades=shades,
            role="hidden",
            now=at,
            later=at + 1,
            width=WIDTH,
            size=SIZE,
        )
        bars = [likeliest_bars(step, k, b.word(f"{k}_p")) for k in ("bare", "probability")]
        facts = [
            b.fact(b.word("kept_letters"), str(step["kept"])),
            b.fact(b.word("entropy"), float(step["entropy"])),
        ]
        name = b.word("letter_n", n=str(len(out) + 1))
        # the first letter's step reads the whole prompt, each later one a single letter
        cost = b.word("say_cache" if out else "say_prompt", T=str(at), square=f"{at * at:,}")
        above = b.column(text, b.text(cost, size="wide"), gap="mid")
        out.append(b.frame(b.column(above, b.row(*bars, gap="wide")), name, facts))
    return out


@lru_cache(maxsize=64)
def writing(
    prompt: str, count: int, temperature: float, top_k: int, top_p: float, seed: int
) -> Writing:
    """Write after a prompt; see core.models.gpt.decoder.write."""
    from core.models.gpt import decoder

    return decoder.write(nets.model(GPT), prompt, count, temperature, top_k, top_p, seed)


def likeliest_bars(step: Step, key: Literal["bare", "probability"], label: b.Label) -> b.Widget:
    """Return the ten likeliest letters by one of their probabilities."""
    items = [
        {
            "label": b.word("space_mark") if one["symbol"] == " " else one["symbol"],
            "v": float(one[key]),
            "role": "made" if one["symbol"] == step["symbol"] else "ink",
        }
        for one in step["top"]
    ]
    return b.bars(label, items, low=0, high=1, digits=3)


def sentences(text: str) -> list[Fact]:
    """Return how many finished sentences the grammar could say, and how many training never saw."""
    from core.data import sentences as grammar

    whole = grammar.everything()
    finished = grammar.split_sentences(text)
    right = [one for one in finished if one in whole]
    new = [one for one in right if grammar.is_held_out(one)]
    said = b.word("sentences_of", n=str(len(finished)), right=str(len(right)), new=str(len(new)))
    return [b.fact(b.word("finished_sentences"), said)]


def checks(found: Writing) -> list[Check | Law]:
    """Return the checks: torch's own layers agree; no weight on later letters."""
    from core.models.transformer.check_nets import writing_delta

    delta = writing_delta(nets.model(GPT), found)
    rows = found["attention"].shape[-1]
    ahead = np.triu(found["attention"], 1).reshape(-1, rows, rows).max(axis=(0, 2))
    return [
        b.delta_check(delta, TOLERANCE),
        b.law(b.word("law_ahead"), int((ahead == 0).sum()), rows),
    ]


def turn(step: Step) -> Turn:
    """Return the exercise: two letters left by top-k = 2, scaled to sum to 1."""
    p, q = (float(one["bare"]) for one in step["top"][:2])
    return {
        "ask": b.word("turn_write", p=f"{p:.4f}", q=f"{q:.4f}"),
        "frame": 0,
        "blanks": [b.blank("p, q", [p / (p + q), q / (p + q)], "made", "")],
    }
