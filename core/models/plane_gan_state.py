"""The state of a GAN's run in the plane, back from a page (core.packing): nothing is trusted.

What it holds is said in core.models.plane_gan.
"""

from __future__ import annotations

from typing import Any

from core.models.flat_nets import size
from core.models.flat_runs import State, checked
from core.models.flat_steps import MOMENTS
from core.models.plane_gan_settings import Settings


def check(state: Any, settings: Settings) -> State:
    """Return a state that came from elsewhere, if it is one for these settings.

    Raises:
        InputError: names, shapes or kinds of number are others, or a number is not finite.
    """
    wanted: dict[str, tuple[int, ...]] = {"counts": (3,)}
    for net in "gd":
        names = (net, *(f"{net}.{m}" for m in MOMENTS[settings.optimizer]))
        wanted |= dict.fromkeys(names, (size(settings.sizes(net)),))
    return checked(state, wanted)
