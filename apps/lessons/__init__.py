"""The lessons, a folder each: words, scenes, inputs and one file a view.

In a notebook `lessons.show("rnn", scene=3)` shows a scene, and `lessons.compute("rnn", 3)` computes
its numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apps.notebook import compute, show

__all__ = ["compute", "show"]


def __getattr__(name: str) -> Any:
    """Return what notebooks use, imported when it is asked for: it takes seconds."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from apps import notebook

    return getattr(notebook, name)
