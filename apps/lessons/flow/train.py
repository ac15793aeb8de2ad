"""View "train": a flow that trains in the plane while it is watched; its density, its Gaussian
side, its NLL.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.flow import flows
from apps.lessons.flow.inputs import Inputs
from apps.lessons.shared import runs
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Frame, Turn

if TYPE_CHECKING:
    from core.models.flat.runs import State
    from core.models.flow.flow2d import Settings
    from core.models.flow.flow2d_picture import Moment

SHOWN, SIDE = 160, 40
Steps = list[dict[str, float]]


class FlowRun(runs.Run[Inputs]):
    """A run of core.models.flow.flow2d."""

    def settings(self, inputs: Inputs) -> Settings:
        """Return the settings of a page's inputs."""
        return runs.settings_from(self.settings_type(), inputs, inputs.target, points_of(inputs))

    def settings_type(self) -> type[Settings]:
        """Return the dataclass of the settings."""
        from core.models.flow.flow2d import Settings

        return Settings

    def begin(self, settings: Settings) -> State:
        """Return the state before the first step."""
        from core.models.flow import flow2d

        return flow2d.begin(settings)

    def advance(
        self, state: State, settings: Settings, steps: int, act: str
    ) -> tuple[State, Steps]:
        """Return the state after some steps, and what each of them measured."""
        from core.models.flow import flow2d

        return flow2d.advance(state, settings, steps)

    def restore(self, tensors: Any, old: Settings, new: Settings) -> State:
        """Return the state that came with a page, checked, for other settings."""
        from core.models.flow import flow2d

        return flow2d.adapt(flow2d.check(tensors, old), old, new)

    def moment(
        self, state: State, settings: Settings, seen: Sequence[dict[str, float]], inputs: Inputs
    ) -> Frame:
        """Return both planes, the curves, numbers, checks, and the state to go on from."""
        from core.models.flat.packing import pack
        from core.models.flow import flow2d
        from core.models.flow.flow2d_picture import describe

        found = describe(state, settings, SHOWN, SIDE)
        step = int(state["counts"][0])
        return b.frame(
            picture(found, settings, inputs),
            b.word("step_n", n=f"{step:,}"),
            facts(found, settings),
            values=values(found, step),
            state=pack(state, dataclasses.asdict(settings)),
            checks=[
                flows.slope_check(flow2d.flow(state, settings), found["data"][:2]),
                b.check(found["round_trip"], "x = f⁻¹(f(x))", 10 * flows.ROUND_TRIP),
            ],
        )

    def board(self, inputs: Inputs) -> Board:
        """Return the board of a run with its exercise."""
        return {**super().board(inputs), "turn": turn(inputs)}


def turn(inputs: Inputs) -> Turn:
    """Return the exercise: the target's density on one of the points, far from all others."""
    count, sigma = max(1, len(points_of(inputs))), inputs.sigma
    top = 1 / (count * 2 * math.pi * sigma**2)
    return {
        "ask": b.word("turn_point", n=str(count), s=f"{sigma:g}"),
        "blanks": [b.blank("p(x)", [top], "real", "")],
    }


def points_of(inputs: Inputs) -> runs.Points:
    """Return the visitor's points if they are the target."""
    drawn = inputs.drawn if inputs.target == "drawn" else ()
    return drawn if isinstance(drawn, tuple) else ()


def values(found: Moment, step: int) -> dict[str, float | None]:
    """Return the numbers of a moment that curves over the run show, in nats."""
    return {"x": step, "nll": found["nll"], "entropy": found["entropy"]}


def picture(found: Moment, settings: Settings, inputs: Inputs) -> b.Widget:
    """Return both planes and the curves, with notes under them."""
    side = b.column(latent(found, inputs.show_warp), history(), gap="tight")
    told = []
    if found["below"]:
        told.append(b.text(b.word("below_entropy"), "grad", "wide"))
    if settings.target == "drawn" and len(points_of(inputs)) < runs.FEWEST:
        told.append(b.text(b.word("draw_more"), size="wide"))
    return b.column(b.row(plane(found, inputs), side, gap="mid"), *told, gap="tight")


def plane(found: Moment, inputs: Inputs) -> b.Widget:
    """Return the data's plane: the learned density, data and samples; points can be drawn on it."""
    q = np.exp(found["log_q"])
    top = float(np.exp(np.quantile(found["log_q"], 0.97))) or 1.0
    return b.field(
        b.word("data_plane"),
        found["bounds"],
        [
            b.surface(q, 0.0, top) if inputs.show_surface else None,
            b.dots(found["data"], "real", b.word("real"), radius=2.4),
            b.dots(found["samples"], "made", b.word("samples"), shape="square", radius=2.4),
        ],
        size=400,
        edit="drawn",
        points=points_of(inputs),
        key="plane",
    )


def latent(found: Moment, warped: bool) -> b.Widget:
    """Return the Gaussian's plane: where the data land, the grid around them carried along."""
    z, warp = found["points"][-1], found["warp"][-1][:, ::2]
    return b.field(
        b.word("latent_plane"),
        flows.square(z, [[3.0, 3.0]], most=4.0),
        [
            b.curves(warp, "hidden", b.word("warp_flow"), width=0.8) if warped else None,
            flows.circles(),
            b.dots(z, "real", b.word("z_of_data"), radius=2.4),
        ],
        size=235,
        key="latent",
    )


def history() -> b.Widget:
    """Return NLL over the run, with the entropy of what is learned."""
    curves = [
        {"key": "nll", "name": "NLL", "role": "made"},
        {"key": "entropy", "name": b.word("entropy_rule"), "role": "real"},
    ]
    return b.history(b.word("nll_chart"), curves, x=b.word("steps"), width=350, height=185)


def facts(found: Moment, settings: Settings) -> list[Fact]:
    """Return the line under the stage, in nats a point."""
    return [
        b.fact("NLL", f"{found['nll']:.3f} nat"),
        b.fact("H(p)", f"{found['entropy']:.3f} nat"),
        b.fact("KL(p‖q)", f"{found['kl']:.3f} nat"),
        b.fact(b.word("weights_n"), f"{settings.size():,}"),
    ]


RUN = FlowRun()
