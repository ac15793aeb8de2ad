"""The GAN that trains in the plane while it is watched: a moment's picture, its curves, its run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from apps.lessons.shared.plane_run import drawn, enough, moments, on, opening, speed
from apps.stage import board as b
from core.inputs import choice, mapping
from core.models.flat.packing import pack, unpack

ACTS = ("both", "d", "g")
CHARTS = ("losses", "distance", "wasserstein", "gradients", "modes")
LAYERS = ("surface", "warp", "arrows")
SIDE = 30  # cells a side of the surface that travels


def run(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a run: its opening moments, to be gone on from."""
    from core.models.gan import gan2d

    settings = chosen(inputs)
    steps = opening(inputs.get("opening", [0]))
    told = moments(gan2d.begin(settings), steps, lambda state, n: gan2d.advance(state, settings, n))
    frames = [moment(state, settings, seen, inputs) for state, seen in told]
    pins = {"drawn": {"target": "drawn"}}
    return {"frames": frames, "live": {"acts": ACTS}, "facts": [], "pins": pins}


def go_on(inputs: dict[str, Any], text: str, act: str, over: Callable[[], bool]) -> dict[str, Any]:
    """Return the next frame of a run, or the same moment under changed inputs."""
    from core.models.gan import gan2d
    from core.models.gan.gan2d_settings import FIELDS, Settings
    from core.models.gan.gan2d_state import check

    tensors, about = unpack(text)
    old, new = Settings(**mapping("state", about, (), FIELDS)), chosen(inputs)
    state = gan2d.adapt(check(tensors, old), old, new)
    act = choice("act", act, (*ACTS, "show"))
    left = 0 if act == "show" else speed(inputs)
    state, seen = on(state, left, lambda state, n: gan2d.advance(state, new, n, act), over)
    return moment(state, new, seen, inputs)


def chosen(inputs: dict[str, Any]) -> Any:
    """Return the run's settings out of the page's inputs."""
    from core.models.gan.gan2d_settings import FIELDS, Settings

    given = {name: inputs[name] for name in FIELDS if name in inputs and name != "points"}
    points = enough(drawn(inputs)) if inputs.get("target") == "drawn" else ()
    return Settings(**given, points=points)


# ---- one moment


def moment(state: Any, settings: Any, seen: Sequence[dict], inputs: dict[str, Any]) -> dict:
    """Return one frame: picture, curves, numbers, check, and the state to go on from."""
    from core.models.gan import gan2d_picture
    from core.models.gan.check import push_delta

    seen_there = gan2d_picture.describe(state, settings, side=SIDE)
    found = gan2d_picture.measure(state, settings)
    step = int(state["counts"][0])
    values = numbers(step, found, seen)
    picture = b.row(
        b.column(
            field(seen_there, settings, inputs), b.text(ground(settings), size="wide"), gap="tight"
        ),
        charts(inputs.get("charts", CHARTS[:2]), settings),
        gap="mid",
    )
    delta = push_delta(state, settings, seen_there["at"], seen_there["push"])
    return b.frame(
        picture,
        b.word("step_n", n=f"{step:,}"),
        facts(found),
        values=values,
        state=pack(state, dataclasses.asdict(settings)),
    ) | {"checks": [b.check(delta, "torch.nn, float64", 1e-4)]}


def numbers(step: int, found: dict, seen: Sequence[dict]) -> dict[str, float | None]:
    """Return what the curves draw: measures of this moment, losses as means since the last."""

    def mean(name: str) -> float | None:
        told = [one[name] for one in seen if one[name] is not None]
        return sum(told) / len(told) if told else None

    modes = found["modes"] or {}
    return {
        "x": step,
        **{name: mean(name) for name in ("d_loss", "g_loss", "accuracy", "d_grad", "g_grad")},
        **{name: found[name] for name in ("kl", "js", "w1", "push", "slope")},
        "covered": modes.get("covered"),
        "quality": modes.get("quality"),
    }


def facts(found: dict) -> list[dict]:
    """Return the line under the stage."""
    modes = found["modes"]
    told = [b.fact("JS", found["js"]), b.fact("W₁", found["w1"])]
    if modes:
        told.insert(0, b.fact(b.word("covered"), f"{modes['covered']} / {modes['of']}"))
    return [*told, b.fact(b.word("push"), found["push"])]


