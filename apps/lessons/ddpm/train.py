"""View "train": a diffusion that trains in the plane while it is watched, its score and samples."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.ddpm.inputs import Inputs
from apps.lessons.ddpm.points import POINTS, apart_text, data
from apps.lessons.shared import runs
from apps.stage import board as b
from apps.stage.contract import Board, Check, Frame, Turn

if TYPE_CHECKING:
    from torch import Tensor

    from core.models.ddpm.ddpm2d import Settings
    from core.models.ddpm.ddpm2d_picture import ScoreField
    from core.models.flat.runs import State

WAYS = {"sde": 1.0, "ode": 0.0}
STEPS = 25  # in which samples are drawn at each moment
ERRORS = {100: "grad", 300: "made", 700: "hidden"}  # t at which ε̂ is compared with the exact one
ARROWS = 12


class Training(runs.Run[Inputs]):
    """A run of the diffusion in the plane."""

    def board(self, inputs: Inputs) -> Board:
        """Return the board of a run, with its exercise."""
        return {**super().board(inputs), "turn": turn()}

    def settings(self, inputs: Inputs) -> Settings:
        """Return the run's settings for a page's inputs."""
        return runs.settings_from(self.settings_type(), inputs, inputs.target, inputs.dots)

    def settings_type(self) -> type:
        """Return the dataclass of the run's settings."""
        from core.models.ddpm.ddpm2d import Settings

        return Settings

    def begin(self, settings: Settings) -> State:
        """Return the state before the first step."""
        from core.models.ddpm.ddpm2d import begin

        return begin(settings)

    def advance(
        self, state: State, settings: Settings, steps: int, act: str
    ) -> tuple[State, list[dict[str, Any]]]:
        """Return the state after some steps, and the figures of each step."""
        from core.models.ddpm.ddpm2d import advance

        return advance(state, settings, steps)

    def restore(self, tensors: Any, old: Settings, new: Settings) -> State:
        """Return the state that came with a page, checked, and fitted to changed settings."""
        from core.models.ddpm.ddpm2d import adapt, check

        return adapt(check(tensors, old), old, new)

    def moment(
        self, state: State, settings: Settings, seen: Sequence[dict[str, Any]], inputs: Inputs
    ) -> Frame:
        """Return the frame of a moment: the plane, the curves, numbers, a check and the state."""
        from core.measure.points import wasserstein
        from core.models.ddpm.ddpm2d_picture import field, score_error
        from core.models.flat.packing import pack
        from core.models.flat.settings import target

        made, real = samples(state, settings, inputs.way), data(target(settings), settings.seed)
        far = wasserstein(made, real) if made.isfinite().all() else None
        losses = [one["loss"] for one in seen]
        step = int(state["counts"][0])
        values: dict[str, float | None] = {
            "x": step,
            "loss": sum(losses) / len(losses) if losses else None,
            "w1": far,
            **{f"error_{t}": score_error(state, settings, t) for t in ERRORS},
        }
        found = field(state, settings, inputs.t, ARROWS)
        facts = [
            b.fact(b.word("w1_samples"), "—" if far is None else far),
            b.fact(b.word("w1_own"), apart_text(target(settings), settings.seed)),
            b.fact(b.word("weights_n"), f"{state['w'].numel():,}"),
        ]
        return b.frame(
            b.row(plane(found, real, made, inputs), history(), gap="mid"),
            b.word("train_step", n=f"{step:,}"),
            facts,
            values=values,
            state=pack(state, dataclasses.asdict(settings)),
            checks=[net_check(state, settings, found)],
        )


RUN = Training()


def samples(state: State, settings: Settings, way: str) -> Tensor:
    """Return POINTS samples of a state's net (POINTS, 2), by the SDE or the ODE."""
    from core.models.ddpm.ddpm2d import predictor
    from core.models.ddpm.ddpm2d_picture import reverse

    predict = predictor(state, settings)
    *_, last = reverse(predict, settings.plan(), POINTS, STEPS, WAYS[way], settings.seed)
    return last["x"]


def net_check(state: State, settings: Settings, found: ScoreField) -> Check:
    """Check ε̂ of the net where its score is drawn."""
    from core.models.ddpm.check import plane_net_delta
    from core.models.ddpm.ddpm2d import TURNS, WAVES

    alpha_bar = found["alpha_bar"]
    eps = -((1 - alpha_bar) ** 0.5) * found["learned"]
    net = (state["average"], settings.sizes(), WAVES, TURNS)
    return b.delta_check(plane_net_delta(*net, found["at"], alpha_bar, eps), 1e-4)


def plane(found: ScoreField, real: Tensor, made: Tensor, inputs: Inputs) -> b.Widget:
    """Return the plane: data, samples, the learned score at t and the exact one."""
    from core.models.ddpm.ddpm2d_picture import REACH

    learned, exact = found["learned"].numpy(), found["exact"]
    longest = float(np.linalg.norm(learned, axis=1).max())
    scale = 0.5 / max(longest, 1e-6)
    inside = made.isfinite().all(1) & (made.abs() < 3).all(1)
    return b.field(
        b.word("score_plane", t=str(found["t"]), a=f"{found['alpha_bar']:.3f}"),
        REACH,
        [
            b.arrows(found["at"], scale * exact.numpy(), "ok", b.word("exact_score"), dashed=True)
            if inputs.show_exact and exact is not None
            else None,
            b.arrows(found["at"], scale * learned, "grad", b.word("learned_score")),
            b.dots(real, "real", b.word("data"), radius=2.2),
            b.dots(made[inside], "made", b.word("samples"), shape="square", radius=2.4),
        ],
        size=430,
        edit="drawn",
        points=list(inputs.dots),
        key="plane",
    )


def turn() -> Turn:
    """Return the exercise: ε̂ of the net's v̂, and the score that it stands for."""
    a, x, v = 0.64, -0.5, 1.25
    eps = np.sqrt(a) * v + np.sqrt(1 - a) * x
    return {
        "ask": b.word("turn_velocity", a=f"{a:g}", x=f"−{-x:g}", v=f"{v:g}"),
        "blanks": [
            b.blank("ε̂", [eps], "hidden", ""),
            b.blank("∇ log pₜ", [-eps / np.sqrt(1 - a)], "grad", ""),
        ],
    }


def history() -> b.Widget:
    """Return the run's curves: the loss, and how far ε̂ is from the best at some t."""
    errors = [{"key": f"error_{t}", "name": f"t = {t}", "role": role} for t, role in ERRORS.items()]
    loss = [{"key": "loss", "name": b.word("loss_v"), "role": "ink"}]
    x, size = b.word("train_steps"), {"low": 0.0, "width": 350}
    return b.column(
        b.history(b.word("loss_chart"), loss, x=x, height=165, **size),
        b.history(b.word("error_chart"), errors, x=x, height=200, **size),
        gap="tight",
    )
