"""The inputs of the world model lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.stage.declare import choice, given, numeric, seed, slider
from core.inputs import InputError, array

LARGEST = 4.0  # magnitude of a typed number
PLAYERS = ("random", "memoryless", "z", "z+h", "optimum", "oracle")
WORLDS = ("real", "dream", "closed")


def read_pair(name: str, value: Any) -> tuple[float, float]:
    """Read two numbers that are typed into the step by hand."""
    first, second = array(name, value, (2,), LARGEST).tolist()
    return first, second


def read_input(name: str, value: Any) -> tuple[float, float]:
    """Read a code and the action before it, which is from −1 to 1."""
    z, a = read_pair(name, value)
    if abs(a) > 1:
        raise InputError("number", field=f"{name}[1]", got=a, low=-1, high=1)
    return z, a


@dataclass(frozen=True)
class Inputs:
    """What can be set; x and h are typed."""

    z_next: float = slider(-0.6, -3.0, 3.0, 0.1)
    decimals: int = slider(3, 2, 8, local=True)
    dust: int = slider(2, 0, 5)
    temperature: float = slider(1.0, 0.1, 1.5, 0.05)
    warm: int = slider(4, 1, 8)
    player: str = choice("z+h", ("z", "z+h"), resets=("points",))
    world: str = choice("real", WORLDS)
    generations: int = slider(30, 10, 60, 10)
    seed: int = seed(restarts=True, resets=("points",))
    points: int = numeric(0, 0, 20_000)  # generations that are computed
    x: tuple[float, float] = given((-0.5, 0.0), read_input)
    h: tuple[float, float] = given((-0.4, 0.2), read_pair)
