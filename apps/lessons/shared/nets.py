"""Trained nets in a lesson: load one, say whether it is there, show a sentence where it is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from apps.lessons.shared.pictures import batch
from apps.stage import board as b
from apps.stage.contract import Board, Check, Functions, Law, Source, View
from core.inputs import choice
from core.weights.card import Card, cards
from core.weights.errors import WeightError

Inputs = TypeVar("Inputs")
CLASSIFIER = "classifier-mnist"


def model(name: str) -> Any:
    """Return a trained net, shared by all requests.

    Raises:
        WeightError: it cannot be had here; the error says why.
    """
    from core import weights

    return weights.load(name)


def have(name: str) -> bool:
    """Return whether a net's weights are available."""
    try:
        model(name)
    except WeightError:
        return False
    return True


def usable(field: str, name: Any, known: Sequence[str]) -> str:
    """Check and return the name of a requested net.

    Raises:
        InputError: it is none of the known nets.
        WeightError: it cannot be had here; the error says why.
    """
    name = choice(field, name, known)
    model(name)
    return name


def card(name: str) -> Card | None:
    """Return a net's card, None for one that has none."""
    return cards().get(name)


def card_value(name: str, metric: str) -> float | None:
    """Return a figure from a net's card, None where it does not state it."""
    found = card(name)
    return found.metrics[metric]["value"] if found and metric in found.metrics else None


def reason(name: str) -> b.Word | None:
    """Return the sentence that says why a net cannot be had, None where it can."""
    try:
        model(name)
    except WeightError as error:
        return b.word(error.rule, **error.parts)
    return None


def absent(name: str) -> b.Widget:
    """Return the sentence that stands in a net's place in a picture: why it is not here."""
    return b.text(b.word("absent_why", why=reason(name)), "grad", "note")


def why(error: WeightError) -> b.Word:
    """Return the sentence for a file that cannot be had."""
    return b.word("absent_why", why=b.word(error.rule, **error.parts))


def view(
    board: Callable[[Inputs], Board],
    source: Functions | Source[Inputs] = (),
    *,
    needs: Sequence[str] | Callable[[], Sequence[str]],
    checks: Callable[[], Sequence[Check | Law]] = list,
) -> View[Inputs]:
    """Return a view of trained nets; a missing net's board gives the reason.

    Args:
        board: computes the board; a WeightError in it becomes a sentence in place of the picture.
        source: see View.
        needs: the nets; while one of them, or a file that the board wanted, is missing the board
            is not kept, it may come.
        checks: computes what holds without the nets, for a board that has no check.
    """

    def whole(inputs: Inputs) -> Board:
        try:
            names = needs() if callable(needs) else needs
            found: Board = {**board(inputs)}
            lacking = [said for said in map(reason, names) if said]
            found["fleeting"] = found.get("fleeting", False) or bool(lacking)
            missing = [b.fact(b.word("absent"), said) for said in lacking]
            found["facts"] = [*found.get("facts", []), *missing]
        except WeightError as error:
            frames = [b.frame(b.text(why(error), "grad", "wide"))]
            found = {"frames": frames, "facts": [], "fleeting": True}
        if not found.get("checks") and not any(one.get("checks") for one in found["frames"]):
            try:
                found["checks"] = checks()
            except WeightError:  # of the file that the picture's place names
                found["checks"] = []
        return found

    return View(whole, source)


def read_digits(images: np.ndarray) -> np.ndarray:
    """Return the classifier's p(class | image) of images (B, 28, 28) in [0, 1]: (B, 10) float64.

    Raises:
        WeightError: the classifier cannot be had here.
    """
    from core.models.classifier.cnn import predict

    parts = [predict(model(CLASSIFIER), part).numpy() for part in batch(images).split(500)]
    return np.concatenate(parts).astype(float)


def journal(name: str) -> dict[str, np.ndarray]:
    """Return the journal of a net's training.

    Raises:
        WeightError: its file is missing or damaged.
    """
    from core.weights.card import FOLDER

    return _journal(FOLDER / f"{name}-training.safetensors")


@lru_cache(maxsize=4)
def _journal(file: Path) -> dict[str, np.ndarray]:
    from core.weights import shipped

    return shipped.read_arrays(file)[0]
