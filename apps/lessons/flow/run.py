"""A flow that trains in the plane while it is watched: its density, its Gaussian side, its NLL."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.flow import models as fm
from apps.lessons.shared.plane_run import cleared, drawn, enough, moments, on, opening, speed
from apps.stage import board as b
from core.inputs import boolean, choice, mapping
from core.models.flat.packing import pack, unpack
from core.models.flow.check import flow_delta

ACTS = ("both",)
SHOWN, SIDE, FRESH = 160, 40, 1000


def run(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a run: its opening moments, to be gone on from."""
    from core.models.flow import flow2d

    inputs, merged = cleared(inputs)
    settings, steps = chosen(inputs), opening(inputs.get("opening", [0]))
    told = moments(
        flow2d.begin(settings), steps, lambda state, n: flow2d.advance(state, settings, n)
    )
    frames = [moment(state, settings, seen, inputs) for state, seen in told]
    pins = {"drawn": {"target": "drawn"}}
    return {"frames": frames, "live": {"acts": ACTS}, "facts": [], "pins": pins, **merged}


def go_on(inputs: dict[str, Any], text: str, act: str, over: Callable[[], bool]) -> dict[str, Any]:
    """Return the next frame of a run, or the same moment under changed inputs."""
    from core.models.flow import flow2d
    from core.models.flow.flow2d import FIELDS, Settings

    tensors, about = unpack(text)
    old, new = Settings(**mapping("state", about, (), FIELDS)), chosen(inputs)
    state = flow2d.adapt(flow2d.check(tensors, old), old, new)
    left = 0 if choice("act", act, (*ACTS, "show")) == "show" else speed(inputs)
    state, seen = on(state, left, lambda state, n: flow2d.advance(state, new, n), over)
    return moment(state, new, seen, inputs)


def chosen(inputs: dict[str, Any]) -> Any:
    """Return the run's settings out of the page's inputs."""
    from core.models.flow.flow2d import FIELDS, Settings

    given = {name: inputs[name] for name in FIELDS if name in inputs and name != "points"}
    if inputs.get("target") != "drawn":
        return Settings(**given)
    return Settings(**given, points=enough(drawn(inputs)))


# ---- one moment


def moment(state: Any, settings: Any, seen: Sequence[dict], inputs: dict[str, Any]) -> dict:
    """Return one frame: both planes, the curves, numbers, checks, and the state to go on from."""
    from core.models.flow import flow2d
    from core.models.flow.flow2d_picture import describe

    found = describe(state, settings, SHOWN, SIDE, FRESH)
    step = int(state["counts"][0])
    checked = flow_delta(flow2d.flow(state, settings), found["data"][:2])
    told = [one["nll"] for one in seen]
    fixed = settings.masks == "fixed"
    values = {
        "x": step,
        "nll": found["nll"],
        "limit": stuck(flow2d.target(settings)) if fixed else None,
        "kl": found["kl"],
        "batch": sum(told) / len(told) if told else None,
    }
    side = b.column(latent(found, inputs), history(settings), gap="tight")
    picture = b.column(b.row(plane(found, settings, inputs), side, gap="mid"), gap="tight")
    if found["below"]:
        picture["items"].append(b.text(b.word("below_entropy"), "grad", "wide"))
    if settings.target == "drawn" and len(drawn(inputs)) < 3:
        picture["items"].append(b.text(b.word("draw_more"), size="wide"))
    return b.frame(
        picture,
        b.word("step_n", n=f"{step:,}"),
        facts(found, settings),
        values=values,
        state=pack(state, dataclasses.asdict(settings)),
    ) | {
        "checks": [
            b.check(checked["delta"], checked["against"], 1e-9),
            b.check(found["round_trip"], "x = f⁻¹(f(x))", 10 * fm.ROUND_TRIP),
        ]
    }


