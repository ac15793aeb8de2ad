"""The trained nets of the attention lesson, shared by all, and what they say of a date (cached)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from apps.stage import board as b
from core.inputs import InputError, choice

TRANSFORMER, PLAIN, LOOKING = "transformer-dates", "seq2seq-dates", "seq2seq-attention-dates"
DATES = (TRANSFORMER, LOOKING, PLAIN)
WHOLE, LOST, CHEAT, SHORT = (
    f"transformer-dates-{name}" for name in ("whole", "no-positions", "no-mask", "one-layer")
)
VARIANTS = (WHOLE, LOST, CHEAT, SHORT)
GPT = "gpt-chars"
EXAMPLES = (
    "2026년 11월 20일 금요일",
    "이천이십육년 십일월 이십일",
    "Fri, 20th of Nov. 2026",
    "11/20/26 (month/day/year)",
    "11/20/26",
    "2026녕 11월20일",
    "11-May-1909",
    "11월 20일 2026년",
    "2026-02-30",
    "점심 뭐 먹지 🎉",
)
NEEDED = {  # the nets of each view
    "kinds": (GPT,),
    "translate": DATES,
    "looks": (TRANSFORMER,),
    "ablate": (TRANSFORMER, *VARIANTS),
    "compare": DATES,
    "write": (GPT,),
}
MARKS = {"[start]": "start_mark", "[end]": "end_mark"}


def model(name: str) -> Any:
    """Return a trained net; a WeightError says why it cannot be had."""
    from core import weights

    return weights.load(name)


def have(name: str) -> bool:
    """Return whether a net can be had."""
    from core.weights import WeightError

    try:
        model(name)
    except WeightError:
        return False
    return True


def usable(name: Any, known: Sequence[str] = DATES) -> str:
    """Return the name of a net if it is one and can be had here."""
    name = choice("model", name, tuple(known))
    if not have(name):
        there = ", ".join(n for n in known if have(n)) or "none yet"
        raise InputError("choice", field="model", got=f'"{name}"', allowed=there)
    return name


def said(
    name: str,
    text: Any,
    method: str = "greedy",
    temperature: Any = 1.0,
    beams: Any = 4,
    seed: Any = 0,
    muted: tuple = (),
) -> dict[str, Any]:
    """Translate a date by one of the nets; a translation of equal settings is kept.

    See core.models.transformer.translation.translate.
    """
    given = (method, temperature, beams, seed)
    if isinstance(text, str) and all(isinstance(v, (int, float, str)) for v in given):
        return _said(name, text, method, temperature, beams, seed, muted)
    return _said.__wrapped__(name, text, method, temperature, beams, seed, muted)


@lru_cache(maxsize=256)
def _said(name: str, text: str, method: str, temperature: float, beams: int, seed: int, muted: Any):
    from core.models.transformer.translation import translate

    return translate(model(name), text, method, temperature, beams, seed, muted)


def answer_of(net: Any, made: dict[str, Any]) -> list[int]:
    """Return the indices of what was said, [end] too."""
    from core.data import dates

    letters = net.config.symbols
    return [dates.END if s == "[end]" else letters.index(s) + 3 for s in made["symbols"]]


def mark(token: str) -> b.Label:
    """Return a token as the page shows it."""
    return b.word(MARKS[token]) if token in MARKS else token


def marks(tokens: Sequence[str]) -> list[b.Label]:
    """Return tokens as the page shows them."""
    return [mark(token) for token in tokens]


def verdict(made: dict[str, Any]) -> b.Widget:
    """Return the answer, with what the net itself holds of it."""
    role = {"date": "ok", "none": "ink", "unsure": "grad"}[made["verdict"]]
    share = f"{100 * made['probability']:.2f}"
    return b.text(b.word(f"verdict_{made['verdict']}", said=made["said"] or "—", p=share), role)


def unknown(made: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a fact about letters that the net does not know, if there are any."""
    strange = [c for c, known in zip(made["tokens"][1:], made["known"][1:]) if not known]
    shown = " ".join(dict.fromkeys(strange))
    return [b.fact(b.word("unknown_letters", n=str(len(strange))), shown)] if strange else []


def metric(name: str, what: str) -> float:
    """Return a figure of a net's card, nan where it is not there."""
    from core import weights

    card = weights.cards().get(name)
    return float(card.metrics[what]["value"]) if card and what in card.metrics else float("nan")


def measured(name: str, figures: dict[str, str]) -> list[dict[str, Any]]:
    """Return facts from a net's card: {word: metric}, in percent."""
    values = {word: metric(name, what) for word, what in figures.items()}
    return [
        b.fact(b.word(word), f"{100 * v:.2f} %") for word, v in values.items() if np.isfinite(v)
    ]


def learned_positions(count: int) -> np.ndarray | None:
    """Return dot products (count, count) of a learned table, or None where there is none."""
    import torch

    if not have(GPT):
        return None
    with torch.no_grad():
        table = model(GPT).positions()[:count].double()  # (count, dim)
    return (table @ table.T).numpy()
