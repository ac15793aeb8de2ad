"""Views "plane", "collapse", "vanishing" and "swing": a GAN in the plane that trains while it is
watched. They are one run, begun from other settings.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.gan.curves import charts
from apps.lessons.gan.inputs import Inputs
from apps.lessons.shared.runs import Run, points, settings_from
from apps.stage import board as b
from apps.stage.contract import Board, Check, Fact, Frame, Turn
from core.models.flat.packing import pack

if TYPE_CHECKING:
    from core.models.gan.gan2d_picture import Measures, Picture
    from core.models.gan.gan2d_settings import Settings

SIDE = 30  # cells a side of the surface that travels
EXACT = 1e-4  # float32 against float64
NEAR = 1e-9  # two algorithms for the same pairing, in float64


class Plane(Run[Inputs]):
    """The run of a GAN in the plane."""

    acts = ("both", "d", "g")

    def settings(self, inputs: Inputs) -> Settings:
        """Return the run's settings out of the page's inputs."""
        return settings_from(self.settings_type(), inputs, inputs.target, drawn_points(inputs))

    def settings_type(self) -> type:
        """Return the dataclass of the settings."""
        from core.models.gan.gan2d_settings import Settings

        return Settings

    def begin(self, settings: Any) -> Any:
        """Return both nets before the first step."""
        from core.models.gan import gan2d

        return gan2d.begin(settings)

    def advance(
        self, state: Any, settings: Any, steps: int, act: str
    ) -> tuple[Any, list[dict[str, Any]]]:
        """Train both nets, or D or G alone, for at most 50 steps."""
        from core.models.gan import gan2d

        later, seen = gan2d.advance(state, settings, steps, act)
        return later, [{**one} for one in seen]

    def restore(self, tensors: Any, old: Any, new: Any) -> Any:
        """Return the state that came with a page; a net whose layers changed starts anew."""
        from core.models.gan import gan2d
        from core.models.gan.gan2d_state import check

        return gan2d.adapt(check(tensors, old), old, new)

    def moment(
        self, state: Any, settings: Any, seen: Sequence[dict[str, Any]], inputs: Inputs
    ) -> Frame:
        """Return one frame: picture, curves, numbers, check, and the state to go on from."""
        from core.models.gan import gan2d, gan2d_picture

        step = int(state["counts"][0])
        there = gan2d_picture.describe(state, settings, side=SIDE)
        lost = gan2d.has_diverged(state, settings)
        found = None if lost else gan2d_picture.measure(state, settings)
        plane = lost_field(there, inputs) if lost else field(there, settings, inputs)
        said = b.word("diverged") if lost else ground(settings)
        picture = b.row(
            b.column(plane, b.text(said, "grad" if lost else "ink", "wide"), gap="tight"),
            charts(inputs.charts, settings),
            gap="mid",
        )
        return b.frame(
            picture,
            b.word("step_n", n=f"{step:,}"),
            facts(found) if found else [b.fact(b.word("diverged_short"), "")],
            values=numbers(step, found, seen),
            state=pack(state, dataclasses.asdict(settings)),
            checks=moment_checks(state, settings, there, found, inputs) if found else [],
        )


RUN = Plane()

TURNS: dict[str, Turn] = {  # view -> its exercise, all of whose numbers stand in the question
    "plane": {
        "ask": b.word("turn_loss"),
        "blanks": [b.blank("L", [-math.log(0.8) - math.log(1 - 0.4)], "grad", "")],
    },
    "collapse": {
        "ask": b.word("turn_half"),
        "blanks": [b.blank("L", [math.log(3) / 2 + math.log(1.5)], "grad", "")],
    },
    "vanishing": {
        "ask": b.word("turn_ratio"),
        "blanks": [b.blank(b.word("times"), [(1 - 0.01) / 0.01], "made", "")],
    },
    "swing": {
        "ask": b.word("turn_momentum"),
        "blanks": [b.blank(b.word("times"), [0.9**10], "hidden", "")],
    },
}


def board(view: str) -> Callable[[Inputs], Board]:
    """Return the function that computes the board of one of the run's views."""
    return lambda inputs: {**RUN.board(inputs), "turn": TURNS[view]}


def source(inputs: Inputs) -> Sequence[Callable[..., Any]]:
    """Return the functions that train in the plane, imported on call because they need torch."""
    from core.measure import points
    from core.models.gan import gan2d, losses

    del inputs
    return (
        gan2d.advance,
        losses.discriminator_loss,
        losses.generator_loss,
        losses.gradient_penalty,
        points.modes,
        points.divergences,
    )


