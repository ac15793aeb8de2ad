"""Run a function on a GPU that is lent for one call: ZeroGPU, by the package `spaces`.

Hugging Face puts `spaces` into every Gradio Space. `spaces.GPU` leaves a function as it is unless
the Space's hardware is ZeroGPU; there it runs the function in a forked process that holds a GPU,
its arguments and what it returns pickled. Elsewhere the package is missing and nothing changes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def heavy(function: Function, seconds: int = 30) -> Function:
    """Wrap a function by `spaces.GPU` (ZeroGPU) where that package is; call it at import time.

    Args:
        function: pure; what it takes and returns can be pickled.
        seconds: after which the GPU may be taken away; the fewer, the sooner it is lent.
    """
    try:
        import spaces  # pyright: ignore[reportMissingImports]
    except ImportError:
        return function
    return spaces.GPU(function, duration=seconds)


def is_zero_gpu() -> bool:
    """Return whether a GPU is only there inside of calls (ZeroGPU)."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
