"""The state of a GAN's run in the plane on its way to a page and back: bytes, and nothing trusted.

What it holds is said in core.models.plane_gan.
"""

from __future__ import annotations

from typing import Any

from safetensors.torch import save

from core.models.flat_nets import size
from core.models.flat_runs import State, checked, unpacked
from core.models.flat_steps import MOMENTS
from core.models.plane_gan_settings import Settings

__all__ = ["State", "check", "pack", "unpack"]


def check(state: Any, settings: Settings) -> State:
    """Return a state that came from elsewhere, if it is one for these settings.

    Raises:
        InputError: names, shapes or kinds of number are others, or a number is not finite.
    """
    return checked(state, _wanted(settings))


def pack(state: State) -> bytes:
    """Return the state as bytes (safetensors)."""
    return save(state)


def unpack(data: bytes, settings: Settings) -> State:
    """Return the state that `pack` made, checked.

    Raises:
        InputError: the bytes are no state for these settings.
    """
    return unpacked(data, _wanted(settings))


def _wanted(settings: Settings) -> dict[str, tuple[int, ...]]:
    wanted: dict[str, tuple[int, ...]] = {"counts": (3,)}
    for net in "gd":
        names = (net, *(f"{net}.{m}" for m in MOMENTS[settings.optimizer]))
        wanted |= dict.fromkeys(names, (size(settings.sizes(net)),))
    return wanted
