"""View "masks": two flows that train on the same points, one whose couplings all keep x₁ beside one
whose couplings alternate; the limit of the first.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.flow import flows
from apps.lessons.flow.inputs import TARGETS, Inputs
from apps.lessons.flow.train import SIDE, points_of
from apps.lessons.shared import runs
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Frame, Limit, Turn

if TYPE_CHECKING:
    from core.data.densities import Box
    from core.models.flat.runs import State
    from core.models.flow.flow2d import Settings

SHOWN = 160
ROUNDING = 1e-5  # nats that a sum of float32 log-densities may be off
FIRST, SECOND = (0.5, 1.0), (-0.3, 0.2)  # s and t of the exercise's two couplings
Steps = list[dict[str, float]]


@dataclass(frozen=True)
class Seen:
    """One moment of both flows.

    Attributes:
        data: points of the target, (SHOWN, 2).
        log_q: side -> the flow's log-density at the middles of cells, (SIDE, SIDE).
        nll: side -> E[−log q] in nats.
        limit: what no flow's NLL is below that keeps x₁, in nats.
        entropy: H(p) in nats.
        bounds: of the pictures, x0, x1, y0, y1.
    """

    data: np.ndarray
    log_q: dict[str, np.ndarray]
    nll: dict[str, float]
    limit: float
    entropy: float
    bounds: Box


class MasksRun(runs.Run[Inputs]):
    """A run of core.models.flow.pair."""

    def settings(self, inputs: Inputs) -> Settings:
        """Return the settings of a page's inputs; its masks are not looked at."""
        return runs.settings_from(self.settings_type(), inputs, inputs.target, points_of(inputs))

    def settings_type(self) -> type[Settings]:
        """Return the dataclass of the settings."""
        from core.models.flow.flow2d import Settings

        return Settings

    def begin(self, settings: Settings) -> State:
        """Return the state before the first step."""
        from core.models.flow import pair

        return pair.begin(settings)

    def advance(
        self, state: State, settings: Settings, steps: int, act: str
    ) -> tuple[State, Steps]:
        """Return the state after some steps, and what each of them measured."""
        from core.models.flow import pair

        return pair.advance(state, settings, steps)

    def restore(self, tensors: Any, old: Settings, new: Settings) -> State:
        """Return the state that came with a page, checked, for other settings."""
        from core.models.flow import pair

        return pair.adapt(pair.check(tensors, old), old, new)

    def moment(
        self, state: State, settings: Settings, seen: Sequence[dict[str, float]], inputs: Inputs
    ) -> Frame:
        """Return both densities, the curves with the limit, checks, and the state to go on from."""
        from core.models.flat.packing import pack
        from core.models.flow import pair

        found, step = look(state, settings), int(state["counts"][0])
        numbers = {"limit": found.limit, "entropy": found.entropy}
        above = found.nll["fixed"] >= found.limit - ROUNDING
        return b.frame(
            picture(found),
            b.word("step_n", n=f"{step:,}"),
            facts(found),
            values={"x": step, **found.nll, **numbers},
            state=pack(state, dataclasses.asdict(settings)),
            checks=[
                max(
                    (
                        flows.slope_check(pair.flow(state, settings, side), found.data[:2])
                        for side in pair.SIDES
                    ),
                    key=lambda one: one["delta"],
                ),
                b.law(b.word("above_limit"), int(above), 1),
            ],
        )

    def board(self, inputs: Inputs) -> Board:
        """Return the board of a run with its exercise; it has no field to draw a target in."""
        targets = [one for one in TARGETS if one != "drawn"]
        limits: dict[str, Limit] = {"target": {"options": targets}}
        return {**super().board(inputs), "turn": turn(), "limits": limits}


def look(state: State, settings: Settings) -> Seen:
    """Return one moment of both flows."""
    from core.models.flat.runs import draws
    from core.models.flat.settings import target
    from core.models.flow import pair
    from core.models.flow.expectation import cells, expected_nll, limit_of_fixed_masks
    from core.models.flow.flow2d_picture import densities

    what = target(settings)
    both = {side: pair.flow(state, settings, side) for side in pair.SIDES}
    return Seen(
        data=what.sample(SHOWN, draws(settings.seed, "shown points")).float().numpy(),
        log_q={side: densities(model, what, SIDE)["log_q"] for side, model in both.items()},
        nll={side: expected_nll(model, what) for side, model in both.items()},
        limit=limit_of_fixed_masks(what),
        entropy=cells(what).entropy,
        bounds=what.bounds,
    )


def picture(found: Seen) -> b.Widget:
    """Return both densities with the data, and the curves."""
    return b.row(plane(found, "fixed"), plane(found, "alternate"), history(), gap="mid")


def plane(found: Seen, side: str) -> b.Widget:
    """Return the density that one of the flows has learned, and the data."""
    q = np.exp(found.log_q[side])
    top = float(np.quantile(q, 0.97)) or 1.0
    layers = [b.surface(q, 0.0, top), b.dots(found.data, "real", b.word("real"), radius=2.4)]
    return b.field(b.word(f"masks_are.{side}"), found.bounds, layers, size=290, key=side)


def history() -> b.Widget:
    """Return both NLL over the run, with the limit of the first and the entropy."""
    curves = [
        {"key": "limit", "name": b.word("fixed_rule"), "role": "ink"},
        {"key": "fixed", "name": b.word("option.fixed"), "role": "grad"},
        {"key": "alternate", "name": b.word("option.alternate"), "role": "made"},
        {"key": "entropy", "name": b.word("entropy_rule"), "role": "real"},
    ]
    return b.history(b.word("nll_chart"), curves, x=b.word("steps"), width=400, height=250)


def facts(found: Seen) -> list[Fact]:
    """Return the line under the stage, in nats a point."""
    return [
        *(b.fact(b.word(f"nll_masks.{side}"), f"{v:.3f} nat") for side, v in found.nll.items()),
        b.fact(b.word("fixed_rule"), f"{found.limit:.3f} nat"),
        b.fact(b.word("entropy_rule"), f"{found.entropy:.3f} nat"),
    ]


def turn() -> Turn:
    """Return the exercise: the one coupling that two with the same x₁ kept are."""
    (s1, t1), (s2, t2) = FIRST, SECOND
    given = {"s1": s1, "t1": t1, "s2": s2, "t2": t2}
    told = {name: f"{value:g}".replace("-", "−") for name, value in given.items()}
    return {
        "ask": b.word("turn_one", **told),
        "blanks": [
            b.blank("s", [s1 + s2], "hidden", ""),
            b.blank("t", [t1 * math.exp(s2) + t2], "hidden", ""),
        ],
    }


RUN = MasksRun()
