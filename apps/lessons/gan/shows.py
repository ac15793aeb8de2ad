"""Scenes of trained nets that show one of several things: the input `show` says which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from apps.lessons.gan.inputs import Inputs
from apps.lessons.gan.nets import NAMES
from apps.stage import board as b
from apps.stage.contract import Board, Check, Functions, Limit, View
from core.inputs import choice
from core.models.vae import latent


@dataclass(frozen=True)
class Show:
    """One of the things that a scene shows.

    Attributes:
        view: computes it.
        own: the controls that it needs, of those that not all of the scene's shows need.
    """

    view: View[Inputs]
    own: Sequence[str] = ()


def chosen_board(shows: Mapping[str, Show], inputs: Inputs) -> Board:
    """Return the board of the chosen show, without the controls that only others need.

    Raises:
        InputError: none of these shows is chosen.
    """
    one = shows[choice("show", inputs.show, tuple(shows))]
    return {
        **one.view.board(inputs),
        "without": [
            name
            for other in shows.values()
            if other is not one
            for name in other.own
            if name not in one.own
        ],
        "limits": {"show": {"options": list(shows)}},
    }


def chosen_source(shows: Mapping[str, Show], inputs: Inputs) -> Functions:
    """Return the source of the chosen show, of the first where another scene's is chosen."""
    return shows.get(inputs.show, next(iter(shows.values()))).view.functions(inputs)


def nets_limit(names: Sequence[str]) -> Limit:
    """Return the choice among a scene's trained nets, by their short names."""
    return {"options": list(names), "labels": [NAMES[name] for name in names]}


def arc_checks() -> list[Check]:
    """Return the check of slerp between two fixed codes, which holds without any net."""
    from core.models.gan.check_digits import arc_delta

    ends = np.array([3.0, 0.0, 1.0]), np.array([0.0, -2.0, 2.0])
    arc = np.array([latent.slerp(*ends, t) for t in np.linspace(0, 1, 9)])
    return [b.delta_check(arc_delta(*ends, arc), 1e-9)]