def drawn_points(inputs: Inputs) -> tuple[tuple[float, float], ...]:
    """Return the visitor's points if they are the target."""
    return points("drawn", inputs.drawn or ()) if inputs.target == "drawn" else ()


# ---- one moment


def moment_checks(
    state: Any, settings: Settings, seen: Picture, found: Measures, inputs: Inputs
) -> list[Check]:
    """Return the checks of what is shown: generated points, arrows if any, W₁, covered modes."""
    from core.data.densities import Mixture
    from core.models.flat.settings import target
    from core.models.gan import check, gan2d_picture

    checks = [b.delta_check(check.points_delta(state, settings, seen["z"], seen["fake"]), EXACT)]
    if inputs.show_arrows:
        arrows = check.push_delta(state, settings, seen["at"], seen["push"])
        checks.append(b.delta_check(arrows, EXACT))
    _, fake, real = gan2d_picture.sample_points(state, settings, gan2d_picture.MEASURED)
    pairs = slice(gan2d_picture.PAIRS)
    checks.append(b.delta_check(check.near_delta(fake[pairs], real[pairs], found["w1"]), NEAR))
    modes, density = found["modes"], target(settings)
    if modes and isinstance(density, Mixture):
        counted = check.covered_delta(fake, density.modes, density.sigma, modes["covered"])
        checks.append(b.delta_check(counted, 0.5))
    return checks


def numbers(
    step: int, found: Measures | None, seen: Sequence[dict[str, Any]]
) -> dict[str, float | None]:
    """Return the curves' values: measures of this moment, losses as means since the last.

    A run that has blown up has no measures.
    """

    def mean(name: str) -> float | None:
        values = [one[name] for one in seen if one[name] is not None]
        return sum(values) / len(values) if values else None

    modes = (found and found["modes"]) or {}
    return {
        "x": step,
        **{name: mean(name) for name in ("d_loss", "g_loss", "accuracy", "d_grad", "g_grad")},
        **{name: found[name] if found else None for name in ("kl", "js", "w1", "push", "slope")},
        "covered": modes.get("covered"),
        "quality": modes.get("quality"),
    }


def facts(found: Measures) -> list[Fact]:
    """Return the line under the stage."""
    modes = found["modes"]
    covered = [b.fact(b.word("covered"), f"{modes['covered']} / {modes['of']}")] if modes else []
    return [
        *covered,
        b.fact("JS", found["js"]),
        b.fact("W₁", found["w1"]),
        b.fact(b.word("push"), found["push"]),
    ]


def field(seen: Picture, settings: Settings, inputs: Inputs) -> b.Widget:
    """Return the plane: D's surface, G's grid, points of both kinds, where G is pushed."""
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
            if inputs.show_surface
            else None,
            b.curves(list(seen["warp"]), "hidden", b.word("warp"), width=1.1)
            if inputs.show_warp
            else None,
            b.dots(seen["real"], "real", b.word("real"), radius=2.4),
            b.dots(seen["fake"], "made", b.word("fake"), shape="square", radius=2.6),
            b.arrows(seen["at"], scale * push, "grad", b.word("arrows"))
            if inputs.show_arrows
            else None,
        ],
        size=420,
        edit="drawn",
        points=drawn_points(inputs),
        key="plane",
    )


def lost_field(seen: Picture, inputs: Inputs) -> b.Widget:
    """Return the plane of a run that has blown up: the real points alone."""
    real = b.dots(seen["real"], "real", b.word("real"), radius=2.4)
    return b.field(
        "", seen["bounds"], [real], size=420, edit="drawn", points=drawn_points(inputs), key="plane"
    )


def reach(seen: Picture, settings: Settings) -> tuple[float, float]:
    """Return the scores that have the full colours: 0 and 1, or evenly around the middle."""
    if seen["surface_is"] == "probability":
        return 0.0, 1.0
    values = seen["surface"][np.isfinite(seen["surface"])]
    middle = 0.5 if settings.loss == "least-squares" else float(np.median(values))
    far = float(np.abs(values - middle).max()) or 1.0
    return middle - far, middle + far


def ground(settings: Settings) -> b.Label:
    """Return the label that explains the background's colours under this loss."""
    sure = settings.loss in ("minimax", "non-saturating")
    return b.word("ground_probability" if sure else "ground_score")
