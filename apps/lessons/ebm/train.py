"""View "train": an energy in the plane that is trained by contrast while it is watched."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.ebm.inputs import Inputs
from apps.lessons.shared import runs
from apps.stage import board as b
from apps.stage.contract import Board, Check, Frame, Turn
from core.inputs import array, mapping

if TYPE_CHECKING:
    from core.models.ebm.ebm_traces import Description

FIELDS = (
    "batch",
    "width",
    "depth",
    "step_size",
    "noise",
    "chain",
    "restart",
    "rate",
    "alpha",
    "seed",
)
SIZES = ("batch", "width", "depth", "seed")  # changing one of them begins anew
SIDE = 36  # cells a side of the surface
ARROWS = 11
RISE = 8.0  # nats above the lowest energy from which the colour stays
PALE = 1.7  # times as many would have the full colour: points stay visible


class Training(runs.Run[Inputs]):
    """An energy that is trained by contrast."""

    acts = ("both", "down", "up")

    def settings_type(self) -> type:
        """Return the model's settings."""
        from core.models.ebm.ebm2d import Settings

        return Settings

    def settings(self, inputs: Inputs) -> Any:
        """Return the run's settings; a drawing is a target of its own points."""
        given = {name: getattr(inputs, name) for name in FIELDS}
        if inputs.target == "drawn":
            return self.settings_type()(**given, points=runs.enough(drawn_points(inputs)))
        return self.settings_type()(**given, target=inputs.target)

    def begin(self, settings: Any) -> Any:
        """Return the state before the first step."""
        from core.models.ebm import ebm2d

        return ebm2d.begin(settings)

    def advance(self, state: Any, settings: Any, steps: int, act: str) -> tuple[Any, list[dict]]:
        """Return the state after some steps; their measurements are in the state itself."""
        from core.models.ebm import ebm2d

        for some in split_steps(steps):
            state = ebm2d.advance(state, settings, some, act)
        return state, [{}] * steps

    def restore(self, tensors: Any, old: Any, new: Any) -> Any:
        """Return the state that came with a page, or a new one for a net of another size."""
        from core.models.ebm import ebm2d

        state = ebm2d.check(tensors, old)
        if any(getattr(old, name) != getattr(new, name) for name in SIZES):
            return ebm2d.begin(new)
        return state

    def parse(self, about: Any) -> Any:
        """Return the settings that came with a state, its points checked."""
        given = mapping(
            "state", about, (), [one.name for one in dataclasses.fields(self.settings_type())]
        )
        found = given.get("points", [])
        if found or not isinstance(found, (list, tuple)):
            found = array("state.points", found, ((3, 400), 2), 4.0).tolist()
        return self.settings_type()(**{**given, "points": tuple(map(tuple, found))})

    def moment(self, state: Any, settings: Any, seen: Sequence[Any], inputs: Inputs) -> Frame:
        """Return one frame: picture, curves, numbers, check, and the state to go on from."""
        from core.models.ebm import ebm2d
        from core.models.ebm.check import net_slope_delta
        from core.models.flat.packing import pack

        found = ebm2d.describe(state, settings, SIDE, ARROWS)
        names = ("nll", "energy_data", "energy_particles", "log_z")
        values = {"x": found["step"], **{n: finite_or_none(found[n]) for n in names}}
        net = ebm2d.weights(state)
        gap = net_slope_delta(net, ebm2d.WALL, ebm2d.WAVES, found["arrows_at"], found["arrows"])
        facts = [
            b.fact("NLL", values["nll"]),
            b.fact(b.word("floor"), found["entropy"]),
            b.fact("log Z", values["log_z"]),
        ]
        if not found["finite"]:
            facts.insert(0, b.fact(b.word("diverged"), ""))
        return b.frame(
            b.row(field(found, inputs), charts(found), gap="mid"),
            b.word("step_n", n=f"{found['step']:,}"),
            facts,
            values=values,
            state=pack(state, dataclasses.asdict(settings)),
            checks=[b.delta_check(gap, 1e-4)] if found["finite"] else [],
        )

    def board(self, inputs: Inputs) -> Board:
        """Return the board of a run, with the check of its partition function's quadrature."""
        found = super().board(inputs)
        return {**found, "checks": [partition_check()], "turn": turn(found["frames"])}


