"""A lesson's scenes in a notebook: the scene itself in a frame, or its numbers and figures."""

import warnings

warnings.filterwarnings("ignore", "IProgress not found")  # of tqdm, which asks for ipywidgets

from apps.notebook.computed import Computed, compute  # noqa: E402
from apps.notebook.framed import show  # noqa: E402

__all__ = ["Computed", "compute", "show"]
