"""An energy in the plane that is trained by contrast while it is watched."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.shared import plane_run
from apps.stage import board as b
from core.inputs import array, choice, mapping

ACTS = ("both", "down", "up")
FIELDS = ("batch", "width", "depth", "step_size", "noise", "chain", "restart", "rate", "alpha")
SIZES = ("batch", "width", "depth", "seed")  # changing one of them begins anew
SIDE = 36  # cells a side of the surface
ARROWS = 11
RISE = 8.0  # nats above the lowest energy from which the colour stays
PALE = 1.7  # times as many would have the full colour: points stay visible


def run(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a run: its opening moments, to be gone on from."""
    from core.models.ebm import ebm2d

    settings = chosen(inputs)

    def advance(state: Any, some: int) -> tuple[Any, list[dict]]:
        for part in parts(some):
            state = ebm2d.advance(state, settings, part)
        return state, []

    steps = plane_run.opening(inputs.get("opening", [0]))
    seen = plane_run.moments(ebm2d.begin(settings), steps, advance)
    frames = [moment(state, settings, inputs) for state, _ in seen]
    pins = {"drawn": {"target": "drawn"}}  # who draws wants that learned
    checks = [partition_check()]
    return {"frames": frames, "live": {"acts": ACTS}, "facts": [], "checks": checks, "pins": pins}


@lru_cache(maxsize=1)
def partition_check() -> dict[str, Any]:
    """Return the check of Z's quadrature where Z is known: at first E is the wall alone."""
    from core.models.ebm import ebm2d
    from core.models.ebm.check import partition_delta

    start = ebm2d.begin(ebm2d.Settings(width=2, depth=1))
    log_z = ebm2d.partition(ebm2d.weights(start))
    found = partition_delta(log_z, ebm2d.WALL, ebm2d.REACH)
    return b.check(found["delta"], found["against"], 1e-4)


def parts(steps: int) -> list[int]:
    """Return a number of steps as numbers that one call takes."""
    from core.models.ebm.ebm2d import MOST_STEPS

    whole, rest = divmod(steps, MOST_STEPS)
    return [MOST_STEPS] * whole + ([rest] if rest else [])


def go_on(inputs: dict[str, Any], text: str, act: str, over: Callable[[], bool]) -> dict[str, Any]:
    """Return the next frame of a run, or the same moment under changed inputs."""
    from core.models.ebm import ebm2d
    from core.models.flat.packing import unpack

    tensors, about = unpack(text)
    old, new = known(about), chosen(inputs)
    state = ebm2d.check(tensors, old)
    if any(getattr(old, name) != getattr(new, name) for name in SIZES):
        state = ebm2d.begin(new)
    act = choice("act", act, (*ACTS, "show"))

    def advance(before: Any, some: int) -> tuple[Any, list[dict]]:
        return ebm2d.advance(before, new, some, act), [{}] * some

    if act != "show":
        state, _ = plane_run.on(state, plane_run.speed(inputs), advance, over)
    return moment(state, new, inputs)


def chosen(inputs: dict[str, Any]) -> Any:
    """Return the run's settings out of the page's inputs."""
    from core.models.ebm.ebm2d import Settings

    given = {name: inputs[name] for name in (*FIELDS, "seed") if name in inputs}
    target = inputs.get("target", "moons")
    if target == "drawn":
        return Settings(**given, points=plane_run.enough(plane_run.drawn(inputs)))
    return Settings(**given, target=target)


def known(about: Any) -> Any:
    """Return the settings that came with a state, checked."""
    from core.models.ebm.ebm2d import Settings

    fields = [field.name for field in dataclasses.fields(Settings)]
    given = mapping("state", about, (), fields)
    points = given.get("points", [])
    if points or not isinstance(points, (list, tuple)):
        points = array("state.points", points, ((3, 400), 2), 4.0).tolist()
    return Settings(**{**given, "points": tuple(map(tuple, points))})


# ---- one moment


def moment(state: Any, settings: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return one frame: picture, curves, numbers, check, and the state to go on from."""
    from core.models.ebm import ebm2d
    from core.models.ebm.check import net_slope_delta
    from core.models.flat.packing import pack

    seen = ebm2d.describe(state, settings, SIDE, ARROWS)
    names = ("nll", "energy_data", "energy_particles", "log_z")
    values = {"x": seen["step"], **{n: finite(seen[n]) for n in names}}
    picture = b.row(field(seen, inputs), charts(seen), gap="mid")
    net = ebm2d.weights(state)
    found = net_slope_delta(net, ebm2d.WALL, ebm2d.WAVES, seen["arrows_at"], seen["arrows"])
    told = [
        b.fact("NLL", values["nll"]),
        b.fact(b.word("floor"), seen["entropy"]),
        b.fact("log Z", values["log_z"]),
    ]
    if not seen["finite"]:
        told.insert(0, b.fact(b.word("diverged"), ""))
    return b.frame(
        picture,
        b.word("step_n", n=f"{seen['step']:,}"),
        told,
        values=values,
        state=pack(state, dataclasses.asdict(settings)),
    ) | {"checks": [b.check(found["delta"], found["against"], 1e-4)] if seen["finite"] else []}


def finite(value: float) -> float | None:
    """Return a number if it is one."""
    return value if np.isfinite(value) else None


def field(seen: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
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
        points=plane_run.drawn(inputs),
        note=b.word("learned_note"),
        key="plane",
    )


def charts(seen: dict[str, Any]) -> dict[str, Any]:
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


def tables(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the settings; what the visitor trained comes with the page's request."""
    return {"settings": [[k, v] for k, v in inputs.items() if not isinstance(v, (list, dict))]}
