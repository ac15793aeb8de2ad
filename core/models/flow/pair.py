"""Train two flows in the plane side by side: one keeps x₁ in every coupling, one alternates.

Both begin with the same weights and see the same points at every step (core.models.flow.flow2d with
`masks` "fixed" and "alternate"), so only the masks differ; each has its own Adam.

State: {"fixed_w", "fixed_m", "fixed_v", "alternate_w", …, "counts"} as in flow2d, counts for both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.models.flat.runs import State, check_state
from core.models.flow import flow2d
from core.models.flow.flow2d import Settings
from core.models.flow.real_nvp import Flow

SIDES = ("fixed", "alternate")
PARTS = ("w", "m", "v")
Steps = list[dict[str, float]]


def settings_of(settings: Settings, side: str) -> Settings:
    """Return the settings of one of the two runs."""
    return replace(settings, masks=side)


def state_of(state: State, side: str) -> State:
    """Return the state of one of the two runs."""
    return {part: state[f"{side}_{part}"] for part in PARTS} | {"counts": state["counts"]}


def join(states: dict[str, State]) -> State:
    """Return the state of both, from side -> state."""
    held = {f"{side}_{part}": one[part] for side, one in states.items() for part in PARTS}
    return {**held, "counts": states[SIDES[0]]["counts"]}


def flow(state: State, settings: Settings, side: str) -> Flow:
    """Return one of the two flows in eval mode; changing it changes no state."""
    return flow2d.flow(state_of(state, side), settings_of(settings, side))


def begin(settings: Settings) -> State:
    """Return the state before the first step; `settings.masks` is not looked at, here or below."""
    return join({side: flow2d.begin(settings_of(settings, side)) for side in SIDES})


def advance(state: State, settings: Settings, steps: int = 1) -> tuple[State, Steps]:
    """Train both flows for some steps; the given state stays as it is.

    Args:
        state: from `begin`, `advance`, `adapt` or `check`.
        settings: as the state was made for.
        steps: 1 to 500.

    Returns:
        The new state, and for every step: step, and each side's nll in nats on the step's batch
        before the update. Where one of them would stop being finite both stop before that step.

    Raises:
        InputError: steps are not that.
    """
    left = steps
    while True:
        runs = {
            side: flow2d.advance(state_of(state, side), settings_of(settings, side), left)
            for side in SIDES
        }
        done = min(len(seen) for _, seen in runs.values())
        if done == left or done == 0:
            break
        left = done  # one of them stopped: both as far as it came
    if done == 0:
        return dict(state), []
    fixed, alternate = (runs[side][1] for side in SIDES)
    told = [
        {"step": one["step"], "fixed": one["nll"], "alternate": other["nll"]}
        for one, other in zip(fixed, alternate)
    ]
    return join({side: ended for side, (ended, _) in runs.items()}), told


def adapt(state: State, old: Settings, new: Settings) -> State:
    """Return the state with which both go on under other settings, see `flow2d.adapt`."""
    sides = {}
    for side in SIDES:
        was, now = settings_of(old, side), settings_of(new, side)
        sides[side] = flow2d.adapt(state_of(state, side), was, now)
    return join(sides)


def check(state: Any, settings: Settings) -> State:
    """Return a state that came from elsewhere, if it is one for these settings.

    Raises:
        InputError: names, shapes or kinds of number are others, or a number is not finite.
    """
    size = (settings.size(),)
    names = (f"{side}_{part}" for side in SIDES for part in PARTS)
    return check_state(state, {name: size for name in names} | {"counts": (2,)})