def field(seen: dict, settings: Any, inputs: dict[str, Any]) -> dict:
    """Return the plane: D's surface, G's grid, points of both kinds, where G is pushed."""
    show = {name: inputs.get(f"show_{name}", True) for name in LAYERS}
    low, high = reach(seen, settings)
    push, size = seen["push"], np.linalg.norm(seen["push"], axis=1, keepdims=True)
    longest = float(size.max()) if len(size) else 0.0
    # arrows share one scale that keeps the largest readable; from 1e-3 down they shrink to dots
    scale = 0.45 / max(longest, 0.05)
    return b.field(
        "",
        seen["bounds"],
        [
            b.surface(seen["surface"], low, high, below="made", above="real")
            if show["surface"]
            else None,
            b.curves(seen["warp"], "hidden", b.word("warp"), width=1.1) if show["warp"] else None,
            b.dots(seen["real"], "real", b.word("real"), radius=2.4),
            b.dots(seen["fake"], "made", b.word("fake"), shape="square", radius=2.6),
            b.arrows(seen["at"], scale * push, "grad", b.word("arrows"))
            if show["arrows"]
            else None,
        ],
        size=420,
        edit="drawn",
        points=drawn(inputs),
        key="plane",
    )


def reach(seen: dict, settings: Any) -> tuple[float, float]:
    """Return the scores that have the full colours: 0 and 1, or evenly around the middle."""
    if seen["surface_is"] == "probability":
        return 0.0, 1.0
    values = seen["surface"][np.isfinite(seen["surface"])]
    middle = 0.5 if settings.loss == "least-squares" else float(np.median(values))
    far = float(np.abs(values - middle).max()) or 1.0
    return middle - far, middle + far


def ground(settings: Any) -> dict:
    """Return what the background's colours mean under this loss."""
    sure = settings.loss in ("minimax", "non-saturating")
    return b.word("ground_probability" if sure else "ground_score")


def charts(names: Any, settings: Any) -> dict:
    """Return the curves of the run, two one above the other or up to four in a square."""
    if not isinstance(names, (list, tuple)):
        names = [names]
    names = [choice("charts", name, CHARTS) for name in names][:4]
    small = len(names) > 2
    made = [history(name, settings, (236, 150) if small else (350, 186)) for name in names]
    if not small:
        return b.column(*made, gap="tight")
    return b.row(b.column(*made[::2], gap="tight"), b.column(*made[1::2], gap="tight"), gap="mid")


def history(name: str, settings: Any, size: tuple[int, int]) -> dict:
    """Return one chart of the run."""
    wide, high = size
    floor, told = floors(settings), b.word("floor")
    spec: dict[str, dict[str, Any]] = {
        "losses": {"curves": [("d_loss", "real"), ("g_loss", "made")]},
        "distance": {
            "curves": [("kl", "grad"), ("js", "hidden")],
            "low": 0.0,
            "rules": [{"y": floor["js"], "label": b.word("floor_js")}],
        },
        "wasserstein": {
            "curves": [("w1", "grad")],
            "low": 0.0,
            "rules": [{"y": floor["w1"], "label": told}],
        },
        "gradients": {"curves": [("push", "made"), ("slope", "real")], "log": True},
        "modes": {"curves": [("covered", "ok")], "low": 0.0, "high": float(modes_of(settings))},
    }
    one = dict(spec[name])
    drawn_curves = [
        {"key": key, "name": b.word(f"curve.{key}"), "role": role}
        for key, role in one.pop("curves")
    ]
    label = b.word(f"chart.{name}")
    return b.history(label, drawn_curves, x=b.word("steps"), width=wide, height=high, **one)


def floors(settings: Any) -> dict[str, float]:
    """Return what the target's own samples get on the measures: no model gets less for long."""
    from core.models.gan.gan2d_settings import target

    return _floors(target(settings))


def modes_of(settings: Any) -> int:
    """Return how many modes the target has, 1 where none are counted."""
    from core.models.gan.gan2d_settings import target

    modes = target(settings).modes
    return 1 if modes is None else len(modes)


_KNOWN: dict[int, tuple[Any, dict[str, float]]] = {}  # by identity: densities hold tensors


def _floors(target: Any) -> dict[str, float]:
    import torch

    from core.measure import points as plane

    kept = _KNOWN.get(id(target))
    if kept is None or kept[0] is not target:
        if len(_KNOWN) > 32:
            _KNOWN.clear()
        generator = torch.Generator().manual_seed(0)
        kept = _KNOWN[id(target)] = (target, plane.floor(target, 2048, generator))
    return kept[1]


def tables(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the opening's numbers; what the visitor trained comes with the page's request."""
    return {"settings": [[k, v] for k, v in inputs.items() if not isinstance(v, (list, dict))]}
