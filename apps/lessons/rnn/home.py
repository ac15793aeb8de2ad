"""The home page's picture of the RNN lesson."""

from __future__ import annotations

from apps.lessons.rnn import equation
from apps.lessons.rnn.case import read_case
from apps.lessons.rnn.inputs import Inputs
from apps.stage import board as b


def picture() -> b.Widget:
    """Return the slide's step with its numbers."""
    case, exact, _ = read_case(Inputs(preset="slide"))
    return equation.equation(equation.Step(case, exact, 0))