TRAINING = Training()


def turn(frames: Sequence[Frame]) -> Turn | None:
    """Return the exercise: how far the opening's last density is from the data's, by NLL − H."""
    found = dict((str(f["label"]), f["v"]) for f in frames[-1]["facts"])
    nll, floor = found.get("NLL"), found.get(str(b.word("floor")))
    if nll is None or floor is None:
        return None
    nll, floor = round(nll, 3), round(floor, 3)
    ask = b.word("turn_kl", nll=f"{nll:.3f}", floor=f"{floor:.3f}".replace("-", "−"))
    return {
        "ask": ask,
        "frame": len(frames) - 1,
        "blanks": [b.blank("KL", [nll - floor], "grad", "kl")],
    }


def drawn_points(inputs: Inputs) -> runs.Points:
    """Return the visitor's points if they are the target."""
    drawn = inputs.drawn
    return drawn if inputs.target == "drawn" and isinstance(drawn, tuple) else ()


@lru_cache(maxsize=1)
def partition_check() -> Check:
    """Return the check of Z's quadrature where Z is known: at first E is the wall alone."""
    from core.models.ebm import ebm2d
    from core.models.ebm.check import partition_delta

    start = ebm2d.begin(ebm2d.Settings(width=2, depth=1))
    log_z = ebm2d.partition(ebm2d.weights(start))
    return b.delta_check(partition_delta(log_z, ebm2d.WALL, ebm2d.REACH), 1e-4)


def split_steps(steps: int) -> list[int]:
    """Return a number of steps as numbers that one call takes."""
    from core.models.ebm.ebm2d import MOST_STEPS

    whole, rest = divmod(steps, MOST_STEPS)
    return [MOST_STEPS] * whole + ([rest] if rest else [])


def finite_or_none(value: float) -> float | None:
    """Return a number if it is one."""
    return value if np.isfinite(value) else None


def field(seen: Description, inputs: Inputs) -> b.Widget:
    """Return the plane: the learned energy, data and particles, where E falls."""
    surface = seen["surface"].numpy()
    low = float(np.nanmin(surface)) if np.isfinite(surface).any() else 0.0
    down = -seen["arrows"].numpy()
    longest = float(np.linalg.norm(down, axis=1).max())
    x0, x1, y0, y1 = seen["bounds"]
    scale = 0.11 * (x1 - x0) / max(longest, 1.0)  # they share one scale, the longest stays readable
    made = seen["particles"].numpy()
    inside = (made[:, 0] >= x0) & (made[:, 0] <= x1) & (made[:, 1] >= y0) & (made[:, 1] <= y1)
    return b.field(
        "",
        seen["bounds"],
        [
            b.surface(np.minimum(surface, low + RISE), low, low + PALE * RISE, above="grad"),
            b.arrows(seen["arrows_at"], scale * down, "grad", "−∇E"),
            b.dots(seen["data"], "real", b.word("data"), radius=2.4),
            b.dots(made[inside], "made", b.word("particles"), shape="square", radius=2.6),
        ],
        size=430,
        edit="drawn",
        points=drawn_points(inputs),
        note=b.word("learned_note"),
        key="plane",
    )


def charts(seen: Description) -> b.Widget:
    """Return the curves of the run: how far the density is off, and the two energies."""
    steps = b.word("train_steps")
    return b.column(
        b.history(
            b.word("nll_chart"),
            [{"key": "nll", "name": "NLL", "role": "grad"}],
            x=steps,
            rules=[{"y": seen["entropy"], "label": b.word("floor")}],
            width=360,
            height=190,
        ),
        b.history(
            b.word("energies_chart"),
            [
                {"key": "energy_data", "name": b.word("data"), "role": "real"},
                {"key": "energy_particles", "name": b.word("particles"), "role": "made"},
            ],
            x=steps,
            width=360,
            height=190,
        ),
        gap="tight",
    )
