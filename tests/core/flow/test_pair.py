"""Two flows side by side: each is the run that it is alone, and their masks decide."""

from dataclasses import replace

import pytest
import torch

from core.inputs import InputError
from core.models.flow import flow2d, pair
from core.models.flow.expectation import cells, expected_nll, limit_of_fixed_masks
from core.models.flow.flow2d import Settings
from tests.core.flat.run_case import copied, same

SMALL = Settings(target="ring", couplings=3, width=8, batch=32, seed=3)


def test_each_of_the_two_is_the_run_that_it_is_alone():
    state, told = pair.advance(pair.begin(SMALL), SMALL, 4)
    for side in pair.SIDES:
        own = replace(SMALL, masks=side)
        alone, seen = flow2d.advance(flow2d.begin(own), own, 4)
        assert same(pair.state_of(state, side), alone)
        assert [one[side] for one in told] == [one["nll"] for one in seen]
    assert [one["step"] for one in told] == [1, 2, 3, 4]
    once, _ = pair.advance(pair.begin(SMALL), SMALL, 1)
    assert same(pair.advance(once, SMALL, 3)[0], state)


def test_both_stop_where_one_does():
    state = pair.begin(SMALL)
    state["alternate_w"] = torch.full_like(state["alternate_w"], 1e20)
    after, told = pair.advance(state, SMALL, 3)
    assert told == [] and same(after, state)


def test_other_sizes_start_both_anew_and_other_targets_neither():
    state, _ = pair.advance(pair.begin(SMALL), SMALL, 3)
    assert same(pair.adapt(state, SMALL, replace(SMALL, target="moons")), state)
    new = replace(SMALL, couplings=4)
    assert same(pair.adapt(state, SMALL, new), pair.begin(new))


def test_states_that_are_none_are_refused():
    state, _ = pair.advance(pair.begin(SMALL), SMALL, 2)
    assert same(pair.check(copied(state), SMALL), state)
    for bad in (
        {k: v for k, v in state.items() if k != "fixed_m"},
        {**state, "fixed_v": state["fixed_v"] - 1},
        {**state, "alternate_w": state["alternate_w"][:-1]},
        {**state, "w": state["fixed_w"]},
    ):
        with pytest.raises(InputError):
            pair.check(bad, SMALL)


@pytest.mark.parametrize("target", ["ring", "moons", "checkerboard", "pinwheel"])
def test_no_flow_that_keeps_x1_is_below_the_limit_and_one_comes_near(target):
    """Of any weights; and the Gaussian with p's own moments, where they are of straight lines."""
    limit = limit_of_fixed_masks(what := flow2d.target(Settings(target=target)))
    for seed in range(10):
        own = Settings(target=target, couplings=3, width=8, masks="fixed", seed=seed)
        state, _ = flow2d.advance(flow2d.begin(own), own, 5)
        state["w"] += 0.2 * torch.randn(
            state["w"].shape, generator=torch.Generator().manual_seed(seed)
        )
        assert expected_nll(flow2d.flow(state, own), what) > limit
    held = cells(what)
    mean = held.p @ held.at
    spread = held.p @ (held.at - mean) ** 2
    gaussian = 0.5 * (2 * torch.pi * torch.e * spread).log().sum().item()
    assert limit <= gaussian + 1e-9
    assert held.entropy < limit
