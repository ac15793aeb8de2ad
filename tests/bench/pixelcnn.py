"""Times sampling from kept units against a pass a pixel: `python -m tests.bench.pixelcnn`.

An image of 28x28 from the same noise by the shipped net, or an untrained one where it is not there.
Both ways run in this process on one thread, and have to draw the same pixels; times are the
processor's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from torch import Tensor

from core import weights
from core.models.pixelcnn.gated import Config, PixelCNN
from core.models.pixelcnn.sampling import Cache, Passes, rows_of
from core.weights.card import cards

NAME, GOAL = "pixelcnn-mnist", 20


def net() -> tuple[str, PixelCNN]:
    """Return the net to time and what it is."""
    if NAME in cards():
        return NAME, cast(PixelCNN, weights.load(NAME))
    torch.manual_seed(0)
    return "an untrained net", PixelCNN(Config(dilations=(1, 2, 4, 1, 2, 4, 1))).eval()


def draw(model: PixelCNN, u: Tensor, way: type[Cache] | type[Passes]) -> Tensor:
    """Return the images that are drawn by kept units or by a pass for each pixel."""
    *_, last = rows_of(model, u, way=way)
    return last["x"]


def seconds(run: Callable[[], Tensor], times: int) -> tuple[Tensor, float]:
    """Return the images and the shortest of several times, seconds of the processor."""
    best, made = float("inf"), torch.empty(0)
    for _ in range(times):
        begin = time.process_time()
        made = run()
        best = min(best, time.process_time() - begin)
    return made, best


def main(_: Sequence[str] | None = None) -> dict[str, Any]:
    """Print both times of one image; return their ratio."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    name, model = net()
    u = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    ours, fast = seconds(lambda: draw(model, u, Cache), 3)
    theirs, slow = seconds(lambda: draw(model, u, Passes), 1)
    torch.set_num_threads(before)
    size = sum(p.numel() for p in model.parameters())
    print(f"{name}, one image of 28x28, {size} parameters, one thread")
    print(f"kept units    {fast:8.3f} s")
    print(f"a pass a pixel{slow:8.3f} s   {u.numel()} passes")
    print(f"ratio         {slow / fast:8.1f}     goal {GOAL}")
    print(f"same pixels   {int((ours == theirs).sum())} of {u.numel()}")
    return {"ratio": slow / fast}


if __name__ == "__main__":
    main()