def plane(found: dict[str, Any], settings: Any, inputs: dict[str, Any]) -> b.Widget:
    """Return the data's plane: the learned density, data and samples; points can be drawn on it."""
    top = float(np.exp(np.quantile(found["log_q"], 0.97))) or 1.0
    return b.field(
        b.word("data_plane"),
        found["bounds"],
        [
            b.surface(np.exp(found["log_q"]), 0.0, top) if on_page(inputs, "surface") else None,
            b.dots(found["data"], "real", b.word("real"), radius=2.4),
            b.dots(found["samples"], "made", b.word("samples"), shape="square", radius=2.4),
        ],
        size=400,
        edit="drawn",
        points=drawn(inputs),
        key="plane",
    )


def latent(found: dict[str, Any], inputs: dict[str, Any]) -> b.Widget:
    """Return the Gaussian's plane: where the data land, the grid around them carried along."""
    z = found["points"][-1]
    return b.field(
        b.word("latent_plane"),
        fm.square(z, [[3.0, 3.0]], most=4.0),
        [
            b.curves(found["warp"][-1][:, ::2], "hidden", b.word("warp_flow"), width=0.8)
            if on_page(inputs, "warp")
            else None,
            fm.circles(),
            b.dots(z, "real", b.word("z_of_data"), radius=2.4),
        ],
        size=235,
        key="latent",
    )


def on_page(inputs: dict[str, Any], name: str) -> bool:
    """Return whether a layer of the picture is wanted."""
    return boolean(f"show_{name}", inputs.get(f"show_{name}", True))


def history(settings: Any) -> b.Widget:
    """Return NLL over the run, with the entropy, and what a mask that never changes can reach."""
    from core.models.flow.flow2d import target
    from core.models.flow.flow2d_picture import entropy_of

    curves = [{"key": "nll", "name": b.word("nll"), "role": "made"}]
    if settings.masks == "fixed":
        curves.append({"key": "limit", "name": b.word("fixed_rule"), "role": "grad"})
    return b.history(
        b.word("nll_chart"),
        curves,
        x=b.word("steps"),
        rules=[{"y": entropy_of(target(settings)), "label": b.word("entropy_rule")}],
        width=350,
        height=185,
    )


@lru_cache(maxsize=32)
def stuck(what: Any, side: int = 400) -> float:
    """Return the least NLL in nats of a flow whose couplings all keep x₁, however many they are.

    x₂ e^s + t again and again stays a straight line of x₂: q(x₁) and each q(x₂|x₁) are Gaussian,
    the best of which have p's moments. So it is ½ log 2πe Var x₁ + E ½ log 2πe Var(x₂|x₁).
    """
    from core.data.densities import grid

    x0, x1, y0, y1 = what.bounds
    p = what.log_prob(grid(what.bounds, side)).exp().view(side, side).numpy()
    p = p / p.sum()  # rows are x₂ from the top, columns x₁
    x = x0 + (np.arange(side) + 0.5) * (x1 - x0) / side
    y = y1 - (np.arange(side) + 0.5) * (y1 - y0) / side
    one = p.sum(0)  # p(x₁)
    there = one > 1e-12
    mean = (p * y[:, None]).sum(0)[there] / one[there]
    second = (p * y[:, None] ** 2).sum(0)[there] / one[there]
    spread = (one * x**2).sum() - (one * x).sum() ** 2
    inner = (one[there] * np.log(np.maximum(second - mean**2, 1e-12))).sum()
    return float(0.5 * (2 * np.log(2 * np.pi * np.e) + np.log(spread) + inner))


def facts(found: dict[str, Any], settings: Any) -> list[dict]:
    """Return the line under the stage, in nats a point."""
    told = [
        b.fact("NLL", f"{found['nll']:.3f} ± {found['error']:.3f} nat"),
        b.fact("H(p)", f"{found['entropy']:.3f} nat"),
        b.fact("KL(p‖q)", f"{found['kl']:.3f} nat"),
    ]
    return [*told, b.fact(b.word("weights_n"), f"{settings.size():,}")]


def tables(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the run's settings; what it measured comes with the page's request."""
    return {"settings": [[k, v] for k, v in dataclasses.asdict(chosen(cleared(inputs)[0])).items()]}
