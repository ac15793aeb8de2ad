"""Pictures a second of a run that is watched, alone and beside nine others: shares must be even.

    python -m tests.bench.live [--seconds 8]

Every visitor asks for the next piece when the last has come, as a page does. The floor of ten at
once is one alone: its steps a second, shared out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import torch

from apps import TABS
from apps.stage.contract import Scene
from apps.stage.server.lanes import page_functions
from tests.tab_case import TabCase

CROWD = 10


async def visit(tab: str, scene: Scene, seed: int, until: float, told: list) -> None:
    """Go on with one run until a moment; append (pictures, steps)."""
    board, _, _, live = page_functions(import_module(f"apps.{tab}").TAB)
    inputs = {**scene["inputs"], "opening": [0], "seed": seed}
    ask = {"view": scene["view"], "inputs": inputs}
    made = json.loads(await board(ask))["ok"]
    frame, act, pictures = made["frames"][-1], made["live"]["acts"][0], 0
    while time.monotonic() < until:
        frame = json.loads(await live({**ask, "state": frame["state"], "act": act}))["ok"]
        pictures += 1
    told.append((pictures, frame["values"]["x"]))


def crowd(tab: str, scene: Scene, count: int, seconds: float) -> list[tuple[int, int]]:
    """Return what each of `count` visitors at once gets."""
    told: list[tuple[int, int]] = []
    until = time.monotonic() + seconds

    async def everybody() -> None:
        await asyncio.gather(*(visit(tab, scene, seed, until, told) for seed in range(count)))

    asyncio.run(everybody())
    return told


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Print a line a tab that has a live scene; return its pictures a second."""
    rates: dict[str, Any] = {}
    parser = argparse.ArgumentParser(prog="python -m tests.bench.live")
    parser.add_argument("--seconds", type=float, default=8)
    seconds = parser.parse_args(arguments).seconds
    torch.set_num_threads(1)
    for tab in TABS:
        scene = next((s for s in TabCase(tab).scenes if s.get("live")), None)
        if scene is None:
            continue
        crowd(tab, scene, 1, 1)  # imports
        ((pictures, steps),) = crowd(tab, scene, 1, seconds)
        print(
            f"{tab}: alone {pictures / seconds:.1f} pictures, {steps / seconds:.0f} steps a second"
        )
        shares = crowd(tab, scene, CROWD, seconds)
        each = sorted(p / seconds for p, _ in shares)
        rates[f"{tab}_alone"] = pictures / seconds
        rates[f"{tab}_low"], rates[f"{tab}_high"] = each[0], each[-1]
        trained = sum(s for _, s in shares) / seconds
        print(
            f"{tab}: {CROWD} at once {each[0]:.2f} to {each[-1]:.2f} pictures a second each,"
            f" ratio {each[-1] / max(each[0], 1e-9):.2f}; {trained:.0f} steps a second together"
        )
    return rates


if __name__ == "__main__":
    main()
