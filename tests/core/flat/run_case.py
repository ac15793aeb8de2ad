"""What holds of a live run in the plane whose state is a value: begin, advance, adapt, check."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from core.inputs import InputError

State = dict[str, Tensor]
BAD_TARGETS: list[dict[str, Any]] = [
    {"target": "cat"},
    {"target": "drawn", "points": ((0, 0),)},
    {"target": "drawn", "points": ((0, 0), (1, 1), (9, 9))},
]


def same(one: State, other: State) -> bool:
    return all(torch.equal(one[k], other[k]) for k in one) and one.keys() == other.keys()


def copied(state: State) -> State:
    return {k: v.clone() for k, v in state.items()}


def goes_on_alike(run: Any, settings: Any, other: Any) -> None:
    """A run does not depend on where it is cut, changes no state, and `other` leads elsewhere."""
    start = run.begin(settings)
    before = copied(start)
    whole, seen = run.advance(start, settings, 5)
    part, first = run.advance(start, settings, 2)
    held = copied(part)
    rest, second = run.advance(part, settings, 3)
    assert same(whole, rest) and seen == first + second and same(start, before)
    assert same(part, held) and whole["counts"].tolist() == [5, 5]
    assert [m["step"] for m in seen] == [1, 2, 3, 4, 5]
    elsewhere, _ = run.advance(start, other, 5)
    assert not torch.equal(elsewhere["w"], whole["w"])


def starts_anew(run: Any, old: Any, new: Any, size: int) -> None:
    """Other sizes start the net anew, its steps counted on."""
    state, _ = run.advance(run.begin(old), old, 3)
    made = run.adapt(state, old, new)
    assert made["counts"].tolist() == [3, 0] and len(made["w"]) == size
    on, seen = run.advance(made, new, 1)
    assert seen[0]["step"] == 4 and on["counts"].tolist() == [4, 1]


def refuses(run: Any, settings: Any, other: Any) -> None:
    """A state is checked: as it is, changed, of other names and kinds, and of other settings."""
    state, _ = run.advance(run.begin(settings), settings, 2)
    assert same(run.check(copied(state), settings), state)
    bad: list[Any] = [
        *({k: v for k, v in state.items() if k != name} for name in state),
        {**state, "more": state["m"]},
        {**state, "w": state["w"][:-1]},
        {**state, "w": state["w"].double()},
        *({**state, k: torch.full_like(v, math.nan)} for k, v in state.items() if k != "counts"),
        {**state, "v": state["v"] - 1},
        {**state, "counts": state["counts"] - 100},
        [],
    ]
    for one in bad:
        with pytest.raises(InputError):
            run.check(one, settings)
    with pytest.raises(InputError):
        run.check(state, other)
