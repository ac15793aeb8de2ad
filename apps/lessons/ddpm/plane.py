"""Points that walk out of the noise in the plane: reverse SDE beside ODE, under the exact score."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.ddpm import models as m
from apps.stage import board as b
from core.inputs import choice, integer

POINTS = 256  # as many as the distance is taken of
TARGETS = ("moons", "ring", "spiral", "rings", "grid", "clusters")  # mixtures: their score is exact
STEPS = (10, 20, 50, 100)
TRACED = 6  # points whose way is drawn
ARROWS, SIDE = 11, 28
MOST_FRAMES = 26
CHECKED = 6  # moments of a way that are checked
WAYS = {"sde": 1.0, "ode": 0.0}


def plane(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a step from noise to data: the same points on both ways, p_t, its score."""
    from core.measure.points import wasserstein

    name = choice("landscape", inputs.get("landscape", "moons"), TARGETS)
    plan = m.schedule(inputs.get("kind", "cosine"), inputs)
    steps, seed = integer("cuts", inputs.get("cuts", 50), 5, 100), m.seed(inputs)
    ways = {way: walked(name, plan, steps, eta, seed) for way, eta in WAYS.items()}
    real, times = data(name, seed), [one["t"] for one in ways["sde"]]
    count = min(len(times), MOST_FRAMES)
    frames = []
    for k in sorted({round(i * (len(times) - 1) / (count - 1)) for i in range(count)}):
        t = times[k]
        ground = grounds(name, plan, t)
        fields = [field(ways[way], k, ground, way) for way in WAYS]
        told = [b.fact("ᾱₜ", round(float(plan.alpha_bar[t]), 4))]
        frames.append(b.frame(b.row(*fields, gap="mid"), f"t = {t}", told))
    far = {way: wasserstein(moments[-1]["x"], real) for way, moments in ways.items()}
    own = wasserstein(data(name, seed + 1), real)
    facts = [b.fact(b.word(f"w1_{way}"), far[way]) for way in WAYS]
    return {
        "frames": frames,
        "facts": [*facts, b.fact(b.word("w1_own"), own)],
        "checks": checks(name, plan, seed, ways),
        "turn": turn(),
        "tables": {
            "w1": {**far, "data against data": own},
            **{way: moments[-1]["x"].tolist() for way, moments in ways.items()},
        },
    }


def density(name: str) -> Any:
    """Return a target, the same object each time: it takes a moment to make."""
    from core.models.ddpm.ddpm2d import Settings, target

    return target(Settings(target=name))


def data(name: str, seed: int) -> Any:
    """Return POINTS of the target."""
    import torch

    return density(name).sample(POINTS, torch.Generator().manual_seed(seed)).float()


@lru_cache(maxsize=16)
def walked(name: str, plan: Any, steps: int, eta: float, seed: int) -> tuple[dict[str, Any], ...]:
    """Return the moments of POINTS on the way from N(0, I)."""
    from core.models.ddpm.ddpm2d_picture import exact_predictor, reverse

    predict = exact_predictor(density(name), plan)
    return tuple(
        {**one, "x": one["x"].clone()}  # type: ignore[union-attr]
        for one in reverse(predict, plan, POINTS, steps, eta, seed)
    )


@lru_cache(maxsize=256)
def grounds(name: str, plan: Any, t: int) -> dict[str, Any]:
    """Return p_t over the picture, and where its score leads, as layers of a field."""
    from core.data.densities import grid
    from core.models.ddpm.ddpm2d_picture import REACH, exact_score, shade

    kept, what = float(plan.alpha_bar[t]), density(name)
    p = shade(what, kept, SIDE).numpy()
    at = grid(REACH, ARROWS)
    run = exact_score(what, at, kept).numpy() * (1 - kept) if t else np.zeros((len(at), 2))
    longest = max(float(np.linalg.norm(run, axis=1).max()), 1e-9)
    arrows = b.arrows(at, run * 0.55 / max(longest, 1.0), "grad", b.word("score")) if t else None
    return {"bounds": REACH, "surface": b.surface(p, 0.0, 1.6 * float(p.max())), "arrows": arrows}


def field(moments: Any, k: int, ground: dict[str, Any], way: str) -> b.Widget:
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


def checks(name: str, plan: Any, seed: int, ways: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the checks of the score where the points are half way, and of both ways' steps."""
    import torch

    from core.models.ddpm.check import chain_delta, score_delta
    from core.models.ddpm.ddpm2d_picture import exact_score
    from core.models.flat.runs import draws

    middle = ways["ode"][len(ways["ode"]) // 2]
    kept, x = float(plan.alpha_bar[middle["t"]]), middle["x"]
    found = [score_delta(density(name), kept, x, exact_score(density(name), x, kept))]
    for way, eta in WAYS.items():
        draw = draws(seed, "reverse")
        torch.randn(POINTS, 2, generator=draw)  # x_T
        found.append(chain_delta(ways[way][:CHECKED], plan, eta, draw))
    limits = (1e-9, 1e-5, 1e-5)
    return [b.check(one["delta"], one["against"], most) for one, most in zip(found, limits)]


def turn() -> dict[str, Any]:
    """Return what a visitor computes: the score that an ε̂ stands for."""
    kept, eps = 0.64, 0.9
    return {
        "ask": b.word("turn_score", a=f"{kept:g}", e=f"{eps:g}"),
        "blanks": [b.blank("∇ log pₜ", [-eps / np.sqrt(1 - kept)], "grad", "score")],
    }
