"""A letter model that writes: what it looks at, what it may draw from, and what it drew."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.attention.dates import TOLERANCE
from apps.lessons.attention.models import GPT, marks, model
from apps.stage import board as b
from core.inputs import integer

WIDTH = 470  # pixels of the text


def write(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a written letter."""
    count = integer("count", inputs.get("count", 48), 1, 127)
    given = {
        "prompt": inputs.get("prompt", ""),
        "temperature": inputs.get("temperature", 1),
        "top_k": inputs.get("top_k", 0),
        "top_p": inputs.get("top_p", 1),
        "seed": inputs.get("seed", 0),
    }
    made = written(count, **given)
    layers, heads = made["attention"].shape[:2]
    layer = integer("layer", inputs.get("layer", layers), 1, layers) - 1
    head = integer("head", inputs.get("head", 0), 0, heads)
    chosen = made["attention"][layer]
    looks = chosen.mean(axis=0) if head == 0 else chosen[head - 1]  # (T, T)
    return {
        "frames": frames(made, looks),
        "facts": sentences(made["text"]),
        "checks": checks(made),
        "limits": {"layer": {"max": layers}, "head": {"max": heads}},
        "turn": turn(made["steps"][0]),
        "tables": {
            "text": made["text"],
            "steps": [{k: s[k] for k in ("symbol", "probability", "bare", "kept", "entropy")}
                      for s in made["steps"]],
            "weights": looks,
        },
    }  # fmt: skip


def frames(made: dict[str, Any], looks: np.ndarray) -> list[dict]:
    """Return a frame a letter: the text with where it looked back, and what it was drawn from."""
    steps, tokens = made["steps"], marks(made["tokens"])
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
        )
        bars = [best(step, k, b.word(f"{k}_p")) for k in ("bare", "probability")]
        facts = [
            b.fact(b.word("kept_letters"), str(step["kept"])),
            b.fact(b.word("entropy"), float(step["entropy"])),
        ]
        name = b.word("letter_n", n=str(len(out) + 1))
        out.append(b.frame(b.row(text, b.row(*bars, gap="mid"), gap="mid"), name, facts))
    return out


def written(count: int, **given: Any) -> dict[str, Any]:
    """Return what `core.models.gpt.decoder.write` tells; of equal settings it is kept."""
    if all(isinstance(v, (int, float, str)) for v in given.values()):
        return _written(count, **given)
    return _written.__wrapped__(count, **given)


@lru_cache(maxsize=64)
def _written(count: int, **given: Any) -> dict[str, Any]:
    from core.models.gpt import decoder

    return decoder.write(model(GPT), count=count, **given)


def best(step: dict[str, Any], key: str, label: b.Label) -> b.Widget:
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


def sentences(text: str) -> list[dict]:
    """Return how many finished sentences the grammar could say, and how many training never saw."""
    from core.data import sentences as grammar

    whole = grammar.everything()
    finished = grammar.split_sentences(text)
    right = [one for one in finished if one in whole]
    new = [one for one in right if grammar.is_held_out(one)]
    said = b.word("sentences_of", n=str(len(finished)), right=str(len(right)), new=str(len(new)))
    return [b.fact(b.word("finished_sentences"), said)]


def checks(made: dict[str, Any]) -> list[dict]:
    """Return the checks: torch's own layers say the same; nobody looks ahead."""
    from core.models.transformer.check import writing_delta

    found = writing_delta(model(GPT), made)
    rows = made["attention"].shape[-1]
    ahead = np.triu(made["attention"], 1).reshape(-1, rows, rows).max(axis=(0, 2))
    return [
        b.check(found["delta"], found["against"], TOLERANCE),
        b.law(b.word("law_ahead"), int((ahead == 0).sum()), rows),
    ]


def turn(step: dict[str, Any]) -> dict[str, Any]:
    """Return the exercise: two letters left by top-k = 2, scaled to sum to 1."""
    p, q = (float(one["bare"]) for one in step["top"][:2])
    return {
        "ask": b.word("turn_write", p=f"{p:.4f}", q=f"{q:.4f}"),
        "frame": 0,
        "blanks": [b.blank("p, q", [p / (p + q), q / (p + q)], "made", "")],
    }
