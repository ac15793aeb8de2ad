"""Record a training for looking back: curves of the losses, and pictures at some moments.

    curves    the mean of each part of the loss over about 200 equal stretches of training
    moments   steps from 0 to the last, at equal ratios or equally far apart: what `look` finds then

Both go into checkpoints and, at the end, into a safetensors file beside the weights: uint8 and
float32 tensors only. A journal of a run that was stopped and resumed equals one of a run that
was not.

    curves.step (P,)   curves.<part> (P,)   moments.step (T,)   moments.<name> (T, …)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from core.inputs import integer
from core.weights import shipped
from core.weights.files import tensor_bytes

Look = Callable[[nn.Module], Mapping[str, Tensor]]

POINTS = 200
MOMENTS = 18
NONE = torch.tensor(float("nan"))


def spread(steps: int, moments: int = MOMENTS, even: bool = False) -> list[int]:
    """Return at most `moments` steps from 0 to `steps`, about equally far apart by their ratio, or
    if `even` by their difference.
    """
    steps, moments = integer("steps", steps, 1, 10**9), integer("moments", moments, 2, 1000)
    if even:
        return sorted({round(steps * i / (moments - 1)) for i in range(moments)})
    first = min(10, steps)  # what happens before is one picture
    ratio = (steps / first) ** (1 / max(moments - 2, 1))
    return sorted({0, steps, *(round(first * ratio**i) for i in range(moments - 1))})


class Journal:
    """The record of one run.

    Args:
        look: model -> what to keep of a moment, tensors of the same shapes each time.
        most: how many moments at most.
        even: whether they lie equally far apart.
    """

    def __init__(self, look: Look, most: int = MOMENTS, even: bool = False):
        self.look, self.most, self.even = look, most, even
        self.rows: dict[str, list[Tensor]] = {}
        self.sums: dict[str, list[float]] = {}

    def open(self, steps: int, before: int = 0) -> None:
        """Begin a run of so many steps, with weights that have `before` steps behind them."""
        self.moments = {before + at for at in spread(steps, self.most, self.even)} - (
            {before} if before else set()
        )
        self.stretch = max(1, steps // POINTS)
        self.before = before

    def note(self, step: int, parts: Mapping[str, float]) -> None:
        """Take in a step, counted from 0, and at the end of a stretch its mean.

        A part need not come at every step: a stretch without it repeats the last value, and those
        before it first came have none (not a number).
        """
        for name, value in parts.items():
            self.sums.setdefault(name, []).append(value)
        if (step + 1) % self.stretch == 0:
            at = self.before + step + 1
            earlier = len(self.rows.get("curves.step", []))
            self._add("curves.step", torch.tensor(at))
            names = {k[7:] for k in self.rows if k.startswith("curves.")} - {"step"}
            for name in sorted(names | set(self.sums)):
                row = self.rows.setdefault(f"curves.{name}", [NONE] * earlier)
                values = self.sums.get(name)
                row.append(torch.tensor(sum(values) / len(values)) if values else row[-1])
            self.sums = {}

    def due(self, taken: int) -> bool:
        """Return whether a moment falls after so many steps."""
        return self.before + taken in self.moments

    def see(self, taken: int, model: nn.Module) -> None:
        """Look at the model, after so many steps."""
        self._add("moments.step", torch.tensor(self.before + taken))
        for name, value in self.look(model).items():
            self._add(f"moments.{name}", value)

    def tensors(self) -> dict[str, Tensor]:
        """Return all curves and moments, with the sums of the unfinished stretch."""
        unfinished = {f"open.{k}": [torch.tensor(v)] for k, v in self.sums.items()}
        return {k: torch.stack(v) for k, v in (self.rows | unfinished).items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Continue from the tensors of a journal, passed or read from a file."""
        kept = {k: list(v.unbind()) for k, v in tensors.items()}
        self.sums = {k[5:]: v[0].tolist() for k, v in kept.items() if k.startswith("open.")}
        self.rows = {k: v for k, v in kept.items() if not k.startswith("open.")}

    def write(self, path: str | Path, **said: str) -> None:
        """Write the file; `said` becomes its metadata."""
        shipped.write(Path(path), tensor_bytes(self.tensors(), said))

    def _add(self, name: str, value: Tensor) -> None:
        small = value.float() if value.is_floating_point() else value
        self.rows.setdefault(name, []).append(small.detach().cpu())


def read_journal(path: str | Path) -> dict[str, Tensor]:
    """Return the tensors of a journal's file.

    Raises:
        WeightError: the file is missing or damaged.
    """
    found, _ = shipped.read_arrays(Path(path))
    return {name: torch.from_numpy(value) for name, value in found.items()}
