"""The lesson's trained nets: their answers to a date, the display, and the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Check, Fact, Law

if TYPE_CHECKING:
    from core.models.gpt.decoder import Writing
    from core.models.transformer.translation import Translation

WHOLE, LOST, CHEAT, SHORT = (
    f"transformer-dates-{name}" for name in ("whole", "no-positions", "no-mask", "one-layer")
)
VARIANTS = (WHOLE, LOST, CHEAT, SHORT)
GPT = "gpt-chars"
MARKS = {"[start]": "start_mark", "[end]": "end_mark"}
ROLES = {"date": "ok", "none": "ink", "unsure": "grad", "outside": "grad"}  # of a verdict
TOLERANCE = 1e-4  # of a probability: the nets compute in float32, the check in float64
ROUNDING = 1e-5  # of a sum of float32 weights


@lru_cache(maxsize=256)
def answer(
    name: str,
    text: str,
    method: str = "greedy",
    temperature: float = 1.0,
    beams: int = 4,
    seed: int = 0,
    muted: tuple[tuple[str, int, int], ...] = (),
) -> Translation:
    """Translate a date by one of the nets; see core.models.transformer.translation.translate."""
    from core.models.transformer.translation import translate

    return translate(nets.model(name), text, method, temperature, beams, seed, muted)


def mark(token: str) -> b.Label:
    """Return a token as the page shows it."""
    return b.word(MARKS[token]) if token in MARKS else token


def marks(tokens: Sequence[str]) -> list[b.Label]:
    """Return tokens as the page shows them."""
    return [mark(token) for token in tokens]


def verdict(found: Translation) -> b.Widget:
    """Return the answer, with the net's own probability of it."""
    share = f"{100 * found['probability']:.2f}"
    said = b.word(f"verdict_{found['verdict']}", said=found["said"] or "—", p=share, **years())
    return b.text(said, ROLES[found["verdict"]])


def years() -> dict[str, str]:
    """Return the first and last year that the nets learned, for the words that state them."""
    from core.data import dates

    return {"low": str(dates.YEARS[0]), "high": str(dates.YEARS[1])}


def cautions(found: Translation) -> list[Fact]:
    """Return facts that say why an answer may be worth nothing: letters, years, words unknown."""
    outside = [b.fact(b.word("not_learned"), b.word("scope", **years()))]
    return [*unknown_letters(found), *(outside if found["verdict"] == "outside" else [])]


def unknown_letters(found: Translation | Writing) -> list[Fact]:
    """Return a fact about letters that the net does not know, if there are any."""
    strange = [c for c, known in zip(found["tokens"][1:], found["known"][1:]) if not known]
    once = " ".join(dict.fromkeys(strange))
    return [b.fact(b.word("unknown_letters", n=str(len(strange))), once)] if strange else []


def card_facts(name: str, figures: Mapping[str, str]) -> list[Fact]:
    """Return facts from a net's card, {word: metric}, in percent, as far as it states them."""
    values = {word: nets.card_value(name, metric) for word, metric in figures.items()}
    return [b.fact(b.word(word), f"{100 * v:.2f} %") for word, v in values.items() if v is not None]


def answer_checks(
    name: str,
    found: Translation,
    temperature: float = 1.0,
    muted: Sequence[tuple[str, int, int]] = (),
    causal: bool = True,
) -> list[Check | Law]:
    """Return the checks: torch's own layers say the same; rows of attention sum to 1."""
    from core.models.transformer.check_nets import translation_delta

    delta = translation_delta(nets.model(name), found, temperature, muted, causal)
    rows = [weights.sum(axis=-1).ravel() for weights in found["attention"].values()]
    checks: list[Check | Law] = [b.delta_check(delta, TOLERANCE)]
    if rows:
        sums = np.concatenate(rows)
        holds = int((np.abs(sums - 1) < ROUNDING).sum())
        checks.append(b.law(b.word("law_rows"), holds, len(sums)))
    return checks


def together(found: Sequence[Check | Law]) -> list[Check | Law]:
    """Return the checks of several answers as one: the largest difference, the law's sum."""
    if not found:
        return []
    deltas, laws = [one for one in found if "delta" in one], [one for one in found if "law" in one]
    holds, of = sum(one["holds"] for one in laws), sum(one["of"] for one in laws)
    summed = [b.law(laws[0]["law"], holds, of)] if laws else []
    return [max(deltas, key=lambda one: one["delta"]), *summed]
