"""Loops that say how far they are, and end when nobody listens any more."""

import pytest
import torch

from core import weights
from core.progress import LISTENER, Stopped, told


def test_steps_pass_through_and_are_counted():
    heard = []
    token = LISTENER.set(lambda done, of: heard.append((done, of)))
    try:
        assert list(told("abc", 3)) == ["a", "b", "c"]
    finally:
        LISTENER.reset(token)
    assert heard == [(0, 3), (1, 3), (2, 3)]
    assert list(told("abc", 3)) == ["a", "b", "c"] and len(heard) == 3


@pytest.mark.parametrize("name", ["ddpm-mnist", "ebm-mnist"])
def test_a_chain_ends_where_its_listener_says(name):
    net, asked = weights.load(name), []
    hook = net.register_forward_hook(lambda *_: asked.append(1))

    def hear(done, of):
        assert of >= 5
        if done == 2:
            raise Stopped

    token = LISTENER.set(hear)
    try:
        with pytest.raises(Stopped):
            net.sample(1, steps=5, generator=torch.Generator().manual_seed(0))  # pyright: ignore
    finally:
        LISTENER.reset(token)
        hook.remove()
    assert 0 < len(asked) <= 2
