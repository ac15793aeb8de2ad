"""The picture on the lesson's card of the home page."""

from __future__ import annotations

from apps.lessons.rnn import case, step
from apps.stage import board as b


def picture() -> b.Widget:
    """Draw the slide's first step with its numbers."""
    values, exact, _ = case.common({"preset": "slide"})
    return step.equation(step.Step(values, exact, 0))
