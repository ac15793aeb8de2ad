"""View "plane": points that walk out of the noise, reverse SDE beside ODE, by the exact score."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from typing_extensions import TypedDict

from apps.lessons.ddpm import models as m
from apps.lessons.ddpm.inputs import Inputs
from apps.lessons.ddpm.points import POINTS, apart_text, data, data_apart
from apps.stage import board as b
from apps.stage.contract import Board, Check, Turn

if TYPE_CHECKING:
    from core.data.densities import Mixture
    from core.models.ddpm.samplers import Moment
    from core.models.ddpm.schedule import Schedule

TRACED = 6  # points whose way is drawn
ARROWS, SIDE = 11, 28
MOST_FRAMES = 26
CHECKED = 6  # moments of a way that are checked
WAYS = {"sde": 1.0, "ode": 0.0}
Ways = dict[str, tuple["Moment", ...]]  # way -> its moments, points (POINTS, 2)


class Ground(TypedDict):
    """The layers under the points at one t."""

    bounds: tuple[float, float, float, float]  # x0, x1, y0, y1
    surface: Any  # the layer of p_t
    arrows: Any  # the layer of its score, None at t = 0


def plane(inputs: Inputs) -> Board:
    """Show the same points on both ways from noise to data, p_t and its score, step by step."""
    from core.measure.points import wasserstein

    name, plan, seed = inputs.landscape, m.schedule(inputs.kind, inputs), inputs.seed
    ways = {way: walk(name, plan, inputs.cuts, eta, seed) for way, eta in WAYS.items()}
    real, times = data(density(name), seed), [one["t"] for one in ways["sde"]]
    count = min(len(times), MOST_FRAMES)
    frames = []
    for k in sorted({round(i * (len(times) - 1) / (count - 1)) for i in range(count)}):
        t = times[k]
        ground = ground_at(name, plan, t)
        fields = [field(ways[way], k, ground, way) for way in WAYS]
        facts = [b.fact("ᾱₜ", round(float(plan.alpha_bar[t]), 4))]
        frames.append(b.frame(b.row(*fields, gap="mid"), f"t = {t}", facts))
    far = {way: wasserstein(moments[-1]["x"], real) for way, moments in ways.items()}
    own, spread = data_apart(density(name), seed)
    facts = [b.fact(b.word(f"w1_{way}"), far[way]) for way in WAYS]
    return {
        "frames": frames,
        "facts": [*facts, b.fact(b.word("w1_own"), apart_text(density(name), seed))],
        "checks": checks(name, plan, seed, ways),
        "turn": turn(),
        "tables": {
            "w1": {**far, "data against data": own, "its standard deviation": spread},
            **{way: moments[-1]["x"].tolist() for way, moments in ways.items()},
        },
    }


def density(name: str) -> Mixture:
    """Return a target, the same object each time: it takes a moment to make."""
    from core.data.densities import Mixture
    from core.models.ddpm.ddpm2d import Settings
    from core.models.flat.settings import target

    found = target(Settings(target=name))
    assert isinstance(found, Mixture)
    return found


@lru_cache(maxsize=16)
def walk(name: str, plan: Schedule, steps: int, eta: float, seed: int) -> tuple[Moment, ...]:
    """Return the moments of POINTS on the way from N(0, I)."""
    from core.models.ddpm.ddpm2d_picture import exact_predictor, reverse

    predict = exact_predictor(density(name), plan)
    moments = reverse(predict, plan, POINTS, steps, eta, seed)
    return tuple({**one, "x": one["x"].clone()} for one in moments)


@lru_cache(maxsize=256)
def ground_at(name: str, plan: Schedule, t: int) -> Ground:
    """Return p_t over the picture, and where its score leads, as layers of a field."""
    from core.data.densities import grid
    from core.models.ddpm.ddpm2d_picture import REACH, density_on_grid, exact_score

    alpha_bar, what = float(plan.alpha_bar[t]), density(name)
    p = density_on_grid(what, alpha_bar, SIDE).numpy()
    at = grid(REACH, ARROWS)
    run = exact_score(what, at, alpha_bar).numpy() * (1 - alpha_bar) if t else np.zeros(at.shape)
    longest = max(float(np.linalg.norm(run, axis=1).max()), 1e-9)
    arrows = b.arrows(at, run * 0.55 / max(longest, 1.0), "grad", b.word("score")) if t else None
    return {"bounds": REACH, "surface": b.surface(p, 0.0, 1.6 * float(p.max())), "arrows": arrows}


def field(moments: tuple[Moment, ...], k: int, ground: Ground, way: str) -> b.Widget:
    """Return one way's plane at moment k: p_t, the score, the points, and the way of some."""
    path = np.stack([one["x"][:TRACED].numpy() for one in moments[: k + 1]])  # (k + 1, TRACED, 2)
    return b.field(
        b.word(f"way_{way}"),
        ground["bounds"],
        [
            ground["surface"],
            ground["arrows"],
            b.curves(list(path.swapaxes(0, 1)), "hidden", b.word("ways"), width=1.1),
            b.dots(moments[k]["x"], "ink", b.word("points"), radius=2.3),
        ],
        size=375,
        key=way,
    )


def checks(name: str, plan: Schedule, seed: int, ways: Ways) -> list[Check]:
    """Check the score where the points are half way, and both ways' first steps."""
    import torch

    from core.models.ddpm.check import chain_delta, score_delta
    from core.models.ddpm.ddpm2d_picture import exact_score
    from core.models.flat.runs import draws

    what, middle = density(name), ways["ode"][len(ways["ode"]) // 2]
    alpha_bar, x = float(plan.alpha_bar[middle["t"]]), middle["x"]
    found = [b.delta_check(score_delta(what, alpha_bar, x, exact_score(what, x, alpha_bar)), 1e-9)]
    for way, eta in WAYS.items():
        draw = draws(seed, "reverse")
        torch.randn(POINTS, 2, generator=draw)  # x_T
        found.append(b.delta_check(chain_delta(ways[way][:CHECKED], plan, eta, draw), 1e-5))
    return found


def turn() -> Turn:
    """Return the exercise: the score that an ε̂ stands for."""
    alpha_bar, eps = 0.64, 0.9
    return {
        "ask": b.word("turn_score", a=f"{alpha_bar:g}", e=f"{eps:g}"),
        "blanks": [b.blank("∇ log pₜ", [-eps / np.sqrt(1 - alpha_bar)], "grad", "score")],
    }
