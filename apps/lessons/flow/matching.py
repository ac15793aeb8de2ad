"""View "matching": lines from noise to data, paired at random, and the flow along their mean
velocity: the bridge from flows of layers to diffusion.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.flow.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Check, Fact, Turn
from core.models.flow.check import matching_delta

if TYPE_CHECKING:
    from core.data.densities import Mixture

POINTS, SIDE = 90, 56
MOST = 20  # frames after the first
REACH = 3.2  # of the plane that is drawn
ARROWS, LONG = 9, 0.16  # a side; of v, for as much time as an arrow is drawn
AT, FEW = 0.5, 4  # time and points of the check
EXERCISE = (0.5, -1.0)  # the z that the exercise asks about


@dataclass(frozen=True)
class Course:
    """The same noise on two ways to the data, at S + 1 times.

    Attributes:
        t: the times, (S + 1,).
        flow: along the mean velocity, (S + 1, n, 2).
        ends: the data that each noise was paired with at random, (n, 2).
        surprise: −log p at the flow's ends, mean, in nats: +∞ where p is 0 in float64.
        entropy: H(p) in nats.
    """

    t: np.ndarray
    flow: np.ndarray
    ends: np.ndarray
    surprise: float
    entropy: float

    def pairs(self, k: int) -> np.ndarray:
        """Return where the pairs' straight lines are at time k, (n, 2)."""
        return (1 - self.t[k]) * self.flow[0] + self.t[k] * self.ends


def matching(inputs: Inputs) -> Board:
    """Show a frame a time: the pairs on straight lines, the flow along their mean velocity."""
    course = compute(inputs.mixture, inputs.euler, inputs.seed)
    count = len(course.t)
    shown = np.unique(np.linspace(0, count - 1, min(count, MOST + 1)).round().astype(int))
    frames = [
        b.frame(picture(course, inputs.mixture, k), b.word("time_is", t=f"{course.t[k]:.2f}"))
        for k in shown.tolist()
    ]
    return {
        "frames": frames,
        "facts": facts(course),
        "checks": [velocity_check(inputs.mixture, inputs.seed)],
        "turn": turn(inputs.mixture),
        "tables": {
            "t": course.t[shown],
            "noise": course.flow[0],
            "flow": course.flow[-1],
            "paired": course.ends,
        },
    }


def target(name: str) -> Mixture:
    """Return the data's distribution."""
    from core.data.densities import Mixture, density

    found = density(name)
    assert isinstance(found, Mixture)
    return found


@lru_cache(maxsize=16)
def compute(name: str, steps: int, seed: int) -> Course:
    """Pair noise with data at random, and carry the same noise along the mean velocity."""
    import torch

    from core.models.flat.runs import draws
    from core.models.flow.expectation import cells
    from core.models.flow.matching import follow

    what = target(name)
    z = torch.randn(POINTS, 2, generator=draws(seed, "matching noise"), dtype=torch.float64)
    ends = what.sample(POINTS, draws(seed, "matching data"))
    path = follow(what, z, steps)
    return Course(
        t=path.t.numpy(),
        flow=path.x.numpy(),
        ends=ends.numpy(),
        surprise=-what.log_prob(path.x[-1]).mean().item(),
        entropy=cells(what).entropy,
    )


@lru_cache(maxsize=128)
def shades(name: str, t: float) -> np.ndarray:
    """Return the density of x_t at the middles of cells, (SIDE, SIDE) from the top."""
    from core.data.densities import grid
    from core.models.flow.matching import at_time

    at = grid((-REACH, REACH, -REACH, REACH), SIDE)
    return at_time(target(name), t).log_prob(at).exp().view(SIDE, SIDE).numpy()


@lru_cache(maxsize=128)
def arrows(name: str, t: float) -> tuple[np.ndarray, np.ndarray]:
    """Return places where x_t can be, (K, 2), and the mean velocity there."""
    import torch

    from core.models.flow.matching import at_time, velocity

    along = torch.linspace(-2.8, 2.8, ARROWS, dtype=torch.float64)
    at = torch.cartesian_prod(along, along)
    p = at_time(target(name), t).log_prob(at).exp()
    at = at[p > 0.01 * p.max()]
    return at.numpy(), velocity(target(name), at, t)[0].numpy()


def picture(course: Course, name: str, k: int) -> b.Widget:
    """Return the pairs and the flow at time k, the density of x_t under both."""
    t = float(course.t[k])
    p = shades(name, t)
    under = b.surface(p, 0.0, float(p.max()), above="hidden")
    lines = [np.stack([z, x]) for z, x in zip(course.flow[0][::3], course.ends[::3])]
    ways = [course.flow[: k + 1, i] for i in range(0, POINTS, 3)] if k else []
    places, v = arrows(name, t)
    bounds = (-REACH, REACH, -REACH, REACH)
    pairs = [
        under,
        b.curves(lines, "ink", b.word("pair_lines"), width=0.8),
        b.dots(course.pairs(k), "real", b.word("pair_points"), radius=3),
    ]
    flow = [
        under,
        b.curves(ways, "ink", b.word("flow_ways"), width=1),
        b.arrows(places, LONG * v, "grad", b.word("mean_velocity")),
        b.dots(course.flow[k], "made", b.word("flow_points"), shape="square", radius=3),
    ]
    left, right = (
        b.field(b.word(f"matching_of.{key}"), bounds, layers, size=390, key=key)
        for key, layers in (("pairs", pairs), ("flow", flow))
    )
    return b.row(left, right, gap="top")


def velocity_check(name: str, seed: int) -> Check:
    """Check velocity and divergence at a few points by the score of x_t."""
    from core.models.flat.runs import draws
    from core.models.flow.matching import at_time, velocity

    what = target(name)
    x = at_time(what, AT).sample(FEW, draws(seed, "matching check"))
    v, div = velocity(what, x, AT)
    return b.delta_check(matching_delta(what, x, AT, v, div), 1e-9)


def turn(name: str) -> Turn:
    """Return the exercise: the velocity at t = 0, where z tells nothing of x."""
    what = target(name)
    mean = (what.weights @ what.centres).round(decimals=4).tolist()
    m, z = (tuple(f"{v + 0.0:g}".replace("-", "−") for v in pair) for pair in (mean, EXERCISE))
    v = [m_ - z_ for m_, z_ in zip(mean, EXERCISE)]
    return {
        "ask": b.word("turn_velocity", m1=m[0], m2=m[1], z1=z[0], z2=z[1]),
        "blanks": [b.blank("v(z, 0)", v, "grad", "")],
    }


def facts(course: Course) -> list[Fact]:
    """Return how likely the arrived points are under p, beside the data's own mean."""
    surprise = f"{course.surprise:.2f} nat" if np.isfinite(course.surprise) else "∞"
    return [
        b.fact(b.word("arrived"), surprise),
        b.fact(b.word("entropy"), f"{course.entropy:.2f} nat"),
    ]
