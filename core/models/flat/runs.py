"""Seed the named draws of a live run, and check a state that comes back from a page.

A run's state is a flat dict of tensors that travels to the page and back, so it is not trusted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from core.inputs import InputError, mapping

State = dict[str, Tensor]
LARGEST = 1e30  # magnitude of a weight or a moment that came from elsewhere


def draws(seed: int, *what: str | int) -> torch.Generator:
    """Return the random generator of the draws named by `what`: alike for the same seed and name.

    torch's generator uses the low 32 bits of a seed, so the name is hashed to 32 bits.
    """
    name = " ".join(str(part) for part in (seed, *what)).encode()
    short = int.from_bytes(hashlib.blake2b(name, digest_size=4).digest(), "little")
    return torch.Generator().manual_seed(short)


def afresh(begun: State, after: State) -> State:
    """Return a state before the first step that follows another: its steps are counted on."""
    begun["counts"][0] = after["counts"][0]
    return begun


def check_state(state: Any, wanted: Mapping[str, tuple[int, ...]]) -> State:
    """Return an untrusted state if it holds the wanted tensors and no more.

    Args:
        state: {name: tensor}.
        wanted: name -> shape; "counts" is int64 from 0, all else float32; what ends in "v" is a
            mean of squares and not negative.

    Raises:
        InputError: names, shapes or kinds of number are others, or a number is not finite.
    """
    mapping("state", state, tuple(wanted))
    for name, shape in wanted.items():
        value = state[name]
        kind = torch.int64 if name == "counts" else torch.float32
        if not isinstance(value, Tensor) or value.dtype != kind or value.shape != shape:
            got = f"{value.dtype} {tuple(value.shape)}" if isinstance(value, Tensor) else value
            raise InputError("shape", field=f"state.{name}", got=got, allowed=f"{kind} {shape}")
        low = 0 if name == "counts" or name.endswith("v") else -LARGEST
        high = 2**31 - 1 if name == "counts" else LARGEST
        wrong = ((value >= low) & (value <= high)).logical_not()  # NaN is neither
        if wrong.any():
            at = int(wrong.nonzero()[0, 0])
            parts = {"got": value[at].item(), "where": [at], "low": low, "high": high}
            raise InputError("entry", field=f"state.{name}", **parts)
    return {name: state[name] for name in wanted}
