"""A lesson's scenes in a notebook: the scene itself in a frame, or its numbers and figures."""

from apps.notebook.computed import Computed, compute
from apps.notebook.framed import show

__all__ = ["Computed", "compute", "show"]
