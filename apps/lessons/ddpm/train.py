"""A diffusion that trains in the plane while it is watched: its score, its samples, its errors."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.shared.plane_run import cleared, drawn, enough, moments, on, opening, speed
from apps.stage import board as b
from core.inputs import boolean, choice, integer, mapping
from core.models.flat.packing import pack, unpack

ACTS = ("both",)
WAYS = {"sde": 1.0, "ode": 0.0}
POINTS, STEPS = 256, 25  # samples drawn at each moment, in so many steps
ERRORS = {100: "grad", 300: "made", 700: "hidden"}  # t at which ε̂ is compared with the exact one
ARROWS, SIDE = 12, 36


def run(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a run: its opening moments, to be gone on from."""
    from core.models.ddpm import ddpm2d

    inputs, merged = cleared(inputs)
    settings, steps = chosen(inputs), opening(inputs.get("opening", [0]))

    def advance(state: Any, some: int) -> tuple[Any, list[dict]]:
        seen: list[dict] = []
        while some:
            part = min(some, ddpm2d.MOST_STEPS)
            state, more = ddpm2d.advance(state, settings, part)
            seen, some = seen + more, some - part
        return state, seen

    told = moments(ddpm2d.begin(settings), steps, advance)
    frames = [moment(state, settings, seen, inputs) for state, seen in told]
    pins = {"drawn": {"target": "drawn"}}
    return {"frames": frames, "live": {"acts": ACTS}, "facts": [], "pins": pins, **merged}


def go_on(inputs: dict[str, Any], text: str, act: str, over: Callable[[], bool]) -> dict[str, Any]:
    """Return the next frame of a run, or the same moment under changed inputs."""
    from core.models.ddpm import ddpm2d

    tensors, about = unpack(text)
    old, new = known(about), chosen(inputs)
    state = ddpm2d.adapt(ddpm2d.check(tensors, old), old, new)
    left = 0 if choice("act", act, (*ACTS, "show")) == "show" else speed(inputs)
    state, seen = on(state, left, lambda state, n: ddpm2d.advance(state, new, n), over)
    return moment(state, new, seen, inputs)


def chosen(inputs: dict[str, Any]) -> Any:
    """Return the run's settings out of the page's inputs."""
    from core.models.ddpm.ddpm2d import FIELDS, Settings

    given = {name: inputs[name] for name in FIELDS if name in inputs and name != "points"}
    if inputs.get("target") != "drawn":
        return Settings(**given)
    return Settings(**given, points=enough(drawn(inputs)))


def known(about: Any) -> Any:
    """Return the settings that came with a state, checked."""
    from core.models.ddpm.ddpm2d import FIELDS, Settings

    return Settings(**mapping("state", about, (), FIELDS))


# ---- one moment


def moment(state: Any, settings: Any, seen: Sequence[dict], inputs: dict[str, Any]) -> dict:
    """Return one frame: the plane, the curves, numbers, checks, and the state to go on from."""
    from core.measure.points import wasserstein
    from core.models.ddpm.check import plane_net_delta
    from core.models.ddpm.ddpm2d import TURNS, WAVES, predictor, target
    from core.models.ddpm.ddpm2d_picture import field, reverse, score_error

    t = integer("t", inputs.get("t", 200), 1, 1000)
    eta = WAYS[choice("way", inputs.get("way", "ode"), tuple(WAYS))]
    step = int(state["counts"][0])
    *_, last = reverse(
        predictor(state, settings), settings.plan(), POINTS, STEPS, eta, settings.seed
    )
    made, real = last["x"], shown(target(settings), settings.seed)
    finite = bool(made.isfinite().all())  # type: ignore[union-attr]
    losses = [one["loss"] for one in seen]
    far = {k: score_error(state, settings, k) for k in ERRORS}
    values: dict[str, float | None] = {
        "x": step,
        "loss": sum(losses) / len(losses) if losses else None,
        "w1": wasserstein(made, real) if finite else None,
        **{f"error_{k}": v for k, v in far.items()},
    }
    found = field(state, settings, t, ARROWS)
    kept = found["alpha_bar"]
    eps = -((1 - kept) ** 0.5) * found["learned"]
    net = (state["average"], settings.sizes(), WAVES, TURNS)
    checked = plane_net_delta(*net, found["at"], kept, eps)
    told = [
        b.fact(b.word("w1_samples"), values["w1"] if finite else "—"),
        b.fact(b.word("w1_own"), floor(target(settings), settings.seed)),
        b.fact(b.word("weights_n"), f"{state['w'].numel():,}"),
    ]
    picture = b.row(plane(found, real, made, settings, inputs), history(settings), gap="mid")
    return b.frame(
        picture,
        b.word("train_step", n=f"{step:,}"),
        told,
        values=values,
        state=pack(state, dataclasses.asdict(settings)),
    ) | {"checks": [b.check(checked["delta"], checked["against"], 1e-4)]}


@lru_cache(maxsize=32)
def shown(what: Any, seed: int) -> Any:
    """Return POINTS of the target."""
    import torch

    return what.sample(POINTS, torch.Generator().manual_seed(seed)).float()


@lru_cache(maxsize=32)
def floor(what: Any, seed: int) -> float:
    """Return the distance that other points of the target itself have."""
    from core.measure.points import wasserstein

    return wasserstein(shown(what, seed + 1), shown(what, seed))


def plane(
    found: dict[str, Any], real: Any, made: Any, settings: Any, inputs: dict[str, Any]
) -> b.Widget:
    """Return the plane: data, samples, the learned score at t and the exact one."""
    from core.models.ddpm.ddpm2d_picture import REACH

    kept = found["alpha_bar"]
    learned, exact = found["learned"].numpy(), found["exact"]
    longest = float(np.linalg.norm(learned, axis=1).max())
    scale = 0.5 / max(longest, 1e-6)
    inside = made.isfinite().all(1) & (made.abs() < 3).all(1)
    show = boolean("show_exact", inputs.get("show_exact", True))
    return b.field(
        b.word("plane_of", t=str(found["t"]), a=f"{kept:.3f}"),
        REACH,
        [
            b.arrows(found["at"], scale * exact.numpy(), "ok", b.word("exact_score"), dashed=True)
            if show and exact is not None
            else None,
            b.arrows(found["at"], scale * learned, "grad", b.word("learned_score")),
            b.dots(real, "real", b.word("data"), radius=2.2),
            b.dots(made[inside], "made", b.word("samples"), shape="square", radius=2.4),
        ],
        size=430,
        edit="drawn",
        points=drawn(inputs),
        key="plane",
    )


def history(settings: Any) -> b.Widget:
    """Return the run's curves: the loss, and how far ε̂ is from the best at some t."""
    errors = [{"key": f"error_{t}", "name": f"t = {t}", "role": role} for t, role in ERRORS.items()]
    return b.column(
        b.history(
            b.word("loss_chart"),
            [{"key": "loss", "name": b.word("loss_v"), "role": "ink"}],
            x=b.word("train_steps"),
            low=0.0,
            width=350,
            height=165,
        ),
        b.history(
            b.word("error_chart"),
            errors,
            x=b.word("train_steps"),
            low=0.0,
            width=350,
            height=200,
        ),
        gap="tight",
    )


def tables(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the run's settings; what it measured comes with the page's request."""
    return {"settings": [[k, v] for k, v in dataclasses.asdict(chosen(cleared(inputs)[0])).items()]}
