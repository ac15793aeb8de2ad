"""Check the state of a run of the GAN in the plane that came from elsewhere: it is not trusted.

core.models.gan.gan2d says what a state holds.
"""

from __future__ import annotations

from typing import Any

from core.models.flat.nets import size
from core.models.flat.optimizers import MOMENTS
from core.models.flat.runs import State, check_state
from core.models.gan.gan2d_settings import Settings


def check(state: Any, settings: Settings) -> State:
    """Return a state that came from elsewhere, if it is one for these settings.

    Raises:
        InputError: names, shapes or kinds of number are others, or a number is not finite.
    """
    wanted: dict[str, tuple[int, ...]] = {"counts": (3,)}
    for net in "gd":
        names = (net, *(f"{net}.{m}" for m in MOMENTS[settings.optimizer]))
        wanted |= dict.fromkeys(names, (size(settings.sizes(net)),))
    return check_state(state, wanted)
