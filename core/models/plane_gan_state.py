"""The state of a GAN's run in the plane on its way to a page and back: bytes, and nothing trusted.

What it holds is said in core.models.plane_gan.
"""

from __future__ import annotations

from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from core.inputs import InputError, mapping
from core.models.flat_nets import size
from core.models.flat_steps import MOMENTS
from core.models.plane_gan_settings import Settings

State = dict[str, Tensor]
LARGEST = 1e30  # magnitude of a weight or a moment that came from elsewhere


def check(state: Any, settings: Settings) -> State:
    """Return a state that came from elsewhere, if it is one for these settings.

    Raises:
        InputError: names, shapes or kinds of number are others, or a number is not finite.
    """
    wanted = {"counts": (3,)}
    for net in "gd":
        names = (net, *(f"{net}.{m}" for m in MOMENTS[settings.optimizer]))
        wanted |= dict.fromkeys(names, (size(settings.sizes(net)),))
    mapping("state", state, tuple(wanted))
    for name, shape in wanted.items():
        value = state[name]
        kind = torch.int64 if name == "counts" else torch.float32
        if not isinstance(value, Tensor) or value.dtype != kind or value.shape != shape:
            got = f"{value.dtype} {tuple(value.shape)}" if isinstance(value, Tensor) else value
            raise InputError("shape", field=f"state.{name}", got=got, allowed=f"{kind} {shape}")
        low = 0 if name == "counts" or name.endswith(".v") else -LARGEST
        high = 2**31 - 1 if name == "counts" else LARGEST
        wrong = ((value >= low) & (value <= high)).logical_not()  # NaN is neither
        if wrong.any():
            at = int(wrong.nonzero()[0, 0])
            parts = {"got": value[at].item(), "where": [at], "low": low, "high": high}
            raise InputError("entry", field=f"state.{name}", **parts)
    return {name: state[name] for name in wanted}


def pack(state: State) -> bytes:
    """Return the state as bytes (safetensors)."""
    return save(state)


def unpack(data: bytes, settings: Settings) -> State:
    """Return the state that `pack` made, checked.

    Raises:
        InputError: the bytes are no state for these settings.
    """
    try:
        state = load(data)
    except (SafetensorError, ValueError, TypeError) as error:
        raise InputError(
            "object", field="state", got=type(error).__name__, allowed="g, d, counts"
        ) from error
    return check(state, settings)
