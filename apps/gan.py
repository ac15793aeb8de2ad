"""The GAN tab: one step of each net by hand, runs in the plane, digits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from apps.lessons.gan import case as gan_case
from apps.lessons.gan import controls as gan_controls
from apps.lessons.gan import digits, hand, nets
from apps.lessons.gan import generator as gan_generator
from apps.lessons.gan import plane as gan_plane
from apps.lessons.gan.case import discriminator_case, generator_case, loss_of, rate_of, rounding
from apps.stage import Tab
from apps.stage import board as b
from apps.stage.server import alone, home_card
from core.measure.deltas import Delta
from core.models.gan import by_hand
from core.models.gan import check as check_gan

TOLERANCE = 1e-12
AGAINST = "torch.nn, torch.autograd"  # what core.models.gan.check uses
PLANE = ("plane", "collapse", "vanishing", "swing")


# ---- the API


def gan_backward(x: float | list, w1: list, w2: list, label: int, loss: str = "minimax") -> dict:
    """Compute a discriminator's loss on one example and its gradients, in float64.

    D(x) = σ(w2 · σ(w1 x)), without biases.

    Args:
        x: a number, or a list of 1 to 4; from -100 to 100, like the weights.
        w1: (H x n) for x of n numbers, or (H) for one; H from 1 to 8.
        w2: (H).
        label: 1 for a real x, L = -log D; 0 for a generated one, L = -log(1 - D).
        loss: "minimax" or "non-saturating"; the discriminator's is the same under both.

    Returns:
        "a" (H), "z", "D", "loss" in nats; "dz" = dL/dz = D - label, "dw2" (H), "dw1" in w1's shape.
    """
    back = by_hand.gan_backward(x, w1, w2, label, loss)
    flat = np.isscalar(w1[0])
    keep = {name: back[name] for name in ("a", "z", "D", "loss", "dz", "dw2")}
    return {**keep, "dw1": back["dw1"][:, 0] if flat else back["dw1"]}


# ---- views


def step(inputs: dict) -> dict:
    """One step of the discriminator; on the slide's own numbers, also what the slide prints."""
    case, rate, decimals = discriminator_case(inputs), rate_of(inputs), rounding(inputs)
    exact = by_hand.discriminator_step(**case, rate=rate)
    shown = (
        exact
        if decimals is None
        else by_hand.discriminator_step(**case, rate=rate, decimals=decimals)
    )
    frames = hand.discriminator_frames(shown, case, rate)
    at = next(k for k, f in enumerate(frames) if f["name"] == b.word("part_dz"))
    if case == discriminator_case({}):
        frames += hand.slide_frames()
    blanks = [
        b.blank("∂L/∂z", [shown["dz"]], "grad", "dz"),
        b.blank("∂L/∂w₂", shown["dw2"], "grad", "dw2"),
        b.blank("∂L/∂w₁", shown["dw1"], "grad", "dw1"),
    ]
    given = {name: case[name] for name in ("x", "w1", "w2", "label")}
    return lesson_board(
        frames,
        check_gan.discriminator_delta(**given, trace=exact),
        values={name: case[name] for name in ("x", "w1", "w2")},
        facts=gap(exact, shown, decimals, ("D", "dw2", "dw1")),
        turn={"ask": b.word("turn_step"), "frame": at, "blanks": blanks},
    )


def generator(inputs: dict) -> dict:
    """One step of the generator, its gradient coming back through the discriminator."""
    case, rate, decimals = generator_case(inputs), rate_of(inputs), rounding(inputs)
    loss = loss_of(inputs)
    exact = by_hand.generator_step(**case, loss=loss, rate=rate)
    shown = (
        exact
        if decimals is None
        else by_hand.generator_step(**case, loss=loss, rate=rate, decimals=decimals)
    )
    frames = gan_generator.generator_frames(shown, case, loss, rate)
    at = next(k for k, f in enumerate(frames) if f["name"] == b.word("part_dv2"))
    blanks = [
        b.blank("∂L/∂x", shown["dx"], "grad", "dx"),
        b.blank("∂L/∂v₂", shown["dv2"], "grad", "dv2"),
    ]
    return lesson_board(
        frames,
        check_gan.generator_delta(**case, loss=loss, trace=exact),
        values=case,
        facts=gap(exact, shown, decimals, ("D", "dv2", "dv1")),
        turn={"ask": b.word("turn_generator"), "frame": at, "blanks": blanks},
    )


def lesson_board(frames: list[dict], delta: Delta, **more: Any) -> dict[str, Any]:
    """Return a board with its check against torch."""
    checks = [b.check(delta["delta"], AGAINST, TOLERANCE)]
    return {"frames": frames, "checks": checks, **more}


def gap(exact: dict, shown: dict, decimals: int | None, names: tuple[str, ...]) -> list[dict]:
    """Return how far rounding as one goes leads away, as a fact."""
    if decimals is None:
        return []
    most = max(float(np.abs(np.asarray(exact[n]) - shown[n]).max()) for n in names)
    return [b.fact(b.word("rounding_gap"), most)]


VIEWS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "step": step,
    "generator": generator,
    **dict.fromkeys(PLANE, gan_plane.run),
}


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene."""
    if view in digits.VIEWS:
        return digits.board(view, inputs)
    return VIEWS[view](inputs)


def tables(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of a scene as tables by name."""
    if view in digits.VIEWS:
        return digits.tables(view, inputs)
    if view == "step":
        case = discriminator_case(inputs)
        done = by_hand.discriminator_step(**case, rate=rate_of(inputs), decimals=rounding(inputs))
        return {**case, **done}
    if view == "generator":
        case = generator_case(inputs)
        loss = loss_of(inputs)
        more = {"loss": loss, "rate": rate_of(inputs), "decimals": rounding(inputs)}
        return {**case, **by_hand.generator_step(**case, **more)}
    return gan_plane.tables(inputs)


def live(
    view: str, inputs: dict[str, Any], state: str, act: str, over: Callable[[], bool]
) -> dict[str, Any]:
    """Return the next frame of a run in the plane."""
    if view not in PLANE:
        raise KeyError(view)
    return gan_plane.go_on(inputs, state, act, over)


def source(inputs: dict[str, Any]) -> Sequence[Callable]:
    """Return what trains in the plane, looked up when it is asked for: it needs torch."""
    from core.measure import points
    from core.models.gan import gan2d, losses

    return (
        gan2d.advance,
        losses.discriminator_loss,
        losses.generator_loss,
        losses.gradient_penalty,
        points.modes,
        points.divergences,
    )


TAB = Tab(
    name="gan",
    board=board,
    tables=tables,
    sources={
        "step": (
            by_hand.gan_backward,
            by_hand.through_discriminator,
            by_hand.back_through_discriminator,
            by_hand.discriminator_step,
        ),
        "generator": (
            by_hand.generator_step,
            by_hand.forward,
            by_hand.back_through_discriminator,
            by_hand.back_through_generator,
        ),
        **dict.fromkeys(PLANE, source),
        **digits.SOURCES,
    },
    controls={**gan_case.CONTROLS, **gan_controls.CONTROLS, **digits.CONTROLS},
    endpoints={"gan_backward": gan_backward, "gan_sample": nets.gan_sample},
    picture=partial(home_card.picture, "gan"),
    live=live,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
