"""View "translate": a visitor's date, translated into ISO 8601 symbol by symbol."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.attention.answers import (
    answer,
    answer_checks,
    card_facts,
    cautions,
    marks,
    verdict,
)
from apps.lessons.attention.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from apps.stage.widgets.attention import shares

if TYPE_CHECKING:
    from core.models.transformer.decoding import Beginning
    from core.models.transformer.translation import Step, Translation

LATER = "·"  # a symbol that is not said yet
FIGURES = {
    "held_right": "exact match",
    "unseen_right": "unseen formats",
    "wrong_sure": "wrong yet sure",
}
WITHOUT = {"greedy": ["beams", "seed"], "sample": ["beams"], "beam": ["seed"]}


def translate(inputs: Inputs) -> Board:
    """Show a frame a symbol: the decoder's attention, the ten likeliest, the choice."""
    name, method = inputs.model, inputs.method
    found = answer(name, inputs.text, method, inputs.temperature, inputs.beams, inputs.seed)
    cross = found["attention"].get("cross")
    looks = None if cross is None else cross.mean(axis=(0, 1))  # (T, S)
    facts = [*card_facts(name, FIGURES), *cautions(found)]
    if method != "greedy":
        plain = answer(name, inputs.text)
        facts.append(b.fact(b.word("greedy_says"), f"{plain['said']} ({plain['probability']:.4f})"))
    return {
        "frames": [symbol_frame(found, looks, t) for t in range(len(found["steps"]))],
        "parts": {} if looks is None else {"looks": {"rows": shares(looks)}},
        "facts": facts,
        "checks": answer_checks(name, found, inputs.temperature),
        "without": WITHOUT[method],
        "turn": turn(inputs.beams),
        "tables": tables(found, looks),
    }


def tables(found: Translation, looks: np.ndarray | None) -> dict[str, Any]:
    """Return a translation's numbers, with the mean of all heads' looks (T, S)."""
    names = ("symbol", "probability", "entropy")
    out = {
        "said": found["said"],
        "log_probability": found["log_probability"],
        "steps": [{name: step[name] for name in names} for step in found["steps"]],
        "cross": [] if looks is None else looks,
    }
    if "beams" in found:
        out["beams"] = [dict(one) for step in found["beams"] for one in step]
    return out


def symbol_frame(found: Translation, looks: np.ndarray | None, t: int) -> Frame:
    """Return the frame of output symbol t."""
    steps, symbols = found["steps"], found["symbols"]
    so_far = [*marks(symbols[: t + 1]), *[LATER] * (len(symbols) - t - 1)]
    sides = (b.word("says"), b.word("reads"))
    tokens = marks(found["tokens"])
    if looks is None:
        left = b.column(
            b.strip(sides[0], so_far, role="made", now=t),
            b.text(b.word("no_looking"), size="wide"),
            b.strip(sides[1], tokens, width=560),
        )
    else:
        left = b.ties("", so_far, tokens, "looks", names=sides, now=t, width=480)
    if t == len(steps) - 1:
        below = verdict(found)
    else:
        said = "".join(s for s in symbols[: t + 1] if s != "[end]")
        below = b.text(b.word("so_far", said=said), size="wide")
    if "beams" in found:
        right = beam_bars(found["said"], found["beams"][min(t, len(found["beams"]) - 1)])
    else:
        right = likeliest_bars(steps[t])
    facts = [
        b.fact(b.word("chosen_p"), float(steps[t]["probability"])),
        b.fact(b.word("entropy"), float(steps[t]["entropy"])),
    ]
    view = b.row(b.column(left, below, gap="mid"), right, gap="mid")
    return b.frame(view, b.word("step_of", n=str(t + 1), of=str(len(steps))), facts)


def likeliest_bars(step: Step) -> b.Widget:
    """Return the ten likeliest symbols of a step."""
    items = [
        {
            "label": marks([one["symbol"]])[0],
            "v": float(one["probability"]),
            "role": "made" if one["symbol"] == step["symbol"] else "ink",
        }
        for one in step["top"]
    ]
    return b.bars(b.word("ten_best"), items, low=0, high=1, digits=4)


def beam_bars(said: str, beams: Sequence[Beginning]) -> b.Widget:
    """Return the beginnings that are left after a step, each with its probability."""
    items = [
        {
            "label": one["said"] + (" ■" if one["ended"] else ""),
            "v": math.exp(one["log_probability"]),
            "role": "made" if said.startswith(one["said"]) else "ink",
        }
        for one in beams
    ]
    return b.bars(b.word("beams_kept", n=str(len(beams))), items, low=0, high=1, digits=4)


def turn(width: int) -> Turn:
    """Return the exercise: how many beginnings a step of the beam search compares."""
    from core.data import dates

    count = len(dates.SYMBOLS) + 1  # and [end]
    return {
        "ask": b.word("turn_translate", n=str(width), v=str(count)),
        "frame": 0,
        "blanks": [b.blank("n", [width * count], "ink", "")],
    }
