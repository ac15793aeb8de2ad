"""The GAN tab: a discriminator's step by hand, the generator's through it, both in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from apps.stage import Tab
from apps.stage import board as b
from apps.views import gan_generator, gan_hand, gan_turns
from apps.views.gan_case import (
    CONTROLS,
    discriminator_case,
    generator_case,
    loss_of,
    rate_of,
    rounding,
)
from core import check_gan, check_turns, latent
from core.models import gan_step
from core.models import gan_turns as turns_of

TOLERANCE = 1e-12
AGAINST = "torch.nn, torch.autograd"  # what core.check_gan and check_turns use
ROUNDS = 60  # of both nets in turn
ALONE = 160  # updates of the discriminator alone


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
    back = gan_step.gan_backward(x, w1, w2, label, loss)
    flat = np.isscalar(w1[0])
    keep = {name: back[name] for name in ("a", "z", "D", "loss", "dz", "dw2")}
    return {**keep, "dw1": back["dw1"][:, 0] if flat else back["dw1"]}


# ---- views


def step(inputs: dict) -> dict:
    """One step of the discriminator; on the slide's own numbers, also what the slide prints."""
    case, rate, decimals = discriminator_case(inputs), rate_of(inputs), rounding(inputs)
    exact = gan_step.discriminator_step(**case, rate=rate)
    shown = (
        exact
        if decimals is None
        else gan_step.discriminator_step(**case, rate=rate, decimals=decimals)
    )
    frames = gan_hand.discriminator_frames(shown, case, rate)
    at = next(k for k, f in enumerate(frames) if f["name"] == b.word("part_dz"))
    if case == discriminator_case({}):
        frames += gan_hand.slide_frames()
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
    exact = gan_step.generator_step(**case, loss=loss, rate=rate)
    shown = (
        exact
        if decimals is None
        else gan_step.generator_step(**case, loss=loss, rate=rate, decimals=decimals)
    )
    frames = gan_generator.generator_frames(shown, case, loss, rate)
    at = next(k for k, f in enumerate(frames) if f["name"] == b.word("part_dx"))
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


def turns(inputs: dict) -> dict:
    """Both nets in turn, one update each a round."""
    given, states = rounds_of(inputs, ROUNDS, 1)
    last = states[-1]
    blanks = [b.blank("−2 log ½", [2 * np.log(2)], "hidden", "")]
    return lesson_board(
        gan_turns.turn_frames(states, given["x"]),
        rounds_delta(given, states),
        turn={"ask": b.word("turn_turns", n=str(last["round"])), "frame": 0, "blanks": blanks},
    )


def saturation(inputs: dict) -> dict:
    """Train the discriminator alone; the gradient that reaches the generator."""
    given, states = rounds_of(inputs, ALONE, 0)
    D = np.linspace(gan_generator.FROM, gan_generator.TO, 60)
    factors = check_turns.factor_delta(D, {"minimax": -D, "non-saturating": D - 1})
    delta = rounds_delta(given, states)
    delta["delta"] = max(delta["delta"], factors["delta"])
    blanks = [b.blank("(1 − D) / D", [99.0], "grad", "")]
    turn = {"ask": b.word("turn_saturation"), "frame": 0, "blanks": blanks}
    return lesson_board(gan_turns.sure_frames(states), delta, turn=turn)


def rounds_of(inputs: dict, rounds: int, g_steps: int) -> tuple[dict, list[dict]]:
    """Return the arguments of `gan_turns.take_turns` and every state, for the slide's x and D."""
    loss = loss_of(inputs)
    given = {"x": gan_step.slide()["x"], **gan_step.generator_case()}
    given |= {"loss": loss, "rate": rate_of(inputs, 3.0), "g_steps": g_steps}
    return given, list(turns_of.take_turns(**given, rounds=rounds))


def rounds_delta(given: dict, states: list[dict]) -> dict:
    """Check every round with torch."""
    what = {name: given[name] for name in ("x", "u", "loss", "rate", "g_steps")}
    return check_turns.turns_delta(**what, d_steps=1, states=states)


def lesson_board(frames: list[dict], delta: dict, **more: Any) -> dict[str, Any]:
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
    "turns": turns,
    "saturation": saturation,
}


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene."""
    return VIEWS[view](inputs)


def tables(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of a scene as tables by name."""
    if view == "step":
        case = discriminator_case(inputs)
        done = gan_step.discriminator_step(**case, rate=rate_of(inputs), decimals=rounding(inputs))
        return {**case, **done}
    if view == "generator":
        case = generator_case(inputs)
        loss = loss_of(inputs)
        more = {"loss": loss, "rate": rate_of(inputs), "decimals": rounding(inputs)}
        return {**case, **gan_step.generator_step(**case, **more)}
    _, states = rounds_of(inputs, *((ROUNDS, 1) if view == "turns" else (ALONE, 0)))
    rows = [{k: v for k, v in s.items() if np.isscalar(v)} for s in states]
    reach = [{f"reach {n}": v for n, v in s["reach"].items()} for s in states]
    return {"rounds": [{**row, "x": s["x"][0], **r} for row, s, r in zip(rows, states, reach)]}


def picture() -> b.Widget:
    """Return the home page's picture: real digits, until there are generated ones."""
    from safetensors.numpy import load_file

    from core.cards import FOLDER

    columns, rows, side = 13, 7, 28
    tiles = load_file(FOLDER / "mnist-sample.safetensors")["images"][: columns * rows, 0] / 255
    return b.grey("", latent.sheet(tiles.reshape(rows, columns, side, side)), size=320, role="real")


TAB = Tab(
    name="gan",
    board=board,
    tables=tables,
    sources={
        "step": (
            gan_step.gan_backward,
            gan_step.through_discriminator,
            gan_step.back_through_discriminator,
            gan_step.discriminator_step,
        ),
        "generator": (
            gan_step.generator_step,
            gan_step.forward,
            gan_step.back_through_discriminator,
            gan_step.back_through_generator,
        ),
        "turns": (turns_of.take_turns, turns_of.discriminator_turn, gan_step.generator_step),
        "saturation": (gan_step.losses, gan_step.generator_step, turns_of.discriminator_turn),
    },
    controls=CONTROLS,
    endpoints={"gan_backward": gan_backward},
    picture=picture,
)
