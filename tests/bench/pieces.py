"""Long boards come in pieces, each the whole board so far: what does that cost beside the work?

    python -m tests.bench.pieces [tab ...]

Prints for each scene whose board comes in pieces how many there are, their bytes beside the last
one's (what one stream of new frames would send at least), and the share of processor time that goes
into building boards again, measured by asking once more for the finished one.
"""

from __future__ import annotations

import argparse
import json
import time

import torch

from apps import TABS
from apps.stage.server.boards import answers, kept_board
from tests.tab_case import TabCase

MOST = 90.0  # seconds of one scene


def look(tab: str, index: int) -> str | None:
    """Return a scene's line, None where its board comes at once."""
    case = TabCase(tab)
    scene, board = case.scenes[index], answers(case.tab)[0]
    inputs, sent, pieces = dict(scene["inputs"]), 0, 0
    began = time.process_time()
    while True:
        text = board({"view": scene["view"], "inputs": inputs})
        pieces, sent = pieces + 1, sent + len(text)
        more = json.loads(text)["ok"].get("more")
        if not more:
            return None
        if more["done"] >= more["of"] or time.process_time() - began > MOST:
            break
        inputs[more["input"]] = more["next"]
    whole = time.process_time() - began
    kept_board.cache_clear()
    began = time.process_time()
    board({"view": scene["view"], "inputs": inputs})
    again = time.process_time() - began
    share = min(1.0, pieces * again / 2 / whole)  # boards grow evenly: half of the last in the mean
    name = f"{tab} {index + 1} {scene['view']}"
    return (
        f"{name:24} {pieces:4d} pieces  {sent / 1e3:9.0f} kB  {sent / len(text):6.1f} x the last"
        f"  {whole:6.2f} s  {100 * share:5.1f} % of it building boards"
    )


def main(arguments: list[str] | None = None) -> None:
    """Print every scene of the tabs that comes in pieces."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pieces")
    parser.add_argument("tabs", nargs="*", default=TABS)
    torch.set_num_threads(1)
    for tab in parser.parse_args(arguments).tabs:
        for index in range(len(TabCase(tab).scenes)):
            if line := look(tab, index):
                print(line, flush=True)


if __name__ == "__main__":
    main()
